/* SPDX-License-Identifier: MIT */
/* plugin_wire.h - peers of the bench that listen for TCP connections. */
#ifndef PLUGIN_WIRE_H
#define PLUGIN_WIRE_H

#include "plugin_bench.h"

struct wire {
	int listener, fd; /* fd: the connection, -1 = none */
	struct failover_target target;
};

/* Listen at 127.0.0.`last_byte`, where the bench has its peers too; nothing is accepted. */
void wire_listen(struct wire *wire, unsigned last_byte, uint32_t transport);
void wire_close(struct wire *wire);
/* An attempt of the bench that goes here. */
struct failover_attempt wire_attempt(struct bench *bench, const struct wire *wire, uint32_t method,
				     uint64_t id);
/* Wait for a connection. */
void wire_accept(struct bench *bench, struct wire *wire);
/* None comes. */
void wire_accept_none(struct bench *bench, struct wire *wire);
/* Wait for bytes; returns how many, 0 = closed by the plugin. */
size_t wire_read(struct bench *bench, struct wire *wire, char *bytes, size_t room);
/* Wait for a text that starts so. */
void wire_expect(struct bench *bench, struct wire *wire, const char *start, char *text);
/* The plugin closes the connection. */
void wire_expect_end(struct bench *bench, struct wire *wire);
/* Nothing comes. */
void wire_expect_none(struct bench *bench, struct wire *wire);
void wire_write(struct bench *bench, struct wire *wire, const char *bytes, size_t count);
/* A response to this request; "200 OK", header lines or "". */
size_t wire_response(const char *request, const char *status_line, const char *headers,
		     char out[BENCH_TEXT]);
void wire_answer(struct bench *bench, struct wire *wire, const char *request,
		 const char *status_line);
/* End the connection with a reset. */
void wire_reset(struct wire *wire);
/* Wait until this attempt is reported to be unreachable for this reason. */
void wire_expect_unreachable(struct bench *bench, uint64_t attempt, uint32_t reason);
/* Register over this wire; the connection is up afterwards. */
void wire_register(struct bench *bench, struct wire *wire, uint64_t id);
/* So often has the end of this wire's connection been told to the core. */
void wire_expect_lost(struct bench *bench, const struct wire *wire, unsigned count);
/* Fill its queue, so that it answers no SYN; and empty it again. */
void wire_fill_backlog(const struct wire *wire, int fds[8]);
void wire_empty_backlog(const struct wire *wire, const int fds[8]);

#endif
