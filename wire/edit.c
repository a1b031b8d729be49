/* SPDX-License-Identifier: MIT */
/*
 * edit.c - which bytes of a message are changed. All others leave as they came, folds, compact
 * names and order included. Of a request: the branch (16 characters of it, where they are there),
 * the three letters of the Via's transport, a Content-Length that a connection needs, Routes that
 * name what is gone (B23a), credentials for another registrar's nonce (B10), and where no domain is
 * configured the registrar's address in Request-URI, From and To (B23). Of an answer: branch,
 * letters and addresses, back to what the stack wrote.
 */
#include <stdio.h>
#include <string.h>
#include "../ua/edits.h"
#include "../ua/request.h"
#include "../ua/send.h"
#include "wire.h"

struct edits {
	struct ua_edits all;
	char length[UA_LENGTH_LINE];
	char registrar[UA_URI_MAX], from[UA_URI_MAX], to[UA_URI_MAX]; /* texts of some */
};

static void add(struct edits *edits, uint32_t at, uint32_t length, const char *before,
		const char *text)
{
	ua_edits_add(&edits->all, at, length, before, text);
}

/* ---- Via ---------------------------------------------------------------------------------- */

static int is_known_transport(struct ua_part transport)
{
	return ua_part_like(transport, "UDP") || ua_part_like(transport, "TCP") ||
	       ua_part_like(transport, "TLS");
}

int fo_wire_via_read(const struct ua_raw *raw, struct fo_wire_via *out)
{
	const char *value = ua_raw_first(raw, UA_RAW_VIA);
	struct ua_value_via via;
	struct ua_part branch;

	if (!value || ua_value_via(value, &via))
		return FAILOVER_ERR_ARGUMENT;
	if (!is_known_transport(via.transport))
		return FAILOVER_ERR_UNSUPPORTED;
	out->transport = ua_raw_place(raw, via.transport.text);
	if (!ua_value_param(via.params, "branch", &branch)) { /* RFC 2543 */
		out->branch = ua_raw_place(raw, value) + (uint32_t)strlen(value);
		out->length = 0;
		return FAILOVER_OK;
	}
	if (!branch.text || !branch.length)
		return FAILOVER_ERR_ARGUMENT;
	out->branch = ua_raw_place(raw, branch.text);
	out->length = (uint32_t)branch.length;
	return FAILOVER_OK;
}

/* ---- registrars (B23) --------------------------------------------------------------------- */

/* "host:port" of a URI, or of that in the value of From or To; nothing if it cannot be read. */
static struct ua_part host_of(const char *text, int is_value, struct ua_value_uri *uri)
{
	struct ua_value_address address = { .uri = { text, strlen(text) } };

	if ((is_value && ua_value_address(text, &address)) || ua_value_uri(address.uri, uri) ||
	    !uri->host.length)
		return (struct ua_part){ NULL, 0 };
	return (struct ua_part){ uri->host.text, (size_t)(uri->params.text - uri->host.text) };
}

/* That of a registrar of the line, but this one. */
static struct ua_part other_in(const struct ua_account *account, const char *text, int is_value,
			       uint32_t registrar)
{
	struct ua_value_uri uri;
	struct ua_part host = host_of(text, is_value, &uri);
	uint32_t named = host.text ? ua_send_names_registrar(account, &uri) : 0;

	if (!named || named == registrar + 1)
		host.text = NULL;
	return host;
}

int fo_wire_follow(const struct ua_account *account, const char *text, int is_value,
		   uint32_t registrar, struct ua_writer *out)
{
	struct ua_part host = other_in(account, text, is_value, registrar);

	if (host.text) {
		ua_writer_add(out, "%.*s", (int)(host.text - text), text);
		ua_send_add_registrar(out, account, registrar);
		text = host.text + host.length;
	}
	ua_writer_add(out, "%s", text);
	return host.text != NULL;
}

static void follow_value(struct edits *edits, const struct ua_raw *raw, enum ua_raw_name name,
			 const struct ua_account *account, uint32_t registrar)
{
	const char *value = ua_raw_first(raw, name);
	struct ua_part host = { NULL, 0 };

	if (value)
		host = other_in(account, value, 1, registrar);
	if (host.text)
		add(edits, ua_raw_place(raw, host.text), (uint32_t)host.length, "",
		    edits->registrar);
}

/* The URI is changed outside a dialog only: inside it is the peer's Contact. */
static void follow(struct edits *edits, const struct ua_raw *raw, const struct ua_account *account,
		   uint32_t registrar, int with_uri)
{
	uint32_t uri_at = ua_raw_place(raw, raw->first_line) + (uint32_t)strlen(raw->method) + 1;
	struct ua_part host = { NULL, 0 };
	struct ua_writer writer;

	if (!account || !account->domain_follows || registrar >= account->registrars_count)
		return;
	ua_writer_init(&writer, edits->registrar, sizeof(edits->registrar));
	ua_send_add_registrar(&writer, account, registrar);
	edits->all.is_full |= ua_writer_error(&writer) != 0;
	if (with_uri)
		host = other_in(account, raw->uri, 0, registrar);
	if (host.text)
		add(edits, uri_at + (uint32_t)(host.text - raw->uri), (uint32_t)host.length, "",
		    edits->registrar);
	follow_value(edits, raw, UA_RAW_FROM, account, registrar);
	follow_value(edits, raw, UA_RAW_TO, account, registrar);
}

/* ---- requests ----------------------------------------------------------------------------- */

static void cut_credentials(struct edits *edits, const struct fo_wire_request *of,
			    const struct ua_raw *raw, uint8_t registrar)
{
	static const enum ua_raw_name names[] = { UA_RAW_AUTHORIZATION,
						  UA_RAW_PROXY_AUTHORIZATION };
	const struct fo_wire_line *line = fo_wire_line_find(of->wire, of->line);
	struct ua_part bytes = { of->bytes, of->count };
	const char *value;
	size_t i;

	for (i = 0; line && i < sizeof(names) / sizeof(names[0]); i++) {
		uint32_t at = 0;

		while ((value = ua_raw_next(raw, names[i], &at))) {
			uint32_t place = ua_raw_place(raw, value);
			uint32_t start = ua_line_start(bytes, place),
				 end = ua_line_end(bytes, place);

			if (!fo_wire_line_may_send(of->wire, line, value, registrar))
				add(edits, start, end - start, "", "");
		}
	}
}

static int add_rare(struct edits *edits, const struct fo_wire_request *of,
		    const struct ua_request *request)
{
	struct ua_part bytes = { of->bytes, of->count };
	struct ua_raw raw;
	int error;

	if (!request->routes_gone && !of->has_credentials && !of->follows)
		return FAILOVER_OK;
	error = ua_raw_read(&raw, of->bytes, of->count);
	if (!error) {
		ua_edits_cut(
			&edits->all, &raw, bytes,
			&(struct ua_cut){ UA_RAW_ROUTE, request->routes_gone, request->own_route });
		cut_credentials(edits, of, &raw, request->given_registrar);
		follow(edits, &raw, ua_account_find(&of->wire->ua, of->line), request->given_domain,
		       !of->has_dialog);
	}
	ua_raw_free(&raw);
	return error;
}

int fo_wire_request_text(const struct ua_request *request, char *out, size_t size)
{
	const struct fo_wire_request *of =
		(const struct fo_wire_request *)(const void *)request->given;
	struct ua_part bytes = { of->bytes, of->count };
	struct edits edits = { .all.count = 0 };

	if (of->length_at && ua_is_stream(request->local.transport)) {
		snprintf(edits.length, sizeof(edits.length), "%u\r\n", (unsigned)of->body_count);
		add(&edits, of->length_at, 0, "Content-Length: ", edits.length);
	}
	add(&edits, of->via.transport, 3, "", ua_transport_text(request->local.transport));
	add(&edits, of->via.branch, of->via.length,
	    of->via.length ? "" : ";branch=", request->branch);
	if (add_rare(&edits, of, request))
		return FAILOVER_ERR_FULL;
	return ua_edits_apply(&edits.all, bytes, out, size);
}

int fo_wire_ack_text(const struct ua_raw *raw, struct ua_part bytes,
		     const struct fo_wire_ack_way *way, char *out, size_t size)
{
	struct edits edits = { .all.count = 0 };
	struct fo_wire_via via;
	int error = fo_wire_via_read(raw, &via);

	if (error)
		return error;
	if (ua_is_stream(way->transport))
		ua_edits_add_length(&edits.all, raw, bytes, edits.length);
	add(&edits, via.transport, 3, "", ua_transport_text(way->transport));
	follow(&edits, raw, way->account, way->domain, 0);
	return ua_edits_apply(&edits.all, bytes, out, size);
}

int fo_wire_response_text(const struct ua_raw *raw, struct ua_part bytes, uint32_t transport,
			  char *out, size_t size)
{
	struct edits edits = { .all.count = 0 };

	if (ua_is_stream(transport))
		ua_edits_add_length(&edits.all, raw, bytes, edits.length);
	return ua_edits_apply(&edits.all, bytes, out, size);
}

/* ---- answers ------------------------------------------------------------------------------ */

/* From the semicolon on, which blanks may follow. */
static uint32_t param_start(struct ua_part bytes, uint32_t at)
{
	while (at && bytes.text[at] != ';')
		at--;
	return at;
}

/* What stood there when the stack wrote it. */
static void follow_back(struct edits *edits, const struct ua_raw *raw, enum ua_raw_name name,
			const char *written)
{
	const char *value = ua_raw_first(raw, name);
	struct ua_value_uri uri;
	struct ua_part is = { NULL, 0 }, was = host_of(written, 1, &uri);
	char *text = name == UA_RAW_FROM ? edits->from : edits->to;

	if (value)
		is = host_of(value, 1, &uri);
	if (!is.text || !was.text || was.length >= sizeof(edits->from))
		return;
	memcpy(text, was.text, was.length);
	text[was.length] = '\0';
	add(edits, ua_raw_place(raw, is.text), (uint32_t)is.length, "", text);
}

int fo_wire_answer_text(const struct fo_wire_request *of, const struct ua_raw *raw,
			struct ua_part bytes, char *out, size_t size)
{
	char transport[4], branch[UA_MESSAGE_MAX];
	struct edits edits = { .all.count = 0 };
	struct fo_wire_via via;
	int error = fo_wire_via_read(raw, &via);

	if (error || !via.length)
		return error ? error : FAILOVER_ERR_ARGUMENT;
	memcpy(transport, of->bytes + of->via.transport, 3);
	transport[3] = '\0';
	memcpy(branch, of->bytes + of->via.branch, of->via.length);
	branch[of->via.length] = '\0';
	add(&edits, via.transport, 3, "", transport);
	if (of->via.length) {
		add(&edits, via.branch, via.length, "", branch);
	} else {
		uint32_t start = param_start(bytes, via.branch);

		add(&edits, start, via.branch + via.length - start, "", "");
	}
	if (of->follows) {
		follow_back(&edits, raw, UA_RAW_FROM, of->from);
		follow_back(&edits, raw, UA_RAW_TO, of->to);
	}
	return ua_edits_apply(&edits.all, bytes, out, size);
}
