/* SPDX-License-Identifier: MIT */
/* sdp.h - offers and answers without media: every stream is inactive (RFC 3264). */
#ifndef UA_SDP_H
#define UA_SDP_H

#include "ua.h"

/* An inactive audio offer from this local address. `before` is what this session has said last,
 * whose origin goes on with the next version (RFC 3264 8); NULL = it is new. NULL = no memory. */
char *ua_sdp_offer(struct ua *ua, const struct failover_target *local, const char *before);
/* The answer to this offer, likewise. */
char *ua_sdp_answer(struct ua *ua, const struct failover_target *local, const char *before,
		    const char *offer);

#endif
