/* SPDX-License-Identifier: MIT */
/*
 * wire_net.h - libfailover-wire with sockets of its own: UDP with its ICMP errors, TCP and TLS.
 *
 * It makes a wire (wire.h), sends what that has for the network, and gives it what the network
 * brings. Connections are shared, kept open while a line is registered over them (RFC 5626), tried
 * once more when they turn out to be dead (B23c), and verified by the server's configured name.
 * The host keeps its loop, as with failover.io/1 and dns.h:
 *     wait for failover_wire_net_fds() until failover_wire_net_next_deadline()
 *     failover_wire_net_process(net, ready, count, now);
 *     while (failover_wire_net_poll(net, &message))
 *             ... give it to the stack, as come from message.peer
 *
 * The stack's messages go to failover_wire_send() and failover_wire_respond() of
 * failover_wire_net_wire(), lines to the other functions of wire.h; names of servers are looked up
 * by the host (dns.h). failover_wire_poll(), failover_wire_received() and failover_wire_trouble()
 * are called from here, never by the host. After each call of the engine or the wire the messages
 * are taken by failover_wire_net_poll(): that is what sends.
 *
 * Rules: as in wire.h. One thread; `now` is milliseconds of a monotonic clock; every function
 * returns 0 or a negative enum failover_error if nothing else is said.
 */
#ifndef FAILOVER_WIRE_NET_H
#define FAILOVER_WIRE_NET_H

#include <failover/ext/io.h>
#include <failover/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

struct failover_wire_net;

struct failover_wire_net_params {
	uint32_t size;
	uint32_t max_dialogs;		/* as in failover_wire_params */
	struct failover_engine *engine; /* outlives it; no other stack is open on it */
	/* Where to listen by UDP and TCP: port 0 = any free one; the zero address of IPv6 serves
	 * IPv4 too, and messages come from the address of the route. */
	struct failover_target listen;
	uint32_t accept_any; /* requests of peers (B21): as in failover_wire_params */
	uint32_t accept_count;
	const struct failover_network *accept; /* copied */
	const char *device;		       /* as in failover_open_params; NULL = the system's */
	const char *user_agent;		       /* of the library's own requests; NULL = its name */
	/* TLS: files, NULL = none, then the system's certificates; verify 0 = nobody is verified.
	 * Files that cannot be used are an error at once. */
	const char *tls_ca_file, *tls_cert_file, *tls_key_file;
	uint32_t tls_verify;
	/* 1: a request of the stack that comes back from the network is for another user of it, and
	 * is no loop (RFC 3261 16.3): where the stack is a proxy. */
	uint32_t may_spiral;
	void *user; /* first argument of the following, which may be NULL */
	void (*event)(void *user, const struct failover_event *event);
	void (*result)(void *user, const struct failover_result *result);
	void (*log)(void *user, uint32_t level, const char *text);
	/* Extensions of the application, as in failover_stack_params: failover.trace/1. */
	const void *(*get_extension)(void *user, const char *id);
};

/* Open the sockets. ERR_IO: an address cannot be had (errno says why). Texts are copied. */
FAILOVER_API int failover_wire_net_new(const struct failover_wire_net_params *params, uint64_t now,
				       struct failover_wire_net **net);
/* End it, and its wire: connections are closed. NULL is allowed. */
FAILOVER_API void failover_wire_net_free(struct failover_wire_net *net);

/* Its wire: for lines, the stack's messages and statistics. It lives as long. */
FAILOVER_API struct failover_wire *failover_wire_net_wire(struct failover_wire_net *net);

/* Write at most `max` descriptors; returns how many there are, which may be more. */
FAILOVER_API uint32_t failover_wire_net_fds(const struct failover_wire_net *net,
					    struct failover_io_fd *out, uint32_t max);
/* When failover_wire_net_process() is wanted next; UINT64_MAX = never. */
FAILOVER_API uint64_t failover_wire_net_next_deadline(const struct failover_wire_net *net);
/* Read, write, and do what is due at `now`, the engine's timers too. ready may be empty. */
FAILOVER_API void failover_wire_net_process(struct failover_wire_net *net,
					    const struct failover_io_fd *ready, uint32_t count,
					    uint64_t now);
/* Send what is for the network, and take the next message for the stack; returns 1, or 0 when there
 * is none. It is valid until the next call of this or of the wire. */
FAILOVER_API int failover_wire_net_poll(struct failover_wire_net *net,
					struct failover_wire_output *message);

/* The address that messages to this target come from, with its transport: for the stack's Via and
 * Contact. NULL = the one that is listened at. */
FAILOVER_API int failover_wire_net_local(const struct failover_wire_net *net,
					 const struct failover_target *target,
					 struct failover_target *out);
/* The device's addresses or routes are others: connections from an address that has gone are given
 * up. failover_network_changed() tells the engine. */
FAILOVER_API void failover_wire_net_network_changed(struct failover_wire_net *net, uint64_t now);

#ifdef __cplusplus
}
#endif
#endif
