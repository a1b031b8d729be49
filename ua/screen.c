/* SPDX-License-Identifier: MIT */
/* screen.c - bounds what the parser has to do: its lists are walked to their end for every entry,
 * so a datagram with thousands of entries is dropped before. */
#include <string.h>
#include <strings.h>
#include "screen.h"

#define LINES_MAX 256
#define SEPARATORS_MAX 1024
#define SHORTEST 40 /* no SIP message is shorter */

static int is_keepalive(const char *bytes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (bytes[i] != '\r' && bytes[i] != '\n' && bytes[i] != '\0')
			return 0;
	return 1;
}

static const char *end_of_headers(const char *bytes)
{
	const char *end = strstr(bytes, "\r\n\r\n");

	return end ? end : strstr(bytes, "\n\n");
}

/* "SIP/2.0 nnn" or "METHOD uri SIP/2.0" */
static int has_start_line(const char *bytes)
{
	size_t line = strcspn(bytes, "\r\n");

	if (!strncasecmp(bytes, "SIP/2.0 ", 8))
		return bytes[8] >= '1' && bytes[8] <= '6';
	return line > 8 && bytes[0] >= 'A' && bytes[0] <= 'Z' &&
	       !strncasecmp(bytes + line - 8, " SIP/2.0", 8);
}

enum ua_screen ua_screen(const char *bytes, size_t count)
{
	const char *end, *at;
	size_t lines = 0, separators = 0;

	if (is_keepalive(bytes, count))
		return UA_SCREEN_KEEPALIVE;
	if (count < SHORTEST || !has_start_line(bytes))
		return UA_SCREEN_GARBAGE;
	end = end_of_headers(bytes); /* stops at a zero byte: none may be in the headers */
	if (!end)
		return UA_SCREEN_GARBAGE;
	for (at = bytes; at < end; at++) {
		lines += *at == '\n';
		separators += *at == ',' || *at == ';' || *at == '&' || *at == '?';
	}
	return lines > LINES_MAX || separators > SEPARATORS_MAX ? UA_SCREEN_GARBAGE : UA_SCREEN_SIP;
}
