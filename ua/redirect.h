/* SPDX-License-Identifier: MIT */
/* redirect.h - where a call is redirected to (B22f): Contacts of 300 to 302, at most five, each
 * once. */
#ifndef UA_REDIRECT_H
#define UA_REDIRECT_H

#include "stack.h"

#define UA_REDIRECTS_MAX 5u

struct ua_redirects {
	char *dialled; /* what was called first */
	char *uris[UA_REDIRECTS_MAX];
	uint32_t count, tried; /* uris[tried - 1] is the one that is called now */
};

/* Does this response say where else to call? */
int ua_redirect_is(const struct ua_view *response);
/* Its Contacts, the preferred ones first, without what was called already; `called` was now. */
void ua_redirect_take(struct ua_redirects *redirects, const struct ua_view *response,
		      const char *called);
/* The next one to call, NULL = none is left. */
const char *ua_redirect_next(struct ua_redirects *redirects);
/* The one that is called now, NULL = the call was not redirected. */
const char *ua_redirect_now(const struct ua_redirects *redirects);
void ua_redirect_clear(struct ua_redirects *redirects);

#endif
