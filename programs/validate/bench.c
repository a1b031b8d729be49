/* SPDX-License-Identifier: MIT */
/* bench.c - a plugin is loaded, opened, asked and closed; a check ends here. */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "bench.h"

/* ---- ends --------------------------------------------------------------------------------- */

static void end(struct bench *bench, char verdict, const char *format, va_list values)
{
	bench->verdict = verdict;
	vsnprintf(bench->why, sizeof(bench->why), format, values);
}

void bench_fail(struct bench *bench, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	end(bench, 'n', format, values);
	va_end(values);
	longjmp(bench->end, 1);
}

void bench_skip(struct bench *bench, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	end(bench, 's', format, values);
	va_end(values);
	longjmp(bench->end, 1);
}

/* ---- life --------------------------------------------------------------------------------- */

int bench_try_open(struct bench *bench)
{
	int rc = bench->plugin->open(&bench->host, &bench->params, &bench->inst);

	bench->open = rc == 0;
	return rc;
}

void bench_open(struct bench *bench)
{
	int rc = bench_try_open(bench);

	BENCH_WANT(bench, !rc, "open returned %d (%s)", rc, failover_strerror(rc));
}

void bench_close(struct bench *bench)
{
	if (!bench->open)
		return;
	bench->closing = true;
	bench->plugin->close(bench->inst);
	bench->closing = false;
	bench->open = false;
}

static const struct failover_registrar_identity registrars[2] = {
	{ sizeof(registrars[0]), BENCH_PORT, BENCH_HOST, FAILOVER_UDP, 0 },
	{ sizeof(registrars[0]), 0, BENCH_HOST_2, FAILOVER_UDP, 0 },
};
static const struct failover_proxy_identity proxy = { sizeof(proxy), 5060, BENCH_PROXY, NULL,
						      NULL };

struct failover_line_identity bench_identity(uint32_t line, const char *realm)
{
	return (struct failover_line_identity){
		.size = sizeof(struct failover_line_identity),
		.line = line,
		.user = BENCH_USER,
		.display_name = "Line One",
		.domain = BENCH_HOST,
		.auth_user = BENCH_AUTH_USER,
		.auth_password = BENCH_PASSWORD,
		.realm = realm,
		.registrars = registrars,
		.proxies = &proxy,
		.registrars_count = 2,
		.proxies_count = 1,
		.in_dialog = FAILOVER_IN_DIALOG_TARGET, /* nobody is at the peers' Contacts */
	};
}

void bench_line(struct bench *bench, uint32_t line, const char *realm)
{
	struct failover_line_identity identity = bench_identity(line, realm);
	struct failover_target targets[BENCH_SERVERS];
	int i, rc = bench->lines->line_set(bench->inst, &identity);

	BENCH_WANT(bench, !rc, "line_set returned %d", rc);
	for (i = 0; i < BENCH_SERVERS; i++)
		targets[i] = bench->servers[i].target;
	rc = bench->lines->line_targets(bench->inst, line, targets, BENCH_SERVERS);
	BENCH_WANT(bench, !rc, "line_targets returned %d", rc);
}

unsigned bench_fds(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned count = 0;

	while (directory && readdir(directory))
		count++;
	if (directory)
		closedir(directory);
	return count;
}

/* ---- asking ------------------------------------------------------------------------------- */

struct failover_attempt bench_attempt(struct bench *bench, uint32_t method, int server)
{
	return (struct failover_attempt){
		.size = sizeof(struct failover_attempt),
		.line = 1,
		.id = 0x700000000ull + ++bench->attempts,
		.request = 0x900000000ull + ++bench->requests,
		.target = bench->servers[server].target,
		.method = method,
		.dialog = method == FAILOVER_REGISTER ? 1 : 0,
		.expires_s = method == FAILOVER_REGISTER ? 3600 : 0,
		.transmissions = 3,
		.budget_ms = 7 * BENCH_T1_MS,
		.t1_ms = BENCH_T1_MS,
		.t2_ms = 2 * BENCH_T1_MS,
		.t4_ms = 2 * BENCH_T1_MS,
		.ordinal = 1,
	};
}

struct failover_attempt bench_next(struct bench *bench, const struct failover_attempt *before,
				   int server)
{
	struct failover_attempt attempt = *before;

	attempt.id = 0x700000000ull + ++bench->attempts;
	attempt.target = bench->servers[server].target;
	attempt.flags |= FAILOVER_ATTEMPT_RESENT;
	attempt.ordinal++;
	return attempt;
}

void bench_send(struct bench *bench, const struct failover_attempt *attempt)
{
	int rc = bench->plugin->send(bench->inst, attempt);

	BENCH_WANT(bench, !rc, "send returned %d (%s)", rc, failover_strerror(rc));
}

int bench_timeout(struct bench *bench, const struct failover_attempt *attempt, uint32_t reason)
{
	if (bench->late_until < attempt->id)
		bench->late_until = attempt->id;
	return bench->plugin->timeout(bench->inst, attempt->id, reason);
}

/* splitmix64 */
uint64_t bench_random(struct bench *bench)
{
	uint64_t z = bench->seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* ---- one check ---------------------------------------------------------------------------- */

struct lack {
	uint32_t need;
	uint64_t capability;
	const char *text;
};

static const struct lack lacks[] = {
	{ NEED_TCP, FAILOVER_CAP_TCP, "the plugin does not claim TCP" },
	{ NEED_TLS, FAILOVER_CAP_TLS, "the plugin does not claim TLS" },
	{ NEED_ICMP, FAILOVER_CAP_REPORTS_ICMP, "the plugin does not claim REPORTS_ICMP" },
	{ NEED_STOPS, FAILOVER_CAP_STOPS, "the plugin does not claim STOPS" },
	{ NEED_COUNTS, FAILOVER_CAP_COUNTS_TRANSMISSIONS,
	  "the plugin does not claim COUNTS_TRANSMISSIONS" },
	{ NEED_LIMITS, FAILOVER_CAP_LIMITS_TRANSMISSIONS,
	  "the plugin does not claim LIMITS_TRANSMISSIONS" },
	{ NEED_OWNS, FAILOVER_CAP_OWNS_RETRANSMISSION,
	  "the plugin does not claim OWNS_RETRANSMISSION" },
	{ NEED_OWN_THREAD, FAILOVER_CAP_OWN_THREAD, "the plugin has no thread of its own" },
};

static const void *extension(const struct bench *bench, const char *id)
{
	return bench->plugin->get_extension ? bench->plugin->get_extension(id) : NULL;
}

/* The extensions that the plugin has itself; one that is too small is told by extension-structs. */
static void find_extensions(struct bench *bench)
{
	bench->lines = extension(bench, FAILOVER_EXT_LINE);
	bench->io = extension(bench, FAILOVER_EXT_IO);
	bench->calls = extension(bench, FAILOVER_EXT_CALL);
	if (bench->lines && bench->lines->size < sizeof(*bench->lines))
		bench->lines = NULL;
	if (bench->io && bench->io->size < sizeof(*bench->io))
		bench->io = NULL;
	if (bench->calls && bench->calls->size < sizeof(*bench->calls))
		bench->calls = NULL;
}

static int any_targets(void *inst, uint32_t line, const struct failover_target *targets,
		       uint32_t count)
{
	(void)inst, (void)line, (void)targets, (void)count;
	return 0;
}

static void no_line(void *inst, uint32_t line)
{
	(void)inst, (void)line;
}

static int no_local(void *inst, uint32_t transport, struct failover_target *out)
{
	(void)inst, (void)transport, (void)out;
	return FAILOVER_ERR_UNSUPPORTED;
}

static int no_answer(void *inst, uint64_t call, uint32_t status)
{
	(void)inst, (void)call, (void)status;
	return FAILOVER_ERR_UNSUPPORTED;
}

/* What is missing comes from failover.test/1; returns what the sender lacks, as needs. */
static uint32_t take_test(struct bench *bench)
{
	const struct failover_ext_test *test = extension(bench, FAILOVER_EXT_TEST);
	uint32_t lacking = 0;

	if (!test || test->size < sizeof(*test))
		return 0;
	if (!bench->lines && test->line_set) {
		bench->test_lines = (struct failover_ext_line){
			.size = sizeof(bench->test_lines),
			.line_set = test->line_set,
			.line_remove = test->line_remove ? test->line_remove : no_line,
			.line_targets = test->line_targets ? test->line_targets : any_targets,
		};
		bench->lines = &bench->test_lines;
		lacking |= test->lacks & FAILOVER_TEST_NO_DIGEST ? NEED_DIGEST : 0;
		lacking |=
			test->lacks & FAILOVER_TEST_ONE_LINE || !test->line_remove ? NEED_LINES : 0;
	}
	if (!bench->io && test->fds && test->deadline && test->process) {
		bench->test_io = (struct failover_ext_io){ .size = sizeof(bench->test_io),
							   .fds = test->fds,
							   .deadline = test->deadline,
							   .process = test->process,
							   .local = no_local };
		bench->io = &bench->test_io;
		lacking |= NEED_LOCAL;
	}
	if (!bench->calls && test->call_new && test->call_free) {
		bench->test_calls = (struct failover_ext_call){ .size = sizeof(bench->test_calls),
								.call_new = test->call_new,
								.call_free = test->call_free,
								.call_answer = no_answer };
		bench->calls = &bench->test_calls;
		lacking |= NEED_INCOMING | NEED_EVENTS;
		lacking |= test->lacks & FAILOVER_TEST_OWN_OFFER ? NEED_OFFER : 0;
	}
	return lacking;
}

static void skip_for(struct bench *bench, uint32_t lacking)
{
	if (lacking & NEED_DIGEST)
		bench_skip(bench, "the sender answers no challenges");
	if (lacking & NEED_LINES)
		bench_skip(bench, "the sender has one line");
	if (lacking & NEED_OFFER)
		bench_skip(bench, "the sender makes its offer itself");
	if (lacking & (NEED_INCOMING | NEED_EVENTS))
		bench_skip(bench, "the plugin has no " FAILOVER_EXT_CALL);
	if (lacking & NEED_LOCAL)
		bench_skip(bench, "the plugin has no " FAILOVER_EXT_IO);
}

static void meet_needs(struct bench *bench, uint32_t needs)
{
	uint32_t lacking;
	size_t i;

	find_extensions(bench);
	lacking = take_test(bench);
	if (needs & NEED_LINE && !bench->lines)
		bench_skip(bench,
			   "the plugin has neither " FAILOVER_EXT_LINE " nor " FAILOVER_EXT_TEST);
	if (needs & NEED_IO && !bench->io)
		bench_skip(bench,
			   "the plugin has neither " FAILOVER_EXT_IO " nor " FAILOVER_EXT_TEST);
	if (needs & NEED_CALL && !bench->calls)
		bench_skip(bench,
			   "the plugin has neither " FAILOVER_EXT_CALL " nor " FAILOVER_EXT_TEST);
	if (needs & NEED_IO && bench->plugin->capabilities & FAILOVER_CAP_VIRTUAL_TIME)
		bench_skip(bench, "the plugin brings a clock of its own");
	skip_for(bench, lacking & needs);
	for (i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++)
		if (needs & lacks[i].need && !(bench->plugin->capabilities & lacks[i].capability))
			bench_skip(bench, "%s", lacks[i].text);
}

static void run_check(struct bench *bench, const struct check *check)
{
	char why[BENCH_TEXT];

	if (setjmp(bench->end))
		return;
	if (check->needs & NEED_PLUGIN) {
		if (failover_plugin_load(bench->path, NULL, &bench->plugin, &bench->handle, why,
					 sizeof(why)))
			bench_skip(bench, "the plugin does not load");
		meet_needs(bench, check->needs);
	}
	host_init(bench);
	wire_open(bench);
	if ((check->needs & NEED_SIP) == NEED_SIP) {
		bench_open(bench);
		bench_line(bench, 1, NULL);
	}
	check->run(bench);
	bench->verdict = 'o';
}

static void clean_up(struct bench *bench)
{
	if (setjmp(bench->end))
		return;
	bench_close(bench);
	wire_close(bench);
	if (bench->handle)
		failover_plugin_unload(bench->handle);
	bench->handle = NULL;
}

void bench_run(struct bench *bench, const struct check *check)
{
	int i;

	for (i = 0; i < BENCH_SERVERS; i++)
		bench->servers[i].fd = bench->servers[i].listener = -1;
	bench->wakeup_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	bench->thread = pthread_self();
	run_check(bench, check);
	/* A child is at its end anyway, and a plugin that has failed may not survive its close. */
	if (bench->verdict != 'n' || bench->in_process)
		clean_up(bench);
	if (bench->wakeup_fd >= 0)
		close(bench->wakeup_fd);
}
