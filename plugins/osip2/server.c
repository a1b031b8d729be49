/* SPDX-License-Identifier: MIT */
/* server.c - server transactions: libosip2's state machines in the shared ones, which find them,
 * and run the timers. */
#include <string.h>
#include <strings.h>
#include "message.h"
#include "server.h"

static struct fo_osip_server *own(struct ua_served *base)
{
	return UA_CONTAINER(base, struct fo_osip_server, base);
}

static struct fo_osip_server *own_of(struct ua_server *base)
{
	return own(UA_CONTAINER(base, struct ua_served, base));
}

static struct fo_osip *instance_of(const struct fo_osip_server *server)
{
	return fo_osip(server->base.base.ua);
}

int fo_osip_server_send(struct fo_osip_server *server, osip_message_t *message)
{
	/* The peer repeats its request when this is lost, so a failure is no end of it. */
	(void)fo_osip_transmit(instance_of(server), &server->base.peer, message);
	return 0;
}

/* ---- machine ------------------------------------------------------------------------------ */

static void execute(struct fo_osip_server *server, type_t type, osip_message_t *message)
{
	osip_event_t *event = fo_osip_event(type, message);

	if (event)
		osip_transaction_execute(server->fsm, event);
	else
		osip_message_free(message);
}

static type_t request_type(const struct fo_osip_server *server)
{
	return server->base.is_invite ? RCV_REQINVITE : RCV_REQUEST;
}

static struct fo_osip_view *view_of(const struct ua_serving_message *request)
{
	return request->view->message;
}

/* What the peer has written there itself; libosip2 would add ours behind it. */
static void drop_received(osip_via_t *via)
{
	int at = 0;

	while (at < osip_list_size(&via->via_params)) {
		osip_generic_param_t *param = osip_list_get(&via->via_params, at);

		if (!param->gname || strcasecmp(param->gname, "received") != 0) {
			at++;
			continue;
		}
		(void)osip_list_remove(&via->via_params, at);
		osip_generic_param_free(param);
	}
}

/* RFC 3261 18.2.1, RFC 3581 4. */
static void mark_source(osip_message_t *request, const struct failover_target *from)
{
	char host[UA_ADDRESS_TEXT];
	size_t length;

	ua_address_host(from, host);
	length = strlen(host);
	if (host[0] == '[') { /* received= has no brackets */
		memmove(host, host + 1, length - 2);
		host[length - 2] = '\0';
	}
	drop_received(osip_list_get(&request->vias, 0));
	(void)osip_message_fix_last_via_header(request, host, from->port);
}

static int start(struct ua_served *base, const struct ua_serving_message *request)
{
	struct fo_osip_server *server = own(base);
	struct fo_osip_view *view = view_of(request);
	osip_event_t *event;

	if (!request->view->call_id[0] || !request->sent_by[0])
		return FAILOVER_ERR_ARGUMENT;
	server->fsm = fo_osip_transaction(instance_of(server), base->is_invite ? IST : NIST,
					  view->message, server);
	event = server->fsm ? fo_osip_event(request_type(server), view->message) : NULL;
	if (!event)
		return FAILOVER_ERR_MEMORY;
	mark_source(fo_osip_view_take(view), &request->view->source);
	osip_transaction_execute(server->fsm, event);
	return FAILOVER_OK;
}

static void again(struct ua_served *base, const struct ua_serving_message *request)
{
	struct fo_osip_server *server = own(base);

	if (request)
		execute(server, request_type(server), fo_osip_view_take(view_of(request)));
	else
		execute(server, TIMEOUT_G, NULL);
}

static void acked(struct ua_served *base, const struct ua_serving_message *ack)
{
	execute(own(base), RCV_REQACK, fo_osip_view_take(view_of(ack)));
}

static void end(struct ua_served *base)
{
	struct fo_osip_server *server = own(base);

	if (server->fsm)
		osip_transaction_free2(server->fsm);
	osip_message_free(server->accepted);
}

static void refuse(struct ua *ua, const struct ua_serving_message *request,
		   const struct failover_target *peer, const struct ua_reply *reply)
{
	osip_message_t *response;

	mark_source(view_of(request)->message, &request->view->source);
	response = fo_message_response(fo_osip(ua), view_of(request)->message, reply);
	if (!response)
		return;
	(void)fo_osip_transmit(fo_osip(ua), peer, response);
	osip_message_free(response);
}

const struct ua_serving_machine fo_osip_machine = {
	.size = sizeof(struct fo_osip_server),
	.start = start,
	.again = again,
	.acked = acked,
	.end = end,
	.refuse = refuse,
};

/* ---- responses ---------------------------------------------------------------------------- */

static type_t response_type(uint32_t status)
{
	return status < 200 ? SND_STATUS_1XX : status < 300 ? SND_STATUS_2XX : SND_STATUS_3456XX;
}

int fo_osip_server_reply(struct ua_server *base, const struct ua_reply *reply)
{
	struct fo_osip_server *server = own_of(base);
	osip_message_t *response;

	if (server->base.status >= 200)
		return FAILOVER_ERR_STATE;
	response = fo_message_response(instance_of(server), server->fsm->orig_request, reply);
	if (!response)
		return FAILOVER_ERR_MEMORY;
	if (server->base.is_invite && MSG_IS_STATUS_2XX(response) &&
	    osip_message_clone(response, &server->accepted)) {
		osip_message_free(response);
		return FAILOVER_ERR_MEMORY;
	}
	execute(server, response_type(reply->status), response);
	ua_serving_replied(&server->base, reply->status);
	return FAILOVER_OK;
}

void fo_osip_server_reply_again(struct ua_server *base)
{
	struct fo_osip_server *server = own_of(base);

	if (server->accepted)
		(void)fo_osip_transmit(instance_of(server), &server->base.peer, server->accepted);
}
