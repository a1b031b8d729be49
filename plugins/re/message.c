/* SPDX-License-Identifier: MIT */
/* message.c - the URIs of a request, read by libre's parser. */
#include <string.h>
#include "message.h"
#include "transport.h"
#include "../../ua/message.h"

static void set(struct ua_view *view, const char **field, const struct pl *text)
{
	if (pl_isset(text))
		ua_message_set(view, field, text->p, text->l);
}

static void set_user(struct ua_view *view, const char **field, const struct pl *user)
{
	char text[1024];
	int length = -1;

	if (pl_isset(user) && user->l < sizeof(text))
		length = re_snprintf(text, sizeof(text), "%H", uri_user_unescape, user);
	/* An escaped zero would be an end. */
	if (length >= 0 && strlen(text) == (size_t)length)
		ua_message_set(view, field, text, (size_t)length);
}

void fo_re_read(struct ua *base, const char *text, size_t count, struct ua_view *view)
{
	struct mbuf *buffer = fo_re_buffer(text, count);
	struct sip_msg *message = NULL;

	(void)base;
	if (buffer && !sip_msg_decode(&message, buffer) && message->req) {
		set(view, &view->uri_scheme, &message->uri.scheme);
		set_user(view, &view->uri_user, &message->uri.user);
		view->uri_has_headers = pl_isset(&message->uri.headers);
		set_user(view, &view->to_user, &message->to.uri.user);
	}
	mem_deref(message);
	mem_deref(buffer);
}
