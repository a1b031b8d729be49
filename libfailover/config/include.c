/* SPDX-License-Identifier: MIT */
/* The files that a configuration includes: which they are, and reading them. */
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "include.h"

#define FILES_MOST FAILOVER_CONFIG_LIMIT_LINES /* a line each */

static void fault(struct fo_build *build, const struct fo_at at, const char *text)
{
	fo_build_fault(build, at, "%s", text);
}

/* ---- which ---------------------------------------------------------------------------------- */

static bool names_add(struct fo_build *build, char *name)
{
	uint32_t count = build->names_count ? build->names_count : 1;

	/* Grown at each power of two. */
	if (!build->names_count || (count & (count - 1)) == 0) {
		void *names = realloc(build->names, 2 * (size_t)count * sizeof(*build->names));

		if (!names)
			return false;
		build->names = names;
	}
	build->names[0] = NULL;
	build->names[count] = name;
	build->names_count = count + 1;
	return true;
}

/* "FOLDER/NAME"; NULL = no memory. */
static char *joined(const char *folder, const char *name)
{
	size_t size = strlen(folder) + strlen(name) + 2;
	char *path = malloc(size);

	if (path)
		snprintf(path, size, "%s/%s", folder, name);
	return path;
}

/* Relative to the file that says it. NULL = no memory. */
static char *path_of(const char *file, const char *include)
{
	char *copy, *path;

	if (include[0] == '/' || !strchr(file, '/'))
		return strdup(include);
	copy = strdup(file);
	path = copy ? joined(dirname(copy), include) : NULL;
	free(copy);
	return path;
}

static bool is_ours(const char *name)
{
	enum fo_format format = fo_file_format(name);

	return name[0] != '.' && (format == FO_FORMAT_CONF || format == FO_FORMAT_YAML);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What an editor leaves beside them, and what is hidden, is none of them. */
static void names_of_folder(struct fo_build *build, const char *path, DIR *folder, struct fo_at at)
{
	for (;;) {
		const struct dirent *entry;
		char *name;

		errno = 0;
		entry = readdir(folder);
		if (!entry && errno)
			fo_build_fault(build, at, "include: %s", strerror(errno));
		if (!entry)
			break;
		if (!is_ours(entry->d_name))
			continue;
		if (fo_text_not_utf8(entry->d_name, strlen(entry->d_name)) ||
		    fo_text_has_control(entry->d_name)) {
			fault(build, at, "include: the name of a file in it is no printable text");
			return;
		}
		if (build->names_count > FILES_MOST) {
			fo_build_fault(build, at, "include: too many files in it; accepted: %u",
				       FILES_MOST);
			return;
		}
		name = joined(path, entry->d_name);
		if (!name || !names_add(build, name)) {
			free(name);
			build->no_memory = true;
			return;
		}
	}
	if (build->names_count)
		qsort(build->names + 1, build->names_count - 1, sizeof(*build->names), by_name);
}

static void names_find(struct fo_build *build, const char *file, struct fo_at at)
{
	char *path = path_of(file, build->config->include);
	DIR *folder = path ? opendir(path) : NULL;
	int why = errno;

	if (!path) {
		build->no_memory = true;
	} else if (folder) {
		names_of_folder(build, path, folder, at);
		closedir(folder);
	} else if (why != ENOTDIR) {
		fo_build_fault(build, at, "include: %s", strerror(why));
	} else if (!is_ours(basename(path))) {
		fault(build, at, "include: unknown suffix; accepted: a folder, .conf, .yaml, .yml");
	} else if (names_add(build, path)) {
		path = NULL;
	} else {
		build->no_memory = true;
	}
	free(path);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* A pipe would be waited for. */
static int read_regular(const char *name, struct fo_contents *contents)
{
	struct stat status;

	if (stat(name, &status) != 0)
		return FAILOVER_ERR_IO;
	if (!S_ISREG(status.st_mode))
		return FAILOVER_ERR_ARGUMENT;
	return fo_file_read(name, &contents->text, &contents->length);
}

static void read_file(struct fo_build *build, const char *name, const struct fo_contents *instead)
{
	static const struct fo_at nowhere;
	const struct fo_source source = { .format = fo_file_format(name), .file = name };
	struct fo_contents contents = { .text = NULL };
	int error = instead ? fo_contents_copy(instead, &contents) : read_regular(name, &contents);

	if (error == FAILOVER_ERR_IO)
		fault(build, nowhere, strerror(errno));
	else if (error == FAILOVER_ERR_ARGUMENT)
		fault(build, nowhere, "this is no regular file");
	else if (error)
		build->no_memory = true;
	else
		fo_read_text(build, &source, contents.text, contents.length);
	fo_file_release(contents.text, contents.length);
}

/* One that cannot be read to its end does not hide what is wrong in the next. */
static void read_files(struct fo_build *build, const struct fo_instead *instead)
{
	bool stopped = build->stopped;

	for (uint32_t i = 1; i < build->names_count && !build->no_memory; i++) {
		bool other = instead && instead->file == i;

		if (build->errors_count > FO_ERRORS_MOST)
			break;
		build->file = i;
		build->stopped = false;
		read_file(build, build->names[i], other ? instead->contents : NULL);
		stopped |= build->stopped;
	}
	build->file = 0;
	build->stopped = stopped;
}

void fo_include_read(struct fo_build *build, const struct fo_source *source, char *text,
		     size_t length, const struct fo_instead *instead)
{
	const struct fo_option *option = fo_option_find(FO_GLOBAL, "include");

	fo_read_text(build, source, text, length);
	if (build->no_memory || build->config->include[0] == '\0')
		return;
	names_find(build, source->file, *fo_node_where(build->root, option));
	if (!build->no_memory)
		read_files(build, instead);
}

/* ---- which contents they have ---------------------------------------------------------------- */

static uint64_t hash_on(uint64_t hash, const char *name)
{
	struct fo_contents contents = { .text = NULL };

	hash = fo_hash(hash, name, strlen(name) + 1);
	if (read_regular(name, &contents) == FAILOVER_OK)
		hash = fo_hash(hash, contents.text, contents.length);
	fo_file_release(contents.text, contents.length);
	return hash;
}

int fo_include_revision(const struct fo_source *source, const struct fo_contents *contents,
			char out[17])
{
	static const struct fo_at nowhere;
	bool ours = source->format == FO_FORMAT_CONF || source->format == FO_FORMAT_YAML;
	uint64_t hash = fo_hash(FO_HASH_START, contents->text, contents->length);
	struct fo_contents copy = { .text = NULL };
	struct fo_build build;
	int error = FAILOVER_OK;

	/* That a text is parsed for this is an exception. */
	if (!ours || !strstr(contents->text, "include")) {
		fo_hash_text(hash, out);
		return FAILOVER_OK;
	}
	error = fo_contents_copy(contents, &copy);
	if (!error)
		error = fo_build_init(&build);
	if (!error) {
		fo_read_text(&build, source, copy.text, copy.length);
		if (!build.no_memory && build.config->include[0])
			names_find(&build, source->file, nowhere);
		for (uint32_t i = 1; i < build.names_count; i++)
			hash = hash_on(hash, build.names[i]);
		error = build.no_memory ? FAILOVER_ERR_MEMORY : FAILOVER_OK;
		fo_build_clear(&build);
	}
	fo_file_release(copy.text, copy.length);
	fo_hash_text(hash, out);
	return error;
}
