/* SPDX-License-Identifier: MIT */
/*
 * phone_gate.c - failover-phone itself through a fixed schedule, on a clock that is a number, with
 * servers in the same process: what it costs does not depend on the machine or on what else runs
 * there.
 *
 *     phone_gate PLUGIN-DIR STACK LINES work    under callgrind: the gate_mark_...() part it
 *     phone_gate PLUGIN-DIR STACK LINES heap    says how many bytes are allocated when all is idle
 *     phone_gate PLUGIN-DIR STACK LINES cpu     microseconds of processor, for tables only
 *     phone_gate PLUGIN-DIR STACK LINES outage | outage-transport | outage-all
 *                                               what a silent primary costs; what lines tell each
 * other of it is that value of shared_health, or nothing
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../allocated.h"
#include "../../../programs/phone/phone.h"
#include "loop.h"

#define EXPIRES_S 3600u
#define HOUR_MS (EXPIRES_S * 1000u)
#define REST_MS 45000u	     /* more than 64*T1: transactions and what they had are gone */
#define REFRESHES 10u	     /* hours of refreshing */
#define FAILBACK_MS 3700000u /* more than two times of the default */

/* What callgrind dumps behind, so that each part has its own count. */
void gate_mark_start(void);
void gate_mark_refresh(void);
void gate_mark_move(void);
void gate_mark_back(void);
void gate_mark_call(void);

#define MARK(name)                                                                                 \
	__attribute__((noinline)) void gate_mark_##name(void)                                      \
	{                                                                                          \
		__asm__ volatile("");                                                              \
	}
MARK(start)
MARK(refresh)
MARK(move)
MARK(back)
MARK(call)

/* ---- stories ------------------------------------------------------------------------------ */

static FILE *out; /* the phone speaks on standard output */

/* A part is only worth its count if it has happened. */
static void expect(struct gate_world *world, const char *what, unsigned got, unsigned least,
		   unsigned most)
{
	if (got >= least && got <= most)
		return;
	fprintf(stderr, "phone_gate: %u times %s, not %u to %u\n", got, what, least, most);
	world->failed = 1;
}

static void settle_in(struct phone_loop *loop, struct gate_world *world)
{
	gate_loop_pass(loop, REST_MS);
	expect(world, "registered", world->servers[0].registered, world->lines, world->lines);
}

static void told(const char *part, unsigned times)
{
	fprintf(out, "%s %u\n", part, times);
}

static void refresh(struct phone_loop *loop, struct gate_world *world)
{
	unsigned before = world->servers[0].registered, done;

	gate_loop_pass(loop, (uint64_t)REFRESHES * HOUR_MS);
	done = world->servers[0].registered - before;
	expect(world, "refreshed", done, REFRESHES * world->lines, 4 * REFRESHES * world->lines);
	told("refresh", done);
}

/* Each line notices it by itself, at its next refresh. */
static void move(struct phone_loop *loop, struct gate_world *world)
{
	world->servers[0].is_mute = 1;
	gate_loop_pass(loop, HOUR_MS);
	expect(world, "moved", world->servers[1].registered, world->lines, 4 * world->lines);
	told("move", world->lines);
}

static void back(struct phone_loop *loop, struct gate_world *world)
{
	unsigned before = world->servers[0].registered;

	world->servers[0].is_mute = 0;
	gate_loop_pass(loop, FAILBACK_MS);
	expect(world, "back", world->servers[0].registered - before, world->lines,
	       4 * world->lines);
	told("back", world->lines);
}

static void call(struct phone_loop *loop, struct gate_world *world)
{
	char command[80];
	unsigned i;

	for (i = 1; i <= world->lines; i++) {
		snprintf(command, sizeof(command), "call sip:callee@127.0.0.1 %u\n", i);
		gate_loop_command(loop, command);
		gate_loop_pass(loop, 1000);
		snprintf(command, sizeof(command), "hangup %u\n", i);
		gate_loop_command(loop, command);
		gate_loop_pass(loop, REST_MS);
	}
	expect(world, "called", world->servers[0].calls, world->lines, world->lines);
	expect(world, "hung up", world->servers[0].byes, world->lines, world->lines);
	told("call", world->lines);
}

static void work(struct phone_loop *loop, struct gate_world *world)
{
	settle_in(loop, world);
	told("start", world->lines);
	gate_mark_start();
	refresh(loop, world);
	gate_mark_refresh();
	move(loop, world);
	gate_mark_move();
	back(loop, world);
	gate_mark_back();
	call(loop, world);
	gate_mark_call();
	gate_loop_stop(loop);
}

/* One refresh on top: what is only there from then on counts, too. */
static void heap(struct phone_loop *loop, struct gate_world *world)
{
	settle_in(loop, world);
	gate_loop_pass(loop, HOUR_MS);
	gate_loop_pass(loop, REST_MS);
	fprintf(out, "heap %zu\n", allocated_bytes());
	gate_loop_stop(loop);
}

/* Each hour of refreshing by itself: the best says what it takes when nothing else runs. */
static void cpu(struct phone_loop *loop, struct gate_world *world)
{
	uint64_t least = UINT64_MAX, before;
	unsigned i, done;

	gate_loop_pass(loop, HOUR_MS / 4);
	expect(world, "registered", world->servers[0].registered, world->lines, world->lines);
	fprintf(out, "start %.2f\n", (double)world->cpu_ns / 1000 / world->lines);
	for (i = 0; i < REFRESHES; i++) {
		before = world->cpu_ns;
		done = world->servers[0].registered;
		gate_loop_pass(loop, HOUR_MS);
		done = world->servers[0].registered - done;
		if (done && (world->cpu_ns - before) / done < least)
			least = (world->cpu_ns - before) / done;
	}
	fprintf(out, "refresh %.2f\n", (double)least / 1000);
	gate_loop_stop(loop);
}

static int compare(const void *a, const void *b)
{
	const uint64_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

/* How long each user waited: from the first packet of his line to the dead server, if there was
 * one, to the 200. */
static void waits_tell(const struct gate_server *servers, unsigned users)
{
	uint64_t *waits = calloc(users, sizeof(*waits)), sum = 0;
	unsigned i, count = 0;

	for (i = 1; waits && i < users; i++) {
		uint64_t from = servers[0].heard_at[i], to = servers[1].registered_at[i];

		if (!to)
			continue;
		waits[count] = from && from < to ? to - from : 0;
		sum += waits[count++];
	}
	if (count) {
		qsort(waits, count, sizeof(*waits), compare);
		fprintf(out, "moved %u\nmean %.3f\nmedian %.3f\nlongest %.3f\n", count,
			(double)sum / count / 1000, (double)waits[count / 2] / 1000,
			(double)waits[count - 1] / 1000);
	}
	free(waits);
}

/* All lines of a phone start at once; as time goes by they are refreshed at any time. */
static void spread(struct phone_loop *loop, const struct gate_world *world)
{
	char command[40];

	for (unsigned i = 1; i <= world->lines; i++) {
		snprintf(command, sizeof(command), "register %u\n", i);
		gate_loop_command(loop, command);
		gate_loop_pass(loop, HOUR_MS / world->lines);
	}
}

static void outage(struct phone_loop *loop, struct gate_world *world)
{
	unsigned users = world->lines + 1;
	struct gate_server *servers = world->servers;

	gate_loop_pass(loop, REST_MS);
	spread(loop, world);
	servers[0].heard_at = calloc(users, sizeof(uint64_t));
	servers[1].registered_at = calloc(users, sizeof(uint64_t));
	servers[0].users = servers[1].users = users;
	servers[0].is_mute = 1;
	servers[0].heard = 0;
	gate_loop_pass(loop, HOUR_MS);
	fprintf(out, "packets %u\n", servers[0].heard);
	if (servers[0].heard_at && servers[1].registered_at)
		waits_tell(servers, users);
	free(servers[0].heard_at);
	free(servers[1].registered_at);
	servers[0].heard_at = servers[1].registered_at = NULL;
	gate_loop_stop(loop);
}

/* ---- start -------------------------------------------------------------------------------- */

static int config_write(const char *path, const struct gate_world *world)
{
	FILE *file = fopen(path, "w");
	unsigned port = world->servers[0].port, i;

	if (!file)
		return -1;
	fprintf(file, "profile = v3\nshared_health = %s\n", world->shared_health);
	for (i = 1; i <= world->lines; i++)
		fprintf(file,
			"line %u {\n user = \"%u\"\n auth_password = \"secret\"\n%s"
			" keepalive = off\n server primary {\n  address = \"127.0.0.1\"\n  port = "
			"%u\n"
			"  expires = %u\n }\n server backup {\n  address = \"127.0.0.2\"\n"
			"  port = %u\n  expires = %u\n }\n}\n",
			i, 1000 + i, world->spreads ? "" : " jitter = 0\n", port, EXPIRES_S, port,
			EXPIRES_S);
	return fclose(file);
}

/* The phone's own standard input is a pipe, its output goes nowhere. */
static int redirect(struct gate_world *world)
{
	int ends[2], copy = dup(STDOUT_FILENO);

	out = copy < 0 ? NULL : fdopen(copy, "w");
	if (!out || pipe(ends) != 0 || dup2(ends[0], STDIN_FILENO) < 0 ||
	    !freopen("/dev/null", "w", stdout))
		return -1;
	close(ends[0]);
	world->commands = ends[1];
	return 0;
}

static int play(struct gate_world *world, const char *plugin_dir, const char *stack)
{
	char path[] = "/tmp/phone_gate.XXXXXX.conf";
	struct phone_options options = { .config = path,
					 .stack = stack,
					 .plugin_dir = plugin_dir,
					 .listen_set = 1,
					 .listen_port_set = 1 };
	int fd = mkstemps(path, 5), status = 1;

	if (fd < 0)
		return 1;
	close(fd);
	if (failover_target_set(&options.listen, "127.0.0.1", 5060, FAILOVER_UDP) == 0 &&
	    config_write(path, world) == 0) {
		options.listen.port = 0;
		status = phone_run(&options);
	}
	unlink(path);
	return status || world->failed;
}

static const struct {
	const char *name;
	void (*story)(struct phone_loop *loop, struct gate_world *world);
	const char *shared_health;
	int spreads;
} stories[] = {
	{ "work", work, "transport", 0 },
	{ "heap", heap, "transport", 0 },
	{ "cpu", cpu, "transport", 1 },
	{ "outage", outage, "off", 1 },
	{ "outage-transport", outage, "transport", 1 },
	{ "outage-all", outage, "all", 1 },
};

static void world_init(struct gate_world *world, const char *lines, const char *story)
{
	world->lines = (unsigned)strtoul(lines, NULL, 10);
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		if (strcmp(story, stories[i].name) == 0) {
			world->story = stories[i].story;
			world->shared_health = stories[i].shared_health;
			world->spreads = stories[i].spreads;
		}
}

int main(int argc, char **argv)
{
	struct gate_world world = { .commands = -1 };
	int status = 1;

	if (argc == 5)
		world_init(&world, argv[3], argv[4]);
	if (!world.lines || !world.story) {
		fputs("usage: phone_gate PLUGIN-DIR STACK LINES STORY\n", stderr);
		return 2;
	}
	gate_loop_set_world(&world);
	if (gate_servers_open(world.servers) == 0 && redirect(&world) == 0)
		status = play(&world, argv[1], argv[2]);
	gate_servers_close(world.servers);
	if (out)
		fclose(out);
	return status;
}
