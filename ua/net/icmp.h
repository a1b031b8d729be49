/* SPDX-License-Identifier: MIT */
/* icmp.h - ICMP errors of any UDP socket: most stacks drop them (B4). */
#ifndef UA_ICMP_H
#define UA_ICMP_H

#include <failover/plugin.h>

/* Have the kernel keep the errors of this socket; family is 4 or 6. Returns 0 or FAILOVER_ERR_IO.
 */
int ua_icmp_enable(int fd, int family);
/* The next error that says a target cannot be reached; *to is the address that the packet was for
 * (transport UDP). Returns 1, or 0 when there are no more. The socket polls FAILOVER_IO_ERROR while
 * there are. */
int ua_icmp_next(int fd, struct failover_target *to);

#endif
