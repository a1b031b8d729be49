/* SPDX-License-Identifier: MIT */
/* message.c - the URIs of a request, read by Sofia-SIP's parser. */
#include <string.h>
#include <sofia-sip/su_string.h>
#include <sofia-sip/url.h>
#include "../../ua/message.h"
#include "message.h"

int fo_sofia_message_source(msg_t *message, struct failover_target *out)
{
	const su_addrinfo_t *info = msg_addrinfo(message);
	struct sockaddr_storage address;
	int error;

	memset(&address, 0, sizeof(address));
	if (!info || !info->ai_addr || info->ai_addrlen > sizeof(address))
		return FAILOVER_ERR_ARGUMENT;
	memcpy(&address, info->ai_addr, info->ai_addrlen);
	error = ua_address_from_socket(&address, out);
	if (!error)
		out->transport = FAILOVER_UDP;
	return error;
}

static void set_user(msg_t *message, struct ua_view *view, const char **field, const url_t *url)
{
	char *user = url->url_user && !strstr(url->url_user, "%00")
			     ? su_strdup(msg_home(message), url->url_user)
			     : NULL;

	if (user && url_unescape(user, user))
		ua_message_set(view, field, user, strlen(user));
}

void fo_sofia_read(struct ua *base, const char *text, size_t count, struct ua_view *view)
{
	msg_t *message = msg_make(sip_default_mclass(), 0, text, (ssize_t)count);
	const sip_t *sip = message ? sip_object(message) : NULL;

	(void)base;
	if (sip && sip->sip_request && sip->sip_request->rq_url->url_type != url_invalid) {
		set_user(message, view, &view->uri_user, sip->sip_request->rq_url);
		view->uri_has_headers = sip->sip_request->rq_url->url_headers != NULL;
	}
	if (sip && sip->sip_to)
		set_user(message, view, &view->to_user, sip->sip_to->a_url);
	msg_destroy(message);
}
