/* SPDX-License-Identifier: MIT */
/* address.h - targets as socket addresses and as the host and port of SIP texts. */
#ifndef UA_ADDRESS_H
#define UA_ADDRESS_H

#include <sys/socket.h>
#include <failover/plugin.h>

#define UA_ADDRESS_TEXT 64u /* "[IPv6 address]:port" with its end */

/* Returns the length of the socket address, 0 if the family is not 4 or 6. */
socklen_t ua_address_to_socket(const struct failover_target *target, struct sockaddr_storage *out);
/* The same for an IPv6 socket that serves IPv4 too (RFC 3493 3.7). */
socklen_t ua_address_to_socket_6(const struct failover_target *target,
				 struct sockaddr_storage *out);
/* Address, port, family and scope; the rest of *out becomes zero. Returns 0 or ERR_ARGUMENT. */
int ua_address_from_socket(const struct sockaddr_storage *from, struct failover_target *out);
/* "192.0.2.1" or "[2001:db8::1]", as in a URI; no scope, which means nothing to the peer. */
const char *ua_address_host(const struct failover_target *target, char out[UA_ADDRESS_TEXT]);
/* The same with ":port". */
const char *ua_address_text(const struct failover_target *target, char out[UA_ADDRESS_TEXT]);
int ua_address_is_any(const struct failover_target *target);
/* Same family, address and scope. */
int ua_address_same_host(const struct failover_target *a, const struct failover_target *b);
/* Same host and port. */
int ua_address_same(const struct failover_target *a, const struct failover_target *b);
/* Read a numeric address, IPv6 without brackets; the rest of *out becomes zero. Returns 0 or
 * ERR_ARGUMENT. */
int ua_address_read(const char *text, struct failover_target *out);
/* Is this text a numeric address? 4, 6, or 0 = it is not. */
int ua_address_family(const char *text);
/* Has the device this address? */
int ua_address_is_ours(const struct failover_target *address);
/* The address and a port that the routing table lets packets to this target come from. Returns 0 or
 * a negative error (errno says why). */
int ua_address_route(const struct failover_target *target, struct failover_target *out);

#endif
