/* SPDX-License-Identifier: MIT */
/*
 * password.h - the password of the page. It is kept as its scrypt hash, in one line
 *
 *	$scrypt$ln=14,r=8,p=5$SALT$HASH
 *
 * (base64 without padding). A file that has a password in plain text has it replaced by its hash.
 */
#ifndef WEB_PASSWORD_H
#define WEB_PASSWORD_H

#include <stddef.h>
#include <stdint.h>

struct event_base;

#define WEB_PASSWORD_LEAST 8u
#define WEB_PASSWORD_MOST 256u
#define WEB_SALT_BYTES 16u
#define WEB_HASH_BYTES 32u
#define WEB_HASH_TEXT 128u

struct web_hash {
	uint32_t log_n, r, p;
	unsigned char salt[WEB_SALT_BYTES], hash[WEB_HASH_BYTES];
};

/* Returns 0, or -1: not such a line, or one that costs more than 64 MiB. */
int web_hash_parse(const char *text, struct web_hash *out);
void web_hash_text(const struct web_hash *hash, char text[WEB_HASH_TEXT]);
/* Hash a password with a new salt. Returns 0, or -1. */
int web_hash_make(const char *password, struct web_hash *out);
/* 1 = right, 0 = wrong, -1 = no memory. Takes long. */
int web_hash_is(const struct web_hash *hash, const char *password);
/* Four groups of four letters and digits that cannot be mixed up: 80 bits. Returns 0, or -1. */
int web_password_random(char text[24]);

/* Read FILE, or make it. `made` is "" or the new password, to be shown once. Returns 0, or -1 and
 * why. */
int web_password_load(const char *file, struct web_hash *out, char made[24], char *why,
		      size_t why_size);

/* A thread that compares passwords, so that the loop never waits for it. */
struct web_passwords;
typedef void web_passwords_done(void *user); /* on the loop's thread: something is done */
struct web_passwords *web_passwords_new(struct event_base *base, const struct web_hash *hash,
					web_passwords_done *done, void *user);
/* Waits for the one that is being compared. */
void web_passwords_free(struct web_passwords *passwords);
/* Returns a number, or 0: too many wait. Known devices have a queue of their own, served first. */
uint64_t web_passwords_ask(struct web_passwords *passwords, const char *password, int known);
/* Takes one that is done; 0 = none. `right` as web_hash_is(). */
uint64_t web_passwords_take(struct web_passwords *passwords, int *right);

#endif
