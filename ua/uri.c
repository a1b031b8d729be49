/* SPDX-License-Identifier: MIT */
/* uri.c - reads URIs that peers have written: nothing is copied, every part ends in the text. */
#include <string.h>
#include <strings.h>
#include "uri.h"

#define PORT_MAX 65535u

int ua_span_is(const struct ua_span *span, const char *text)
{
	return strlen(text) == span->length && !strncasecmp(span->at, text, span->length);
}

/* Behind a display name, which may have a "<" in its quotes. */
static const char *behind_name(const char *value)
{
	int quoted = 0;

	for (; *value && (quoted || *value != '<'); value++)
		if (*value == '"')
			quoted = !quoted;
		else if (*value == '\\' && quoted && value[1])
			value++;
	return *value ? value + 1 : NULL;
}

static void take(struct ua_span *span, const char *at, const char *end)
{
	*span = (struct ua_span){ at, (size_t)(end - at) };
}

static const char *find(const char *at, const char *end, char c)
{
	const char *found = memchr(at, c, (size_t)(end - at));

	return found ? found : end;
}

/* Returns where the port ends, or NULL. */
static const char *read_port(const char *at, const char *end, uint32_t *port)
{
	const char *digits = at;

	for (; at < end && *at >= '0' && *at <= '9' && *port <= PORT_MAX; at++)
		*port = *port * 10 + (uint32_t)(*at - '0');
	return at == digits || !*port || *port > PORT_MAX ? NULL : at;
}

/* Returns where host and port end, or NULL. */
static const char *read_host(const char *at, const char *end, struct ua_uri *uri)
{
	const char *stop = at;

	if (at < end && *at == '[') {
		stop = find(at, end, ']');
		take(&uri->host, at + 1, stop);
		if (stop++ == end)
			return NULL;
	} else {
		while (stop < end && !strchr(":;?", *stop))
			stop++;
		take(&uri->host, at, stop);
	}
	if (!uri->host.length)
		return NULL;
	return stop < end && *stop == ':' ? read_port(stop + 1, end, &uri->port) : stop;
}

int ua_uri_read(const char *value, struct ua_uri *uri)
{
	const char *at = behind_name(value), *end, *stop;

	memset(uri, 0, sizeof(*uri));
	if (!at)
		at = value + strspn(value, " \t");
	end = at + strcspn(at, "> \t\r\n,\"");
	take(&uri->whole, at, end);
	stop = find(at, end, ':');
	take(&uri->scheme, at, stop);
	if (stop == end || (!ua_span_is(&uri->scheme, "sip") && !ua_span_is(&uri->scheme, "sips")))
		return -1;
	at = stop + 1;
	stop = find(at, end, '@');
	take(&uri->user, at, stop == end ? at : stop);
	at = read_host(stop == end ? at : stop + 1, end, uri);
	if (!at || (at < end && *at != ';' && *at != '?'))
		return -1;
	stop = find(at, end, '?');
	take(&uri->params, at, stop);
	take(&uri->headers, stop, end);
	return 0;
}

int ua_uri_param(const struct ua_uri *uri, const char *name, struct ua_span *value)
{
	const char *at = uri->params.at, *end = at + uri->params.length, *stop, *equals;
	struct ua_span is;

	for (; at < end; at = stop) {
		stop = find(at + 1, end, ';');
		equals = find(at + 1, stop, '=');
		take(&is, at + 1, equals);
		if (!ua_span_is(&is, name))
			continue;
		if (value)
			take(value, equals == stop ? stop : equals + 1, stop);
		return 1;
	}
	return 0;
}
