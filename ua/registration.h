/* SPDX-License-Identifier: MIT */
/* registration.h - REGISTER requests and what they grant (RFC 3261 10, B7, B10, B15). */
#ifndef UA_REGISTRATION_H
#define UA_REGISTRATION_H

#include "account.h"

struct ua_client;

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
