/* SPDX-License-Identifier: MIT */
/* client.h - client transactions: those of ../common/ua/transaction.h over libre's sockets. */
#ifndef FO_RE_CLIENT_H
#define FO_RE_CLIENT_H

#include "../common/stream_way.h"
#include "../common/ua/transaction.h"
#include "re.h"

struct fo_re_client {
	struct fo_client base;
	struct fo_stream_way way; /* TCP, TLS */
};

/* Functions of struct fo_stack. */
int fo_re_client_put(struct fo_client *client, const char *bytes, size_t count);
int fo_re_client_stop(struct fo_client *client);
uint32_t fo_re_client_missing(struct fo_client *client);
void fo_re_client_suspect(struct fo_client *client);
uint64_t fo_re_client_keep_flow(struct fo_client *client);
void fo_re_client_leave_flow(struct fo_ua *ua, const struct failover_target *peer, uint64_t flow);
/* RFC 2617 with libre's MD5. */
int fo_re_client_authorize(struct fo_ua *ua, const struct fo_authorization *what, char *out,
			   size_t size);

#endif
