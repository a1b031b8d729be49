/* SPDX-License-Identifier: MIT */
/* instance.h - what tells this device from all others, for good (RFC 5626 4.1). */
#ifndef UA_INSTANCE_H
#define UA_INSTANCE_H

#include "ua.h"

#define UA_INSTANCE 46u /* "urn:uuid:" and the UUID, with its end */

/* The machine's own id, systemd's or D-Bus's, as a line of at most size bytes; it is no secret to
 * who is on this machine, and is told to nobody else. Returns 1, or 0: there is none. */
int ua_instance_machine(char *out, int size);
/* Take the name that the host gives, or find one: the same after each start where the system has
 * one. Returns 0 or a negative error. */
int ua_instance_init(struct ua *ua, const char *device);
/* The instance of this user's lines. Returns 0 or a negative error. */
int ua_instance_text(const struct ua *ua, const char *user, char out[UA_INSTANCE]);

#endif
