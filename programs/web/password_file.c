/* SPDX-License-Identifier: MIT */
/* password_file.c - the file that a person gives: a hash, or a password that becomes one. */
#define _GNU_SOURCE /* mkostemp() */
#include "password.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_hash(const char *line)
{
	return strncmp(line, "$scrypt$", 8) == 0;
}

/* Is there something behind the first line? Then it is another file than a password's, and its
 * hash may not take its place. */
static int is_one_line(const char *text, size_t size)
{
	size_t length = strcspn(text, "\r\n");

	return strlen(text) == size && text[length + strspn(text + length, " \t\r\n")] == '\0';
}

/* Read the first line; returns 0, 1 = there is no file, -1 and why. */
static int line_read(const char *file, char *line, size_t size, char *why, size_t why_size)
{
	struct stat status;
	ssize_t got;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT)
		return 1;
	if (fd < 0 || fstat(fd, &status) != 0) {
		snprintf(why, why_size, "%s: %s", file, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (!S_ISREG(status.st_mode) || (status.st_mode & 022)) {
		snprintf(why, why_size, "%s: %s", file,
			 S_ISREG(status.st_mode) ? "others may write it; chmod 600 it first"
						 : "this is no file");
		close(fd);
		return -1;
	}
	got = read(fd, line, size - 1);
	close(fd);
	line[got > 0 ? got : 0] = '\0';
	if (got > 0 && !is_hash(line) && !is_one_line(line, (size_t)got)) {
		snprintf(why, why_size, "%s: this is no password file: it has more than one line",
			 file);
		return -1;
	}
	line[strcspn(line, "\r\n")] = '\0';
	return 0;
}

/* Give the file its name if nobody has it by now (EEXIST). */
static int name_first(const char *path, const char *file)
{
	if (link(path, file) == 0)
		return unlink(path);
	if (errno == EEXIST && access(file, F_OK) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(path, file); /* no links here, or one that leads nowhere */
}

/* The whole text or nothing: a new file beside it takes its place. */
static int file_write(const char *file, const char *text, int is_first)
{
	char path[PATH_MAX], folder[PATH_MAX];
	int fd, folder_fd, error = -1;

	if ((size_t)snprintf(path, sizeof(path), "%s.XXXXXX", file) >= sizeof(path))
		return -1;
	snprintf(folder, sizeof(folder), "%s", file);
	fd = mkostemp(path, O_CLOEXEC); /* mode 0600 */
	if (fd < 0)
		return -1;
	if (dprintf(fd, "%s\n", text) > 0 && fsync(fd) == 0)
		error = 0;
	if (close(fd) != 0)
		error = -1;
	if (error == 0)
		error = is_first ? name_first(path, file) : rename(path, file);
	if (error != 0) {
		error = errno;
		unlink(path);
		errno = error;
		return -1;
	}
	folder_fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder_fd >= 0) {
		(void)fsync(folder_fd); /* some file systems cannot */
		close(folder_fd);
	}
	return 0;
}

/* Keep the hash in the file. Returns 0, 1 = the first one is another's, -1 and why. */
static int hash_keep(const char *file, const struct web_hash *hash, int is_first, char *why,
		     size_t why_size)
{
	char text[WEB_HASH_TEXT], real[PATH_MAX];

	web_hash_text(hash, text);
	/* A link stays a link. */
	if (file_write(realpath(file, real) ? real : file, text, is_first) == 0)
		return 0;
	if (is_first && errno == EEXIST)
		return 1;
	snprintf(why, why_size, "%s: the hash cannot be written: %s", file, strerror(errno));
	return -1;
}

static int password_make(const char *file, struct web_hash *out, char made[24], char *why,
			 size_t why_size)
{
	if (web_password_random(made) != 0 || web_hash_make(made, out) != 0) {
		snprintf(why, why_size, "no random numbers or no memory for a password");
		return -1;
	}
	return file ? hash_keep(file, out, 1, why, why_size) : 0;
}

static int password_take(const char *file, const char *line, struct web_hash *out, char *why,
			 size_t why_size)
{
	if (strlen(line) < WEB_PASSWORD_LEAST || strlen(line) > WEB_PASSWORD_MOST) {
		snprintf(why, why_size, "%s: a password has %u to %u characters", file,
			 WEB_PASSWORD_LEAST, WEB_PASSWORD_MOST);
		return -1;
	}
	if (web_hash_make(line, out) != 0) {
		snprintf(why, why_size, "no memory for a password");
		return -1;
	}
	return hash_keep(file, out, 0, why, why_size);
}

static int line_take(const char *file, const char *line, struct web_hash *out, char *why,
		     size_t why_size)
{
	if (!is_hash(line))
		return password_take(file, line, out, why, why_size);
	if (web_hash_parse(line, out) == 0)
		return 0;
	snprintf(why, why_size, "%s: this hash cannot be read", file);
	return -1;
}

int web_password_load(const char *file, struct web_hash *out, char made[24], char *why,
		      size_t why_size)
{
	char line[WEB_PASSWORD_MOST + 8];
	int error;

	*made = '\0';
	if (!file)
		return password_make(NULL, out, made, why, why_size);
	error = line_read(file, line, sizeof(line), why, why_size);
	if (error == 1) {
		error = password_make(file, out, made, why, why_size);
		if (error != 1)
			return error;
		/* Another program that starts now was first: its password holds. */
		OPENSSL_cleanse(made, 24);
		error = line_read(file, line, sizeof(line), why, why_size);
	}
	if (error == 0)
		error = line_take(file, line, out, why, why_size);
	else if (error == 1)
		snprintf(why, why_size, "%s: somebody removes it", file);
	OPENSSL_cleanse(line, sizeof(line));
	return error == 0 ? 0 : -1;
}
