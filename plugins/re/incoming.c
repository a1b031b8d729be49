/* SPDX-License-Identifier: MIT */
/* incoming.c - which server transaction a request belongs to, and where its responses go. */
#include "../common/ua/incoming.h"
#include "incoming.h"
#include "server.h"

/* RFC 3261 18.2.2 and RFC 3581 4: back to where it came from; to the port of Via unless rport asks
 * for the source port. */
static struct failover_target reply_address(const struct sip_msg *request,
					    const struct failover_target *from)
{
	struct failover_target to = *from;
	struct pl rport;
	uint16_t port = sa_port(&request->via.addr);

	/* RFC 3261 18.2.2: on a connection, back the way it came. */
	if (to.transport != FAILOVER_UDP ||
	    !msg_param_exists(&request->via.params, "rport", &rport))
		return to;
	to.port = port ? port : SIP_PORT;
	return to;
}

static void on_ack(struct fo_re *ua, const struct fo_re_view *ack)
{
	struct fo_re_server *server = fo_re_server_find(ua, ack->message, NULL);

	if (server && server->state != FO_SERVER_ACCEPTED)
		fo_re_server_again(server, ack->message);
	else
		fo_ua_ack(&ua->base, &ack->view);
}

/* RFC 3261 9.2: CANCEL has the branch of its INVITE. */
static void on_cancel(struct fo_re *ua, const struct fo_re_view *cancel,
		      const struct failover_target *to)
{
	struct fo_re_server *invite = fo_re_server_find(ua, cancel->message, "INVITE");
	struct fo_re_server *server;

	fo_ua_heard(&ua->base, &cancel->view);
	server = fo_re_server_open(ua, cancel->message, to);
	if (!server)
		return;
	(void)fo_incoming_status(&server->base, invite ? 200 : 481);
	if (invite)
		fo_ua_cancelled(&invite->base);
}

void fo_re_incoming(struct fo_re *ua, struct fo_re_view *request)
{
	struct sip_msg *message = request->message;
	const struct failover_target *from = &request->view.source;
	struct failover_target to = reply_address(message, from);
	struct fo_re_server *server;

	if (!fo_ua_welcome(&ua->base, from))
		return;
	if (fo_re_message_is(message, "ACK")) {
		on_ack(ua, request);
		return;
	}
	server = fo_re_server_find(ua, message, NULL);
	if (server) {
		fo_re_server_again(server, message);
		return;
	}
	if (fo_re_message_is(message, "CANCEL")) {
		on_cancel(ua, request, &to);
		return;
	}
	server = fo_re_server_open(ua, message, &to);
	if (server)
		fo_ua_request(&server->base, &request->view);
}
