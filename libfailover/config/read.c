/* SPDX-License-Identifier: MIT */
/* Reading a configuration file: what both formats have in common. */
#include <errno.h>
#include <string.h>

#include "include.h"
#include "vendor.h"

/* Place of a byte; columns count characters. */
static struct fo_at place_of(const char *text, const char *byte)
{
	struct fo_at at = { .line = 1, .column = 1 };

	for (; text < byte; text++) {
		if (*text == '\n') {
			at.line++;
			at.column = 1;
		} else if (((unsigned char)*text & 0xc0) != 0x80) {
			at.column++;
		}
	}
	return at;
}

/* What a parser must not even see. */
static bool check_text(struct fo_build *build, const char *text, size_t length)
{
	const char *bad = memchr(text, '\0', length);
	if (bad) {
		fo_build_fault(build, place_of(text, bad), "NUL byte; accepted: UTF-8 text");
		return false;
	}
	bad = fo_text_not_utf8(text, length);
	if (bad) {
		fo_build_fault(build, place_of(text, bad), "not UTF-8; accepted: UTF-8 text");
		return false;
	}
	return true;
}

/* A vendor's file may hold anything in what is not ours. */
static bool check_length(struct fo_build *build, size_t length)
{
	const struct fo_at nowhere = { 0 };

	build->bytes += length;
	if (build->bytes <= FAILOVER_CONFIG_LIMIT_BYTES)
		return true;
	fo_build_fault(build, nowhere, "the file%s too long; accepted: at most %u bytes",
		       build->file ? " and those before it are" : " is",
		       FAILOVER_CONFIG_LIMIT_BYTES);
	return false;
}

void fo_read_text(struct fo_build *build, const struct fo_source *source, char *text, size_t length)
{
	const struct fo_vendor_source vendor = { .file = source->file,
						 .is_xml = source->format == FO_FORMAT_XML,
						 .report = source->report,
						 .user = source->user };
	bool ours = source->format == FO_FORMAT_CONF || source->format == FO_FORMAT_YAML;

	if (!check_length(build, length) || (ours && !check_text(build, text, length)))
		return;
	switch (source->format) {
	case FO_FORMAT_CONF:
		fo_conf_read(build, text, length);
		break;
	case FO_FORMAT_YAML:
		fo_yaml_read(build, text, length);
		break;
	case FO_FORMAT_VENDOR:
	case FO_FORMAT_XML:
		fo_vendor_read(build, text, length, &vendor);
		break;
	case FO_FORMAT_NONE:
		break;
	}
}

int failover_config_read(const char *path, failover_config_report *report, void *user,
			 struct failover_config **config)
{
	enum fo_format format = fo_file_format(path);
	struct fo_build build;
	const struct fo_source source = { format, path, report, user };
	size_t length = 0;
	char *text = NULL;
	int error;

	*config = NULL;
	if (format == FO_FORMAT_NONE) {
		fo_file_fault(path, "unknown suffix; accepted: .conf, .yaml, .yml, .txt, .xml",
			      report, user);
		return FAILOVER_ERR_ARGUMENT;
	}
	error = fo_file_read(path, &text, &length);
	if (error == FAILOVER_ERR_IO) {
		int saved = errno;

		fo_file_fault(path, strerror(saved), report, user);
		errno = saved;
	}
	if (error)
		return error;
	error = fo_build_init(&build);
	if (!error) {
		fo_include_read(&build, &source, text, length, NULL);
		if (!build.no_memory && !build.stopped)
			fo_build_finish(&build);
		error = fo_build_result(&build, path, report, user, config);
		fo_build_clear(&build);
	}
	fo_file_release(text, length);
	return error;
}
