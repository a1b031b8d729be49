/* SPDX-License-Identifier: MIT */
/* capture_file.c - the file of a capture: PATH, and older ones PATH.1, PATH.2 ... */
#include "capture_file.h"

#include "pcapng.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_MOST 4096u

struct capture_file {
	const struct capture_params *params;
	struct pcapng begin; /* what each file begins with */
	int fd;		     /* -1 = none could be opened */
	off_t used;
	unsigned lost;
	int is_told; /* that something went wrong */
};

static void failure_tell(struct capture_file *file)
{
	if (file->is_told)
		return;
	file->is_told = 1;
	if (file->params->failed)
		file->params->failed(file->params->user, errno);
}

/* PATH.n; n = 0: PATH. Returns 0, or -1: it is too long. */
static int path_make(const struct capture_file *file, unsigned n, char path[PATH_MOST])
{
	int length = n ? snprintf(path, PATH_MOST, "%s.%u", file->params->path, n)
		       : snprintf(path, PATH_MOST, "%s", file->params->path);

	if (length > 0 && (unsigned)length < PATH_MOST)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

/* PATH becomes PATH.1, that PATH.2, and the oldest is no more. Only a file can be put aside, and
 * only a file takes any number of bytes without waiting. */
static int put_aside(const struct capture_file *file)
{
	char from[PATH_MOST], to[PATH_MOST];
	struct stat is;

	if (stat(file->params->path, &is) != 0)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISREG(is.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	for (unsigned n = CAPTURE_FILES_OLD; n > 0; n--) {
		if (path_make(file, n, to) != 0 || path_make(file, n - 1, from) != 0)
			return -1;
		if (rename(from, to) != 0 && errno != ENOENT)
			return -1;
	}
	return 0;
}

/* All of it at the end of the file, or none of it. */
static int append(struct capture_file *file, const unsigned char *block, size_t count)
{
	ssize_t written = write(file->fd, block, count);

	if (written == (ssize_t)count) {
		file->used += written;
		return 0;
	}
	if (written >= 0)
		errno = ENOSPC;
	if (written > 0) {
		int saved = errno;

		if (ftruncate(file->fd, file->used) != 0)
			saved = errno;
		errno = saved;
	}
	return -1;
}

static void end(struct capture_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

/* One that could not be begun is taken away again, or each try would put an older one aside. */
static int begin(struct capture_file *file)
{
	const char *path = file->params->path;
	int saved;

	if (put_aside(file) != 0)
		return -1;
	file->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (file->fd < 0)
		return -1;
	file->used = 0;
	if (append(file, file->begin.bytes, file->begin.used) == 0)
		return 0;
	saved = errno;
	end(file);
	(void)unlink(path);
	errno = saved;
	return -1;
}

struct capture_file *capture_file_open(const struct capture_params *params)
{
	struct capture_file *file = calloc(1, sizeof(*file));
	int saved;

	if (!file)
		return NULL;
	file->params = params;
	file->fd = -1;
	pcapng_begin(&file->begin, params->program,
		     "Headers of IP, UDP and TCP are made by the program; TLS is in clear text; "
		     "credentials are masked by x.");
	if (!file->begin.failed && begin(file) == 0)
		return file;
	saved = file->begin.failed ? ENOMEM : errno;
	capture_file_close(file);
	errno = saved;
	return NULL;
}

void capture_file_write(struct capture_file *file, const unsigned char *block, size_t count)
{
	if (file->used && (uint64_t)file->used + count > file->params->file_bytes)
		end(file);
	if ((file->fd < 0 && begin(file) != 0) || append(file, block, count) != 0) {
		failure_tell(file);
		file->lost++;
	}
}

unsigned capture_file_lost(struct capture_file *file)
{
	unsigned lost = file->lost;

	file->lost = 0;
	return lost;
}

void capture_file_close(struct capture_file *file)
{
	if (!file)
		return;
	end(file);
	pcapng_free(&file->begin);
	free(file);
}
