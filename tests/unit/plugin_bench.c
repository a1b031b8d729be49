/* SPDX-License-Identifier: MIT */
/* plugin_bench.c - fake host and peers; nothing here waits longer than a packet on loopback takes.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "plugin_bench.h"

#define WAIT_MS 10000 /* for a packet that must come */
#define NONE_MS 15    /* for one that must not */

/* There if the program is linked with a plugin. */
extern const struct failover_plugin failover_plugin_entry __attribute__((weak));

const struct failover_plugin *bench_plugin(void)
{
	const char *path = getenv("FAILOVER_TEST_PLUGIN");
	const struct failover_plugin *plugin = &failover_plugin_entry;
	void *object;

	if (plugin)
		return plugin;
	if (!path || !path[0]) {
		printf("Bail out! FAILOVER_TEST_PLUGIN names no plugin\n");
		exit(EXIT_FAILURE);
	}
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* it stays loaded */
	plugin = object ? dlsym(object, FAILOVER_PLUGIN_SYMBOL) : NULL;
	if (plugin)
		return plugin;
	printf("Bail out! %s\n", dlerror());
	exit(EXIT_FAILURE);
}

/* ---- host --------------------------------------------------------------------------------- */

static uint64_t host_now(void *ctx)
{
	return ((struct bench *)ctx)->now;
}

static void host_sent(void *ctx, uint64_t attempt)
{
	struct bench *bench = ctx;

	bench->sent++;
	if (attempt < 16)
		bench->sent_of[attempt]++;
}

static uint32_t host_response(void *ctx, uint64_t attempt, const struct failover_answer *answer)
{
	struct bench *bench = ctx;
	size_t i;

	ck_assert_uint_eq(answer->size, sizeof(*answer));
	ck_assert_uint_lt(bench->answers_count, BENCH_NEWS);
	bench->answers[bench->answers_count].attempt = attempt;
	bench->answers[bench->answers_count++].answer = *answer;
	for (i = 0; i < 8; i++)
		if (bench->late[i] == attempt)
			return FAILOVER_VERDICT_LATE;
	return bench->verdict;
}

static void host_unreachable(void *ctx, uint64_t attempt, uint32_t reason)
{
	struct bench *bench = ctx;

	bench->unreachable++;
	bench->unreachable_attempt = attempt;
	bench->unreachable_reason = reason;
}

static void host_heard(void *ctx, uint32_t line, const struct failover_target *from)
{
	struct bench *bench = ctx;

	ck_assert_uint_eq(line, 1);
	bench->heard++;
	bench->heard_from = *from;
}

static void host_log(void *ctx, uint32_t level, const char *text)
{
	struct bench *bench = ctx;

	(void)level;
	ck_assert_ptr_null(strchr(text, '\n'));
	snprintf(bench->log, sizeof(bench->log), "%s", text);
}

static int host_random(void *ctx, void *bytes, size_t count)
{
	(void)ctx;
	return getentropy(bytes, count) ? FAILOVER_ERR_IO : 0;
}

static const void *host_extension(void *ctx, const char *id)
{
	struct bench *bench = ctx;

	if (!strcmp(id, FAILOVER_EXT_SUBSCRIPTION_EVENTS))
		return &bench->subscription_events;
	return strcmp(id, FAILOVER_EXT_CALL_EVENTS) ? NULL : &bench->events;
}

/* ---- subscription events ------------------------------------------------------------------ */

static int on_due(void *app, uint32_t line, uint64_t subscription)
{
	struct bench *bench = app;

	ck_assert_uint_eq(line, 1);
	bench->due++;
	bench->due_subscription = subscription;
	return bench->due_error;
}

static void on_news(void *app, const struct failover_subscription_news *news)
{
	struct bench *bench = app;

	ck_assert_uint_eq(news->line, 1);
	bench->news++;
	bench->last_news = *news;
	snprintf(bench->news_what, sizeof(bench->news_what), "%s", news->what);
	snprintf(bench->news_state, sizeof(bench->news_state), "%s", news->state);
	snprintf(bench->news_type, sizeof(bench->news_type), "%s", news->type);
	snprintf(bench->news_body, sizeof(bench->news_body), "%s", news->body);
}

/* ---- call events -------------------------------------------------------------------------- */

static void on_incoming(void *app, uint32_t line, uint64_t call, const char *from,
			const struct failover_target *source)
{
	struct bench *bench = app;

	ck_assert_uint_eq(line, 1);
	ck_assert_uint_ne(source->port, 0);
	bench->incoming++;
	bench->call = call;
	snprintf(bench->from, sizeof(bench->from), "%s", from);
}

static void on_progress(void *app, uint64_t call, uint32_t status,
			const struct failover_target *target)
{
	struct bench *bench = app;

	(void)call, (void)target;
	bench->progress++;
	bench->progress_status = status;
}

static void on_up(void *app, uint64_t call, const struct failover_target *target)
{
	struct bench *bench = app;

	ck_assert_uint_eq(call, bench->call);
	bench->up++;
	bench->up_target = *target;
}

static void on_ended(void *app, uint64_t call, uint32_t status)
{
	struct bench *bench = app;

	(void)call;
	bench->ended++;
	bench->ended_status = status;
}

static void on_redirected(void *app, uint64_t call, const char *uri)
{
	struct bench *bench = app;
	size_t length = strlen(bench->redirected);

	(void)call;
	snprintf(bench->redirected + length, sizeof(bench->redirected) - length, "%s ", uri);
}

/* ---- set-up ------------------------------------------------------------------------------- */

static void open_peer(struct bench_peer *peer, unsigned last_byte)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);

	address.sin_addr.s_addr = htonl(0x7f000000u | last_byte);
	peer->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(peer->fd, 0);
	ck_assert_int_eq(bind(peer->fd, (struct sockaddr *)&address, length), 0);
	ck_assert_int_eq(getsockname(peer->fd, (struct sockaddr *)&address, &length), 0);
	peer->target.family = 4;
	peer->target.port = ntohs(address.sin_port);
	memcpy(peer->target.address, &address.sin_addr, 4);
}

void bench_identity(struct bench *bench, const char *password, const char *realm)
{
	struct failover_registrar_identity registrars[2] = {
		{ sizeof(registrars[0]), 5060, "primary.example", FAILOVER_UDP, 0 },
		{ sizeof(registrars[0]), 0, "127.0.0.12", FAILOVER_UDP, 0 },
	};
	struct failover_proxy_identity proxy = { sizeof(proxy), 5060, "127.0.0.13", "proxyuser",
						 "proxysecret" };
	struct failover_line_identity identity = {
		.size = sizeof(identity),
		.line = 1,
		.user = "1001",
		.display_name = "A \"b\"",
		.domain = "primary.example",
		.auth_user = "auth1001",
		.auth_password = password,
		.realm = realm,
		.registrars = registrars,
		.proxies = &proxy,
		.registrars_count = 2,
		.proxies_count = 1,
		.keepalive = bench->keepalive_options ? 2 : 1,
		.keepalive_interval_s = bench->keepalive_s,
		.in_dialog = bench->in_dialog,
		.domain_follows = bench->domain_follows,
		.redirect = bench->redirect,
		.incoming_users = bench->incoming_users,
		.incoming_users_count = bench->incoming_users_count,
		.overload_control = bench->overload_control,
		.emergency = bench->emergency,
		.emergency_count = bench->emergency_count,
	};
	struct failover_target targets[BENCH_PEERS];
	int i;

	for (i = 0; i < BENCH_PEERS; i++)
		targets[i] = bench->peers[i].target;
	ck_assert_int_eq(bench->lines->line_set(bench->inst, &identity), 0);
	ck_assert_int_eq(bench->lines->line_targets(bench->inst, 1, targets, BENCH_PEERS), 0);
}

static void host_lost(void *ctx, uint32_t line, const struct failover_target *target)
{
	struct bench *bench = ctx;

	bench->lost++;
	bench->lost_line = line;
	bench->lost_target = *target;
}

static void set_host(struct bench *bench)
{
	bench->host = (struct failover_host){
		.size = sizeof(bench->host),
		.ctx = bench,
		.now = host_now,
		.sent = host_sent,
		.response = host_response,
		.unreachable = host_unreachable,
		.heard = host_heard,
		.log = host_log,
		.random = host_random,
		.get_extension = host_extension,
		.lost = host_lost,
	};
	bench->events = (struct failover_ext_call_events){
		.size = sizeof(bench->events),
		.app = bench,
		.incoming = on_incoming,
		.progress = on_progress,
		.up = on_up,
		.ended = on_ended,
		.redirected = on_redirected,
	};
	bench->subscription_events = (struct failover_ext_subscription_events){
		.size = sizeof(bench->subscription_events),
		.app = bench,
		.due = on_due,
		.news = on_news,
	};
}

void bench_open_params(struct bench *bench, const struct failover_open_params *params)
{
	const struct failover_plugin *plugin = bench_plugin();
	int i;

	memset(bench, 0, sizeof(*bench));
	bench->now = 1000000;
	bench->in_dialog = FAILOVER_IN_DIALOG_TARGET;
	set_host(bench);
	for (i = 0; i < BENCH_PEERS; i++) {
		open_peer(&bench->peers[i], 11 + (unsigned)i);
		bench->peers[i].target.registrar = i == 1;
		bench->peers[i].target.hop = i == 2;
	}
	ck_assert_int_eq(plugin->open(&bench->host, params, &bench->inst), 0);
	bench->lines = plugin->get_extension(FAILOVER_EXT_LINE);
	bench->calls = plugin->get_extension(FAILOVER_EXT_CALL);
	bench->subscriptions = plugin->get_extension(FAILOVER_EXT_SUBSCRIPTION);
	bench->io = plugin->get_extension(FAILOVER_EXT_IO);
	ck_assert_int_eq(bench->io->local(bench->inst, FAILOVER_UDP, &bench->local), 0);
	bench->local.address[0] = 127;
	bench->local.address[3] = 1;
	bench_identity(bench, "secret", NULL);
}

void bench_open_with(struct bench *bench, uint32_t accept_any)
{
	struct failover_open_params params = { .size = sizeof(params), .accept_any = accept_any };

	bench_open_params(bench, &params);
}

void bench_open(struct bench *bench)
{
	bench_open_with(bench, 0);
}

void bench_close(struct bench *bench)
{
	int i;

	bench_plugin()->close(bench->inst);
	for (i = 0; i < BENCH_PEERS; i++)
		if (bench->peers[i].fd >= 0)
			close(bench->peers[i].fd);
}

/* ---- doing -------------------------------------------------------------------------------- */

struct failover_attempt bench_attempt(struct bench *bench, uint32_t method, int peer, uint64_t id)
{
	return (struct failover_attempt){
		.size = sizeof(struct failover_attempt),
		.line = 1,
		.id = id,
		.request = 100,
		.target = bench->peers[peer].target,
		.method = method,
		.dialog = method == FAILOVER_REGISTER ? 1 : 0,
		.expires_s = method == FAILOVER_REGISTER ? 3600 : 0,
		.transmissions = 3,
		.budget_ms = 3500,
		.t1_ms = 500,
		.t2_ms = 4000,
		.t4_ms = 5000,
		.ordinal = 1,
	};
}

void bench_send(struct bench *bench, const struct failover_attempt *attempt)
{
	ck_assert_int_eq(bench_try(bench, attempt), 0);
}

int bench_try(struct bench *bench, const struct failover_attempt *attempt)
{
	return bench_plugin()->send(bench->inst, attempt);
}

void bench_timeout(struct bench *bench, uint64_t attempt, uint32_t reason)
{
	ck_assert_int_eq(bench_plugin()->timeout(bench->inst, attempt, reason), 0);
}

int bench_turn(struct bench *bench, int wait_ms)
{
	struct failover_io_fd fds[BENCH_FDS], ready[BENCH_FDS];
	struct pollfd wait[BENCH_FDS];
	uint32_t count = bench->io->fds(bench->inst, fds, BENCH_FDS), i, some = 0;

	ck_assert_uint_ge(count, 1);
	ck_assert_uint_le(count, BENCH_FDS);
	for (i = 0; i < count; i++)
		wait[i] = (struct pollfd){
			.fd = fds[i].fd,
			.events = (short)((fds[i].events & FAILOVER_IO_READ ? POLLIN : 0) |
					  (fds[i].events & FAILOVER_IO_WRITE ? POLLOUT : 0)),
		};
	if (poll(wait, count, wait_ms) <= 0)
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
	bench->io->process(bench->inst, ready, some);
	return 1;
}

void bench_pump(struct bench *bench)
{
	int turns = 0;

	while (bench_turn(bench, 0))
		ck_assert_int_lt(turns++, 100000);
	bench->io->process(bench->inst, NULL, 0);
}

void bench_advance(struct bench *bench, uint64_t ms)
{
	uint64_t until = bench->now + ms, next;

	while ((next = bench->io->deadline(bench->inst)) <= until) {
		if (next > bench->now)
			bench->now = next;
		bench->io->process(bench->inst, NULL, 0);
	}
	bench->now = until;
}

const struct bench_answer *bench_last(const struct bench *bench)
{
	ck_assert_uint_gt(bench->answers_count, 0);
	return &bench->answers[bench->answers_count - 1];
}

static int take(struct bench *bench, int peer, char *text, int wait_ms)
{
	struct pollfd wait = { .fd = bench->peers[peer].fd, .events = POLLIN };
	ssize_t got;

	if (poll(&wait, 1, wait_ms) <= 0)
		return 0;
	got = recv(bench->peers[peer].fd, text, BENCH_TEXT - 1, 0);
	ck_assert_int_ge(got, 0);
	text[got] = '\0';
	return 1;
}

int peer_take(struct bench *bench, int peer, char *text)
{
	return take(bench, peer, text, NONE_MS);
}

void peer_expect(struct bench *bench, int peer, const char *start, char *text)
{
	ck_assert_msg(take(bench, peer, text, WAIT_MS), "no %s has come", start);
	ck_assert_msg(!strncmp(text, start, strlen(start)), "not %s but: %s", start, text);
}

void peer_expect_none(struct bench *bench, int peer)
{
	char text[BENCH_TEXT];
	int came = take(bench, peer, text, NONE_MS);

	ck_assert_msg(!came, "unexpected: %s", text);
}

void peer_say(struct bench *bench, int peer, const char *text)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(bench->local.port) };
	struct failover_io_fd fd;
	struct pollfd wait;

	memcpy(&to.sin_addr, bench->local.address, 4);
	ck_assert_int_ge(sendto(bench->peers[peer].fd, text, strlen(text), 0,
				(struct sockaddr *)&to, sizeof(to)),
			 0);
	bench->io->fds(bench->inst, &fd, 1);
	wait = (struct pollfd){ .fd = fd.fd, .events = POLLIN };
	ck_assert_int_gt(poll(&wait, 1, WAIT_MS), 0);
	bench_pump(bench);
}

void peer_answer(struct bench *bench, int peer, const char *request, const char *status_line,
		 const char *headers)
{
	char text[BENCH_TEXT], to[512], value[512];
	int length;

	header_of(request, "To", to);
	if (!strstr(to, ";tag=") && strncmp(status_line, "100", 3) != 0)
		strcat(to, ";tag=peer");
	length = snprintf(text, sizeof(text), "SIP/2.0 %s\r\nVia: %s\r\nTo: %s\r\n", status_line,
			  header_of(request, "Via", value), to);
	length += snprintf(text + length, sizeof(text) - (size_t)length, "From: %s\r\n",
			   header_of(request, "From", value));
	length += snprintf(text + length, sizeof(text) - (size_t)length, "Call-ID: %s\r\n",
			   header_of(request, "Call-ID", value));
	length += snprintf(text + length, sizeof(text) - (size_t)length, "CSeq: %s\r\n",
			   header_of(request, "CSeq", value));
	snprintf(text + length, sizeof(text) - (size_t)length, "%sContent-Length: 0\r\n\r\n",
		 headers);
	peer_say(bench, peer, text);
}

/* ---- calls ------------------------------------------------------------------------------- */

uint64_t bench_dial(struct bench *bench, const char *uri)
{
	uint64_t call = 0;

	ck_assert_int_eq(bench->calls->call_new(bench->inst, 1, uri, NULL, &call), 0);
	return call;
}

void bench_invite(struct bench *bench, uint64_t call, int peer, uint64_t id, char *text)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_INVITE, peer, id);

	attempt.cookie = call;
	attempt.ordinal = (uint32_t)id;
	bench_send(bench, &attempt);
	peer_expect(bench, peer, "INVITE", text);
}

void bench_bye(struct bench *bench, uint64_t call, int peer, uint64_t id)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_BYE, peer, id);

	attempt.cookie = call;
	attempt.request = 101;
	attempt.flags = FAILOVER_ATTEMPT_IN_DIALOG;
	bench_send(bench, &attempt);
}

/* ---- running ------------------------------------------------------------------------------ */

/* Why a test is skipped, or NULL. */
static const char *refused(const struct bench_need *need)
{
	static char why[64];

	if ((bench_plugin()->capabilities & need->capabilities) != need->capabilities) {
		snprintf(why, sizeof(why), "the %s plugin says that it cannot", bench_plugin()->id);
		return why;
	}
	return need->refused ? need->refused() : NULL;
}

int bench_main_needs(const char *name, void (*add)(TCase *), const struct bench_need *needs,
		     size_t count)
{
	struct skipped_test skipped[BENCH_NEEDS];
	size_t i, skips = 0;
	char title[64];
	Suite *suite;
	TCase *tcase;

	snprintf(title, sizeof(title), "%s_%s", bench_plugin()->id, name);
	suite = suite_create(title);
	tcase = tcase_create(title);
	tcase_set_timeout(tcase, 120);
	add(tcase);
	for (i = 0; i < count && i < BENCH_NEEDS; i++) {
		const char *why = refused(&needs[i]);

		if (why)
			skipped[skips++] = (struct skipped_test){ needs[i].test, why };
		else
			tcase_add_test(tcase, needs[i].test);
	}
	suite_add_tcase(suite, tcase);
	return run_with_skips(suite, skipped, skips);
}

int bench_main(const char *name, void (*add)(TCase *))
{
	return bench_main_needs(name, add, NULL, 0);
}
