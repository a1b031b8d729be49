/* SPDX-License-Identifier: MIT */
/* loop.c - see loop.h. All that the phone does, it does inside gate_phone_works(), by which
 * callgrind knows it from the servers. */
#include "loop.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BEGIN_MS 1000000u
#define FDS_MOST 64u
#define ROUNDS_MOST 100000u /* without time passing: more is a loop that never rests */

enum work { WORK_DUE, WORK_READY, WORK_INPUT };

struct phone_loop {
	struct phone_loop_handlers handlers;
	struct failover_io_fd fds[FDS_MOST];
	uint32_t fds_count;
	uint64_t due_at;
	int has_ended;
};

/* The phone's interface has no place for these. */
static struct gate_world *world;
static uint64_t now_ms = BEGIN_MS;

void gate_phone_works(struct phone_loop *loop, enum work work, const struct failover_io_fd *ready);

__attribute__((noinline)) void gate_phone_works(struct phone_loop *loop, enum work work,
						const struct failover_io_fd *ready)
{
	switch (work) {
	case WORK_DUE:
		loop->handlers.due(loop->handlers.user);
		break;
	case WORK_READY:
		loop->handlers.ready(loop->handlers.user, ready);
		break;
	case WORK_INPUT:
		(void)loop->handlers.input(loop->handlers.user);
		break;
	}
}

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void let_work(struct phone_loop *loop, enum work work, const struct failover_io_fd *ready)
{
	uint64_t before = cpu_ns();

	gate_phone_works(loop, work, ready);
	world->cpu_ns += cpu_ns() - before;
}

uint64_t gate_loop_now(void)
{
	return now_ms;
}

void gate_loop_set_world(struct gate_world *of)
{
	world = of;
}

struct phone_loop *phone_loop_new(const struct phone_loop_handlers *handlers)
{
	struct phone_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->handlers = *handlers;
	loop->due_at = UINT64_MAX;
	return loop;
}

void phone_loop_free(struct phone_loop *loop)
{
	free(loop);
}

int phone_loop_watch(struct phone_loop *loop, const struct failover_io_fd *fds, uint32_t count)
{
	if (count > FDS_MOST)
		return -1;
	memcpy(loop->fds, fds, count * sizeof(*fds));
	loop->fds_count = count;
	return 0;
}

void phone_loop_arm(struct phone_loop *loop, uint64_t delay_ms)
{
	loop->due_at = delay_ms > UINT64_MAX - now_ms ? UINT64_MAX : now_ms + delay_ms;
}

uint64_t phone_loop_clock(const struct phone_loop *loop)
{
	(void)loop;
	return now_ms;
}

struct event_base *phone_loop_base(struct phone_loop *loop)
{
	(void)loop;
	return NULL; /* no page is asked for */
}

void phone_loop_end(struct phone_loop *loop)
{
	loop->has_ended = 1;
}

int phone_loop_run(struct phone_loop *loop)
{
	world->story(loop, world);
	return 0;
}

/* Hand over one descriptor that can be read or written; 0 = none can. */
static int take_one(struct phone_loop *loop)
{
	for (uint32_t i = 0; i < loop->fds_count; i++) {
		struct pollfd fd = { .fd = loop->fds[i].fd };
		struct failover_io_fd ready = { .fd = loop->fds[i].fd };

		if (loop->fds[i].events & FAILOVER_IO_READ)
			fd.events |= POLLIN;
		if (loop->fds[i].events & FAILOVER_IO_WRITE)
			fd.events |= POLLOUT;
		if (poll(&fd, 1, 0) != 1)
			continue;
		ready.events |= fd.revents & (POLLIN | POLLERR | POLLHUP) ? FAILOVER_IO_READ : 0;
		ready.events |= fd.revents & POLLOUT ? FAILOVER_IO_WRITE : 0;
		let_work(loop, WORK_READY, &ready);
		return 1;
	}
	return 0;
}

/* All that can be done at this time. */
static void settle(struct phone_loop *loop)
{
	for (unsigned round = 0; !loop->has_ended; round++) {
		int did = gate_servers_answer(world->servers, now_ms) > 0;

		if (loop->due_at <= now_ms) {
			loop->due_at = UINT64_MAX; /* the turn arms it anew */
			let_work(loop, WORK_DUE, NULL);
			did = 1;
		}
		did |= take_one(loop);
		if (!did)
			return;
		if (round == ROUNDS_MOST) {
			world->failed = 1;
			return;
		}
	}
}

void gate_loop_pass(struct phone_loop *loop, uint64_t ms)
{
	uint64_t until = now_ms + ms;

	settle(loop);
	while (!loop->has_ended && !world->failed && loop->due_at <= until) {
		now_ms = loop->due_at > now_ms ? loop->due_at : now_ms;
		settle(loop);
	}
	now_ms = until;
	settle(loop);
}

void gate_loop_command(struct phone_loop *loop, const char *text)
{
	if (write(world->commands, text, strlen(text)) != (ssize_t)strlen(text)) {
		world->failed = 1;
		return;
	}
	let_work(loop, WORK_INPUT, NULL);
	settle(loop);
}

void gate_loop_stop(struct phone_loop *loop)
{
	loop->handlers.stop(loop->handlers.user);
	gate_loop_pass(loop, 5000);
}
