/* SPDX-License-Identifier: MIT */
/* incoming.h - requests of peers. */
#ifndef UA_INCOMING_H
#define UA_INCOMING_H

#include "ua.h"

/* A response without body, its tag made for it; a 200 and a 405 have Allow. Returns 0 or a negative
 * error. */
int ua_incoming_status(struct ua_server *server, uint32_t status);

/* Whose line this request is meant for, or NULL (B24e). */
struct ua_account *ua_incoming_account(const struct ua *ua, const struct ua_view *request);

/* 500 with Retry-After: something like this is under way (RFC 3261 14.2). */
void ua_incoming_later(struct ua_server *server);

#endif
