/* SPDX-License-Identifier: MIT */
/* client.c - client transactions: of an INVITE libosip2's state machine under the user agent's
 * timers. A machine of libosip2 is 15 KB, and what it does for the others is to send the same once
 * more: that is the shared transaction's. */
#include <stdlib.h>
#include <string.h>
#include "../../ua/transaction.h"
#include "client.h"
#include "message.h"

static struct fo_osip_client *own(struct ua_client *client)
{
	return UA_CONTAINER(client, struct fo_osip_client, base.base);
}

/* ---- the state machine -------------------------------------------------------------------- */

/* Called by libosip2 for each packet, the ACK of a failure included. */
int fo_osip_client_send(struct fo_osip_client *client, const osip_message_t *message)
{
	const struct ua_request *request = client->base.base.request;
	char *text = NULL;
	int length, error;

	if (!MSG_IS_ACK(message))
		text = ua_request_text_new(request, UA_TEXT_WHOLE, &length);
	else if (client->to)
		text = ua_request_ack_text_new(request, client->to, &length);
	if (!text)
		return -1;
	error = ua_client_put(&client->base.base, text, (size_t)length);
	free(text);
	return error ? -1 : 0;
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
	osip_set_transport_error_callback(stack, OSIP_ICT_TRANSPORT_ERROR, on_error);
}

int fo_osip_client_start(struct ua_client *client)
{
	struct fo_osip_client *mine = own(client);
	osip_message_t *message;
	osip_event_t *event = NULL;

	if (!client->is_invite)
		return ua_transaction_start(client);
	message = fo_message_request(client->request);
	if (!message)
		return FAILOVER_ERR_ARGUMENT;
	mine->fsm = fo_osip_transaction(fo_osip(client->ua), ICT, message, mine);
	if (mine->fsm)
		event = fo_osip_event(SND_REQINVITE, message);
	if (!event) {
		osip_message_free(message);
		return FAILOVER_ERR_MEMORY;
	}
	osip_transaction_execute(mine->fsm, event);
	return mine->failed ? FAILOVER_ERR_IO : FAILOVER_OK;
}

/* Timer A. */
int fo_osip_client_again(struct ua_client *client)
{
	osip_event_t *event;

	if (!client->is_invite)
		return ua_transaction_again(client);
	event = fo_osip_event(TIMEOUT_A, NULL);
	if (event)
		osip_transaction_execute(own(client)->fsm, event);
	return own(client)->failed ? FAILOVER_ERR_IO : FAILOVER_OK;
}

int fo_osip_client_stop(struct ua_client *client)
{
	(void)ua_adapter_stop(client);
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
	osip_message_t *head;
	osip_event_t *event;

	if (!client->is_invite)
		return ua_transaction_response(client, view);
	head = fo_message_response(client->request, view->status);
	event = head ? fo_osip_event(type_of(view), head) : NULL;
	if (!event) {
		osip_message_free(head);
		return 0;
	}
	mine->news = NULL;
	if (view->status >= 300 && !mine->to)
		mine->to = strdup(view->to);
	osip_transaction_execute(mine->fsm, event);
	return mine->news != NULL;
}
