/* SPDX-License-Identifier: MIT */
/* auth.h - answering challenges (B4b, B10; RFC 3261 22, RFC 7616, RFC 8760). */
#ifndef UA_AUTH_H
#define UA_AUTH_H

#include "account.h"

struct ua_client;

/* Header lines with credentials for what this target has asked for before. Returns 0 or a negative
 * error. */
int ua_auth_lines(struct ua_account *account, const struct failover_attempt *attempt,
		  const struct ua_request *request, char *out, size_t size);
/* A 401 or 407 has come: keep the challenges that can be answered. Returns 1 if there are such,
 * 0 when no credentials are to be sent again (B4b). */
int ua_auth_learn(struct ua_account *account, struct ua_client *client,
		  const struct ua_view *response);

#endif
