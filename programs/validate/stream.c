/* SPDX-License-Identifier: MIT */
/* stream.c - TCP and TLS targets. */
#include <string.h>
#include "bench.h"

#define AT_ONCE_MS 2000u
#define TLS_HANDSHAKE 0x16 /* RFC 8446 5.1 */

static struct failover_attempt tcp_attempt(struct bench *bench, int server, uint8_t transport)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, server);

	attempt.target.transport = transport;
	attempt.transmissions = 0;
	attempt.budget_ms = 100 * BENCH_T1_MS; /* its end is not what is looked for */
	return attempt;
}

static struct packet_in *sent(struct bench *bench, const struct failover_attempt *attempt)
{
	struct packet_in *packet;

	bench_send(bench, attempt);
	packet = loop_request(bench, 0, "REGISTER");
	BENCH_WANT(bench, packet->wire >= 0, "it came by UDP");
	return packet;
}

static void tcp(struct bench *bench)
{
	struct failover_attempt attempt = tcp_attempt(bench, 0, FAILOVER_TCP);
	struct packet_in *packet = sent(bench, &attempt);
	char via[BENCH_TEXT];

	BENCH_WANT(bench, strstr(wire_header(packet, "Via", via), "SIP/2.0/TCP"), "Via is %s", via);
	BENCH_WANT(bench, wire_headers(packet, "Content-Length") || wire_headers(packet, "l"),
		   "no Content-Length on a stream");
	wire_answer(bench, packet, 200, "");
	loop_answer(bench, &attempt, 200);
}

static void pieces(struct bench *bench)
{
	struct failover_attempt attempt = tcp_attempt(bench, 0, FAILOVER_TCP);
	struct packet_in *packet = sent(bench, &attempt);
	char text[4096];
	size_t length = wire_answer_text(bench, packet, 200, "Expires: 55\r\n", text), i, part;

	for (i = 0; i < length; i += part) {
		part = 1 + bench_random(bench) % 60;
		part = part > length - i ? length - i : part;
		wire_send(bench, packet, text + i, part);
		loop_turn(bench, 2);
	}
	loop_answer(bench, &attempt, 200);
}

static void together(struct bench *bench)
{
	struct failover_attempt attempt = tcp_attempt(bench, 0, FAILOVER_TCP);
	struct packet_in *packet = sent(bench, &attempt);
	char text[8192];
	size_t length = wire_answer_text(bench, packet, 100, "", text);

	length += wire_answer_text(bench, packet, 200, "", text + length);
	wire_send(bench, packet, text, length);
	loop_answer(bench, &attempt, 100);
	loop_answer(bench, &attempt, 200);
}

static void once(struct bench *bench)
{
	struct failover_attempt attempt = tcp_attempt(bench, 0, FAILOVER_TCP);

	sent(bench, &attempt);
	loop_mark(bench);
	loop_quiet(bench, 10 * BENCH_T1_MS, "again on a connection");
}

static void refused(struct bench *bench)
{
	struct failover_attempt attempt = tcp_attempt(bench, 1, FAILOVER_TCP);

	wire_refuse(bench, 1);
	bench_send(bench, &attempt);
	loop_unreachable(bench, &attempt, FAILOVER_REASON_REFUSED, AT_ONCE_MS);
	loop_run(bench, BENCH_T1_MS);
	BENCH_WANT(bench, !loop_news(bench, &attempt), "more news after `unreachable`");
}

static void reset(struct bench *bench)
{
	struct failover_attempt attempt = tcp_attempt(bench, 0, FAILOVER_TCP);
	struct packet_in *packet = sent(bench, &attempt);

	wire_end(bench, 0, packet->wire, true);
	loop_unreachable(bench, &attempt, FAILOVER_REASON_RESET, AT_ONCE_MS);
}

/* What is no SIP must not be taken for an answer; the connection may be closed for it. */
static void garbage(struct bench *bench)
{
	struct failover_attempt attempt = tcp_attempt(bench, 0, FAILOVER_TCP);
	struct packet_in *packet = sent(bench, &attempt);
	unsigned char bytes[2048];
	unsigned i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)bench_random(bench);
	for (i = 0; i < 8 && bench->servers[0].wires[packet->wire].fd >= 0; i++) {
		wire_send(bench, packet, (const char *)bytes, sizeof(bytes));
		loop_run(bench, 5);
	}
	for (i = 0; i < bench->news_count; i++)
		BENCH_WANT(bench, bench->news[i].kind == NEWS_UNREACHABLE,
			   "garbage was reported as response %u", bench->news[i].answer.status);
	attempt = tcp_attempt(bench, 1, FAILOVER_TCP);
	bench_send(bench, &attempt);
	wire_answer(bench, loop_request(bench, 1, "REGISTER"), 200, "");
	loop_answer(bench, &attempt, 200);
}

/* No TLS library here: the first record must be a handshake, and nonsense in return must end it. */
static void tls(struct bench *bench)
{
	struct failover_attempt attempt = tcp_attempt(bench, 0, FAILOVER_TLS);
	struct server *server = &bench->servers[0];
	uint64_t until = host_now_ms(bench) + BENCH_COME_MS;
	int wire;

	server->raw = true;
	bench_send(bench, &attempt);
	wire = wire_accepted(bench, 0);
	while (!server->raw_count && host_now_ms(bench) < until)
		loop_turn(bench, BENCH_T1_MS);
	BENCH_WANT(bench, server->raw_count && server->first[0] == TLS_HANDSHAKE,
		   "the first of %zu bytes is %#x, no TLS handshake", server->raw_count,
		   server->first[0]);
	(void)places_send(server->wires[wire].fd, "HTTP/1.0 400 Bad Request\r\n\r\n", 28, NULL);
	loop_unreachable(bench, &attempt, FAILOVER_REASON_TLS, AT_ONCE_MS);
}

const struct check stream_checks[] = {
	{ "tcp", "B3c", "a REGISTER by TCP, with its Via, and its answer", NEED_SIP | NEED_TCP,
	  tcp },
	{ "tcp-pieces", "B3c", "an answer that comes in pieces is one answer", NEED_SIP | NEED_TCP,
	  pieces },
	{ "tcp-together", "B3c", "two answers that come together are two", NEED_SIP | NEED_TCP,
	  together },
	{ "tcp-once", "B3c", "nothing is repeated on a connection", NEED_SIP | NEED_TCP, once },
	{ "tcp-refused", "B3f", "a refused connection is reported at once", NEED_SIP | NEED_TCP,
	  refused },
	{ "tcp-reset", "B3f", "a connection that is reset is reported at once", NEED_SIP | NEED_TCP,
	  reset },
	{ "tcp-garbage", "", "random bytes on a connection do no harm", NEED_SIP | NEED_TCP,
	  garbage },
	{ "tls", "B4", "TLS starts with a handshake; what is no TLS is reported as that",
	  NEED_SIP | NEED_TLS, tls },
	{ 0 },
};
