/* SPDX-License-Identifier: MIT */
/* transaction.c - the packets of RFC 3261 17.1: the request, the same again, the ACK of a failure.
 * The request is written anew each time: it is rare, and keeps no second copy. */
#include <stdlib.h>
#include <string.h>
#include "transaction.h"

int ua_transaction_start(struct ua_client *client)
{
	int length;
	char *text = ua_request_text_new(client->request, UA_TEXT_WHOLE, &length);
	int error = text ? ua_client_put(client, text, (size_t)length) : length;

	free(text);
	return error;
}

int ua_transaction_again(struct ua_client *client)
{
	return ua_transaction_start(client);
}

/* 17.1.1.2: each failure gets its ACK, on the branch of the INVITE. One that cannot leave is made
 * again when the failure comes again. */
static void acknowledge(struct ua_client *client, const struct ua_view *view)
{
	struct ua_request request = *client->request;
	char *text;
	int length;

	if (!view->to || ua_text_has_control(view->to))
		return;
	request.branch = client->branch;
	text = ua_request_ack_text_new(&request, view->to, &length);
	if (text)
		(void)ua_client_put(client, text, (size_t)length);
	free(text);
}

int ua_transaction_response(struct ua_client *client, const struct ua_view *view)
{
	if (client->is_invite && view->status >= 300)
		acknowledge(client, view);
	return !client->is_final;
}
