/* SPDX-License-Identifier: MIT */
/* phone_names_test.c - the phone's names by the system's resolver, which is the test's own here. */
#include "programs/phone/names.h"

#include <check.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define VISIBLE __attribute__((visibility("default")))

static struct phone_resolver *resolver;
static struct phone_names_news news;
static struct failover_target targets[FAILOVER_LIMIT_TARGETS];
static int gate[2]; /* a mute name waits for a byte */

static struct sockaddr_in answer_address;
static struct addrinfo answer;

VISIBLE int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
			struct addrinfo **out)
{
	char byte;

	(void)service;
	(void)hints;
	if (strncmp(name, "mute", 4) == 0 && read(gate[0], &byte, 1) != 1)
		return EAI_AGAIN;
	if (strncmp(name, "none", 4) == 0)
		return EAI_NONAME;
	*out = &answer;
	return 0;
}

VISIBLE void freeaddrinfo(struct addrinfo *found)
{
	(void)found;
}

static void names_open(void)
{
	ck_assert_int_eq(pipe(gate), 0);
	answer_address.sin_family = AF_INET;
	answer_address.sin_addr.s_addr = htonl(0xc0000201u);
	answer.ai_addr = (struct sockaddr *)&answer_address;
	resolver = NULL;
	static const struct failover_config_texts none;
	const struct phone_resolver_params params = { .families = FAILOVER_DNS_IPV4_FIRST,
						      .static_dns = &none };

	ck_assert_int_eq(phone_resolver_new(&params, &resolver), 0);
}

static void names_close(void)
{
	phone_resolver_free(resolver);
}

static void line_set(struct failover_config_line *line, char *primary, char *backup)
{
	memset(line, 0, sizeof(*line));
	line->servers_count = 2;
	line->servers[0].address = primary;
	line->servers[1].address = backup;
}

/* A thread has answered. */
static void wait_for_answer(uint64_t now)
{
	struct failover_io_fd fd;
	struct pollfd polled = { .events = POLLIN };

	ck_assert_uint_eq(phone_resolver_fds(resolver, &fd, 1), 1);
	polled.fd = fd.fd;
	ck_assert_int_eq(poll(&polled, 1, -1), 1);
	phone_resolver_process(resolver, &fd, 1, now);
}

START_TEST(B25_system_resolver_that_is_mute_holds_up_nobody)
{
	static char primary[] = "mute.test", backup[] = "192.0.2.2";
	struct failover_config_line line;
	struct phone_names *names;

	line_set(&line, primary, backup);
	names = phone_names_new(resolver, &line, 1000);
	ck_assert_ptr_nonnull(names);
	ck_assert_int_eq(phone_names_asking(names), 1);
	ck_assert_uint_eq(phone_names_targets(names, targets), 1);
	ck_assert_uint_eq(phone_resolver_deadline(resolver, 1000), 4500);
	ck_assert_int_eq(phone_resolver_poll(resolver, 4499, &news), 0);
	ck_assert_int_eq(phone_resolver_poll(resolver, 4500, &news), 1);
	ck_assert_uint_eq(news.dns.state, FAILOVER_DNS_FAILED);
	ck_assert_int_eq(phone_names_asking(names), 0);
	ck_assert_int_eq(phone_resolver_poll(resolver, 4500, &news), 0);
	ck_assert_uint_eq(phone_resolver_deadline(resolver, 4500), FAILOVER_NO_DEADLINE);
	ck_assert_int_eq((int)write(gate[1], "x", 1), 1); /* and the rest when it comes */
	wait_for_answer(9000);
	ck_assert_int_eq(phone_resolver_poll(resolver, 9000, &news), 1);
	ck_assert_uint_eq(news.dns.state, FAILOVER_DNS_RESOLVED);
	ck_assert_uint_eq(news.dns.changed, 1);
	ck_assert_ptr_eq(news.names, names);
	ck_assert_uint_eq(phone_names_targets(names, targets), 2);
	ck_assert_uint_eq(targets[0].address[3], 1);
	phone_names_free(names);
}
END_TEST

START_TEST(B38_system_resolver_has_none)
{
	static char primary[] = "hosts.test", backup[] = "192.0.2.2";
	static char *texts[] = { "Hosts.test=192.0.2.7", "hosts.test=2001:db8::7" };
	static const struct failover_config_texts static_dns = { .count = 2, .text = texts };
	const struct phone_resolver_params params = { .families = FAILOVER_DNS_IPV4_ONLY,
						      .static_dns = &static_dns };
	struct phone_resolver *own;
	struct failover_config_line line;
	struct phone_names *names;

	ck_assert_int_eq(phone_resolver_new(&params, &own), 0);
	line_set(&line, primary, backup);
	line.servers[0].port = 5070;
	names = phone_names_new(own, &line, 1000);
	ck_assert_ptr_nonnull(names);
	ck_assert_uint_eq(phone_names_targets(names, targets), 1);
	ck_assert_int_eq(phone_resolver_poll(own, 4500, &news), 1);
	ck_assert_uint_eq(news.dns.state, FAILOVER_DNS_FROM_CONFIGURATION);
	ck_assert_str_eq(news.state, "from the configuration");
	ck_assert_uint_eq(news.dns.changed, 1);
	ck_assert_uint_eq(phone_names_targets(names, targets), 2);
	ck_assert_uint_eq(targets[0].address[3], 7);
	ck_assert_uint_eq(targets[0].port, 5070);
	phone_names_free(names);
	phone_resolver_free(own);
}
END_TEST

START_TEST(B1_system_resolver_answers_and_fails)
{
	static char primary[] = "good.test", backup[] = "none.test";
	struct failover_config_line line;
	struct phone_names *names;
	uint32_t resolved = 0, failed = 0;

	line_set(&line, primary, backup);
	names = phone_names_new(resolver, &line, 1000);
	ck_assert_ptr_nonnull(names);
	while (phone_names_asking(names))
		wait_for_answer(1001);
	while (phone_resolver_poll(resolver, 1001, &news)) {
		resolved += news.dns.state == FAILOVER_DNS_RESOLVED;
		failed += news.dns.state == FAILOVER_DNS_FAILED;
	}
	ck_assert_uint_eq(resolved, 1);
	ck_assert_uint_eq(failed, 1);
	ck_assert_int_eq(phone_names_state(names, 1, 1001, &news), 1);
	ck_assert_str_eq(news.dns.name, backup);
	ck_assert_str_eq(news.state, "failed");
	ck_assert_int_eq(phone_names_state(names, 2, 1001, &news), 0);
	ck_assert_uint_eq(phone_names_targets(names, targets), 1);
	phone_names_free(names);
}
END_TEST

/* Sixteen are asked for at a time: one more is when one of them has been answered. */
START_TEST(B18_system_resolver_has_a_bounded_number_of_threads)
{
	static char mute[] = "mute.test", good[] = "good.test";
	static struct failover_config_line lines[17];
	struct phone_names *names[17];

	for (int i = 0; i < 17; i++) {
		line_set(&lines[i], i < 16 ? mute : good, good);
		lines[i].servers_count = 1;
		names[i] = phone_names_new(resolver, &lines[i], 1000);
		ck_assert_ptr_nonnull(names[i]);
	}
	phone_resolver_process(resolver, NULL, 0, 1001);
	ck_assert_int_eq(phone_names_asking(names[16]), 1);
	ck_assert_int_eq((int)write(gate[1], "x", 1), 1);
	while (phone_names_asking(names[16]))
		wait_for_answer(1002);
	for (int i = 0; i < 17; i++)
		phone_names_free(names[i]); /* fifteen threads go on, and let go by themselves */
	close(gate[1]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("phone_names");
	TCase *tests = tcase_create("names");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, names_open, names_close);
	tcase_add_test(tests, B25_system_resolver_that_is_mute_holds_up_nobody);
	tcase_add_test(tests, B38_system_resolver_has_none);
	tcase_add_test(tests, B1_system_resolver_answers_and_fails);
	tcase_add_test(tests, B18_system_resolver_has_a_bounded_number_of_threads);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
