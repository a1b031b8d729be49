/* SPDX-License-Identifier: MIT */
/* What is accepted and yet hardly meant. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "config_support.h"

#define SERVERS "server primary { address = 192.0.2.1 } server backup { address = 192.0.2.2 }"
#define PLAIN "user = 1001 " SERVERS

/* The text of a file, and the warnings of it, one a line. */
static const struct warn_case {
	const char *conf, *warnings;
} warn_cases[] = {
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
	  "" },
	{ "line 1 { server primary { address = 192.0.2.1 } "
	  "server backup { address = 192.0.2.1 transport = tcp } }",
	  "" },
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
};

START_TEST(warning_of_what_is_hardly_meant)
{
	const struct warn_case *one = &warn_cases[_i];
	struct reading reading, told = { .reports = 0 };
	char expected[2048] = "";
	const char *start = one->warnings;
	int count = 0;

	for (; *start; start = strchr(start, '\n') + 1, count++)
		snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected),
			 "warning: %.*s\n", (int)strcspn(start, "\n"), start);
	reading_of(&reading, ".conf", one->conf);
	ck_assert_str_eq(reading.errors, "");
	ck_assert_int_eq(failover_config_warn(reading.config, "x", reading_report, &told), count);
	ck_assert_str_eq(told.errors, expected);
	ck_assert_int_eq(failover_config_warn(reading.config, "x", NULL, NULL), count);
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
	return suite_main(suite);
}
