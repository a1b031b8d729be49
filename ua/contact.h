/* SPDX-License-Identifier: MIT */
/* contact.h - the Contact that requests and responses name, and the bindings made of it (B24b). */
#ifndef UA_CONTACT_H
#define UA_CONTACT_H

#include "client.h"

/* The address that a Contact names to this peer: that of the connection with it, or of the
 * listening socket. Returns 0 or a negative error. */
int ua_contact_local(struct ua *ua, const struct failover_target *peer,
		     struct failover_target *local);
/* Let the request's Contact name this address instead; *request may become another one. Returns 0
 * or a negative error. */
int ua_contact_move(struct ua_request **request, const struct failover_target *local);
/* A REGISTER: the binding that this registrar has, ends where its Contact is another one, and is
 * the one that is removed. Returns 0 or a negative error. */
int ua_contact_replace(struct ua_client *client);
/* A 2xx has come: for so long, 0 = it is removed. */
void ua_contact_registered(struct ua_client *client, uint32_t expires_s);

#endif
