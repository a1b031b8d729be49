/* SPDX-License-Identifier: MIT */
/* response.c - responses as texts: see response.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "net/address.h"
#include "writer.h"
#include "response.h"
#include "ua.h"

#define LINES_MAX (UA_MESSAGE_MAX / 2) /* Contact, Allow, Unsupported */
#define STATUS_MAX 256u		       /* all that has no length of its own */

/* ---- phrases ------------------------------------------------------------------------------ */

/* RFC 3261 21. */
static const char *phrase(uint32_t status)
{
	static const struct {
		uint32_t status;
		const char *phrase;
	} rows[] = {
		{ 100, "Trying" },
		{ 180, "Ringing" },
		{ 181, "Call Is Being Forwarded" },
		{ 182, "Queued" },
		{ 183, "Session Progress" },
		{ 200, "OK" },
		{ 202, "Accepted" },
		{ 300, "Multiple Choices" },
		{ 301, "Moved Permanently" },
		{ 302, "Moved Temporarily" },
		{ 305, "Use Proxy" },
		{ 380, "Alternative Service" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 402, "Payment Required" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 407, "Proxy Authentication Required" },
		{ 408, "Request Timeout" },
		{ 410, "Gone" },
		{ 413, "Request Entity Too Large" },
		{ 414, "Request-URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 416, "Unsupported URI Scheme" },
		{ 420, "Bad Extension" },
		{ 421, "Extension Required" },
		{ 423, "Interval Too Brief" },
		{ 480, "Temporarily Unavailable" },
		{ 481, "Call/Transaction Does Not Exist" },
		{ 482, "Loop Detected" },
		{ 483, "Too Many Hops" },
		{ 484, "Address Incomplete" },
		{ 485, "Ambiguous" },
		{ 486, "Busy Here" },
		{ 487, "Request Terminated" },
		{ 488, "Not Acceptable Here" },
		{ 489, "Bad Event" },
		{ 491, "Request Pending" },
		{ 493, "Undecipherable" },
		{ 500, "Server Internal Error" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Server Time-out" },
		{ 505, "Version Not Supported" },
		{ 513, "Message Too Large" },
		{ 600, "Busy Everywhere" },
		{ 603, "Decline" },
		{ 604, "Does Not Exist Anywhere" },
		{ 606, "Not Acceptable" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return rows[i].phrase;
	return "Answer";
}

/* ---- Via ---------------------------------------------------------------------------------- */

/* Where this part of a value ends: at a semicolon that is in no quotes. */
static const char *part_end(const char *at)
{
	int quoted = 0;

	for (; *at && (quoted || *at != ';'); at++)
		if (*at == '"')
			quoted = !quoted;
		else if (*at == '\\' && quoted && at[1])
			at++;
	return at;
}

/* Is the parameter that starts with this semicolon called so? Returns what follows its name. */
static const char *is_param(const char *semicolon, const char *name)
{
	const char *at = semicolon + 1 + strspn(semicolon + 1, " \t");
	size_t length = strlen(name);

	if (strncasecmp(at, name, length) != 0)
		return NULL;
	at += length;
	at += strspn(at, " \t");
	return !*at || *at == ';' || *at == '=' ? at : NULL;
}

/* RFC 3261 18.2.1, RFC 3581 4: the topmost Via says where the request came from. */
static void write_top_via(struct ua_writer *writer, const char *via,
			  const struct failover_target *source)
{
	const char *at = part_end(via), *end, *rport;
	char host[UA_ADDRESS_TEXT], *start = host;

	ua_writer_add(writer, "Via: %.*s", (int)(at - via), via);
	for (; *at; at = end) {
		end = part_end(at + 1);
		if (is_param(at, "received"))
			continue;
		rport = is_param(at, "rport");
		if (rport && *rport != '=')
			ua_writer_add(writer, ";rport=%u", (unsigned)source->port);
		else
			ua_writer_add(writer, "%.*s", (int)(end - at), at);
	}
	ua_address_host(source, host);
	if (*start == '[') /* without brackets there */
		start++;
	ua_writer_add(writer, ";received=%.*s\r\n", (int)strcspn(start, "]"), start);
}

/* ---- what all have ------------------------------------------------------------------------ */

static void write_fixed(struct ua_writer *writer, const struct ua_serving_message *request)
{
	const struct ua_view *view = request->view;
	uint32_t i;

	write_top_via(writer, request->vias[0], &view->source);
	for (i = 1; i < request->vias_count; i++)
		ua_writer_add(writer, "Via: %s\r\n", request->vias[i]);
	if (view->from[0])
		ua_writer_add(writer, "From: %s\r\n", view->from);
	if (view->call_id[0])
		ua_writer_add(writer, "Call-ID: %s\r\n", view->call_id);
	ua_writer_add(writer, "CSeq: %u %s\r\n", (unsigned)view->cseq, view->method);
}

int ua_response_head_init(struct ua_response_head *head, const struct ua_serving_message *request)
{
	const struct ua_view *view = request->view;
	struct ua_writer writer, route;
	uint32_t i, count = view->record_routes_count;
	int error;

	ua_writer_open(&writer, 2 * UA_MESSAGE_MAX);
	ua_writer_open(&route, 2 * UA_MESSAGE_MAX);
	write_fixed(&writer, request);
	for (i = 0; i < count; i++)
		ua_writer_add(&route, "Record-Route: %s\r\n", view->record_routes[i]);
	error = ua_writer_error(&writer);
	if (!error)
		error = ua_writer_error(&route);
	head->is_invite = !strcmp(view->method, "INVITE");
	head->has_tag = view->to_tag != NULL;
	head->fixed = ua_writer_take(&writer);
	head->routes = ua_writer_take(&route);
	head->to = strdup(view->to);
	if (head->fixed && head->routes && head->to)
		return FAILOVER_OK;
	ua_response_head_free(head);
	return error ? error : FAILOVER_ERR_MEMORY;
}

void ua_response_head_free(struct ua_response_head *head)
{
	free(head->fixed);
	free(head->routes);
	free(head->to);
	memset(head, 0, sizeof(*head));
}

/* ---- one ---------------------------------------------------------------------------------- */

/* RFC 3261 12.1.1: what makes a dialog carries the Record-Route. */
static void write_response(struct ua_writer *writer, const struct ua_response_head *head,
			   const struct ua_reply *reply)
{
	int dialog = head->is_invite && reply->status > 100 && reply->status < 300;
	int tag = !head->has_tag && reply->status > 100 && reply->tag;

	ua_writer_add(writer, "SIP/2.0 %u %s\r\n%s%sTo: %s%s%s\r\n", (unsigned)reply->status,
		      phrase(reply->status), head->fixed, dialog ? head->routes : "", head->to,
		      tag ? ";tag=" : "", tag ? reply->tag : "");
}

char *ua_response_text(const struct ua_response_head *head, const struct ua_reply *reply,
		       const char *user_agent)
{
	const char *body = reply->body ? reply->body : "";
	size_t size = strlen(head->fixed) + strlen(head->routes) + strlen(head->to) + strlen(body) +
		      LINES_MAX + STATUS_MAX;
	struct ua_writer writer;

	ua_writer_open(&writer, size);
	write_response(&writer, head, reply);
	ua_writer_add(&writer, "User-Agent: %s\r\n", user_agent);
	ua_reply_lines(reply, &writer);
	ua_writer_add(&writer, "Content-Length: %u\r\n\r\n%s", (unsigned)strlen(body), body);
	return ua_writer_take(&writer);
}

char *ua_response_made(struct ua *ua, const struct ua_serving_message *request, uint32_t status,
		       const char *lines)
{
	struct ua_response_head head;
	char tag[UA_TOKEN], *text, *whole;
	const struct ua_reply reply = { .status = status, .tag = tag };
	size_t start, extra = strlen(lines);

	if (ua_token(ua, tag) || ua_response_head_init(&head, request))
		return NULL;
	text = ua_response_text(&head, &reply, ua->user_agent);
	ua_response_head_free(&head);
	if (!text || !extra)
		return text;
	start = strlen(text) - 2; /* in front of the empty line */
	whole = realloc(text, start + extra + 3);
	if (!whole) {
		free(text);
		return NULL;
	}
	memcpy(whole + start, lines, extra);
	memcpy(whole + start + extra, "\r\n", 3);
	return whole;
}
