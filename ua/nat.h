/* SPDX-License-Identifier: MIT */
/* nat.h - the address that a NAT gives us, as answers tell it (RFC 3581 4, B24c). */
#ifndef UA_NAT_H
#define UA_NAT_H

#include "client.h"

/* A response has come. Where the address is another one than the registration was made from, calls
 * cannot come in any more, and the line registers anew. */
void ua_nat_heard(struct ua_client *client, const struct ua_view *response);

#endif
