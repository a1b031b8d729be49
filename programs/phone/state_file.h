/* SPDX-License-Identifier: MIT */
/* state_file.h - the file that says where each line was, so that it begins there (B37). */
#ifndef PHONE_STATE_FILE_H
#define PHONE_STATE_FILE_H

#include <failover/failover.h>

#define STATE_REGISTRAR_BYTES 256u
#define STATE_TARGET_BYTES 80u

/* A registrar as the configuration has it, and a target of it: not their places in lists, which
 * another configuration or DNS answer changes. */
struct state_entry {
	uint32_t line;
	char registrar[STATE_REGISTRAR_BYTES];
	char target[STATE_TARGET_BYTES]; /* failover_target_text() */
};

/* Read the file, entry by entry; it may hold anything. Returns how many lines of it were left out,
 * or -1 with errno: it cannot be read, or (EINVAL) is no such file. */
int state_file_read(const char *path, void (*take)(void *user, const struct state_entry *entry),
		    void *user);
/* Write it as a whole or not at all: `next` gives the entries one by one, and 0 at their end.
 * Returns 0, or -1 with errno. */
int state_file_write(const char *path, int (*next)(void *user, struct state_entry *entry),
		     void *user);

#endif
