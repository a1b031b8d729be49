/* SPDX-License-Identifier: MIT */
/*
 * adapter.h - an adapter but for its stack: the user agent with a UDP socket, connections, and
 * server transactions. For stacks of which no socket is used.
 */
#ifndef UA_ADAPTER_H
#define UA_ADAPTER_H

#include <failover/ext/io.h>
#include "stream_way.h"
#include "../pump.h"
#include "../serving.h"
#include "../ua.h"

/* The sockets of a user agent. */
struct ua_net {
	struct ua_pump pump;	   /* UDP, and the sockets of all */
	struct ua_streams streams; /* TCP, TLS */
};

/* What has come in: text[count] is zero. */
typedef void ua_net_received(struct ua *ua, const char *text, size_t count,
			     const struct failover_target *from);

/* Open them for a user agent that is set up: net is zero. Returns 0 or a negative error;
 * ua_net_end() and ua_net_close() are right after either. */
int ua_net_open(struct ua_net *net, struct ua *ua, const struct failover_open_params *params,
		ua_net_received *taken);
/* End the connections, while the user agent's timers are there. */
void ua_net_end(struct ua_net *net);
void ua_net_close(struct ua_net *net);

/* The first member of the plugin's instance. */
struct ua_adapter {
	struct ua base;
	struct ua_net net;
	struct ua_serving serving;
};

/* The client of such an adapter, or the first member of it. */
struct ua_adapter_client {
	struct ua_client base;
	struct ua_stream_way way;
};

/* Open it: adapter is zero. Returns 0 or a negative error; ua_adapter_close() is right after
 * either. */
int ua_adapter_open(struct ua_adapter *adapter, const struct ua_stack *stack,
		    const struct failover_host *host, const struct failover_open_params *params);
void ua_adapter_close(struct ua_adapter *adapter);

/* Functions of struct ua_stack: all that sockets are needed for. Where `net` of the user agent is
 * set, they need no adapter; their clients begin with a struct ua_adapter_client. */
int ua_adapter_local(struct ua *ua, const struct failover_target *target,
		     struct failover_target *out);
int ua_adapter_send(struct ua *ua, const struct failover_target *target, const char *bytes,
		    size_t count);
int ua_adapter_answer(struct ua *ua, const struct failover_target *to, const char *via_port,
		      const char *bytes, size_t count);
int ua_adapter_put(struct ua_client *client, const char *bytes, size_t count);
int ua_adapter_stop(struct ua_client *client);
uint32_t ua_adapter_missing(struct ua_client *client);
int ua_adapter_connect(struct ua_client *client, struct failover_target *local);
int ua_adapter_flow_local(struct ua *ua, const struct failover_target *peer,
			  struct failover_target *local);
void ua_adapter_suspect(struct ua_client *client);
uint64_t ua_adapter_keep_flow(struct ua_client *client);
void ua_adapter_leave_flow(struct ua *ua, const struct failover_target *peer, uint64_t flow);

/* All of them but stop. */
#define UA_ADAPTER_STACK                                                                           \
	.local = ua_adapter_local, .send = ua_adapter_send, .put = ua_adapter_put,                 \
	.missing = ua_adapter_missing, .connect = ua_adapter_connect,                              \
	.flow_local = ua_adapter_flow_local, .suspect = ua_adapter_suspect,                        \
	.keep_flow = ua_adapter_keep_flow, .leave_flow = ua_adapter_leave_flow,                    \
	.answer = ua_adapter_answer, .reply = ua_serving_reply,                                    \
	.reply_again = ua_serving_reply_again

/* failover.io/1: `inst` is the adapter, or a user agent with `net`. */
uint32_t ua_adapter_fds(void *inst, struct failover_io_fd *out, uint32_t max);
uint64_t ua_adapter_deadline(void *inst);
int ua_adapter_bound(void *inst, uint32_t transport, struct failover_target *out);
void ua_adapter_network_changed(void *inst);
void ua_adapter_process(void *inst, const struct failover_io_fd *ready, uint32_t count);
/* All of them. */
extern const struct failover_ext_io ua_adapter_ext_io;

/* All but process. */
#define UA_ADAPTER_EXT_IO                                                                          \
	.size = sizeof(struct failover_ext_io), .fds = ua_adapter_fds,                             \
	.deadline = ua_adapter_deadline, .local = ua_adapter_bound,                                \
	.network_changed = ua_adapter_network_changed

#endif
