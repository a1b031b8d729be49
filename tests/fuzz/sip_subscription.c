/* SPDX-License-Identifier: MIT */
/* sip_subscription.c - a line of the bench that is subscribed to something (B40): see sip_bench.h.
 */
#include <string.h>
#include "fuzz.h"
#include "sip_bench.h"

static int on_due(void *app, uint32_t line, uint64_t subscription)
{
	struct sip_bench *bench = app;

	fuzz_require(line == 1 && subscription && !bench->due, "one SUBSCRIBE of a line is due");
	bench->due = subscription;
	return 0;
}

static void on_news(void *app, const struct failover_subscription_news *news)
{
	(void)app;
	fuzz_require(news->line == 1 && news->subscription && news->what[0] &&
			     news->kind >= FAILOVER_SUBSCRIPTION_ACTIVE &&
			     news->kind <= FAILOVER_SUBSCRIPTION_REFUSED,
		     "news say what they are of");
	fuzz_require(strlen(news->body) <= FAILOVER_SUBSCRIPTION_BODY_MAX, "a body is bounded");
}

void sip_subscription_events(struct sip_bench *bench)
{
	bench->subscription_events = (struct failover_ext_subscription_events){
		.size = sizeof(bench->subscription_events),
		.app = bench,
		.due = on_due,
		.news = on_news,
	};
}

void sip_bench_subscribe(struct sip_bench *bench)
{
	static const char *const what[] = { "message-summary", "dialog;target=1002" };

	(void)bench->subscriptions->set(bench->inst, 1, what, 2);
	sip_bench_advance(bench, 0);
}

void sip_bench_serve(struct sip_bench *bench, unsigned peer)
{
	bench->serving = peer % 2;
	bench->due = 0;
	(void)bench->subscriptions->serve(bench->inst, 1, &bench->targets[bench->serving], 1000);
	sip_bench_advance(bench, 0);
}
