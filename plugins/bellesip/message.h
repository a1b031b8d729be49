/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message.h - what belle-sip's parser reads. */
#ifndef FO_BELLESIP_MESSAGE_H
#define FO_BELLESIP_MESSAGE_H

#include "bellesip.h"

/* Function of struct ua_stack. */
void fo_belle_read(struct ua *base, const char *text, size_t count, struct ua_view *view);

#endif
