/* SPDX-License-Identifier: MIT */
/* overload.h - RFC 7339 as a client: a server that has too much to do says how many of the requests
 * it is not to get (B41). What it says is of the whole device. */
#ifndef UA_OVERLOAD_H
#define UA_OVERLOAD_H

#include "account.h"
#include "client.h"

#define UA_OVERLOADS_MAX 8u /* servers that say so at a time */
#define UA_OVERLOAD_PARAMS ";oc;oc-algo=\"loss\""

/* What one server has said last. */
struct ua_overload {
	struct failover_target target; /* family 0 = a free place */
	uint64_t until;		       /* ms */
	uint64_t seq;		       /* oc-seq, in millionths; 0 = none */
	uint32_t percent;	       /* so many are left out */
};

/* A response of who has got this client's request. */
void ua_overload_heard(const struct ua_client *client, const struct ua_view *response);
/* Is this attempt one of those that its target is not to get? */
int ua_overload_holds(struct ua *ua, const struct ua_account *account,
		      const struct failover_attempt *attempt);

#endif
