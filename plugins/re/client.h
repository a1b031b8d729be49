/* SPDX-License-Identifier: MIT */
/* client.h - client transactions: those of ../../ua/transaction.h over libre's sockets. */
#ifndef FO_RE_CLIENT_H
#define FO_RE_CLIENT_H

#include "re.h"
#include "../../ua/net/stream_way.h"
#include "../../ua/transaction.h"

struct fo_re_client {
	struct ua_client base;
	struct ua_stream_way way; /* TCP, TLS */
};

/* Functions of struct ua_stack. */
int fo_re_client_put(struct ua_client *client, const char *bytes, size_t count);
int fo_re_client_stop(struct ua_client *client);
uint32_t fo_re_client_missing(struct ua_client *client);
int fo_re_client_connect(struct ua_client *client, struct failover_target *local);
int fo_re_client_flow_local(struct ua *ua, const struct failover_target *peer,
			    struct failover_target *local);
void fo_re_client_suspect(struct ua_client *client);
uint64_t fo_re_client_keep_flow(struct ua_client *client);
void fo_re_client_leave_flow(struct ua *ua, const struct failover_target *peer, uint64_t flow);

#endif
