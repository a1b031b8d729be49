/* SPDX-License-Identifier: MIT */
/* failover_message.c - see failover_message.h. */
#include "failover_message.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MARK ";failover-peer="
#define TARGET_BYTES 24u
#define SPACE " \t\r\n"

enum header { OTHER, VIA, CONTACT, ROUTE, CSEQ };

struct text {
	char *bytes;
	size_t size, count;
	int is_full;
};

/* A part of a message. */
struct part {
	const char *at, *end;
};

static void put(struct text *text, const char *bytes, size_t count)
{
	if (count > text->size - text->count) {
		text->is_full = 1;
		return;
	}
	memcpy(text->bytes + text->count, bytes, count);
	text->count += count;
}

static void put_part(struct text *text, struct part part)
{
	put(text, part.at, (size_t)(part.end - part.at));
}

static void put_text(struct text *text, const char *words)
{
	put(text, words, strlen(words));
}

/* ---- lines -------------------------------------------------------------------------------- */

/* Behind the header line that begins here, folds included (RFC 3261 7.3.1). */
static const char *line_end(const char *at, const char *end)
{
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		if (!stop)
			return end;
		at = stop + 1;
		if (at == end || (*at != ' ' && *at != '\t'))
			return at;
	}
	return end;
}

static int is_blank(struct part line)
{
	return line.at == line.end || *line.at == '\r' || *line.at == '\n';
}

static int has_name(struct part line, const char *name)
{
	size_t length = strlen(name);
	const char *at = line.at + length;

	if ((size_t)(line.end - line.at) <= length || strncasecmp(line.at, name, length) != 0)
		return 0;
	while (at < line.end && (*at == ' ' || *at == '\t'))
		at++;
	return at < line.end && *at == ':';
}

static enum header header_of(struct part line)
{
	if (has_name(line, "Via") || has_name(line, "v"))
		return VIA;
	if (has_name(line, "Contact") || has_name(line, "m"))
		return CONTACT;
	if (has_name(line, "Route") || has_name(line, "Record-Route"))
		return ROUTE;
	return has_name(line, "CSeq") ? CSEQ : OTHER;
}

/* The first header line of this kind; empty if there is none. */
static struct part find(const char *bytes, size_t count, enum header header)
{
	const char *end = bytes + count;
	struct part line = { bytes, line_end(bytes, end) };

	while (line.at < end) {
		line.at = line.end;
		line.end = line_end(line.at, end);
		if (is_blank(line))
			break;
		if (header_of(line) == header)
			return line;
	}
	return (struct part){ end, end };
}

/* Where the value ends that begins here: at a comma outside of quotes and angle brackets, or at the
 * end of the line. */
static const char *value_end(struct part line)
{
	int is_quoted = 0, is_angled = 0;
	const char *at;

	while (line.end > line.at && (line.end[-1] == '\r' || line.end[-1] == '\n'))
		line.end--;
	for (at = line.at; at < line.end; at++) {
		if (is_quoted && *at == '\\' && at + 1 < line.end)
			at++;
		else if (*at == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && *at == '<')
			is_angled = 1;
		else if (!is_quoted && *at == '>')
			is_angled = 0;
		else if (*at == ',' && !is_quoted && !is_angled)
			break;
	}
	return at;
}

static const char *find_text(struct part part, const char *words)
{
	size_t length = strlen(words);
	const char *at;

	for (at = part.at; (size_t)(part.end - at) >= length; at++)
		if (!strncasecmp(at, words, length))
			return at;
	return NULL;
}

/* "host:port", and no longer port. */
static const char *find_place(struct part part, const char *place)
{
	const char *at, *behind;

	for (; (at = find_text(part, place)); part.at = at + 1) {
		behind = at + strlen(place);
		if (at > part.at && (at[-1] == '@' || at[-1] == ':') &&
		    !(behind < part.end && *behind >= '0' && *behind <= '9'))
			return at;
	}
	return NULL;
}

/* ---- headers ------------------------------------------------------------------------------ */

/* What ends a parameter of a Via, or of a URI. */
static const char *parameter_end(const char *at, const char *end)
{
	while (at < end && !strchr(";>?, \t\r\n", *at))
		at++;
	return at;
}

static const char *skip(const char *at, const char *end, const char *those)
{
	while (at < end && *at && strchr(those, *at))
		at++;
	return at;
}

static const char *skip_all_but(const char *at, const char *end, const char *those)
{
	while (at < end && !strchr(those, *at))
		at++;
	return at;
}

/* "Via: SIP/2.0/UDP host:port": the last of it. There may be space around the colon (RFC 3261
 * 25.1). It is empty where there is none. */
static struct part sent_by_of(struct part via)
{
	const char *at = via.at, *colon;
	struct part place;
	unsigned slashes;

	for (slashes = 0; at < via.end && slashes < 2; at++)
		slashes += *at == '/';
	at = skip(at, via.end, SPACE);
	at = skip_all_but(at, via.end, SPACE);
	place.at = skip(at, via.end, SPACE);
	place.end = skip_all_but(place.at, via.end, ";" SPACE);
	colon = skip(place.end, via.end, SPACE);
	if (place.end > place.at && colon < via.end && *colon == ':')
		place.end = skip_all_but(skip(colon + 1, via.end, SPACE), via.end, ";" SPACE);
	return place;
}

/* Up to `end`, without a parameter of this name; also of marks that a peer has written none says
 * where it is. */
static void put_without(struct part part, const char *parameter, struct text *out)
{
	const char *at;

	while ((at = find_text(part, parameter))) {
		put_part(out, (struct part){ part.at, at });
		part.at = parameter_end(at + 1, part.end);
	}
	put_part(out, part);
}

/* What the next hop has noted (RFC 3581), as if that were right here. */
static void put_near(struct part part, const char *sent_by, struct text *out)
{
	const char *at = find_text(part, ";rport"), *port = strrchr(sent_by, ':');

	if (at) {
		put_without((struct part){ part.at, at }, ";received=", out);
		put_text(out, ";rport=");
		put_text(out, port ? port + 1 : "5060");
		part.at = parameter_end(at + 1, part.end);
	}
	put_without(part, ";received=", out);
}

/* Our mark is the first parameter: whatever the others have, quotes too, it is found. */
static void edit_via(const struct failover_message_edit *edit, struct part line, struct text *out)
{
	struct part rest = { line.at, value_end(line) }, place = sent_by_of(rest);

	if (place.at == place.end) { /* it is none */
		put_part(out, line);
		return;
	}
	put_part(out, (struct part){ rest.at, edit->sent_by ? place.at : place.end });
	if (edit->sent_by)
		put_text(out, edit->sent_by);
	if (edit->mark) {
		put_text(out, MARK);
		put_text(out, edit->mark);
	}
	rest.at = place.end;
	if (edit->near && edit->sent_by)
		put_near(rest, edit->sent_by, out);
	else if (edit->unmark || edit->mark)
		put_without(rest, MARK, out);
	else
		put_part(out, rest);
	put_part(out, (struct part){ rest.end, line.end });
}

static void edit_contact(const struct failover_message_edit *edit, struct part line,
			 struct text *out)
{
	static const char *const names[] = {
		[FAILOVER_TCP] = ";transport=tcp", [FAILOVER_TLS] = ";transport=tls"
	};
	const char *at, *uri_end;
	struct part old;

	at = edit->contact_from ? find_place(line, edit->contact_from) : NULL;
	if (!at) {
		put_part(out, line);
		return;
	}
	put_part(out, (struct part){ line.at, at });
	put_text(out, edit->contact_to);
	if (edit->contact_transport < sizeof(names) / sizeof(names[0]) &&
	    names[edit->contact_transport])
		put_text(out, names[edit->contact_transport]);
	at += strlen(edit->contact_from);
	for (uri_end = at; uri_end < line.end && !strchr(">, \r\n", *uri_end);)
		uri_end++;
	old.at = find_text((struct part){ at, uri_end }, ";transport=");
	if (old.at) {
		old.end = parameter_end(old.at + 1, uri_end);
		put_part(out, (struct part){ at, old.at });
		at = old.end;
	}
	put_part(out, (struct part){ at, line.end });
}

static void edit_routes(const struct failover_message_edit *edit, struct part line,
			struct text *out)
{
	const char *colon = memchr(line.at, ':', (size_t)(line.end - line.at));
	struct part value = { colon + 1, line.end };

	if (!edit->routes_without || !*edit->routes_without ||
	    !find_place(line, edit->routes_without)) {
		put_part(out, line);
		return;
	}
	while (value.at < line.end) {
		value.end = value_end((struct part){ value.at, line.end });
		if (value.end > value.at && !find_place(value, edit->routes_without)) {
			put_part(out, (struct part){ line.at, colon + 1 });
			put_part(out, value);
			put_text(out, "\r\n");
		}
		value.at = value.end < line.end && *value.end == ',' ? value.end + 1 : line.end;
	}
}

static void put_record_route(const struct failover_message_edit *edit, struct text *out)
{
	put_text(out, "Record-Route: ");
	put_text(out, edit->record_route);
	put_text(out, "\r\n");
}

/* ---- messages ----------------------------------------------------------------------------- */

int failover_message_edit(const struct failover_message_edit *edit, const char *bytes, size_t count,
			  char *out, size_t size)
{
	const char *end = bytes + count;
	struct part line = { bytes, line_end(bytes, end) };
	int is_response = failover_message_is_response(bytes, count), seen_via = 0;
	struct text text = { .bytes = out, .size = size };

	put_part(&text, line);
	if (edit->record_route && !is_response)
		put_record_route(edit, &text);
	for (line.at = line.end; line.at < end; line.at = line.end) {
		line.end = line_end(line.at, end);
		if (is_blank(line))
			break;
		switch (header_of(line)) {
		case VIA:
			if (seen_via++)
				put_part(&text, line);
			else
				edit_via(edit, line, &text);
			break;
		case CONTACT:
			edit_contact(edit, line, &text);
			break;
		case ROUTE:
			edit_routes(edit, line, &text);
			break;
		case CSEQ:
		case OTHER:
			put_part(&text, line);
		}
	}
	if (edit->record_route && is_response)
		put_record_route(edit, &text);
	put_part(&text, (struct part){ line.at, end });
	return text.is_full ? FAILOVER_ERR_FULL : (int)text.count;
}

int failover_message_is_response(const char *bytes, size_t count)
{
	return count >= 8 && !strncmp(bytes, "SIP/2.0 ", 8);
}

int failover_message_is(const char *bytes, size_t count, const char *method)
{
	struct part line = find(bytes, count, CSEQ);
	size_t length = strlen(method);
	const char *at = line.end;

	while (at > line.at && (at[-1] == '\r' || at[-1] == '\n' || at[-1] == ' '))
		at--;
	return (size_t)(at - line.at) > length && !strncmp(at - length, method, length) &&
	       (at[-1 - (long)length] == ' ' || at[-1 - (long)length] == '\t');
}

/* ---- the mark ----------------------------------------------------------------------------- */

/* family, transport, port, scope, address: each byte two digits. */
static void pack(const struct failover_target *peer, unsigned char out[TARGET_BYTES])
{
	unsigned i;

	out[0] = (unsigned char)peer->family;
	out[1] = (unsigned char)peer->transport;
	out[2] = (unsigned char)(peer->port >> 8);
	out[3] = (unsigned char)peer->port;
	for (i = 0; i < 4; i++)
		out[4 + i] = (unsigned char)(peer->scope_id >> (24 - 8 * i));
	memcpy(out + 8, peer->address, sizeof(peer->address));
}

void failover_mark_write(const struct failover_target *peer, char out[FAILOVER_MARK_MAX])
{
	unsigned char bytes[TARGET_BYTES];
	size_t i;

	pack(peer, bytes);
	for (i = 0; i < TARGET_BYTES; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

int failover_mark_read(const char *bytes, size_t count, struct failover_target *peer)
{
	struct part line = find(bytes, count, VIA), via = { line.at, value_end(line) };
	const char *at = find_text((struct part){ sent_by_of(via).end, via.end }, MARK);
	unsigned char packed[TARGET_BYTES];
	size_t i;

	if (!at || (size_t)(line.end - at) < strlen(MARK) + 2u * TARGET_BYTES)
		return FAILOVER_ERR_ARGUMENT;
	at += strlen(MARK);
	for (i = 0; i < TARGET_BYTES; i++) {
		int high = digit_of(at[2 * i]), low = digit_of(at[2 * i + 1]);

		if (high < 0 || low < 0)
			return FAILOVER_ERR_ARGUMENT;
		packed[i] = (unsigned char)(high << 4 | low);
	}
	*peer = (struct failover_target){ .family = packed[0], .transport = packed[1] };
	peer->port = (uint16_t)(packed[2] << 8 | packed[3]);
	for (i = 0; i < 4; i++)
		peer->scope_id = peer->scope_id << 8 | packed[4 + i];
	memcpy(peer->address, packed + 8, sizeof(peer->address));
	return FAILOVER_OK;
}
