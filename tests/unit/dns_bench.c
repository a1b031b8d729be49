/* SPDX-License-Identifier: MIT */
/* dns_bench.c - a resolver, a DNS server and a clock for tests. */
#include "dns_bench.h"

#include <check.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

struct dns_bench bench;

static uint32_t counted_random(void *user, uint32_t limit)
{
	(void)user;
	bench.draws++;
	return bench.draws % 2 ? limit : 0;
}

int bench_start(const char *const *rows)
{
	const struct failover_dns_params params = {
		.size = sizeof(params),
		.servers = bench.server.address,
		/* Time enough for an answer where the machine is slow: under valgrind. */
		.timeout_ms = getenv("CK_TIMEOUT_MULTIPLIER") ? 400 : 40,
		.tries = 1,
		.random = counted_random,
	};

	bench.server.rows = rows;
	return failover_dns_new(&params, &bench.dns);
}

struct failover_dns_watch *bench_want(const char *name, uint32_t mode, uint32_t port)
{
	const struct failover_dns_query query = { .size = sizeof(query),
						  .mode = mode,
						  .name = name,
						  .port = port,
						  .transport = FAILOVER_UDP };
	struct failover_dns_watch *made = NULL;

	ck_assert_int_eq(failover_dns_watch_new(bench.dns, &query, 7, bench.now, &made), 0);
	return made;
}

int bench_run(void)
{
	for (int turns = 0; turns < 400; turns++) {
		struct failover_io_fd fds[32];
		struct pollfd polled[33] = { { .fd = bench.server.socket, .events = POLLIN } };
		uint32_t count;

		failover_dns_process(bench.dns, NULL, 0, bench.now);
		if (failover_dns_poll(bench.dns, bench.now, &bench.news))
			return 1;
		count = failover_dns_fds(bench.dns, fds, 32);
		if (count == 0)
			return 0;
		for (uint32_t i = 0; i < count; i++)
			polled[i + 1] = (struct pollfd){ .fd = fds[i].fd, .events = POLLIN };
		poll(polled, count + 1, 5);
		if (polled[0].revents)
			dns_server_serve(&bench.server);
		for (uint32_t i = 0; i < count; i++) {
			if (polled[i + 1].revents)
				failover_dns_process(bench.dns, &fds[i], 1, bench.now);
		}
	}
	ck_abort_msg("no end");
	return 0;
}

uint64_t bench_wait(void)
{
	uint64_t at = failover_dns_deadline(bench.dns, bench.now), waited = at - bench.now;

	ck_assert_uint_ne(at, FAILOVER_NO_DEADLINE);
	bench.now = at;
	return waited;
}

const char *bench_listed(const struct failover_dns_watch *watch)
{
	static char text[1024];
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	uint32_t count = failover_dns_targets(watch, targets, FAILOVER_LIMIT_TARGETS);
	char one[80];

	text[0] = '\0';
	for (uint32_t i = 0; i < count; i++) {
		failover_target_text(&targets[i], one, sizeof(one));
		*strchr(one, ';') = '\0';
		strcat(text, i ? " " : "");
		strcat(text, one);
	}
	return text;
}

void bench_open(void)
{
	bench = (struct dns_bench){ .now = 1000000 };
	dns_server_open(&bench.server);
}

void bench_close(void)
{
	failover_dns_free(bench.dns);
	bench.dns = NULL;
	dns_server_close(&bench.server);
}
