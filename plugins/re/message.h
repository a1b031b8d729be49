/* SPDX-License-Identifier: MIT */
/* message.h - what libre's parser reads. */
#ifndef FO_RE_MESSAGE_H
#define FO_RE_MESSAGE_H

#include "re.h"

/* Function of struct ua_stack. */
void fo_re_read(struct ua *base, const char *text, size_t count, struct ua_view *view);

#endif
