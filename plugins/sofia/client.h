/* SPDX-License-Identifier: MIT */
/* client.h - clients: the shared transactions over tport's UDP socket and the shared connections.
 */
#ifndef FO_SOFIA_CLIENT_H
#define FO_SOFIA_CLIENT_H

#include "../common/stream_way.h"
#include "../common/ua/transaction.h"
#include "sofia.h"

struct fo_sofia_client {
	struct fo_client base;
	struct fo_stream_way way; /* TCP, TLS */
};

/* Functions of struct fo_stack. */
int fo_sofia_client_put(struct fo_client *client, const char *text, size_t length);
int fo_sofia_client_stop(struct fo_client *client);
uint32_t fo_sofia_client_missing(struct fo_client *client);
void fo_sofia_client_suspect(struct fo_client *client);
uint64_t fo_sofia_client_keep_flow(struct fo_client *client);
void fo_sofia_client_leave_flow(struct fo_ua *ua, const struct failover_target *peer,
				uint64_t flow);

#endif
