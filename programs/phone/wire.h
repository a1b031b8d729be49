/* SPDX-License-Identifier: MIT */
/* wire.h - IP packets of our own making around a message that went over the wire. */
#ifndef PHONE_WIRE_H
#define PHONE_WIRE_H

#include <failover/plugin.h>
#include <stddef.h>

#define WIRE_HEADERS_MAX 60u /* IPv6 and TCP */
#define WIRE_PACKET_MAX 65535u
#define WIRE_MESSAGE_MAX (WIRE_PACKET_MAX - WIRE_HEADERS_MAX)

struct wire {
	const struct failover_target *from, *to; /* of one family; UDP if `to` says so, else TCP */
	const char *bytes;
	size_t count;
	uint32_t seq, ack; /* TCP */
};

/* Write the packet, with lengths and checksums; `out` has room for WIRE_PACKET_MAX bytes. Returns
 * its length, 0 = the message is too long, or the addresses are none. */
size_t wire_packet(const struct wire *wire, unsigned char *out);

#endif
