/* SPDX-License-Identifier: MIT */
/* sip_text.h - the little language of sip_bench.h: texts that speak of kept messages. */
#ifndef SIP_TEXT_H
#define SIP_TEXT_H

#include "sip_bench.h"

/* Which of the kept ones this message is; -1 = none. */
int sip_text_kind(const char *message);
/* Returns the length; what does not fit is left out. */
size_t sip_text_expand(const char kept[SIP_KINDS][SIP_TEXT], const char *bytes, size_t count,
		       char out[SIP_TEXT]);

#endif
