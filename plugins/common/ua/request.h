/* SPDX-License-Identifier: MIT */
/* request.h - requests as parts; see stack.h. */
#ifndef FO_UA_REQUEST_H
#define FO_UA_REQUEST_H

#include "stack.h"

#define FO_ALLOW "INVITE, ACK, CANCEL, BYE, OPTIONS"

/* A copy in one block, for free(); NULL texts become "". NULL = no memory. */
struct fo_request *fo_request_copy(const struct fo_request *parts);
/* The tag of our From. */
const char *fo_request_tag(const struct fo_request *request);
/* The parameter of a Contact that is reached this way; "" for UDP. */
const char *fo_transport_param(uint32_t transport);

#endif
