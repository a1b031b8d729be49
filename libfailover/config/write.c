/* SPDX-License-Identifier: MIT */
/* Writing a configuration: the walk that both formats share, and the file. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "file.h"
#include "vendor.h"
#include "write.h"

/* Is this what reading would give if the item were left out? */
static bool is_default(const struct fo_option *option, uint32_t profile, const void *object,
		       const char *text)
{
	if (option->set_offset)
		return !fo_option_is_given(option, object);
	return strcmp(text, fo_value_initial(option, profile)) == 0;
}

static int write_item(struct fo_writer *writer, const struct fo_option *option, enum fo_scope scope,
		      const void *object, uint32_t profile)
{
	char buffer[FO_VALUE_SIZE];
	const char *text = fo_value_text(option, fo_option_value(option, scope, object), buffer);

	return is_default(option, profile, object, text) ? FAILOVER_OK
							 : writer->item(writer, option, text);
}

/* A line's own value of a global item: left out where it is the same, or where no global one is
 * written and its profile says it (B29). Only the build's default profile has no name of its own.
 */
static int write_override(struct fo_writer *writer, const struct fo_option *option,
			  const struct failover_config_line *line,
			  const struct failover_config *config)
{
	uint32_t own = *(const uint32_t *)fo_option_value(option, FO_LINE, line);
	const uint32_t *global = fo_option_value(option, FO_GLOBAL, config);
	char buffer[FO_VALUE_SIZE];
	const char *text = fo_value_text(option, global, buffer);
	bool is_said = !is_default(option, config->profile, config, text);

	if (option->type == FO_TYPE_PROFILE || is_said) {
		if (own == *global)
			return FAILOVER_OK;
		if (option->type == FO_TYPE_PROFILE && own == FAILOVER_PROFILE_DEFAULT)
			own = failover_profile_default();
		return writer->item(writer, option, fo_value_text(option, &own, buffer));
	}
	return write_item(writer, option, FO_LINE, line, line->settings.profile);
}

static int write_items(struct fo_writer *writer, enum fo_scope scope, const void *object,
		       const struct failover_config *config)
{
	const struct failover_config_line *line = scope == FO_LINE ? object : NULL;
	uint32_t profile = line ? line->settings.profile : config ? config->profile : 0;
	int error = FAILOVER_OK;

	for (size_t i = 0; i < fo_options_count && !error; i++) {
		const struct fo_option *option = &fo_options[i];

		if (!fo_option_in(option, scope) || option->of_file)
			continue; /* all lines are written here */
		if (line && fo_option_in(option, FO_GLOBAL))
			error = write_override(writer, option, line, config);
		else
			error = write_item(writer, option, scope, object, profile);
	}
	return error;
}

static int write_section(struct fo_writer *writer, enum fo_scope scope, const char *name,
			 const void *object)
{
	int error = writer->section(writer, fo_scope_name(scope), name);

	if (!error)
		error = write_items(writer, scope, object, NULL);
	return error ? error : writer->section_end(writer);
}

static int write_servers(struct fo_writer *writer, const struct failover_config_line *line)
{
	int error;

	if (line->servers_count == 0)
		return FAILOVER_OK;
	error = writer->group(writer, fo_scope_name(FO_SERVER));
	for (uint32_t i = 0; i < line->servers_count && !error; i++)
		error = write_section(writer, FO_SERVER, line->servers[i].name, &line->servers[i]);
	return error ? error : writer->group_end(writer);
}

static int write_proxies(struct fo_writer *writer, const struct failover_config_line *line)
{
	int error;

	if (line->proxies_count == 0)
		return FAILOVER_OK;
	error = writer->group(writer, fo_scope_name(FO_PROXY));
	for (uint32_t i = 0; i < line->proxies_count && !error; i++)
		error = write_section(writer, FO_PROXY, line->proxies[i].name, &line->proxies[i]);
	return error ? error : writer->group_end(writer);
}

static int write_line(struct fo_writer *writer, const struct failover_config *config,
		      const struct failover_config_line *line)
{
	char number[16];
	int error;

	snprintf(number, sizeof(number), "%" PRIu32, line->number);
	error = writer->section(writer, fo_scope_name(FO_LINE), number);
	if (!error)
		error = write_items(writer, FO_LINE, line, config);
	if (!error)
		error = write_servers(writer, line);
	if (!error)
		error = write_proxies(writer, line);
	return error ? error : writer->section_end(writer);
}

int fo_write_walk(const struct failover_config *config, struct fo_writer *writer)
{
	int error = writer->start(writer);

	if (!error)
		error = write_items(writer, FO_GLOBAL, config, config);
	if (!error && config->lines_count)
		error = writer->group(writer, fo_scope_name(FO_LINE));
	for (uint32_t i = 0; i < config->lines_count && !error; i++)
		error = write_line(writer, config, config->lines[i]);
	if (!error && config->lines_count)
		error = writer->group_end(writer);
	return error ? error : writer->end(writer);
}

/* Where and how to write; `base` is a vendor's text or NULL. */
struct writing {
	const struct failover_config *config;
	const char *path;
	enum fo_format format;
	char *base;
	size_t base_length;
	failover_config_report *report;
	void *user;
};

static int write_vendor(const struct writing *writing, FILE *stream)
{
	struct fo_build build;
	const struct fo_vendor_base base = { .text = writing->base,
					     .length = writing->base_length,
					     .is_xml = writing->format == FO_FORMAT_XML };
	struct failover_config *none = NULL;
	int error = fo_build_init(&build), told;

	if (error)
		return error;
	error = fo_vendor_write(writing->config, &build, &base, stream);
	told = fo_build_result(&build, writing->path, writing->report, writing->user, &none);
	failover_config_free(none);
	fo_build_clear(&build);
	if (!error)
		fo_vendor_notes(writing->config, writing->path, writing->report, writing->user);
	return error ? error : told;
}

static int write_format(const struct writing *writing, FILE *stream)
{
	switch (writing->format) {
	case FO_FORMAT_CONF:
		return fo_conf_write(writing->config, stream);
	case FO_FORMAT_YAML:
		return fo_yaml_write(writing->config, stream);
	case FO_FORMAT_VENDOR:
	case FO_FORMAT_XML:
		return write_vendor(writing, stream);
	case FO_FORMAT_NONE:
		break;
	}
	return FAILOVER_ERR_ARGUMENT;
}

static int write_file(const struct writing *writing)
{
	struct fo_new_file file;
	int error = fo_new_file_open(&file, writing->path), closed, saved;

	if (!error) {
		error = write_format(writing, file.stream);
		closed = fo_new_file_close(&file, !error);
		error = error ? error : closed;
	}
	if (error == FAILOVER_ERR_IO) {
		saved = errno;
		fo_file_fault(writing->path, strerror(saved), writing->report, writing->user);
		errno = saved;
	}
	return error;
}

int failover_config_write(const struct failover_config *config, const char *path,
			  failover_config_report *report, void *user)
{
	return failover_config_write_onto(config, NULL, path, report, user);
}

int failover_config_write_onto(const struct failover_config *config, const char *base,
			       const char *path, failover_config_report *report, void *user)
{
	struct writing writing = { .config = config,
				   .path = path,
				   .format = fo_file_format(path),
				   .report = report,
				   .user = user };
	int error = FAILOVER_OK, saved;

	if (writing.format == FO_FORMAT_NONE) {
		fo_file_fault(path, "unknown suffix; accepted: .conf, .yaml, .yml, .txt, .xml",
			      report, user);
		return FAILOVER_ERR_ARGUMENT;
	}
	if (base && (writing.format == FO_FORMAT_VENDOR || writing.format == FO_FORMAT_XML))
		error = fo_file_read(base, &writing.base, &writing.base_length);
	if (error == FAILOVER_ERR_IO) {
		saved = errno;
		fo_file_fault(base, strerror(saved), report, user);
		errno = saved;
	}
	if (!error)
		error = write_file(&writing);
	fo_file_release(writing.base, writing.base_length);
	return error;
}
