/* SPDX-License-Identifier: MIT */
/* transaction.c - the packets of RFC 3261 17.1: the request, the same again, the ACK of a failure.
 * The request is written anew each time: it is rare, and keeps no second copy. */
#include <string.h>
#include "transaction.h"

int fo_transaction_start(struct fo_client *client)
{
	char text[FO_MESSAGE_MAX];
	int length = fo_request_text(client->request, FO_TEXT_WHOLE, text, sizeof(text));

	return length < 0 ? length : fo_client_put(client, text, (size_t)length);
}

int fo_transaction_again(struct fo_client *client)
{
	return fo_transaction_start(client);
}

/* 17.1.1.2: each failure gets its ACK, on the branch of the INVITE. One that cannot leave is made
 * again when the failure comes again. */
static void acknowledge(struct fo_client *client, const struct fo_view *view)
{
	struct fo_request request = *client->request;
	char text[FO_MESSAGE_MAX];
	int length;

	if (!view->to || fo_text_has_control(view->to))
		return;
	request.branch = client->branch;
	length = fo_request_ack_text(&request, view->to, text, sizeof(text));
	if (length > 0)
		(void)fo_client_put(client, text, (size_t)length);
}

int fo_transaction_response(struct fo_client *client, const struct fo_view *view)
{
	if (client->is_invite && view->status >= 300)
		acknowledge(client, view);
	return !client->is_final;
}
