/* SPDX-License-Identifier: MIT */
/* bench.c - see bench.h. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"

#define NOBODY_PORT 9u
#define FDS_MOST 32u

static void need(int error, const char *what)
{
	if (!error)
		return;
	fprintf(stderr, "the bench cannot have %s: %d\n", what, error);
	abort();
}

static uint16_t port_of(const struct edge_bench *bench)
{
	return bench->server_port ? bench->server_port : NOBODY_PORT;
}

static uint64_t on_now(void *user)
{
	return ((const struct edge_bench *)user)->now;
}

static void on_log(void *user, uint32_t level, const char *text)
{
	const struct edge_bench *bench = user;

	(void)level;
	if (bench->log)
		bench->log(text);
}

void edge_bench_open(struct edge_bench *bench)
{
	static const struct failover_network loopback = { .address = { 127 },
							  .family = 4,
							  .prefix = 8 };
	struct failover_engine_params engine = { .size = sizeof(engine),
						 .seed = 1,
						 .memory = failover_memory_default() };
	struct edge_params params = {
		.user = bench,
		.now = on_now,
		.log = on_log,
		.outside = { .device = "test" },
		.inside = { .clients = &loopback, .clients_count = 1, .device = "test" }
	};

	bench->now = 1000;
	memset(&bench->nobody, 0, sizeof(bench->nobody));
	need(failover_target_set(&bench->nobody, "127.0.0.1", port_of(bench), FAILOVER_UDP),
	     "nobody");
	need(failover_engine_new(&engine, &bench->engine), "an engine");
	params.engine = bench->engine;
	params.outside.listen = bench->nobody;
	params.outside.listen.port = 0;
	params.inside.listen = params.outside.listen;
	need(edge_new(&params, &bench->edge), "an edge");
}

void edge_bench_close(struct edge_bench *bench)
{
	edge_free(bench->edge);
	failover_engine_free(bench->engine);
}

uint32_t edge_bench_line(struct edge_bench *bench, const char *user, const char *domain,
			 const char *password)
{
	const struct failover_registrar_identity registrar = { .size = sizeof(registrar),
							       .address = "127.0.0.1",
							       .port = port_of(bench) };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 1,
					       .targets_count = 1,
					       .targets = &bench->nobody,
					       .settings = FAILOVER_LINE_SETTINGS_INIT };
	struct failover_line_identity identity = { .size = sizeof(identity),
						   .user = user,
						   .domain = domain,
						   .auth_user = user,
						   .auth_password = password,
						   .registrars = &registrar,
						   .registrars_count = 1 };

	need(failover_line_add(bench->engine, &params, bench->now, &identity.line), "a line");
	need(edge_ext_line.line_set(bench->edge, &identity), "a line that is set");
	need(edge_ext_line.line_targets(bench->edge, identity.line, &bench->nobody, 1), "targets");
	return identity.line;
}

void edge_bench_turn(struct edge_bench *bench)
{
	struct failover_io_fd fds[FDS_MOST], ready[FDS_MOST];
	struct pollfd polled[FDS_MOST];
	uint32_t count = edge_fds(bench->edge, fds, FDS_MOST), i, found;
	unsigned rounds = 0;

	for (i = 0; i < count; i++)
		polled[i] = (struct pollfd){ .fd = fds[i].fd, .events = POLLIN };
	do {
		need(poll(polled, count, 0) < 0, "its sockets");
		for (i = found = 0; i < count; i++)
			if (polled[i].revents)
				ready[found++] =
					(struct failover_io_fd){ fds[i].fd, FAILOVER_IO_READ };
		edge_process(bench->edge, ready, found);
	} while (found && ++rounds < 100);
	edge_turn(bench->edge);
}
