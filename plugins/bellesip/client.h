/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client.h - client transactions: those of plugins/common. */
#ifndef FO_BELLESIP_CLIENT_H
#define FO_BELLESIP_CLIENT_H

#include "../common/stream_way.h"
#include "bellesip.h"

struct fo_belle_client {
	struct fo_client base;
	struct fo_stream_way way; /* TCP, TLS */
};

/* Functions of struct fo_stack. */
int fo_belle_client_stop(struct fo_client *client);
int fo_belle_client_put(struct fo_client *client, const char *text, size_t length);
uint32_t fo_belle_client_missing(struct fo_client *client);
void fo_belle_client_suspect(struct fo_client *client);
uint64_t fo_belle_client_keep_flow(struct fo_client *client);
void fo_belle_client_leave_flow(struct fo_ua *ua, const struct failover_target *peer,
				uint64_t flow);

#endif
