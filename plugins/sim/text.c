/* SPDX-License-Identifier: MIT */
/* text.c - a packet as one line of text. */
#include <stdarg.h>
#include <stdio.h>
#include "plugins/sim/text.h"
#include "plugins/sim/world.h"

static const char *const methods[FAILOVER_SIM_METHODS] = {
	"?", "REGISTER", "INVITE", "BYE", "OPTIONS", "CANCEL", "MESSAGE", "ACK",
};

struct text {
	char *buffer;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void text_add(struct text *text, const char *format,
							   ...)
{
	va_list arguments;
	int n;

	if (text->used >= text->size)
		return;
	va_start(arguments, format);
	n = vsnprintf(text->buffer + text->used, text->size - text->used, format, arguments);
	va_end(arguments);
	if (n > 0)
		text->used += (size_t)n;
}

static void number_add(struct text *text, const char *name, uint32_t value)
{
	if (value)
		text_add(text, " %s=%u", name, (unsigned)value);
}

const char *fo_sim_packet_text(const struct failover_sim_packet *packet, char *buffer, size_t size)
{
	struct text text = { .buffer = buffer, .size = size };
	char address[48];

	text_add(&text, "%s %s:%u", packet->kind == FAILOVER_SIM_REQUEST ? "->" : "<-",
		 fo_sim_address_text(&packet->target, address, sizeof(address)),
		 (unsigned)packet->target.port);
	if (packet->kind == FAILOVER_SIM_UNREACHABLE)
		text_add(&text, " unreachable");
	if (packet->kind == FAILOVER_SIM_RESPONSE)
		text_add(&text, " %u", (unsigned)packet->status);
	text_add(&text, " %s", methods[packet->method % FAILOVER_SIM_METHODS]);
	if (packet->ruri)
		text_add(&text, " ruri=%s", packet->ruri);
	text_add(&text, " line=%u callid=%016llx cseq=%u branch=%016llx from=%08x",
		 (unsigned)packet->line, (unsigned long long)packet->call_id,
		 (unsigned)packet->cseq, (unsigned long long)packet->branch,
		 (unsigned)packet->from_tag);
	if (packet->to_tag)
		text_add(&text, " to=%08x", (unsigned)packet->to_tag);
	if (packet->has_expires)
		text_add(&text, " expires=%u", (unsigned)packet->expires_s);
	number_add(&text, "transmission", packet->transmission);
	number_add(&text, "min-expires", packet->min_expires_s);
	number_add(&text, "retry-after", packet->retry_after_s);
	number_add(&text, "realm", packet->realm);
	number_add(&text, "nonce", packet->nonce);
	number_add(&text, "stale", packet->stale);
	return buffer;
}
