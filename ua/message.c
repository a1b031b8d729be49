/* SPDX-License-Identifier: MIT */
/* message.c - views of messages out of their bytes: see message.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "client.h"
#include "message.h"
#include "pump.h"
#include "trace.h"
#include "value.h"
#include "writer.h"

#define CSEQ_MAX INT32_MAX
#define LENGTH_DIGITS 9u
#define JOINED_MAX 4096u

/* ---- texts -------------------------------------------------------------------------------- */

static const char *keep(struct ua_message *out, struct ua_part part)
{
	return part.text ? ua_raw_keep(&out->raw, part.text, part.length) : NULL;
}

/* What is wrong first is what is told. */
static void wrong(struct ua_message *out, const char *why)
{
	if (!out->why)
		out->why = why;
}

/* RFC 3261 19.1.2. An escaped zero stays as it is written: it would be an end. */
static const char *unescaped(struct ua_message *out, struct ua_part part)
{
	char *to = (char *)(uintptr_t)keep(out, part), *write = to, *from = to;

	for (; from && *from; from++) {
		int byte = ua_value_escaped(from);

		*write++ = byte > 0 ? (char)byte : *from;
		from += byte > 0 ? 2 : 0;
	}
	if (write)
		*write = '\0';
	return to;
}

/* ---- what says whose message it is -------------------------------------------------------- */

/* "One of them, and only one" (RFC 3261 7.3.1). */
static const char *only(struct ua_message *out, enum ua_raw_name name, const char *why)
{
	const char *value = ua_raw_first(&out->raw, name);

	if (ua_raw_count(&out->raw, name) == 1 && *value)
		return value;
	wrong(out, why);
	return value;
}

static void read_cseq(struct ua_message *out)
{
	const char *value = only(out, UA_RAW_CSEQ, "CSeq"), *method;
	uint64_t number = 0;

	if (!value)
		return;
	for (method = value; *method >= '0' && *method <= '9'; method++)
		if (number <= CSEQ_MAX)
			number = number * 10 + (uint64_t)(*method - '0');
	if (method == value || *method != ' ' || number > CSEQ_MAX)
		wrong(out, "CSeq");
	method += strspn(method, " ");
	out->view.cseq = number > CSEQ_MAX ? 0 : (uint32_t)number;
	out->view.method = method;
	if (!*method || ua_value_token(method) != strlen(method))
		wrong(out, "CSeq");
}

/* From and To: the value, its tag, and whether its URI can be read. Returns that. */
static int read_party(struct ua_message *out, const char *value, const char **tag,
		      struct ua_value_address *address)
{
	struct ua_part part;

	*tag = NULL;
	if (!value || ua_value_address(value, address))
		return 0;
	if (ua_value_param(address->params, "tag", &part))
		*tag = part.text ? keep(out, part) : "";
	return 1;
}

static const char *user_of(struct ua_message *out, const struct ua_value_address *address)
{
	struct ua_value_uri uri;

	return ua_value_uri(address->uri, &uri) || !uri.user.text ? NULL : unescaped(out, uri.user);
}

static void read_dialog(struct ua_message *out)
{
	struct ua_view *view = &out->view;
	int is_request = !out->raw.is_response;
	struct ua_value_address from, to;

	view->call_id = only(out, UA_RAW_CALL_ID, "Call-ID");
	read_cseq(out);
	view->from =
		is_request ? only(out, UA_RAW_FROM, "From") : ua_raw_first(&out->raw, UA_RAW_FROM);
	if (read_party(out, view->from, &view->from_tag, &from))
		view->from_uri = keep(out, from.uri);
	else if (is_request)
		wrong(out, "From");
	view->to = only(out, UA_RAW_TO, "To");
	if (read_party(out, view->to, &view->to_tag, &to))
		view->to_user = user_of(out, &to);
	else if (is_request || (view->method && !strcmp(view->method, "INVITE")))
		wrong(out, "To");
}

/* The sender's host and port as the Via has them, without the blanks that may be there. */
static const char *sent_by_of(struct ua_message *out, const struct ua_value_via *via)
{
	char text[512];
	struct ua_writer writer;

	ua_writer_init(&writer, text, sizeof(text));
	ua_writer_add(&writer, "%.*s", (int)via->host.length, via->host.text);
	if (via->port)
		ua_writer_add(&writer, ":%u", (unsigned)via->port);
	if (ua_writer_error(&writer))
		return NULL;
	return ua_raw_keep(&out->raw, text, writer.length);
}

static void read_top_via(struct ua_message *out, const char *value)
{
	struct ua_value_via via;
	struct ua_part branch, rport;

	if (ua_value_via(value, &via))
		return;
	if (ua_value_param(via.params, "branch", &branch) && branch.text && branch.length)
		out->view.branch = keep(out, branch);
	else if (out->raw.is_response)
		wrong(out, "Via without a branch");
	out->serving.has_rport = ua_value_param(via.params, "rport", &rport);
	out->serving.sent_by = sent_by_of(out, &via);
}

static void read_vias(struct ua_message *out)
{
	struct ua_serving_message *serving = &out->serving;
	const char **to = out->lists, *value;
	struct ua_value_via via;
	uint32_t at = 0;

	serving->view = &out->view;
	serving->vias = to;
	while ((value = ua_raw_next(&out->raw, UA_RAW_VIA, &at))) {
		if (serving->vias_count == UA_VIAS_MAX)
			break;
		if (ua_value_via(value, &via))
			wrong(out, "Via");
		to[serving->vias_count++] = value;
	}
	if (value) /* more than the 70 hops of Max-Forwards: nobody is answered */
		serving->vias_count = 0;
	if (!serving->vias_count)
		wrong(out, "Via");
	out->has_more_vias = out->raw.is_response && serving->vias_count > 1;
	if (serving->vias_count)
		read_top_via(out, to[0]);
}

/* ---- body --------------------------------------------------------------------------------- */

/* RFC 3261 20.11: a body that need not be understood, and that is not what we take. */
static int is_optional(const struct ua_message *message)
{
	const char *value = ua_raw_first(&message->raw, UA_RAW_CONTENT_DISPOSITION);
	struct ua_part handling;

	return value && ua_value_param(value + ua_value_token(value), "handling", &handling) &&
	       ua_part_like(handling, "optional") &&
	       (message->view.content_encoding || !message->view.content_type ||
		strncasecmp(message->view.content_type, "application/sdp", 15) != 0);
}

/* What cannot be a length, and two that differ, make the end of the body uncertain; a body that is
 * shorter has lost its end (RFC 3261 18.3). */
static void read_body(struct ua_message *out)
{
	const char *value, *first = NULL;
	size_t length = out->raw.body_count;
	uint32_t at = 0;

	while ((value = ua_raw_next(&out->raw, UA_RAW_CONTENT_LENGTH, &at))) {
		size_t digits = strspn(value, "0123456789");

		if (!digits || value[digits] || digits > LENGTH_DIGITS ||
		    (first && strtoul(first, NULL, 10) != strtoul(value, NULL, 10)))
			wrong(out, "Content-Length");
		first = value;
	}
	if (first && !out->why)
		length = strtoul(first, NULL, 10);
	if (length > out->raw.body_count)
		wrong(out, "body shorter than Content-Length");
	else
		out->raw.body_count = length;
	out->raw.texts[out->raw.body - out->raw.texts + (ptrdiff_t)out->raw.body_count] = '\0';
	out->view.body = length ? out->raw.body : NULL;
	out->view.content_type = ua_raw_first(&out->raw, UA_RAW_CONTENT_TYPE);
	out->view.content_encoding = ua_raw_first(&out->raw, UA_RAW_CONTENT_ENCODING);
	if (is_optional(out)) {
		out->view.body = NULL;
		out->view.content_type = out->view.content_encoding = NULL;
	}
}

/* ---- the rest ----------------------------------------------------------------------------- */

/* The first that can be read (B22d). */
static void read_contact(struct ua_message *out)
{
	struct ua_value_address address;
	struct ua_value_uri uri;
	const char *value;
	uint32_t at = 0;

	while ((value = ua_raw_next(&out->raw, UA_RAW_CONTACT, &at)))
		if (!ua_value_address(value, &address) && !ua_value_uri(address.uri, &uri)) {
			out->view.contact = keep(out, address.uri);
			return;
		}
}

static void read_record_routes(struct ua_message *out)
{
	const char **to = out->lists + out->serving.vias_count, *value;
	uint32_t at = 0;

	out->view.record_routes = to;
	while ((value = ua_raw_next(&out->raw, UA_RAW_RECORD_ROUTE, &at)))
		to[out->view.record_routes_count++] = value;
}

static void add_challenges(struct ua_message *out, enum ua_raw_name name)
{
	struct ua_view *view = &out->view;
	const char *value;
	uint32_t at = 0;

	while (view->challenges_count < UA_CHALLENGES_MAX &&
	       (value = ua_raw_next(&out->raw, name, &at)))
		view->challenges[view->challenges_count++] =
			(struct ua_challenge){ .value = value,
					       .by_proxy = name == UA_RAW_PROXY_AUTHENTICATE };
}

static void read_response(struct ua_message *out)
{
	struct ua_view *view = &out->view;

	view->status = out->raw.status;
	view->retry_after = ua_raw_first(&out->raw, UA_RAW_RETRY_AFTER);
	view->min_expires = ua_raw_first(&out->raw, UA_RAW_MIN_EXPIRES);
	add_challenges(out, UA_RAW_WWW_AUTHENTICATE);
	add_challenges(out, UA_RAW_PROXY_AUTHENTICATE);
}

static const char *joined(struct ua_message *out, enum ua_raw_name name)
{
	struct ua_writer writer;
	const char *value;
	uint32_t at = 0;

	if (!ua_raw_first(&out->raw, name))
		return NULL;
	ua_writer_open(&writer, JOINED_MAX);
	while ((value = ua_raw_next(&out->raw, name, &at)))
		ua_writer_add(&writer, writer.length ? ", %s" : "%s", value);
	value = !writer.length || ua_writer_error(&writer)
			? ua_raw_first(&out->raw, name)
			: ua_raw_keep(&out->raw, writer.text, writer.length);
	ua_writer_close(&writer);
	return value;
}

static void read_request(struct ua_message *out)
{
	struct ua_view *view = &out->view;
	struct ua_part whole = { out->raw.uri, strlen(out->raw.uri) };
	struct ua_value_uri uri;

	view->require = joined(out, UA_RAW_REQUIRE);
	if (ua_value_uri(whole, &uri)) {
		wrong(out, "Request-URI");
	} else {
		view->uri_scheme = keep(out, uri.scheme);
		view->uri_user = uri.user.text ? unescaped(out, uri.user) : NULL;
		view->uri_has_headers = uri.has_headers;
	}
	if (view->method && strcmp(view->method, out->raw.method) != 0)
		wrong(out, "CSeq of another method");
	if (out->raw.is_other_version)
		view->refusal = 505;
	else if (out->why)
		view->refusal = 400;
	view->method = out->raw.method;
	/* What is not there is not in the response either. */
	view->from = view->from ? view->from : "";
	view->to = view->to ? view->to : "";
	view->call_id = view->call_id ? view->call_id : "";
}

static int make_lists(struct ua_message *out)
{
	uint32_t count =
		ua_raw_count(&out->raw, UA_RAW_VIA) + ua_raw_count(&out->raw, UA_RAW_RECORD_ROUTE);

	out->lists = calloc(count + 1, sizeof(*out->lists));
	return out->lists ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

int ua_message_read(struct ua_message *out, const char *bytes, size_t count,
		    const struct failover_target *from)
{
	int error;

	memset(out, 0, sizeof(*out));
	error = ua_raw_read(&out->raw, bytes, count);
	if (!error)
		error = make_lists(out);
	if (error)
		return error;
	out->why = out->raw.broken;
	out->view.raw = &out->raw;
	out->view.source = *from;
	read_vias(out);
	read_dialog(out);
	read_body(out);
	read_contact(out);
	read_record_routes(out);
	out->view.expires = ua_raw_first(&out->raw, UA_RAW_EXPIRES);
	if (out->raw.is_response)
		read_response(out);
	else
		read_request(out);
	/* Without these there is nobody to answer, or nothing to find. */
	return out->raw.is_response || out->serving.sent_by ? FAILOVER_OK : FAILOVER_ERR_ARGUMENT;
}

void ua_message_free(struct ua_message *message)
{
	ua_raw_free(&message->raw);
	free(message->lists);
}

/* ---- for a stack -------------------------------------------------------------------------- */

/* All but the two URIs is ours, so that no parser comes upon what nobody needs. */
int ua_message_plain(const struct ua_message *message, char *out, size_t size)
{
	const struct ua_raw *raw = &message->raw;
	struct ua_value_address to;
	struct ua_writer writer;

	if (ua_value_address(message->view.to, &to))
		return FAILOVER_ERR_ARGUMENT;
	ua_writer_init(&writer, out, size);
	ua_writer_add(&writer, "%s %s SIP/2.0\r\n", raw->method, raw->uri);
	ua_writer_add(&writer, "Via: SIP/2.0/UDP plain.invalid;branch=z9hG4bKplain\r\n"
			       "Max-Forwards: 70\r\nFrom: <sip:plain.invalid>;tag=plain\r\n");
	ua_writer_add(&writer, "To: <%.*s>\r\n", (int)to.uri.length, to.uri.text);
	ua_writer_add(&writer, "Call-ID: plain\r\nCSeq: 1 %s\r\nContent-Length: 0\r\n\r\n",
		      raw->method);
	return ua_writer_length(&writer);
}

void ua_message_set(struct ua_view *view, const char **field, const char *text, size_t length)
{
	const char *kept = text ? ua_raw_keep(view->raw, text, length) : NULL;

	if (kept)
		*field = kept;
}

static void let_stack_read(struct ua *ua, struct ua_message *message)
{
	char *text;
	int length;

	if (!ua->stack->read || message->view.refusal)
		return;
	text = malloc(UA_MESSAGE_MAX);
	length = text ? ua_message_plain(message, text, UA_MESSAGE_MAX) : FAILOVER_ERR_MEMORY;
	if (length > 0)
		ua->stack->read(ua, text, (size_t)length, &message->view);
	free(text);
}

/* ---- arrival ------------------------------------------------------------------------------ */

static void take(struct ua_serving *serving, struct ua_message *message)
{
	struct ua *ua = serving->ua;

	if (!message->raw.is_response) {
		let_stack_read(ua, message);
		ua_serving_request(serving, &message->serving);
	} else if (message->why || message->has_more_vias) {
		ua->counters.garbage++;
		ua_bad_answer(ua, &message->view, message->raw.first_line,
			      message->why ? message->why : "Via");
	} else {
		ua_response(ua, &message->view);
	}
}

void ua_message_arrived(struct ua_serving *serving, const char *bytes, size_t count,
			const struct failover_target *from)
{
	struct ua *ua = serving->ua;
	struct ua_message message;

	if (from->transport == FAILOVER_UDP)
		ua_trace_datagram(ua, FAILOVER_TRACE_IN, from, bytes, count);
	if (!ua_pump_screen(ua, bytes, count))
		return;
	if (ua_message_read(&message, bytes, count, from))
		ua->counters.garbage++;
	else
		take(serving, &message);
	ua_message_free(&message);
}
