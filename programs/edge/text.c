/* SPDX-License-Identifier: MIT */
/* text.c - see text.h. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "../../ua/edits.h"
#include "../../ua/net/address.h"
#include "text.h"

#define HOPS 70u

/* ---- Max-Forwards ------------------------------------------------------------------------- */

uint32_t edge_text_hops(const struct ua_raw *raw)
{
	const char *value = ua_raw_first(raw, UA_RAW_MAX_FORWARDS);
	uint32_t hops = 0;

	if (!value)
		return HOPS;
	(void)ua_part_number((struct ua_part){ value, strlen(value) }, 255, &hops);
	return hops;
}

/* One less, in `text`; `at`: where it is written if it is not there. */
static void spend_hop(struct ua_edits *edits, const struct ua_raw *raw, uint32_t at, char text[8])
{
	const char *value = ua_raw_first(raw, UA_RAW_MAX_FORWARDS);

	snprintf(text, 8, "%u", (unsigned)((edge_text_hops(raw) - 1) & 0xff));
	if (value) {
		ua_edits_add(edits, ua_raw_place(raw, value), (uint32_t)strlen(value), "", text);
		return;
	}
	ua_edits_add(edits, at, 0, "Max-Forwards: ", text);
	ua_edits_add(edits, at, 0, "", "\r\n");
}

/* ---- Via ---------------------------------------------------------------------------------- */

static uint32_t first_via_line(const struct ua_raw *raw, struct ua_part bytes)
{
	const char *value = ua_raw_first(raw, UA_RAW_VIA);

	return value ? ua_line_start(bytes, ua_raw_place(raw, value)) : 0;
}

/* ";rport" without a value: what is behind it, or NULL. */
static const char *empty_rport(const char *params)
{
	const char *at = params;

	while ((at = strchr(at, ';'))) {
		at += 1 + strspn(at + 1, " ");
		if (!strncasecmp(at, "rport", 5) && (!at[5] || at[5] == ';' || at[5] == ' '))
			return at + 5;
	}
	return NULL;
}

static int names_host(const struct ua_value_via *via, const struct failover_target *from)
{
	char host[UA_ADDRESS_TEXT];

	ua_address_host(from, host);
	return ua_part_like(via->host, host);
}

void edge_text_via(const char *value, const struct failover_target *from, struct ua_writer *out)
{
	struct ua_value_via via;
	const char *behind;
	char host[UA_ADDRESS_TEXT];

	if (ua_value_via(value, &via)) {
		ua_writer_add(out, "%s", value);
		return;
	}
	behind = empty_rport(via.params);
	if (behind)
		ua_writer_add(out, "%.*s=%u%s", (int)(behind - value), value, (unsigned)from->port,
			      behind);
	else
		ua_writer_add(out, "%s", value);
	/* No brackets there (RFC 3261 25.1). */
	ua_address_host(from, host);
	host[strcspn(host, "]")] = '\0';
	if (behind || !names_host(&via, from))
		ua_writer_add(out, ";received=%s", host + (host[0] == '['));
}

/* ---- Contact ------------------------------------------------------------------------------ */

static void replace_contact(struct ua_edits *edits, const struct ua_raw *raw, const char *uri)
{
	const char *value = ua_raw_first(raw, UA_RAW_CONTACT);
	struct ua_value_address address;
	int is_bare;

	if (!uri || !value || ua_value_address(value, &address))
		return;
	is_bare = !memchr(value, '<', (size_t)(address.uri.text - value));
	ua_edits_add(edits, ua_raw_place(raw, address.uri.text), (uint32_t)address.uri.length,
		     is_bare ? "<" : "", uri);
	if (is_bare)
		ua_edits_add(edits,
			     ua_raw_place(raw, address.uri.text) + (uint32_t)address.uri.length, 0,
			     "", ">");
}

/* ---- CSeq --------------------------------------------------------------------------------- */

/* The number that stands there, first in this value: another one, in `text`. */
static void shift(struct ua_edits *edits, const struct ua_raw *raw, const char *value, int64_t by,
		  char text[16])
{
	size_t length = value ? strspn(value, "0123456789") : 0;
	uint32_t number = 0;

	if (!by || !length ||
	    ua_part_number((struct ua_part){ value, length }, UINT32_MAX, &number))
		return;
	snprintf(text, 16, "%lu", (unsigned long)(uint32_t)(number + by));
	ua_edits_add(edits, ua_raw_place(raw, value), (uint32_t)length, "", text);
}

/* RFC 3262 7.2: behind its own number stands the CSeq of the INVITE. */
static const char *cseq_of_rack(const struct ua_raw *raw)
{
	const char *value = ua_raw_first(raw, UA_RAW_RACK);

	if (!value)
		return NULL;
	value += strspn(value, "0123456789");
	return value + strspn(value, " ");
}

/* ---- up ----------------------------------------------------------------------------------- */

int edge_text_up(const struct ua_message *message, struct ua_part bytes,
		 const struct edge_text_up *how, struct edge_text_out out)
{
	const struct ua_raw *raw = &message->raw;
	struct ua_edits edits = { .count = 0 };
	char hops[8], cseq[16], rack[16];

	spend_hop(&edits, raw, first_via_line(raw, bytes), hops);
	ua_edits_cut(&edits, raw, bytes,
		     &(struct ua_cut){ UA_RAW_VIA, ua_raw_count(raw, UA_RAW_VIA), how->via });
	shift(&edits, raw, ua_raw_first(raw, UA_RAW_CSEQ), how->cseq_more, cseq);
	shift(&edits, raw, cseq_of_rack(raw), how->cseq_more, rack);
	ua_edits_cut(&edits, raw, bytes, &(struct ua_cut){ UA_RAW_ROUTE, how->routes_gone, "" });
	replace_contact(&edits, raw, how->contact);
	return ua_edits_apply(&edits, bytes, out.text, out.size);
}

int edge_text_again(const struct ua_message *message, struct ua_part bytes,
		    const struct edge_text_again *how, struct edge_text_out out)
{
	const struct ua_raw *raw = &message->raw;
	const char *via = ua_raw_first(raw, UA_RAW_VIA), *value = ua_raw_first(raw, UA_RAW_CSEQ);
	struct ua_edits edits = { .count = 0 };
	struct ua_value_via own;
	struct ua_part branch;
	char cseq[16];

	if (!via || !value || ua_value_via(via, &own) ||
	    !ua_value_param(own.params, "branch", &branch) || !branch.text)
		return FAILOVER_ERR_ARGUMENT;
	ua_edits_add(&edits, ua_raw_place(raw, branch.text), (uint32_t)branch.length, "",
		     how->branch);
	ua_edits_add(&edits, ua_line_start(bytes, ua_raw_place(raw, value)), 0, "", how->lines);
	shift(&edits, raw, value, how->cseq_more, cseq);
	return ua_edits_apply(&edits, bytes, out.text, out.size);
}

/* The client is the one who asked: its first hop is the last Record-Route (RFC 3261 12.1.2). */
static void add_last_record_route(struct ua_edits *edits, const struct ua_raw *raw,
				  struct ua_part bytes, const char *record_route)
{
	uint32_t place = first_via_line(raw, bytes), at = 0;
	const char *value;

	while ((value = ua_raw_next(raw, UA_RAW_RECORD_ROUTE, &at)))
		place = ua_line_end(bytes, ua_raw_place(raw, value));
	ua_edits_add(edits, place, 0, "Record-Route: ", record_route);
	ua_edits_add(edits, place, 0, "", "\r\n");
}

int edge_text_up_answer(const struct ua_message *message, struct ua_part bytes,
			const struct edge_text_up_answer *how, struct edge_text_out out)
{
	const struct ua_raw *raw = &message->raw;
	const char *contact = ua_raw_first(raw, UA_RAW_CONTACT);
	struct ua_edits edits = { .count = 0 };
	char cseq[16], line[UA_LENGTH_LINE];

	if (how->over_stream)
		ua_edits_add_length(&edits, raw, bytes, line);
	shift(&edits, raw, ua_raw_first(raw, UA_RAW_CSEQ), -(int64_t)how->cseq_less, cseq);
	if (how->record_route)
		add_last_record_route(&edits, raw, bytes, how->record_route);
	ua_edits_add(&edits, first_via_line(raw, bytes), 0, "", how->vias);
	ua_edits_cut(&edits, raw, bytes,
		     &(struct ua_cut){ UA_RAW_VIA, ua_raw_count(raw, UA_RAW_VIA), "" });
	if (how->contact && contact)
		ua_edits_add(&edits, ua_raw_place(raw, contact), (uint32_t)strlen(contact), "",
			     how->contact);
	return ua_edits_apply(&edits, bytes, out.text, out.size);
}

/* ---- down --------------------------------------------------------------------------------- */

/* The client is the one who is asked: its first hop is the first Record-Route (RFC 3261 12.1.1). */
static void add_first_record_route(struct ua_edits *edits, const struct ua_raw *raw,
				   struct ua_part bytes, const char *record_route)
{
	const char *first = ua_raw_first(raw, UA_RAW_RECORD_ROUTE);
	uint32_t place =
		first ? ua_line_start(bytes, ua_raw_place(raw, first)) : first_via_line(raw, bytes);

	ua_edits_add(edits, place, 0, "Record-Route: ", record_route);
	ua_edits_add(edits, place, 0, "", "\r\n");
}

int edge_text_down(const struct ua_message *message, struct ua_part bytes,
		   const struct edge_text_down *how, struct edge_text_out out)
{
	const struct ua_raw *raw = &message->raw;
	const char *via = ua_raw_first(raw, UA_RAW_VIA);
	uint32_t uri_at = (uint32_t)strlen(raw->method) + 1, line = first_via_line(raw, bytes);
	struct ua_edits edits = { .count = 0 };
	char hops[8], seen[1024], length_line[UA_LENGTH_LINE];
	struct ua_writer writer;

	ua_writer_init(&writer, seen, sizeof(seen));
	edge_text_via(via, &message->view.source, &writer);
	if (ua_writer_error(&writer))
		return FAILOVER_ERR_FULL;
	ua_edits_add(&edits, ua_raw_place(raw, raw->first_line) + uri_at,
		     (uint32_t)strlen(raw->uri), "", how->uri);
	if (how->over_stream)
		ua_edits_add_length(&edits, raw, bytes, length_line);
	if (how->record_route)
		add_first_record_route(&edits, raw, bytes, how->record_route);
	ua_edits_add(&edits, line, 0, "Via: ", how->via);
	ua_edits_add(&edits, line, 0, "", "\r\n");
	spend_hop(&edits, raw, line, hops);
	ua_edits_add(&edits, ua_raw_place(raw, via), (uint32_t)strlen(via), "", seen);
	ua_edits_cut(&edits, raw, bytes, &(struct ua_cut){ UA_RAW_ROUTE, how->routes_gone, "" });
	return ua_edits_apply(&edits, bytes, out.text, out.size);
}

int edge_text_down_answer(const struct ua_message *message, struct ua_part bytes,
			  const struct edge_text_down_answer *how, struct edge_text_out out)
{
	const struct ua_raw *raw = &message->raw;
	struct ua_edits edits = { .count = 0 };

	ua_edits_cut(&edits, raw, bytes, &(struct ua_cut){ UA_RAW_VIA, 1, "" });
	ua_edits_cut(&edits, raw, bytes,
		     &(struct ua_cut){ UA_RAW_RECORD_ROUTE, how->record_routes_gone, "" });
	replace_contact(&edits, raw, how->contact);
	return ua_edits_apply(&edits, bytes, out.text, out.size);
}
