/* SPDX-License-Identifier: MIT */
/* inside.h - the sockets on the side of the clients: UDP and TCP, for who is in their networks. */
#ifndef EDGE_INSIDE_H
#define EDGE_INSIDE_H

#include <failover/ext/io.h>
#include "../../ua/message.h"
#include "../../ua/net/adapter.h"

/* Zero, then edge_inside_open(). */
struct edge_inside {
	struct ua ua; /* first; of it: timers, who may connect, the sockets */
	struct ua_net net;
	struct failover_host host;
	void *user;
	uint64_t (*now)(void *user);
	void (*log)(void *user, uint32_t level, const char *text);
	/* A message of a client; text[count] is zero. */
	void (*received)(void *user, const char *text, size_t count,
			 const struct failover_target *from);
	uint64_t strangers; /* datagrams of those that are in no network of clients */
};

struct edge_inside_params {
	struct failover_target listen;
	const struct failover_network *clients; /* copied */
	uint32_t clients_count, clients_any;	/* any: whoever sends */
	const char *device, *user_agent;	/* as in failover_open_params */
};

/* With user and its functions set. Returns 0 or a negative error (errno says why);
 * edge_inside_close() is right after either. */
int edge_inside_open(struct edge_inside *inside, const struct edge_inside_params *params);
void edge_inside_close(struct edge_inside *inside);

/* Send to a client: over UDP, on the connection that there is, or on a new one. */
void edge_inside_send(struct edge_inside *inside, const struct failover_target *to,
		      const char *bytes, size_t count);
/* A client may be there. */
int edge_inside_is_client(const struct edge_inside *inside, const struct failover_target *at);
/* Where a client at this place finds us. Returns 0 or a negative error. */
int edge_inside_local(const struct edge_inside *inside, const struct failover_target *client,
		      struct failover_target *out);

uint32_t edge_inside_fds(struct edge_inside *inside, struct failover_io_fd *out, uint32_t max);
uint64_t edge_inside_deadline(const struct edge_inside *inside);
void edge_inside_process(struct edge_inside *inside, const struct failover_io_fd *ready,
			 uint32_t count);

#endif
