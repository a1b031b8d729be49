/* SPDX-License-Identifier: MIT */
/* auth.h - answering challenges (B4b, B10; RFC 3261 22, RFC 7616, RFC 8760). */
#ifndef FO_UA_AUTH_H
#define FO_UA_AUTH_H

#include "account.h"

struct fo_client;

/* Header lines with credentials for what this target has asked for before. Returns 0 or a negative
 * error. */
int fo_auth_lines(struct fo_account *account, const struct failover_attempt *attempt,
		  const struct fo_request *request, char *out, size_t size);
/* A 401 or 407 has come: keep the challenges that can be answered. Returns 1 if there are such,
 * 0 when no credentials are to be sent again (B4b). */
int fo_auth_learn(struct fo_account *account, struct fo_client *client,
		  const struct fo_view *response);

#endif
