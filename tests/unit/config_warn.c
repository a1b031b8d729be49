/* SPDX-License-Identifier: MIT */
/* What is accepted and yet hardly meant. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "config_support.h"

#define SERVERS "server primary { address = 192.0.2.1 } server backup { address = 192.0.2.2 }"
#define PLAIN "user = 1001 " SERVERS

#define EMPTY ": no value is written; one that begins with # needs quotes\n"

/* The text of a file, and the warnings of it, one a line. */
struct warn_case {
	const char *text, *warnings;
};

static const struct warn_case warn_cases[] = {
	/* none */
	{ "", "" },
	{ "line 1 { " PLAIN " }", "" },
	{ "line 1 { user = 1001 server primary { address = 192.0.2.1 } }", "" },
	{ "line 1 { " PLAIN " } line 2 { user = 1002 " SERVERS " }", "" },
	{ "line 1 { user = '+49(30)1,2;x=y' " SERVERS " auth_user = 'a@b' display_name = 'a b' }",
	  "" },

	/* a backup that is the primary server */
	{ "line 1 { server primary { address = 192.0.2.1 } server backup { address = 192.0.2.1 } }",
	  "line 1: server.backup is the same as server.primary: it backs up nothing\n" },
	{ "line 1 { server primary { address = sip.example } "
	  "server backup { address = SIP.example port = 5060 } }",
	  "line 1: server.backup is the same as server.primary: it backs up nothing\n" },
	{ "tls_ca_file = x line 1 { server primary { address = 192.0.2.1 transport = tls } "
	  "server third { address = 192.0.2.1 transport = tls port = 5061 } }",
	  "line 1: server.third is the same as server.primary: it backs up nothing\n" },
	{ "line 1 { server primary { address = 192.0.2.1 } "
	  "server backup { address = 192.0.2.1 port = 5070 } }",
	  "line 1: server.backup is at the address of server.primary: what takes one machine away "
	  "takes both\n" },
	{ "line 1 { server primary { address = sip.example } "
	  "server backup { address = sip.example transport = tcp } }",
	  "line 1: server.backup is at the name of server.primary: what takes one machine away "
	  "takes both\n" },

	/* credentials of one server */
	{ "line 1 { realm = one.example server primary { address = one.example } "
	  "server backup { address = two.example } }",
	  "line 1: realm is the name of server.primary: a server with another realm is given no "
	  "credentials\n" },
	{ "line 1 { auth_user = '1001@two.example' server primary { address = one.example } "
	  "server backup { address = two.example } }",
	  "line 1: auth_user is one of server.backup: another server may not know it\n" },
	{ "line 1 { realm = example auth_user = '1001@example' " SERVERS " }", "" },
	{ "line 1 { realm = one.example server primary { address = one.example } }", "" },

	/* a backup that comes too late for people */
	{ "line 1 { " PLAIN " signal_retry_counts = 4 }", "" },
	{ "line 1 { " PLAIN " signal_retry_counts = 5 }",
	  "line 1: signal_retry_counts: a call is tried at the next server only after 15.5 s; "
	  "people hang up before\n" },
	{ "line 1 { " PLAIN " signal_retry_counts = 5 invite_retry_counts = 4 }", "" },
	{ "line 1 { " PLAIN " invite_retry_counts = 5 }",
	  "line 1: invite_retry_counts: a call is tried at the next server only after 15.5 s; "
	  "people hang up before\n" },
	{ "line 1 { " PLAIN " profile = v2 signal_retry_time = 10000 }", "" },
	{ "line 1 { " PLAIN " profile = v2 signal_retry_time = 10001 }",
	  "line 1: signal_retry_time: a call is tried at the next server only after 10.001 s; "
	  "people hang up before\n" },
	{ "line 1 { server primary { address = 192.0.2.1 } signal_retry_counts = 20 }", "" },
	{ "line 1 { server primary { address = 192.0.2.1 } "
	  "proxy primary { address = 192.0.2.8 } proxy backup { address = 192.0.2.8 } }",
	  "line 1: proxy.backup is the same as proxy.primary: it backs up nothing\n" },
	{ "line 1 { enable = no server primary { address = 192.0.2.1 } "
	  "server backup { address = 192.0.2.1 } }",
	  "" },

	/* one proxy for two servers */
	{ "line 1 { " PLAIN " proxy primary { address = 192.0.2.8 } }",
	  "line 1: 2 servers behind one proxy: when proxy.primary fails, none of them can be "
	  "reached\n" },
	{ "line 1 { " PLAIN
	  " proxy primary { address = 192.0.2.8 } proxy backup { address = 192.0.2.9 } }",
	  "" },

	/* TLS to a numeric address without CA */
	{ "line 1 { server primary { address = 192.0.2.1 transport = tls } }",
	  "line 1: server.primary: TLS to the address 192.0.2.1 without tls_ca_file: certificates "
	  "of public authorities name no addresses, so it will be refused\n" },
	{ "line 1 { server primary { address = '[2001:db8::1]' transport = 3 } }",
	  "line 1: server.primary: TLS to the address 2001:db8::1 without tls_ca_file: "
	  "certificates "
	  "of public authorities name no addresses, so it will be refused\n" },
	{ "line 1 { server primary { address = a.b transport = tls } "
	  "proxy primary { address = 192.0.2.8 } }",
	  "line 1: proxy.primary: TLS to the address 192.0.2.8 without tls_ca_file: certificates "
	  "of public authorities name no addresses, so it will be refused\n" },
	{ "line 1 { server primary { address = a.b transport = tls } }", "" },
	{ "line 1 { server primary { address = a.b transport = tls } "
	  "proxy primary { address = 192.0.2.8 transport = tcp } }",
	  "" },
	{ "tls_ca_file = ca.pem line 1 { server primary { address = 192.0.2.1 transport = tls } }",
	  "" },
	{ "tls_verify = no line 1 { server primary { address = 192.0.2.1 transport = tls } }", "" },

	/* failback */
	{ "line 1 { failback = 0 " PLAIN " }",
	  "line 1: failback is off: nothing brings the line back to its primary server\n" },
	{ "line 1 { failback = 0 signal_failback = 1 " PLAIN " }", "" },
	{ "line 1 { failback = 0 server primary { address = 192.0.2.1 } }", "" },
	{ "line 1 { failback = 0 server primary { address = sip.example } }",
	  "line 1: failback is off: nothing brings the line back to its primary server\n" },
	{ "line 1 { failback_interval = 31 " PLAIN " }",
	  "line 1: failback_interval is 31 s: a probe of a dead server takes 32 s\n" },
	{ "line 1 { failback_interval = 32 " PLAIN " }", "" },
	{ "line 1 { failback = 0 signal_failback = 1 failback_interval = 1 " PLAIN " }", "" },
	{ "line 1 { failback = 0 signal_failback = 1 failback_successes = 2 " PLAIN " }",
	  "line 1: failback is off, so failback_successes and failback_hold do nothing\n" },
	{ "line 1 { failback = 0 signal_failback = 1 failback_hold = 1 " PLAIN " }",
	  "line 1: failback is off, so failback_successes and failback_hold do nothing\n" },
	{ "line 1 { failback_growth = 2 " PLAIN " }",
	  "line 1: failback_growth does nothing while failback_hold is 0\n" },
	{ "line 1 { failback_growth = 2 failback_hold = 60 " PLAIN " }", "" },

	/* expires */
	{ "line 1 { keepalive_interval = 61 server primary { address = 192.0.2.1 expires = 60 } }",
	  "line 1: server.primary.expires is 60 s, less than the keepalive_interval of 61 s\n" },
	{ "line 1 { keepalive_interval = 60 server primary { address = 192.0.2.1 expires = 60 } }",
	  "" },
	{ "line 1 { keepalive = off keepalive_interval = 61 "
	  "server primary { address = 192.0.2.1 expires = 60 } }",
	  "" },
	{ "line 1 { profile = v3 server primary { address = 192.0.2.1 expires = 60 } "
	  "server backup { address = 192.0.2.2 } server third { address = 192.0.2.3 } }",
	  "line 1: server.primary.expires is 60 s: the registration ends before the last of 3 "
	  "targets is asked, 7000 ms after a refresh begins\n" },
	{ "line 1 { profile = v3 server primary { address = 192.0.2.1 expires = 70 } "
	  "server backup { address = 192.0.2.2 } server third { address = 192.0.2.3 } }",
	  "" },
	{ "line 1 { profile = v2 server primary { address = 192.0.2.1 expires = 60 } "
	  "server backup { address = 192.0.2.2 } server third { address = 192.0.2.3 } }",
	  "line 1: server.primary.expires is 60 s: the registration ends before the last of 3 "
	  "targets is asked, 8000 ms after a refresh begins\n" },
	{ "line 1 { profile = v2 t1 = 10 signal_retry_time = 32000 "
	  "server primary { address = 192.0.2.1 expires = 60 } "
	  "server backup { address = 192.0.2.2 } server third { address = 192.0.2.3 } }",
	  "" },
	{ "line 1 { keepalive = off " PLAIN " }",
	  "line 1: keepalive is off and server.primary.expires is 3600 s: an idle line notices a "
	  "dead server only then\n"
	  "line 1: keepalive is off and server.backup.expires is 3600 s: an idle line notices a "
	  "dead server only then\n" },
	{ "line 1 { keepalive = off server primary { address = 192.0.2.1 expires = 3599 } }", "" },
	{ "line 1 { keepalive = crlf " PLAIN " }", "" },

	/* users */
	{ "line 1 { user = '1001@sip.example' " SERVERS " }",
	  "line 1: user '1001@sip.example' is no user part: it has a scheme, an @ or a blank\n" },
	{ "line 1 { user = 'SIP:1001' " SERVERS " }",
	  "line 1: user 'SIP:1001' is no user part: it has a scheme, an @ or a blank\n" },
	{ "line 1 { user = 'sips:1001' " SERVERS " }",
	  "line 1: user 'sips:1001' is no user part: it has a scheme, an @ or a blank\n" },
	{ "line 1 { user = '10 01' " SERVERS " }",
	  "line 1: user '10 01' is no user part: it has a scheme, an @ or a blank\n" },
	{ "line 1 { user = 1 subscribe = { message-summary, dialog, 'dialog;target=2' } " SERVERS
	  " }",
	  "" },
	{ "line 1 { user = 1 emergency = { 112, '+1-1 2', 'urn:service:sos', 'sip:112@a' } " SERVERS
	  " }",
	  "line 1: emergency '+1-1 2' is neither a number nor a service (urn:service:sos)\n"
	  "line 1: emergency 'sip:112@a' is neither a number nor a service (urn:service:sos)\n" },
	{ "line 1 { user = 1 subscribe = { 'dialog;of=2' } " SERVERS " }",
	  "line 1: subscribe 'dialog;of=2' is no event package with or without ;target=USER: the "
	  "line subscribes to nothing\n" },
	{ "line 1 { user = sipper incoming_user = { '+49 30', '4930' } " SERVERS " }",
	  "line 1: incoming_user '+49 30' is no user part: it has a scheme, an @ or a blank\n" },

	/* the same user twice at one server */
	{ "line 1 { " PLAIN " } line 2 { " PLAIN " }",
	  "line 2: the same user at the same server as line 1: 192.0.2.1\n" },
	{ "line 3 { user = x server primary { address = a.b } } line 2 { user = y " SERVERS " } "
	  "line 1 { user = x server primary { address = 192.0.2.1 } "
	  "server backup { address = A.b port = 5060 } }",
	  "line 3: the same user at the same server as line 1: a.b\n" },
	{ "line 1 { " PLAIN " } line 2 { enable = no " PLAIN " }", "" },
	{ "line 1 { user = x server primary { address = 192.0.2.1 } } "
	  "line 2 { user = x server primary { address = 192.0.2.1 port = 5070 } }",
	  "" },
	{ "line 1 { " SERVERS " } line 2 { " SERVERS " }", "" },

	/* written without a value */
	{ "line 1 { user = '' " SERVERS " }", "line 1: user" EMPTY },
	{ "tls_ca_file = \"\" line 1 { auth_password = '' domain = \"\" " PLAIN
	  " server third { address = '' } }",
	  "line 1: domain" EMPTY "line 1: auth_password" EMPTY "line 1: server.third.address" EMPTY
	  "tls_ca_file" EMPTY },
	{ "line 1 { enable = no user = '' " SERVERS " }", "line 1: user" EMPTY },
};

#define YAML_SERVERS                                                                               \
	"    server:\n      primary:\n        address: 192.0.2.1\n"                                \
	"      backup:\n        address: 192.0.2.2\n"

static const struct warn_case yaml_cases[] = {
	{ "line:\n  1:\n    user: '#31#'\n" YAML_SERVERS, "" },
	{ "line:\n  1:\n    user: #31#\n" YAML_SERVERS, "line 1: user" EMPTY },
	{ "line:\n  1:\n    user: \"\"\n    auth_password:\n    display_name: ''\n" YAML_SERVERS,
	  "line 1: user" EMPTY "line 1: auth_password" EMPTY "line 1: display_name" EMPTY },
	{ "tls_ca_file:\nline:\n  1:\n    user: 1001\n" YAML_SERVERS
	  "    proxy:\n      backup:\n        address:\n        user: #x\n",
	  "tls_ca_file" EMPTY "line 1: proxy.backup.address" EMPTY
	  "line 1: proxy.backup.user" EMPTY },
};

static void expect_warnings(const char *suffix, const struct warn_case *one)
{
	struct reading reading, told = { .reports = 0 };
	char expected[2048] = "";
	const char *start = one->warnings;
	int count = 0;

	for (; *start; start = strchr(start, '\n') + 1, count++)
		snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected),
			 "warning: %.*s\n", (int)strcspn(start, "\n"), start);
	reading_of(&reading, suffix, one->text);
	ck_assert_str_eq(reading.errors, "");
	ck_assert_int_eq(failover_config_warn(reading.config, "x", reading_report, &told), count);
	ck_assert_str_eq(told.errors, expected);
	ck_assert_int_eq(failover_config_warn(reading.config, "x", NULL, NULL), count);
	reading_end(&reading);
}

START_TEST(warning_of_what_is_hardly_meant)
{
	expect_warnings(".conf", &warn_cases[_i]);
}
END_TEST

START_TEST(warning_of_values_that_yaml_takes_for_comments)
{
	expect_warnings(".yaml", &yaml_cases[_i]);
}
END_TEST

/* 120 lines, of which 60 are enabled. */
START_TEST(B14a_warning_of_a_long_row)
{
	char text[16384] = "moves_per_second = 1\n";
	struct reading reading, told = { .reports = 0 };

	for (int i = 1; i <= 120; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "line %d { enable = %s user = u%d auth_password = p\n"
			 "server primary { address = 192.0.2.1 expires = 60 } }\n",
			 i, i <= 60 ? "yes" : "no", i);
	reading_of(&reading, ".conf", text);
	ck_assert_str_eq(reading.errors, "");
	ck_assert_int_eq(failover_config_warn(reading.config, "x", reading_report, &told), 1);
	ck_assert_str_eq(told.errors, "warning: moves_per_second: when a server fails, the last "
				      "of 60 lines moves 60 s after the first\n");
	reading.config->moves_per_second = 2;
	ck_assert_int_eq(failover_config_warn(reading.config, "x", reading_report, &told), 0);
	reading_end(&reading);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_warn");
	TCase *tcase = tcase_create("warn");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, warning_of_what_is_hardly_meant, 0,
			    (int)(sizeof(warn_cases) / sizeof(warn_cases[0])));
	tcase_add_loop_test(tcase, warning_of_values_that_yaml_takes_for_comments, 0,
			    (int)(sizeof(yaml_cases) / sizeof(yaml_cases[0])));
	tcase_add_test(tcase, B14a_warning_of_a_long_row);
	return suite_main(suite);
}
