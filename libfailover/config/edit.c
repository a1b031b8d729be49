/* SPDX-License-Identifier: MIT */
/* Changing a configuration file: what it means, what it says, whether both agree, the file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edit.h"
#include "include.h"
#include "vendor.h"

#define CHANGES_MOST 1000u /* each reads the text anew */

/* What is to be changed, as it was said and as it was taken. */
struct changes {
	const struct failover_config_change *change;
	struct fo_change *taken;
	uint32_t count;
};

static bool is_vendor(enum fo_format format)
{
	return format == FO_FORMAT_VENDOR || format == FO_FORMAT_XML;
}

static void tell(const struct fo_source *source, const char *path, const char *text,
		 const char *text_zh)
{
	struct failover_config_error error = {
		.file = source->file, .text = text, .path = path, .text_zh = text_zh
	};

	if (source->report)
		source->report(source->user, &error);
}

static void tell_unsupported(const struct fo_source *source)
{
	tell(source, NULL, "the file is written in a way that cannot be changed in place",
	     "文件的写法无法就地修改");
}

/* Ready for fo_build_finish(): of the file, and of all that it includes. */
static int read_all(const struct fo_source *source, const struct fo_contents *contents,
		    const struct fo_instead *instead, struct fo_build *build)
{
	const struct fo_source silent = { .format = source->format, .file = source->file };
	struct fo_contents copy = { .text = NULL };
	int error = fo_contents_copy(contents, &copy);

	if (!error)
		error = fo_build_init(build);
	if (!error)
		fo_include_read(build, &silent, copy.text, copy.length, instead);
	fo_file_release(copy.text, copy.length);
	return error;
}

/* ---- where it stands --------------------------------------------------------------------------
 */

/* The file of the section that is changed; of one that is new, the first. */
static uint32_t file_of(struct fo_build *build, const struct failover_config_change *change)
{
	struct fo_path path;
	struct fo_node *line;

	if (!change->path || !fo_path_read(change->path, &path) || path.scope == FO_GLOBAL)
		return 0;
	path.scope = FO_LINE;
	line = fo_model_node(build, &path);
	return line ? line->file : 0;
}

/* One file takes its new contents whole or not at all; two would not. */
static void find_file(struct fo_build *build, const struct failover_config_change *changes,
		      uint32_t count, uint32_t *file)
{
	static const struct fo_why two = {
		{ "this stands in another file than the changes before; change one file at a time",
		  "此项与前面的改动不在同一个文件中；请逐个文件修改" }
	};

	*file = count ? file_of(build, &changes[0]) : 0;
	for (uint32_t i = 1; i < count; i++) {
		if (file_of(build, &changes[i]) != *file) {
			fo_build_fault_path(build, changes[i].path, &two);
			return;
		}
	}
}

static int take_file(const struct fo_build *build, uint32_t file, struct fo_edited *out)
{
	if (file == 0)
		return FAILOVER_OK;
	out->file = strdup(build->names[file]);
	return out->file ? fo_file_read(out->file, &out->old.text, &out->old.length)
			 : FAILOVER_ERR_MEMORY;
}

void fo_edited_clear(struct fo_edited *edited)
{
	fo_file_release(edited->contents.text, edited->contents.length);
	fo_file_release(edited->old.text, edited->old.length);
	free(edited->file);
	failover_config_free(edited->config);
	memset(edited, 0, sizeof(*edited));
}

/* ---- what it is to mean -----------------------------------------------------------------------
 */

/* Has a phone's file a place for this? */
static bool vendor_has(const struct fo_change *change)
{
	const struct fo_path *path = &change->path;
	bool backup = strcmp(path->name, "backup") == 0;

	if (path->scope == FO_LINE && !path->option)
		return change->value != NULL; /* its lines are as many as the phone has */
	if (!change->value)
		return true;
	if (path->name[0] && !backup && strcmp(path->name, "primary") != 0)
		return false;
	/* Of a line's own value of the device's items there is none. */
	if (path->scope == FO_LINE && fo_option_in(path->option, FO_GLOBAL))
		return false;
	return path->option->vendor_text[backup] != NULL;
}

/* A phone's port is 5060 where nothing is set (S 3.1): it has no way to say less. */
static void set_vendor_port(struct fo_build *build, const struct fo_change *change)
{
	const struct fo_option *option = change->path.option;
	struct fo_node *node = fo_model_node(build, &change->path);

	if (!change->value && option && node && strcmp(option->key, "port") == 0)
		*(uint32_t *)fo_option_field(option, node->scope, node->object) = 5060;
}

static void check_vendor(struct fo_build *build, const struct failover_config_change *changes,
			 const struct fo_change *taken, uint32_t count)
{
	static const struct fo_why no_place = { { "the phone's file has no place for this",
						  "话机的配置文件里没有这一项" } };

	for (uint32_t i = 0; i < count; i++) {
		if (taken[i].is_wanted && !vendor_has(&taken[i]))
			fo_build_fault_path(build, changes[i].path, &no_place);
		else if (taken[i].is_wanted)
			set_vendor_port(build, &taken[i]);
	}
}

/* The configuration with its changes, and the file that they are made in; what is wrong is told. */
static int wanted_config(const struct fo_source *source, const struct fo_contents *old,
			 const struct changes *changes, struct fo_edited *out,
			 struct failover_config **config)
{
	struct fo_build build;
	uint32_t file = 0;
	int error = read_all(source, old, NULL, &build), told;

	if (error)
		return error;
	if (!build.errors_count && !build.no_memory) {
		find_file(&build, changes->change, changes->count, &file);
		error = take_file(&build, file, out);
		fo_model_change(&build, changes->change, changes->count, changes->taken);
		if (is_vendor(source->format))
			check_vendor(&build, changes->change, changes->taken, changes->count);
	}
	if (!build.no_memory && !build.stopped)
		fo_build_finish(&build);
	told = fo_build_result(&build, source->file, source->report, source->user, config);
	out->number = file;
	fo_build_clear(&build);
	return error ? error : told;
}

int failover_config_make(const struct failover_config_change *changes, uint32_t count,
			 failover_config_report *report, void *user,
			 struct failover_config **config)
{
	struct fo_change *taken = calloc((size_t)count + 1, sizeof(*taken));
	struct fo_build build;
	int error = taken ? fo_build_init(&build) : FAILOVER_ERR_MEMORY;

	*config = NULL;
	if (error) {
		free(taken);
		return error;
	}
	fo_model_change(&build, changes, count, taken);
	if (!build.no_memory && !build.stopped)
		fo_build_finish(&build);
	error = fo_build_result(&build, "", report, user, config);
	fo_build_clear(&build);
	free(taken);
	return error;
}

/* ---- what it is to say ------------------------------------------------------------------------
 */

static int vendor_text(const struct fo_source *source, const struct fo_contents *old,
		       const struct failover_config *wanted, struct fo_contents *new)
{
	struct fo_build build;
	struct fo_contents copy = { .text = NULL };
	struct fo_vendor_base base = { .is_xml = source->format == FO_FORMAT_XML };
	char *made = NULL;
	size_t size = 0;
	FILE *stream = fo_edit_open(&made, &size);
	int error = stream ? fo_contents_copy(old, &copy) : FAILOVER_ERR_MEMORY;

	base.text = copy.text;
	base.length = copy.length;
	if (!error)
		error = fo_build_init(&build);

	if (!error) {
		error = fo_vendor_write(wanted, &build, &base, stream);
		fo_build_clear(&build);
	}
	if (stream && fclose(stream) != 0)
		error = FAILOVER_ERR_MEMORY;
	if (!error) {
		const struct fo_contents contents = { made, size };

		error = fo_contents_copy(&contents, new);
	}
	fo_file_release(made, size);
	fo_file_release(copy.text, copy.length);
	return error;
}

static int our_text(enum fo_format format, const struct fo_contents *old,
		    const struct fo_change *taken, uint32_t count, struct fo_contents *new)
{
	struct fo_edit edit = { .format = format };
	struct fo_contents copy;
	int error = fo_contents_copy(old, &copy);

	if (error)
		return error;
	edit.text = copy.text;
	edit.length = copy.length;
	error = fo_edit_changes(&edit, taken, count);
	new->text = edit.text;
	new->length = edit.length;
	return error;
}

/* ---- whether both agree ------------------------------------------------------------------------
 */

static bool is_same(const struct failover_config *a, const struct failover_config *b)
{
	if (a->lines_count != b->lines_count || !failover_config_global_equal(a, b))
		return false;
	for (uint32_t i = 0; i < a->lines_count; i++) {
		if (a->lines[i]->number != b->lines[i]->number ||
		    !failover_config_line_equal(a->lines[i], b->lines[i]))
			return false;
	}
	return true;
}

/* The first change that the text does not show. */
static const char *difference(const struct failover_config *wanted,
			      const struct failover_config *found,
			      const struct failover_config_change *changes, uint32_t count)
{
	char one[FAILOVER_CONFIG_VALUE_SIZE], other[FAILOVER_CONFIG_VALUE_SIZE];

	for (uint32_t i = 0; i < count; i++) {
		int first = failover_config_get(wanted, changes[i].path, one, sizeof(one));
		int second = failover_config_get(found, changes[i].path, other, sizeof(other));

		if (first != second || strcmp(one, other) != 0)
			return changes[i].path;
	}
	return count ? changes[0].path : NULL;
}

static int check_text(const struct fo_source *source, const struct fo_contents *old,
		      const struct failover_config *wanted, const struct changes *changes,
		      struct fo_edited *out)
{
	const struct fo_instead instead = { out->number, &out->contents };
	struct fo_build build;
	int error = read_all(source, out->file ? old : &out->contents, &instead, &build);

	if (error)
		return error;
	if (!build.no_memory && !build.stopped)
		fo_build_finish(&build);
	error = fo_build_result(&build, source->file, NULL, NULL, &out->config);
	fo_build_clear(&build);
	if (error == FAILOVER_ERR_ARGUMENT) {
		tell_unsupported(source);
		return FAILOVER_ERR_UNSUPPORTED;
	}
	if (error || is_same(wanted, out->config))
		return error;
	tell(source, difference(wanted, out->config, changes->change, changes->count),
	     "the file has no words for this", "文件无法表达这一项");
	return FAILOVER_ERR_UNSUPPORTED;
}

int fo_edit_contents(const struct fo_source *source, const struct fo_contents *old,
		     const struct failover_config_change *changes, uint32_t count,
		     struct fo_edited *out)
{
	struct fo_change *taken = calloc((size_t)count + 1, sizeof(*taken));
	const struct changes all = { changes, taken, count };
	struct failover_config *wanted = NULL;
	int error = taken ? FAILOVER_OK : FAILOVER_ERR_MEMORY;

	memset(out, 0, sizeof(*out));
	if (!error)
		error = wanted_config(source, old, &all, out, &wanted);
	if (!error)
		error = is_vendor(source->format)
				? vendor_text(source, old, wanted, &out->contents)
				: our_text(out->file ? fo_file_format(out->file) : source->format,
					   out->file ? &out->old : old, taken, count,
					   &out->contents);
	if (error == FAILOVER_ERR_UNSUPPORTED)
		tell_unsupported(source);
	if (!error)
		error = check_text(source, old, wanted, &all, out);
	if (error) {
		failover_config_free(out->config);
		out->config = NULL;
	}
	failover_config_free(wanted);
	free(taken);
	return error;
}

/* ---- the file ----------------------------------------------------------------------------------
 */

static void tell_errno(const struct fo_source *source)
{
	char text[256];
	int saved = errno;
	const char *text_zh = "无法写入文件；原文件没有改动";

	if (saved == ENOSPC || saved == EDQUOT)
		text_zh = "磁盘空间不足；原文件没有改动";
	else if (saved == EROFS)
		text_zh = "文件系统是只读的；原文件没有改动";
	else if (saved == EACCES || saved == EPERM)
		text_zh = "没有权限；原文件没有改动";
	else if (saved == ENOENT)
		text_zh = "文件不存在";
	snprintf(text, sizeof(text), "%s; the file is as it was", strerror(saved));
	tell(source, NULL, text, text_zh);
	errno = saved;
}

static void tell_changed(const struct fo_source *source)
{
	tell(source, NULL, "the file was changed meanwhile; nothing was written",
	     "文件已被他人修改；没有写入任何内容");
}

/* Nobody else of us is to change it meanwhile. -1: somebody does, or it cannot be opened. A file
 * system without locks is no obstacle: what is written is compared once more. */
static int lock(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	if (fd >= 0 && fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)) {
		close(fd);
		errno = EINVAL; /* a pipe would be waited for */
		return -1;
	}
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
		close(fd);
		errno = EWOULDBLOCK;
		return -1;
	}
	return fd;
}

/* In the file itself, or in one that it includes. */
static int save(const char *path, const struct fo_contents *old, const struct fo_edited *edited)
{
	const struct fo_contents *before = edited->file ? &edited->old : old;
	const struct fo_contents *after = &edited->contents;
	char *included = edited->file ? realpath(edited->file, NULL) : NULL;
	int error = FAILOVER_ERR_IO;

	if (after->length == before->length &&
	    memcmp(after->text, before->text, before->length) == 0)
		error = FAILOVER_OK;
	else if (included || !edited->file)
		error = fo_file_save(included ? included : path, before, after);
	free(included);
	return error;
}

static int edit_file(const struct fo_source *source, const char *path, const char *revision,
		     const struct failover_config_change *changes, uint32_t count,
		     struct fo_edited *edited)
{
	struct fo_contents old = { .text = NULL };
	char now[17];
	int error = fo_file_read(path, &old.text, &old.length);

	if (!error)
		error = fo_include_revision(source, &old, now);
	if (!error && revision && strcmp(revision, now) != 0)
		error = FAILOVER_ERR_STATE;
	if (!error)
		error = fo_edit_contents(source, &old, changes, count, edited);
	if (!error)
		error = save(path, &old, edited);
	if (error == FAILOVER_ERR_IO)
		tell_errno(source);
	else if (error == FAILOVER_ERR_STATE)
		tell_changed(source);
	fo_file_release(old.text, old.length);
	return error;
}

int failover_config_edit(const char *file, const char *revision,
			 const struct failover_config_change *changes, uint32_t count,
			 failover_config_report *report, void *user,
			 struct failover_config **config)
{
	const struct fo_source source = { fo_file_format(file), file, report, user };
	struct fo_edited edited = { .config = NULL };
	char *path;
	int fd, error, saved;

	if (config)
		*config = NULL;
	if (source.format == FO_FORMAT_NONE || count > CHANGES_MOST) {
		tell(&source, NULL, "this is no configuration file, or there are too many changes",
		     "这不是配置文件，或改动太多");
		return FAILOVER_ERR_ARGUMENT;
	}
	path = realpath(file, NULL); /* a symbolic link stays one */
	fd = path ? lock(path) : -1;
	if (fd < 0 && path && errno == EWOULDBLOCK) {
		free(path);
		tell_changed(&source);
		return FAILOVER_ERR_STATE;
	}
	if (fd < 0) {
		tell_errno(&source);
		error = FAILOVER_ERR_IO;
	} else {
		error = edit_file(&source, path, revision, changes, count, &edited);
	}
	saved = errno;
	if (!error && config) {
		*config = edited.config;
		edited.config = NULL;
	}
	fo_edited_clear(&edited);
	if (fd >= 0)
		close(fd);
	free(path);
	errno = saved;
	return error;
}
