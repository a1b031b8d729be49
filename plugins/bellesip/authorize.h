/* SPDX-License-Identifier: GPL-3.0-or-later */
/* authorize.h - digest by belle-sip's helper. */
#ifndef FO_BELLESIP_AUTHORIZE_H
#define FO_BELLESIP_AUTHORIZE_H

#include "bellesip.h"

/* Function of struct ua_stack. */
int fo_belle_authorize(struct ua *ua, const struct ua_authorization *what, char *out, size_t size);

#endif
