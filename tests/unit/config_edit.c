/* SPDX-License-Identifier: MIT */
/* A file is changed in place: what is wanted, and nothing else. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "config_support.h"

#define CHANGES_MOST 8

struct edit_case {
	const char *suffix, *before;
	struct failover_config_change changes[CHANGES_MOST];
	const char *after; /* "!" and the errors: refused */
};

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static uint32_t count_of(const struct failover_config_change *changes)
{
	uint32_t count = 0;

	while (count < CHANGES_MOST && changes[count].path)
		count++;
	return count;
}

static void check_case(const struct edit_case *one)
{
	char name[64], path[128], *text;
	struct reading reading = { .result = 0 };
	bool good = one->after[0] != '!';
	struct failover_config *config;
	int error;

	snprintf(name, sizeof(name), "edit%s", one->suffix);
	scratch_path(name, path, sizeof(path));
	write_file(path, one->before);
	error = failover_config_edit(path, NULL, one->changes, count_of(one->changes),
				     reading_report, &reading, &config);
	text = text_of_file(path);
	unlink(path);
	ck_assert_str_eq(reading.errors, good ? "" : one->after + 1);
	ck_assert_str_eq(text, good ? one->after : one->before);
	ck_assert_int_eq(error == FAILOVER_OK, good);
	ck_assert_int_eq(config != NULL, good);
	failover_config_free(config);
	free(text);
}

#define CONF_LINE                                                                                  \
	"# The reception\n"                                                                        \
	"line 1 { // first\n"                                                                      \
	"\tuser = \"1001\"   # four digits\n"                                                      \
	"\tserver primary {\n"                                                                     \
	"\t\taddress = sip1.example.net\n"                                                         \
	"\t}\n"                                                                                    \
	"}\n"

static const struct edit_case conf_cases[] = {
	/* a value */
	{ ".conf",
	  CONF_LINE,
	  { { "line.1.user", "1002" } },
	  "# The reception\nline 1 { // first\n\tuser = \"1002\"   # four digits\n"
	  "\tserver primary {\n\t\taddress = sip1.example.net\n\t}\n}\n" },
	{ ".conf",
	  "sip_port=5070 /* odd */line 1 { enable = no }",
	  { { "sip_port", "5060" } },
	  "sip_port=5060 /* odd */line 1 { enable = no }" },
	{ ".conf", "tls_verify = yes\n", { { "tls_verify", "true" } }, "tls_verify = yes\n" },
	{ ".conf",
	  "line 1 { enable = no auth_password = 'old' }\n",
	  { { "line.1.auth_password", "a\"b\\c ${HOME} #31# 'x'" } },
	  "line 1 { enable = no auth_password = 'a\"b\\\\c ${HOME} #31# \\'x\\'' }\n" },
	{ ".conf",
	  "line 1 { enable = no unavailable_codes = {\n 408, # c\n 503 }\n}\n",
	  { { "line.1.unavailable_codes", "5xx,408" } },
	  "line 1 { enable = no unavailable_codes = { 408, 5xx }\n}\n" },
	{ ".conf",
	  "line 1 { enable = no }\n",
	  { { "line.1.incoming_user", "a,b\n\xe4\xb8\xad" } },
	  "line 1 { enable = no incoming_user = { \"a,b\", \"\xe4\xb8\xad\" } }\n" },
	/* a new item */
	{ ".conf",
	  CONF_LINE,
	  { { "line.1.failback_interval", "600" } },
	  "# The reception\nline 1 { // first\n\tuser = \"1001\"   # four digits\n"
	  "\tfailback_interval = 600\n"
	  "\tserver primary {\n\t\taddress = sip1.example.net\n\t}\n}\n" },
	{ ".conf", CONF_LINE, { { "sip_port", "5080" } }, "sip_port = 5080\n" CONF_LINE },
	{ ".conf",
	  "/* a\n# b\n*/\nline 1 { enable = no }\n",
	  { { "sip_port", "5080" } },
	  "/* a\n# b\n*/\nsip_port = 5080\nline 1 { enable = no }\n" },
	{ ".conf",
	  "stack = sim /* two\nlines */ # x\nprofile = v2",
	  { { "sip_port", "5080" } },
	  "stack = sim /* two\nlines */ # x\nprofile = v2\nsip_port = 5080\n" },
	{ ".conf", "", { { "sip_port", "5080" } }, "sip_port = 5080\n" },
	{ ".conf", "# empty", { { "sip_port", "5080" } }, "# empty\nsip_port = 5080\n" },
	{ ".conf",
	  "\xef\xbb\xbfline 1 { enable = no }",
	  { { "sip_port", "5080" } },
	  "\xef\xbb\xbfsip_port = 5080\nline 1 { enable = no }" },
	{ ".conf",
	  "line 1 { server primary { address = a.b } }\r\nstack = sim\r\n",
	  { { "sip_port", "5080" }, { "line.1.server.primary.port", "5070" } },
	  "line 1 { server primary { address = a.b port = 5070 } }\r\nstack = sim\r\n"
	  "sip_port = 5080\r\n" },
	/* a new section */
	{ ".conf",
	  CONF_LINE,
	  { { "line.1.server.backup.address", "192.0.2.7" },
	    { "line.1.server.backup.transport", "tcp" } },
	  "# The reception\nline 1 { // first\n\tuser = \"1001\"   # four digits\n"
	  "\tserver primary {\n\t\taddress = sip1.example.net\n\t}\n"
	  "\tserver backup {\n\t\taddress = \"192.0.2.7\"\n\t\ttransport = tcp\n\t}\n}\n" },
	{ ".conf",
	  "line 1 {\n  server primary { address = a.b }\n  # proxies: none\n}\n",
	  { { "line.1.server.backup.address", "192.0.2.7" } },
	  "line 1 {\n  server primary { address = a.b }\n"
	  "  server backup { address = \"192.0.2.7\" }\n  # proxies: none\n}\n" },
	{ ".conf",
	  "line 1 {\n  server primary {\n    address = a.b\n  }\n}\n",
	  { { "line.1.proxy.primary.address", "c.d" }, { "line.1.proxy.primary.port", "5070" } },
	  "line 1 {\n  server primary {\n    address = a.b\n  }\n"
	  "  proxy primary {\n    address = \"c.d\"\n    port = 5070\n  }\n}\n" },
	/* a new line */
	{ ".conf",
	  CONF_LINE,
	  { { "line.7", "new" },
	    { "line.7.user", "7" },
	    { "line.7.server.primary.address", "a.b" } },
	  CONF_LINE
	  "line 7 {\n\tuser = \"7\"\n\tserver primary {\n\t\taddress = \"a.b\"\n\t}\n}\n" },
	{ ".conf",
	  "",
	  { { "line.7", "new" }, { "line.7.server.primary.address", "a.b" } },
	  "line 7 {\n\tserver primary {\n\t\taddress = \"a.b\"\n\t}\n}\n" },
	/* less */
	{ ".conf",
	  CONF_LINE,
	  { { "line.1.user", NULL } },
	  "# The reception\nline 1 { // first\n"
	  "\tserver primary {\n\t\taddress = sip1.example.net\n\t}\n}\n" },
	{ ".conf",
	  "line 1 { enable = no user = a realm = b }\n",
	  { { "line.1.user", NULL }, { "line.1.realm", NULL } },
	  "line 1 { enable = no }\n" },
	{ ".conf",
	  "line 1 {\n\tserver primary { address = a.b }\n\tserver backup { address = c.d } # "
	  "x\n}\n",
	  { { "line.1.server.backup", NULL } },
	  "line 1 {\n\tserver primary { address = a.b }\n}\n" },
	{ ".conf",
	  "line 2 { enable = no } # two\nline 1 { enable = no }\n",
	  { { "line.2", NULL } },
	  "line 1 { enable = no }\n" },
	{ ".conf", CONF_LINE, { { "line.1.realm", NULL }, { "sip_port", NULL } }, CONF_LINE },
	/* one goes and another comes */
	{ ".conf",
	  "line 1 { server primary { address = a.b } server backup { address = c.d port = 1 } }\n",
	  { { "line.1.server.backup", NULL }, { "line.1.server.backup.address", "e.f" } },
	  "line 1 { server primary { address = a.b } server backup { address = \"e.f\" } }\n" },
	/* refused */
	{ ".conf",
	  CONF_LINE,
	  { { "sip_port", "0" }, { "line.1.failback_interval", "x" }, { "line.2.user", "a" } },
	  "!"
	  "sip_port: '0' is out of range; accepted: 1..65535\n"
	  "line 1: failback_interval: 'x' is not a decimal number; accepted: 1..86400 s\n"
	  "there is no such line\n" },
	{ ".conf",
	  CONF_LINE,
	  { { "line.1.server.primary", NULL } },
	  "!"
	  "2: line 1: enabled without a primary server; set server.primary.address, or enable to "
	  "false\n" },
	{ ".conf",
	  CONF_LINE,
	  { { "line.1.server.primary.address", NULL } },
	  "!"
	  "4: line 1: server.primary.address: missing; accepted: IPv4 address, IPv6 address, "
	  "domain name\n" },
	{ ".conf",
	  CONF_LINE,
	  { { "sip_port", "5080\nstack = x" } },
	  "!"
	  "sip_port: '5080?stack = x' is not a decimal number; accepted: 1..65535\n" },
	{ ".conf",
	  CONF_LINE,
	  { { "line.1.user", "a\nb" } },
	  "!"
	  "line 1: user: 'a?b' has a control character; accepted: text of at most 255 bytes\n" },
	{ ".conf",
	  CONF_LINE,
	  { { "line.1", "new" } },
	  "!"
	  "there is such a line already\n" },
	{ ".conf",
	  CONF_LINE,
	  { { "line.1.server.backup", "x" } },
	  "!"
	  "a section takes no value\n" },
	{ ".conf",
	  CONF_LINE,
	  { { "nothing", "x" } },
	  "!"
	  "there is no such item\n" },
	{ ".conf",
	  "sip_port = 0\n",
	  { { "stack", "x" } },
	  "!"
	  "1: sip_port: '0' is out of range; accepted: 1..65535\n" },
};

START_TEST(a_conf_file_in_place)
{
	check_case(&conf_cases[_i]);
}
END_TEST

#define YAML_LINE                                                                                  \
	"# phone\n"                                                                                \
	"line:\n"                                                                                  \
	"  1: # reception\n"                                                                       \
	"    user: '1001'   # four digits\n"                                                       \
	"    server:\n"                                                                            \
	"      primary: { address: sip1.example.net }\n"

static const struct edit_case yaml_cases[] = {
	/* a value */
	{ ".yaml",
	  YAML_LINE,
	  { { "line.1.user", "1002" } },
	  "# phone\nline:\n  1: # reception\n    user: \"1002\"   # four digits\n"
	  "    server:\n      primary: { address: sip1.example.net }\n" },
	{ ".yaml",
	  YAML_LINE,
	  { { "line.1.server.primary.address", "sip2.example.net" } },
	  "# phone\nline:\n  1: # reception\n    user: '1001'   # four digits\n"
	  "    server:\n      primary: { address: sip2.example.net }\n" },
	{ ".yaml",
	  "line:\n  1:\n    enable: no\n    user: 1001\n",
	  { { "line.1.user", "no" } },
	  "line:\n  1:\n    enable: no\n    user: \"no\"\n" },
	{ ".yaml",
	  "line: { 1: { enable: no, user: x } }\n",
	  { { "line.1.user", "1e3" } },
	  "line: { 1: { enable: no, user: \"1e3\" } }\n" },
	{ ".yaml",
	  "line: { 1: { enable: no, user: , realm: a } }\n",
	  { { "line.1.user", "#31#" } },
	  "line: { 1: { enable: no, user: \"#31#\", realm: a } }\n" },
	{ ".yaml",
	  "line:\n  1:\n    enable: no\n    user:\n    realm: a\n",
	  { { "line.1.user", "null" } },
	  "line:\n  1:\n    enable: no\n    user: \"null\"\n    realm: a\n" },
	{ ".yaml",
	  "line:\n  1:\n    enable: no\n    display_name: \"\xe4\xb8\xad\" # \xe6\x96\x87\n",
	  { { "line.1.display_name", "a: \xe5\xb0\x8f \"\\\" {}, #" } },
	  "line:\n  1:\n    enable: no\n    display_name: \"a: \xe5\xb0\x8f \\\"\\\\\\\" {}, #\" # "
	  "\xe6\x96\x87\n" },
	{ ".yaml",
	  "line:\n  1:\n    enable: no\n    user: |- # why\n      a\n\n    realm: b\n",
	  { { "line.1.user", "c" } },
	  "line:\n  1:\n    enable: no\n    user: c # why\n\n    realm: b\n" },
	{ ".yaml",
	  "line:\n  1:\n    enable: no\n    display_name: one\n      two\n    realm: b\n",
	  { { "line.1.display_name", "x" } },
	  "line:\n  1:\n    enable: no\n    display_name: x\n    realm: b\n" },
	{ ".yaml",
	  "line:\n  1:\n    enable: no\n    unavailable_codes: [408, # c\n      503]\n",
	  { { "line.1.unavailable_codes", "5xx" } },
	  "line:\n  1:\n    enable: no\n    unavailable_codes: [5xx]\n" },
	{ ".yaml",
	  "line:\n  1:\n    enable: no\n    unavailable_codes:\n      - 408\n      - 503\n    t1: "
	  "600\n",
	  { { "line.1.unavailable_codes", "5xx" } },
	  "line:\n  1:\n    enable: no\n    unavailable_codes: [5xx]\n    t1: 600\n" },
	/* a new item */
	{ ".yaml",
	  YAML_LINE,
	  { { "line.1.failback_interval", "600" }, { "sip_port", "5080" } },
	  "sip_port: 5080\n# phone\nline:\n  1: # reception\n    user: '1001'   # four digits\n"
	  "    failback_interval: 600\n"
	  "    server:\n      primary: { address: sip1.example.net }\n" },
	{ ".yaml",
	  "line:\n  1:\n    server: {primary: {address: a.b}}",
	  { { "line.1.realm", "x" }, { "line.1.server.primary.port", "5070" } },
	  "line:\n  1:\n    realm: \"x\"\n    server: {primary: {address: a.b, port: 5070}}" },
	{ ".yaml", "", { { "sip_port", "5080" } }, "sip_port: 5080\n" },
	{ ".yaml", "# x", { { "sip_port", "5080" } }, "# x\nsip_port: 5080\n" },
	{ ".yaml", "{}\n", { { "sip_port", "5080" } }, "{ sip_port: 5080 }\n" },
	{ ".yaml",
	  "stack: sim\r\n",
	  { { "sip_port", "5080" } },
	  "stack: sim\r\nsip_port: 5080\r\n" },
	/* a new section */
	{ ".yaml",
	  YAML_LINE,
	  { { "line.1.server.backup.address", "192.0.2.7" }, { "line.1.server.backup.port", "7" } },
	  YAML_LINE "      backup: { address: \"192.0.2.7\", port: 7 }\n" },
	{ ".yaml",
	  "line:\n  1:\n      server:\n          primary:\n              address: a.b\n",
	  { { "line.1.server.backup.address", "c.d" }, { "line.1.proxy.primary.address", "e.f" } },
	  "line:\n  1:\n      server:\n          primary:\n              address: a.b\n"
	  "          backup:\n            address: c.d\n"
	  "      proxy:\n        primary:\n          address: e.f\n" },
	{ ".yaml",
	  "line: { 1: { server: { primary: { address: a.b } } } }\n",
	  { { "line.1.server.backup.address", "c.d" },
	    { "line.1.proxy.primary.address", "e.f" },
	    { "line.2", "new" },
	    { "line.2.enable", "false" } },
	  "line: { 1: { server: { primary: { address: a.b }, backup: { address: c.d } }, proxy: { "
	  "primary: { address: e.f } } }, 2: { enable: false } }\n" },
	{ ".yaml",
	  YAML_LINE "# end\n",
	  { { "line.7", "new" }, { "line.7.server.primary.address", "a.b" } },
	  YAML_LINE "  7:\n    server:\n      primary:\n        address: a.b\n# end\n" },
	{ ".yaml",
	  "sip_port: 5080\n",
	  { { "line.7", "new" }, { "line.7.enable", "false" } },
	  "sip_port: 5080\nline:\n  7:\n    enable: false\n" },
	/* less */
	{ ".yaml",
	  YAML_LINE,
	  { { "line.1.user", NULL } },
	  "# phone\nline:\n  1: # reception\n"
	  "    server:\n      primary: { address: sip1.example.net }\n" },
	{ ".yaml",
	  "line: { 1: { enable: no, # c\n   user: a,\n   realm: b } }\n",
	  { { "line.1.realm", NULL }, { "line.1.user", NULL } },
	  "line: { 1: { enable: no # c\n } }\n" },
	{ ".yaml",
	  "line: { 1: { user: a , enable: no, } }\n",
	  { { "line.1.user", NULL } },
	  "line: { 1: { enable: no, } }\n" },
	{ ".yaml",
	  "line:\n  1:\n    server:\n      primary: { address: a.b }\n      backup:\n"
	  "        address: c.d\n        port: 5070 # p\n  2: { enable: no }\n",
	  { { "line.1.server.backup", NULL }, { "line.2", NULL } },
	  "line:\n  1:\n    server:\n      primary: { address: a.b }\n" },
	{ ".yaml",
	  "line:\n  1:\n    server: { primary: { address: a.b } }\n    proxy:\n"
	  "      primary:\n        address: c.d\n",
	  { { "line.1.proxy.primary", NULL } },
	  "line:\n  1:\n    server: { primary: { address: a.b } }\n" },
	{ ".yaml", "sip_port: 5080\n", { { "sip_port", NULL } }, "" },
	/* refused */
	{ ".yaml",
	  YAML_LINE,
	  { { "line.1.server.backup.port", "70000" } },
	  "!"
	  "line 1: server.backup.port: '70000' is out of range; accepted: 1..65535\n"
	  "line 1: server.backup.address: missing; accepted: IPv4 address, IPv6 address, domain "
	  "name\n" },
	{ ".yaml",
	  "? sip_port\n: 5080\n",
	  { { "sip_port", NULL } },
	  "!"
	  "the file is written in a way that cannot be changed in place\n" },
};

START_TEST(a_yaml_file_in_place)
{
	check_case(&yaml_cases[_i]);
}
END_TEST

/* Without a file: what the changes say, and all else at its default. */
START_TEST(a_configuration_of_changes_alone)
{
	static const struct failover_config_change changes[] = {
		{ "reg_fail_interval", "60" },
		{ "line.2", "new" },
		{ "line.2.server.backup.address", "c.d" },
		{ "line.2.server.primary.address", "a.b" },
		{ "line.2.incoming_user", "x,y\nz" },
	};
	struct reading reading = { .result = 0 }, read;
	struct failover_config *config;

	ck_assert_int_eq(failover_config_make(changes, 5, reading_report, &reading, &config), 0);
	reading_of(&read, ".conf",
		   "reg_fail_interval = 60 line 2 { incoming_user = { 'x,y', z }\n"
		   "server primary { address = a.b } server backup { address = c.d } }");
	ck_assert_str_eq(read.errors, "");
	ck_assert(failover_config_global_equal(config, read.config));
	ck_assert_uint_eq(config->lines_count, 1);
	ck_assert_uint_eq(config->lines[0]->number, 2);
	ck_assert(failover_config_line_equal(config->lines[0], read.config->lines[0]));
	failover_config_free(config);
	reading_end(&read);
	ck_assert_int_eq(failover_config_make(changes, 3, reading_report, &reading, &config),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_ptr_null(config);
	ck_assert_str_eq(reading.errors, "line 2: server.backup: there is no primary server; set "
					 "server.primary.address\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_edit");
	TCase *tcase = tcase_create("edit");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, a_conf_file_in_place, 0,
			    (int)(sizeof(conf_cases) / sizeof(conf_cases[0])));
	tcase_add_test(tcase, a_configuration_of_changes_alone);
	tcase_add_loop_test(tcase, a_yaml_file_in_place, 0,
			    (int)(sizeof(yaml_cases) / sizeof(yaml_cases[0])));
	return suite_main(suite);
}
