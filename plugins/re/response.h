/* SPDX-License-Identifier: MIT */
/* response.h - responses as texts. */
#ifndef FO_RE_RESPONSE_H
#define FO_RE_RESPONSE_H

#include "re.h"

/* A response to this request, headers as RFC 3261 8.2.6.2; NULL = no memory, or too long. */
struct mbuf *fo_re_response_text(struct fo_re *ua, const struct sip_msg *request,
				 const struct fo_reply *reply);
/* A buffer with these bytes; NULL = no memory. */
struct mbuf *fo_re_buffer(const char *bytes, size_t count);

#endif
