/* SPDX-License-Identifier: MIT */
/* new_file.h - a file that takes its place when it is complete; programs have it, too. */
#ifndef FO_CONFIG_NEW_FILE_H
#define FO_CONFIG_NEW_FILE_H

#include <stdbool.h>
#include <stdio.h>

/* A new file beside `path`, mode 0600. */
struct fo_new_file {
	FILE *stream;
	char *name;
	const char *path;
};
/* 0, ERR_IO with errno, ERR_MEMORY. */
int fo_new_file_open(struct fo_new_file *file, const char *path);
/* Put it in place, on the disk; on error, or without `keep`, remove it. 0 or ERR_IO with errno. */
int fo_new_file_close(struct fo_new_file *file, bool keep);

#endif
