/* SPDX-License-Identifier: MIT */
/* transport.h - the sockets of the system: UDP and its ICMP errors, TCP connections in and out.
 * What goes through connections is stream.h's. */
#ifndef UA_TRANSPORT_H
#define UA_TRANSPORT_H

#include <stddef.h>
#include <failover/plugin.h>

struct ua_transport;

/* Bind params' listen address. Returns 0 or a negative error. */
int ua_transport_open(const struct failover_target *listen, struct ua_transport **out);
/* TCP only, at the address that the stack's own UDP socket is bound to. */
int ua_transport_open_beside(const struct failover_target *bound, struct ua_transport **out);
/* Without TCP. */
int ua_transport_open_udp(const struct failover_target *listen, struct ua_transport **out);
void ua_transport_close(struct ua_transport *transport);
/* Of the UDP socket. */
int ua_transport_fd(const struct ua_transport *transport);
/* Listens for TCP on the same port; -1 = some other program does. */
int ua_transport_listener(const struct ua_transport *transport);
/* Take a connection that has come in; returns its descriptor or -1. */
int ua_transport_accept(struct ua_transport *transport, struct failover_target *from);
/* Begin to connect; *fd = -1 or a descriptor, which becomes writable when that has ended. Returns
 * 0; FAILOVER_ERR_IO when it has failed at once (errno says why). */
int ua_transport_connect(const struct ua_transport *transport, const struct failover_target *target,
			 int *fd);
/* The local address that messages to `target` come from, with its transport; target NULL = the
 * bound one. */
int ua_transport_local(const struct ua_transport *transport, const struct failover_target *target,
		       struct failover_target *out);
/* Send one packet. 0; FAILOVER_ERR_IO when it cannot reach the target (no route ...);
 * FAILOVER_ERR_UNSUPPORTED for a family or transport that this socket has not. A packet that the
 * system had no room for counts as lost on the way. */
int ua_transport_send(struct ua_transport *transport, const struct failover_target *target,
		      const char *bytes, size_t count);
/* Read one packet; returns its length, cut to `size`, or -1 when there is none. */
long ua_transport_receive(struct ua_transport *transport, char *bytes, size_t size,
			  struct failover_target *from);
#endif
