/* SPDX-License-Identifier: MIT */
/* transport.h - Sofia-SIP's UDP socket and its ICMP errors; beside it the one that TCP comes to. */
#ifndef FO_SOFIA_TRANSPORT_H
#define FO_SOFIA_TRANSPORT_H

#include "sofia.h"

/* Bind params' listen address. Returns 0 or a negative error. */
int fo_sofia_transport_open(struct fo_sofia *ua, const struct failover_target *listen);
void fo_sofia_transport_close(struct fo_sofia *ua);
/* Send by UDP. 0, or FAILOVER_ERR_IO when the target cannot be reached. */
int fo_sofia_send(struct fo_sofia *ua, const struct failover_target *target, const char *bytes,
		  size_t count);

#endif
