/* SPDX-License-Identifier: MIT */
/* incoming.c - which server transaction a request belongs to, and where its responses go. */
#include <string.h>
#include "../common/ua/incoming.h"
#include "incoming.h"
#include "server.h"

#define SIP_PORT 5060

/* RFC 3261 18.2.2 and RFC 3581 4: back to where it came from; to the port of Via unless rport asks
 * for the source port. */
static struct failover_target reply_address(const osip_message_t *request,
					    const struct failover_target *from)
{
	const osip_via_t *via = osip_list_get(&request->vias, 0);
	struct failover_target to = *from;
	uint32_t port = SIP_PORT;

	/* RFC 3261 18.2.2: on a connection, back the way it came. */
	if (to.transport != FAILOVER_UDP || fo_message_param(&via->via_params, "rport"))
		return to;
	if (via->port && (fo_text_number(via->port, UINT16_MAX, &port) || !port))
		port = SIP_PORT;
	to.port = (uint16_t)port;
	return to;
}

static void mark_source(osip_message_t *request, const struct failover_target *from)
{
	char host[FO_ADDRESS_TEXT];
	size_t length;

	fo_address_host(from, host);
	length = strlen(host);
	if (host[0] == '[') { /* received= has no brackets */
		memmove(host, host + 1, length - 2);
		host[length - 2] = '\0';
	}
	(void)osip_message_fix_last_via_header(request, host, from->port);
}

static void on_ack(struct fo_osip *ua, struct fo_osip_view *ack)
{
	struct fo_osip_server *server = fo_osip_server_find(ua, ack->message, NULL);

	if (server && server->fsm->state != IST_TERMINATED)
		fo_osip_server_again(server, fo_osip_view_take(ack));
	else
		fo_ua_ack(&ua->base, &ack->view);
}

/* RFC 3261 9.2: CANCEL has the branch of its INVITE. */
static void on_cancel(struct fo_osip *ua, struct fo_osip_view *cancel,
		      const struct failover_target *to)
{
	struct fo_osip_server *invite = fo_osip_server_find(ua, cancel->message, "INVITE");
	struct fo_osip_server *server;

	fo_ua_heard(&ua->base, &cancel->view);
	server = fo_osip_server_open(ua, fo_osip_view_take(cancel), to);
	if (!server)
		return;
	(void)fo_incoming_status(&server->base, invite ? 200 : 481);
	if (invite)
		fo_ua_cancelled(&invite->base);
}

void fo_osip_incoming(struct fo_osip *ua, struct fo_osip_view *request)
{
	const struct failover_target *from = &request->view.source;
	struct failover_target to = reply_address(request->message, from);
	struct fo_osip_server *server;

	if (!fo_ua_welcome(&ua->base, from))
		return;
	if (MSG_IS_ACK(request->message)) {
		on_ack(ua, request);
		return;
	}
	mark_source(request->message, from);
	server = fo_osip_server_find(ua, request->message, NULL);
	if (server) {
		fo_osip_server_again(server, fo_osip_view_take(request));
		return;
	}
	if (MSG_IS_CANCEL(request->message)) {
		on_cancel(ua, request, &to);
		return;
	}
	server = fo_osip_server_open(ua, fo_osip_view_take(request), &to);
	if (server)
		fo_ua_request(&server->base, &request->view);
}
