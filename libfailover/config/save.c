/* SPDX-License-Identifier: MIT */
/* New contents for a file that is there: whole or not at all. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

/* Who could read and write it can do so afterwards. */
static int copy_owner(const struct stat *old, int fd)
{
	struct stat now;

	if (fstat(fd, &now) != 0)
		return FAILOVER_ERR_IO;
	if ((now.st_uid != old->st_uid || now.st_gid != old->st_gid) &&
	    fchown(fd, old->st_uid, old->st_gid) != 0)
		return FAILOVER_ERR_IO;
	return fchmod(fd, old->st_mode & 07777) == 0 ? FAILOVER_OK : FAILOVER_ERR_IO;
}

/* Has nobody written it since it was read? */
static int check_same(const char *path, const struct fo_contents *old)
{
	char *text = NULL;
	size_t length = 0;
	int error = fo_file_read(path, &text, &length);

	if (!error && (length != old->length || memcmp(text, old->text, length) != 0))
		error = FAILOVER_ERR_STATE;
	fo_file_release(text, length);
	return error;
}

int fo_file_save(const char *path, const struct fo_contents *old, const struct fo_contents *new)
{
	struct fo_new_file file;
	struct stat status;
	int error, closed, saved;

	if (stat(path, &status) != 0)
		return FAILOVER_ERR_IO;
	error = fo_new_file_open(&file, path);
	if (error)
		return error;
	error = copy_owner(&status, fileno(file.stream));
	if (!error && (fwrite(new->text, 1, new->length, file.stream) != new->length ||
		       fflush(file.stream) != 0))
		error = FAILOVER_ERR_IO;
	if (!error)
		error = check_same(path, old);
	saved = errno;
	closed = fo_new_file_close(&file, !error);
	if (!error)
		saved = errno;
	errno = saved;
	return error ? error : closed;
}
