/* SPDX-License-Identifier: MIT */
/* A phone's own text: what it means, and that nothing of it is lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "config_support.h"
#include "libfailover/config/value.h"

#define HEADER "<<VOIP CONFIG FILE>>Version:2.0000000000                      "

/* Modules that we do not know, blanks, a key that is wider than its column, one that comes again.
 */
static const char whole[] = HEADER "\n"
				   "\n"
				   "<NET CONFIG MODULE>\n"
				   "WAN TYPE           :0\n"
				   "SIP1 Register Addr :not here\n"
				   "--WIFI Config--    :\n"
				   "WAN TYPE           :1\n"
				   "\n"
				   "<SIP CONFIG MODULE>\n"
				   "SIP  Port          :5080\n"
				   "Reg Fail Interval  :64\n"
				   "Enable Group Backup:0\n"
				   "--SIP Line List--  :\n"
				   "SIP1 Phone Number       :1001\n"
				   "SIP1 Register Addr      :192.0.2.1\n"
				   "SIP1 Register Port      :5062\n"
				   "SIP1 Register User      :\n"
				   "SIP1 Register Pswd      :a:b: c \n"
				   "SIP1 Register TTL       :600\n"
				   "SIP1 Backup Addr        :sip2.example.net\n"
				   "SIP1 Backup Port        :5061\n"
				   "SIP1 Backup Transport   :2\n"
				   "SIP1 Backup TTL         :3600\n"
				   "SIP1 Enable Reg         :1\n"
				   "SIP1 Backup Mode        :1\n"
				   "SIP1 Enable Failback    :1\n"
				   "SIP1 Failback Interval  :900\n"
				   "SIP1 Signal Retry Counts:5\n"
				   "SIP1 BakProxy Need Reg On:0\n"
				   "SIP1 NAT UDPUpdate      :1\n"
				   "SIP1 Session Timer T1   :250\n"
				   "SIP1 Transport          :0\n"
				   "SIP1 Record Start       :Record:on\n"
				   "SIP1 Phone Number       :again\n"
				   "no colon at all\n"
				   "\n"
				   "<AFTER CONFIG MODULE>\n"
				   "SIP1 Phone Number       :elsewhere\n"
				   "<<END OF FILE>>\n"
				   "SIP1 Phone Number       :behind the end\n";

static const char old[] = "SIP1 Phone Number  :1001\r\n"
			  "SIP1 Register Addr :192.0.2.1\r\n"
			  "SIP1 Register TTL  :300\r\n"
			  "SIP1 Enable Reg    :1\r\n"
			  "SIP1 Proxy Port    :5060\r\n"
			  "SIP1 BakProxy Addr :\r\n"
			  "SIP1 BakProxy Port :5060\r\n"
			  "SIP1 Enable Failbac:0\r\n"
			  "SIP1 Signal Retry C:7\r\n"
			  "SIP1 NoAnswer FWD N:";

#ifdef FO_WITH_XML
static const char xml[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
	"<!-- as it came -->\r\n"
	"<sysConf>\r\n"
	"    <Version>2.0000000000</Version>\r\n"
	"    <net><SIPPort>1</SIPPort></net>\r\n"
	"    <sip a='b'>\r\n"
	"        <SIPPort>5080</SIPPort>\r\n"
	"        <RegFailInterval>64</RegFailInterval>\r\n"
	"        <EnableGroupBackup>1</EnableGroupBackup>\r\n"
	"        <line index=\"1\">\r\n"
	"            <PhoneNumber>1001</PhoneNumber>\r\n"
	"            <RegisterAddr>192.0.2.1</RegisterAddr>\r\n"
	"            <RegisterPswd>a&amp;b&#60;&#x20ac;&quot; </RegisterPswd>\r\n"
	"            <RegisterUser/>\r\n"
	"            <RegisterTTL>600</RegisterTTL>\r\n"
	"            <EnableReg>1</EnableReg>\r\n"
	"            <BackupAddr>sip2.example.net</BackupAddr>\r\n"
	"            <BackupTransport>2</BackupTransport>\r\n"
	"            <DisplayName><![CDATA[x]]></DisplayName>\r\n"
	"            <Unknown><RegisterAddr>deeper</RegisterAddr></Unknown>\r\n"
	"            <RegisterTTL>700</RegisterTTL>\r\n"
	"        </line>\r\n"
	"        <line index=\"x\"><RegisterAddr>no number</RegisterAddr></line>\r\n"
	"    </sip>\r\n"
	"</sysConf>\r\n";
#endif

static const char *const suffixes[] = { ".txt", ".xml" };
#ifdef FO_WITH_XML
#define FORMATS 2
#else
#define FORMATS 1
#endif

static const char *const documents[] = {
	/* The first one counts, also if it is empty. */
	"SIP1 Register Addr :192.0.2.1\nSIP1 Enable Reg    :\nSIP1 Enable Reg    :1\n"
	"SIP1 Backup Addr   :a.b\nSIP1 Backup Transport :\nSIP1 Backup Transport :2\n"
	"SIP1 Backup Port   :\nSIP1 Backup Port   :5070\n",
	whole,
	old,
#ifdef FO_WITH_XML
	xml,
	"<sysConf/>",
	"<sysConf><sip><line index='2'/><line index='3'></line></sip></sysConf>",
#endif
	"",
	"\n",
	HEADER "\r\n\r\n<SIP CONFIG MODULE>\r\n<<END OF FILE>>\r\n",
	HEADER "\n<NET CONFIG MODULE>\nA:b\n",
	"SIP1 Register Addr :\nSIP1 Enable Reg    :0\nSIP2 Transport     :3\r\nSIP2 Caf\xe9: "
	"\xff\n",
	"SIP1 Enable Reg    :1\nSIP1 Register Addr :\n",
	"Reg Fail Interval  :06\nReg Fail Interval  :32\n<SIP CONFIG MODULE>\nSIP  Port   :5070\n"
	"SIP  Port:5060\n",
	"SIP1 Backup TTL\t:\n:\n::\nSIP :x\nSIP0 Phone Number:1\nSIPx Phone Number:1\n",
};

static char *written(const struct failover_config *config, const char *base, const char *suffix,
		     char *path, size_t size)
{
	char base_path[128], name[32];

	snprintf(name, sizeof(name), "out%s", suffix);
	scratch_path(name, path, size);
	snprintf(name, sizeof(name), "base%s", suffix);
	scratch_path(name, base_path, sizeof(base_path));
	if (base) {
		FILE *file = fopen(base_path, "w");

		ck_assert_ptr_nonnull(file);
		fputs(base, file);
		ck_assert_int_eq(fclose(file), 0);
	}
	ck_assert_int_eq(
		failover_config_write_onto(config, base ? base_path : NULL, path, NULL, NULL),
		FAILOVER_OK);
	unlink(base_path);
	return text_of_file(path);
}

/* Read, and written onto itself: the same bytes. Also by way of our own formats. */
START_TEST(round_trip_is_equal_in_every_byte)
{
	static const char *const ways[] = { NULL, ".conf", ".yaml" };
	const char *text = documents[_i],
		   *suffix = text[0] == '<' && text[1] != '<' ? ".xml" : ".txt";

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct reading reading;
		char path[128], way[128], name[32], *out;

		reading_of(&reading, suffix, text);
		ck_assert_int_eq(reading.result, FAILOVER_OK);
		if (ways[i]) {
			snprintf(name, sizeof(name), "way%s", ways[i]);
			scratch_path(name, way, sizeof(way));
			ck_assert_int_eq(failover_config_write(reading.config, way, NULL, NULL), 0);
			reading_end(&reading);
			ck_assert_int_eq(failover_config_read(way, NULL, NULL, &reading.config), 0);
			unlink(way);
		}
		out = written(reading.config, text, suffix, path, sizeof(path));
		ck_assert_str_eq(out, text);
		unlink(path);
		free(out);
		reading_end(&reading);
	}
}
END_TEST

START_TEST(text_means_what_it_says)
{
	const struct failover_config_line *line;
	struct reading reading;

	reading_of(&reading, ".txt", whole);
	ck_assert_str_eq(reading.errors, "25: note: 'Backup Mode' is set; its meaning is not "
					 "published, so it has no effect here\n");
	ck_assert_uint_eq(reading.config->sip_port, 5080);
	ck_assert_uint_eq(reading.config->reg_fail_interval_s, 64);
	ck_assert_uint_eq(reading.config->lines_count, 1);
	line = reading.config->lines[0];
	ck_assert_uint_eq(line->enable, 1);
	ck_assert_str_eq(line->user, "1001");
	ck_assert_str_eq(line->auth_password, "a:b: c ");
	ck_assert_uint_eq(line->servers_count, 2);
	ck_assert_str_eq(line->servers[0].address, "192.0.2.1");
	ck_assert_uint_eq(line->servers[0].port, 5062);
	ck_assert_uint_eq(line->servers[0].expires_s, 600);
	ck_assert_str_eq(line->servers[1].address, "sip2.example.net");
	ck_assert_uint_eq(line->servers[1].transport, FAILOVER_TLS);
	ck_assert_uint_eq(line->settings.failback_interval_s, 900);
	ck_assert_uint_eq(line->settings.signal_retry_counts, 5);
	ck_assert_uint_eq(line->settings.keepalive, FAILOVER_KEEPALIVE_CRLF);
	ck_assert_uint_eq(line->settings.t1_ms, 250);
	ck_assert_uint_eq(line->settings.reg_fail_interval_s, 64);
	reading_end(&reading);
}
END_TEST

#ifdef FO_WITH_XML
START_TEST(xml_means_what_it_says)
{
	const struct failover_config_line *line;
	struct reading reading;

	reading_of(&reading, ".xml", xml);
	ck_assert_str_eq(reading.errors,
			 "9: note: 'Enable Group Backup' is set; its meaning is not "
			 "published, so it has no effect here\n");
	ck_assert_uint_eq(reading.config->sip_port, 5080);
	ck_assert_uint_eq(reading.config->reg_fail_interval_s, 64);
	ck_assert_uint_eq(reading.config->lines_count, 1);
	line = reading.config->lines[0];
	ck_assert_uint_eq(line->enable, 1);
	ck_assert_str_eq(line->auth_password, "a&b<\342\202\254\" ");
	ck_assert_str_eq(line->auth_user, "");
	ck_assert_str_eq(line->display_name, "");
	ck_assert_str_eq(line->servers[0].address, "192.0.2.1");
	ck_assert_uint_eq(line->servers[0].expires_s, 600);
	ck_assert_uint_eq(line->servers[1].transport, FAILOVER_TLS);
	reading_end(&reading);
}
END_TEST

START_TEST(change_of_xml_touches_its_element_alone)
{
	struct failover_config_line *line;
	struct reading reading, again = { .reports = 0 };
	char path[128], *out;

	reading_of(&reading, ".xml", xml);
	line = reading.config->lines[0];
	free(line->auth_user);
	line->auth_user = strdup("<&>");
	line->settings.failback_interval_s = 60;
	line->servers[1].transport = FAILOVER_TCP;
	out = written(reading.config, xml, ".xml", path, sizeof(path));
	ck_assert_ptr_nonnull(strstr(out, "<RegisterUser>&lt;&amp;&gt;</RegisterUser>\r\n"));
	ck_assert_ptr_nonnull(strstr(out, "<BackupTransport>1</BackupTransport>\r\n"));
	ck_assert_ptr_nonnull(strstr(out, "            <RegisterTTL>700</RegisterTTL>\r\n"
					  "            <FailbackInterval>60</FailbackInterval>\r\n"
					  "        </line>\r\n"
					  "        <line index=\"x\">"));
	again.result = failover_config_read(path, NULL, NULL, &again.config);
	ck_assert_int_eq(again.result, FAILOVER_OK);
	ck_assert(failover_config_line_equal(line, again.config->lines[0]));
	reading_end(&again);
	unlink(path);
	free(out);
	reading_end(&reading);
}
END_TEST

START_TEST(line_that_xml_lacks_is_added)
{
	struct reading reading, again = { .reports = 0 };
	char path[128], *out;

	reading_of(&reading, ".conf",
		   "sip_port = 5080 reg_fail_interval = 64\n"
		   "line 5 { user = 'a&b' server primary { address = 192.0.2.5 "
		   "port = 5060 } }");
	out = written(reading.config, xml, ".xml", path, sizeof(path));
	ck_assert_ptr_nonnull(strstr(out, "</line>\r\n        <line index=\"5\">\r\n"));
	ck_assert_ptr_nonnull(strstr(out, "            <PhoneNumber>a&amp;b</PhoneNumber>\r\n"));
	ck_assert_ptr_nonnull(strstr(out, "        </line>\r\n    </sip>\r\n</sysConf>\r\n"));
	again.result = failover_config_read(path, NULL, NULL, &again.config);
	ck_assert_int_eq(again.result, FAILOVER_OK);
	ck_assert_uint_eq(again.config->lines_count, 2);
	ck_assert(failover_config_line_equal(reading.config->lines[0], again.config->lines[1]));
	reading_end(&again);
	unlink(path);
	free(out);
	reading_end(&reading);
}
END_TEST

static const struct {
	const char *text, *errors;
} wrong_xml[] = {
	{ "", "1:1: XML: no element found\n" },
	{ "<sysConf>\n<sip>\n</net></sysConf>", "3:3: XML: mismatched tag\n" },
	{ "<config/>", "1:1: this is no phone's configuration; accepted: <sysConf>\n" },
	{ "<!DOCTYPE sysConf [<!ENTITY a 'b'>]>\n<sysConf>&a;</sysConf>",
	  "1:19: a DOCTYPE is not accepted\n" },
	{ "<sysConf>&a;</sysConf>", "1:10: XML: undefined entity\n" },
	{ "<sysConf>\n\xff</sysConf>", "2:1: XML: not well-formed (invalid token)\n" },
	{ "<sysConf><sip><line index='1'>\n <RegisterPort>0</RegisterPort></line></sip></sysConf>",
	  "2:16: line 1: server.primary.port: '0' is out of range; accepted: 1..65535\n" },
};

START_TEST(wrong_xml_is_told_with_its_place)
{
	struct reading reading;

	reading_of(&reading, ".xml", wrong_xml[_i].text);
	ck_assert_int_eq(reading.result, FAILOVER_ERR_ARGUMENT);
	ck_assert_str_eq(reading.errors, wrong_xml[_i].errors);
}
END_TEST

START_TEST(xml_without_end_is_bounded)
{
	size_t length = 9 * 200000, i;
	struct reading reading;
	char *text = malloc(length + 1);

	ck_assert_ptr_nonnull(text);
	for (i = 0; i < length; i += 9)
		memcpy(text + i, "<sysConf>", 9);
	text[length] = '\0';
	reading_of(&reading, ".xml", text);
	ck_assert_int_eq(reading.result, FAILOVER_ERR_ARGUMENT);
	ck_assert_str_eq(reading.errors, "1:577: nested too deeply; accepted: 64 levels\n");
	free(text);
}
END_TEST
#endif

START_TEST(keys_that_old_phones_cut_are_known)
{
	const struct failover_config_line *line;
	struct reading reading;

	reading_of(&reading, ".txt", old);
	ck_assert_str_eq(reading.errors, "");
	line = reading.config->lines[0];
	ck_assert_uint_eq(line->settings.failback, 0);
	ck_assert_uint_eq(line->settings.signal_retry_counts, 7);
	ck_assert_uint_eq(line->servers[0].expires_s, 300);
	ck_assert_uint_eq(line->proxies_count, 0);
	reading_end(&reading);
}
END_TEST

/* A line that the phone does not register is switched off, as the phone has it. */
START_TEST(line_without_enable_is_off)
{
	struct reading reading;

	reading_of(&reading, ".txt", "SIP3 Register Addr :a.b\n");
	ck_assert_str_eq(reading.errors, "");
	ck_assert_uint_eq(reading.config->lines[0]->number, 3);
	ck_assert_uint_eq(reading.config->lines[0]->enable, 0);
	reading_end(&reading);
}
END_TEST

/* Only what is changed changes, in its place; TLS is written as 3. */
START_TEST(change_touches_its_value_alone)
{
	struct failover_config_line *line;
	struct reading reading;
	char path[128], *out, *expected = strdup(whole), *at;

	reading_of(&reading, ".txt", whole);
	line = reading.config->lines[0];
	line->settings.signal_retry_counts = 6;
	line->servers[0].transport = FAILOVER_TLS;
	out = written(reading.config, whole, ".txt", path, sizeof(path));
	at = strstr(expected, "Signal Retry Counts:5");
	at[strlen("Signal Retry Counts:")] = '6';
	at = strstr(expected, "SIP1 Transport          :0");
	at[strlen("SIP1 Transport          :")] = '3';
	ck_assert_str_eq(out, expected);
	unlink(path);
	free(out);
	free(expected);
	reading_end(&reading);
}
END_TEST

/* A key that the phone's file lacks, and a line that it lacks, come at the end of the SIP module.
 */
START_TEST(missing_keys_are_added_to_the_module)
{
	static const char base[] =
		HEADER "\r\n<SIP CONFIG MODULE>\r\nSIP1 Enable Reg         :0\r\n"
		       "\r\n<X CONFIG MODULE>\r\nA:b\r\n<<END OF FILE>>\r\n";
	struct reading reading, again;
	char path[128], *out;

	reading_of(&reading, ".conf",
		   "line 1 { enable = no user = 1001 failback_interval = 60 }\n"
		   "line 2 { user = 1002 server primary { address = 192.0.2.1 transport = tls } }");
	out = written(reading.config, base, ".txt", path, sizeof(path));
	ck_assert_ptr_nonnull(strstr(out, "SIP1 Enable Reg         :0\r\n"
					  "SIP1 Phone Number       :1001\r\n"
					  "SIP1 Failback Interval  :60\r\n"
					  "SIP2 Enable Reg         :1\r\n"));
	ck_assert_ptr_nonnull(strstr(out, "SIP2 Register Port      :5061\r\n"));
	ck_assert_ptr_nonnull(strstr(out, "SIP2 Transport          :3\r\n"));
	ck_assert_ptr_nonnull(
		strstr(out, "\r\n\r\n<X CONFIG MODULE>\r\nA:b\r\n<<END OF FILE>>\r\n"));
	again.config = NULL;
	ck_assert_int_eq(failover_config_read(path, NULL, NULL, &again.config), FAILOVER_OK);
	ck_assert_uint_eq(again.config->lines_count, 2);
	ck_assert_str_eq(again.config->lines[1]->user, "1002");
	ck_assert_uint_eq(again.config->lines[0]->settings.failback_interval_s, 60);
	failover_config_free(again.config);
	unlink(path);
	free(out);
	reading_end(&reading);
}
END_TEST

START_TEST(new_file_holds_the_configuration)
{
	static const char conf[] =
		"reg_fail_interval = 60 sip_port = 5070 line 7 { user = 1007 auth_password = 'x:y' "
		"server primary { address = 192.0.2.1 port = 5060 } server backup { address = a.b "
		"port = 5061 transport = tls } proxy primary { address = 192.0.2.8 port = 5060 } "
		"keepalive = off dns_mode = srv }";
	struct reading reading, again;
	char path[128], *out;

	reading_of(&reading, ".conf", conf);
	ck_assert_str_eq(reading.errors, "");
	out = written(reading.config, NULL, suffixes[_i], path, sizeof(path));
	ck_assert_int_eq(strncmp(out, _i ? "<?xml " : HEADER "\n", 6), 0);
	memset(&again, 0, sizeof(again));
	again.result = failover_config_read(path, reading_report, &again, &again.config);
	ck_assert_str_eq(again.errors, "");
	ck_assert(failover_config_global_equal(reading.config, again.config));
	ck_assert(failover_config_line_equal(reading.config->lines[0], again.config->lines[0]));
	failover_config_free(again.config);
	unlink(path);
	free(out);
	reading_end(&reading);
}
END_TEST

START_TEST(what_has_no_counterpart_is_said)
{
	struct reading reading, told = { .reports = 0 };
	char path[128];

	reading_of(
		&reading, ".conf",
		"line 1 { jitter = 0 in_dialog = contact server primary { address = a.b "
		"transport = auto } server backup { address = c.d } server third { address = e.f } "
		"proxy primary { address = g.h transport = tcp } }");
	scratch_path("notes.txt", path, sizeof(path));
	ck_assert_int_eq(failover_config_write(reading.config, path, reading_report, &told),
			 FAILOVER_OK);
	ck_assert_str_eq(
		told.errors,
		"note: line 1: in_dialog has no counterpart in the file\n"
		"note: line 1: jitter has no counterpart in the file\n"
		"note: line 1: server.primary.transport = auto has no counterpart in the file\n"
		"note: line 1: server.third has no counterpart in the file\n"
		"note: line 1: proxy.primary.transport has no counterpart in the file\n");
	unlink(path);
	reading_end(&reading);
}
END_TEST

static const struct wrong_case {
	const char *text, *errors;
} wrong_cases[] = {
	{ "SIP1 Register Port :70000\n",
	  "1:21: line 1: server.primary.port: '70000' is out of range; accepted: 1..65535\n" },
	{ "\nSIP1 Transport     :4\n",
	  "2:21: line 1: server.primary.transport: '4' is not known; accepted: udp, tcp, tls, "
	  "auto\n" },
	{ "SIP1 Backup Addr   :192.0.2.2\n",
	  "1: line 1: server.backup: there is no primary server; set server.primary.address\n" },
	{ "SIP1 Phone Number  :\xff\n", "1:21: not UTF-8; accepted: UTF-8 text\n" },
	{ "SIP1 Phone Number  :a\tb\n",
	  "1:21: line 1: user: 'a?b' has a control character; accepted: text of at most 255 "
	  "bytes\n" },
};

START_TEST(wrong_values_are_told_with_their_place)
{
	struct reading reading;

	reading_of(&reading, ".txt", wrong_cases[_i].text);
	ck_assert_str_eq(reading.errors, wrong_cases[_i].errors);
	ck_assert_int_eq(reading.result, FAILOVER_ERR_ARGUMENT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_vendor");
	TCase *tcase = tcase_create("vendor");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, round_trip_is_equal_in_every_byte, 0,
			    (int)(sizeof(documents) / sizeof(documents[0])));
	tcase_add_test(tcase, text_means_what_it_says);
	tcase_add_test(tcase, keys_that_old_phones_cut_are_known);
	tcase_add_test(tcase, line_without_enable_is_off);
	tcase_add_test(tcase, change_touches_its_value_alone);
	tcase_add_test(tcase, missing_keys_are_added_to_the_module);
	tcase_add_loop_test(tcase, new_file_holds_the_configuration, 0, FORMATS);
#ifdef FO_WITH_XML
	tcase_add_test(tcase, xml_means_what_it_says);
	tcase_add_test(tcase, change_of_xml_touches_its_element_alone);
	tcase_add_test(tcase, line_that_xml_lacks_is_added);
	tcase_add_loop_test(tcase, wrong_xml_is_told_with_its_place, 0,
			    (int)(sizeof(wrong_xml) / sizeof(wrong_xml[0])));
	tcase_add_test(tcase, xml_without_end_is_bounded);
#endif
	tcase_add_test(tcase, what_has_no_counterpart_is_said);
	tcase_add_loop_test(tcase, wrong_values_are_told_with_their_place, 0,
			    (int)(sizeof(wrong_cases) / sizeof(wrong_cases[0])));
	return suite_main(suite);
}
