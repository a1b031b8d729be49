/* SPDX-License-Identifier: MIT */
/* Files of other vendors' phones: what becomes of them, what is said, what is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "config_support.h"
#include "libfailover/config/profiles.h"

static const struct golden {
	const char *vendor, *file;
	int is_xml;
} goldens[] = {
	{ "yealink", "yealink.cfg", 0 },
	{ "poly", "poly.cfg", 1 },
	{ "cisco", "cisco.xml", 1 },
	{ "grandstream", "grandstream.txt", 0 },
	{ "grandstream", "grandstream.xml", 1 },
};

/* XML needs expat. */
static int is_left_out(int is_xml)
{
#ifdef FO_WITH_XML
	(void)is_xml;
	return 0;
#else
	return is_xml;
#endif
}

static char *golden_text(const char *file, const char *suffix)
{
	const char *top = getenv("top_srcdir");
	char path[1024];

	snprintf(path, sizeof(path), "%s/tests/unit/data/phones/%s%s", top ? top : ".", file,
		 suffix);
	return text_of_file(path);
}

/* The report names the file as it was named. */
static void without_folder(char *report, const char *folder)
{
	size_t length = strlen(folder);
	char *from = report, *to = report;

	while (*from) {
		if (strncmp(from, folder, length) == 0)
			from += length;
		while (*from && *from != '\n')
			*to++ = *from++;
		if (*from)
			*to++ = *from++;
	}
	*to = '\0';
}

/* Each key of a sample file, line by line; and the configuration. */
START_TEST(a_phones_file_and_its_report)
{
	const struct golden *one = &goldens[_i];
	const char *top = getenv("top_srcdir");
	char folder[512], out[128], arguments[2048], output[OUTPUT_SIZE], *expected, *conf;

	if (is_left_out(one->is_xml))
		return;
	snprintf(folder, sizeof(folder), "%s/tests/unit/data/phones/", top ? top : ".");
	scratch_path("translated.conf", out, sizeof(out));
	snprintf(arguments, sizeof(arguments), "translate --from %s '%s%s' '%s'", one->vendor,
		 folder, one->file, out);
	ck_assert_int_eq(tool_run(arguments, output), 0);
	without_folder(output, folder);
	expected = golden_text(one->file, ".report");
	ck_assert_str_eq(output, expected);
	ck_assert_ptr_null(strstr(output, "never to be seen"));
	free(expected);
	expected = golden_text(one->file, ".conf");
	conf = text_of_file(out);
	unlink(out);
	ck_assert_str_eq(conf, expected);
	free(expected);
	free(conf);
}
END_TEST

static void phone_file(const char *text, char *path, size_t size)
{
	FILE *file = fopen(scratch_path("phone.cfg", path, size), "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

/* What a phone's file says by saying nothing is what the profile of that phone brings (B29). */
static const struct silent_case {
	const char *vendor, *text;
	uint32_t profile;
	int is_xml;
} silent_cases[] = {
	{ "yealink",
	  "account.1.enable = 1\naccount.1.user_name = 1\naccount.1.sip_server.1.address = a.b\n",
	  FAILOVER_PROFILE_YEALINK, 0 },
	{ "poly", "<a reg.1.address='1' reg.1.server.1.address='a.b'/>", FAILOVER_PROFILE_POLY, 1 },
	{ "cisco", "<a><User_ID_1_>1</User_ID_1_><Proxy_1_>a.b</Proxy_1_></a>",
	  FAILOVER_PROFILE_CISCO, 1 },
	{ "grandstream", "P271 = 1\nP47 = a.b\nP35 = 1\n", FAILOVER_PROFILE_GRANDSTREAM, 0 },
};

START_TEST(B29_a_silent_file_is_the_phones_profile)
{
	const struct silent_case *one = &silent_cases[_i];
	struct failover_config_item item = { .size = sizeof(item) };
	char value[FAILOVER_CONFIG_VALUE_SIZE], path[96], *conf;
	char in[128], out[128], arguments[512], output[OUTPUT_SIZE];
	struct reading reading;
	unsigned compared = 0;

	if (is_left_out(one->is_xml) || failover_profile_available(one->profile))
		return;
	phone_file(one->text, in, sizeof(in));
	scratch_path("silent.conf", out, sizeof(out));
	snprintf(arguments, sizeof(arguments), "translate --from %s '%s' '%s'", one->vendor, in,
		 out);
	ck_assert_int_eq(tool_run(arguments, output), 0);
	conf = text_of_file(out);
	reading_of(&reading, ".conf", conf);
	ck_assert_str_eq(reading.errors, "");
	for (uint32_t n = 0; failover_config_item(n, &item) == 0; n++) {
		const char *v3 = failover_config_initial(FAILOVER_PROFILE_V3, item.key);
		const char *of_phone = failover_config_initial(one->profile, item.key);

		if (!of_phone || !fo_profile_value(one->profile, item.key))
			continue;
		snprintf(path, sizeof(path), "line.1.%s", item.key);
		ck_assert_int_eq(failover_config_get(reading.config, path, value, sizeof(value)),
				 0);
		if (strcmp(value, v3) == 0)
			continue; /* nothing is said, or the same */
		ck_assert_msg(strcmp(value, of_phone) == 0, "%s: %s is %s, of the profile %s",
			      one->vendor, item.key, value, of_phone);
		compared++;
	}
	ck_assert_uint_ge(compared, 2);
	reading_end(&reading);
	free(conf);
	unlink(in);
	unlink(out);
}
END_TEST

static const struct refused_case {
	const char *vendor, *text, *output; /* without the name of the file */
	int is_xml;
} refused_cases[] = {
	{ "yealink", "account.1.enable = 1\naccount.1.sip_server.1.address = a b\n",
	  ":2: line 1: server.primary.address: 'a b' is no address; accepted: IPv4 address, IPv6 "
	  "address, domain name\n",
	  0 },
	{ "yealink", "nothing = 1\n", ": there is no line in it; is it a file of this vendor?\n",
	  0 },
	{ "yealink", "", ": there is no line in it; is it a file of this vendor?\n", 0 },
	{ "yealink", "<a/>", ": this vendor's files are lines of KEY = VALUE\n", 0 },
	{ "poly", "reg.1.address = 1\n", ": this vendor's files are XML\n", 0 },
	{ "poly", "<a reg.1.address='1'\n  b=></a>", ":2:5: XML: not well-formed (invalid token)\n",
	  1 },
	{ "poly", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", ":1:13: a DOCTYPE is not accepted\n", 1 },
	{ "cisco", "<device><callManagerGroup/></device>",
	  ": there is no line in it; is it a file of this vendor?\n", 1 },
	{ "cisco", "<f><User_ID_1_>1</User_ID_1_>\n<Proxy_1_>a.b:70000</Proxy_1_></f>",
	  ":2: line 1: server.primary.port: '70000' is out of range; accepted: 1..65535\n", 1 },
	{ "grandstream", "P47 = a.b\nP34 = a\tb\nP34 = c\177d",
	  ":2: line 1: auth_password: the value has a control character; accepted: text of at most "
	  "255 bytes\n",
	  0 },
	{ "grandstream", "P47 = a.b\nP3 = \xff\n",
	  ":2: line 1: display_name: not UTF-8; accepted: text of at most 255 bytes\n", 0 },
};

static void refused(const char *vendor, const char *text, const char *expected)
{
	char in[128], out[128], arguments[512], output[OUTPUT_SIZE], whole[1024], *last;

	phone_file(text, in, sizeof(in));
	scratch_path("phone.conf", out, sizeof(out));
	snprintf(arguments, sizeof(arguments), "translate --from %s '%s' '%s'", vendor, in, out);
	ck_assert_int_eq(tool_run(arguments, output), 2);
	unlink(in);
	ck_assert_int_ne(access(out, F_OK), 0);
	/* Standard error is written at once, the report afterwards. */
	snprintf(whole, sizeof(whole), "%s%s", in, expected);
	last = strstr(output, whole);
	ck_assert_msg(last != NULL, "%s", output);
}

START_TEST(what_is_refused)
{
	const struct refused_case *one = &refused_cases[_i];

	if (!is_left_out(one->is_xml))
		refused(one->vendor, one->text, one->output);
}
END_TEST

/* Bounded, whatever somebody wrote. */
START_TEST(too_much_of_anything)
{
	size_t size = 3 << 20;
	char *text = calloc(1, size), *at = text;

	ck_assert_ptr_nonnull(text);
	at += sprintf(at, "account.1.user_name = ");
	memset(at, 'x', 2000);
	refused("yealink", text, ":1: the value is too long\n");
	at = text;
	for (int i = 0; i < 20001; i++)
		at += sprintf(at, "account.1.user_name = a\n");
	refused("yealink", text, ":20001: too many settings\n");
	if (!is_left_out(1)) {
		memset(text, 0, size);
		at = text;
		for (int i = 0; i < 100; i++)
			at += sprintf(at, "<a>");
		refused("poly", text, ":1:193: nested too deeply; accepted: 64 levels\n");
		memset(text, 0, size);
		at = text + sprintf(text, "<a reg.1.address='");
		memset(at, 'x', 2000);
		strcat(text, "'/>");
		refused("poly", text, ":1:1: the value is too long\n");
	}
	free(text);
}
END_TEST

START_TEST(usage)
{
	char output[OUTPUT_SIZE];

	ck_assert_int_eq(tool_run("translate --from snom a b.conf", output), 2);
	ck_assert_str_eq(output,
			 "snom: no such vendor; accepted: yealink, poly, cisco, grandstream\n");
	ck_assert_int_eq(tool_run("translate --from yealink /nowhere/a b.conf", output), 1);
	ck_assert_str_eq(output, "/nowhere/a: No such file or directory\n");
	ck_assert_int_eq(tool_run("translate yealink a b.conf", output), 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_translate");
	TCase *tcase = tcase_create("translate");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, a_phones_file_and_its_report, 0,
			    (int)(sizeof(goldens) / sizeof(goldens[0])));
	tcase_add_loop_test(tcase, B29_a_silent_file_is_the_phones_profile, 0,
			    (int)(sizeof(silent_cases) / sizeof(silent_cases[0])));
	tcase_add_loop_test(tcase, what_is_refused, 0,
			    (int)(sizeof(refused_cases) / sizeof(refused_cases[0])));
	tcase_add_test(tcase, too_much_of_anything);
	tcase_add_test(tcase, usage);
	return suite_main(suite);
}
