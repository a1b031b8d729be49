/* SPDX-License-Identifier: MIT */
/* trace.c - tells the application what goes over the wire. */
#include "trace.h"

void ua_trace(struct ua *ua, struct failover_trace_message *message)
{
	message->size = sizeof(*message);
	ua->trace->message(ua->trace->app, message);
}

void ua_trace_datagram(struct ua *ua, enum failover_trace_way way,
		       const struct failover_target *peer, const char *bytes, size_t count)
{
	struct failover_trace_message message = {
		.way = way,
		.bytes = bytes,
		.count = count,
		.peer = *peer,
	};

	if (!ua->trace || ua->stack->local(ua, peer, &message.local))
		return;
	ua_trace(ua, &message);
}
