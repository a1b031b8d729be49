/* SPDX-License-Identifier: MIT */
/* below_text.c - a message between the stack and the wire, with what it needs on its way. */
#include "below.h"
#include "failover_message.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Where the server that the line uses reaches this device. */
static int local_of(struct failover_below *below, struct failover_target *out)
{
	struct failover_line_state state = { .size = sizeof(state) };
	const struct failover_target *at = below->targets;

	if (!failover_line_state(below->engine, below->line, &state) && state.serving.family)
		at = &state.serving;
	return failover_wire_net_local(below->net, at, out);
}

/* Both addresses, and whether both are known. */
static int places_of(struct failover_below *below, char stack[PLACE_MAX], char here[PLACE_MAX],
		     struct failover_target *local)
{
	pthread_mutex_lock(&below->mutex);
	memcpy(stack, below->stack_place, PLACE_MAX);
	pthread_mutex_unlock(&below->mutex);
	if (!*stack || local_of(below, local))
		return 0;
	below_place(local, here);
	return 1;
}

int below_from_stack(struct failover_below *below, const char *bytes, size_t count)
{
	int is_response = failover_message_is_response(bytes, count), length;
	char stack[PLACE_MAX], here[PLACE_MAX], out[FAILOVER_MESSAGE_MAX];
	struct failover_message_edit edit = { .unmark = 1 };
	struct failover_target local, peer;

	if (places_of(below, stack, here, &local)) {
		edit.contact_from = stack;
		edit.contact_to = here;
		edit.contact_transport = local.transport;
		edit.sent_by = is_response ? NULL : here;
	}
	edit.routes_without = *below->door_place ? below->door_place : stack;
	length = failover_message_edit(&edit, bytes, count, out, sizeof(out));
	if (length < 0)
		return length;
	if (!is_response)
		return failover_wire_send(below->wire, below->line, out, (size_t)length,
					  below_now());
	if (failover_mark_read(bytes, count, &peer))
		return FAILOVER_ERR_ARGUMENT;
	return failover_wire_respond(below->wire, &peer, out, (size_t)length, below_now());
}

void below_to_stack(struct failover_below *below, const struct failover_wire_output *message)
{
	char stack[PLACE_MAX], here[PLACE_MAX], mark[FAILOVER_MARK_MAX], route[PLACE_MAX + 16];
	int is_response = failover_message_is_response(message->bytes, message->count), length;
	int is_register = failover_message_is(message->bytes, message->count, "REGISTER");
	struct failover_message_edit edit = { .unmark = 0 };
	char out[FAILOVER_MESSAGE_MAX];
	struct failover_target local;
	const char *place;

	if (places_of(below, stack, here, &local) && is_response) {
		edit.sent_by = stack;
		edit.near = 1;
		edit.contact_from = is_register ? here : NULL;
		edit.contact_to = stack;
	}
	if (!is_response) {
		failover_mark_write(&message->peer, mark);
		edit.mark = mark;
	}
	place = *below->door_place ? below->door_place : stack;
	if (*place && !is_register) {
		snprintf(route, sizeof(route), "<sip:%s;lr>", place);
		edit.record_route = route;
	}
	length = failover_message_edit(&edit, message->bytes, message->count, out, sizeof(out));
	if (length < 0)
		return;
	if (below->door < 0)
		below->params.message(below->params.user, &message->peer, out, (size_t)length);
	else if (below->stack.sin_port)
		(void)sendto(below->door, out, (size_t)length, MSG_DONTWAIT,
			     (const struct sockaddr *)&below->stack, sizeof(below->stack));
}
