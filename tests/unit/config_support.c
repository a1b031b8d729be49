/* SPDX-License-Identifier: MIT */
/* Files from strings, errors as text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "config_support.h"
#include "libfailover/config/options.h"

const char *scratch_path(const char *name, char *buffer, size_t size)
{
	snprintf(buffer, size, "config-test-%ld-%s", (long)getpid(), name);
	return buffer;
}

void reading_report(void *user, const struct failover_config_error *error)
{
	struct reading *reading = user;
	size_t used = strlen(reading->errors);
	char place[32] = "";

	if (error->column)
		snprintf(place, sizeof(place), "%u:%u: ", error->line, error->column);
	else if (error->line)
		snprintf(place, sizeof(place), "%u: ", error->line);
	snprintf(reading->errors + used, sizeof(reading->errors) - used, "%s%s\n", place,
		 error->text);
	reading->reports++;
}

void reading_of_bytes(struct reading *reading, const char *suffix, const char *bytes, size_t length)
{
	char name[64], path[128];
	FILE *file;

	memset(reading, 0, sizeof(*reading));
	snprintf(name, sizeof(name), "in%s", suffix);
	file = fopen(scratch_path(name, path, sizeof(path)), "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
	ck_assert_int_eq(fclose(file), 0);
	reading->config = (struct failover_config *)reading;
	reading->result = failover_config_read(path, reading_report, reading, &reading->config);
	unlink(path);
	if (reading->result != FAILOVER_OK)
		ck_assert_ptr_null(reading->config);
}

void reading_of(struct reading *reading, const char *suffix, const char *text)
{
	reading_of_bytes(reading, suffix, text, strlen(text));
}

const char *data_path(const char *name, char *buffer, size_t size)
{
	const char *top = getenv("top_srcdir");

	const char *dot = strrchr(name, '.');
	const char *folder = strcmp(dot, ".conf") == 0	 ? "fuzz/corpus/conf"
			     : strcmp(dot, ".yaml") == 0 ? "fuzz/corpus/yaml"
							 : "unit/data/config";

	snprintf(buffer, size, "%s/tests/%s/%s", top ? top : ".", folder, name);
	return buffer;
}

void reading_of_data(struct reading *reading, const char *name)
{
	char path[1024];

	memset(reading, 0, sizeof(*reading));
	data_path(name, path, sizeof(path));
	reading->result = failover_config_read(path, reading_report, reading, &reading->config);
}

void reading_end(struct reading *reading)
{
	failover_config_free(reading->config);
	reading->config = NULL;
}

char *text_of_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	ck_assert_msg(file != NULL, "%s cannot be opened", path);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_lt(fread(text, 1, (1 << 20) - 1, file), (1 << 20) - 1);
	fclose(file);
	return text;
}

int tool_run(const char *arguments, char *output)
{
	const char *top = getenv("top_builddir");
	char command[2048];
	FILE *pipe;
	size_t used;
	int status;

	snprintf(command, sizeof(command), "{ '%s/failover-config' %s; } 2>&1", top ? top : ".",
		 arguments);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	used = fread(output, 1, OUTPUT_SIZE - 1, pipe);
	output[used] = '\0';
	status = pclose(pipe);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void keys_print(FILE *out, enum fo_scope scope)
{
	static const char *const inner[FO_SCOPES] = { ", line", ", server, proxy", "", "" };
	const char *between = "";

	for (size_t i = 0; i < fo_options_count; i++) {
		if (!fo_option_in(&fo_options[i], scope))
			continue;
		fprintf(out, "%s%s", between, fo_options[i].key);
		between = ", ";
	}
	fputs(inner[scope], out);
}

char *keys_in(const char *text)
{
	static const char *const marks[FO_SCOPES] = { "@global", "@line", "@server", "@proxy" };
	char *result = NULL;
	size_t size;
	FILE *out = open_memstream(&result, &size);

	ck_assert_ptr_nonnull(out);
	while (*text) {
		size_t found = 0;

		for (int scope = FO_GLOBAL; scope < FO_SCOPES && !found; scope++) {
			if (strncmp(text, marks[scope], strlen(marks[scope])) != 0)
				continue;
			keys_print(out, (enum fo_scope)scope);
			found = strlen(marks[scope]);
		}
		if (!found)
			fputc(*text, out);
		text += found ? found : 1;
	}
	ck_assert_int_eq(fclose(out), 0);
	return result;
}

static int run(struct Suite *suite, int any_profiles)
{
	SRunner *runner;
	int failed;

	if (!any_profiles && (failover_profile_available(FAILOVER_PROFILE_V2) ||
			      failover_profile_available(FAILOVER_PROFILE_V3))) {
		puts("1..0 # SKIP needs both retry profiles in the build");
		return EXIT_SUCCESS;
	}
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int suite_main(struct Suite *suite)
{
	return run(suite, 0);
}

int suite_main_any_profiles(struct Suite *suite)
{
	return run(suite, 1);
}
