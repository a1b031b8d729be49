/* SPDX-License-Identifier: MIT */
/* stream_way.h - what adapters do alike over TCP and TLS: requests go out, responses go back. */
#ifndef UA_STREAM_WAY_H
#define UA_STREAM_WAY_H

#include "stream.h"
#include "../client.h"

/* A client's place on a connection; part of the adapter's client, zero at first. */
struct ua_stream_way {
	struct ua_stream_user user;
	struct ua_client *client;
};

/* Send on the connection of the client's target, as soon as it is up: what it sends first, opens
 * it. Returns 0 or a negative error; news of the client come later. */
int ua_stream_way_put(struct ua_stream_way *way, struct ua_streams *streams,
		      struct ua_client *client, const char *text, size_t length);

/* The connection that the client will send on, opened if there is none, and its address here: for
 * struct ua_stack's connect. Returns 0 or a negative error. */
int ua_stream_way_open(struct ua_stream_way *way, struct ua_streams *streams,
		       struct ua_client *client, struct failover_target *local);

/* Send a response to where its request came from: on the connection that there is, or on a new one
 * to the port of its topmost Via (text, or NULL). Returns 0 or a negative error. */
int ua_streams_answer(struct ua_streams *streams, const struct failover_target *from,
		      const char *via_port, const char *text, size_t length);

/* For failover.io/1: the UDP socket beside the connections, and theirs; and the bound address. */
uint32_t ua_streams_all_fds(const struct ua_streams *streams, struct failover_io_fd *out,
			    uint32_t max);
int ua_streams_local(const struct ua_streams *streams, uint32_t transport,
		     struct failover_target *out);

#endif
