/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client.h - client transactions: those of ua. */
#ifndef FO_BELLESIP_CLIENT_H
#define FO_BELLESIP_CLIENT_H

#include "../../ua/net/stream_way.h"
#include "bellesip.h"

struct fo_belle_client {
	struct ua_client base;
	struct ua_stream_way way; /* TCP, TLS */
};

/* Functions of struct ua_stack. */
int fo_belle_client_stop(struct ua_client *client);
int fo_belle_client_put(struct ua_client *client, const char *text, size_t length);
uint32_t fo_belle_client_missing(struct ua_client *client);
int fo_belle_client_connect(struct ua_client *client, struct failover_target *local);
int fo_belle_client_flow_local(struct ua *ua, const struct failover_target *peer,
			       struct failover_target *local);
void fo_belle_client_suspect(struct ua_client *client);
uint64_t fo_belle_client_keep_flow(struct ua_client *client);
void fo_belle_client_leave_flow(struct ua *ua, const struct failover_target *peer, uint64_t flow);

#endif
