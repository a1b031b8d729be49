/* SPDX-License-Identifier: MIT */
/* sip_bench.c - host and peers; the sockets of the peers outlive an input. */
#define _GNU_SOURCE /* accept4 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "fuzz.h"
#include "sip_bench.h"
#include "sip_text.h"

#define FDS 16
#define TURNS_MOST 2000
#define SIP_PORT 5060
#define WAIT_MS 20000	  /* for a packet on loopback, on a busy machine */
#define SETTLED_MS 300000 /* after which nothing waits for anything */

/* Of all inputs; opened with the first. */
static struct peers {
	int udp[SIP_PEERS], listener;
} peers = { .listener = -1 };

/* ---- host --------------------------------------------------------------------------------- */

static uint64_t host_now(void *ctx)
{
	return ((struct sip_bench *)ctx)->now;
}

static uint32_t host_response(void *ctx, uint64_t attempt, const struct failover_answer *answer)
{
	const struct sip_bench *bench = ctx;

	fuzz_require(attempt > 0 && attempt <= bench->attempts, "news are of an attempt");
	fuzz_require(answer->status >= 100 && answer->status <= 699, "a response has a status");
	fuzz_require(answer->retrying <= 1, "a response is retried or not");
	return bench->verdict;
}

static void host_unreachable(void *ctx, uint64_t attempt, uint32_t reason)
{
	const struct sip_bench *bench = ctx;

	fuzz_require(attempt > 0 && attempt <= bench->attempts, "news are of an attempt");
	fuzz_require(reason > FAILOVER_REASON_STATUS && reason <= FAILOVER_REASON_LOCAL,
		     "unreachable has a reason");
}

static void host_heard(void *ctx, uint32_t line, const struct failover_target *from)
{
	(void)ctx;
	fuzz_require(line == 1 && from->family == 4, "what is heard is a line's target");
}

static void host_log(void *ctx, uint32_t level, const char *text)
{
	(void)ctx;
	fuzz_require(level <= FAILOVER_LOG_DEBUG && !strpbrk(text, "\r\n"), "a log line is one");
	fuzz_require(!strstr(text, "secret"), "no secret is logged");
}

static int host_random(void *ctx, void *bytes, size_t count)
{
	struct sip_bench *bench = ctx;
	uint8_t *at = bytes;

	while (count--) {
		bench->random = bench->random * 6364136223846793005u + 1442695040888963407u;
		*at++ = (uint8_t)(bench->random >> 56);
	}
	return 0;
}

static const void *host_extension(void *ctx, const char *id)
{
	struct sip_bench *bench = ctx;

	if (!strcmp(id, FAILOVER_EXT_SUBSCRIPTION_EVENTS))
		return &bench->subscription_events;
	return strcmp(id, FAILOVER_EXT_CALL_EVENTS) ? NULL : &bench->events;
}

static void remember(struct sip_bench *bench, uint64_t call)
{
	uint64_t *place = &bench->calls_all[bench->calls_count++ % SIP_CALLS];

	if (*place)
		bench->calls->call_free(bench->inst, *place);
	*place = call;
}

/* ---- call events -------------------------------------------------------------------------- */

static void on_incoming(void *app, uint32_t line, uint64_t call, const char *from,
			const struct failover_target *source)
{
	struct sip_bench *bench = app;

	fuzz_require(line == 1 && call && from && source->port, "an incoming call is described");
	bench->incoming++;
	bench->call_in = call;
	remember(bench, call);
}

static void on_progress(void *app, uint64_t call, uint32_t status,
			const struct failover_target *target)
{
	(void)app;
	fuzz_require(call && status > 99 && status < 200 && target->port, "progress is a 1xx");
}

static void on_up(void *app, uint64_t call, const struct failover_target *target)
{
	(void)app;
	fuzz_require(call && target->port, "a call that is up has a target");
}

static void on_ended(void *app, uint64_t call, uint32_t status)
{
	struct sip_bench *bench = app;

	fuzz_require(call && (!status || (status >= 300 && status < 700)), "a call ends");
	if (bench->call_in == call)
		bench->call_in = 0;
}

static void set_host(struct sip_bench *bench)
{
	bench->host = (struct failover_host){
		.size = sizeof(bench->host),
		.ctx = bench,
		.now = host_now,
		.response = host_response,
		.unreachable = host_unreachable,
		.heard = host_heard,
		.log = host_log,
		.random = host_random,
		.get_extension = host_extension,
	};
	bench->events = (struct failover_ext_call_events){
		.size = sizeof(bench->events),
		.app = bench,
		.incoming = on_incoming,
		.progress = on_progress,
		.up = on_up,
		.ended = on_ended,
	};
	sip_subscription_events(bench);
}

/* ---- peers -------------------------------------------------------------------------------- */

/* Responses go to port 5060 where Via names none; each process has addresses of its own for it. */
static uint32_t peer_address(unsigned last_byte)
{
	return 0x7f400000u | ((uint32_t)getpid() & 0x3fff) << 8 | last_byte;
}

static int peer_socket(int type, unsigned last_byte, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	address.sin_addr.s_addr = htonl(peer_address(last_byte));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	fuzz_require(fd >= 0 && !bind(fd, (struct sockaddr *)&address, sizeof(address)),
		     "a socket can be had on 127.0.0.0/8");
	return fd;
}

static void open_peers(void)
{
	unsigned i;

	if (peers.listener >= 0)
		return;
	for (i = 0; i < SIP_PEERS; i++)
		peers.udp[i] = peer_socket(SOCK_DGRAM, 11 + i, SIP_PORT);
	peers.listener = peer_socket(SOCK_STREAM, 11, SIP_PORT);
	fuzz_require(!listen(peers.listener, 16), "a peer can listen");
}

static struct failover_target target_of(unsigned last_byte, uint16_t port, uint8_t transport)
{
	struct failover_target target = { .port = port, .family = 4, .transport = transport };
	uint32_t address = htonl(port ? peer_address(last_byte) : 0x7f000001u);

	memcpy(target.address, &address, 4);
	target.registrar = last_byte == 12;
	return target;
}

static void keep(struct sip_bench *bench, const char *text)
{
	int kind = sip_text_kind(text);
	size_t length;

	if (kind < 0)
		return;
	length = strnlen(text, SIP_TEXT - 1);
	memcpy(bench->kept[kind], text, length);
	bench->kept[kind][length] = '\0';
	if (strncmp(text, "SIP/2.0 ", 8) != 0)
		return;
	snprintf(bench->last_status, sizeof(bench->last_status), "%.3s", text + 8);
	bench->responses[(text[8] - '0') % 7]++;
}

static void take_all(struct sip_bench *bench, int fd)
{
	static char text[65536];
	ssize_t got;

	while ((got = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT)) >= 0) {
		text[got] = '\0';
		keep(bench, text);
		if (!got && fd == bench->connection) /* its end */
			return;
	}
}

/* Take what the plugin has sent. */
static void take(struct sip_bench *bench)
{
	struct pollfd wait[SIP_PEERS + 1];
	int i, count = SIP_PEERS;

	for (i = 0; i < SIP_PEERS; i++)
		wait[i] = (struct pollfd){ .fd = peers.udp[i], .events = POLLIN };
	if (bench->connection >= 0)
		wait[count++] = (struct pollfd){ .fd = bench->connection, .events = POLLIN };
	if (poll(wait, (nfds_t)count, 0) <= 0)
		return;
	for (i = 0; i < count; i++)
		if (wait[i].revents)
			take_all(bench, wait[i].fd);
}

/* ---- the plugin's loop -------------------------------------------------------------------- */

static uint32_t wait_for(struct sip_bench *bench, struct failover_io_fd *ready)
{
	struct failover_io_fd fds[FDS];
	struct pollfd wait[FDS];
	uint32_t count = bench->io->fds(bench->inst, fds, FDS), i, some = 0;

	fuzz_require(count >= 1 && count <= FDS, "descriptors are bounded");
	for (i = 0; i < count; i++)
		wait[i] = (struct pollfd){
			.fd = fds[i].fd,
			.events = (short)((fds[i].events & FAILOVER_IO_READ ? POLLIN : 0) |
					  (fds[i].events & FAILOVER_IO_WRITE ? POLLOUT : 0)),
		};
	if (poll(wait, count, 0) <= 0)
		return 0;
	for (i = 0; i < count; i++) {
		if (!wait[i].revents)
			continue;
		ready[some].fd = wait[i].fd;
		ready[some].events = 0;
		if (wait[i].revents & (POLLIN | POLLHUP | POLLERR))
			ready[some].events |= FAILOVER_IO_READ;
		if (wait[i].revents & (POLLOUT | POLLHUP | POLLERR))
			ready[some].events |= FAILOVER_IO_WRITE;
		some++;
	}
	return some;
}

static struct failover_attempt next_attempt(struct sip_bench *bench, uint32_t method)
{
	return (struct failover_attempt){
		.size = sizeof(struct failover_attempt),
		.line = 1,
		.id = ++bench->attempts,
		.request = bench->attempts,
		.method = method,
		.dialog = method == FAILOVER_REGISTER,
		.expires_s = method == FAILOVER_REGISTER ? 3600 : 0,
		.transmissions = 3,
		.budget_ms = 3500,
		.t1_ms = 500,
		.t2_ms = 4000,
		.t4_ms = 5000,
		.ordinal = 1,
	};
}

/* As an application and the core would. */
static void send_due(struct sip_bench *bench)
{
	struct failover_attempt attempt;

	if (!bench->due)
		return;
	attempt = next_attempt(bench, FAILOVER_OTHER);
	attempt.target = bench->targets[bench->serving];
	attempt.cookie = bench->due;
	bench->due = 0;
	(void)failover_plugin_entry.send(bench->inst, &attempt);
}

static void turn(struct sip_bench *bench)
{
	struct failover_io_fd ready[FDS];
	unsigned turns = 0;
	uint32_t count;

	while ((count = wait_for(bench, ready)) > 0) {
		bench->io->process(bench->inst, ready, count);
		take(bench);
		fuzz_require(turns++ < TURNS_MOST, "the loop comes to rest");
	}
	while (bench->io->deadline(bench->inst) <= bench->now) {
		bench->io->process(bench->inst, NULL, 0);
		fuzz_require(turns++ < TURNS_MOST, "timers come to rest");
	}
	send_due(bench);
	take(bench);
}

void sip_bench_advance(struct sip_bench *bench, uint64_t ms)
{
	uint64_t until = bench->now + ms, next;

	while ((next = bench->io->deadline(bench->inst)) <= until) {
		if (next > bench->now)
			bench->now = next;
		turn(bench);
	}
	bench->now = until;
	turn(bench);
}

/* ---- life --------------------------------------------------------------------------------- */

void sip_bench_line(struct sip_bench *bench)
{
	struct failover_registrar_identity registrars[2] = {
		{ sizeof(registrars[0]), 5060, "primary.example", FAILOVER_UDP, 0 },
		{ sizeof(registrars[0]), 0, "127.0.0.12", FAILOVER_UDP, 0 },
	};
	struct failover_line_identity identity = {
		.size = sizeof(identity),
		.line = 1,
		.user = "user",
		.domain = "primary.example",
		.auth_user = "auth1001",
		.auth_password = "secret",
		.registrars = registrars,
		.registrars_count = 2,
		.keepalive = 1,
		.keepalive_interval_s = 30,
	};
	struct failover_target targets[3] = { bench->targets[0], bench->targets[1],
					      bench->listening };

	fuzz_require(bench->lines->line_set(bench->inst, &identity) == 0, "a line is set");
	fuzz_require(bench->lines->line_targets(bench->inst, 1, targets, 3) == 0,
		     "targets are set");
}

void sip_bench_open(struct sip_bench *bench)
{
	const struct failover_plugin *plugin = &failover_plugin_entry;
	struct failover_open_params params = { .size = sizeof(params),
					       .listen = target_of(1, 0, FAILOVER_UDP) };
	unsigned i;

	open_peers();
	bench->connection = -1;
	take(bench); /* what the input before this one has left */
	memset(bench, 0, sizeof(*bench));
	bench->now = 1000000;
	bench->connection = -1;
	set_host(bench);
	for (i = 0; i < SIP_PEERS; i++)
		bench->targets[i] = target_of(11 + i, SIP_PORT, FAILOVER_UDP);
	bench->listening = target_of(11, SIP_PORT, FAILOVER_TCP);
	fuzz_require(plugin->open(&bench->host, &params, &bench->inst) == 0, "the plugin opens");
	bench->lines = plugin->get_extension(FAILOVER_EXT_LINE);
	bench->calls = plugin->get_extension(FAILOVER_EXT_CALL);
	bench->io = plugin->get_extension(FAILOVER_EXT_IO);
	bench->subscriptions = plugin->get_extension(FAILOVER_EXT_SUBSCRIPTION);
	fuzz_require(bench->io->local(bench->inst, FAILOVER_UDP, &bench->local) == 0,
		     "the plugin has an address");
	sip_bench_line(bench);
}

void sip_bench_close(struct sip_bench *bench)
{
	sip_bench_disconnect(bench);
	failover_plugin_entry.close(bench->inst);
}

/* ---- what is done ------------------------------------------------------------------------- */

void sip_bench_request(struct sip_bench *bench, uint32_t method, unsigned peer, int by_tcp)
{
	struct failover_attempt attempt = next_attempt(bench, method);

	attempt.target = by_tcp ? bench->listening : bench->targets[peer % 2];
	if (method == FAILOVER_INVITE) {
		bench->invite = attempt.id;
		if (bench->calls->call_new(bench->inst, 1, "1002", NULL, &bench->call_out))
			return;
		remember(bench, bench->call_out);
	}
	if (method == FAILOVER_INVITE || method == FAILOVER_BYE)
		attempt.cookie = bench->call_out;
	if (method == FAILOVER_BYE)
		attempt.flags = FAILOVER_ATTEMPT_IN_DIALOG;
	if (method == FAILOVER_CANCEL)
		attempt.related = bench->invite;
	(void)failover_plugin_entry.send(bench->inst, &attempt);
	turn(bench);
}

void sip_bench_forget(struct sip_bench *bench)
{
	size_t i;

	for (i = 0; i < SIP_CALLS; i++) {
		if (bench->calls_all[i])
			bench->calls->call_free(bench->inst, bench->calls_all[i]);
		bench->calls_all[i] = 0;
	}
	bench->call_in = 0;
}

void sip_bench_renew(struct sip_bench *bench)
{
	bench->lines->line_remove(bench->inst, 1);
	bench->call_in = 0;
	bench->due = 0;
	sip_bench_line(bench);
}

void sip_bench_abandon(struct sip_bench *bench)
{
	while (bench->abandoned < bench->attempts)
		(void)failover_plugin_entry.timeout(bench->inst, ++bench->abandoned,
						    FAILOVER_REASON_NO_ANSWER);
	turn(bench);
}

void sip_bench_rest(struct sip_bench *bench)
{
	sip_bench_disconnect(bench);
	sip_bench_forget(bench);
	sip_bench_advance(bench, SETTLED_MS);
	sip_bench_renew(bench);
	sip_bench_advance(bench, SETTLED_MS);
}

size_t sip_bench_text(const struct sip_bench *bench, const uint8_t *bytes, size_t count,
		      char out[SIP_TEXT])
{
	return sip_text_expand(bench->kept, (const char *)bytes, count, out);
}

/* A plugin may have the kernel drop what is empty, STUN or SigComp (the first byte, RFC 7983). */
static int may_be_dropped(const char *text, size_t length)
{
	return !length || (unsigned char)text[0] <= 0x01 || (unsigned char)text[0] >= 0xf8;
}

void sip_bench_datagram(struct sip_bench *bench, unsigned peer, const char *text, size_t length)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(bench->local.port) };
	struct failover_io_fd fd;
	struct pollfd wait;
	int is_optional = may_be_dropped(text, length);

	memcpy(&to.sin_addr, bench->local.address, 4);
	if (sendto(peers.udp[peer % SIP_PEERS], text, length, 0, (struct sockaddr *)&to,
		   sizeof(to)) < 0)
		return;
	bench->io->fds(bench->inst, &fd, 1);
	wait = (struct pollfd){ .fd = fd.fd, .events = POLLIN };
	fuzz_require(poll(&wait, 1, is_optional ? 0 : WAIT_MS) > 0 || is_optional,
		     "a datagram arrives on loopback");
	turn(bench);
}

void sip_bench_connect(struct sip_bench *bench)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(bench->local.port) };

	sip_bench_disconnect(bench);
	bench->connection = accept4(peers.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (bench->connection < 0) {
		memcpy(&to.sin_addr, bench->local.address, 4);
		bench->connection = peer_socket(SOCK_STREAM, 11, 0);
		if (connect(bench->connection, (struct sockaddr *)&to, sizeof(to)))
			turn(bench);
	}
	turn(bench);
}

void sip_bench_segment(struct sip_bench *bench, const char *text, size_t length)
{
	ssize_t sent;

	while (bench->connection >= 0 && length) {
		sent = send(bench->connection, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent <= 0)
			return;
		text += sent;
		length -= (size_t)sent;
		turn(bench);
	}
}

/* With a reset, so that no port is kept in TIME_WAIT. */
static void reset(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

void sip_bench_disconnect(struct sip_bench *bench)
{
	int fd;

	if (bench->connection < 0) {
		while ((fd = accept4(peers.listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
			reset(fd);
		return;
	}
	reset(bench->connection);
	bench->connection = -1;
	turn(bench);
}

int sip_bench_answers(struct sip_bench *bench, const char *status)
{
	struct pollfd wait = { .fd = peers.udp[0], .events = POLLIN };

	while (strcmp(bench->last_status, status) && poll(&wait, 1, WAIT_MS) > 0)
		take(bench);
	return !strcmp(bench->last_status, status);
}

void sip_bench_goes_on(struct sip_bench *bench, uint64_t number)
{
	char text[1024];
	int length;

	length = snprintf(text, sizeof(text),
			  "OPTIONS sip:user@127.0.0.1 SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP 192.0.2.1;rport;branch=z9hG4bK-%llx\r\n"
			  "From: <sip:a@b>;tag=1\r\nTo: <sip:user@primary.example>\r\n"
			  "Call-ID: %llx\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
			  "Content-Length: 0\r\n\r\n",
			  (unsigned long long)number, (unsigned long long)number);
	bench->last_status[0] = '\0';
	sip_bench_datagram(bench, 0, text, (size_t)length);
	fuzz_require(sip_bench_answers(bench, "200"), "the line goes on");
}
