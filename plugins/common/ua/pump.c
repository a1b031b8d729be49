/* SPDX-License-Identifier: MIT */
/* pump.c - datagrams and ICMP errors: see pump.h. */
#include "../icmp.h"
#include "../screen.h"
#include "../transport.h"
#include "pump.h"

int fo_pump_screen(struct fo_ua *ua, const char *text, size_t count)
{
	ua->counters.received++;
	switch (fo_screen(text, count)) {
	case FO_SCREEN_KEEPALIVE:
		ua->counters.keepalives++;
		return 0;
	case FO_SCREEN_GARBAGE:
		ua->counters.garbage++;
		return 0;
	case FO_SCREEN_SIP:
		break;
	}
	return 1;
}

void fo_pump_errors(struct fo_ua *ua, int fd)
{
	struct failover_target to;
	unsigned left = FO_DATAGRAMS_AT_ONCE;

	while (left-- && fo_icmp_next(fd, &to)) {
		ua->counters.icmp++;
		fo_ua_unreachable(ua, &to);
	}
}

static void datagram(struct fo_pump *pump, size_t count, const struct failover_target *from)
{
	pump->datagram[count] = '\0';
	if (count < FO_DATAGRAM_MAX) {
		pump->received(pump->ua, pump->datagram, count, from);
		return;
	}
	pump->ua->counters.received++;
	pump->ua->counters.garbage++;
}

void fo_pump_process(struct fo_pump *pump)
{
	struct failover_target from;
	unsigned left = FO_DATAGRAMS_AT_ONCE;
	long count;

	while (left--) {
		count = fo_transport_receive(pump->transport, pump->datagram, FO_DATAGRAM_MAX,
					     &from);
		if (count < 0)
			break;
		datagram(pump, (size_t)count, &from);
	}
	fo_pump_errors(pump->ua, fo_transport_fd(pump->transport));
}
