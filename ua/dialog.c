/* SPDX-License-Identifier: MIT */
/* dialog.c - what a dialog is made of (B9), and where its requests go (B23a). The route set is
 * taken once, at set-up; the remote target changes when the peer refreshes it (B23b). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "writer.h"
#include "dialog.h"
#include "hop.h"
#include "request.h"

void ua_dialog_clear(struct ua_dialog *dialog)
{
	free(dialog->local);
	free(dialog->remote);
	free(dialog->target);
	free(dialog->routes);
	memset(dialog, 0, sizeof(*dialog));
}

#define ROUTES_TEXT (UA_MESSAGE_MAX - 4096u) /* what else is in a request has the rest */
#define ROUTE_NAME (sizeof("Route: \r\n") - 1)

/* ---- texts -------------------------------------------------------------------------------- */

/* What a peer has written goes into our headers: a line end in it would make new ones. */
static char *copy(const char *text)
{
	return text && !ua_text_has_control(text) ? strdup(text) : NULL;
}

/* RFC 3261 12.1.2: the caller takes Record-Route from bottom to top, the callee (12.1.1) in order.
 * Returns 0 or a negative error. */
static int take_routes(struct ua_dialog *dialog, const struct ua_view *view, int reversed)
{
	uint32_t i, count = view->record_routes_count;
	size_t size = 1;
	char *at;

	for (i = 0; i < count; i++) {
		if (ua_text_has_control(view->record_routes[i]))
			return FAILOVER_ERR_ARGUMENT;
		size += strlen(view->record_routes[i]) + 1;
	}
	if (size + count * ROUTE_NAME > ROUTES_TEXT) /* no request could carry it */
		return FAILOVER_ERR_FULL;
	dialog->routes = malloc(count * sizeof(*dialog->routes) + size);
	if (!dialog->routes)
		return FAILOVER_ERR_MEMORY;
	at = (char *)(dialog->routes + count);
	for (i = 0; i < count; i++) {
		const char *route = view->record_routes[reversed ? count - 1 - i : i];

		dialog->routes[i] = strcpy(at, route);
		at += strlen(route) + 1;
	}
	dialog->routes_count = count;
	return FAILOVER_OK;
}

static int copy_text(char *out, size_t size, const char *text)
{
	struct ua_writer writer;

	ua_writer_init(&writer, out, size);
	ua_writer_add(&writer, "%s", text ? text : "");
	return ua_text_has_control(out) ? FAILOVER_ERR_ARGUMENT : ua_writer_error(&writer);
}

/* ---- making ------------------------------------------------------------------------------- */

static int set_names(struct ua_dialog *dialog, const char *call_id, const char *local_tag,
		     const char *remote_tag)
{
	int error = copy_text(dialog->call_id, sizeof(dialog->call_id), call_id);

	if (!error)
		error = copy_text(dialog->local_tag, sizeof(dialog->local_tag), local_tag);
	if (!error)
		error = copy_text(dialog->remote_tag, sizeof(dialog->remote_tag), remote_tag);
	return error;
}

static int check(struct ua_dialog *dialog, int error)
{
	if (!error && dialog->local && dialog->remote && dialog->target)
		return FAILOVER_OK;
	ua_dialog_clear(dialog);
	return error ? error : FAILOVER_ERR_ARGUMENT;
}

/* Without a Contact the URI that the INVITE was for: even then BYE goes somewhere. */
int ua_dialog_of_caller(struct ua_dialog *dialog, const struct ua_request *invite,
			const struct ua_view *response)
{
	int error;

	memset(dialog, 0, sizeof(*dialog));
	error = set_names(dialog, invite->call_id, ua_request_tag(invite), response->to_tag);
	if (!error)
		error = take_routes(dialog, response, 1);
	dialog->local = copy(invite->from);
	dialog->remote = copy(response->to);
	dialog->target = copy(response->contact ? response->contact : invite->uri);
	dialog->local_cseq = invite->cseq;
	return check(dialog, error);
}

static char *with_tag(const char *value, const char *tag)
{
	char text[1024];
	struct ua_writer writer;

	ua_writer_init(&writer, text, sizeof(text));
	ua_writer_add(&writer, "%s;tag=%s", value ? value : "", tag);
	return ua_writer_error(&writer) ? NULL : copy(text);
}

int ua_dialog_of_callee(struct ua_dialog *dialog, const struct ua_view *invite, const char *tag)
{
	int error;

	memset(dialog, 0, sizeof(*dialog));
	error = set_names(dialog, invite->call_id, tag, invite->from_tag);
	if (!error)
		error = take_routes(dialog, invite, 0);
	dialog->local = with_tag(invite->to, tag);
	dialog->remote = copy(invite->from);
	dialog->target = copy(invite->contact ? invite->contact : invite->from_uri);
	dialog->remote_cseq = invite->cseq;
	return check(dialog, error);
}

int ua_dialog_refresh(struct ua_dialog *dialog, const char *contact)
{
	char *target = contact ? copy(contact) : NULL;

	if (!target)
		return contact ? FAILOVER_ERR_ARGUMENT : FAILOVER_OK;
	free(dialog->target);
	dialog->target = target;
	return FAILOVER_OK;
}

/* ---- where to (B23a) ---------------------------------------------------------------------- */

static int is_gone(const struct ua_dialog_request *request, const struct ua_value_uri *uri)
{
	uint32_t i;

	for (i = 0; i < request->gone_count; i++)
		if (ua_hop_is(request->account, uri, &request->gone[i]))
			return 1;
	return 0;
}

/* How many of the first Routes name what was found unavailable. One server may have two, one for
 * each side of it (r2=on). */
static uint32_t count_gone(const struct ua_dialog *dialog, const struct ua_dialog_request *request)
{
	struct ua_value_uri uri;
	struct ua_part none;
	uint32_t i;
	int pair = 0;

	for (i = 0; i < dialog->routes_count; i++) {
		if (ua_hop_read_route(dialog->routes[i], &uri))
			break;
		if (is_gone(request, &uri))
			pair = ua_value_uri_param(&uri, "r2", &none);
		else if (pair && ua_value_uri_param(&uri, "r2", &none))
			pair = 0;
		else
			break;
	}
	return i;
}

static void add_own_route(struct ua_dialog_way *way, const struct failover_target *target)
{
	char address[UA_ADDRESS_TEXT];
	struct ua_writer writer;

	ua_writer_init(&writer, way->own, sizeof(way->own));
	ua_writer_add(&writer, "<sip:%s%s;lr>", ua_address_text(target, address),
		      ua_transport_param(target->transport));
	way->first = way->own;
}

/* With a route set: its first entry says where to. An entry that names what has failed gives way to
 * the new hop, which then finds itself there, as a proxy expects. */
static void go_by_routes(const struct ua_dialog *dialog, const struct ua_dialog_request *request,
			 struct ua_dialog_way *way)
{
	struct ua_value_uri uri;
	int known;

	way->from = count_gone(dialog, request);
	known = way->from < dialog->routes_count &&
		!ua_hop_read_route(dialog->routes[way->from], &uri);
	if (way->from) {
		if (!known || !ua_hop_is(request->account, &uri, request->target))
			add_own_route(way, request->target);
		return;
	}
	if (known)
		(void)ua_hop_find(request->account, &uri, request->target, request->caller,
				  &way->hop);
}

/* Without: to the proxy that is configured, else to the Contact. */
static void go_by_contact(const struct ua_dialog *dialog, const struct ua_dialog_request *request,
			  struct ua_dialog_way *way)
{
	const struct ua_account *account = request->account;
	struct ua_value_uri uri;

	if (account->in_dialog == FAILOVER_IN_DIALOG_TARGET ||
	    (account->in_dialog == FAILOVER_IN_DIALOG_AUTO && request->target->hop) ||
	    ua_hop_read_uri(dialog->target, &uri) || is_gone(request, &uri))
		return;
	(void)ua_hop_find(account, &uri, request->target, request->caller, &way->hop);
}

void ua_dialog_find_way(const struct ua_dialog *dialog, const struct ua_dialog_request *request,
			struct ua_dialog_way *way)
{
	*way = (struct ua_dialog_way){ .hop = *request->target };
	if (!request->account)
		return;
	if (dialog->routes_count)
		go_by_routes(dialog, request, way);
	else
		go_by_contact(dialog, request, way);
	if (ua_address_same(&way->hop, request->target))
		way->hop = *request->target;
}

/* ---- requests inside ---------------------------------------------------------------------- */

static const char *route_of(const struct ua_dialog *dialog, const struct ua_dialog_way *way,
			    uint32_t pos)
{
	if (way->first && pos-- == 0)
		return way->first;
	return way->from + pos < dialog->routes_count ? dialog->routes[way->from + pos] : NULL;
}

/* Request-URI and Route lines, which follow each other in text. Returns 0 or a negative error. */
static int write_route(const struct ua_dialog *dialog, const struct ua_dialog_way *way,
		       struct ua_writer *target, struct ua_writer *lines)
{
	const char *route = route_of(dialog, way, 0);
	struct ua_value_uri first;
	struct ua_part none;
	int strict = route && !ua_hop_read_route(route, &first) &&
		     !ua_value_uri_param(&first, "lr", &none);
	uint32_t pos;

	if (strict)
		ua_hop_write_uri(&first, target); /* RFC 3261 12.2.1.1 */
	else
		ua_writer_add(target, "%s", dialog->target);
	for (pos = strict ? 1 : 0; (route = route_of(dialog, way, pos)); pos++)
		ua_writer_add(lines, "Route: %s\r\n", route);
	if (strict)
		ua_writer_add(lines, "Route: <%s>\r\n", dialog->target);
	return ua_writer_error(target) ? ua_writer_error(target) : ua_writer_error(lines);
}

struct ua_request *ua_dialog_request(struct ua *ua, const struct ua_dialog *dialog,
				     const struct ua_dialog_request *request,
				     struct failover_target *hop)
{
	char branch[UA_BRANCH];
	struct ua_writer uri, routes;
	struct ua_request *made = NULL;
	struct ua_dialog_way way;
	struct ua_request parts = {
		.method = request->method,
		.from = dialog->local,
		.to = dialog->remote,
		.call_id = dialog->call_id,
		.cseq = request->cseq,
		.branch = branch,
		.user_agent = ua->user_agent,
		.overload = request->account && request->account->overload,
	};

	if (!dialog->target || ua_branch(ua, branch))
		return NULL;
	ua_dialog_find_way(dialog, request, &way);
	if (ua->stack->local(ua, &way.hop, &parts.local)) {
		/* way.hop has a family or transport that the stack lacks */
		if (ua->stack->local(ua, request->target, &parts.local))
			return NULL;
		*hop = *request->target;
	} else {
		*hop = way.hop;
	}
	ua_writer_open(&uri, UA_MESSAGE_MAX);
	ua_writer_open(&routes, UA_MESSAGE_MAX);
	if (!write_route(dialog, &way, &uri, &routes)) {
		parts.uri = uri.text;
		parts.routes = routes.text;
		made = ua_request_copy(&parts);
	}
	ua_writer_close(&uri);
	ua_writer_close(&routes);
	return made;
}
