/* SPDX-License-Identifier: MIT */
/* emergency.h - which calls are for help (B36). */
#ifndef UA_EMERGENCY_H
#define UA_EMERGENCY_H

#include "account.h"

/* Does this Request-URI, or what the user dials, call for help? */
int ua_emergency_is(const struct ua_account *account, const char *uri);

#endif
