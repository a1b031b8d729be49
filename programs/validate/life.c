/* SPDX-License-Identifier: MIT */
/* life.c - open and close, older and newer structs, ids that name nothing, threads. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "bench.h"

#define ROUNDS 1000
#define WARM_UP 50
#define GROWTH_MAX (32u * 1024) /* of the heap, in 950 rounds */
#define MORE 64u		/* bytes that a newer host has at the end of a struct */

/* There in a build with sanitizers, which has a heap of its own. */
extern size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t heap_bytes(void)
{
	if (__sanitizer_get_current_allocated_bytes)
		return __sanitizer_get_current_allocated_bytes();
	return mallinfo2().uordblks;
}

static bool has_sip(const struct bench *bench)
{
	return bench->lines && bench->io &&
	       !(bench->plugin->capabilities & FAILOVER_CAP_VIRTUAL_TIME);
}

static void open_close(struct bench *bench)
{
	unsigned fds = 0, now;
	size_t heap = 0, grown;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (i == WARM_UP) {
			fds = bench_fds();
			heap = heap_bytes();
		}
		bench_open(bench);
		if (bench->lines)
			bench_line(bench, 1, NULL);
		bench_close(bench);
	}
	now = bench_fds();
	BENCH_WANT(bench, now == fds, "after %d rounds %u descriptors are open, %u before",
		   ROUNDS - WARM_UP, now, fds);
	grown = heap_bytes() > heap ? heap_bytes() - heap : 0;
	BENCH_WANT(bench, grown < GROWTH_MAX, "the heap has grown by %zu bytes in %d rounds", grown,
		   ROUNDS - WARM_UP);
}

/* 192.0.2.1 is nobody's (RFC 5737): a plugin that binds cannot do so. */
static void open_fails(struct bench *bench)
{
	static const uint8_t nobody[4] = { 192, 0, 2, 1 };
	unsigned fds;
	int rc, i;

	memcpy(bench->params.listen.address, nobody, sizeof(nobody));
	for (i = 0; i < 2; i++) {
		fds = bench_fds();
		rc = bench_try_open(bench);
		BENCH_WANT(bench, rc <= 0, "open returned %d", rc);
		if (!rc)
			bench_skip(bench, "the plugin opens at an address that is not here");
	}
	BENCH_WANT(bench, bench_fds() == fds, "a failed open leaves %u descriptors open",
		   bench_fds() - fds);
}

/* ---- two of them -------------------------------------------------------------------------- */

static void two_instances(struct bench *bench)
{
	struct failover_attempt attempt;
	void *first = bench->inst, *second;
	struct packet_in *packet;

	bench_open(bench);
	bench_line(bench, 1, NULL);
	second = bench->inst;
	BENCH_WANT(bench, first != second, "both instances have the same address");
	bench->inst = first;
	attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	bench_send(bench, &attempt);
	packet = loop_request(bench, 0, "REGISTER");
	bench->plugin->close(second);
	wire_answer(bench, packet, 200, "");
	loop_answer(bench, &attempt, 200);
}

static void close_busy(struct bench *bench)
{
	struct failover_attempt attempt;
	unsigned fds, packets;
	uint64_t call;

	bench_close(bench);
	fds = bench_fds();
	bench_open(bench);
	bench_line(bench, 1, NULL);
	attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	bench_send(bench, &attempt);
	loop_request(bench, 0, "REGISTER");
	if (bench->calls && !bench->calls->call_new(bench->inst, 1, "1002", NULL, &call)) {
		attempt = bench_attempt(bench, FAILOVER_INVITE, 1);
		attempt.cookie = call;
		bench_send(bench, &attempt);
		wire_answer(bench, loop_request(bench, 1, "INVITE"), 180, "");
		loop_answer(bench, &attempt, 180);
	}
	bench->after_close = 0;
	bench_close(bench);
	wire_read(bench);
	packets = loop_packets(bench);
	loop_run(bench, 4 * BENCH_T1_MS);
	BENCH_WANT(bench, !bench->after_close, "%u calls to the host table in or after close",
		   bench->after_close);
	BENCH_WANT(bench, loop_packets(bench) == packets, "packets were sent after close");
	BENCH_WANT(bench, bench_fds() == fds, "%u descriptors are open, %u before open",
		   bench_fds(), fds);
}

/* ---- other sizes -------------------------------------------------------------------------- */

/* Memory whose end is the end of the world: one byte more is a crash. */
static void *guarded(struct bench *bench, const void *bytes, size_t count)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE))
		bench_fail(bench, "the validator has no memory");
	return memcpy(pages + page - count, bytes, count);
}

static void *shortened(struct bench *bench, const void *bytes, uint32_t size)
{
	uint32_t *out = guarded(bench, bytes, size);

	*out = size; /* the first field of all of them */
	return out;
}

static void register_once(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);

	bench_line(bench, 1, NULL);
	bench_send(bench, &attempt);
	wire_answer(bench, loop_request(bench, 0, "REGISTER"), 200, "");
	loop_answer(bench, &attempt, 200);
}

/* It may refuse an earlier host; if it takes it, it has to live with it. */
static void open_old(struct bench *bench, const struct failover_host *host,
		     const struct failover_open_params *params)
{
	int rc = bench->plugin->open(host, params, &bench->inst);

	BENCH_WANT(bench, rc <= 0, "open returned %d", rc);
	bench->open = !rc;
	if (bench->open && has_sip(bench))
		register_once(bench);
	bench_close(bench);
}

/* The first version of each (doc/abi.md), and each that came since. */
static void older_host(struct bench *bench)
{
	static const uint32_t hosts[] = { offsetof(struct failover_host, lost),
					  offsetof(struct failover_host, bad_answer),
					  offsetof(struct failover_host, refresh) };
	static const uint32_t params[] = { offsetof(struct failover_open_params, accept),
					   offsetof(struct failover_open_params, device),
					   offsetof(struct failover_open_params, user) };
	unsigned fds;
	size_t i;

	open_old(bench, &bench->host, &bench->params); /* a stack may keep its loop */
	fds = bench_fds();
	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		open_old(bench, shortened(bench, &bench->host, hosts[i]), &bench->params);
	for (i = 0; i < sizeof(params) / sizeof(params[0]); i++)
		open_old(bench, &bench->host, shortened(bench, &bench->params, params[i]));
	BENCH_WANT(bench, bench_fds() == fds, "descriptors are left open");
}

static void older_attempt(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	struct failover_line_identity identity = bench_identity(1, NULL);
	uint32_t size = sizeof(attempt); /* it has not grown since the first version */
	int rc = bench->lines->line_set(
		bench->inst,
		shortened(bench, &identity, offsetof(struct failover_line_identity, keepalive)));

	BENCH_WANT(bench, !rc, "line_set returned %d for an identity of the first edition", rc);
	rc = bench->plugin->send(bench->inst, shortened(bench, &attempt, size));
	BENCH_WANT(bench, rc <= 0, "send returned %d", rc);
	loop_run(bench, 2 * BENCH_T1_MS);
	BENCH_WANT(bench, !rc || !loop_packets(bench), "send failed, and yet a packet was sent");
	attempt = bench_attempt(bench, FAILOVER_REGISTER, 1);
	bench_send(bench, &attempt);
	wire_answer(bench, loop_request(bench, 1, "REGISTER"), 200, "");
	loop_answer(bench, &attempt, 200);
}

/* The same, followed by fields that this edition does not know. */
static void *lengthened(struct bench *bench, const void *bytes, uint32_t size)
{
	unsigned char *out = malloc(size + MORE);

	if (!out)
		bench_fail(bench, "the validator has no memory");
	memcpy(out, bytes, size);
	memset(out + size, 0xa5, MORE);
	*(uint32_t *)(void *)out = size + MORE;
	return out;
}

static void use_newer(struct bench *bench)
{
	struct failover_line_identity identity = bench_identity(1, NULL);
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);
	struct failover_result result = { .size = sizeof(result), .line = 1, .status = 200 };
	int rc;

	rc = bench->lines->line_set(bench->inst, lengthened(bench, &identity, sizeof(identity)));
	BENCH_WANT(bench, !rc, "line_set returned %d for a larger identity", rc);
	rc = bench->plugin->send(bench->inst, lengthened(bench, &attempt, sizeof(attempt)));
	BENCH_WANT(bench, !rc, "send returned %d for a larger attempt", rc);
	wire_answer(bench, loop_request(bench, 0, "REGISTER"), 200, "");
	loop_answer(bench, &attempt, 200);
	result.request = attempt.request;
	result.method = attempt.method;
	result.outcome = FAILOVER_OUTCOME_ANSWERED;
	bench->plugin->response(bench->inst, lengthened(bench, &result, sizeof(result)));
}

static void newer_host(struct bench *bench)
{
	int rc = bench->plugin->open(lengthened(bench, &bench->host, sizeof(bench->host)),
				     lengthened(bench, &bench->params, sizeof(bench->params)),
				     &bench->inst);

	bench->open = !rc;
	BENCH_WANT(bench, !rc, "open returned %d for a larger host table and larger params", rc);
	if (has_sip(bench))
		use_newer(bench);
}

/* ---- ids ---------------------------------------------------------------------------------- */

static void unknown_ids(struct bench *bench)
{
	static const uint64_t ids[] = { 0, 1, 0x123456789abcull, UINT64_MAX };
	struct failover_result result = { .size = sizeof(result), .line = 77, .request = 99 };
	uint32_t reason;
	size_t i;
	int rc;

	bench_open(bench);
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		for (reason = FAILOVER_ABANDON_BUDGET; reason <= FAILOVER_ABANDON_REMOVED;
		     reason++) {
			rc = bench->plugin->timeout(bench->inst, ids[i], reason);
			BENCH_WANT(bench, rc == 0 || rc == 1, "timeout returned %d", rc);
		}
		if (bench->calls) {
			bench->calls->call_free(bench->inst, ids[i]);
			rc = bench->calls->call_answer(bench->inst, ids[i], 200);
			BENCH_WANT(bench, rc < 0, "call_answer returned %d", rc);
		}
	}
	result.method = FAILOVER_REGISTER;
	result.outcome = FAILOVER_OUTCOME_FAILED;
	bench->plugin->response(bench->inst, &result);
	if (bench->lines)
		bench->lines->line_remove(bench->inst, 77);
	BENCH_WANT(bench, !bench->news_count, "news was reported");
}

/* ---- threads ------------------------------------------------------------------------------ */

static void threads(struct bench *bench)
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0);

	bench_send(bench, &attempt);
	wire_answer(bench, loop_request(bench, 0, "REGISTER"), 200, "");
	loop_answer(bench, &attempt, 200);
	attempt = bench_attempt(bench, FAILOVER_OPTIONS, 1);
	bench_send(bench, &attempt);
	loop_request(bench, 1, "OPTIONS");
	loop_run(bench, BENCH_T1_MS);
	bench_timeout(bench, &attempt, FAILOVER_ABANDON_BUDGET);
	loop_run(bench, BENCH_T1_MS);
	BENCH_WANT(bench, !__atomic_load_n(&bench->wrong_thread, __ATOMIC_RELAXED),
		   "the host table was called on another thread");
}

static void wakeup(struct bench *bench)
{
	int rc;

	bench->no_wakeup = true;
	rc = bench_try_open(bench);
	BENCH_WANT(bench, rc == FAILOVER_ERR_UNSUPPORTED,
		   "open returned %d without " FAILOVER_EXT_WAKEUP, rc);
	bench->no_wakeup = false;
	bench_open(bench);
	if (has_sip(bench))
		register_once(bench);
}

const struct check life_checks[] = {
	{ "open-close", "", "1000 times open and close leave no descriptor and no memory behind",
	  NEED_PLUGIN, open_close },
	{ "open-fails", "", "an open that fails keeps nothing", NEED_PLUGIN, open_fails },
	{ "two-instances", "", "two instances live side by side; one goes, the other stays",
	  NEED_SIP, two_instances },
	{ "close-busy", "",
	  "close with requests under way: not a word to the host, no packet after", NEED_SIP,
	  close_busy },
	{ "older-host", "", "of an earlier host table or params nothing beyond `size` is read",
	  NEED_PLUGIN, older_host },
	{ "older-attempt", "",
	  "of an attempt, of an earlier identity nothing beyond `size` is read", NEED_SIP,
	  older_attempt },
	{ "newer-host", "", "larger structs of a newer host are taken", NEED_PLUGIN, newer_host },
	{ "unknown-ids", "B7c", "unknown attempts, calls and lines are no error and no harm",
	  NEED_PLUGIN, unknown_ids },
	{ "wakeup", "", "a plugin with a thread of its own asks for failover.wakeup/1",
	  NEED_PLUGIN | NEED_OWN_THREAD, wakeup },
	{ "threads", "", "the host table is called on the host's thread only", NEED_SIP, threads },
	{ 0 },
};
