/* SPDX-License-Identifier: MIT */
/* text.c - reads a message into a struct ua_view: what a stack's parser does. Hostile input: copied
 * once, no control characters, every list bounded. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "template.h"

/* ---- strings ------------------------------------------------------------------------------ */

static char *keep(struct tpl_text *text, const char *from, size_t length)
{
	char *to = text->store + text->used;

	if (length >= sizeof(text->store) - text->used) {
		text->bad = 1;
		return NULL;
	}
	memcpy(to, from, length);
	to[length] = '\0';
	text->used += length + 1;
	return to;
}

static char *trim(char *value)
{
	char *end = value + strlen(value);

	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return value + strspn(value, " \t");
}

/* Where this value of a list ends: at a comma outside of quotes and <>, or at the end. */
static char *value_end(char *at)
{
	int quoted = 0, angle = 0;

	for (; *at; at++) {
		if (quoted && *at == '\\' && at[1])
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

/* The values of a list, one at a time; *rest is NULL after the last one. */
static char *next_value(char **rest)
{
	char *value = *rest, *end = value_end(value);

	*rest = *end ? end + 1 : NULL;
	*end = '\0';
	return trim(value);
}

/* Behind the URI: a parameter inside <> belongs to the URI. */
static const char *params_of(const char *value)
{
	const char *angle = strrchr(value, '>');

	return angle ? angle : value;
}

static const char *param(struct tpl_text *text, const char *value, const char *name)
{
	const char *at = strchr(params_of(value), ';');
	size_t length = strlen(name);

	for (; at; at = strchr(at, ';')) {
		at += 1 + strspn(at + 1, " \t");
		if (strncasecmp(at, name, length))
			continue;
		if (at[length] == '=')
			return keep(text, at + length + 1, strcspn(at + length + 1, "; \t"));
		if (!at[length] || at[length] == ';')
			return "";
	}
	return NULL;
}

static const char *uri_of(struct tpl_text *text, const char *value)
{
	const char *from = strchr(value, '<');

	if (!from)
		return keep(text, value, strcspn(value, ";"));
	return keep(text, from + 1, strcspn(from + 1, ">"));
}

/* ---- URIs --------------------------------------------------------------------------------- */

struct uri {
	const char *scheme, *user, *host;
	uint32_t port;
	int has_headers;
};

static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '%' && isxdigit((unsigned char)text[1]) &&
		    isxdigit((unsigned char)text[2])) {
			const char digits[3] = { text[1], text[2], '\0' };

			*to++ = (char)strtoul(digits, NULL, 16);
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static struct uri uri_read(struct tpl_text *text, const char *from)
{
	struct uri uri = { .has_headers = strchr(from, '?') != NULL };
	size_t length = strcspn(from, ":");
	const char *at;
	char *user;

	if (!from[length])
		return uri;
	uri.scheme = keep(text, from, length);
	from += length + 1;
	at = strchr(from, '@');
	if (at) {
		user = keep(text, from, (size_t)(at - from));
		if (user) {
			user[strcspn(user, ":")] = '\0'; /* a password */
			unescape(user);
		}
		uri.user = user;
		from = at + 1;
	}
	length = *from == '[' ? strcspn(from, "]") + 1 : strcspn(from, ":;?");
	if (length > strlen(from))
		return uri;
	uri.host = keep(text, from, length);
	if (from[length] == ':')
		(void)ua_text_number(
			keep(text, from + length + 1, strcspn(from + length + 1, ";?")), UINT16_MAX,
			&uri.port);
	return uri;
}

/* ---- headers ------------------------------------------------------------------------------ */

static void once(struct tpl_text *text, const char **field, const char *value)
{
	if (*field)
		text->bad = 1;
	*field = value;
}

static void take_via(struct tpl_text *text, char *value)
{
	char *rest = value;

	while (rest && text->serving.vias_count < TPL_VIAS_MAX)
		text->vias[text->serving.vias_count++] = next_value(&rest);
	if (rest)
		text->bad = 1;
}

static void take_from(struct tpl_text *text, char *value)
{
	once(text, &text->view.from, value);
	text->view.from_tag = param(text, value, "tag");
	text->view.from_uri = uri_of(text, value);
}

static void take_to(struct tpl_text *text, char *value)
{
	const char *uri = uri_of(text, value);

	once(text, &text->view.to, value);
	text->view.to_tag = param(text, value, "tag");
	if (uri)
		text->view.to_user = uri_read(text, uri).user;
}

static void take_call_id(struct tpl_text *text, char *value)
{
	once(text, &text->view.call_id, value);
}

static void take_cseq(struct tpl_text *text, char *value)
{
	size_t digits = strspn(value, "0123456789");
	const char *number = keep(text, value, digits);

	once(text, &text->view.method, value + digits + strspn(value + digits, " \t"));
	if (!number || ua_text_number(number, UINT32_MAX, &text->view.cseq))
		text->bad = 1;
}

static void take_contact(struct tpl_text *text, char *value)
{
	struct ua_view *view = &text->view;
	char *rest = value;

	while (rest && view->contacts_count < UA_CONTACTS_MAX) {
		const char *contact = next_value(&rest), *text_of = uri_of(text, contact);
		struct uri uri = text_of ? uri_read(text, text_of) : (struct uri){ 0 };

		if (!view->contact)
			view->contact = text_of;
		view->contacts[view->contacts_count++] =
			(struct ua_contact){ uri.user, uri.host, uri.port,
					     param(text, contact, "expires") };
	}
}

static void take_routes(const char **routes, uint32_t *count, char *value)
{
	char *rest = value;

	while (rest && *count <= UA_ROUTES_MAX) {
		const char *route = next_value(&rest);

		if (*count < UA_ROUTES_MAX)
			routes[*count] = route;
		++*count; /* one more than the limit says that there are too many */
	}
}

static void take_record_route(struct tpl_text *text, char *value)
{
	take_routes(text->view.record_routes, &text->view.record_routes_count, value);
}

static void take_service_route(struct tpl_text *text, char *value)
{
	take_routes(text->view.service_routes, &text->view.service_routes_count, value);
}

static void take_challenge(struct tpl_text *text, uint32_t status, char *value)
{
	struct ua_view *view = &text->view;

	if (view->status == status && view->challenges_count < UA_CHALLENGES_MAX)
		view->challenges[view->challenges_count++] = value;
}

static void take_www(struct tpl_text *text, char *value)
{
	take_challenge(text, 401, value);
}

static void take_proxy(struct tpl_text *text, char *value)
{
	take_challenge(text, 407, value);
}

static void take_retry_after(struct tpl_text *text, char *value)
{
	text->view.retry_after = value;
}

static void take_min_expires(struct tpl_text *text, char *value)
{
	text->view.min_expires = value;
}

static void take_expires(struct tpl_text *text, char *value)
{
	text->view.expires = value;
}

static void take_require(struct tpl_text *text, char *value)
{
	if (!text->view.require)
		text->view.require = value;
}

static void take_content_type(struct tpl_text *text, char *value)
{
	text->view.content_type = value;
}

/* The body was kept with its end; a datagram may hold more than its message (RFC 3261 18.3). */
static void take_content_length(struct tpl_text *text, char *value)
{
	uint32_t length;

	if (ua_text_number(value, UINT32_MAX, &length) || length > strlen(text->view.body))
		text->bad = 1;
	else
		((char *)(uintptr_t)text->view.body)[length] = '\0';
}

static const struct {
	const char *name, *compact;
	void (*take)(struct tpl_text *text, char *value);
} headers[] = {
	{ "Via", "v", take_via },
	{ "From", "f", take_from },
	{ "To", "t", take_to },
	{ "Call-ID", "i", take_call_id },
	{ "CSeq", "", take_cseq },
	{ "Contact", "m", take_contact },
	{ "Record-Route", "", take_record_route },
	{ "Service-Route", "", take_service_route },
	{ "WWW-Authenticate", "", take_www },
	{ "Proxy-Authenticate", "", take_proxy },
	{ "Retry-After", "", take_retry_after },
	{ "Min-Expires", "", take_min_expires },
	{ "Expires", "", take_expires },
	{ "Require", "", take_require },
	{ "Content-Type", "c", take_content_type },
	{ "Content-Length", "l", take_content_length },
};

static void take_header(struct tpl_text *text, char *line)
{
	char *colon = strchr(line, ':');
	size_t i;

	if (!colon) {
		text->bad = 1;
		return;
	}
	*colon = '\0';
	line = trim(line);
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (!strcasecmp(line, headers[i].name) || !strcasecmp(line, headers[i].compact))
			break;
	if (i < sizeof(headers) / sizeof(headers[0]))
		headers[i].take(text, trim(colon + 1));
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* Folded lines become one (RFC 3261 7.3.1); other control characters are refused. */
static int clean(char *head)
{
	for (; *head; head++) {
		if (head[0] == '\r' && head[1] == '\n') {
			if (head[2] == ' ' || head[2] == '\t')
				head[0] = head[1] = ' ';
			else
				head++;
		} else if ((iscntrl((unsigned char)*head) && *head != '\t')) {
			return -1;
		}
	}
	return 0;
}

/* "SIP/2.0 200 OK" or "INVITE sip:1001@192.0.2.1 SIP/2.0". Returns the method, "" of a response. */
static const char *read_start(struct tpl_text *text, char *line)
{
	char *uri = strchr(line, ' '), *version = uri ? strrchr(line, ' ') : NULL;
	struct uri parts;

	if (!strncmp(line, "SIP/2.0 ", 8)) {
		const char *status = keep(text, line + 8, strcspn(line + 8, " "));

		if (!status || strlen(status) != 3 ||
		    ua_text_number(status, UINT16_MAX, &text->view.status) ||
		    text->view.status < 100 || text->view.status > 699)
			text->bad = 1;
		return "";
	}
	if (!uri || version == uri || strcmp(version, " SIP/2.0")) {
		text->bad = 1;
		return "";
	}
	*uri = *version = '\0';
	parts = uri_read(text, uri + 1);
	text->view.uri_scheme = parts.scheme;
	text->view.uri_user = parts.user;
	text->view.uri_has_headers = parts.has_headers != 0;
	return line;
}

static void read_via(struct tpl_text *text)
{
	const char *via = text->vias[0], *at = strpbrk(via, " \t");

	text->view.branch = param(text, via, "branch");
	text->serving.has_rport = param(text, via, "rport") != NULL;
	if (at)
		at += strspn(at, " \t");
	text->serving.sent_by = at ? keep(text, at, strcspn(at, "; \t")) : NULL;
}

/* What every message must have, and what makes a response one of ours (RFC 3261 8.1.3.3). */
static int is_complete(const struct tpl_text *text, const char *method)
{
	const struct ua_view *view = &text->view;

	if (text->bad || !text->serving.sent_by || !view->from || !view->to || !view->call_id ||
	    !view->method || !view->method[0])
		return 0;
	if (view->status)
		return view->branch && text->serving.vias_count == 1;
	return !strcmp(view->method, method);
}

int tpl_text_read(struct tpl_text *text, const char *bytes, size_t count,
		  const struct failover_target *from)
{
	const char *end = memmem(bytes, count, "\r\n\r\n", 4), *method;
	char *line, *next;

	memset(text, 0, offsetof(struct tpl_text, store));
	if (!end || memchr(bytes, '\0', (size_t)(end - bytes)))
		return -1;
	text->view.source = *from;
	text->serving.view = &text->view;
	text->serving.vias = text->vias;
	text->view.body = keep(text, end + 4, count - (size_t)(end + 4 - bytes));
	line = keep(text, bytes, (size_t)(end - bytes));
	if (text->bad || clean(line))
		return -1;
	next = strstr(line, "\r\n");
	if (!next)
		return -1;
	*next = '\0';
	method = read_start(text, line);
	for (line = next + 2; line && !text->bad; line = next) {
		next = strstr(line, "\r\n");
		if (next) {
			*next = '\0';
			next += 2;
		}
		take_header(text, line);
	}
	if (text->serving.vias_count)
		read_via(text);
	return is_complete(text, method) ? 0 : -1;
}
