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

int fo_new_file_open(struct fo_new_file *file, const char *path)
{
	static const char suffix[] = ".XXXXXX";
	size_t size = strlen(path) + sizeof(suffix);
	int fd;

	file->path = path;
	file->name = malloc(size);
	if (!file->name)
		return FAILOVER_ERR_MEMORY;
	snprintf(file->name, size, "%s%s", path, suffix);
	fd = mkstemp(file->name);
	if (fd < 0)
		goto no_file;
	file->stream = fchmod(fd, 0600) == 0 ? fdopen(fd, "w") : NULL;
	if (file->stream)
		return FAILOVER_OK;
	close(fd);
	unlink(file->name);
no_file:
	free(file->name);
	return FAILOVER_ERR_IO;
}

int fo_new_file_close(struct fo_new_file *file, bool keep)
{
	bool good = keep && fflush(file->stream) == 0 && !ferror(file->stream) &&
		    fsync(fileno(file->stream)) == 0;
	int saved = errno;

	if (fclose(file->stream) != 0 && good) {
		good = false;
		saved = errno;
	}
	if (good && rename(file->name, file->path) != 0) {
		good = false;
		saved = errno;
	}
	if (!good)
		unlink(file->name);
	free(file->name);
	errno = saved;
	return good || !keep ? FAILOVER_OK : FAILOVER_ERR_IO;
}
