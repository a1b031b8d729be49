/* SPDX-License-Identifier: MIT */
/* icmp.h - ICMP errors of any UDP socket: most stacks drop them (B4). */
#ifndef UA_ICMP_H
#define UA_ICMP_H

#include <failover/plugin.h>

/* Have the kernel keep the errors of this socket; family is 4 or 6. Returns 0 or FAILOVER_ERR_IO.
 */
int ua_icmp_enable(int fd, int family);
/* The socket reports the error of an earlier packet once more, as the result of the next send, to
 * whomever that goes. Take that away; the queue stays. */
void ua_icmp_forget(int fd);

#define UA_ICMP_QUOTE 576u /* bytes of a quoted packet that are looked at */

/* A packet could not be delivered. */
struct ua_icmp {
	struct failover_target to; /* the address that it was for (transport UDP) */
	uint8_t is_local;	   /* this system says so: nobody can have made it up */
	size_t quoted;		   /* bytes of the packet that the error brings back, perhaps 0 */
	char quote[UA_ICMP_QUOTE];
};

/* The next error that says a target cannot be reached (RFC 3261 18.4). Returns 1, or 0 when there
 * are no more. The socket polls FAILOVER_IO_ERROR while there are. */
int ua_icmp_next(int fd, struct ua_icmp *out);

#endif
