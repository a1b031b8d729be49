/* SPDX-License-Identifier: MIT */
/*
 * timers_bench.c - what others' timers take for what core_bench does: LINES lines that are
 * registered, then EVENTS exchanges: a REGISTER (armed, failed), one more (armed, answered), and
 * the next refresh.
 *
 *   libevent   its timer heap, and one look at what is due
 *   re         libre's tmr, a sorted list
 *   osip2      a transaction for each line, and the loop that its manual shows: all are executed
 *
 * Of the policy nothing is here. For tables only (tests/bench/tables.py).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../allocated.h"
#ifdef WITH_LIBEVENT
#include <event2/event.h>
#endif
#ifdef WITH_RE
#include "../../plugins/re/libre.h"
#endif
#ifdef WITH_OSIP2
#include <sys/time.h>
#include <osip2/osip.h>
#endif

#define REFRESH_MS 3600000u
#define RETRY_MS 500u

struct bench {
	unsigned lines, events;
};

static double nanoseconds(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return 1e9 * (double)at.tv_sec + (double)at.tv_nsec;
}

static unsigned line_of(const struct bench *bench, unsigned event)
{
	return (unsigned)((uint64_t)event * 7919 % bench->lines);
}

static void tell(const struct bench *bench, const char *kind, size_t bytes, double ns)
{
	printf("%s: %u lines of %zu bytes, %u exchanges of %.0f ns\n", kind, bench->lines,
	       bytes / bench->lines, bench->events, bench->events ? ns / bench->events : 0.0);
}

#ifdef WITH_LIBEVENT
static void on_event(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what, (void)arg;
}

static struct timeval in_ms(unsigned ms)
{
	return (struct timeval){ ms / 1000, ms % 1000 * 1000 };
}

static int run_libevent(const struct bench *bench)
{
	struct timeval retry = in_ms(RETRY_MS), refresh = in_ms(REFRESH_MS);
	struct event_base *base = event_base_new();
	size_t bytes = allocated_bytes();
	struct event **timers = calloc(bench->lines, sizeof(struct event *));
	double begun;
	unsigned i;

	for (i = 0; base && timers && i < bench->lines; i++) {
		timers[i] = evtimer_new(base, on_event, NULL);
		evtimer_add(timers[i], &refresh);
	}
	bytes = allocated_bytes() - bytes;
	begun = nanoseconds();
	for (i = 0; base && timers && i < bench->events; i++) {
		struct event *timer = timers[line_of(bench, i)];

		evtimer_add(timer, &retry);
		evtimer_del(timer);
		evtimer_add(timer, &retry);
		evtimer_del(timer);
		evtimer_add(timer, &refresh);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	tell(bench, "libevent", bytes, nanoseconds() - begun);
	return 0;
}
#endif

#ifdef WITH_RE
static void on_tmr(void *arg)
{
	(void)arg;
}

static int run_re(const struct bench *bench)
{
	struct tmr *timers = calloc(bench->lines, sizeof(*timers));
	double begun;
	unsigned i;

	if (!timers || libre_init())
		return 1;
	for (i = 0; i < bench->lines; i++)
		tmr_start(&timers[i], REFRESH_MS, on_tmr, NULL);
	begun = nanoseconds();
	for (i = 0; i < bench->events; i++) {
		struct tmr *timer = &timers[line_of(bench, i)];

		tmr_start(timer, RETRY_MS, on_tmr, NULL);
		tmr_cancel(timer);
		tmr_start(timer, RETRY_MS, on_tmr, NULL);
		tmr_cancel(timer);
		tmr_start(timer, REFRESH_MS, on_tmr, NULL);
	}
	tell(bench, "re", bench->lines * sizeof(*timers), nanoseconds() - begun);
	return 0;
}
#endif

#ifdef WITH_OSIP2
static int on_send(osip_transaction_t *fsm, osip_message_t *message, char *host, int port, int out)
{
	(void)fsm, (void)message, (void)host, (void)port, (void)out;
	return 0;
}

static void on_kill(int type, osip_transaction_t *fsm)
{
	(void)type, (void)fsm;
}

static int begin(osip_t *stack, unsigned number)
{
	static const char text[] =
		"REGISTER sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK%u\r\n"
		"From: <sip:a@a>;tag=1\r\nTo: <sip:a@a>\r\nCall-ID: %u\r\n"
		"CSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n";
	char copy[400];
	int length = snprintf(copy, sizeof(copy), text, number, number);
	osip_transaction_t *fsm = NULL;
	osip_message_t *message = NULL;
	osip_event_t *event;

	if (osip_message_init(&message) || osip_message_parse(message, copy, (size_t)length) ||
	    osip_transaction_init(&fsm, NICT, stack, message))
		return 1;
	event = osip_new_outgoing_sipmessage(message);
	event->transactionid = fsm->transactionid;
	osip_transaction_add_event(fsm, event);
	return 0;
}

/* The transactions wait for their answers: the loop is what is counted. */
static int run_osip2(const struct bench *bench)
{
	osip_t *stack = NULL;
	struct timeval wait;
	size_t bytes = allocated_bytes();
	double begun;
	unsigned i;
	int type;

	if (osip_init(&stack))
		return 1;
	osip_set_cb_send_message(stack, on_send);
	for (type = 0; type < OSIP_KILL_CALLBACK_COUNT; type++)
		osip_set_kill_transaction_callback(stack, type, on_kill);
	for (i = 0; i < bench->lines; i++)
		if (begin(stack, i))
			return 1;
	osip_nict_execute(stack);
	bytes = allocated_bytes() - bytes;
	begun = nanoseconds();
	for (i = 0; i < bench->events; i++) {
		osip_timers_gettimeout(stack, &wait);
		osip_timers_nict_execute(stack);
		osip_nict_execute(stack);
	}
	tell(bench, "osip2", bytes, nanoseconds() - begun);
	return 0;
}
#endif

static const struct {
	const char *name;
	int (*run)(const struct bench *bench);
} kinds[] = {
#ifdef WITH_LIBEVENT
	{ "libevent", run_libevent },
#endif
#ifdef WITH_RE
	{ "re", run_re },
#endif
#ifdef WITH_OSIP2
	{ "osip2", run_osip2 },
#endif
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	struct bench bench = { 0, 0 };
	size_t i;

	if (argc == 4) {
		bench.lines = (unsigned)strtoul(argv[2], NULL, 10);
		bench.events = (unsigned)strtoul(argv[3], NULL, 10);
	}
	for (i = 0; bench.lines && kinds[i].name; i++)
		if (strcmp(argv[1], kinds[i].name) == 0)
			return kinds[i].run(&bench);
	fputs("usage: timers_bench libevent|re|osip2 LINES EVENTS\n", stderr);
	return 2;
}
