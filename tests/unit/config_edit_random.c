/* SPDX-License-Identifier: MIT */
/* Random changes of the files that the fuzzers begin with, and of some that are laid out oddly. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "config_support.h"
#include "tests/fuzz/edit_check.h"
#include "tests/fuzz/fuzz.h"

const char fuzz_target[] = "edit";

/* SEEDS=N: fewer under valgrind and an emulator. */
static uint64_t seeds_count(void)
{
	const char *text = getenv("SEEDS");

	return text ? strtoull(text, NULL, 10) : 400;
}

static const struct laid_out {
	const char *path, *text;
} odd[] = {
	{ "x.conf", "" },
	{ "x.conf", "line 1{enable=no}line 2{enable=no}" },
	{ "x.conf", "# a\r\nline 1 {\r\n  enable = no // b\r\n\r\n  # c\r\n}\r\n# d" },
	{ "x.conf", "line 1 { /* a */ user = x /* b\n c */ enable = no }\n/* d\n# e */ line 2 {\n"
		    "enable = no\n server primary { address = a.b } }" },
	{ "x.conf", "line 1 {\n\tserver primary { address = a.b }\n\n\tserver backup {\n"
		    "\t\taddress = c.d } # x\n\tproxy primary\n\t{\n\t\taddress = e.f\n\t}\n}\n" },
	{ "x.yaml", "" },
	{ "x.yaml", "{}" },
	{ "x.yaml", "# only a comment\n" },
	{ "x.yaml", "--- # start\nline:\n  1:\n    enable: no\n...\n" },
	{ "x.yaml", "line: {1: {enable: no}, 2: {user: 'a', enable: no,},}\n" },
	{ "x.yaml", "{ line: { 1: { # c\n  enable: no, # d\n  user: a # e\n  } } }\n" },
	{ "x.yaml",
	  "line:\r\n   1:\r\n      enable: no\r\n      user: |-\r\n        a\r\n\r\n"
	  "      # x\r\n      server:\r\n         primary:\r\n            address: a.b\r\n" },
	{ "x.yaml",
	  "line:\n  1:\n    enable: no\n    user: >- # why\n      a\n\n    unavailable_codes:\n"
	  "    - 503\n    # x\n    - 408\n    incoming_user: [a,\n      \"b\"]\n"
	  "    display_name: a\n      b\n    proxy: { primary: { address: a.b } }\n" },
	{ "x.yaml", "\xef\xbb\xbf# \xe4\xb8\xad\nline:\n  \"1\":\n    'enable': no\n"
		    "    display_name: \xe4\xb8\xad\xe6\x96\x87 # \xe6\x96\x87\n    realm:\n" },
	{ "x.yaml",
	  "line:\n    1:\n        server:\n            primary: {address: a.b}\n"
	  "            backup:\n                address: c.d\n    2:\n        enable: no" },
	{ "x.yaml", "? sip_port\n: 5080\n? line\n: ? 1\n  : enable: no\n" },
};

static void check_many(const char *path, const char *bytes, size_t count)
{
	struct edit_counts counts = { 0 };
	uint64_t seeds = seeds_count();

	for (uint64_t seed = 0; seed < seeds; seed++)
		edit_check(path, (const uint8_t *)bytes, count, seed * 2654435761u, &counts);
	printf("# %s: %u done, %u refused, %u impossible\n", path, counts.done, counts.refused,
	       counts.impossible);
	ck_assert_uint_gt(counts.done, 0);
	ck_assert(counts.done > counts.impossible || path[2] == 'y');
}

START_TEST(files_that_are_laid_out_oddly)
{
	const struct laid_out *one = &odd[_i];

	check_many(one->path, one->text, strlen(one->text));
}
END_TEST

static const struct corpus {
	const char *folder, *path, *file;
} corpus[] = {
	{ "conf", "x.conf", "full.conf" },  { "yaml", "x.yaml", "full.yaml" },
	{ "vendor", "x.txt", "two-lines" }, { "vendor", "x.txt", "cut-keys" },
	{ "xml", "x.xml", "two-lines" },
};

START_TEST(files_of_the_fuzzers)
{
	const struct corpus *one = &corpus[_i];
	const char *top = getenv("top_srcdir");
	char path[1024], *text;

	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s/%s", top ? top : ".", one->folder,
		 one->file);
	text = text_of_file(path);
	check_many(one->path, text, strlen(text));
	free(text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_edit_random");
	TCase *tcase = tcase_create("random");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 600);
	tcase_add_loop_test(tcase, files_that_are_laid_out_oddly, 0,
			    (int)(sizeof(odd) / sizeof(odd[0])));
	tcase_add_loop_test(tcase, files_of_the_fuzzers, 0,
			    (int)(sizeof(corpus) / sizeof(corpus[0])));
	return suite_main(suite);
}
