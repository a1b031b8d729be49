/* SPDX-License-Identifier: MIT */
/* What the tests of libfailover-config share: files from strings, errors as text. */
#ifndef TEST_CONFIG_SUPPORT_H
#define TEST_CONFIG_SUPPORT_H

#include <stddef.h>

#include <failover/config.h>

#define ERRORS_SIZE 65536

/* What came of reading a text. */
struct reading {
	int result;
	struct failover_config *config;
	char errors[ERRORS_SIZE]; /* "LINE:COLUMN: text\n" each, parts that are 0 left out */
	int reports;
};

/* Read `text` as a file with this suffix (".conf", ".yaml"). */
void reading_of(struct reading *reading, const char *suffix, const char *text);
void reading_of_bytes(struct reading *reading, const char *suffix, const char *bytes,
		      size_t length);
/* Read a file that the fuzzers begin with: tests/fuzz/corpus. What is said of a bad one is in
 * tests/unit/data/config. */
void reading_of_data(struct reading *reading, const char *name);
const char *data_path(const char *name, char *buffer, size_t size);
void reading_end(struct reading *reading);
/* A failover_config_report that fills a reading. */
void reading_report(void *user, const struct failover_config_error *error);

/* Whole file; freed by the caller. */
/* The text with the keys that a section takes, as messages list them, in the place of "@global",
 * "@line", "@server" and "@proxy". To be freed. */
char *keys_in(const char *text);
char *text_of_file(const char *path);
/* The name of a file of this process alone, in the current directory. */
const char *scratch_path(const char *name, char *buffer, size_t size);

#define OUTPUT_SIZE 65536
/* Run `failover-config ARGUMENTS`; both streams to `output`. Returns the exit status. */
int tool_run(const char *arguments, char *output);

/* Run one test program: all tests of the suite, TAP on standard output. Skipped where a retry
 * profile is left out of the build, as the files of the tests name both. */
struct Suite;
int suite_main(struct Suite *suite);
int suite_main_any_profiles(struct Suite *suite);

#endif
