/* SPDX-License-Identifier: MIT */
/* redact.h - takes what is secret out of a message that is to be written down. */
#ifndef PHONE_REDACT_H
#define PHONE_REDACT_H

#include <stddef.h>

/*
 * Put 'x' in the place of each character of what is secret, so that no length changes: the values
 * of Authorization, Proxy-Authorization, Authentication-Info and Proxy-Authentication-Info (which a
 * password can be guessed from), passwords in SIP URIs, keys of media in SDP. Returns how many
 * places there were.
 */
unsigned redact(char *message, size_t count);

#endif
