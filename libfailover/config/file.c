/* SPDX-License-Identifier: MIT */
/* Files: whole in, atomically out. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

#define ROOM_FIRST 65536u

enum fo_format fo_file_format(const char *path)
{
	const char *dot = strrchr(path, '.');

	if (!dot || strchr(dot, '/'))
		return FO_FORMAT_NONE;
	if (strcmp(dot, ".conf") == 0)
		return FO_FORMAT_CONF;
	if (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0)
		return FO_FORMAT_YAML;
	if (strcmp(dot, ".txt") == 0 || strcmp(dot, ".vendor") == 0)
		return FO_FORMAT_VENDOR;
	if (strcmp(dot, ".xml") == 0)
		return FO_FORMAT_XML;
	return FO_FORMAT_NONE;
}

void fo_file_fault(const char *path, const char *text, failover_config_report *report, void *user)
{
	struct failover_config_error error = { .file = path, .text = text };

	if (report)
		report(user, &error);
}

/* Twice the room, and nothing of a password left behind. NULL = no memory, the old one stays. */
static char *grown(char *buffer, size_t used, size_t room)
{
	char *larger = malloc(2 * room + FO_FILE_SPARE);

	if (!larger)
		return NULL;
	memcpy(larger, buffer, used);
	fo_file_release(buffer, used);
	return larger;
}

/* At most one byte more than a file may have. ERR_IO or ERR_MEMORY; *buffer is to be released. */
static int read_all(int fd, char **buffer, size_t *used)
{
	const size_t most = FAILOVER_CONFIG_LIMIT_BYTES + 1;
	size_t room = ROOM_FIRST;

	*buffer = malloc(room + FO_FILE_SPARE);
	if (!*buffer)
		return FAILOVER_ERR_MEMORY;
	while (*used < most) {
		size_t want = room < most ? room : most;
		ssize_t count = read(fd, *buffer + *used, want - *used);

		if (count < 0 && errno != EINTR)
			return FAILOVER_ERR_IO;
		if (count == 0)
			break;
		*used += count > 0 ? (size_t)count : 0;
		if (*used == room) {
			char *larger = grown(*buffer, *used, room);

			if (!larger)
				return FAILOVER_ERR_MEMORY;
			*buffer = larger;
			room *= 2;
		}
	}
	memset(*buffer + *used, 0, FO_FILE_SPARE);
	return FAILOVER_OK;
}

int fo_file_read(const char *path, char **text, size_t *length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *buffer = NULL;
	size_t used = 0;
	int error, saved;

	if (fd < 0)
		return FAILOVER_ERR_IO;
	error = read_all(fd, &buffer, &used);
	saved = errno;
	close(fd);
	if (error) {
		fo_file_release(buffer, used);
		errno = saved;
		return error;
	}
	*text = buffer;
	*length = used;
	return FAILOVER_OK;
}

void fo_file_release(char *text, size_t length)
{
	if (text)
		explicit_bzero(text, length);
	free(text);
}

int fo_contents_copy(const struct fo_contents *contents, struct fo_contents *copy)
{
	copy->text = malloc(contents->length + FO_FILE_SPARE);
	if (!copy->text)
		return FAILOVER_ERR_MEMORY;
	copy->length = contents->length;
	memcpy(copy->text, contents->text, contents->length);
	memset(copy->text + contents->length, 0, FO_FILE_SPARE);
	return FAILOVER_OK;
}
