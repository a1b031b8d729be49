/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message.c - the URIs of a request, read by PJSIP's parser. */
#include "../../ua/message.h"
#include "pjsip.h"

/* Without display name and <>; NULL if it is not sip: or sips:. */
static const pjsip_sip_uri *sip_uri_of(void *uri)
{
	if (!uri || (!PJSIP_URI_SCHEME_IS_SIP(uri) && !PJSIP_URI_SCHEME_IS_SIPS(uri)))
		return NULL;
	return pjsip_uri_get_uri(uri);
}

static void set(struct ua_view *view, const char **field, const pj_str_t *text)
{
	if (text->slen > 0)
		ua_message_set(view, field, text->ptr, (size_t)text->slen);
}

void fo_pjsip_read(struct ua *base, const char *text, size_t count, struct ua_view *view)
{
	struct fo_pjsip *ua = fo_pjsip(base);
	const pjsip_sip_uri *to, *uri;
	pjsip_msg *message;

	pj_pool_reset(ua->pool);
	message = pjsip_parse_msg(ua->pool, (char *)(uintptr_t)text, count, NULL);
	if (!message || message->type != PJSIP_REQUEST_MSG || !PJSIP_MSG_TO_HDR(message))
		return;
	uri = sip_uri_of(message->line.req.uri);
	if (uri) {
		set(view, &view->uri_scheme, pjsip_uri_get_scheme(message->line.req.uri));
		set(view, &view->uri_user, &uri->user);
		view->uri_has_headers = !pj_list_empty(&uri->header_param);
	}
	to = sip_uri_of(PJSIP_MSG_TO_HDR(message)->uri);
	if (to)
		set(view, &view->to_user, &to->user);
}
