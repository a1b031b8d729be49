/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message.c - the URIs of a request, read by belle-sip's parser. */
#include <string.h>
#include "../../ua/message.h"
#include "message.h"

static void set(struct ua_view *view, const char **field, const char *text)
{
	if (text)
		ua_message_set(view, field, text, strlen(text));
}

static void read_request(const belle_sip_request_t *request, struct ua_view *view)
{
	const belle_sip_uri_t *uri = belle_sip_request_get_uri(request), *other;
	belle_sip_header_to_t *to =
		belle_sip_message_get_header_by_type(request, belle_sip_header_to_t);

	if (uri) {
		set(view, &view->uri_user, belle_sip_uri_get_user(uri));
		view->uri_has_headers = belle_sip_uri_get_header_names(uri) != NULL;
	}
	other = to ? belle_sip_header_address_get_uri(BELLE_SIP_HEADER_ADDRESS(to)) : NULL;
	if (other)
		set(view, &view->to_user, belle_sip_uri_get_user(other));
}

void fo_belle_read(struct ua *base, const char *text, size_t count, struct ua_view *view)
{
	belle_sip_object_pool_t *pool = belle_sip_object_pool_push();
	size_t done = 0;
	belle_sip_message_t *message = belle_sip_message_parse_raw(text, count, &done);

	(void)base;
	if (message && belle_sip_message_is_request(message))
		read_request(BELLE_SIP_REQUEST(message), view);
	belle_sip_object_unref(pool);
}
