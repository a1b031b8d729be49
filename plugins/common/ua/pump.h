/* SPDX-License-Identifier: MIT */
/* pump.h - what adapters do alike with datagrams: count and screen them, read those of a plain
 * socket, take its ICMP errors. */
#ifndef FO_UA_PUMP_H
#define FO_UA_PUMP_H

#include "ua.h"

#define FO_DATAGRAM_MAX 16384u	  /* larger ones are dropped */
#define FO_DATAGRAMS_AT_ONCE 256u /* taken in one call of process() */

struct fo_transport;

/* A UDP socket of ../transport.h. */
struct fo_pump {
	struct fo_ua *ua;
	struct fo_transport *transport;
	/* A datagram has come in; text[count] is zero, and text may be written to. */
	void (*received)(struct fo_ua *ua, const char *text, size_t count,
			 const struct failover_target *from);
	char datagram[FO_DATAGRAM_MAX + 1];
};

/* Count what has come in; text[count] must be readable and zero. Returns 1 if it may be SIP. */
int fo_pump_screen(struct fo_ua *ua, const char *text, size_t count);
/* Read a UDP socket's ICMP errors (B4). */
void fo_pump_errors(struct fo_ua *ua, int fd);
/* Datagrams, then errors: an answer that is there wins. */
void fo_pump_process(struct fo_pump *pump);

#endif
