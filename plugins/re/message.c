/* SPDX-License-Identifier: MIT */
/* message.c - libre's parser: what it read, as the user agent wants it. */
#include <stdlib.h>
#include <string.h>
#include "message.h"

#define STATUS_AT 8 /* "SIP/2.0 " */

/* ---- headers ------------------------------------------------------------------------------ */

/* libre knows a header by twelve bits of a hash, which another name may have too: its name is
 * compared. */
struct name {
	enum sip_hdrid id;
	const char *whole, *compact;
};

static const struct name via = { SIP_HDR_VIA, "Via", "v" };
static const struct name from_name = { SIP_HDR_FROM, "From", "f" };
static const struct name to_name = { SIP_HDR_TO, "To", "t" };
static const struct name call_id = { SIP_HDR_CALL_ID, "Call-ID", "i" };
static const struct name cseq = { SIP_HDR_CSEQ, "CSeq", "" };
static const struct name content_length = { SIP_HDR_CONTENT_LENGTH, "Content-Length", "l" };
static const struct name content_type = { SIP_HDR_CONTENT_TYPE, "Content-Type", "c" };
static const struct name contact = { SIP_HDR_CONTACT, "Contact", "m" };
static const struct name record_route = { SIP_HDR_RECORD_ROUTE, "Record-Route", "" };
static const struct name service_route = { SIP_HDR_SERVICE_ROUTE, "Service-Route", "" };
static const struct name www_authenticate = { SIP_HDR_WWW_AUTHENTICATE, "WWW-Authenticate", "" };
static const struct name proxy_authenticate = { SIP_HDR_PROXY_AUTHENTICATE, "Proxy-Authenticate",
						"" };
static const struct name retry_after = { SIP_HDR_RETRY_AFTER, "Retry-After", "" };
static const struct name min_expires = { SIP_HDR_NONE, "Min-Expires", "" };
static const struct name expires = { SIP_HDR_EXPIRES, "Expires", "" };
static const struct name require = { SIP_HDR_REQUIRE, "Require", "" };

static int is_named(const struct sip_hdr *header, const struct name *name)
{
	return !pl_strcasecmp(&header->name, name->whole) ||
	       (name->compact[0] && !pl_strcasecmp(&header->name, name->compact));
}

struct search {
	const struct name *name;
	const struct sip_hdr *found; /* the first */
	uint32_t count, others;
};

static bool look(const struct sip_hdr *header, const struct sip_msg *message, void *arg)
{
	struct search *search = arg;

	(void)message;
	if (!is_named(header, search->name)) {
		search->others++;
		return false;
	}
	search->count++;
	if (!search->found)
		search->found = header;
	return false;
}

static struct search search_for(const struct sip_msg *message, const struct name *name)
{
	struct search search = { .name = name };

	if (name->id == SIP_HDR_NONE)
		(void)sip_msg_xhdr_apply(message, true, name->whole, look, &search);
	else
		(void)sip_msg_hdr_apply(message, true, name->id, look, &search);
	return search;
}

/* One of them, and nothing that libre could have taken for it. */
static int has_one(const struct sip_msg *message, const struct name *name)
{
	struct search search = search_for(message, name);

	return search.count == 1 && !search.others;
}

/* Three digits; libre reads a number of any length. */
static int has_status(const struct sip_msg *message)
{
	const char *line = (const char *)message->mb->buf;

	return message->scode >= 100 && message->scode <= 699 && message->mb->end > STATUS_AT + 3 &&
	       line[STATUS_AT + 3] == ' ';
}

/* What cannot be a length makes the end of the body uncertain; a body that is shorter has lost its
 * end (RFC 3261 18.3). */
static int is_length_sound(const struct sip_msg *message)
{
	struct search lengths = search_for(message, &content_length);
	const struct pl *value = &message->clen;
	size_t i;

	if (lengths.count > 1 || lengths.others || value->l > 9)
		return 0;
	for (i = 0; i < value->l; i++)
		if (value->p[i] < '0' || value->p[i] > '9')
			return 0;
	return !value->l || pl_u32(value) <= mbuf_get_left(message->mb);
}

/* libre takes a name for whatever is before "<". */
static int is_quoted(const struct pl *value)
{
	size_t i;
	int inside = 0;

	for (i = 0; i < value->l; i++)
		if (value->p[i] == '"')
			inside = !inside;
		else if (value->p[i] == '\\' && inside)
			i++;
	return !inside;
}

int fo_re_message_is_complete(const struct sip_msg *message)
{
	struct search vias = search_for(message, &via);

	if (!vias.count || vias.count > UA_VIAS_MAX || vias.others || !is_length_sound(message) ||
	    !has_one(message, &from_name) || !has_one(message, &to_name) ||
	    !has_one(message, &call_id) || !has_one(message, &cseq))
		return 0;
	if (!pl_isset(&message->from.auri) || !pl_isset(&message->to.auri) ||
	    !pl_isset(&message->callid) || !pl_isset(&message->cseq.met) ||
	    !is_quoted(&message->from.val) || !is_quoted(&message->to.val))
		return 0;
	/* RFC 3261 18.1.2, 8.1.3.3: a response has one Via, ours. */
	if (!message->req)
		return vias.count == 1 && pl_isset(&message->via.branch) && has_status(message);
	return pl_isset(&message->met) && pl_isset(&message->uri.scheme) &&
	       !pl_cmp(&message->met, &message->cseq.met);
}

/* ---- texts -------------------------------------------------------------------------------- */

/* A copy with its end; a folded line becomes one (RFC 3261 7.3.1). NULL = not there. */
static const char *text(struct fo_re_view *out, const struct pl *from)
{
	char *to = out->texts + out->used;
	size_t i;

	if (!from->p || out->room - out->used < from->l + 1)
		return NULL;
	for (i = 0; i < from->l; i++)
		to[i] = (unsigned char)from->p[i] < ' ' ? ' ' : from->p[i];
	to[i] = '\0';
	out->used += from->l + 1;
	return to;
}

static const char *user_text(struct fo_re_view *out, const struct pl *user)
{
	char *to = out->texts + out->used;
	size_t room = out->room - out->used;
	int length;

	if (!pl_isset(user) || room < user->l + 1)
		return NULL;
	length = re_snprintf(to, room, "%H", uri_user_unescape, user);
	if (length < 0)
		return NULL;
	out->used += (size_t)length + 1;
	return to;
}

static const char *value(struct fo_re_view *out, const struct name *name)
{
	struct search search = search_for(out->message, name);

	return search.found ? text(out, &search.found->val) : NULL;
}

/* ---- lists -------------------------------------------------------------------------------- */

struct values {
	struct fo_re_view *out;
	const struct name *name;
	const char **texts;
	uint32_t count, max;
	int failed;
};

static bool take_value(const struct sip_hdr *header, const struct sip_msg *message, void *arg)
{
	struct values *values = arg;

	(void)message;
	if (!is_named(header, values->name))
		return false;
	if (values->count == values->max) {
		values->failed = 1;
		return true;
	}
	values->texts[values->count] = text(values->out, &header->val);
	if (!values->texts[values->count])
		values->failed = 1;
	values->count++;
	return false;
}

/* Returns how many there are; max + 1 = more than can be taken. */
static uint32_t read_values(struct fo_re_view *out, const struct name *name, const char **texts,
			    uint32_t max)
{
	struct values values = { .out = out, .name = name, .texts = texts, .max = max };

	(void)sip_msg_hdr_apply(out->message, true, name->id, take_value, &values);
	return values.failed ? max + 1 : values.count;
}

static const char *param(struct fo_re_view *out, const struct pl *params, const char *name)
{
	struct pl found;

	return msg_param_decode(params, name, &found) ? NULL : text(out, &found);
}

static bool take_contact(const struct sip_hdr *header, const struct sip_msg *message, void *arg)
{
	struct fo_re_view *out = arg;
	struct ua_contact *to = &out->view.contacts[out->view.contacts_count];
	struct sip_addr address;

	(void)message;
	if (!is_named(header, &contact) || sip_addr_decode(&address, &header->val) ||
	    !pl_isset(&address.uri.host))
		return false;
	to->user = user_text(out, &address.uri.user);
	to->host = text(out, &address.uri.host);
	to->port = address.uri.port;
	to->expires = param(out, &address.params, "expires");
	out->view.contacts_count++;
	return out->view.contacts_count == UA_CONTACTS_MAX;
}

/* ---- views -------------------------------------------------------------------------------- */

static void read_response(struct fo_re_view *out)
{
	const struct sip_msg *message = out->message;
	struct ua_view *view = &out->view;
	uint32_t count;

	view->status = message->scode;
	view->retry_after = value(out, &retry_after);
	view->min_expires = value(out, &min_expires);
	view->expires = value(out, &expires);
	if (view->status == 401 || view->status == 407) {
		count = read_values(out,
				    view->status == 407 ? &proxy_authenticate : &www_authenticate,
				    view->challenges, UA_CHALLENGES_MAX);
		view->challenges_count = count > UA_CHALLENGES_MAX ? UA_CHALLENGES_MAX : count;
	}
	if (strcmp(view->method, "REGISTER") != 0 || view->status < 200 || view->status > 299)
		return;
	(void)sip_msg_hdr_apply(message, true, SIP_HDR_CONTACT, take_contact, out);
	view->service_routes_count =
		read_values(out, &service_route, view->service_routes, UA_ROUTES_MAX);
}

static void read_request(struct fo_re_view *out)
{
	const struct sip_msg *message = out->message;

	out->view.uri_scheme = text(out, &message->uri.scheme);
	out->view.uri_has_headers = pl_isset(&message->uri.headers);
	out->view.content_type = value(out, &content_type);
	out->view.uri_user = user_text(out, &message->uri.user);
	out->view.to_user = user_text(out, &message->to.uri.user);
	out->view.from_uri = text(out, &message->from.auri);
	out->view.require = value(out, &require);
}

/* Returns 0 or FAILOVER_ERR_MEMORY. */
static int read_vias(struct fo_re_view *out)
{
	struct ua_serving_message *serving = &out->serving;
	struct pl rport;

	serving->view = &out->view;
	serving->vias = out->vias;
	serving->vias_count = read_values(out, &via, out->vias, UA_VIAS_MAX);
	serving->sent_by = text(out, &out->message->via.sentby);
	serving->has_rport = !msg_param_exists(&out->message->via.params, "rport", &rport);
	return serving->vias_count > UA_VIAS_MAX || !serving->sent_by ? FAILOVER_ERR_MEMORY
								      : FAILOVER_OK;
}

static void read_contact(struct fo_re_view *out)
{
	struct search search = search_for(out->message, &contact);
	struct sip_addr address;

	if (search.found && !sip_addr_decode(&address, &search.found->val) &&
	    pl_isset(&address.uri.host))
		out->view.contact = text(out, &address.auri);
}

/* Where the body ends: at what Content-Length says, if that is there. */
static void read_body(struct fo_re_view *out)
{
	struct mbuf *mb = out->message->mb;
	size_t left = mbuf_get_left(mb);

	if (pl_isset(&out->message->clen) && pl_u32(&out->message->clen) < left)
		left = pl_u32(&out->message->clen);
	mb->buf[mb->pos + left] = '\0';
	out->view.body = left ? (const char *)mbuf_buf(mb) : NULL;
}

int fo_re_view_init(struct fo_re_view *out, struct sip_msg *message,
		    const struct failover_target *from)
{
	struct ua_view *view = &out->view;

	memset(out, 0, sizeof(*out));
	/* No byte of it is copied more than three times, each copy with its end. */
	out->room = 4 * message->mb->end + 1024;
	out->texts = malloc(out->room);
	if (!out->texts)
		return FAILOVER_ERR_MEMORY;
	out->message = mem_ref(message);
	view->message = out;
	view->source = *from;
	view->cseq = !message->req && message->cseq.num > INT32_MAX ? 0 : message->cseq.num;
	view->method = text(out, &message->cseq.met);
	/* Requests of RFC 2543 have none. */
	if (pl_isset(&message->via.branch))
		view->branch = text(out, &message->via.branch);
	view->call_id = text(out, &message->callid);
	view->from = text(out, &message->from.val);
	view->to = text(out, &message->to.val);
	view->from_tag = pl_isset(&message->from.tag) ? text(out, &message->from.tag) : NULL;
	view->to_tag = pl_isset(&message->to.tag) ? text(out, &message->to.tag) : NULL;
	if (!view->method || !view->call_id || !view->from || !view->to)
		return FAILOVER_ERR_MEMORY;
	read_contact(out);
	view->record_routes_count =
		read_values(out, &record_route, view->record_routes, UA_ROUTES_MAX);
	read_body(out);
	if (message->req) {
		read_request(out);
		return read_vias(out);
	}
	read_response(out);
	return FAILOVER_OK;
}

void fo_re_view_free(struct fo_re_view *view)
{
	mem_deref(view->message);
	free(view->texts);
}
