/* SPDX-License-Identifier: MIT */
/* transport.h - libre's UDP socket, and the system's TCP on the same port. */
#ifndef FO_RE_TRANSPORT_H
#define FO_RE_TRANSPORT_H

#include "re.h"

/* Open both; zero family = IPv4. Returns 0 or a negative error. */
int fo_re_transport_open(struct fo_re *ua, const struct failover_target *wish);
/* Also after an open that failed. */
void fo_re_transport_close(struct fo_re *ua);
/* Is there something to read, or an error? */
int fo_re_transport_is_ready(const struct fo_re *ua);
/* Send one datagram. Returns 0 or a negative error. */
int fo_re_send(struct fo_re *ua, const struct failover_target *target, const char *bytes,
	       size_t count);
/* A buffer with these bytes and a zero byte behind them; NULL = no memory. */
struct mbuf *fo_re_buffer(const char *bytes, size_t count);

#endif
