/* SPDX-License-Identifier: MIT */
/* trace.h - what goes over the wire, for an application that wants to see it (failover.trace/1). */
#ifndef UA_TRACE_H
#define UA_TRACE_H

#include <failover/ext/trace.h>
#include "ua.h"

/* A datagram has left for `peer`, or has come from there. */
void ua_trace_datagram(struct ua *ua, enum failover_trace_way way,
		       const struct failover_target *peer, const char *bytes, size_t count);
/* The same of anything else: `local`, `peer` and `connection` are set. */
void ua_trace(struct ua *ua, struct failover_trace_message *message);

#endif
