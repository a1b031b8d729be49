/* SPDX-License-Identifier: MIT */
/* made.c - answers that no server has given: 100, 408, 487, 503, and those to CANCEL and REGISTER.
 */
#include <stdlib.h>
#include <string.h>
#include "../ua/response.h"
#include "wire.h"

/* The text of an answer; NULL = no memory, or it would be too long. */
static char *text_of(struct failover_wire *wire, const struct ua_message *message, uint32_t status,
		     const char *lines, size_t *length)
{
	char *text = ua_response_made(&wire->ua, &message->serving, status, lines);

	*length = text ? strlen(text) : 0;
	return text;
}

void fo_wire_made_to(struct failover_wire *wire, uint32_t line, const struct ua_message *message,
		     uint32_t status, const char *lines)
{
	struct ua_part bytes;
	char *text = text_of(wire, message, status, lines, &bytes.length);

	bytes.text = text;
	if (text)
		(void)fo_wire_put(wire, FAILOVER_WIRE_TO_STACK, line, &message->view.source, bytes);
	else
		wire->counters.lost++;
	free(text);
}

void fo_wire_made_refusal(struct failover_wire *wire, const struct ua_message *message)
{
	struct failover_target peer = ua_serving_peer(&message->serving);
	struct ua_part bytes;
	char *text = text_of(wire, message, message->view.refusal, "", &bytes.length);

	bytes.text = text;
	if (text)
		(void)fo_wire_put(wire, FAILOVER_WIRE_TO_NETWORK, 0, &peer, bytes);
	free(text);
}

void fo_wire_made(struct fo_wire_request *of, uint32_t status, const char *lines)
{
	struct failover_wire *wire = of->wire;
	struct ua_part bytes = { NULL, 0 };
	struct ua_message message;
	char *text = NULL;

	if (!ua_message_read(&message, of->bytes, of->count, &wire->local[0]))
		text = text_of(wire, &message, status, lines, &bytes.length);
	ua_message_free(&message);
	bytes.text = text;
	fo_wire_request_answer(of, status, bytes);
	free(text);
}
