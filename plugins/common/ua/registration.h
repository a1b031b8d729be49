/* SPDX-License-Identifier: MIT */
/* registration.h - REGISTER requests and what they grant (RFC 3261 10, B7, B10, B15). */
#ifndef FO_UA_REGISTRATION_H
#define FO_UA_REGISTRATION_H

#include "account.h"

struct fo_client;

/* The REGISTER of this attempt; NULL and *error if it cannot be built. */
struct fo_request *fo_registration_request(struct fo_ua *ua, struct fo_account *account,
					   const struct failover_attempt *attempt, int *error);
/* The next CSeq of the attempt's registration dialog; 0 if that is gone. */
uint32_t fo_registration_cseq(const struct fo_ua *ua, const struct failover_attempt *attempt);
/* For how long the 2xx registers us: our Contact's expires, else Expires, else what was asked. */
uint32_t fo_registration_granted(const struct fo_client *client, const struct fo_view *response);

/* Keep the Service-Route of a 2xx, or forget the one there was (RFC 3608, B10). */
void fo_registration_route(const struct fo_client *client, const struct fo_view *response);
/* The Route lines for requests to this target, or NULL. */
const char *fo_registration_routes(const struct fo_account *account,
				   const struct failover_target *target);

#endif
