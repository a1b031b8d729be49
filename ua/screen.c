/* SPDX-License-Identifier: MIT */
/* screen.c - the first look; what is longer is read in time that grows with its length only. */
#include "screen.h"

#define SHORTEST 40 /* no SIP message is shorter */

static int is_keepalive(const char *bytes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (bytes[i] != '\r' && bytes[i] != '\n' && bytes[i] != '\0')
			return 0;
	return 1;
}

enum ua_screen ua_screen(const char *bytes, size_t count)
{
	if (is_keepalive(bytes, count))
		return UA_SCREEN_KEEPALIVE;
	return count < SHORTEST ? UA_SCREEN_GARBAGE : UA_SCREEN_SIP;
}
