/* SPDX-License-Identifier: MIT */
/* incoming.h - requests of peers. */
#ifndef FO_OSIP2_INCOMING_H
#define FO_OSIP2_INCOMING_H

#include "osip2.h"

/* Takes the request. */
void fo_osip_incoming(struct fo_osip *ua, osip_message_t *request,
		      const struct failover_target *from);

#endif
