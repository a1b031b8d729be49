/* SPDX-License-Identifier: MIT */
/* incoming.c - which server transaction a request belongs to, and where its responses go. */
#include <string.h>
#include "../common/ua/incoming.h"
#include "incoming.h"
#include "server.h"

#define DEFAULT_PORT 5060u

/* RFC 3261 18.2.2 and RFC 3581 4: back to where it came from; to the port of Via unless rport asks
 * for the source port. */
static struct failover_target reply_address(const struct fo_sofia_view *request)
{
	const sip_via_t *via = request->sip->sip_via;
	struct failover_target to = request->view.source;
	uint32_t port = DEFAULT_PORT;

	/* RFC 3261 18.2.2: on a connection, back the way it came. */
	if (to.transport != FAILOVER_UDP || via->v_rport)
		return to;
	if (via->v_port && (fo_text_number(via->v_port, UINT16_MAX, &port) || !port))
		port = DEFAULT_PORT;
	to.port = (uint16_t)port;
	return to;
}

static void on_ack(struct fo_sofia *ua, struct fo_sofia_view *ack)
{
	struct fo_sofia_server *server = fo_sofia_server_find(ua, ack, NULL);

	if (server && !fo_sofia_server_is_accepted(server))
		fo_sofia_server_acked(server);
	else
		fo_ua_ack(&ua->base, &ack->view);
}

/* RFC 3261 9.2: CANCEL has the branch of its INVITE. */
static void on_cancel(struct fo_sofia *ua, struct fo_sofia_view *cancel,
		      const struct failover_target *to)
{
	struct fo_sofia_server *invite = fo_sofia_server_find(ua, cancel, "INVITE");
	struct fo_sofia_server *server;

	fo_ua_heard(&ua->base, &cancel->view);
	server = fo_sofia_server_open(ua, cancel, to);
	if (!server)
		return;
	(void)fo_incoming_status(&server->base, invite ? 200 : 481);
	if (invite)
		fo_ua_cancelled(&invite->base);
}

void fo_sofia_incoming(struct fo_sofia *ua, struct fo_sofia_view *request)
{
	struct failover_target to = reply_address(request);
	struct fo_sofia_server *server;

	if (!fo_ua_welcome(&ua->base, &request->view.source))
		return;
	if (!strcmp(request->view.method, "ACK")) {
		on_ack(ua, request);
		return;
	}
	server = fo_sofia_server_find(ua, request, NULL);
	if (server) {
		fo_sofia_server_again(server);
		return;
	}
	fo_sofia_message_mark_source(request);
	if (!strcmp(request->view.method, "CANCEL")) {
		on_cancel(ua, request, &to);
		return;
	}
	server = fo_sofia_server_open(ua, request, &to);
	if (server)
		fo_ua_request(&server->base, &request->view);
}
