/* SPDX-License-Identifier: MIT */
/* state_file.c - the file that says where each line was: one entry a line of text. */
#include "state_file.h"

#include "libfailover/config/new_file.h"

#include <errno.h>
#include <failover/config.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD "failover state 1"
#define LINE_BYTES 512u /* of the longest entry, and more */

/* Printable, and without blanks: what a registrar and a target are written with. */
static int is_word(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return 0;
	return 1;
}

static int entry_read(const char *text, struct state_entry *entry)
{
	char number[10];
	int end = 0;

	if (sscanf(text, "line %9[0-9] %255s %79s%n", number, entry->registrar, entry->target,
		   &end) != 3 ||
	    text[end])
		return 0;
	entry->line = (uint32_t)strtoul(number, NULL, 10);
	return entry->line && is_word(entry->registrar) && is_word(entry->target);
}

/* One line of text; "" for what is too long, has a zero byte, or no end: it was cut off. */
static int line_get(FILE *file, char text[LINE_BYTES])
{
	size_t used = 0;
	int next, is_bad = 0;

	while ((next = getc(file)) != EOF && next != '\n') {
		if (next && used < LINE_BYTES - 1)
			text[used++] = (char)next;
		else
			is_bad = 1;
	}
	text[is_bad || next == EOF ? 0 : used] = '\0';
	return next != EOF || is_bad || used > 0;
}

static int entries_read(FILE *file, void (*take)(void *user, const struct state_entry *entry),
			void *user)
{
	struct state_entry entry;
	char text[LINE_BYTES];
	int left_out = 0;

	if (!line_get(file, text) || strcmp(text, HEAD) != 0) {
		errno = EINVAL;
		return -1;
	}
	for (uint32_t i = 0; i < FAILOVER_CONFIG_LIMIT_LINES && line_get(file, text); i++) {
		if (entry_read(text, &entry))
			take(user, &entry);
		else
			left_out++;
	}
	return left_out;
}

/* Not a pipe, which would be waited for, nor a device. */
static FILE *file_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), saved;
	struct stat is;
	FILE *file;

	if (fd < 0)
		return NULL;
	errno = EINVAL;
	file = fstat(fd, &is) == 0 && S_ISREG(is.st_mode) ? fdopen(fd, "r") : NULL;
	if (file)
		return file;
	saved = errno;
	close(fd);
	errno = saved;
	return NULL;
}

int state_file_read(const char *path, void (*take)(void *user, const struct state_entry *entry),
		    void *user)
{
	FILE *file = file_open(path);
	int left_out, saved;

	if (!file)
		return -1;
	left_out = entries_read(file, take, user);
	saved = errno;
	fclose(file);
	errno = saved;
	return left_out;
}

int state_file_write(const char *path, int (*next)(void *user, struct state_entry *entry),
		     void *user)
{
	struct state_entry entry;
	struct fo_new_file file;
	int error = fo_new_file_open(&file, path);

	if (error)
		return -1;
	fputs(HEAD "\n", file.stream);
	while (next(user, &entry))
		fprintf(file.stream, "line %u %s %s\n", (unsigned)entry.line, entry.registrar,
			entry.target);
	return fo_new_file_close(&file, true) ? -1 : 0;
}
