/* SPDX-License-Identifier: MIT */
/* peer.c - requests of peers go up to the stack, its responses go back the way they came. */
#include <string.h>
#include "../ua/incoming.h"
#include "../ua/send.h"
#include "../ua/source.h"
#include "../ua/edits.h"
#include "wire.h"

/* RFC 3261 16.3: it has been here before. */
static int is_loop(const struct failover_wire *wire, const struct ua_message *message)
{
	char host[UA_ADDRESS_TEXT];
	uint32_t i, j;

	for (i = 0; i < 2; i++) {
		ua_address_text(&wire->local[i], host);
		for (j = 0; wire->local[i].family && j < message->serving.vias_count; j++) {
			const char *value = message->serving.vias[j];
			struct ua_value_via via;

			if (!ua_value_via(value, &via) &&
			    !strncmp(via.host.text, host, strlen(host)) &&
			    !strchr("0123456789", via.host.text[strlen(host)]))
				return 1;
		}
	}
	return 0;
}

/* B21: nobody but its peers knows a dialog's Call-ID and both tags, wherever they send from. */
static int is_of_dialog(struct failover_wire *wire, const struct ua_view *view)
{
	const struct fo_wire_names names = { view->call_id, view->to_tag, view->from_tag };

	return names.local_tag && names.local_tag[0] && names.remote_tag && names.remote_tag[0] &&
	       fo_wire_dialog_find(wire, &names);
}

void fo_wire_peer_request(struct failover_wire *wire, struct ua_message *message)
{
	struct ua_part bytes = { wire->incoming, wire->incoming_count };
	const struct ua_account *account;

	if (!is_of_dialog(wire, &message->view) && !ua_welcome(&wire->ua, &message->view))
		return;
	if (message->view.refusal) {
		wire->ua.counters.garbage++;
		if (strcmp(message->raw.method, "ACK") != 0)
			fo_wire_made_refusal(wire, message);
		return;
	}
	if (is_loop(wire, message)) {
		wire->counters.looped++;
		return;
	}
	ua_heard(&wire->ua, &message->view);
	account = ua_incoming_account(&wire->ua, &message->view);
	(void)fo_wire_put(wire, FAILOVER_WIRE_TO_STACK, account ? account->line : 0,
			  &message->view.source, bytes);
}

/* ---- responses ---------------------------------------------------------------------------- */

static struct ua_account *account_of_contact(const struct failover_wire *wire,
					     const struct failover_target *peer,
					     const struct ua_raw *raw)
{
	const char *value = ua_raw_first(raw, UA_RAW_CONTACT);
	struct ua_value_address address;
	struct ua_value_uri uri;
	char user[UA_URI_MAX];

	if (!value || ua_value_address(value, &address) || ua_value_uri(address.uri, &uri) ||
	    !uri.user.text || uri.user.length >= sizeof(user))
		return NULL;
	memcpy(user, uri.user.text, uri.user.length);
	user[uri.user.length] = '\0';
	return ua_account_for(&wire->ua, user, peer);
}

/* Where several lines have this peer, the stack's Contact says whose call it is, else its To. */
static const struct ua_account *account_of(const struct failover_wire *wire,
					   const struct failover_target *peer,
					   const struct ua_message *response)
{
	const struct ua_account *account = account_of_contact(wire, peer, &response->raw);

	if (!account && response->view.to_user)
		account = ua_account_for(&wire->ua, response->view.to_user, peer);
	return account;
}

/* B9: the dialog lives at the target that its INVITE came through. */
static void note_dialog(struct failover_wire *wire, const struct failover_target *peer,
			const struct ua_message *response)
{
	const struct ua_view *view = &response->view;
	const struct fo_wire_names names = { view->call_id, view->to_tag, view->from_tag };
	const struct ua_account *account;
	struct ua_source *source = NULL;
	const struct failover_target *target;

	if (!names.local_tag || !names.local_tag[0] || !names.remote_tag || !view->method)
		return;
	if (!strcmp(view->method, "BYE") && view->status >= 200)
		fo_wire_dialog_end(wire, 0, &names);
	if (view->status >= 300 ||
	    (strcmp(view->method, "INVITE") != 0 && strcmp(view->method, "SUBSCRIBE") != 0))
		return;
	account = account_of(wire, peer, response);
	target = account ? ua_account_source(account, peer) : NULL;
	while (!target && (source = ua_source_next(&wire->ua, peer, source))) {
		account = source->account;
		target = account ? ua_account_source(account, peer) : NULL;
	}
	if (target && !fo_wire_dialog_find(wire, &names))
		fo_wire_dialog_set(wire, account->line, &names, target);
	if (target && view->status >= 200 && !strcmp(view->method, "INVITE"))
		fo_wire_dialog_up(wire, account->line, &names);
}

static int send_response(struct failover_wire *wire, const struct failover_target *peer,
			 const struct ua_raw *raw, struct ua_part bytes)
{
	size_t size = bytes.length + UA_LENGTH_LINE;
	struct fo_wire_output *output =
		fo_wire_output_new(wire, FAILOVER_WIRE_TO_NETWORK, 0, peer, size);
	int length;

	if (!output)
		return FAILOVER_ERR_MEMORY;
	length = fo_wire_response_text(raw, bytes, peer->transport, output->bytes, size);
	if (length < 0) { /* never: there is room */
		fo_wire_output_drop(output);
		return length;
	}
	fo_wire_output_add(wire, output, (size_t)length);
	return FAILOVER_OK;
}

int failover_wire_respond(struct failover_wire *wire, const struct failover_target *peer,
			  const char *bytes, size_t count, uint64_t now)
{
	struct ua_message message;
	int error = FAILOVER_ERR_ARGUMENT;

	fo_wire_enter(wire, now);
	if (!peer || !bytes || !count || count > FAILOVER_WIRE_MESSAGE_MAX)
		return FAILOVER_ERR_ARGUMENT;
	if (fo_wire_is_full(wire))
		return FAILOVER_ERR_FULL;
	if (!ua_message_read(&message, bytes, count, peer) && message.raw.is_response) {
		if (message.view.call_id)
			note_dialog(wire, peer, &message);
		error = send_response(
			wire, peer, &message.raw,
			ua_message_bytes(&message.raw, (struct ua_part){ bytes, count }));
	}
	ua_message_free(&message);
	return error;
}
