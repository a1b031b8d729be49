/* SPDX-License-Identifier: MIT */
/* screen.h - the first look at a datagram, before a parser sees it. */
#ifndef FO_SCREEN_H
#define FO_SCREEN_H

#include <stddef.h>

enum fo_screen {
	FO_SCREEN_SIP,
	FO_SCREEN_KEEPALIVE, /* CRLF, or nothing (RFC 5626 3.5.1) */
	FO_SCREEN_GARBAGE,
};

/* bytes[count] must be readable and zero. */
enum fo_screen fo_screen(const char *bytes, size_t count);

#endif
