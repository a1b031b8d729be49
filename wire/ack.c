/* SPDX-License-Identifier: MIT */
/* ack.c - the ACK of a 2xx: no transaction, sent once for each 2xx that the stack has heard, to
 * where its dialog lives (B9) or its first Route or Contact says (B23a). */
#include <string.h>
#include "../ua/dialog.h"
#include "../ua/send.h"
#include "../ua/edits.h"
#include "wire.h"

#define ROUTES_MAX 128u

static struct failover_target target_of(struct failover_wire *wire, const struct fo_wire_line *line,
					const struct ua_view *view)
{
	const struct fo_wire_names names = { view->call_id, view->from_tag ? view->from_tag : "",
					     view->to_tag ? view->to_tag : "" };
	const struct fo_wire_dialog *dialog = fo_wire_dialog_of(wire, line->line, &names);
	struct failover_line_state state = { .size = sizeof(state) };

	if (dialog)
		return dialog->target;
	(void)failover_line_state(wire->engine, line->line, &state);
	return state.serving;
}

static struct failover_target hop_of(struct failover_wire *wire, const struct fo_wire_line *line,
				     const struct ua_message *message,
				     const struct failover_target *target)
{
	char *routes[ROUTES_MAX];
	struct ua_dialog set = { .routes = routes, .target = (char *)(uintptr_t)message->raw.uri };
	struct ua_dialog_request request = { .account = ua_account_find(&wire->ua, line->line),
					     .target = target };
	struct ua_dialog_way way;
	const char *value;
	uint32_t at = 0;

	while (set.routes_count < ROUTES_MAX &&
	       (value = ua_raw_next(&message->raw, UA_RAW_ROUTE, &at)))
		routes[set.routes_count++] = (char *)(uintptr_t)value;
	ua_dialog_find_way(&set, &request, &way);
	return way.hop;
}

int fo_wire_ack(struct failover_wire *wire, struct fo_wire_line *line,
		const struct ua_message *message, struct ua_part bytes)
{
	struct failover_target target = target_of(wire, line, &message->view);
	struct failover_target hop = hop_of(wire, line, message, &target);
	const struct fo_wire_ack_way way = { .account = ua_account_find(&wire->ua, line->line),
					     .transport = hop.transport,
					     .domain = target.registrar };
	size_t size = bytes.length + 2 * UA_URI_MAX + UA_LENGTH_LINE;
	struct fo_wire_output *output =
		fo_wire_output_new(wire, FAILOVER_WIRE_TO_NETWORK, line->line, &hop, size);
	int length;

	if (!output)
		return FAILOVER_ERR_MEMORY;
	length = fo_wire_ack_text(&message->raw, bytes, &way, output->bytes, size);
	if (length < 0) {
		fo_wire_output_drop(output);
		return length;
	}
	fo_wire_output_add(wire, output, (size_t)length);
	return FAILOVER_OK;
}
