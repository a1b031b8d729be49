/* SPDX-License-Identifier: MIT */
/* host.c - the host table: everything the plugin says is written down, and answered as told. */
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include "bench.h"

#define STEP_MS 10u /* more than this at once, and the process was not running */

uint64_t host_real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t host_now_ms(struct bench *bench)
{
	uint64_t real = host_real_ms(), passed = real - bench->real_ms;
	uint64_t most = bench->slept_ms + STEP_MS;

	bench->clock_ms += passed < most ? passed : most;
	bench->real_ms = real;
	bench->slept_ms = 0;
	return bench->clock_ms;
}

/* Every function of the table begins with this: may it be called now, and from here? */
static bool is_allowed(struct bench *bench)
{
	if (!pthread_equal(pthread_self(), bench->thread)) {
		__atomic_add_fetch(&bench->wrong_thread, 1, __ATOMIC_RELAXED);
		return false;
	}
	return true;
}

static bool is_live(struct bench *bench)
{
	if (!is_allowed(bench))
		return false;
	if (bench->inst && (bench->closing || !bench->open))
		bench->after_close++;
	return true;
}

static uint64_t host_now(void *ctx)
{
	return is_allowed(ctx) ? host_now_ms(ctx) : host_real_ms();
}

static void host_sent(void *ctx, uint64_t attempt)
{
	struct bench *bench = ctx;

	(void)attempt;
	if (is_live(bench))
		bench->sent++;
}

static struct news *note(struct bench *bench, enum news_kind kind, uint64_t attempt)
{
	struct news *news;

	if (!is_live(bench) || bench->news_count == BENCH_NEWS)
		return NULL;
	news = &bench->news[bench->news_count++];
	*news = (struct news){ .kind = kind, .attempt = attempt, .at_ms = host_now_ms(bench) };
	return news;
}

static uint32_t host_response(void *ctx, uint64_t attempt, const struct failover_answer *answer)
{
	struct bench *bench = ctx;
	struct news *news = note(bench, NEWS_RESPONSE, attempt);
	size_t size = answer->size;

	if (news)
		memcpy(&news->answer, answer, size < sizeof(*answer) ? size : sizeof(news->answer));
	if (attempt <= bench->late_until)
		return FAILOVER_VERDICT_LATE;
	if (news && news->answer.retrying && bench->stop_after &&
	    ++bench->challenges >= bench->stop_after)
		return FAILOVER_VERDICT_STOP;
	return FAILOVER_VERDICT_KEEP;
}

static void host_unreachable(void *ctx, uint64_t attempt, uint32_t reason)
{
	struct news *news = note(ctx, NEWS_UNREACHABLE, attempt);

	if (news)
		news->reason = reason;
}

static void host_heard(void *ctx, uint32_t line, const struct failover_target *from)
{
	struct bench *bench = ctx;

	if (!is_live(bench) || line != 1)
		return;
	bench->heard++;
	bench->heard_from = *from;
}

/* A last word in the log while closing is no harm. */
static void host_log(void *ctx, uint32_t level, const char *text)
{
	struct bench *bench = ctx;

	if (!is_allowed(bench))
		return;
	if (!text || level > FAILOVER_LOG_DEBUG) {
		bench->bad_log = true;
		return;
	}
	if (!bench->closing && bench->inst && !bench->open)
		bench->after_close++;
	if (strchr(text, '\n'))
		bench->newline_logged = true;
	if (strstr(text, BENCH_PASSWORD))
		bench->secret_logged = true;
}

static int host_random(void *ctx, void *bytes, size_t count)
{
	unsigned char *at = bytes;

	(void)is_allowed(ctx);
	while (count) {
		ssize_t got = getrandom(at, count, 0);

		if (got < 0)
			return FAILOVER_ERR_IO;
		at += got;
		count -= (size_t)got;
	}
	return 0;
}

static const void *host_extension(void *ctx, const char *id)
{
	struct bench *bench = ctx;

	(void)is_allowed(bench);
	if (id && !strcmp(id, FAILOVER_EXT_WAKEUP))
		return bench->no_wakeup ? NULL : &bench->wakeup;
	return id && !strcmp(id, FAILOVER_EXT_CALL_EVENTS) ? &bench->events : NULL;
}

/* On any thread. */
static void wake(void *app)
{
	const struct bench *bench = app;
	const uint64_t one = 1;

	(void)!write(bench->wakeup_fd, &one, sizeof(one));
}

/* ---- failover.call-events/1 --------------------------------------------------------------- */

static struct call_news *note_call(struct bench *bench, enum call_event kind, uint64_t call)
{
	struct call_news *news;

	if (!is_live(bench) || bench->call_news_count == BENCH_NEWS)
		return NULL;
	news = &bench->call_news[bench->call_news_count++];
	*news = (struct call_news){ .kind = kind, .call = call };
	return news;
}

static void on_incoming(void *app, uint32_t line, uint64_t call, const char *from,
			const struct failover_target *source)
{
	struct bench *bench = app;
	struct call_news *news = note_call(bench, CALL_INCOMING, call);

	if (!news || !from || !source)
		return;
	news->line = line;
	news->target = *source;
	if (bench->answer_inside)
		bench->inside_rc =
			bench->calls->call_answer(bench->inst, call, bench->answer_inside);
}

static void on_progress(void *app, uint64_t call, uint32_t status,
			const struct failover_target *target)
{
	struct call_news *news = note_call(app, CALL_PROGRESS, call);

	(void)target;
	if (news)
		news->status = status;
}

static void on_up(void *app, uint64_t call, const struct failover_target *target)
{
	struct bench *bench = app;
	struct call_news *news = note_call(bench, CALL_UP, call);

	if (news && target)
		news->target = *target;
	if (bench->free_inside)
		bench->calls->call_free(bench->inst, call);
}

static void on_ended(void *app, uint64_t call, uint32_t status)
{
	struct call_news *news = note_call(app, CALL_ENDED, call);

	if (news)
		news->status = status;
}

void host_init(struct bench *bench)
{
	bench->clock_ms = bench->real_ms = host_real_ms();
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
	};
	bench->wakeup = (struct failover_ext_wakeup){ .size = sizeof(bench->wakeup),
						      .app = bench,
						      .wake = wake };
	bench->events = (struct failover_ext_call_events){
		.size = sizeof(bench->events),
		.app = bench,
		.incoming = on_incoming,
		.progress = on_progress,
		.up = on_up,
		.ended = on_ended,
	};
	bench->params = (struct failover_open_params){ .size = sizeof(bench->params) };
	bench->params.listen.family = 4;
}
