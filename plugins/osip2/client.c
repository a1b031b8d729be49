/* SPDX-License-Identifier: MIT */
/* client.c - client transactions: libosip2's state machines under the user agent's timers. */
#include <stdlib.h>
#include <string.h>
#include "../../ua/net/transport.h"
#include "client.h"
#include "message.h"

static struct fo_osip_client *own(struct ua_client *client)
{
	return UA_CONTAINER(client, struct fo_osip_client, base);
}

/* ---- connections -------------------------------------------------------------------------- */

int fo_osip_client_put(struct ua_client *client, const char *text, size_t length)
{
	struct fo_osip *ua = fo_osip(client->ua);

	if (!ua_client_is_reliable(client))
		return ua_transport_send(ua->pump.transport, &client->attempt.target, text, length);
	return ua_stream_way_put(&own(client)->way, &ua->streams, client, text, length);
}

uint32_t fo_osip_client_missing(struct ua_client *client)
{
	return ua_stream_missing(&own(client)->way.user);
}

int fo_osip_client_connect(struct ua_client *client, struct failover_target *local)
{
	return ua_stream_way_open(&own(client)->way, &fo_osip(client->ua)->streams, client, local);
}

int fo_osip_client_flow_local(struct ua *ua, const struct failover_target *peer,
			      struct failover_target *local)
{
	return ua_streams_local_of(&fo_osip(ua)->streams, peer, local);
}

void fo_osip_client_suspect(struct ua_client *client)
{
	ua_stream_suspect(&own(client)->way.user);
}

uint64_t fo_osip_client_keep_flow(struct ua_client *client)
{
	return ua_stream_keep(&own(client)->way.user);
}

void fo_osip_client_leave_flow(struct ua *ua, const struct failover_target *peer, uint64_t flow)
{
	ua_stream_unkeep(&fo_osip(ua)->streams, peer, flow);
}

/* ---- the state machine -------------------------------------------------------------------- */

/* Called by libosip2 for each packet, the ACK of a failure included. */
int fo_osip_client_send(struct fo_osip_client *client, const osip_message_t *message)
{
	const struct ua_request *request = client->base.request;
	char text[UA_MESSAGE_MAX];
	int length = MSG_IS_ACK(message) && !client->to ? -1
		     : MSG_IS_ACK(message)
			     ? ua_request_ack_text(request, client->to, text, sizeof(text))
			     : ua_request_text(request, UA_TEXT_WHOLE, text, sizeof(text));

	if (length < 0)
		return -1;
	return ua_client_put(&client->base, text, (size_t)length) ? -1 : 0;
}

static void on_response(int type, osip_transaction_t *fsm, osip_message_t *response)
{
	struct fo_osip_client *client = osip_transaction_get_your_instance(fsm);

	(void)type;
	client->news = response;
}

static void on_error(int type, osip_transaction_t *fsm, int error)
{
	struct fo_osip_client *client = osip_transaction_get_your_instance(fsm);

	(void)type, (void)error;
	client->failed = 1;
}

void fo_osip_client_callbacks(osip_t *stack)
{
	int type;

	for (type = OSIP_ICT_STATUS_1XX_RECEIVED; type <= OSIP_ICT_STATUS_6XX_RECEIVED; type++)
		if (type != OSIP_ICT_STATUS_2XX_RECEIVED_AGAIN)
			osip_set_message_callback(stack, type, on_response);
	for (type = OSIP_NICT_STATUS_1XX_RECEIVED; type <= OSIP_NICT_STATUS_6XX_RECEIVED; type++)
		if (type != OSIP_NICT_STATUS_2XX_RECEIVED_AGAIN)
			osip_set_message_callback(stack, type, on_response);
	osip_set_transport_error_callback(stack, OSIP_ICT_TRANSPORT_ERROR, on_error);
	osip_set_transport_error_callback(stack, OSIP_NICT_TRANSPORT_ERROR, on_error);
}

int fo_osip_client_start(struct ua_client *client)
{
	struct fo_osip_client *mine = own(client);
	osip_message_t *message = fo_message_request(client->request);
	osip_event_t *event = NULL;

	if (!message)
		return FAILOVER_ERR_ARGUMENT;
	mine->fsm = fo_osip_transaction(fo_osip(client->ua), client->is_invite ? ICT : NICT,
					message, mine);
	if (mine->fsm)
		event = fo_osip_event(client->is_invite ? SND_REQINVITE : SND_REQUEST, message);
	if (!event) {
		osip_message_free(message);
		return FAILOVER_ERR_MEMORY;
	}
	osip_transaction_execute(mine->fsm, event);
	return mine->failed ? FAILOVER_ERR_IO : FAILOVER_OK;
}

/* Timers A and E. */
int fo_osip_client_again(struct ua_client *client)
{
	osip_event_t *event = fo_osip_event(client->is_invite ? TIMEOUT_A : TIMEOUT_E, NULL);

	if (event)
		osip_transaction_execute(own(client)->fsm, event);
	return own(client)->failed ? FAILOVER_ERR_IO : FAILOVER_OK;
}

int fo_osip_client_stop(struct ua_client *client)
{
	ua_stream_leave(&own(client)->way.user);
	if (own(client)->fsm)
		osip_transaction_free2(own(client)->fsm);
	free(own(client)->to);
	return FAILOVER_OK;
}

/* ---- responses ---------------------------------------------------------------------------- */

static type_t type_of(const struct ua_view *view)
{
	if (view->status < 200)
		return RCV_STATUS_1XX;
	return view->status < 300 ? RCV_STATUS_2XX : RCV_STATUS_3456XX;
}

int fo_osip_client_response(struct ua_client *client, const struct ua_view *view)
{
	struct fo_osip_client *mine = own(client);
	osip_message_t *head = fo_message_response(client->request, view->status);
	osip_event_t *event = head ? fo_osip_event(type_of(view), head) : NULL;

	if (!event) {
		osip_message_free(head);
		return 0;
	}
	mine->news = NULL;
	if (client->is_invite && view->status >= 300 && !mine->to)
		mine->to = strdup(view->to);
	osip_transaction_execute(mine->fsm, event);
	return mine->news != NULL;
}
