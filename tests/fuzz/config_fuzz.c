/* SPDX-License-Identifier: MIT */
/*
 * config_fuzz.c - reading, writing and reading again, all in memory: the linker puts the functions
 * here in the place of the library's files (--wrap).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../libfailover/config/file.h"
#include "config_fuzz.h"
#include "fuzz.h"

/* The file that there is. */
static struct {
	const uint8_t *bytes;
	size_t count;
} there;

/* What was written, and the stream to it. */
static char *written;
static size_t written_count;

int __wrap_fo_file_read(const char *path, char **text, size_t *length);
int __wrap_fo_new_file_open(struct fo_new_file *file, const char *path);
int __wrap_fo_new_file_close(struct fo_new_file *file, bool keep);

int __wrap_fo_file_read(const char *path, char **text, size_t *length)
{
	(void)path;
	*text = fuzz_copy(there.bytes, there.count, FO_FILE_SPARE);
	*length = there.count;
	return FAILOVER_OK;
}

int __wrap_fo_new_file_open(struct fo_new_file *file, const char *path)
{
	file->path = path;
	file->stream = open_memstream(&written, &written_count);
	return file->stream ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

int __wrap_fo_new_file_close(struct fo_new_file *file, bool keep)
{
	fuzz_require(keep, "what was read can be written");
	return fclose(file->stream) ? FAILOVER_ERR_IO : FAILOVER_OK;
}

/* ---- reading ------------------------------------------------------------------------------ */

struct reports {
	unsigned count;
	uint32_t lines; /* of the file */
};

static void on_report(void *user, const struct failover_config_error *error)
{
	struct reports *reports = user;

	reports->count++;
	fuzz_require(error->text && error->text[0] && !strchr(error->text, '\n'),
		     "an error is one line of text");
	fuzz_require(error->line <= reports->lines, "an error is in a line of the file");
	fuzz_require(error->line || !error->column, "a column has its line");
}

static struct failover_config *read_text(const char *path, const uint8_t *bytes, size_t count)
{
	struct reports reports = { .lines = 2 };
	struct failover_config *config = NULL;
	size_t i;
	int error;

	for (i = 0; i < count; i++)
		reports.lines += bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] > 0x7f;
	there.bytes = bytes;
	there.count = count;
	error = failover_config_read(path, on_report, &reports, &config);
	fuzz_require(!error == !!config, "there is a configuration, or an error");
	fuzz_require(!error == !reports.count, "what is refused is explained");
	return config;
}

/* ---- writing ------------------------------------------------------------------------------ */

static char *text_of(const struct failover_config *config, const char *path, size_t *count)
{
	struct reports reports = { 0 };

	fuzz_require(failover_config_write(config, path, on_report, &reports) == 0,
		     "what was read can be written");
	*count = written_count;
	return written;
}

static void line_is_sane(const struct failover_config_line *line)
{
	fuzz_require(line->servers_count <= FAILOVER_LIMIT_REGISTRARS &&
			     line->proxies_count <= FAILOVER_CONFIG_LIMIT_PROXIES,
		     "servers and proxies are bounded");
	fuzz_require(line->settings.signal_retry_counts >= 1 &&
			     line->settings.signal_retry_counts <= 20 &&
			     line->settings.keepalive_interval_s >= 5 &&
			     line->settings.failback_interval_s >= 1,
		     "settings are in their ranges");
	fuzz_require(failover_config_domain(line) != NULL, "a line has a domain, or \"\"");
}

/* Written in the other format, read, and written in this one: nothing is lost on the way. */
static void round_trip(const char *path, const char *other, const struct failover_config *config)
{
	size_t count, other_count, again_count;
	char *text = text_of(config, path, &count);
	char *other_text = text_of(config, other, &other_count), *again;
	struct failover_config *same = read_text(path, (const uint8_t *)text, count);
	struct failover_config *moved = read_text(other, (const uint8_t *)other_text, other_count);

	fuzz_require(same && moved, "what was written is accepted");
	again = text_of(same, path, &again_count);
	fuzz_require(again_count == count && !memcmp(again, text, count),
		     "written, read and written is the same text");
	free(again);
	again = text_of(moved, path, &again_count);
	fuzz_require(again_count == count && !memcmp(again, text, count),
		     "the other format holds the same");
	free(again);
	free(text);
	free(other_text);
	failover_config_free(same);
	failover_config_free(moved);
}

void config_fuzz(const char *path, const uint8_t *bytes, size_t count)
{
	const char *other = strstr(path, ".conf") ? "x.yaml" : "x.conf";
	struct failover_config *config = read_text(path, bytes, count);
	uint32_t i;

	if (!config)
		return;
	for (i = 0; i < config->lines_count; i++)
		line_is_sane(config->lines[i]);
	round_trip(path, other, config);
	failover_config_free(config);
}

/* Written onto itself, a phone's file is the same; what it means can be written in our formats. */
void vendor_fuzz(const char *path, const uint8_t *bytes, size_t count)
{
	struct failover_config *config = NULL;
	size_t written_size;
	char *text;

	there.bytes = bytes;
	there.count = count;
	if (failover_config_read(path, NULL, NULL, &config))
		return;
	fuzz_require(failover_config_write_onto(config, path, path, NULL, NULL) == 0,
		     "what was read can be written");
	fuzz_require(written_count == count && !memcmp(written, bytes, count),
		     "a phone's file that is not changed is the same");
	free(written);
	text = text_of(config, "x.conf", &written_size);
	failover_config_free(config);
	config = read_text("x.conf", (const uint8_t *)text, written_size);
	fuzz_require(config != NULL, "what a phone's file means is a configuration");
	there.bytes = bytes;
	there.count = count;
	fuzz_require(failover_config_write_onto(config, path, path, NULL, NULL) == 0,
		     "what was imported can be exported");
	fuzz_require(written_count == count && !memcmp(written, bytes, count),
		     "an export of what was imported is the same file");
	free(written);
	free(text);
	failover_config_free(config);
}
