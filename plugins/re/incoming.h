/* SPDX-License-Identifier: MIT */
/* incoming.h - requests of peers. */
#ifndef FO_RE_INCOMING_H
#define FO_RE_INCOMING_H

#include "message.h"

void fo_re_incoming(struct fo_re *ua, struct fo_re_view *request);

#endif
