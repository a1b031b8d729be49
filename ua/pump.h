/* SPDX-License-Identifier: MIT */
/* pump.h - what adapters do alike with datagrams: count and screen them, read those of a plain
 * socket, take its ICMP errors. */
#ifndef UA_PUMP_H
#define UA_PUMP_H

#include "ua.h"

#define UA_DATAGRAM_MAX 16384u	  /* larger ones are dropped */
#define UA_DATAGRAMS_AT_ONCE 256u /* taken in one call of process() */

struct ua_transport;

/* A UDP socket of ../transport.h. */
struct ua_pump {
	struct ua *ua;
	struct ua_transport *transport;
	/* A datagram has come in; text[count] is zero, and text may be written to. */
	void (*received)(struct ua *ua, const char *text, size_t count,
			 const struct failover_target *from);
	char datagram[UA_DATAGRAM_MAX + 1];
};

/* Send one packet, as ua_transport_send(). */
int ua_pump_send(struct ua *ua, struct ua_transport *transport,
		 const struct failover_target *target, const char *bytes, size_t count);
/* Count what has come in; text[count] must be readable and zero. Returns 1 if it may be SIP. */
int ua_pump_screen(struct ua *ua, const char *text, size_t count);
/* Read a UDP socket's ICMP errors (B4). */
void ua_pump_errors(struct ua *ua, int fd);
/* Datagrams, then errors: an answer that is there wins. */
void ua_pump_process(struct ua_pump *pump);

#endif
