/* SPDX-License-Identifier: MIT */
/* dns_bench.h - a resolver, a DNS server and a clock, all in the test's hands. */
#ifndef DNS_BENCH_H
#define DNS_BENCH_H

#include "dns_server.h"

#include <failover/dns.h>

#define SECOND UINT64_C(1000)
#define NO_TIMEOUT_MS 60000u /* longer than any test, in the time of the machine */
/* Of a server that is silent: what answers must be able to do so on a loaded machine. */
#define SILENCE_MS 400u

struct dns_bench {
	struct dns_server server;
	struct failover_dns *dns; /* NULL = not started */
	struct failover_dns_news news;
	uint64_t now;
	uint32_t draws;	     /* of the random source */
	uint32_t timeout_ms; /* of a question; 0 = NO_TIMEOUT_MS */
	uint32_t families;
	const char *const *hosts; /* of the configuration (B38); ends with NULL */
};

extern struct dns_bench bench;

/* Fixture: a server; and the end of everything. */
void bench_open(void);
void bench_close(void);
/* A resolver whose server has this zone. Returns failover_dns_new()'s result. */
int bench_start(const char *const *rows);
struct failover_dns_watch *bench_want(const char *name, uint32_t mode, uint32_t port);
/* The same with transport AUTO. */
struct failover_dns_watch *bench_want_auto(const char *name, uint32_t mode, uint32_t port);
/* Let resolver and server talk until there are news (1), or nothing is under way (0). */
int bench_run(void);
/* The same for questions without a timeout: until nothing is on its way any more. */
int bench_talk(void);
/* Let them talk, and the clock go on from one deadline to the next, until there are news; returns
 * how long that took. */
uint64_t bench_news_after(void);
/* The clock goes on to where something is due; returns by how much. */
uint64_t bench_wait(void);
/* The targets as text, one blank between; of the second, with their transports. */
const char *bench_listed(const struct failover_dns_watch *watch);
const char *bench_listed_fully(const struct failover_dns_watch *watch);

#endif
