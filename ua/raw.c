/* SPDX-License-Identifier: MIT */
/* raw.c - cuts a message into its start line and headers: see raw.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <failover/plugin.h>
#include "raw.h"
#include "value.h"

#define COPIES 4u   /* of the bytes of a message, at most, in texts */
#define SPARE 1024u /* and ends of texts */
#define VALUES_FIRST 32u

static const struct {
	const char *whole;
	char compact; /* 0 = none */
	uint8_t is_list;
} names[UA_RAW_NAMES] = {
	[UA_RAW_VIA] = { "Via", 'v', 1 },
	[UA_RAW_FROM] = { "From", 'f', 0 },
	[UA_RAW_TO] = { "To", 't', 0 },
	[UA_RAW_CALL_ID] = { "Call-ID", 'i', 0 },
	[UA_RAW_CSEQ] = { "CSeq", 0, 0 },
	[UA_RAW_CONTACT] = { "Contact", 'm', 1 },
	[UA_RAW_RECORD_ROUTE] = { "Record-Route", 0, 1 },
	[UA_RAW_SERVICE_ROUTE] = { "Service-Route", 0, 1 },
	[UA_RAW_CONTENT_LENGTH] = { "Content-Length", 'l', 0 },
	[UA_RAW_CONTENT_TYPE] = { "Content-Type", 'c', 0 },
	[UA_RAW_CONTENT_ENCODING] = { "Content-Encoding", 'e', 1 },
	[UA_RAW_CONTENT_DISPOSITION] = { "Content-Disposition", 0, 0 },
	[UA_RAW_EXPIRES] = { "Expires", 0, 0 },
	[UA_RAW_MIN_EXPIRES] = { "Min-Expires", 0, 0 },
	[UA_RAW_RETRY_AFTER] = { "Retry-After", 0, 0 },
	[UA_RAW_REQUIRE] = { "Require", 0, 1 },
	[UA_RAW_REASON] = { "Reason", 0, 1 },
	/* A comma is between parameters there, and each challenge has a line of its own (RFC 3261
	 * 7.3.1). */
	[UA_RAW_WWW_AUTHENTICATE] = { "WWW-Authenticate", 0, 0 },
	[UA_RAW_PROXY_AUTHENTICATE] = { "Proxy-Authenticate", 0, 0 },
	[UA_RAW_AUTHENTICATION_INFO] = { "Authentication-Info", 0, 0 },
	[UA_RAW_PROXY_AUTHENTICATION_INFO] = { "Proxy-Authentication-Info", 0, 0 },
	[UA_RAW_PATH] = { "Path", 0, 1 },
	[UA_RAW_P_ASSOCIATED_URI] = { "P-Associated-URI", 0, 1 },
	[UA_RAW_ROUTE] = { "Route", 0, 1 },
	[UA_RAW_AUTHORIZATION] = { "Authorization", 0, 0 },
	[UA_RAW_PROXY_AUTHORIZATION] = { "Proxy-Authorization", 0, 0 },
	[UA_RAW_MAX_FORWARDS] = { "Max-Forwards", 0, 0 },
	[UA_RAW_RACK] = { "RAck", 0, 0 },
	[UA_RAW_EVENT] = { "Event", 'o', 0 },
	[UA_RAW_SUBSCRIPTION_STATE] = { "Subscription-State", 0, 0 },
};

const char *ua_raw_name_text(enum ua_raw_name name)
{
	return names[name].whole;
}

/* ---- values ------------------------------------------------------------------------------- */

const char *ua_raw_next(const struct ua_raw *raw, enum ua_raw_name name, uint32_t *at)
{
	while (*at < raw->values_count) {
		const struct ua_raw_value *value = &raw->values[(*at)++];

		if (value->name == name)
			return value->text;
	}
	return NULL;
}

const char *ua_raw_first(const struct ua_raw *raw, enum ua_raw_name name)
{
	uint32_t at = 0;

	return ua_raw_next(raw, name, &at);
}

uint32_t ua_raw_count(const struct ua_raw *raw, enum ua_raw_name name)
{
	uint32_t at = 0, count = 0;

	while (ua_raw_next(raw, name, &at))
		count++;
	return count;
}

const char *ua_raw_keep(struct ua_raw *raw, const char *text, size_t length)
{
	char *to = raw->texts + raw->used;

	if (raw->room - raw->used <= length)
		return NULL;
	memcpy(to, text, length);
	to[length] = '\0';
	raw->used += length + 1;
	return to;
}

static int add(struct ua_raw *raw, enum ua_raw_name name, char *start, char *end)
{
	struct ua_raw_value *more;
	uint32_t room = raw->values_room ? 2 * raw->values_room : VALUES_FIRST;

	if (raw->values_count == raw->values_room) {
		more = realloc(raw->values, room * sizeof(*more));
		if (!more)
			return FAILOVER_ERR_MEMORY;
		raw->values = more;
		raw->values_room = room;
	}
	while (start < end && *start == ' ')
		start++;
	while (end > start && end[-1] == ' ')
		end--;
	*end = '\0';
	raw->values[raw->values_count++] = (struct ua_raw_value){ name, start };
	return FAILOVER_OK;
}

/* An empty element is none (RFC 3261 7.3.1 has no place for it; some send a comma at the end). */
static int add_list(struct ua_raw *raw, enum ua_raw_name name, char *start, char *end)
{
	char *next, *at;
	int error = FAILOVER_OK;

	for (at = start; !error && at <= end; at = next + 1) {
		next = at + ua_value_element(at);
		if (at + strspn(at, " ") < next)
			error = add(raw, name, at, next);
	}
	return error;
}

/* ---- lines -------------------------------------------------------------------------------- */

/* Which header this name is, or UA_RAW_NAMES. */
static enum ua_raw_name name_of(const char *text, size_t length)
{
	int i;

	for (i = 0; i < UA_RAW_NAMES; i++)
		if ((length == 1 && names[i].compact && (*text | 0x20) == names[i].compact) ||
		    ((*text | 0x20) == (names[i].whole[0] | 0x20) &&
		     !strncasecmp(text, names[i].whole, length) && !names[i].whole[length]))
			break;
	return (enum ua_raw_name)i;
}

/* A line without a name is left out: no rule needs it. */
static int header(struct ua_raw *raw, char *line, char *end)
{
	char *colon = strchr(line, ':'), *last = colon;
	enum ua_raw_name name;

	if (!colon)
		return FAILOVER_OK;
	while (last > line && last[-1] == ' ')
		last--;
	name = name_of(line, (size_t)(last - line));
	if (name == UA_RAW_NAMES)
		return FAILOVER_OK;
	return names[name].is_list ? add_list(raw, name, colon + 1, end)
				   : add(raw, name, colon + 1, end);
}

/* Cut off the line that starts here, folds made one (RFC 3261 7.3.1): it ends with a zero, *end is
 * there. Returns what follows, or NULL if it has no end. */
static char *cut_line(char *line, char *stop, char **end)
{
	char *at = line;

	for (;;) {
		at = memchr(at, '\n', (size_t)(stop - at));
		if (!at)
			return NULL;
		if (at == line || (at == line + 1 && *line == '\r'))
			break; /* the empty line: what follows is no fold of it */
		if (at + 1 == stop || (at[1] != ' ' && at[1] != '\t'))
			break;
		*at = ' ';
	}
	*end = at > line && at[-1] == '\r' ? at - 1 : at;
	**end = '\0';
	while ((line += strcspn(line, "\t\r")) < *end) /* also at a zero byte that came */
		*line = ' ';
	return at + 1;
}

/* ---- start line --------------------------------------------------------------------------- */

static void status_line(struct ua_raw *raw, const char *line)
{
	const char *code = line + 8;

	raw->is_response = 1;
	raw->is_other_version = strncasecmp(line, "SIP/2.0", 7) != 0;
	if (raw->is_other_version || strspn(code, "0123456789") != 3 ||
	    (code[3] && code[3] != ' ') || *code < '1' || *code > '6')
		raw->broken = "the status line cannot be read";
	else
		raw->status =
			(uint32_t)((code[0] - '0') * 100 + (code[1] - '0') * 10 + code[2] - '0');
}

/* Method and URI as far as they are there; whatever is between the first and the last blank is the
 * URI. */
static int request_line(struct ua_raw *raw, const char *line)
{
	size_t method = strcspn(line, " "), length = strlen(line), trimmed = length;
	const char *version, *uri = line + method + 1;

	while (trimmed && line[trimmed - 1] == ' ')
		trimmed--;
	for (version = line + trimmed; version > line && version[-1] != ' ';)
		version--;
	if (!method || ua_value_token(line) != method || version <= uri ||
	    strncasecmp(version, "SIP/", 4) != 0)
		return FAILOVER_ERR_ARGUMENT;
	raw->method = ua_raw_keep(raw, line, method);
	raw->uri = ua_raw_keep(raw, uri, (size_t)(version - 1 - uri));
	raw->is_other_version =
		strncasecmp(version, "SIP/2.0", 7) != 0 || trimmed - (size_t)(version - line) != 7;
	if (trimmed != length || !*raw->uri || strpbrk(raw->uri, " <>\""))
		raw->broken = "the request line cannot be read";
	return FAILOVER_OK;
}

static int start_line(struct ua_raw *raw, const char *line)
{
	raw->first_line = line;
	if (!strncasecmp(line, "SIP/", 4) && strlen(line) > 7 && line[7] == ' ') {
		status_line(raw, line);
		return FAILOVER_OK;
	}
	return request_line(raw, line);
}

/* ---- message ------------------------------------------------------------------------------ */

static int read_lines(struct ua_raw *raw, char *at, char *stop)
{
	char *end, *next;
	int error;

	while (at < stop && (*at == '\r' || *at == '\n')) /* RFC 3261 7.5 */
		at++;
	next = cut_line(at, stop, &end);
	error = next ? start_line(raw, at) : FAILOVER_ERR_ARGUMENT;
	while (!error && (at = next)) {
		next = cut_line(at, stop, &end);
		if (!next || end == at)
			break;
		error = header(raw, at, end);
	}
	if (error)
		return error;
	if (!next)
		raw->broken = "the header has no end";
	raw->body = next ? next : stop;
	raw->body_count = (size_t)(stop - raw->body);
	return FAILOVER_OK;
}

int ua_raw_read(struct ua_raw *out, const char *bytes, size_t count)
{
	memset(out, 0, sizeof(*out));
	out->room = COPIES * (count + 1) + SPARE;
	out->texts = malloc(out->room);
	if (!out->texts)
		return FAILOVER_ERR_MEMORY;
	(void)ua_raw_keep(out, bytes, count);
	return read_lines(out, out->texts, out->texts + count);
}

void ua_raw_free(struct ua_raw *raw)
{
	free(raw->values);
	free(raw->texts);
	memset(raw, 0, sizeof(*raw));
}
