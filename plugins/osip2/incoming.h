/* SPDX-License-Identifier: MIT */
/* incoming.h - requests of peers, on their way to the user agent. */
#ifndef FO_OSIP2_INCOMING_H
#define FO_OSIP2_INCOMING_H

#include "message.h"

/* Takes the request. */
void fo_osip_incoming(struct fo_osip *ua, struct fo_osip_view *request);

#endif
