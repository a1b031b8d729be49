/* SPDX-License-Identifier: MIT */
/* translate_fuzz.c - a file of another vendor's phone: a byte for the vendor, the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../programs/config/phone.h"
#include "fuzz.h"

const char fuzz_target[] = "translate";

static void on_report(void *user, const struct failover_config_error *error)
{
	unsigned *count = user;

	(*count)++;
	fuzz_require(error->text && error->text[0] && !strchr(error->text, '\n'),
		     "an error is one line of text");
}

static int is_secret(const char *key)
{
	static const char *const keys[] = { "account.1.password", "reg.1.auth.password",
					    "Password_1_", "P34", "P406" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(key, keys[i]) == 0)
			return 1;
	}
	return 0;
}

/* Not a word of the report's own: letters and digits, some of each. */
static int is_telling(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char both[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t length = strlen(text);

	return length >= 8 && strspn(text, both) == length &&
	       strcspn(text, "0123456789") < length && strcspn(text, letters) < length;
}

/* A password that stands nowhere else in the file. */
static int is_told(const struct phone_file *file, const struct phone_entry *secret,
		   const char *report)
{
	if (!is_telling(secret->value) || !strstr(report, secret->value))
		return 0;
	for (size_t i = 0; i < file->count; i++) {
		const struct phone_entry *entry = &file->entries[i];

		if (strstr(entry->key, secret->value) ||
		    (!is_secret(entry->key) && strstr(entry->value, secret->value)))
			return 0;
	}
	return 1;
}

static void check_report(const struct phone_file *file, const char *report)
{
	for (const char *c = report; *c; c++)
		fuzz_require(*c == '\n' || ((unsigned char)*c >= 0x20 && *c != 0x7f),
			     "a report can be shown on a terminal");
	for (size_t i = 0; i < file->count; i++) {
		if (is_secret(file->entries[i].key))
			fuzz_require(!is_told(file, &file->entries[i], report),
				     "no password is in a report");
	}
}

static void translate_file(const struct phone_vendor *vendor, const struct phone_file *file)
{
	struct failover_config *config = NULL;
	char *report = NULL;
	size_t size;
	unsigned errors = 0;
	struct phone_job job = { .vendor = vendor,
				 .file = file,
				 .out = open_memstream(&report, &size),
				 .report = on_report,
				 .user = &errors };
	int error;

	fuzz_require(job.out != NULL, "there is memory");
	error = phone_translate(&job, &config);
	fclose(job.out);
	fuzz_require(!error == !!config, "there is a configuration, or an error");
	fuzz_require(!error == !errors, "what is refused is explained");
	check_report(file, report);
	free(report);
	failover_config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct fuzz_input input = { bytes, bytes + count };
	const struct phone_vendor *vendor = &phone_vendors[fuzz_byte(&input) % phone_vendors_count];
	struct phone_file file = { .path = "x" };
	struct phone_fault fault = { .line = 0 };
	size_t length = (size_t)(input.end - input.at);
	char *text = fuzz_copy(input.at, length, 1);
	int error;

	if (vendor->has_xml && (!vendor->has_text || text[0] == '<'))
		error = phone_read_xml(&file, text, length, &fault);
	else
		error = phone_read_text(&file, text, length, &fault);
	fuzz_require(!error == !fault.text[0], "what is refused is explained");
	if (!error)
		translate_file(vendor, &file);
	phone_file_clear(&file);
	free(text);
	return 0;
}
