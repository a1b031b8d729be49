/* SPDX-License-Identifier: MIT */
/* screen.h - the first look at a datagram, before a parser sees it. */
#ifndef UA_SCREEN_H
#define UA_SCREEN_H

#include <stddef.h>

enum ua_screen {
	UA_SCREEN_SIP,
	UA_SCREEN_KEEPALIVE, /* CRLF, or nothing (RFC 5626 3.5.1) */
	UA_SCREEN_GARBAGE,
};

/* bytes[count] must be readable and zero. */
enum ua_screen ua_screen(const char *bytes, size_t count);

#endif
