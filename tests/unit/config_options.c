/* SPDX-License-Identifier: MIT */
/* The option table agrees with itself and with the manual page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "config_support.h"
#include "libfailover/config/value.h"

#define MANUAL_SIZE 65536

/* What is written for a default must read as that default. */
START_TEST(default_is_in_written_form)
{
	const struct fo_option *option = &fo_options[_i];
	char buffer[FO_VALUE_SIZE];
	union {
		uint32_t number;
		char *text;
		uint8_t codes[FAILOVER_CODES_BYTES];
		struct failover_config_sources sources;
		struct failover_config_texts texts;
	} field = { .codes = { 0 } };

	ck_assert_int_eq(fo_value_set_initial(option, &field), FAILOVER_OK);
	ck_assert_str_eq(fo_value_text(option, &field, buffer), option->initial);
	fo_value_free(option, &field);
}
END_TEST

START_TEST(row_is_complete)
{
	const struct fo_option *option = &fo_options[_i];
	bool choice = option->type == FO_TYPE_BOOL || option->type == FO_TYPE_CHOICE ||
		      option->type == FO_TYPE_PROFILE || option->type == FO_TYPE_METHODS ||
		      option->type == FO_TYPE_SOURCES;
	bool bounded = option->type == FO_TYPE_NUMBER || fo_option_is_text(option) ||
		       option->type == FO_TYPE_SOURCES || option->type == FO_TYPE_TEXTS;

	ck_assert_ptr_nonnull(option->label);
	ck_assert_ptr_nonnull(option->help);
	ck_assert_uint_ne(option->scopes, 0);
	ck_assert_msg(option->label_zh && option->help_zh, "%s: what is it in Chinese?", option->key);
	ck_assert_msg(option->group, "%s: which part of a form is it in?", option->key);
	ck_assert_msg(!option->unset == !option->unset_zh, "%s: not set, in Chinese?", option->key);
	ck_assert_int_eq(option->choices != NULL, choice);
	ck_assert(!bounded || option->maximum > 0);
	ck_assert_msg(option->initial[0] || option->unset, "%s: what is its default?", option->key);
	ck_assert_int_eq(option->vendor_text[0] != NULL, option->vendor_xml[0] != NULL);
	ck_assert_int_eq(option->vendor_text[1] != NULL, option->vendor_xml[1] != NULL);
	for (int scope = FO_GLOBAL; scope < FO_SCOPES; scope++) {
		if (fo_option_in(option, (enum fo_scope)scope))
			ck_assert_ptr_eq(fo_option_find((enum fo_scope)scope, option->key), option);
	}
}
END_TEST

/* The engine has the same range, for it has the same row. */
START_TEST(range_is_that_of_the_choices)
{
	const struct fo_option *option = &fo_options[_i];
	uint32_t least = UINT32_MAX, most = 0;

	if (!fo_option_is_setting(option) || option->type == FO_TYPE_PROFILE || !option->choices)
		return;
	for (const struct fo_choice *choice = option->choices; choice->name; choice++) {
		least = choice->value < least ? choice->value : least;
		most = option->type == FO_TYPE_METHODS ? most | choice->value
		       : choice->value > most	       ? choice->value
						       : most;
	}
	if (option->type != FO_TYPE_METHODS)
		ck_assert_uint_eq(option->minimum, least);
	ck_assert_uint_eq(option->maximum, most);
}
END_TEST

/* One name means one item: keys within a section, vendor keys everywhere. */
START_TEST(names_are_unique)
{
	for (size_t i = 0; i < fo_options_count; i++) {
		for (size_t k = i + 1; k < fo_options_count; k++) {
			const struct fo_option *a = &fo_options[i], *b = &fo_options[k];

			if (a->scopes & b->scopes)
				ck_assert_str_ne(a->key, b->key);
			for (int n = 0; n < 4; n++) {
				const char *left = a->vendor_text[n / 2];
				const char *right = b->vendor_text[n % 2];

				if (left && right)
					ck_assert_str_ne(left, right);
			}
		}
	}
}
END_TEST

static const struct vendor_case {
	enum fo_scope scope;
	const char *key, *text[2], *xml[2];
} vendor_cases[] = {
	{ FO_GLOBAL, "sip_port", { "SIP  Port" }, { "SIPPort" } },
	{ FO_GLOBAL, "reg_fail_interval", { "Reg Fail Interval" }, { "RegFailInterval" } },
	{ FO_LINE, "enable", { "Enable Reg" }, { "EnableReg" } },
	{ FO_LINE, "user", { "Phone Number" }, { "PhoneNumber" } },
	{ FO_LINE, "auth_password", { "Register Pswd" }, { "RegisterPswd" } },
	{ FO_LINE, "failback", { "Enable Failback" }, { "EnableFailback" } },
	{ FO_LINE, "signal_retry_counts", { "Signal Retry Counts" }, { "SignalRetryCounts" } },
	{ FO_SERVER,
	  "address",
	  { "Register Addr", "Backup Addr" },
	  { "RegisterAddr", "BackupAddr" } },
	{ FO_SERVER, "expires", { "Register TTL", "Backup TTL" }, { "RegisterTTL", "BackupTTL" } },
	{ FO_PROXY, "address", { "Proxy Addr", "BakProxy Addr" }, { "ProxyAddr", "BakProxyAddr" } },
	{ FO_PROXY, "password", { "Proxy Pswd" }, { "ProxyPswd" } },
};

/* S 3.1, P 4.1. */
START_TEST(vendor_names)
{
	const struct vendor_case *one = &vendor_cases[_i];
	const struct fo_option *option = fo_option_find(one->scope, one->key);

	ck_assert_ptr_nonnull(option);
	for (int i = 0; i < 2; i++) {
		ck_assert_pstr_eq(option->vendor_text[i], one->text[i]);
		ck_assert_pstr_eq(option->vendor_xml[i], one->xml[i]);
	}
}
END_TEST

/* ---- manual page ---- */

static const char begin_mark[] = ".\\\" options: begin\n";
static const char end_mark[] = ".\\\" options: end\n";

/* roff: a minus is \-, a backslash \e. */
static void roff(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '-')
			fputs("\\-", out);
		else if (*text == '\\')
			fputs("\\e", out);
		else
			fputc(*text, out);
	}
}

static void manual_option(FILE *out, const struct fo_option *option, enum fo_scope scope)
{
	bool inherits = scope == FO_LINE && fo_option_in(option, FO_GLOBAL);
	char accepted[256];

	fo_value_accepted(option, FO_ENGLISH, accepted, sizeof(accepted));
	fprintf(out, ".TP\n.B ");
	roff(out, option->key);
	fputc('\n', out);
	roff(out, option->help);
	fputs("\n.br\n", out);
	roff(out, fo_option_is_list(option) ? "List of " : "");
	roff(out, accepted);
	fputs("; default: ", out);
	roff(out, inherits ? "the global value" : option->unset ? option->unset : option->initial);
	fputs(".\n", out);
}

static char *manual_options(void)
{
	static const char *const titles[FO_SCOPES] = { "Global", "Line", "Server",
						       "Outbound proxy" };
	char *text = calloc(1, MANUAL_SIZE);
	FILE *out = fmemopen(text, MANUAL_SIZE, "w");

	ck_assert_ptr_nonnull(out);
	for (int scope = FO_GLOBAL; scope < FO_SCOPES; scope++) {
		fprintf(out, ".SS %s\n", titles[scope]);
		for (size_t i = 0; i < fo_options_count; i++) {
			if (fo_option_in(&fo_options[i], (enum fo_scope)scope))
				manual_option(out, &fo_options[i], (enum fo_scope)scope);
		}
	}
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

/* The part of failover.conf(5) between the marks is what the table says. If not, what it should be
 * is left in failover.conf.5.options. */
START_TEST(manual_page_says_what_the_table_says)
{
	const char *top = getenv("top_srcdir");
	char path[1024], *page, *begin, *end, *expected = manual_options();

	snprintf(path, sizeof(path), "%s/doc/failover.conf.5", top ? top : ".");
	page = text_of_file(path);
	begin = strstr(page, begin_mark);
	end = strstr(page, end_mark);
	ck_assert_ptr_nonnull(begin);
	ck_assert_ptr_nonnull(end);
	*end = '\0';
	if (strcmp(begin + strlen(begin_mark), expected) != 0) {
		FILE *out = fopen("failover.conf.5.options", "w");

		ck_assert_ptr_nonnull(out);
		fputs(expected, out);
		fclose(out);
		ck_abort_msg("doc/failover.conf.5 is not what the option table says");
	}
	free(page);
	free(expected);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_options");
	TCase *tcase = tcase_create("options");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, default_is_in_written_form, 0, (int)fo_options_count);
	tcase_add_loop_test(tcase, row_is_complete, 0, (int)fo_options_count);
	tcase_add_loop_test(tcase, range_is_that_of_the_choices, 0, (int)fo_options_count);
	tcase_add_test(tcase, names_are_unique);
	tcase_add_loop_test(tcase, vendor_names, 0,
			    (int)(sizeof(vendor_cases) / sizeof(vendor_cases[0])));
	tcase_add_test(tcase, manual_page_says_what_the_table_says);
	return suite_main(suite);
}
