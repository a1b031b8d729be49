/* SPDX-License-Identifier: MIT */
/* registration.h - REGISTER requests and what they grant (RFC 3261 10, B7, B10, B15). */
#ifndef UA_REGISTRATION_H
#define UA_REGISTRATION_H

#include "account.h"

struct ua_client;

/* What a stack above us has in its REGISTER: "<sip:...>" with its parameters, and header lines.
 * Returns 0 or a negative error, the old ones kept. */
int ua_registration_give(struct ua_account *account, const char *contact, const char *headers);
/* What it answers a challenge of this registrar with, in a REGISTER to this URI: for the next one
 * of ours that goes there. As above. */
int ua_registration_give_credentials(struct ua_account *account, uint32_t registrar,
				     const char *uri, const char *lines);
/* At the end of a registrar; and when a line is another one now, whose registrar stays. */
void ua_registrations_free(const struct ua_account *account, struct ua_registrar *registrar);
void ua_registrations_inherit(struct ua_registrar *to, struct ua_registrar *from);
/* The REGISTER of this attempt; NULL and *error if it cannot be built. */
struct ua_request *ua_registration_request(struct ua *ua, struct ua_account *account,
					   const struct failover_attempt *attempt, int *error);
/* The next CSeq of the attempt's registration dialog; 0 if that is gone. */
uint32_t ua_registration_cseq(const struct ua *ua, const struct failover_attempt *attempt);
/* Keep the Service-Route of a 2xx, or forget the one there was (RFC 3608, B10). */
void ua_registration_route(const struct ua_client *client, const struct ua_view *response);
/* The Route lines for requests to this target, or NULL. */
const char *ua_registration_routes(const struct ua_account *account,
				   const struct failover_target *target);

#endif
