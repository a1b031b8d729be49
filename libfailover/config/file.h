/* SPDX-License-Identifier: MIT */
/* Files: whole in, atomically out. */
#ifndef FO_CONFIG_FILE_H
#define FO_CONFIG_FILE_H

#include <stdio.h>

#include "build.h"
#include "new_file.h"

enum fo_format { FO_FORMAT_NONE, FO_FORMAT_CONF, FO_FORMAT_YAML, FO_FORMAT_VENDOR, FO_FORMAT_XML };

/* By suffix. */
enum fo_format fo_file_format(const char *path);
/* One error that concerns the file as a whole. */
void fo_file_fault(const char *path, const char *text, failover_config_report *report, void *user);

/* ---- read.c ---- */

/* A text, and who is to hear what it says that matters and is not understood. */
struct fo_source {
	enum fo_format format;
	const char *file; /* its name */
	failover_config_report *report;
	void *user;
};
/* All of it that is before fo_build_finish(). The text is changed. */
void fo_read_text(struct fo_build *build, const struct fo_source *source, char *text,
		  size_t length);

/* ---- save.c ---- */

/* Put new contents in the place of a file that is there, whole or not at all: its mode and owner
 * stay. It has been read as `old` and is to be that still; else ERR_STATE. 0, ERR_IO with errno,
 * ERR_MEMORY; the old file is then as it was. */
struct fo_contents {
	char *text;
	size_t length;
};
int fo_file_save(const char *path, const struct fo_contents *old, const struct fo_contents *new);

/* ---- revision.c ---- */

#define FO_HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t fo_hash(uint64_t hash, const char *text, size_t length);
/* 16 hexadecimal digits. */
void fo_hash_text(uint64_t hash, char out[17]);

/* ---- file.c ---- */

#define FO_FILE_SPARE 8 /* zero bytes behind the text */

/* The whole file, to be given to fo_file_release(). 0, ERR_IO with errno, ERR_MEMORY. A longer file
 * than FAILOVER_CONFIG_LIMIT_BYTES comes back one byte too long. */
int fo_file_read(const char *path, char **text, size_t *length);
/* Wipe and free: it may hold passwords. */
void fo_file_release(char *text, size_t length);
/* With spare bytes; to be released. 0 or ERR_MEMORY. */
int fo_contents_copy(const struct fo_contents *contents, struct fo_contents *copy);

#endif
