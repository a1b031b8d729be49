/* SPDX-License-Identifier: MIT */
/* transport.h - libre's sockets: UDP, and TCP on the same port. */
#ifndef FO_RE_TRANSPORT_H
#define FO_RE_TRANSPORT_H

#include "re.h"

/* Open both; zero family = IPv4. Returns 0 or a negative error. */
int fo_re_transport_open(struct fo_re *ua, const struct failover_target *listen);
void fo_re_transport_close(struct fo_re_transport *transport);
/* The UDP socket's descriptor, for its ICMP errors. */
int fo_re_transport_fd(const struct fo_re_transport *transport);
/* The listening socket; NULL = another program has the port. */
struct tcp_sock *fo_re_transport_listener(const struct fo_re_transport *transport);
/* Out of descriptors libre leaves a connection in the queue, which would keep the loop awake: turn
 * it away. */
void fo_re_transport_turn_away(struct fo_re_transport *transport);
/* As ua_stack.local; target NULL = the bound address. */
int fo_re_transport_local(const struct fo_re_transport *transport,
			  const struct failover_target *target, struct failover_target *out);
/* Send one datagram. Returns 0 or a negative error. */
int fo_re_transport_send(struct fo_re_transport *transport, const struct failover_target *target,
			 struct mbuf *datagram);
/* Where connections come from: the bound host, port 0; 0 = any. */
int fo_re_transport_bind_host(const struct fo_re_transport *transport, struct sa *out);

/* A buffer with these bytes; NULL = no memory. */
struct mbuf *fo_re_buffer(const char *bytes, size_t count);

/* libre's addresses. */
void fo_re_transport_sa(const struct failover_target *target, struct sa *out);
/* Returns 0 or FAILOVER_ERR_ARGUMENT. */
int fo_re_transport_target(const struct sa *sa, uint8_t transport, struct failover_target *out);

#endif
