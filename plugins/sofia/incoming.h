/* SPDX-License-Identifier: MIT */
/* incoming.h - requests of peers. */
#ifndef FO_SOFIA_INCOMING_H
#define FO_SOFIA_INCOMING_H

#include "message.h"

void fo_sofia_incoming(struct fo_sofia *ua, struct fo_sofia_view *request);

#endif
