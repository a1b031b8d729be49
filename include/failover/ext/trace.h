/* SPDX-License-Identifier: MIT */
/*
 * failover.trace/1 - what goes over the wire, told to the application: it gives this table through
 * host->get_extension(), and the plugin asks for it once, at open. Nothing is told, and nothing
 * costs, without it.
 *
 * A message is told as it is, credentials included: who writes it down takes them out. TCP and TLS
 * messages are whole and in clear text, each when its last byte has left or come in.
 */
#ifndef FAILOVER_EXT_TRACE_H
#define FAILOVER_EXT_TRACE_H

#include <failover/plugin.h>

#define FAILOVER_EXT_TRACE "failover.trace/1"

enum failover_trace_way {
	FAILOVER_TRACE_OUT = 1, /* it has left this device; nobody knows whether it arrives */
	FAILOVER_TRACE_IN = 2,	/* it has come in, and nothing has been read of it so far */
};

/* One datagram, or one message of a connection; pointers are valid during the call. */
struct failover_trace_message {
	uint32_t size;
	uint32_t way; /* enum failover_trace_way */
	const char *bytes;
	size_t count;
	struct failover_target local, peer; /* both with the transport */
	uint64_t connection;		    /* TCP, TLS: its number, never used again; UDP: 0 */
};

struct failover_ext_trace {
	uint32_t size;
	uint32_t reserved;
	void *app;
	/* Called on the engine's thread, from hooks and from process(); it may call nothing of the
	 * plugin's or of the engine's. */
	void (*message)(void *app, const struct failover_trace_message *message);
};

#endif
