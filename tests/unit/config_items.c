/* SPDX-License-Identifier: MIT */
/* The option table as a form sees it, values by path, errors by path and in Chinese. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "config_support.h"
#include "libfailover/config/value.h"

/* More than ASCII, so hardly English. */
static int is_chinese(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text >= 0xe4 && (unsigned char)*text <= 0xe9)
			return 1;
	}
	return 0;
}

static int is_group(const char *id)
{
	struct failover_config_group group = { .size = sizeof(group) };

	for (uint32_t n = 0; failover_config_group(n, &group) == FAILOVER_OK; n++) {
		if (strcmp(group.id, id) == 0)
			return 1;
	}
	return 0;
}

/* The help is a sentence in each language; the group is one that there is. */
START_TEST(every_row_has_both_languages_and_a_group)
{
	struct failover_config_item item = { .size = sizeof(item) };

	ck_assert_int_eq(failover_config_item((uint32_t)_i, &item), FAILOVER_OK);
	ck_assert_str_eq(item.key, fo_options[_i].key);
	ck_assert_ptr_nonnull(item.label);
	ck_assert_ptr_nonnull(item.help);
	ck_assert_msg(item.label_zh && is_chinese(item.label_zh), "%s", item.key);
	ck_assert_msg(item.help_zh && is_chinese(item.help_zh) &&
			      strstr(item.help_zh, "。") != NULL,
		      "%s", item.key);
	ck_assert_int_eq(item.unset != NULL, item.unset_zh != NULL);
	ck_assert_msg(item.group && is_group(item.group), "%s", item.key);
	ck_assert_int_eq(item.type == FAILOVER_CONFIG_CHOICE || item.type == FAILOVER_CONFIG_BOOL,
			 item.choices_count > 0 && item.type != FAILOVER_CONFIG_LIST);
	if (item.type == FAILOVER_CONFIG_NUMBER)
		ck_assert_uint_lt(item.minimum, item.maximum);
}
END_TEST

START_TEST(nothing_past_the_last)
{
	struct failover_config_item item = { .size = sizeof(item) };
	struct failover_config_group group = { .size = sizeof(group) };

	ck_assert_int_eq(failover_config_item((uint32_t)fo_options_count, &item),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_config_item(UINT32_MAX, &item), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_config_group(UINT32_MAX, &group), FAILOVER_ERR_ARGUMENT);
}
END_TEST

/* What a form shows for each, from the figures of S 3.2 and P 4.2. */
static const struct label_case {
	enum fo_scope scope;
	const char *key, *label, *label_zh;
	int backup;
} label_cases[] = {
	{ FO_LINE, "user", "Username", "用户名", 0 },
	{ FO_LINE, "display_name", "Display name", "显示名称", 0 },
	{ FO_LINE, "realm", "Realm", "认证域", 0 },
	{ FO_LINE, "auth_user", "Authentication User", "认证用户", 0 },
	{ FO_LINE, "auth_password", "Authentication Password", "认证密码", 0 },
	{ FO_LINE, "domain", "Server Name", "服务器名称", 0 },
	{ FO_SERVER, "address", "Server Address", "服务器地址", 0 },
	{ FO_SERVER, "port", "Server Port", "服务器端口", 0 },
	{ FO_SERVER, "transport", "Transport Protocol", "传输协议", 0 },
	{ FO_SERVER, "expires", "Registration Expiration", "注册有效期", 0 },
	{ FO_PROXY, "address", "SIP Proxy Server Address", "SIP代理服务器地址", 0 },
	{ FO_PROXY, "port", "SIP Proxy Server Port", "SIP代理服务器端口", 0 },
	{ FO_PROXY, "user", "Proxy User", "代理用户", 0 },
	{ FO_PROXY, "password", "Proxy Password", "代理密码", 0 },
	{ FO_PROXY, "address", "Backup Proxy Server Address", "备份代理服务器地址", 1 },
	{ FO_PROXY, "port", "Backup Proxy Server Port", "备份代理服务器端口", 1 },
	{ FO_LINE, "failback", "Enable Failback", "启用 Failback", 0 },
	{ FO_LINE, "failback_interval", "Failback Interval", "Failback 间隔", 0 },
	{ FO_LINE, "signal_failback", "Signal Failback", "信令 Failback", 0 },
	{ FO_LINE, "signal_retry_counts", "Signal Retry Counts", "信令重试次数", 0 },
};

START_TEST(labels_are_those_of_the_figures)
{
	const struct label_case *one = &label_cases[_i];
	struct failover_config_item item = { .size = sizeof(item) };
	int found = 0;

	for (uint32_t n = 0; failover_config_item(n, &item) == FAILOVER_OK; n++) {
		if (!(item.scopes & FO_IN(one->scope)) || strcmp(item.key, one->key) != 0)
			continue;
		ck_assert_str_eq(one->backup ? item.label_backup : item.label, one->label);
		ck_assert_str_eq(one->backup ? item.label_backup_zh : item.label_zh, one->label_zh);
		found++;
	}
	ck_assert_int_eq(found, 1);
}
END_TEST

START_TEST(choices_are_those_that_are_written)
{
	struct failover_config_item item = { .size = sizeof(item) };
	uint32_t n = (uint32_t)fo_option_index(fo_option_find(FO_SERVER, "transport"));

	ck_assert_int_eq(failover_config_item(n, &item), FAILOVER_OK);
	ck_assert_uint_eq(item.choices_count, 4);
	ck_assert_str_eq(item.choices[0], "udp");
	ck_assert_str_eq(item.choices[3], "auto");
	n = (uint32_t)fo_option_index(fo_option_find(FO_LINE, "failback"));
	item.size = sizeof(item);
	ck_assert_int_eq(failover_config_item(n, &item), FAILOVER_OK);
	ck_assert_uint_eq(item.choices_count, 2);
	ck_assert_str_eq(item.choices[0], "true");
	ck_assert_str_eq(item.choices[1], "false");
}
END_TEST

static const char example[] = "sip_port = 5080\n"
			      "profile = v2\n"
			      "line 2 { user = \"2002\" auth_password = geheim\n"
			      "  server primary { address = 192.0.2.1 }\n"
			      "  server third { address = c.example.net transport = tls }\n"
			      "  proxy primary { address = 2001:db8::1 port = 5070 }\n"
			      "  incoming_user = { \"a,b\", c }\n"
			      "  unavailable_codes = { 5xx } }\n";

static const struct get_case {
	const char *path, *value; /* NULL = there is none */
} get_cases[] = {
	{ "sip_port", "5080" },
	{ "profile", "v2" },
	{ "stack", "osip2" },
	{ "line.2.profile", "v2" },
	{ "line.2.user", "2002" },
	{ "line.2.auth_password", "set" },
	{ "line.2.realm", "" },
	{ "line.2.failback_interval", "1800" },
	{ "line.2.incoming_user", "a,b\nc" },
	{ "line.2.unavailable_codes", "5xx" },
	{ "line.2.server.primary.port", "" },
	{ "line.2.server.third.transport", "tls" },
	{ "line.2.proxy.primary.address", "2001:db8::1" },
	{ "line.2.proxy.primary.transport", "" },
	{ "line.2.proxy.primary.password", "" },
	{ "", NULL },
	{ ".", NULL },
	{ "line", NULL },
	{ "line.2", NULL },
	{ "line.2.", NULL },
	{ "line.02.user", NULL },
	{ "line.1.user", NULL },
	{ "line.0.user", NULL },
	{ "line.99999999999.user", NULL },
	{ "line.2.nothing", NULL },
	{ "line.2.address", NULL },
	{ "line.2.server", NULL },
	{ "line.2.server.primary", NULL },
	{ "line.2.server.backup.address", NULL },
	{ "line.2.server.primary.address.", NULL },
	{ "line.2.server.primary.address.more", NULL },
	{ "line.2.server..address", NULL },
	{ "line.2.line.2.user", NULL },
	{ "server.primary.address", NULL },
};

START_TEST(values_by_path)
{
	const struct get_case *one = &get_cases[_i];
	char text[FAILOVER_CONFIG_VALUE_SIZE] = "x";
	struct reading reading;

	reading_of(&reading, ".conf", example);
	ck_assert_str_eq(reading.errors, "");
	if (one->value) {
		ck_assert_int_eq(failover_config_get(reading.config, one->path, text, sizeof(text)),
				 0);
		ck_assert_str_eq(text, one->value);
	} else {
		ck_assert_int_eq(failover_config_get(reading.config, one->path, text, sizeof(text)),
				 FAILOVER_ERR_ARGUMENT);
	}
	reading_end(&reading);
}
END_TEST

START_TEST(a_value_that_does_not_fit)
{
	struct reading reading;
	char text[4];

	reading_of(&reading, ".conf", example);
	ck_assert_int_eq(failover_config_get(reading.config, "sip_port", text, sizeof(text)),
			 FAILOVER_ERR_FULL);
	ck_assert_str_eq(text, "");
	ck_assert_int_eq(failover_config_get(reading.config, "line.2.auth_password", text, 4), 0);
	ck_assert_int_eq(failover_config_get(reading.config, "sip_port", text, 0),
			 FAILOVER_ERR_ARGUMENT);
	reading_end(&reading);
}
END_TEST

START_TEST(a_revision_is_of_the_bytes)
{
	char path[128], first[17], second[17];
	FILE *file;

	scratch_path("revision.conf", path, sizeof(path));
	ck_assert_int_eq(failover_config_revision(path, first), FAILOVER_ERR_IO);
	ck_assert_str_eq(first, "");
	file = fopen(path, "w");
	fclose(file);
	ck_assert_int_eq(failover_config_revision(path, first), FAILOVER_OK);
	ck_assert_str_eq(first, "cbf29ce484222325");
	file = fopen(path, "w");
	fputs("sip_port = 5060\n", file);
	fclose(file);
	ck_assert_int_eq(failover_config_revision(path, second), FAILOVER_OK);
	ck_assert_str_ne(first, second);
	ck_assert_uint_eq(strlen(second), 16);
	remove(path);
}
END_TEST

/* ---- errors ---- */

static const struct fault_case {
	const char *text, *path, *text_zh;
} fault_cases[] = {
	{ "sip_port = 0", "sip_port", "SIP 端口：“0”超出范围；可接受：1..65535" },
	{ "line 1 { server primary { address = a.b port = 70000 } }", "line.1.server.primary.port",
	  "线路 1：SIP 服务器 1：服务器端口：“70000”超出范围；可接受：1..65535" },
	{ "line 3 { server primary { address = a.b }\nproxy backup { address = 'x y' } }",
	  "line.3.proxy.backup.address",
	  "线路 3：备份代理服务器：备份代理服务器地址：“x "
	  "y”不是地址；可接受：IPv4 地址、IPv6 地址、域名" },
	{ "line 1 { server primary { address = a.b } failback_interval = 0 }",
	  "line.1.failback_interval", "线路 1：Failback 间隔：“0”超出范围；可接受：1..86400 秒" },
	{ "line 1 { server primary { address = a.b } auth_password = \"a\tb\" }",
	  "line.1.auth_password",
	  "线路 1：认证密码：该值含有控制字符；可接受：不超过 255 字节的文本" },
	{ "line 1 { }", "line.1",
	  "线路 1：已启用，但没有主服务器；请填写 SIP 服务器 1 的服务器地址，或关闭“启用”" },
	{ "line 1 { enable = no server backup { address = a.b } }", "line.1.server.backup",
	  "线路 1：SIP 服务器 2：没有主服务器；请填写 SIP 服务器 1 的服务器地址" },
	{ "line 1 { enable = no t1 = 600 t2 = 500 }", "line.1.t2",
	  "线路 1：SIP 定时器 T2：小于定时器 T1；可接受：至少 600 毫秒" },
	{ "line 1 {", NULL, NULL },
};

struct first_fault {
	char path[128], text_zh[512];
	int count, has_path, has_text_zh;
};

static void first_fault(void *user, const struct failover_config_error *error)
{
	struct first_fault *fault = user;

	if (fault->count++)
		return;
	fault->has_path = error->path != NULL;
	fault->has_text_zh = error->text_zh != NULL;
	snprintf(fault->path, sizeof(fault->path), "%s", error->path ? error->path : "");
	snprintf(fault->text_zh, sizeof(fault->text_zh), "%s",
		 error->text_zh ? error->text_zh : "");
}

START_TEST(errors_say_where_and_in_chinese)
{
	const struct fault_case *one = &fault_cases[_i];
	struct first_fault fault = { .count = 0 };
	struct failover_config *config;
	char path[128];
	FILE *file = fopen(scratch_path("fault.conf", path, sizeof(path)), "w");

	fputs(one->text, file);
	fclose(file);
	ck_assert_int_eq(failover_config_read(path, first_fault, &fault, &config),
			 FAILOVER_ERR_ARGUMENT);
	remove(path);
	ck_assert_int_eq(fault.has_path, one->path != NULL);
	ck_assert_str_eq(fault.path, one->path ? one->path : "");
	ck_assert_str_eq(fault.text_zh, one->text_zh ? one->text_zh : "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_items");
	TCase *tcase = tcase_create("items");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, every_row_has_both_languages_and_a_group, 0,
			    (int)fo_options_count);
	tcase_add_test(tcase, nothing_past_the_last);
	tcase_add_loop_test(tcase, labels_are_those_of_the_figures, 0,
			    (int)(sizeof(label_cases) / sizeof(label_cases[0])));
	tcase_add_test(tcase, choices_are_those_that_are_written);
	tcase_add_loop_test(tcase, values_by_path, 0,
			    (int)(sizeof(get_cases) / sizeof(get_cases[0])));
	tcase_add_test(tcase, a_value_that_does_not_fit);
	tcase_add_test(tcase, a_revision_is_of_the_bytes);
	tcase_add_loop_test(tcase, errors_say_where_and_in_chinese, 0,
			    (int)(sizeof(fault_cases) / sizeof(fault_cases[0])));
	return suite_main(suite);
}
