/* SPDX-License-Identifier: MIT */
/* request.h - requests as parts; see stack.h. */
#ifndef UA_REQUEST_H
#define UA_REQUEST_H

#include "stack.h"

#define UA_ALLOW_EARLY "INVITE, ACK, CANCEL, BYE, OPTIONS"
/* As the caller there is no dialog before the 2xx, so our INVITE does not ask for UPDATEs. */
#define UA_ALLOW UA_ALLOW_EARLY ", UPDATE"

/* A copy in one block, for free(); NULL texts become "". NULL = no memory. */
struct ua_request *ua_request_copy(const struct ua_request *parts);
/* The tag of our From. */
const char *ua_request_tag(const struct ua_request *request);
/* "UDP", as in Via (B7). */
const char *ua_transport_text(uint32_t transport);
/* The parameter of a Contact that is reached this way; "" for UDP. */
const char *ua_transport_param(uint32_t transport);

#endif
