/* SPDX-License-Identifier: MIT */
/* dialog.c - route set and remote target are taken once, at set-up; in a move only the next hop
 * changes (B9), which is not part of them. */
#include <stdlib.h>
#include <string.h>
#include "writer.h"
#include "dialog.h"
#include "request.h"

#define ROUTES_TEXT 4096

void ua_dialog_clear(struct ua_dialog *dialog)
{
	free(dialog->local);
	free(dialog->remote);
	free(dialog->target);
	free(dialog->routes);
	memset(dialog, 0, sizeof(*dialog));
}

/* ---- texts -------------------------------------------------------------------------------- */

/* What a peer has written goes into our headers: a line end in it would make new ones. */
static char *copy(const char *text)
{
	return text && !ua_text_has_control(text) ? strdup(text) : NULL;
}

/* RFC 3261 12.1.2: the caller takes Record-Route from bottom to top, the callee (12.1.1) in order.
 */
static char *routes_text(const struct ua_view *view, int reversed)
{
	uint32_t i, count = view->record_routes_count;
	char text[ROUTES_TEXT];
	struct ua_writer writer;

	ua_writer_init(&writer, text, sizeof(text));
	if (count > UA_ROUTES_MAX)
		return NULL;
	for (i = 0; i < count; i++) {
		const char *route = view->record_routes[reversed ? count - 1 - i : i];

		if (ua_text_has_control(route))
			return NULL;
		ua_writer_add(&writer, "Route: %s\r\n", route);
	}
	return ua_writer_error(&writer) ? NULL : strdup(text);
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
	if (!error && dialog->local && dialog->remote && dialog->target && dialog->routes)
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
	dialog->local = copy(invite->from);
	dialog->remote = copy(response->to);
	dialog->target = copy(response->contact ? response->contact : invite->uri);
	dialog->routes = routes_text(response, 1);
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
	dialog->local = with_tag(invite->to, tag);
	dialog->remote = copy(invite->from);
	dialog->target = copy(invite->contact ? invite->contact : invite->from_uri);
	dialog->routes = routes_text(invite, 0);
	dialog->remote_cseq = invite->cseq;
	return check(dialog, error);
}

/* ---- requests inside ---------------------------------------------------------------------- */

struct ua_request *ua_dialog_request(struct ua *ua, const struct ua_dialog *dialog,
				     const struct ua_dialog_request *request)
{
	char branch[UA_BRANCH];
	struct ua_request parts = {
		.method = request->method,
		.uri = dialog->target,
		.from = dialog->local,
		.to = dialog->remote,
		.call_id = dialog->call_id,
		.cseq = request->cseq,
		.branch = branch,
		.routes = dialog->routes,
		.user_agent = ua->user_agent,
	};

	if (!dialog->target || ua_branch(ua, branch) ||
	    ua->stack->local(ua, request->next_hop, &parts.local))
		return NULL;
	return ua_request_copy(&parts);
}
