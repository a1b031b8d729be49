/* SPDX-License-Identifier: MIT */
/* new_file.c - a file that takes its place when it is complete. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <failover/plugin.h>
#include "new_file.h"

/* That the new name is on the disk, too. The file is complete in any case: a file system that
 * cannot do this is no error. `name` is changed. */
static void sync_folder(char *name)
{
	int fd = open(dirname(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
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
	if (good)
		sync_folder(file->name); /* of the same folder */
	else
		unlink(file->name);
	free(file->name);
	errno = saved;
	return good || !keep ? FAILOVER_OK : FAILOVER_ERR_IO;
}
