/* SPDX-License-Identifier: MIT */
/* Every key, in both formats, lands in its field; what is left out has its default. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "config_support.h"
#include "libfailover/config/options.h"

#define GLOBAL(member) FO_GLOBAL, offsetof(struct failover_config, member)
#define LINE(member) FO_LINE, offsetof(struct failover_config_line, member)
#define SETTING(member) LINE(settings.member)
#define SERVER(member) FO_SERVER, offsetof(struct failover_config_server, member)
#define PROXY(member) FO_PROXY, offsetof(struct failover_config_proxy, member)

#define REGISTER FAILOVER_METHOD_BIT(FAILOVER_REGISTER)
#define INVITE FAILOVER_METHOD_BIT(FAILOVER_INVITE)
#define BYE FAILOVER_METHOD_BIT(FAILOVER_BYE)

/* One key: its default and another value. A text has `string`, the others a number. */
struct key_case {
	const char *key;
	enum fo_scope scope;
	size_t offset;
	const char *initial_string;
	uint32_t initial;
	const char *written;
	const char *string;
	uint32_t number;
};

static const struct key_case key_cases[] = {
	{ "profile", GLOBAL(profile), NULL, 0, "v2", NULL, FAILOVER_PROFILE_V2 },
	{ "reg_fail_interval", GLOBAL(reg_fail_interval_s), NULL, 32, "64", NULL, 64 },
	{ "reg_fail_backoff", GLOBAL(reg_fail_backoff), NULL, 0, "1", NULL, 1 },
	{ "sip_port", GLOBAL(sip_port), NULL, 5060, "5080", NULL, 5080 },
	{ "shared_health", GLOBAL(shared_health), NULL, FAILOVER_HEALTH_TRANSPORT, "all", NULL,
	  FAILOVER_HEALTH_ALL },
	{ "shared_health", GLOBAL(shared_health), NULL, FAILOVER_HEALTH_TRANSPORT, "off", NULL,
	  FAILOVER_HEALTH_OFF },
	{ "boot_spread", GLOBAL(boot_spread_s), NULL, 0, "3600", NULL, 3600 },
	{ "dead_time", GLOBAL(dead_time_s), NULL, 0, "86400", NULL, 86400 },
	{ "moves_per_second", GLOBAL(moves_per_second), NULL, 0, "100000", NULL, 100000 },
	{ "static_dns", GLOBAL(static_dns.count), NULL, 0,
	  "\"sip.example.net=192.0.2.1, 192.0.2.2\"", NULL, 2 },
	{ "accept_from", GLOBAL(accept_from.any), NULL, 0, "any", NULL, 1 },
	{ "accept_from", GLOBAL(accept_from.count), NULL, 0, "\"targets, 192.0.2.0/24, ::1\"", NULL,
	  2 },
	{ "stack", GLOBAL(stack), "osip2", 0, "sofia", "sofia", 0 },
	{ "device", GLOBAL(device), "", 0, "A1-4711", "A1-4711", 0 },
	{ "tls_ca_file", GLOBAL(tls_ca_file), "", 0, "/etc/ca.pem", "/etc/ca.pem", 0 },
	{ "tls_cert_file", GLOBAL(tls_cert_file), "", 0, "'c d.pem'", "c d.pem", 0 },
	{ "tls_key_file", GLOBAL(tls_key_file), "", 0, "\"k.pem\"", "k.pem", 0 },
	{ "tls_verify", GLOBAL(tls_verify), NULL, 1, "no", NULL, 0 },

	{ "profile", SETTING(profile), NULL, 0, "v3", NULL, FAILOVER_PROFILE_V3 },
	{ "reg_fail_interval", SETTING(reg_fail_interval_s), NULL, 32, "86400", NULL, 86400 },
	{ "reg_fail_backoff", SETTING(reg_fail_backoff), NULL, 0, "true", NULL, 1 },
	{ "enable", LINE(enable), NULL, 1, "false", NULL, 0 },
	{ "user", LINE(user), "", 0, "\"1001\"", "1001", 0 },
	{ "user", LINE(user), "", 0, "1001", "1001", 0 },
	{ "user", LINE(user), "", 0, "'+49 30'", "+49 30", 0 },
	{ "display_name", LINE(display_name), "", 0, "\"J\303\266rg \\\"X\\\" \\\\\"",
	  "J\303\266rg \"X\" \\", 0 },
	{ "domain", LINE(domain), "", 0, "example.net", "example.net", 0 },
	{ "auth_user", LINE(auth_user), "", 0, "auth-1", "auth-1", 0 },
	{ "auth_password", LINE(auth_password), "", 0, "'p${HOME}#\"{};'", "p${HOME}#\"{};", 0 },
	{ "realm", LINE(realm), "", 0, "\"a, b\"", "a, b", 0 },
	{ "dns_mode", LINE(dns_mode), NULL, FAILOVER_DNS_NAPTR, "srv", NULL, FAILOVER_DNS_SRV },
	{ "dns_mode", LINE(dns_mode), NULL, FAILOVER_DNS_NAPTR, "a", NULL, FAILOVER_DNS_A },
	{ "failback", SETTING(failback), NULL, 1, "0", NULL, 0 },
	{ "failback_interval", SETTING(failback_interval_s), NULL, 1800, "1", NULL, 1 },
	{ "failback_interval", SETTING(failback_interval_s), NULL, 1800, "010", NULL, 10 },
	{ "failback_release", SETTING(failback_release), NULL, 0, "on", NULL, 1 },
	{ "failback_successes", SETTING(failback_successes), NULL, 1, "10", NULL, 10 },
	{ "failback_hold", SETTING(failback_hold_s), NULL, 0, "86400", NULL, 86400 },
	{ "failback_growth", SETTING(failback_growth), NULL, 1, "2", NULL, 2 },
	{ "failover_hold", SETTING(failover_hold_s), NULL, 0, "180", NULL, 180 },
	{ "failback_when", SETTING(failback_when), NULL, FAILOVER_FAILBACK_ANY, "idle", NULL,
	  FAILOVER_FAILBACK_IDLE },
	{ "signal_failback", SETTING(signal_failback), NULL, 0, "yes", NULL, 1 },
	{ "signal_failback_methods", SETTING(signal_failback_methods), NULL, REGISTER | INVITE,
	  "\"register,invite,bye\"", NULL, REGISTER | INVITE | BYE },
	{ "signal_failback_methods", SETTING(signal_failback_methods), NULL, REGISTER | INVITE,
	  "bye", NULL, BYE },
	{ "register_before", SETTING(register_before), NULL, FAILOVER_BEFORE_REGISTRAR, "always",
	  NULL, FAILOVER_BEFORE_ALWAYS },
	{ "register_before", SETTING(register_before), NULL, FAILOVER_BEFORE_REGISTRAR, "never",
	  NULL, FAILOVER_BEFORE_NEVER },
	{ "only_registered", SETTING(only_registered), NULL, 0, "yes", NULL, 1 },
	{ "signal_retry_counts", SETTING(signal_retry_counts), NULL, 3, "20", NULL, 20 },
	{ "invite_retry_counts", SETTING(invite_retry_counts), NULL, 0, "20", NULL, 20 },
	{ "signal_retry_first_free", SETTING(signal_retry_first_free), NULL, 0, "on", NULL, 1 },
	{ "signal_retry_time", SETTING(signal_retry_time_ms), NULL, 4000, "32000", NULL, 32000 },
	{ "t1", SETTING(t1_ms), NULL, 500, "100", NULL, 100 },
	{ "t2", SETTING(t2_ms), NULL, 4000, "2000", NULL, 2000 },
	{ "t4", SETTING(t4_ms), NULL, 5000, "2500", NULL, 2500 },
	{ "in_dialog", LINE(in_dialog), NULL, FAILOVER_IN_DIALOG_AUTO, "contact", NULL,
	  FAILOVER_IN_DIALOG_CONTACT },
	{ "in_dialog", LINE(in_dialog), NULL, FAILOVER_IN_DIALOG_AUTO, "target", NULL,
	  FAILOVER_IN_DIALOG_TARGET },
	{ "overload_control", LINE(overload_control), NULL, 0, "on", NULL, 1 },
	{ "redirect", LINE(redirect), NULL, FAILOVER_REDIRECT_FOLLOW, "report", NULL,
	  FAILOVER_REDIRECT_REPORT },
	{ "group", LINE(group), "", 0, "'desk 1'", "desk 1", 0 },
	{ "start_at", LINE(start_at), NULL, FAILOVER_START_AT_PRIMARY, "last", NULL,
	  FAILOVER_START_AT_LAST },
	{ "trying_timeout", SETTING(trying_timeout_s), NULL, 0, "8", NULL, 8 },
	{ "emergency_race_after", SETTING(emergency_race_after_ms), NULL, 1000, "400", NULL, 400 },
	{ "jitter", SETTING(jitter_percent), NULL, 10, "0", NULL, 0 },
	{ "keepalive", SETTING(keepalive), NULL, FAILOVER_KEEPALIVE_OPTIONS, "off", NULL,
	  FAILOVER_KEEPALIVE_OFF },
	{ "keepalive", SETTING(keepalive), NULL, FAILOVER_KEEPALIVE_OPTIONS, "crlf", NULL,
	  FAILOVER_KEEPALIVE_CRLF },
	{ "keepalive_interval", SETTING(keepalive_interval_s), NULL, 30, "5", NULL, 5 },

	{ "address", SERVER(address), "sip.example", 0, "sip1.example.net", "sip1.example.net", 0 },
	{ "address", SERVER(address), "sip.example", 0, "192.0.2.1", "192.0.2.1", 0 },
	{ "address", SERVER(address), "sip.example", 0, "\"[2001:db8::1]\"", "2001:db8::1", 0 },
	{ "address", SERVER(address), "sip.example", 0, "2001:db8::1", "2001:db8::1", 0 },
	{ "address", SERVER(address), "sip.example", 0, "fe80::1%eth0", "fe80::1%eth0", 0 },
	{ "port", SERVER(port), NULL, 0, "65535", NULL, 65535 },
	{ "expires", SERVER(expires_s), NULL, 3600, "10", NULL, 10 },
	{ "transport", SERVER(transport), NULL, FAILOVER_UDP, "tcp", NULL, FAILOVER_TCP },
	{ "transport", SERVER(transport), NULL, FAILOVER_UDP, "tls", NULL, FAILOVER_TLS },
	{ "transport", SERVER(transport), NULL, FAILOVER_UDP, "auto", NULL,
	  FAILOVER_TRANSPORT_AUTO },
	{ "transport", SERVER(transport), NULL, FAILOVER_UDP, "0", NULL, FAILOVER_UDP },
	{ "transport", SERVER(transport), NULL, FAILOVER_UDP, "1", NULL, FAILOVER_TCP },
	{ "transport", SERVER(transport), NULL, FAILOVER_UDP, "2", NULL, FAILOVER_TLS },
	{ "transport", SERVER(transport), NULL, FAILOVER_UDP, "3", NULL, FAILOVER_TLS },

	{ "address", PROXY(address), "proxy.example", 0, "192.0.2.9", "192.0.2.9", 0 },
	{ "port", PROXY(port), NULL, 0, "5062", NULL, 5062 },
	{ "transport", PROXY(transport), NULL, 0, "tcp", NULL, FAILOVER_TCP },
	{ "transport", PROXY(transport_set), NULL, 0, "udp", NULL, 1 },
	{ "user", PROXY(user), "", 0, "pu", "pu", 0 },
	{ "password", PROXY(password), "", 0, "pp", "pp", 0 },
};
#define KEY_CASES (sizeof(key_cases) / sizeof(key_cases[0]))

/* A file with this item in its section; in sections with an address that may be the item. */
static void compose(char *out, size_t size, enum fo_scope scope, const char *key, const char *value,
		    int yaml)
{
	const char *glue = yaml ? ": " : " = ", *none = "";
	int address = strcmp(key, "address") == 0;
	char item[256];

	snprintf(item, sizeof(item), "%s%s%s\n", key, glue, value);
	if (yaml)
		snprintf(out, size,
			 "%sline:\n  7:\n    %s\n    server:\n      primary:\n        %s\n"
			 "        %s\n    proxy:\n      primary:\n        %s\n        %s\n",
			 scope == FO_GLOBAL ? item : none, scope == FO_LINE ? item : none,
			 scope == FO_SERVER && address ? none : "address: sip.example",
			 scope == FO_SERVER ? item : none,
			 scope == FO_PROXY && address ? none : "address: proxy.example",
			 scope == FO_PROXY ? item : none);
	else
		snprintf(out, size,
			 "%sline 7 {\n%sserver primary {\n%s\n%s}\nproxy primary {\n%s\n%s}\n}\n",
			 scope == FO_GLOBAL ? item : none, scope == FO_LINE ? item : none,
			 scope == FO_SERVER && address ? none : "address = sip.example",
			 scope == FO_SERVER ? item : none,
			 scope == FO_PROXY && address ? none : "address = proxy.example",
			 scope == FO_PROXY ? item : none);
}

static const void *field_of(const struct failover_config *config, const struct key_case *one)
{
	const struct failover_config_line *line = config->lines[0];
	const void *objects[FO_SCOPES] = { config, line, &line->servers[0], &line->proxies[0] };

	ck_assert_uint_eq(line->servers_count, 1);
	ck_assert_uint_eq(line->proxies_count, 1);
	return (const char *)objects[one->scope] + one->offset;
}

static void check_field(const struct failover_config *config, const struct key_case *one,
			const char *string, uint32_t number)
{
	const void *field = field_of(config, one);

	if (one->initial_string)
		ck_assert_str_eq(*(char *const *)field, string);
	else
		ck_assert_msg(*(const uint32_t *)field == number, "%s is %u, not %u", one->key,
			      *(const uint32_t *)field, number);
}

static void check_key(const struct key_case *one, const char *suffix)
{
	int yaml = strcmp(suffix, ".yaml") == 0;
	struct reading reading;
	char text[2048];

	compose(text, sizeof(text), one->scope, one->key, one->written, yaml);
	reading_of(&reading, suffix, text);
	ck_assert_str_eq(reading.errors, "");
	ck_assert_int_eq(reading.result, FAILOVER_OK);
	ck_assert_uint_eq(reading.config->lines_count, 1);
	ck_assert_uint_eq(reading.config->lines[0]->number, 7);
	check_field(reading.config, one, one->string, one->number);
	reading_end(&reading);
}

START_TEST(conf_key_lands_in_its_field)
{
	check_key(&key_cases[_i], ".conf");
}
END_TEST

START_TEST(yaml_key_lands_in_its_field)
{
	check_key(&key_cases[_i], ".yaml");
}
END_TEST

/* Of a file that gives the addresses only. */
START_TEST(key_left_out_has_its_default)
{
	static const char *const suffixes[] = { ".conf", ".yaml" };

	for (int yaml = 0; yaml < 2; yaml++) {
		struct reading reading;
		char text[2048];

		compose(text, sizeof(text), FO_SERVER, "address", "sip.example", yaml);
		reading_of(&reading, suffixes[yaml], text);
		ck_assert_str_eq(reading.errors, "");
		for (size_t i = 0; i < KEY_CASES; i++)
			check_field(reading.config, &key_cases[i], key_cases[i].initial_string,
				    key_cases[i].initial);
		reading_end(&reading);
	}
}
END_TEST

/* A line of a file is what FAILOVER_LINE_SETTINGS_INIT documents. */
START_TEST(defaults_are_those_of_the_engine)
{
	struct failover_line_settings expected = FAILOVER_LINE_SETTINGS_INIT;
	struct reading reading;

	reading_of(&reading, ".yaml", "line: { 1: { server: { primary: { address: a.b } } } }");
	ck_assert_int_eq(reading.result, FAILOVER_OK);
	ck_assert_mem_eq(&reading.config->lines[0]->settings, &expected, sizeof(expected));
	reading_end(&reading);
}
END_TEST

START_TEST(every_option_has_a_case)
{
	for (size_t i = 0; i < fo_options_count; i++) {
		for (int scope = FO_GLOBAL; scope < FO_SCOPES; scope++) {
			const struct fo_option *option = &fo_options[i];
			int found = !fo_option_in(option, (enum fo_scope)scope);

			for (size_t k = 0; k < KEY_CASES; k++)
				found |= (int)key_cases[k].scope == scope &&
					 strcmp(key_cases[k].key, option->key) == 0;
			/* tested by themselves: no number, and files (config_include.c) */
			found |= fo_option_is_list(option) || option->of_file;
			ck_assert_msg(found, "no case for %s", option->key);
		}
	}
}
END_TEST

static const struct codes_case {
	const char *conf, *yaml;
	uint32_t in[4], out[4];
} codes_cases[] = {
	{ "{ 500, \"5xx\", 408 }", "[500, 5xx, 408]", { 500, 599, 408 }, { 499, 600, 407, 409 } },
	{ "\"503, 48x\"", "503, 48x", { 503, 480, 489 }, { 479, 490, 500, 502 } },
	{ "503", "503", { 503 }, { 500, 502, 504 } },
	{ "{ }", "[]", { 0 }, { 500, 503, 300, 699 } },
	{ "\"\"", "\"\"", { 0 }, { 500, 503, 300, 699 } },
	{ "{ 300, 699 }", "[300, 699]", { 300, 699 }, { 301, 698, 500, 503 } },
};

static void check_codes(const struct codes_case *one, const char *suffix, const char *value)
{
	struct reading reading;
	char text[2048];

	compose(text, sizeof(text), FO_LINE, "unavailable_codes", value,
		strcmp(suffix, ".yaml") == 0);
	reading_of(&reading, suffix, text);
	ck_assert_str_eq(reading.errors, "");
	for (int i = 0; i < 4; i++) {
		const struct failover_line_settings *settings = &reading.config->lines[0]->settings;

		if (one->in[i])
			ck_assert_int_eq(failover_code_isset(settings, one->in[i]), 1);
		if (one->out[i])
			ck_assert_int_eq(failover_code_isset(settings, one->out[i]), 0);
	}
	reading_end(&reading);
}

START_TEST(B4_unavailable_codes_with_wildcards)
{
	check_codes(&codes_cases[_i], ".conf", codes_cases[_i].conf);
	check_codes(&codes_cases[_i], ".yaml", codes_cases[_i].yaml);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_keys");
	TCase *tcase = tcase_create("keys");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, conf_key_lands_in_its_field, 0, (int)KEY_CASES);
	tcase_add_loop_test(tcase, yaml_key_lands_in_its_field, 0, (int)KEY_CASES);
	tcase_add_test(tcase, key_left_out_has_its_default);
	tcase_add_test(tcase, defaults_are_those_of_the_engine);
	tcase_add_test(tcase, every_option_has_a_case);
	tcase_add_loop_test(tcase, B4_unavailable_codes_with_wildcards, 0,
			    (int)(sizeof(codes_cases) / sizeof(codes_cases[0])));
	return suite_main(suite);
}
