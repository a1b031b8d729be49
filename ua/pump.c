/* SPDX-License-Identifier: MIT */
/* pump.c - datagrams and ICMP errors: see pump.h. */
#include "net/icmp.h"
#include "screen.h"
#include "trace.h"
#include "net/transport.h"
#include "pump.h"

int ua_pump_screen(struct ua *ua, const char *text, size_t count)
{
	ua->counters.received++;
	switch (ua_screen(text, count)) {
	case UA_SCREEN_KEEPALIVE:
		ua->counters.keepalives++;
		return 0;
	case UA_SCREEN_GARBAGE:
		ua->counters.garbage++;
		return 0;
	case UA_SCREEN_SIP:
		break;
	}
	return 1;
}

void ua_pump_errors(struct ua *ua, int fd)
{
	struct ua_icmp error;
	unsigned left = UA_DATAGRAMS_AT_ONCE;

	while (left-- && ua_icmp_next(fd, &error)) {
		ua->counters.icmp++;
		ua_undelivered(ua, &error);
	}
}

int ua_pump_send(struct ua *ua, struct ua_transport *transport,
		 const struct failover_target *target, const char *bytes, size_t count)
{
	int error = ua_transport_send(transport, target, bytes, count);

	if (!error)
		ua_trace_datagram(ua, FAILOVER_TRACE_OUT, target, bytes, count);
	return error;
}

static void datagram(struct ua_pump *pump, size_t count, const struct failover_target *from)
{
	pump->datagram[count] = '\0';
	if (count < UA_DATAGRAM_MAX) {
		pump->received(pump->ua, pump->datagram, count, from);
		return;
	}
	pump->ua->counters.received++;
	pump->ua->counters.garbage++;
}

void ua_pump_process(struct ua_pump *pump)
{
	struct failover_target from;
	unsigned left = UA_DATAGRAMS_AT_ONCE;
	long count;

	while (left--) {
		count = ua_transport_receive(pump->transport, pump->datagram, UA_DATAGRAM_MAX,
					     &from);
		if (count < 0)
			break;
		datagram(pump, (size_t)count, &from);
	}
	ua_pump_errors(pump->ua, ua_transport_fd(pump->transport));
}
