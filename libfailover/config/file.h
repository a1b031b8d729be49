/* SPDX-License-Identifier: MIT */
/* Files: whole in, atomically out. */
#ifndef FO_CONFIG_FILE_H
#define FO_CONFIG_FILE_H

#include <stdio.h>

#include "build.h"

enum fo_format { FO_FORMAT_NONE, FO_FORMAT_CONF, FO_FORMAT_YAML, FO_FORMAT_VENDOR, FO_FORMAT_XML };

/* By suffix. */
enum fo_format fo_file_format(const char *path);
/* One error that concerns the file as a whole. */
void fo_file_fault(const char *path, const char *text, failover_config_report *report, void *user);

#define FO_FILE_SPARE 8 /* zero bytes behind the text */

/* The whole file, to be given to fo_file_release(). 0, ERR_IO with errno, ERR_MEMORY. A longer file
 * than FAILOVER_CONFIG_LIMIT_BYTES comes back one byte too long. */
int fo_file_read(const char *path, char **text, size_t *length);
/* Wipe and free: it may hold passwords. */
void fo_file_release(char *text, size_t length);

/* A new file beside `path`, mode 0600, that takes its place when it is complete. */
struct fo_new_file {
	FILE *stream;
	char *name;
	const char *path;
};
int fo_new_file_open(struct fo_new_file *file, const char *path);
/* Put it in place; on error, or without `keep`, remove it. 0 or ERR_IO with errno. */
int fo_new_file_close(struct fo_new_file *file, bool keep);

#endif
