/* SPDX-License-Identifier: MIT */
/* What is wrong in a file is said exactly, with its place, all of it, and nothing takes effect. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "config_support.h"

/* Stand for the keys of a section: see keys_in(). */
#define SERVER_KEYS "@server"
#define GLOBAL_KEYS "@global"
#define LINE_KEYS "@line"
#define HOST "IPv4 address, IPv6 address, domain name"
#define SYNTAX "syntax error; accepted: KEY = VALUE, or SECTION NAME { ... }\n"
#define UNQUOTED "put the value in quotes; accepted without: A-Z a-z 0-9 _ - . : [ ] % @ /\n"
#define LIST_OPEN(line) line ": the list is not closed; accepted: { A, B }\n"
#define NOT_TEXT "null is no text; leave the key out, or put it in quotes\n"
#define STRAY "unexpected text after a value; put a value with blanks in quotes\n"
#define NO_PRIMARY                                                                                 \
	"enabled without a primary server; set server.primary.address, or enable to false\n"

struct error_case {
	const char *text, *errors;
};

static const struct error_case conf_cases[] = {
	/* keys */
	{ "\nprot = 1", "2: unknown key 'prot'; accepted: " GLOBAL_KEYS "\n" },
	{ "line 1 { enable = no\nprot = 1 }",
	  "2: line 1: unknown key 'prot'; accepted: " LINE_KEYS "\n" },
	{ "line 1 {\nserver primary {\naddress = a.b\nprot = 1\n}\n}",
	  "4: line 1: server.primary: unknown key 'prot'; accepted: " SERVER_KEYS "\n" },
	{ "proxy primary { address = a.b }",
	  "1: unknown key 'proxy'; accepted: " GLOBAL_KEYS "\n" },
	{ "foo { bar { x = \"}\" } # }\n y = { 1 } }\nsip_port = 0",
	  "1: unknown key 'foo'; accepted: " GLOBAL_KEYS "\n"
	  "3: sip_port: '0' is out of range; accepted: 1..65535\n" },
	{ "sip_port = 1\nsip_port = 2", "2: sip_port: given twice, first in line 1 of the file\n" },
	{ "line 1 { enable = no }\nline 01 { enable = no }",
	  "2: line 1 is given twice, first in line 1 of the file\n" },
	{ "line 1 { server primary { address = a.b }\nserver primary { port = x } }",
	  "2: line 1: server primary is given twice, first in line 1 of the file\n" },
	/* numbers */
	{ "sip_port = 65536", "1: sip_port: '65536' is out of range; accepted: 1..65535\n" },
	{ "sip_port = 99999999999999999999999",
	  "1: sip_port: '99999999999999999999999' is out of range; accepted: 1..65535\n" },
	{ "sip_port = 0x10", "1: sip_port: '0x10' is not a decimal number; accepted: 1..65535\n" },
	{ "sip_port = -1", "1: sip_port: '-1' is not a decimal number; accepted: 1..65535\n" },
	{ "sip_port = ''", "1: sip_port: '' is not a decimal number; accepted: 1..65535\n" },
	{ "reg_fail_interval = 1.5",
	  "1: reg_fail_interval: '1.5' is not a decimal number; accepted: 1..86400 s\n" },
	/* choices */
	{ "profile = v4", "1: profile: 'v4' is not known; accepted: v2, v3, yealink, poly, cisco, "
			  "grandstream\n" },
	{ "shared_health = some",
	  "1: shared_health: 'some' is not known; accepted: transport, off, all\n" },
	{ "tls_verify = 2", "1: tls_verify: '2' is not known; accepted: true, false, yes, no, on, "
			    "off, 1, 0\n" },
	{ "line 1 { server primary { address = a.b transport = sctp } }",
	  "1: line 1: server.primary.transport: 'sctp' is not known; accepted: udp, tcp, tls, "
	  "auto\n" },
	{ "line 1 { enable = no signal_failback_methods = { register, options } }",
	  "1: line 1: signal_failback_methods: 'options' is not known; accepted: register, invite, "
	  "bye\n" },
	{ "line 1 { enable = no unavailable_codes = { 503, 200 } }",
	  "1: line 1: unavailable_codes: '200' is no final status; accepted: 300..699, wildcards "
	  "like 5xx\n" },
	{ "line 1 { enable = no unavailable_codes = '5x3' }",
	  "1: line 1: unavailable_codes: '5x3' is no final status; accepted: 300..699, wildcards "
	  "like 5xx\n" },
	/* texts */
	{ "line 1 { enable = no\nuser = \"a\tb\" }",
	  "2: line 1: user: 'a?b' has a control character; accepted: text of at most 255 bytes\n" },
	{ "line 1 { enable = no user = \"a\r\" }",
	  "1: line 1: user: 'a?' has a control character; accepted: text of at most 255 bytes\n" },
	{ "line 1 { enable = no user = \"a\302\205b\" }",
	  "1: line 1: user: 'a??b' has a control character; accepted: text of at most 255 "
	  "bytes\n" },
	{ "line 1 { enable = no auth_password = \"pass\tword\" }",
	  "1: line 1: auth_password: the value has a control character; accepted: text of at most "
	  "255 bytes\n" },
	/* addresses */
	{ "line 1 { server primary { address = 192.0.2.256 } }",
	  "1: line 1: server.primary.address: '192.0.2.256' is no address; accepted: " HOST "\n" },
	{ "line 1 { server primary { address = \"a b\" } }",
	  "1: line 1: server.primary.address: 'a b' is no address; accepted: " HOST "\n" },
	{ "line 1 { server primary { address = '[192.0.2.1]' } }",
	  "1: line 1: server.primary.address: '[192.0.2.1]' is no address; accepted: " HOST "\n" },
	{ "line 1 { server primary { address = 2001:db8::1%eth0 } }",
	  "1: line 1: server.primary.address: '2001:db8::1%eth0' is no address; accepted: " HOST
	  "\n" },
	{ "line 1 { server primary { address = a..b } }",
	  "1: line 1: server.primary.address: 'a..b' is no address; accepted: " HOST "\n" },
	{ "line 1 { server primary { address = -a.b } }",
	  "1: line 1: server.primary.address: '-a.b' is no address; accepted: " HOST "\n" },
	{ "line 1 { server primary { address = \"a.b:5060\" } }",
	  "1: line 1: server.primary.address: 'a.b:5060' is no address; accepted: " HOST "\n" },
	/* sections */
	{ "line 0 { }", "1: '0' is no line number; accepted: 1..1000000\n" },
	{ "line 1000001 { }", "1: '1000001' is no line number; accepted: 1..1000000\n" },
	{ "line one { }", "1: 'one' is no line number; accepted: 1..1000000\n" },
	{ "line { }", "1: '' is no line number; accepted: 1..1000000\n" },
	{ "line 1 { enable = no server 'a b' { address = a.b } }",
	  "1: line 1: 'a b' is no name; accepted: primary, backup, other names of A-Z a-z 0-9 _ "
	  "-\n" },
	{ "line = 1", "1: a section is written: line 1 { ... }\n" },
	{ "line 1 { enable = no server = a.b\nproxy = c.d }",
	  "1: line 1: a section is written: server primary { ... }\n"
	  "2: line 1: a section is written: proxy primary { ... }\n" },
	{ "line 1 { enable { x = 1 } }",
	  "1: line 1: enable: a value is written: KEY = VALUE\n1: line 1: " NO_PRIMARY },
	/* the whole */
	{ "\nline 1 {\n}", "2: line 1: " NO_PRIMARY },
	{ "line 1 { server primary { address = '' } }", "1: line 1: " NO_PRIMARY },
	{ "line 1 {\nserver primary {\n} }",
	  "2: line 1: server.primary.address: missing; accepted: " HOST "\n" },
	{ "line 1 {\nserver backup { address = a.b } }",
	  "2: line 1: server.backup: there is no primary server; set server.primary.address\n" },
	{ "line 1 { server primary { address = a.b }\nproxy backup { address = a.b } }",
	  "2: line 1: proxy.backup: there is no primary proxy; set proxy.primary.address\n" },
	{ "line 1 { enable = no server third { address = a.b } }",
	  "1: line 1: server.third: there is no primary server; set server.primary.address\n" },
	{ "line 1 { enable = no\nt1 = 1000\nt2 = 500 }",
	  "3: line 1: t2: is less than t1; accepted: at least 1000 ms\n" },
	{ "line 1 { enable = no\nt1 = 5000 }",
	  "2: line 1: t2: is less than t1; accepted: at least 5000 ms\n" },
	{ "line 1 { enable = no\nt1 = 5000 t2 = x }",
	  "2: line 1: t2: 'x' is not a decimal number; accepted: 10..60000 ms\n" },
	/* syntax; reading goes on where it can */
	{ "sip_port\n", "1: " SYNTAX },
	{ "sip_port 5060\nx = 1", "1: " SYNTAX },
	{ "sip_port = 0 ; stack = x\nstack = \"\x7f\"",
	  "1: " STRAY "1: sip_port: '0' is out of range; accepted: 1..65535\n"
	  "2: stack: '?' has a control character; accepted: text of at most 255 bytes\n" },
	{ "line 1 { enable = no auth_password = x y z }\nsip_port = 0",
	  "1: " STRAY "2: sip_port: '0' is out of range; accepted: 1..65535\n" },
	{ "x = 1\n= 3", "1: unknown key 'x'; accepted: " GLOBAL_KEYS "\n2: " SYNTAX },
	{ "include(\"/etc/passwd\")", "1: " SYNTAX },
	{ "sip_port = }", "1: a value is missing\n" },
	{ "}", "1: '}' closes no section\n" },
	{ "sip_port = 0\nline 1 {\nserver primary {\naddress = a.b\n",
	  "1: sip_port: '0' is out of range; accepted: 1..65535\n"
	  "3: the section is not closed; expected: }\n" },
	{ "foo {\n{ ", "1: unknown key 'foo'; accepted: " GLOBAL_KEYS "\n"
		       "1: the section is not closed; expected: }\n" },
	{ "stack = \"abc\nsip_port = 0", "1: the string is not closed in its line\n" },
	{ "stack = abc\n/* never closed", "2: the comment is not closed; expected: */\n" },
	{ "line 1 { enable = no unavailable_codes = { 500, 503\n} }\nline 1 x", "3: " SYNTAX },
	{ "line 1 { enable = no unavailable_codes = { 500 503 } }",
	  "1: the list is not closed; accepted: { A, B }\n" },
	{ "line 1 { enable = no unavailable_codes = { 500, , 503 } }", "1: a value is missing\n" },
	{ "line 1 { enable = no unavailable_codes = 500,503 }\nsip_port = 0",
	  "1: line 1: unavailable_codes: a list is written { A, B }, or in quotes\n"
	  "2: sip_port: '0' is out of range; accepted: 1..65535\n" },
	{ "line 1 { enable = no unavailable_codes += 500 }",
	  "1: line 1: unavailable_codes: += is not accepted; give all values after one =\n" },
	{ "sip_port = { 1, 2 }", "1: sip_port: takes one value; accepted: 1..65535\n" },
	{ "line 1 { enable = no user = +49\ndisplay_name = a#b }",
	  "1: line 1: user: " UNQUOTED "2: line 1: display_name: " UNQUOTED },
	{ "tls_ca_file = /a//b", "1: tls_ca_file: " UNQUOTED },
	{ "stack = \"${HOME}\"", "1: stack: ${...} is not replaced; put it in single quotes\n" },
	{ "stack = ${HOME}", "1: stack: " UNQUOTED },
	{ "stack = \"\\x41\"",
	  "1: stack: unknown escape; accepted in double quotes: \\\" and \\\\\n" },
	{ "stack = 'a\\\nb'", "1: the string is not closed in its line\n" },
	/* what is not closed is told where it was opened */
	{ "line 1 {\nenable = no\n\n\n", "1: the section is not closed; expected: }\n" },
	{ "line 1 {\nenable = no\nserver primary { address = a.b\n}\n\n",
	  "1: the section is not closed; expected: }\n" },
	{ "line 1 {\nenable = no\nserver primary {\n\n# }\n",
	  "3: the section is not closed; expected: }\n" },
	{ "line 1 {\nenable = no\n\nline 2 {\nenable = no\n}\n",
	  "1: the section is not closed; expected: }\n"
	  "4: line cannot be within line 1 of line 1 of the file; is a } missing?\n" },
	{ "line 1 { enable = no\nserver primary {\naddress = a.b\nserver backup { address = "
	  "b.c }\n}\n",
	  "1: the section is not closed; expected: }\n"
	  "4: server cannot be within server primary of line 2 of the file; is a } missing?\n" },
	{ "line 1 { enable = no\nserver primary {\naddress = a.b\nline 2 { enable = no }\n}\n}",
	  "4: line cannot be within server primary of line 2 of the file; is a } missing?\n" },
	{ "line 1 {\nunavailable_codes = { 500,\n\n\n", LIST_OPEN("2") },
	{ "line 1 {\nunavailable_codes = {\n\n\n", LIST_OPEN("2") },
	{ "line 1 {\nunavailable_codes = { 500\n\n\n", LIST_OPEN("2") },
	{ "line 1 {\nunavailable_codes = { 500\njitter = 0\n}", LIST_OPEN("2") },
	{ "line 1 {\nenable =\n\n\n", "2: a value is missing\n" },
	{ "line 1 {\nuser = \"abc\nenable = no\n}\n", "2: the string is not closed in its line\n" },
	{ "line 1 {\nenable = no\nunavailable_codes = { 500, \"503\n}\n",
	  "3: the string is not closed in its line\n" },
	{ "line 1 {\nenable = no /* }\n\n", "2: the comment is not closed; expected: */\n" },
};
#define CONF_CASES (sizeof(conf_cases) / sizeof(conf_cases[0]))

static const struct error_case yaml_cases[] = {
	/* keys */
	{ "\nprot: 1", "2:1: unknown key 'prot'; accepted: " GLOBAL_KEYS "\n" },
	{ "line: { 1: { enable: no,\n  prot: {a: [1], b: 2}, jitter: 51 } }",
	  "2:3: line 1: unknown key 'prot'; accepted: " LINE_KEYS "\n"
	  "2:33: line 1: jitter: '51' is out of range; accepted: 0..50 %\n" },
	{ "line:\n  1:\n    server:\n      primary:\n        address: a.b\n        prot: 1\n",
	  "6:9: line 1: server.primary: unknown key 'prot'; accepted: " SERVER_KEYS "\n" },
	{ "sip_port: 1\nsip_port: 2", "2:1: sip_port: given twice, first in line 1 of the file\n" },
	{ "line: { 1: { enable: no } }\nline: { 2: { enable: no } }",
	  "2:1: line is given twice in one mapping\n" },
	{ "line:\n  1: { enable: no }\n  01: { enable: no }",
	  "3:3: line 1 is given twice, first in line 2 of the file\n" },
	{ "line: { 1: { server: { primary: { address: a.b },\n primary: { port: x } } } }",
	  "2:2: line 1: server primary is given twice, first in line 1 of the file\n" },
	{ "? [a, b]\n: c\nsip_port: 0",
	  "1:3: a key is expected; accepted: KEY: VALUE\n"
	  "3:11: sip_port: '0' is out of range; accepted: 1..65535\n" },
	{ "line: { ? {a: b} : c }", "1:11: a name is expected; accepted: NAME: { ... }\n" },
	/* values */
	{ "sip_port: 65536", "1:11: sip_port: '65536' is out of range; accepted: 1..65535\n" },
	{ "sip_port:", "1:10: sip_port: '' is not a decimal number; accepted: 1..65535\n" },
	{ "sip_port: [1]", "1:11: sip_port: takes one value; accepted: 1..65535\n" },
	{ "sip_port: {a: b}", "1:11: sip_port: takes a value, not a mapping\n" },
	{ "line: { 1: { enable: no, user: \"a\\r\\nb\" } }",
	  "1:32: line 1: user: 'a??b' has a control character; accepted: text of at most 255 "
	  "bytes\n" },
	{ "line: { 1: { enable: no, user: \"a\\0b\" } }",
	  "1:32: NUL byte; accepted: UTF-8 text\n" },
	{ "line: { 1: { enable: no, unavailable_codes: [503, [504], {a: b}] } }",
	  "1:51: line 1: a list holds values only; accepted: [A, B]\n"
	  "1:58: line 1: a list holds values only; accepted: [A, B]\n" },
	{ "line: { 1: { enable: no, unavailable_codes: [503, 99] } }",
	  "1:45: line 1: unavailable_codes: '99' is no final status; accepted: 300..699, wildcards "
	  "like 5xx\n" },
	/* sections */
	{ "line: 1", "1:7: line takes a mapping; accepted: 1: { ... }\n" },
	{ "line: { 1: { enable: no, server: a.b, proxy: [x] } }",
	  "1:34: line 1: server takes a mapping; accepted: primary: { ... }\n"
	  "1:46: line 1: proxy takes a mapping; accepted: primary: { ... }\n" },
	{ "line: { 1: { enable: no, server: { primary: a.b } } }",
	  "1:36: line 1: server.primary.address: missing; accepted: " HOST "\n"
	  "1:45: line 1: server.primary: a mapping is expected; accepted: { KEY: VALUE, ... "
	  "}\n" },
	{ "line: { x: { enable: no } }", "1:9: 'x' is no line number; accepted: 1..1000000\n" },
	{ "line: { 1: { enable: no, server: { a b: { address: a.b } } } }",
	  "1:36: line 1: 'a b' is no name; accepted: primary, backup, other names of A-Z a-z 0-9 "
	  "_ -\n" },
	{ "line:\n  1: {}", "2:3: line 1: " NO_PRIMARY },
	{ "line: { 1: { server: {\n  backup: { address: a.b } } } }",
	  "2:3: line 1: server.backup: there is no primary server; set server.primary.address\n" },
	/* what YAML has and we have not */
	{ "stack: &x y\nsip_port: 0", "1:8: anchors (&) are not accepted\n"
				      "2:11: sip_port: '0' is out of range; accepted: 1..65535\n" },
	{ "stack: *x", "1:8: aliases (*) are not accepted\n" },
	{ "line: { 1: { enable: no, unavailable_codes: [*x, 503] } }",
	  "1:46: aliases (*) are not accepted\n" },
	{ "*x : y", "1:1: aliases (*) are not accepted\n" },
	{ "line: { 1: &a { enable: no }, 2: *a }",
	  "1:12: anchors (&) are not accepted\n"
	  "1:31: line 2: " NO_PRIMARY "1:34: aliases (*) are not accepted\n" },
	{ "sip_port: !!int 5060", "1:11: tags (!) are not accepted\n" },
	{ "line: !x { }", "1:7: tags (!) are not accepted\n" },
	{ "sip_port: 0\n---\nsip_port: 2\n",
	  "1:11: sip_port: '0' is out of range; accepted: 1..65535\n"
	  "2:1: only one document is accepted\n" },
	/* syntax */
	{ "- a", "1:1: a mapping is expected; accepted: KEY: VALUE\n" },
	{ "just text", "1:1: a mapping is expected; accepted: KEY: VALUE\n" },
	{ "sip_port: 0\n\tstack: x\n",
	  "2:1: YAML: found a tab character that violates indentation\n" },
	{ "sip_port: 0\nstack: x\n\n@", "1:11: sip_port: '0' is out of range; accepted: "
					"1..65535\n4:1: YAML: found character that "
					"cannot start any token\n" },
	{ "line: { 1: ", "2:1: YAML: did not find expected node content\n" },
	{ "x: [[[[[[[[[[[[[[[[[", "1:1: unknown key 'x'; accepted: " GLOBAL_KEYS
				  "\n1:19: nested too deeply; accepted: 16 levels\n" },
	/* null in all its spellings is no text */
	{ "line: { 1: { enable: no, user: ~ } }", "1:32: " NOT_TEXT },
	{ "line: { 1: { enable: no, user: null } }", "1:32: " NOT_TEXT },
	{ "line: { 1: { enable: no, auth_password: Null } }", "1:41: " NOT_TEXT },
	{ "line: { 1: { enable: no, domain: NULL } }", "1:34: " NOT_TEXT },
	{ "sip_port: ~", "1:11: " NOT_TEXT },
	{ "stack: null", "1:8: " NOT_TEXT },
	{ "accept_from: ~", "1:14: " NOT_TEXT },
	{ "line: { 1: { enable: no, unavailable_codes: [~, 500] } }", "1:46: " NOT_TEXT },
	{ "null: 1", "1:1: " NOT_TEXT },
	{ "line: { ~: { enable: no } }", "1:9: " NOT_TEXT },
	{ "line: { 1: { server: { null: { address: a.b } } } }",
	  "1:9: line 1: " NO_PRIMARY "1:24: " NOT_TEXT },
	{ "line: null", "1:7: line takes a mapping; accepted: 1: { ... }\n" },
	{ "line: { 1: ~ }",
	  "1:9: line 1: " NO_PRIMARY
	  "1:12: line 1: a mapping is expected; accepted: { KEY: VALUE, ... }\n" },
	/* what is not closed is told where it was opened */
	{ "line:\n 1: { enable: no },\n", "2:19: YAML: did not find expected key\n" },
	{ "line: {\n 1: { enable: no },\n 2: { enable: no\n\n",
	  "3:5: this is not closed up to line 5 of the file; expected: }\n" },
	{ "line:\n 1:\n  enable: no\n  unavailable_codes: [500,\n  503\n  jitter: 0\n",
	  "4:22: this is not closed up to line 6 of the file; expected: ]\n" },
	{ "line:\n 1:\n  enable: no\n  user: \"abc\n  jitter: 0\n",
	  "4:9: the string is not closed\n" },
	{ "line:\n 1:\n  enable: no\n  user: 'abc\n  jitter: 0\n",
	  "4:9: the string is not closed\n" },
	{ "line:\n 1:\n  enable: no\n  user: \"abc\n  realm: \"x\"\n",
	  "4:9: the string ends in line 5 of the file only; is its quote missing?\n" },
	{ "line: { 1: { enable: no, user: \"a, realm: \"x\" } }",
	  "1:44: YAML: did not find expected ',' or '}'\n" },
};
#define YAML_CASES (sizeof(yaml_cases) / sizeof(yaml_cases[0]))

static void check_errors(const char *suffix, const char *text, const char *errors)
{
	struct reading reading;
	char *expected = keys_in(errors);

	reading_of(&reading, suffix, text);
	ck_assert_str_eq(reading.errors, expected);
	ck_assert_int_eq(reading.result, FAILOVER_ERR_ARGUMENT);
	ck_assert_ptr_null(reading.config);
	free(expected);
}

START_TEST(conf_error_text_and_place)
{
	check_errors(".conf", conf_cases[_i].text, conf_cases[_i].errors);
}
END_TEST

START_TEST(yaml_error_text_and_place)
{
	check_errors(".yaml", yaml_cases[_i].text, yaml_cases[_i].errors);
}
END_TEST

/* The file and what is said of it lie side by side. */
static void check_data(const char *name)
{
	char path[1024], expected_name[128];
	struct reading reading;
	char *text, *expected;

	snprintf(expected_name, sizeof(expected_name), "%s.errors", name);
	text = text_of_file(data_path(expected_name, path, sizeof(path)));
	expected = keys_in(text);
	reading_of_data(&reading, name);
	ck_assert_str_eq(reading.errors, expected);
	ck_assert_int_eq(reading.result, FAILOVER_ERR_ARGUMENT);
	ck_assert_ptr_null(reading.config);
	free(expected);
	free(text);
}

START_TEST(all_errors_of_a_file_are_reported)
{
	check_data("many-errors.conf");
	check_data("many-errors.yaml");
}
END_TEST

/* ---- secrets ---- */

static const char *const leaks_conf[] = {
	"line 1 { auth_password = hunter2 hunter2 }",
	"line 1 { auth_password = x hunter2 = 3 }",
	"line 1 { auth_password = \"x\"hunter2 = 3 }",
	"line 1 { auth_password = x hunter2 { } }",
	"line 1 { auth_password = +hunter2 }",
	"line 1 { auth_password = \"hunter2\t\" }",
	"line 1 { auth_password = \"hunter2 }",
	"line 1 { auth_password = { hunter2, hunter2 } }",
	"line 1 { auth_password hunter2 }",
	"line 1 { auth_password = ${hunter2} }",
	"line 1 { auth_pasword = hunter2 }",
	"line 1 { auth_pasword = x hunter2 = y }",
	"line 1 { proxy primary { address = a.b password = 'x' hunter2 = \"\\hunter2\" } }",
	"line 1 { auth_password = hunter2, hunter2 }",
	"line 1 { auth_password += hunter2 }",
	"line 1 { auth_password = hunter2 auth_password = hunter2 }",
};

static const char *const leaks_yaml[] = {
	"line: { 1: { auth_password: x, hunter2 } }",
	"line: { 1: { auth_password: [hunter2, hunter2] } }",
	"line: { 1: { auth_password: { hunter2: hunter2 } } }",
	"line: { 1: { auth_password: \"hunter2\\n\" } }",
	"line: { 1: { auth_password: *hunter2 } }",
	"line: { 1: { auth_password: &hunter2 x } }",
	"line: { 1: { auth_password: !hunter2 x } }",
	"line: { 1: { auth_password: \"hunter2 } }",
	"line: { 1: { auth_pasword: x, hunter2: y } }",
	"line:\n  1:\n    auth_password: hunter2: hunter2\n",
	"line:\n  1:\n    auth_password: @hunter2\n",
	"line:\n  1:\n    auth_password: hunter2\n    auth_password: hunter2\n",
};

static void check_leak(const char *suffix, const char *text)
{
	struct reading reading;

	reading_of(&reading, suffix, text);
	ck_assert_int_eq(reading.result, FAILOVER_ERR_ARGUMENT);
	ck_assert_int_ge(reading.reports, 1);
	ck_assert_msg(!strstr(reading.errors, "hunter2"), "%s: %s", text, reading.errors);
}

START_TEST(conf_error_never_shows_a_password)
{
	check_leak(".conf", leaks_conf[_i]);
}
END_TEST

START_TEST(yaml_error_never_shows_a_password)
{
	check_leak(".yaml", leaks_yaml[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_errors");
	TCase *tcase = tcase_create("errors");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, conf_error_text_and_place, 0, (int)CONF_CASES);
	tcase_add_loop_test(tcase, yaml_error_text_and_place, 0, (int)YAML_CASES);
	tcase_add_test(tcase, all_errors_of_a_file_are_reported);
	tcase_add_loop_test(tcase, conf_error_never_shows_a_password, 0,
			    (int)(sizeof(leaks_conf) / sizeof(leaks_conf[0])));
	tcase_add_loop_test(tcase, yaml_error_never_shows_a_password, 0,
			    (int)(sizeof(leaks_yaml) / sizeof(leaks_yaml[0])));
	return suite_main(suite);
}
