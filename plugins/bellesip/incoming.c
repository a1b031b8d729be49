/* SPDX-License-Identifier: GPL-3.0-or-later */
/* incoming.c - which server transaction a request belongs to, and where its responses go. */
#include <string.h>
#include "../common/ua/incoming.h"
#include "incoming.h"
#include "server.h"

#define SIP_PORT 5060

static int is(const struct fo_belle_view *request, const char *method)
{
	return !strcmp(request->view.method, method);
}

/* RFC 3261 18.2.2 and RFC 3581 4: back to where it came from; to the port of Via unless rport asks
 * for the source port. */
static struct failover_target reply_address(const struct fo_belle_view *request)
{
	const belle_sip_header_via_t *via = fo_belle_message_via(request->message);
	struct failover_target to = request->view.source;
	int port = belle_sip_header_via_get_port(via);

	/* RFC 3261 18.2.2: on a connection, back the way it came. */
	if (to.transport == FAILOVER_UDP &&
	    !belle_sip_parameters_has_parameter(BELLE_SIP_PARAMETERS(via), "rport"))
		to.port = (uint16_t)(port > 0 && port <= UINT16_MAX ? port : SIP_PORT);
	return to;
}

static void mark_source(const struct fo_belle_view *request)
{
	belle_sip_header_via_t *via = fo_belle_message_via(request->message);
	char host[FO_ADDRESS_TEXT];
	size_t length;

	fo_address_host(&request->view.source, host);
	length = strlen(host);
	if (host[0] == '[') { /* received= has no brackets */
		memmove(host, host + 1, length - 2);
		host[length - 2] = '\0';
	}
	belle_sip_header_via_set_received(via, host);
	if (belle_sip_parameters_has_parameter(BELLE_SIP_PARAMETERS(via), "rport"))
		belle_sip_header_via_set_rport(via, request->view.source.port);
}

static void on_ack(struct fo_belle *ua, struct fo_belle_view *ack)
{
	struct fo_belle_server *server = fo_belle_server_find(ua, ack, "INVITE");

	if (server && !fo_belle_server_is_accepted(server))
		fo_belle_server_ack(server);
	else
		fo_ua_ack(&ua->base, &ack->view);
}

/* RFC 3261 9.2: CANCEL has the branch of its INVITE. */
static void on_cancel(struct fo_belle *ua, struct fo_belle_view *cancel,
		      const struct failover_target *to)
{
	struct fo_belle_server *invite = fo_belle_server_find(ua, cancel, "INVITE");
	struct fo_belle_server *server;

	fo_ua_heard(&ua->base, &cancel->view);
	server = fo_belle_server_open(ua, cancel, to);
	if (!server)
		return;
	(void)fo_incoming_status(&server->base, invite ? 200 : 481);
	if (invite)
		fo_ua_cancelled(&invite->base);
}

void fo_belle_incoming(struct fo_belle *ua, struct fo_belle_view *request)
{
	struct failover_target to = reply_address(request);
	struct fo_belle_server *server;

	if (!fo_ua_welcome(&ua->base, &request->view.source))
		return;
	if (is(request, "ACK")) {
		on_ack(ua, request);
		return;
	}
	mark_source(request);
	server = fo_belle_server_find(ua, request, request->view.method);
	if (server) {
		fo_belle_server_again(server);
		return;
	}
	if (is(request, "CANCEL")) {
		on_cancel(ua, request, &to);
		return;
	}
	server = fo_belle_server_open(ua, request, &to);
	if (server)
		fo_ua_request(&server->base, &request->view);
}
