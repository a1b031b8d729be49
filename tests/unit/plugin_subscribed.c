/* SPDX-License-Identifier: MIT */
/* plugin_subscribed.c - see plugin_subscribed.h. */
#include "plugin_subscribed.h"

const char *const bench_mwi[1] = { MWI };

void bench_serve(struct bench *bench, int peer, uint32_t spread_ms)
{
	const struct failover_target *target = peer < 0 ? NULL : &bench->peers[peer].target;

	ck_assert_int_eq(bench->subscriptions->serve(bench->inst, 1, target, spread_ms), 0);
	bench_pump(bench);
}

void bench_subscribe(struct bench *bench, const char *const *what, uint32_t count)
{
	ck_assert_int_eq(bench->subscriptions->set(bench->inst, 1, what, count), 0);
	bench_pump(bench);
}

void bench_send_due(struct bench *bench, int peer, uint64_t id, char *text)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_OTHER, peer, id);

	attempt.request = id;
	attempt.cookie = bench->due_subscription;
	bench_send(bench, &attempt);
	peer_expect(bench, peer, "SUBSCRIBE ", text);
}

void bench_open_served(struct bench *bench)
{
	bench_open(bench);
	bench_serve(bench, 0, 0);
	bench_subscribe(bench, bench_mwi, 1);
	ck_assert_uint_eq(bench->due, 0); /* nobody serves what is not known yet */
	bench_serve(bench, 0, 0);
	ck_assert_uint_eq(bench->due, 1);
}

void bench_open_active(struct bench *bench, char *text)
{
	bench_open_served(bench);
	bench_send_due(bench, 0, 1, text);
	peer_answer(bench, 0, text, "200 OK",
		    "Expires: 3600\r\nContact: <sip:presence@127.0.0.11>\r\n");
	ck_assert_uint_eq(bench->news, 1);
	ck_assert_uint_eq(bench->last_news.kind, FAILOVER_SUBSCRIPTION_ACTIVE);
}

void bench_no_answer(struct bench *bench, uint64_t id)
{
	const struct failover_result result = { .size = sizeof(result),
						.line = 1,
						.request = id,
						.cookie = bench->due_subscription,
						.method = FAILOVER_OTHER,
						.outcome = FAILOVER_OUTCOME_FAILED };

	bench_timeout(bench, id, FAILOVER_ABANDON_BUDGET);
	bench_plugin()->response(bench->inst, &result);
}

void bench_notify(struct bench *bench, int peer, const char *subscribe, unsigned cseq,
		  const char *headers, const char *body)
{
	char text[BENCH_TEXT], from[512], to[512], call_id[512], contact[512];

	header_of(subscribe, "From", from);
	header_of(subscribe, "To", to);
	header_of(subscribe, "Contact", contact);
	contact[strcspn(contact, ">")] = '\0';
	snprintf(text, sizeof(text),
		 "NOTIFY %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.%d:%u;branch=z9hG4bKn%u%d\r\n"
		 "Max-Forwards: 70\r\nFrom: %s;tag=peer\r\nTo: %s\r\nCall-ID: %s\r\n"
		 "CSeq: %u NOTIFY\r\nContact: <sip:presence@127.0.0.%d>\r\n%s"
		 "Content-Length: %zu\r\n\r\n%s",
		 contact + 1, 11 + peer, bench->peers[peer].target.port, cseq, peer, to, from,
		 header_of(subscribe, "Call-ID", call_id), cseq, 11 + peer, headers, strlen(body),
		 body);
	peer_say(bench, peer, text);
}
