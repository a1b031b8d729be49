/* SPDX-License-Identifier: MIT */
/* value.c - parts of header values: see value.h. Empty parameters (";;") are passed over. */
#include <string.h>
#include <strings.h>
#include "value.h"

static const char *skip(const char *at)
{
	return at + strspn(at, " \t");
}

static int is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

size_t ua_value_token(const char *text)
{
	size_t length = 0;

	while (is_alnum(text[length]) || (text[length] && strchr("-.!%*_+`'~", text[length])))
		length++;
	return length;
}

int ua_part_is(struct ua_part part, const char *text)
{
	return part.text && part.length == strlen(text) && !memcmp(part.text, text, part.length);
}

int ua_part_like(struct ua_part part, const char *text)
{
	return part.text && part.length == strlen(text) &&
	       !strncasecmp(part.text, text, part.length);
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int ua_value_escaped(const char *text)
{
	int high = *text == '%' ? hex(text[1]) : -1, low = high < 0 ? -1 : hex(text[2]);

	return low < 0 ? -1 : high * 16 + low;
}

/* The next byte of this part, which becomes shorter by it; -1 = none is left. */
static int next_byte(struct ua_part *part)
{
	int byte = part->length > 2 ? ua_value_escaped(part->text) : -1;
	size_t length = byte < 0 ? 1 : 3;

	if (!part->length)
		return -1;
	if (byte < 0)
		byte = (unsigned char)*part->text;
	part->text += length;
	part->length -= length;
	return byte;
}

int ua_part_same_unescaped(struct ua_part a, struct ua_part b)
{
	int one, other;

	do {
		one = next_byte(&a);
		other = next_byte(&b);
	} while (one == other && one >= 0);
	return one == other;
}

int ua_part_number(struct ua_part part, uint32_t most, uint32_t *out)
{
	uint64_t number = 0;
	size_t i;

	for (i = 0; i < part.length; i++) {
		if (part.text[i] < '0' || part.text[i] > '9')
			return -1;
		if (number <= most)
			number = number * 10 + (uint64_t)(part.text[i] - '0');
	}
	*out = number > most ? most : (uint32_t)number;
	return part.length ? 0 : -1;
}

/* ---- lists and parameters ----------------------------------------------------------------- */

/* What is behind this quoted string, which starts here; its end if it has none. */
static const char *skip_quoted(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		if (*at == '\\' && at[1])
			at++;
	return *at ? at + 1 : at;
}

/* To the next of these characters that is in no quotes and no <>. */
static const char *find(const char *at, char wanted)
{
	const char stops[] = { wanted, '"', '<', '\0' };

	for (;;) {
		at += strcspn(at, stops);
		if (!*at || *at == wanted)
			return at;
		at = *at == '"' ? skip_quoted(at) : at + strcspn(at, ">");
	}
}

size_t ua_value_element(const char *text)
{
	return (size_t)(find(text, ',') - text);
}

static struct ua_part param_value(const char *at)
{
	const char *end;

	at = skip(at);
	if (*at == '"') {
		end = skip_quoted(at);
		at++;
		return (struct ua_part){ at, end > at && end[-1] == '"' ? (size_t)(end - 1 - at)
									: (size_t)(end - at) };
	}
	end = at + strcspn(at, "; ,");
	return (struct ua_part){ at, (size_t)(end - at) };
}

int ua_value_param(const char *params, const char *name, struct ua_part *out)
{
	const char *at = params, *equals;
	size_t length;

	*out = (struct ua_part){ NULL, 0 };
	while (*at) {
		at = skip(at + (*at == ';'));
		length = ua_value_token(at);
		equals = skip(at + length);
		if (length && length == strlen(name) && !strncasecmp(at, name, length)) {
			if (*equals == '=')
				*out = param_value(equals + 1);
			return 1;
		}
		at = find(at, ';');
	}
	return 0;
}

/* ---- addresses ---------------------------------------------------------------------------- */

/* "scheme:" and no blanks, quotes or brackets. */
static int is_uri(struct ua_part uri)
{
	size_t i, scheme = 0;

	while (scheme < uri.length && (is_alnum(uri.text[scheme]) || uri.text[scheme] == '+' ||
				       uri.text[scheme] == '-' || uri.text[scheme] == '.'))
		scheme++;
	if (!scheme || scheme + 1 >= uri.length || uri.text[scheme] != ':' ||
	    (uri.text[0] | 0x20) < 'a' || (uri.text[0] | 0x20) > 'z')
		return 0;
	for (i = scheme; i < uri.length; i++)
		if ((unsigned char)uri.text[i] <= ' ' || uri.text[i] == '<' || uri.text[i] == '>' ||
		    uri.text[i] == '"')
			return 0;
	return 1;
}

int ua_value_address(const char *value, struct ua_value_address *out)
{
	const char *at = skip(value), *open, *close;

	for (open = at; *open && *open != '<';) {
		if (*open == '"') {
			const char *next = skip_quoted(open);

			if (next[-1] != '"' || next == open + 1)
				return -1;
			open = next;
		} else {
			open++;
		}
	}
	if (*open == '<') {
		close = strchr(open, '>');
		if (!close)
			return -1;
		out->params = skip(close + 1);
		open = skip(open + 1); /* no grammar has blanks there, but many readers */
		while (close > open && close[-1] == ' ')
			close--;
		out->uri = (struct ua_part){ open, (size_t)(close - open) };
	} else { /* RFC 3261 20.10: its parameters are the header's */
		close = at + strcspn(at, "; ");
		out->uri = (struct ua_part){ at, (size_t)(close - at) };
		out->params = skip(close);
	}
	return is_uri(out->uri) && (!*out->params || *out->params == ';') ? 0 : -1;
}

/* ---- URIs and Via ------------------------------------------------------------------------- */

static int read_port(const char *at, const char *end, uint32_t *out)
{
	uint32_t port = 0;

	if (at == end)
		return -1;
	for (; at < end; at++) {
		if (*at < '0' || *at > '9' || port > UINT16_MAX)
			return -1;
		port = port * 10 + (uint32_t)(*at - '0');
	}
	*out = port;
	return port && port <= UINT16_MAX ? 0 : -1;
}

/* A name, an IPv4 address, or an IPv6 address in brackets. Returns what is behind it, NULL = no
 * host. */
static const char *read_host(const char *at, const char *end, struct ua_part *out)
{
	const char *from = at;

	if (at < end && *at == '[') {
		while (at < end && *at != ']')
			at++;
		if (at == end)
			return NULL;
		at++;
	} else {
		while (at < end && (is_alnum(*at) || *at == '.' || *at == '-' || *at == '_'))
			at++;
	}
	*out = (struct ua_part){ from, (size_t)(at - from) };
	return at > from ? at : NULL;
}

static int read_host_port(const char *at, const char *end, struct ua_value_uri *out)
{
	at = read_host(at, end, &out->host);
	if (!at)
		return -1;
	if (at == end)
		return 0;
	return *at == ':' ? read_port(at + 1, end, &out->port) : -1;
}

int ua_value_uri(struct ua_part text, struct ua_value_uri *out)
{
	const char *at = text.text, *stop = text.text + text.length, *end, *sign;

	memset(out, 0, sizeof(*out));
	if (!is_uri(text))
		return -1;
	while (*at != ':')
		at++;
	out->scheme = (struct ua_part){ text.text, (size_t)(at - text.text) };
	at++;
	if (!ua_part_like(out->scheme, "sip") && !ua_part_like(out->scheme, "sips"))
		return 0;
	sign = memchr(at, '@', (size_t)(stop - at)); /* a user may have semicolons */
	if (sign) {
		const char *colon = memchr(at, ':', (size_t)(sign - at));

		out->user = (struct ua_part){ at, (size_t)((colon ? colon : sign) - at) };
		at = sign + 1;
	}
	for (end = at; end < stop && *end != ';' && *end != '?';)
		end++;
	if (read_host_port(at, end, out))
		return -1;
	for (at = end; at < stop && *at != '?';)
		at++;
	out->params = (struct ua_part){ end, (size_t)(at - end) };
	out->has_headers = at < stop;
	return 0;
}

int ua_value_uri_param(const struct ua_value_uri *uri, const char *name, struct ua_part *out)
{
	const char *at = uri->params.text, *stop, *end, *equals;

	*out = (struct ua_part){ NULL, 0 };
	if (!at) /* of tel: and others nothing is read */
		return 0;
	stop = at + uri->params.length;
	for (; at < stop; at = end) {
		at++;
		end = memchr(at, ';', (size_t)(stop - at));
		end = end ? end : stop;
		equals = memchr(at, '=', (size_t)(end - at));
		if (!ua_part_like((struct ua_part){ at, (size_t)((equals ? equals : end) - at) },
				  name))
			continue;
		if (equals)
			*out = (struct ua_part){ equals + 1, (size_t)(end - equals - 1) };
		return 1;
	}
	return 0;
}

/* "SIP / 2.0 / UDP"; returns what is behind it, or NULL. */
static const char *skip_protocol(const char *at, struct ua_part *transport)
{
	struct ua_part part;
	int i;

	for (i = 0; i < 2; i++) { /* of another version, it may still be answered 505 */
		at = skip(at);
		part = (struct ua_part){ at, ua_value_token(at) };
		at = skip(at + part.length);
		if ((!i && !ua_part_like(part, "SIP")) || !part.length || *at++ != '/')
			return NULL;
	}
	at = skip(at);
	*transport = (struct ua_part){ at, ua_value_token(at) };
	at += transport->length;
	return transport->length && *at == ' ' ? skip(at) : NULL;
}

int ua_value_via(const char *value, struct ua_value_via *out)
{
	const char *at = skip_protocol(value, &out->transport), *end;

	out->port = 0;
	at = at ? read_host(at, at + strlen(at), &out->host) : NULL;
	if (!at)
		return -1;
	at = skip(at);
	if (*at == ':') {
		at = skip(at + 1);
		end = at + strspn(at, "0123456789");
		if (read_port(at, end, &out->port))
			return -1;
		at = skip(end);
	}
	out->params = at;
	return !*at || *at == ';' ? 0 : -1;
}
