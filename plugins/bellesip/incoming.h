/* SPDX-License-Identifier: GPL-3.0-or-later */
/* incoming.h - requests of peers. */
#ifndef FO_BELLESIP_INCOMING_H
#define FO_BELLESIP_INCOMING_H

#include "message.h"

void fo_belle_incoming(struct fo_belle *ua, struct fo_belle_view *request);

#endif
