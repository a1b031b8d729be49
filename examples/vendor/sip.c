/* SPDX-License-Identifier: MIT */
/* sip.c - see sip.h. Whatever comes in is hostile: copied once, bounded, checked, then searched. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "sip.h"

#define ROUTES_MAX 8u
#define VIAS_MAX 16u

/* ---- writing ------------------------------------------------------------------------------ */

static int fits(int length, size_t size)
{
	return length >= 0 && (size_t)length < size ? length : -1;
}

static void optional(char *out, size_t size, const char *name, const char *value)
{
	out[0] = '\0';
	if (value[0])
		snprintf(out, size, "%s: <%s>\r\n", name, value);
}

int sip_request_text(const struct sip_request *request, char *out, size_t size)
{
	char contact[SIP_VALUE + 16], expires[32] = "";

	optional(contact, sizeof(contact), "Contact", request->contact);
	if (!strcmp(request->method, "REGISTER"))
		snprintf(expires, sizeof(expires), "Expires: %u\r\n", (unsigned)request->expires_s);
	return fits(snprintf(out, size,
			     "%s %s SIP/2.0\r\n"
			     "Via: SIP/2.0/UDP %s;branch=%s;rport\r\n"
			     "Max-Forwards: 70\r\n%s"
			     "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n%s%s"
			     "User-Agent: vendor-phone/1\r\n%s"
			     "Content-Length: %zu\r\n\r\n%s",
			     request->method, request->uri, request->local, request->branch,
			     request->routes, request->from, request->to, request->call_id,
			     (unsigned)request->cseq, request->method, contact, expires,
			     request->body[0] ? "Content-Type: application/sdp\r\n" : "",
			     strlen(request->body), request->body),
		    size);
}

/* RFC 3261 18.2.1 and RFC 3581: say in the topmost Via where the request really came from. */
static int via_text(const char *via, const char *address, uint32_t port, char *out, size_t size)
{
	const char *rport = strcasestr(via, ";rport");
	int before;

	if (!rport || (rport[6] && rport[6] != ';'))
		return fits(snprintf(out, size, "Via: %s;received=%s\r\n", via, address), size);
	before = (int)(rport + 6 - via);
	return fits(snprintf(out, size, "Via: %.*s=%u%s;received=%s\r\n", before, via,
			     (unsigned)port, rport + 6, address),
		    size);
}

static const char *phrase(uint32_t status)
{
	switch (status) {
	case 200:
		return "OK";
	case 481:
		return "Call/Transaction Does Not Exist";
	case 486:
		return "Busy Here";
	case 488:
		return "Not Acceptable Here";
	case 501:
		return "Not Implemented";
	}
	return "Response";
}

int sip_response_text(const struct sip_message *request, uint32_t status, const char *tag,
		      const char *address, uint32_t port, char *out, size_t size)
{
	char vias[2048] = "", value[SIP_VALUE];
	int length = 0, more;
	unsigned n;

	for (n = 0; n < VIAS_MAX && sip_value(request, "Via", n, value, sizeof(value)); n++) {
		size_t room = sizeof(vias) - (size_t)length;

		more = n ? fits(snprintf(vias + length, room, "Via: %s\r\n", value), room)
			 : via_text(value, address, port, vias, room);
		if (more < 0)
			return -1;
		length += more;
	}
	return fits(snprintf(out, size,
			     "SIP/2.0 %u %s\r\n%sFrom: %s\r\nTo: %s%s%s\r\nCall-ID: %s\r\n"
			     "CSeq: %u %s\r\nAllow: ACK, BYE, CANCEL, OPTIONS\r\n"
			     "Content-Length: 0\r\n\r\n",
			     (unsigned)status, phrase(status), vias, request->from, request->to,
			     tag[0] ? ";tag=" : "", tag, request->call_id, (unsigned)request->cseq,
			     request->method),
		    size);
}

/* ---- searching ---------------------------------------------------------------------------- */

static char compact_of(const char *name)
{
	static const char *const names[] = { "vVia",	 "fFrom",    "tTo",
					     "iCall-ID", "mContact", "lContent-Length" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcasecmp(names[i] + 1, name))
			return names[i][0];
	return '\0';
}

/* The value part of this line if it is that header, else NULL. */
static const char *value_of(const char *line, const char *name)
{
	size_t length = strlen(name);

	if (strncasecmp(line, name, length)) {
		if ((line[0] | 32) != compact_of(name))
			return NULL;
		length = 1;
	}
	line += length + strspn(line + length, " \t");
	return *line == ':' ? line + 1 : NULL;
}

/* Where this value ends: at a comma outside of quotes and <>, or at the line's end. */
static const char *value_end(const char *at)
{
	int quoted = 0, angle = 0;

	for (; *at && *at != '\r'; at++) {
		if (quoted && *at == '\\' && at[1] && at[1] != '\r')
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && (*at == '<' || *at == '>'))
			angle = *at == '<';
		else if (!quoted && !angle && *at == ',')
			break;
	}
	return at;
}

static int copy(const char *from, const char *end, char *out, size_t size)
{
	from += strspn(from, " \t");
	while (end > from && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (end <= from || (size_t)(end - from) >= size)
		return 0;
	memcpy(out, from, (size_t)(end - from));
	out[end - from] = '\0';
	return 1;
}

int sip_value(const struct sip_message *message, const char *name, unsigned nth, char *out,
	      size_t size)
{
	const char *line = message->text, *at, *end;

	while ((line = strstr(line, "\r\n"))) {
		line += 2;
		for (at = value_of(line, name); at; at = *end == ',' ? end + 1 : NULL) {
			end = value_end(at);
			if (!nth--)
				return copy(at, end, out, size);
		}
	}
	return 0;
}

int sip_param(const char *value, const char *name, char *out, size_t size)
{
	const char *at = strrchr(value, '>');
	size_t length = strlen(name);

	for (at = strchr(at ? at : value, ';'); at; at = strchr(at, ';')) {
		at += 1 + strspn(at + 1, " \t");
		if (!strncasecmp(at, name, length) && at[length] == '=')
			return copy(at + length + 1, at + strcspn(at, "; \t"), out, size);
	}
	return 0;
}

int sip_uri(const char *value, char *out, size_t size)
{
	const char *from = strchr(value, '<'), *end;

	if (!from)
		return copy(value, value + strcspn(value, ";"), out, size);
	end = strchr(from, '>');
	return end && copy(from + 1, end, out, size);
}

uint32_t sip_number(const struct sip_message *message, const char *name, uint32_t most)
{
	char text[SIP_VALUE];
	unsigned long number;

	if (!sip_value(message, name, 0, text, sizeof(text)) || text[0] < '0' || text[0] > '9')
		return 0;
	number = strtoul(text, NULL, 10);
	return number < most ? (uint32_t)number : most;
}

int sip_routes(const struct sip_message *response, char *out, size_t size)
{
	char value[SIP_VALUE];
	size_t used = 0;
	unsigned n = 0;
	int length;

	out[0] = '\0';
	while (n < ROUTES_MAX && sip_value(response, "Record-Route", n, value, sizeof(value)))
		n++;
	while (n--) {
		if (!sip_value(response, "Record-Route", n, value, sizeof(value)))
			return -1;
		length = fits(snprintf(out + used, size - used, "Route: %s\r\n", value),
			      size - used);
		if (length < 0)
			return -1;
		used += (size_t)length;
	}
	return 0;
}

/* ---- reading ------------------------------------------------------------------------------ */

/* Folded lines become one (RFC 3261 7.3.1). Control characters have no business here. */
static int clean(char *text)
{
	char *at = text;

	for (; *at; at++) {
		if (at[0] == '\r' && at[1] == '\n') {
			if (at[2] == ' ' || at[2] == '\t')
				at[0] = at[1] = ' ';
			else
				at++;
		} else if (((unsigned char)*at < ' ' && *at != '\t') || *at == 127) {
			return -1;
		}
	}
	return 0;
}

static int read_cseq(struct sip_message *message)
{
	char text[SIP_VALUE], *end;

	if (!sip_value(message, "CSeq", 0, text, sizeof(text)) || text[0] < '0' || text[0] > '9')
		return -1;
	message->cseq = (uint32_t)strtoul(text, &end, 10);
	return sscanf(end, " %15[A-Z]", message->method) == 1 ? 0 : -1;
}

/* A response has our Via alone, a request's method is that of its CSeq (8.1.3.3, 8.1.1.5). */
static int read_start(struct sip_message *message)
{
	char more[SIP_VALUE];
	size_t length = strlen(message->method);
	unsigned status;

	message->status = 0;
	if (strncmp(message->text, "SIP/2.0 ", 8))
		return strncmp(message->text, message->method, length) ||
				       message->text[length] != ' '
			       ? -1
			       : 0;
	if (sscanf(message->text + 8, "%3u", &status) != 1 || status < 100 || status > 699)
		return -1;
	message->status = status;
	return sip_value(message, "Via", 1, more, sizeof(more)) ? -1 : 0;
}

int sip_read(struct sip_message *message, const char *bytes, size_t length)
{
	char via[SIP_VALUE];
	const char *end = memmem(bytes, length, "\r\n\r\n", 4);

	if (!end || (size_t)(end - bytes) + 3 > sizeof(message->text))
		return -1;
	length = (size_t)(end - bytes) + 2;
	if (memchr(bytes, '\0', length))
		return -1;
	memcpy(message->text, bytes, length);
	message->text[length] = '\0';
	if (clean(message->text) || read_cseq(message) || read_start(message))
		return -1;
	if (!sip_value(message, "Via", 0, via, sizeof(via)) ||
	    !sip_param(via, "branch", message->branch, sizeof(message->branch)) ||
	    !sip_value(message, "From", 0, message->from, sizeof(message->from)) ||
	    !sip_value(message, "To", 0, message->to, sizeof(message->to)) ||
	    !sip_value(message, "Call-ID", 0, message->call_id, sizeof(message->call_id)))
		return -1;
	return 0;
}
