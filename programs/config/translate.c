/* SPDX-License-Identifier: MIT */
/* The command: another vendor's file becomes a configuration, with a report. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "phone.h"
#include "translate.h"

static int fail(failover_config_report *report, const char *file, const char *text, int error)
{
	struct failover_config_error out = { .file = file, .text = text };

	report(NULL, &out);
	return error;
}

/* The whole file, up to one byte more than may be. NULL with errno, or no memory. */
static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	size_t room = 65536, used = 0;
	char *text = file ? malloc(room) : NULL, *larger;

	while (text && used <= FAILOVER_CONFIG_LIMIT_BYTES) {
		size_t count = fread(text + used, 1, room - used, file);

		used += count;
		if (count == 0)
			break;
		if (used < room)
			continue;
		larger = realloc(text, 2 * room);
		if (!larger) {
			free(text);
			text = NULL;
			errno = ENOMEM;
			break;
		}
		text = larger;
		room *= 2;
	}
	if (text && ferror(file)) {
		free(text);
		text = NULL;
	}
	if (file)
		fclose(file);
	*length = used;
	return text;
}

static bool is_xml(const char *text, size_t length)
{
	size_t at = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (at < length && strchr(" \t\r\n", text[at]))
		at++;
	return at < length && text[at] == '<';
}

static int read_phone(const struct phone_vendor *vendor, struct phone_file *file, const char *text,
		      size_t length, failover_config_report *report)
{
	struct phone_fault fault = { .line = 0 };
	struct failover_config_error out = { .file = file->path, .text = fault.text };
	bool xml = is_xml(text, length);
	int error = FAILOVER_ERR_ARGUMENT;

	if (length > FAILOVER_CONFIG_LIMIT_BYTES)
		return fail(report, file->path, "the file is too long", error);
	if (xml ? !vendor->has_xml : !vendor->has_text)
		return fail(report, file->path,
			    vendor->has_xml ? "this vendor's files are XML"
					    : "this vendor's files are lines of KEY = VALUE",
			    error);
	error = xml ? phone_read_xml(file, text, length, &fault)
		    : phone_read_text(file, text, length, &fault);
	out.line = fault.line;
	out.column = fault.column;
	if (fault.text[0])
		report(NULL, &out);
	return error;
}

static int translate_text(const struct phone_vendor *vendor, const char *in, const char *text,
			  size_t length, failover_config_report *report,
			  struct failover_config **config)
{
	struct phone_file file = { .path = in };
	struct phone_job job = { .vendor = vendor, .file = &file, .out = stdout, .report = report };
	int error = read_phone(vendor, &file, text, length, report);

	if (!error)
		error = phone_translate(&job, config);
	if (!error && (*config)->lines_count == 0)
		error = fail(report, in, "there is no line in it; is it a file of this vendor?",
			     FAILOVER_ERR_ARGUMENT);
	phone_file_clear(&file);
	return error;
}

int translate(const char *vendor_name, const char *in, const char *out,
	      failover_config_report *report)
{
	const struct phone_vendor *vendor = phone_vendor_find(vendor_name);
	struct failover_config *config = NULL;
	size_t length = 0;
	char *text;
	int error;

	if (!vendor)
		return fail(report, vendor_name,
			    "no such vendor; accepted: yealink, poly, cisco, grandstream",
			    FAILOVER_ERR_ARGUMENT);
	text = read_file(in, &length);
	if (!text)
		return fail(report, in, strerror(errno), FAILOVER_ERR_IO);
	error = translate_text(vendor, in, text, length, report, &config);
	if (!error)
		error = failover_config_write(config, out, report, NULL);
	explicit_bzero(text, length);
	free(text);
	failover_config_free(config);
	return error;
}
