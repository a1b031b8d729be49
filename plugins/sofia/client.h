/* SPDX-License-Identifier: MIT */
/* client.h - clients: the shared transactions over tport's UDP socket and the shared connections.
 */
#ifndef FO_SOFIA_CLIENT_H
#define FO_SOFIA_CLIENT_H

#include "../../ua/net/stream_way.h"
#include "../../ua/transaction.h"
#include "sofia.h"

struct fo_sofia_client {
	struct ua_client base;
	struct ua_stream_way way; /* TCP, TLS */
};

/* Functions of struct ua_stack. */
int fo_sofia_client_put(struct ua_client *client, const char *text, size_t length);
int fo_sofia_client_stop(struct ua_client *client);
uint32_t fo_sofia_client_missing(struct ua_client *client);
int fo_sofia_client_connect(struct ua_client *client, struct failover_target *local);
int fo_sofia_client_flow_local(struct ua *ua, const struct failover_target *peer,
			       struct failover_target *local);
void fo_sofia_client_suspect(struct ua_client *client);
uint64_t fo_sofia_client_keep_flow(struct ua_client *client);
void fo_sofia_client_leave_flow(struct ua *ua, const struct failover_target *peer, uint64_t flow);

#endif
