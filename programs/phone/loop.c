/* SPDX-License-Identifier: MIT */
/* loop.c - the event loop on libevent. Its timer goes on while the device sleeps, which no clock of
 * libevent's does: what has lapsed meanwhile is due when it wakes (B24d). */
#include "loop.h"

#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* No timer is armed for longer; a later deadline is looked at again then. */
#define DELAY_MOST_MS 3600000u
/* Less is the time between two readings of clocks. */
#define SLEPT_LEAST_MS 1000
/* Before a deadline; what else is ready comes in its turn. */
#define READY_AT_ONCE 64u

struct watched_fd {
	struct phone_loop *loop;
	struct failover_io_fd want;
	struct event *event;
};

struct phone_loop {
	struct phone_loop_handlers handlers;
	struct event_base *base;
	int timer_fd;
	int64_t ahead_ms; /* CLOCK_BOOTTIME of CLOCK_MONOTONIC, which stands still in sleep; as told
			   */
	struct event *timer, *input, *terminate, *interrupt;
	struct watched_fd *watched;
	struct pollfd *polled; /* the same descriptors */
	uint32_t watched_count;
};

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t ahead_ms(void)
{
	return clock_ms(CLOCK_BOOTTIME) - clock_ms(CLOCK_MONOTONIC);
}

/* What comes first after sleep must not find the clock on and nothing answered (B24d). */
static void wake(struct phone_loop *loop)
{
	int64_t slept_ms = ahead_ms() - loop->ahead_ms;

	if (slept_ms < SLEPT_LEAST_MS)
		return;
	loop->ahead_ms += slept_ms;
	loop->handlers.woke(loop->handlers.user, (uint64_t)slept_ms);
}

static void hand_out(struct phone_loop *loop, int fd, int reads, int writes)
{
	struct failover_io_fd ready = { .fd = fd };

	if (reads)
		ready.events |= FAILOVER_IO_READ;
	if (writes)
		ready.events |= FAILOVER_IO_WRITE;
	loop->handlers.ready(loop->handlers.user, &ready);
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	const struct watched_fd *watched = arg;

	wake(watched->loop);
	hand_out(watched->loop, (int)fd, what & EV_READ, what & EV_WRITE);
}

/*
 * Where the device has slept, or was busy, an answer and the deadline for it are there together.
 * The answer is heard first: that this program is late says nothing of the server (B24d).
 */
static void hear(struct phone_loop *loop)
{
	struct pollfd ready[READY_AT_ONCE];
	uint32_t count = 0;

	if (poll(loop->polled, loop->watched_count, 0) <= 0)
		return;
	for (uint32_t i = 0; i < loop->watched_count && count < READY_AT_ONCE; i++) {
		if (loop->polled[i].revents)
			ready[count++] = loop->polled[i];
	}
	for (uint32_t i = 0; i < count; i++) {
		/* Whoever was handed out before may have closed it, and opened another. */
		if (poll(&ready[i], 1, 0) > 0 && !(ready[i].revents & POLLNVAL))
			hand_out(loop, ready[i].fd, ready[i].revents & ~POLLOUT,
				 ready[i].revents & ~POLLIN);
	}
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
	struct phone_loop *loop = arg;
	uint64_t expired;

	(void)what;
	wake(loop);
	hear(loop);
	if (read(fd, &expired, sizeof(expired)) == sizeof(expired)) /* else it was set anew */
		loop->handlers.due(loop->handlers.user);
}

static void on_input(evutil_socket_t fd, short what, void *arg)
{
	struct phone_loop *loop = arg;

	(void)fd;
	(void)what;
	wake(loop);
	if (loop->handlers.input(loop->handlers.user) != 0)
		event_del(loop->input);
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
	struct phone_loop *loop = arg;

	(void)fd;
	(void)what;
	loop->handlers.stop(loop->handlers.user);
}

/*
 * poll(), not epoll: a stack may close a descriptor and open another with the same number within
 * one call, and epoll would have forgotten it. And standard input may be a plain file.
 */
static struct event_base *base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (!config)
		return NULL;
	if (event_config_avoid_method(config, "epoll") == 0 &&
	    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER) == 0)
		base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

static int events_new(struct phone_loop *loop)
{
	loop->base = base_new();
	if (!loop->base)
		return -1;
	loop->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (loop->timer_fd < 0)
		return -1;
	loop->timer = event_new(loop->base, loop->timer_fd, EV_READ | EV_PERSIST, on_due, loop);
	loop->input = event_new(loop->base, STDIN_FILENO, EV_READ | EV_PERSIST, on_input, loop);
	loop->terminate = evsignal_new(loop->base, SIGTERM, on_signal, loop);
	loop->interrupt = evsignal_new(loop->base, SIGINT, on_signal, loop);
	if (!loop->timer || !loop->input || !loop->terminate || !loop->interrupt)
		return -1;
	if (event_add(loop->timer, NULL) != 0 || event_add(loop->terminate, NULL) != 0 ||
	    event_add(loop->interrupt, NULL) != 0)
		return -1;
	return event_add(loop->input, NULL);
}

struct phone_loop *phone_loop_new(const struct phone_loop_handlers *handlers)
{
	struct phone_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->handlers = *handlers;
	loop->timer_fd = -1;
	loop->ahead_ms = ahead_ms();
	if (events_new(loop) == 0)
		return loop;
	phone_loop_free(loop);
	return NULL;
}

static void event_free_if(struct event *event)
{
	if (event)
		event_free(event);
}

static void watched_free(struct phone_loop *loop)
{
	for (uint32_t i = 0; i < loop->watched_count; i++)
		event_free_if(loop->watched[i].event);
	free(loop->watched);
	free(loop->polled);
	loop->watched = NULL;
	loop->polled = NULL;
	loop->watched_count = 0;
}

void phone_loop_free(struct phone_loop *loop)
{
	if (!loop)
		return;
	watched_free(loop);
	event_free_if(loop->timer);
	if (loop->timer_fd >= 0)
		close(loop->timer_fd);
	event_free_if(loop->input);
	event_free_if(loop->terminate);
	event_free_if(loop->interrupt);
	if (loop->base)
		event_base_free(loop->base);
	free(loop);
}

static int watched_same(const struct phone_loop *loop, const struct failover_io_fd *fds,
			uint32_t count)
{
	if (count != loop->watched_count)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		const struct failover_io_fd *want = &loop->watched[i].want;

		if (want->fd != fds[i].fd || want->events != fds[i].events)
			return 0;
	}
	return 1;
}

static int watch_one(struct phone_loop *loop, struct watched_fd *watched)
{
	short what = EV_PERSIST;

	if (watched->want.events & FAILOVER_IO_READ)
		what |= EV_READ;
	if (watched->want.events & FAILOVER_IO_WRITE)
		what |= EV_WRITE;
	watched->loop = loop;
	watched->event = event_new(loop->base, watched->want.fd, what, on_ready, watched);
	return watched->event ? event_add(watched->event, NULL) : -1;
}

int phone_loop_watch(struct phone_loop *loop, const struct failover_io_fd *fds, uint32_t count)
{
	if (watched_same(loop, fds, count))
		return 0;
	watched_free(loop);
	if (count == 0)
		return 0;
	loop->watched = calloc(count, sizeof(*loop->watched));
	loop->polled = calloc(count, sizeof(*loop->polled));
	if (!loop->watched || !loop->polled)
		return -1;
	loop->watched_count = count;
	for (uint32_t i = 0; i < count; i++) {
		loop->watched[i].want = fds[i];
		loop->polled[i].fd = fds[i].fd;
		if (fds[i].events & FAILOVER_IO_READ)
			loop->polled[i].events |= POLLIN;
		if (fds[i].events & FAILOVER_IO_WRITE)
			loop->polled[i].events |= POLLOUT;
		if (watch_one(loop, &loop->watched[i]) != 0)
			return -1;
	}
	return 0;
}

void phone_loop_arm(struct phone_loop *loop, uint64_t delay_ms)
{
	struct itimerspec in = { .it_value.tv_nsec = 1 }; /* zero would stop it */

	if (delay_ms > DELAY_MOST_MS)
		delay_ms = DELAY_MOST_MS;
	if (delay_ms) {
		in.it_value.tv_sec = (time_t)(delay_ms / 1000);
		in.it_value.tv_nsec = (long)(delay_ms % 1000 * 1000000);
	}
	(void)timerfd_settime(loop->timer_fd, 0, &in, NULL);
}

uint64_t phone_loop_clock(const struct phone_loop *loop)
{
	return (uint64_t)(clock_ms(CLOCK_MONOTONIC) + loop->ahead_ms);
}

struct event_base *phone_loop_base(struct phone_loop *loop)
{
	return loop->base;
}

int phone_loop_run(struct phone_loop *loop)
{
	return event_base_dispatch(loop->base) < 0 ? -1 : 0;
}

void phone_loop_end(struct phone_loop *loop)
{
	event_base_loopbreak(loop->base);
}
