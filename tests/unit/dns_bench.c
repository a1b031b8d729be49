/* SPDX-License-Identifier: MIT */
/* dns_bench.c - a resolver, a DNS server and a clock for tests. */
#include "dns_bench.h"

#include <check.h>
#include <poll.h>
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
	struct failover_dns_params params = {
		.size = sizeof(params),
		.families = bench.families,
		.hosts = bench.hosts,
		.servers = bench.server.address,
		.timeout_ms = bench.timeout_ms ? bench.timeout_ms : NO_TIMEOUT_MS,
		.tries = 1,
		.random = counted_random,
	};

	while (bench.hosts && bench.hosts[params.hosts_count])
		params.hosts_count++;
	bench.server.rows = rows;
	return failover_dns_new(&params, &bench.dns);
}

static struct failover_dns_watch *watch_new(const char *name, uint32_t mode, uint32_t port,
					    uint32_t transport)
{
	const struct failover_dns_query query = { .size = sizeof(query),
						  .mode = mode,
						  .name = name,
						  .port = port,
						  .transport = transport };
	struct failover_dns_watch *made = NULL;

	ck_assert_int_eq(failover_dns_watch_new(bench.dns, &query, 7, bench.now, &made), 0);
	return made;
}

struct failover_dns_watch *bench_want(const char *name, uint32_t mode, uint32_t port)
{
	return watch_new(name, mode, port, FAILOVER_UDP);
}

struct failover_dns_watch *bench_want_auto(const char *name, uint32_t mode, uint32_t port)
{
	return watch_new(name, mode, port, FAILOVER_TRANSPORT_AUTO);
}

/* Move what is on its way; returns how many sockets had something, -1 if none waits. */
static int exchange(int wait_ms)
{
	enum { OURS = 3 };
	struct failover_io_fd fds[32];
	struct pollfd polled[32 + OURS] = {
		{ .fd = bench.server.socket, .events = POLLIN },
		{ .fd = bench.server.listens ? bench.server.listener : -1, .events = POLLIN },
		{ .fd = bench.server.connection, .events = POLLIN }
	};
	uint32_t count = failover_dns_fds(bench.dns, fds, 32);
	int ready;

	if (count == 0)
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		polled[i + OURS].fd = fds[i].fd;
		polled[i + OURS].events =
			fds[i].events & FAILOVER_IO_WRITE ? POLLIN | POLLOUT : POLLIN;
	}
	ready = poll(polled, count + OURS, wait_ms);
	if (polled[0].revents || polled[1].revents || polled[2].revents)
		dns_server_serve(&bench.server);
	for (uint32_t i = 0; i < count; i++) {
		if (polled[i + OURS].revents)
			failover_dns_process(bench.dns, &fds[i], 1, bench.now);
	}
	return ready;
}

int bench_run(void)
{
	for (int turns = 0; turns < 4000; turns++) {
		failover_dns_process(bench.dns, NULL, 0, bench.now);
		if (failover_dns_poll(bench.dns, bench.now, &bench.news))
			return 1;
		if (exchange(5) < 0)
			return 0;
	}
	ck_abort_msg("no end");
	return 0;
}

/* What is sent on the loopback arrives at once, but for a busy machine's next moment; a long answer
 * by TCP in pieces. */
int bench_talk(void)
{
	for (int turns = 0; turns < 400; turns++) {
		failover_dns_process(bench.dns, NULL, 0, bench.now);
		if (failover_dns_poll(bench.dns, bench.now, &bench.news))
			return 1;
		if (exchange(bench.server.listens ? 50 : 2) <= 0)
			return 0;
	}
	ck_abort_msg("no end");
	return 0;
}

uint64_t bench_news_after(void)
{
	uint64_t since = bench.now;

	for (int turns = 0; turns < 100; turns++) {
		if (bench_talk())
			return bench.now - since;
		bench_wait();
	}
	ck_abort_msg("no news");
	return 0;
}

uint64_t bench_wait(void)
{
	uint64_t at = failover_dns_deadline(bench.dns, bench.now), waited = at - bench.now;

	ck_assert_uint_ne(at, FAILOVER_NO_DEADLINE);
	bench.now = at;
	return waited;
}

static const char *listed(const struct failover_dns_watch *watch, int fully)
{
	static char text[2048];
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	uint32_t count = failover_dns_targets(watch, targets, FAILOVER_LIMIT_TARGETS);
	char one[80];

	text[0] = '\0';
	for (uint32_t i = 0; i < count; i++) {
		failover_target_text(&targets[i], one, sizeof(one));
		if (!fully)
			*strchr(one, ';') = '\0';
		strcat(text, i ? " " : "");
		strcat(text, one);
	}
	return text;
}

const char *bench_listed(const struct failover_dns_watch *watch)
{
	return listed(watch, 0);
}

const char *bench_listed_fully(const struct failover_dns_watch *watch)
{
	return listed(watch, 1);
}

void bench_open(void)
{
	memset(&bench, 0, sizeof(bench));
	bench.now = 1000000;
	dns_server_open(&bench.server);
}

void bench_close(void)
{
	failover_dns_free(bench.dns);
	bench.dns = NULL;
	dns_server_close(&bench.server);
}
