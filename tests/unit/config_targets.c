/* SPDX-License-Identifier: MIT */
/* The target list of a line: order, ports, transports, next hops (B1, B1a, B1b). */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "config_support.h"

#define LIST_SIZE 1024

/* Names of a small world; what is asked for is noted. */
struct world {
	char asked[LIST_SIZE];
};

static int resolve(void *user, const char *name, uint32_t port, uint32_t transport,
		   struct failover_target *out, uint32_t max)
{
	static const struct {
		const char *name, *address;
		uint32_t port, transport; /* the transport is what the zone offers */
	} world[] = {
		{ "two.example", "192.0.2.21", 0, FAILOVER_UDP },
		{ "two.example", "192.0.2.22", 0, FAILOVER_UDP },
		{ "srv.example", "192.0.2.31", 5071, FAILOVER_UDP },
		{ "srv.example", "2001:db8::31", 5072, FAILOVER_UDP },
		{ "same.example", "192.0.2.1", 0, FAILOVER_UDP },
		{ "zone.example", "192.0.2.41", 0, FAILOVER_TLS },
		{ "zone.example", "192.0.2.42", 0, FAILOVER_TCP },
		{ "zone.example", "192.0.2.43", 5071, FAILOVER_UDP },
		{ "zone.example", "192.0.2.44", 0, 2 }, /* which is none */
	};
	size_t used = strlen(((struct world *)user)->asked);
	uint32_t count = 0;

	snprintf(((struct world *)user)->asked + used, LIST_SIZE - used, "%s %u %u\n", name, port,
		 transport);
	if (strcmp(name, "broken.example") == 0)
		return FAILOVER_ERR_IO;
	if (strcmp(name, "liar.example") == 0)
		return (int)max + 100;
	for (size_t i = 0; i < sizeof(world) / sizeof(world[0]) && count < max; i++) {
		if (strcmp(world[i].name, name) != 0)
			continue;
		ck_assert_int_eq(failover_target_set(&out[count], world[i].address, 1, 0),
				 FAILOVER_OK);
		out[count].transport = (uint8_t)world[i].transport;
		out[count++].port = (uint16_t)world[i].port;
	}
	return (int)count;
}

/* "192.0.2.1:5060;transport=udp 0/0" for each target: registrar/hop at the end. */
static void list_text(const struct failover_target *targets, int count, char *text)
{
	text[0] = '\0';
	for (int i = 0; i < count; i++) {
		size_t used = strlen(text);
		char one[80];

		snprintf(text + used, LIST_SIZE - used, "%s %u/%u\n",
			 failover_target_text(&targets[i], one, sizeof(one)), targets[i].registrar,
			 targets[i].hop);
	}
}

static const struct list_case {
	const char *config, *expected, *asked;
} list_cases[] = {
	/* S: two servers */
	{ "server backup { address = 192.0.2.2 } server primary { address = 192.0.2.1 }",
	  "192.0.2.1:5060;transport=udp 0/0\n192.0.2.2:5060;transport=udp 1/0\n", "" },
	/* a third and a fourth in file order, after primary and backup */
	{ "server z { address = 192.0.2.4 } server backup { address = 192.0.2.2 }"
	  "server a { address = 192.0.2.3 } server primary { address = 192.0.2.1 }",
	  "192.0.2.1:5060;transport=udp 0/0\n192.0.2.2:5060;transport=udp 1/0\n"
	  "192.0.2.4:5060;transport=udp 2/0\n192.0.2.3:5060;transport=udp 3/0\n",
	  "" },
	/* P: two proxies, one server, whose own address is not sent to (B1a) */
	{ "server primary { address = 192.0.2.1 transport = tcp }"
	  "proxy backup { address = 192.0.2.9 port = 5070 } proxy primary { address = 192.0.2.8 }",
	  "192.0.2.8:5060;transport=tcp 0/1\n192.0.2.9:5070;transport=tcp 0/2\n", "" },
	/* both: each server through each proxy; the transport is the server's unless set */
	{ "server primary { address = 192.0.2.1 transport = tls }"
	  "server backup { address = 192.0.2.2 }"
	  "proxy primary { address = 192.0.2.8 } proxy backup { address = 192.0.2.9 transport = "
	  "tcp "
	  "}",
	  "192.0.2.8:5061;transport=tls 0/1\n192.0.2.9:5060;transport=tcp 0/2\n"
	  "192.0.2.8:5060;transport=udp 1/1\n192.0.2.9:5060;transport=tcp 1/2\n",
	  "" },
	/* ports: 5061 for tls when unset, as given else */
	{ "server primary { address = 192.0.2.1 transport = tls }"
	  "server backup { address = 192.0.2.2 transport = tls port = 5060 }",
	  "192.0.2.1:5061;transport=tls 0/0\n192.0.2.2:5060;transport=tls 1/0\n", "" },
	/* IPv6, with and without brackets */
	{ "server primary { address = 2001:db8::1 } server backup { address = '[2001:db8::2]' }",
	  "[2001:db8::1]:5060;transport=udp 0/0\n[2001:db8::2]:5060;transport=udp 1/0\n", "" },
	/* a name is expanded in place; a port that the look-up found stands */
	{ "server primary { address = two.example transport = tcp }"
	  "server backup { address = srv.example }",
	  "192.0.2.21:5060;transport=tcp 0/0\n192.0.2.22:5060;transport=tcp 0/0\n"
	  "192.0.2.31:5071;transport=udp 1/0\n[2001:db8::31]:5072;transport=udp 1/0\n",
	  "two.example 0 1\nsrv.example 0 0\n" },
	{ "server primary { address = two.example port = 5080 transport = tls }",
	  "192.0.2.21:5080;transport=tls 0/0\n192.0.2.22:5080;transport=tls 0/0\n",
	  "two.example 5080 3\n" },
	/* B25: transport = auto takes what the zone offers; to an address it is UDP */
	{ "server primary { address = zone.example transport = auto }"
	  "server backup { address = 192.0.2.2 transport = auto }",
	  "192.0.2.41:5061;transport=tls 0/0\n192.0.2.42:5060;transport=tcp 0/0\n"
	  "192.0.2.43:5071;transport=udp 0/0\n192.0.2.2:5060;transport=udp 1/0\n",
	  "zone.example 0 255\n" },
	/* a transport that is configured stands, whatever the zone offers */
	{ "server primary { address = zone.example transport = tls }",
	  "192.0.2.41:5061;transport=tls 0/0\n192.0.2.42:5061;transport=tls 0/0\n"
	  "192.0.2.43:5071;transport=tls 0/0\n192.0.2.44:5061;transport=tls 0/0\n",
	  "zone.example 0 3\n" },
	/* a proxy has the server's, auto too */
	{ "server primary { address = 192.0.2.1 transport = auto }"
	  "proxy primary { address = 192.0.2.8 }"
	  "proxy backup { address = zone.example port = 5099 }",
	  "192.0.2.8:5060;transport=udp 0/1\n192.0.2.41:5099;transport=tls 0/2\n"
	  "192.0.2.42:5099;transport=tcp 0/2\n192.0.2.43:5071;transport=udp 0/2\n",
	  "zone.example 5099 255\n" },
	/* what cannot be resolved is left out, the rest stands */
	{ "server primary { address = broken.example } server backup { address = 192.0.2.2 }",
	  "192.0.2.2:5060;transport=udp 1/0\n", "broken.example 0 0\n" },
	{ "server primary { address = nothing.example } server backup { address = 192.0.2.2 }",
	  "192.0.2.2:5060;transport=udp 1/0\n", "nothing.example 0 0\n" },
	/* a resolver's answers that are no addresses */
	{ "server primary { address = liar.example } server backup { address = 192.0.2.2 }",
	  "192.0.2.2:5060;transport=udp 1/0\n", "liar.example 0 0\n" },
};

START_TEST(B1_target_list)
{
	const struct list_case *one = &list_cases[_i];
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	struct world world = { .asked = "" };
	struct reading reading;
	char config[1024], text[LIST_SIZE];
	int count;

	snprintf(config, sizeof(config), "line 1 { %s }", one->config);
	reading_of(&reading, ".conf", config);
	ck_assert_str_eq(reading.errors, "");
	count = failover_config_targets(reading.config->lines[0], resolve, &world, targets,
					FAILOVER_LIMIT_TARGETS);
	ck_assert_int_gt(count, 0);
	list_text(targets, count, text);
	ck_assert_str_eq(text, one->expected);
	ck_assert_str_eq(world.asked, one->asked);
	reading_end(&reading);
}
END_TEST

/* One registrar lists a place once; another registrar may list it too. */
START_TEST(B1b_place_is_listed_once_per_registrar)
{
	struct failover_target targets[8];
	struct world world = { .asked = "" };
	struct reading reading;
	char text[LIST_SIZE];

	reading_of(
		&reading, ".conf",
		"line 1 { server primary { address = 192.0.2.7 } server backup { address = b.c }"
		"proxy primary { address = same.example } proxy backup { address = 192.0.2.1 } }");
	ck_assert_str_eq(reading.errors, "");
	ck_assert_int_eq(
		failover_config_targets(reading.config->lines[0], resolve, &world, targets, 8), 2);
	list_text(targets, 2, text);
	ck_assert_str_eq(text, "192.0.2.1:5060;transport=udp 0/1\n"
			       "192.0.2.1:5060;transport=udp 1/1\n");
	reading_end(&reading);
}
END_TEST

START_TEST(B1_list_is_bounded)
{
	static const char config[] = "line 1 { server primary { address = two.example }"
				     "server backup { address = 192.0.2.2 } }";

	for (uint32_t max = 0; max <= 4; max++) {
		struct failover_target targets[4];
		struct world world = { .asked = "" };
		struct reading reading;
		int count, most = max < 3 ? (int)max : 3;

		memset(targets, 0x55, sizeof(targets));
		reading_of(&reading, ".conf", config);
		count = failover_config_targets(reading.config->lines[0], resolve, &world, targets,
						max);
		ck_assert_int_eq(count, max ? most : FAILOVER_ERR_ARGUMENT);
		for (uint32_t i = max; i < 4; i++)
			ck_assert_uint_eq(targets[i].port, 0x5555);
		reading_end(&reading);
	}
}
END_TEST

START_TEST(B1_nothing_to_send_to)
{
	struct failover_target targets[4];
	struct world world = { .asked = "" };
	struct reading reading;

	reading_of(&reading, ".conf",
		   "line 1 { enable = no } line 2 { server primary { address = broken.example } }");
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(failover_config_targets(reading.config->lines[i], resolve, &world,
							 targets, 4),
				 FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(failover_config_targets(reading.config->lines[1], NULL, NULL, targets, 4),
			 FAILOVER_ERR_ARGUMENT);
	reading_end(&reading);
}
END_TEST

START_TEST(domain_is_its_own_or_that_of_server_1)
{
	struct reading reading;

	reading_of(&reading, ".conf",
		   "line 1 { domain = a.example server primary { address = b.example } }"
		   "line 2 { server backup { address = c.example }"
		   "server primary { address = 2001:db8::1 } }"
		   "line 3 { enable = no }");
	ck_assert_str_eq(reading.errors, "");
	ck_assert_str_eq(failover_config_domain(reading.config->lines[0]), "a.example");
	ck_assert_str_eq(failover_config_domain(reading.config->lines[1]), "2001:db8::1");
	ck_assert_str_eq(failover_config_domain(reading.config->lines[2]), "");
	reading_end(&reading);
}
END_TEST

/* A template may hold a backup that is not used; without an address it is none. */
START_TEST(B1_empty_backup_is_none)
{
	struct reading reading;

	reading_of(&reading, ".yaml",
		   "line: { 1: { server: { backup: { address: '', port: 5062 },\n"
		   " primary: { address: a.b } }, proxy: { primary: { address: '' } } } }");
	ck_assert_str_eq(reading.errors, "");
	ck_assert_uint_eq(reading.config->lines[0]->servers_count, 1);
	ck_assert_str_eq(reading.config->lines[0]->servers[0].name, "primary");
	ck_assert_uint_eq(reading.config->lines[0]->proxies_count, 0);
	reading_end(&reading);
}
END_TEST

START_TEST(line_inherits_the_global_value)
{
	struct reading reading;

	reading_of(
		&reading, ".conf",
		"line 1 { enable = no } line 2 { enable = no profile = v3 reg_fail_interval = 5\n"
		"reg_fail_backoff = no }\n"
		"profile = v2 reg_fail_interval = 60 reg_fail_backoff = yes");
	ck_assert_str_eq(reading.errors, "");
	ck_assert_uint_eq(reading.config->lines[0]->settings.profile, FAILOVER_PROFILE_V2);
	ck_assert_uint_eq(reading.config->lines[0]->settings.reg_fail_interval_s, 60);
	ck_assert_uint_eq(reading.config->lines[0]->settings.reg_fail_backoff, 1);
	ck_assert_uint_eq(reading.config->lines[1]->settings.profile, FAILOVER_PROFILE_V3);
	ck_assert_uint_eq(reading.config->lines[1]->settings.reg_fail_interval_s, 5);
	ck_assert_uint_eq(reading.config->lines[1]->settings.reg_fail_backoff, 0);
	reading_end(&reading);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_targets");
	TCase *tcase = tcase_create("targets");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, B1_target_list, 0,
			    (int)(sizeof(list_cases) / sizeof(list_cases[0])));
	tcase_add_test(tcase, B1b_place_is_listed_once_per_registrar);
	tcase_add_test(tcase, B1_list_is_bounded);
	tcase_add_test(tcase, B1_nothing_to_send_to);
	tcase_add_test(tcase, domain_is_its_own_or_that_of_server_1);
	tcase_add_test(tcase, B1_empty_backup_is_none);
	tcase_add_test(tcase, line_inherits_the_global_value);
	return suite_main(suite);
}
