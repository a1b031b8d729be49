/* SPDX-License-Identifier: MIT */
/* binding.h - which of the bindings in a 2xx to REGISTER is ours, and for how long (B24). */
#ifndef UA_BINDING_H
#define UA_BINDING_H

#include "client.h"

/* For how long the 2xx registers us, in seconds; 0 = it does not. */
uint32_t ua_binding_granted(const struct ua_client *client, const struct ua_view *response);

#endif
