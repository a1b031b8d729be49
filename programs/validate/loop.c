/* SPDX-License-Identifier: MIT */
/* loop.c - the host's event loop, and waiting for what must come or must not. */
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include "bench.h"

#define FDS_MAX 128u

/* ---- turns -------------------------------------------------------------------------------- */

static uint32_t plugin_fds(struct bench *bench, struct pollfd *out)
{
	struct failover_io_fd fds[FDS_MAX];
	uint32_t count = bench->open && bench->io ? bench->io->fds(bench->inst, fds, FDS_MAX) : 0;
	uint32_t i;

	if (count > FDS_MAX)
		count = FDS_MAX;
	for (i = 0; i < count; i++)
		out[i] = (struct pollfd){
			.fd = fds[i].fd,
			.events = (short)((fds[i].events & FAILOVER_IO_READ ? POLLIN : 0) |
					  (fds[i].events & FAILOVER_IO_WRITE ? POLLOUT : 0)),
		};
	return count;
}

static uint32_t ready_events(short revents)
{
	uint32_t events = 0;

	if (revents & (POLLIN | POLLHUP | POLLERR))
		events |= FAILOVER_IO_READ;
	if (revents & (POLLOUT | POLLHUP | POLLERR))
		events |= FAILOVER_IO_WRITE;
	if (revents & POLLERR)
		events |= FAILOVER_IO_ERROR;
	return events;
}

static void process(struct bench *bench, const struct pollfd *fds, uint32_t count, bool woken)
{
	struct failover_io_fd ready[FDS_MAX];
	uint32_t i, some = 0;

	for (i = 0; i < count; i++)
		if (fds[i].revents)
			ready[some++] =
				(struct failover_io_fd){ fds[i].fd, ready_events(fds[i].revents) };
	if (some || woken || bench->io->deadline(bench->inst) <= host_now_ms(bench))
		bench->io->process(bench->inst, ready, some);
}

/* Rounded up: a timer must not be asked for before its time. */
static int wait_for(struct bench *bench, uint64_t most_ms)
{
	uint64_t now = host_now_ms(bench), due;

	if (!bench->open || !bench->io)
		return (int)most_ms;
	due = bench->io->deadline(bench->inst);
	if (due <= now)
		return 0;
	return (int)(due - now < most_ms ? due - now : most_ms);
}

void loop_turn(struct bench *bench, uint64_t most_ms)
{
	struct pollfd fds[FDS_MAX + BENCH_SERVERS * (2 + BENCH_WIRES) + 1];
	uint32_t count = plugin_fds(bench, fds);
	uint32_t ours = wire_fds(bench, fds + count, BENCH_SERVERS * (2 + BENCH_WIRES));
	int wait = wait_for(bench, most_ms);
	uint64_t woken = 0;

	fds[count + ours] = (struct pollfd){ .fd = bench->wakeup_fd, .events = POLLIN };
	(void)poll(fds, count + ours + 1, wait);
	bench->slept_ms = (uint64_t)wait;
	wire_read(bench);
	(void)!read(bench->wakeup_fd, &woken, sizeof(woken));
	if (bench->open && bench->io)
		process(bench, fds, count, woken != 0);
	wire_read(bench);
}

void loop_run(struct bench *bench, uint64_t ms)
{
	uint64_t until = host_now_ms(bench) + ms, now;

	while ((now = host_now_ms(bench)) < until)
		loop_turn(bench, until - now);
}

/* ---- what must come ----------------------------------------------------------------------- */

static struct news *find_news(struct bench *bench, uint64_t attempt)
{
	unsigned i;

	for (i = 0; i < bench->news_count; i++)
		if (!bench->news[i].taken && bench->news[i].attempt == attempt)
			return &bench->news[i];
	return NULL;
}

static struct news *wait_news(struct bench *bench, uint64_t attempt, uint64_t ms)
{
	uint64_t until = host_now_ms(bench) + ms, now;
	struct news *news = find_news(bench, attempt);

	while (!news && (now = host_now_ms(bench)) < until) {
		loop_turn(bench, until - now);
		news = find_news(bench, attempt);
	}
	if (news)
		news->taken = true;
	return news;
}

const struct news *loop_answer(struct bench *bench, const struct failover_attempt *attempt,
			       uint32_t status)
{
	struct news *news = wait_news(bench, attempt->id, BENCH_COME_MS);

	BENCH_WANT(bench, news, "the response %u was not reported", status);
	BENCH_WANT(bench, news->kind == NEWS_RESPONSE,
		   "the attempt was reported unreachable (reason %u) instead of response %u",
		   news->reason, status);
	BENCH_WANT(bench, news->answer.status == status, "response %u was reported as %u", status,
		   news->answer.status);
	return news;
}

void loop_unreachable(struct bench *bench, const struct failover_attempt *attempt, uint32_t reason,
		      uint64_t within_ms)
{
	struct news *news = wait_news(bench, attempt->id, within_ms);

	BENCH_WANT(bench, news, "the attempt was not reported unreachable within %u ms",
		   (unsigned)within_ms);
	BENCH_WANT(bench, news->kind == NEWS_UNREACHABLE, "a response %u was reported",
		   news->answer.status);
	BENCH_WANT(bench, news->reason == reason, "unreachable for reason %u, not %u", news->reason,
		   reason);
}

static struct packet_in *find_packet(struct bench *bench, int server)
{
	struct packet_in *packet = bench->packets;

	while (packet && (packet->taken || packet->server != server))
		packet = packet->next;
	return packet;
}

static struct packet_in *wait_packet(struct bench *bench, int server, const char *what)
{
	uint64_t until = host_now_ms(bench) + BENCH_COME_MS, now;
	struct packet_in *packet = find_packet(bench, server);

	while (!packet && (now = host_now_ms(bench)) < until) {
		loop_turn(bench, until - now);
		packet = find_packet(bench, server);
	}
	BENCH_WANT(bench, packet, "no %s came to server %d", what, server);
	packet->taken = true;
	return packet;
}

struct packet_in *loop_request(struct bench *bench, int server, const char *method)
{
	struct packet_in *packet = wait_packet(bench, server, method);

	BENCH_WANT(bench, !packet->sip.status && !strcmp(packet->sip.method, method),
		   "not %s but %s %d came to server %d", method, packet->sip.method,
		   packet->sip.status, server);
	return packet;
}

struct packet_in *loop_response(struct bench *bench, int server, int status)
{
	struct packet_in *packet = wait_packet(bench, server, "response");

	BENCH_WANT(bench, packet->sip.status && (!status || packet->sip.status == status),
		   "not %d but %s %d came to server %d", status, packet->sip.method,
		   packet->sip.status, server);
	return packet;
}

struct call_news *loop_call(struct bench *bench, enum call_event kind)
{
	static const char *const names[] = { "incoming", "progress", "up", "ended" };
	uint64_t until = host_now_ms(bench) + BENCH_COME_MS, now;
	unsigned i;

	for (;;) {
		for (i = 0; i < bench->call_news_count; i++) {
			if (bench->call_news[i].taken || bench->call_news[i].kind != kind)
				continue;
			bench->call_news[i].taken = true;
			return &bench->call_news[i];
		}
		now = host_now_ms(bench);
		BENCH_WANT(bench, now < until, "the call event `%s` did not come", names[kind]);
		loop_turn(bench, until - now);
	}
}

/* ---- what must not ------------------------------------------------------------------------ */

/* Packets that no check has asked for, and news that none has. */
static unsigned surplus_packets(const struct bench *bench)
{
	const struct packet_in *packet;
	unsigned count = 0;

	for (packet = bench->packets; packet; packet = packet->next)
		count += packet->count - packet->taken;
	return count;
}

static unsigned surplus_news(const struct bench *bench)
{
	unsigned i, count = 0;

	for (i = 0; i < bench->news_count; i++)
		count += !bench->news[i].taken;
	return count;
}

void loop_mark(struct bench *bench)
{
	wire_read(bench);
	bench->marked_packets = surplus_packets(bench);
	bench->marked_news = surplus_news(bench);
}

unsigned loop_packets(const struct bench *bench)
{
	const struct packet_in *packet;
	unsigned count = 0;

	for (packet = bench->packets; packet; packet = packet->next)
		count += packet->count;
	return count;
}

unsigned loop_news(const struct bench *bench, const struct failover_attempt *attempt)
{
	unsigned i, count = 0;

	for (i = 0; i < bench->news_count; i++)
		count += !bench->news[i].taken && bench->news[i].attempt == attempt->id;
	return count;
}

static const struct packet_in *newest(const struct bench *bench)
{
	const struct packet_in *packet, *found = bench->packets;

	for (packet = bench->packets; packet; packet = packet->next) {
		unsigned last = packet->count < BENCH_TIMES ? packet->count : BENCH_TIMES;
		unsigned best = found->count < BENCH_TIMES ? found->count : BENCH_TIMES;

		if (packet->at[last - 1] > found->at[best - 1])
			found = packet;
	}
	return found;
}

void loop_quiet(struct bench *bench, uint64_t ms, const char *when)
{
	loop_run(bench, ms);
	if (surplus_packets(bench) > bench->marked_packets) {
		const struct packet_in *packet = newest(bench);

		bench_fail(bench, "%s %d was sent to server %d %s", packet->sip.method,
			   packet->sip.status, packet->server, when);
	}
	if (surplus_news(bench) > bench->marked_news) {
		const struct news *last = &bench->news[bench->news_count - 1];

		bench_fail(bench, "%s %u was reported %s",
			   last->kind == NEWS_RESPONSE ? "response" : "unreachable, reason",
			   last->kind == NEWS_RESPONSE ? last->answer.status : last->reason, when);
	}
}
