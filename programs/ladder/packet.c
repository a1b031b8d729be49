/* SPDX-License-Identifier: MIT */
/*
 * packet.c - one printed line of a server: which packet, which way. The lines are
 *	TIME <- METHOD PEER BRANCH [(NOTE)]
 *	TIME -> STATUS METHOD PEER BRANCH [(NOTE)]
 */
#include "demo.h"

#include <stdio.h>
#include <string.h>

/* Returns 0, or -1 when the line is not about a packet. */
static int packet_parse(const char *text, struct packet *out)
{
	*out = (struct packet){ 0 };
	if (sscanf(text, "%*s %2s", out->arrow) != 1)
		return -1;
	if (strcmp(out->arrow, "<-") == 0)
		return sscanf(text, "%*s %*s %31s %*s %63s", out->method, out->branch) == 2 ? 0
											    : -1;
	if (strcmp(out->arrow, "->") == 0)
		return sscanf(text, "%*s %*s %7s %31s %*s %63s", out->status, out->method,
			      out->branch) == 3
			       ? 0
			       : -1;
	return -1;
}

/* How many times in a row this request has come to a server that is silent. */
static unsigned lost_count(struct demo *demo, const struct packet *packet)
{
	if (strcmp(demo->lost.branch, packet->branch) != 0)
		demo->lost_times = 0;
	demo->lost = *packet;
	return ++demo->lost_times;
}

void look_at_server(struct demo *demo, enum party party, const char *text)
{
	struct packet packet;
	char label[64], what[64];

	if (packet_parse(text, &packet) != 0)
		return;
	if (*packet.status) {
		snprintf(label, sizeof(label), "%s (%s)", packet.status, packet.method);
		draw_arrow(&demo->drawing, ARROW_ANSWER, party, label);
		snprintf(what, sizeof(what), "-> %s", packet.status);
	} else if (party == PARTY_PRIMARY && demo->drawing.primary_dead) {
		unsigned times = lost_count(demo, &packet);

		if (times > 1)
			snprintf(label, sizeof(label), "%s (again, %u)", packet.method, times);
		else
			snprintf(label, sizeof(label), "%s", packet.method);
		draw_arrow(&demo->drawing, ARROW_LOST, party, label);
		return;
	} else {
		draw_arrow(&demo->drawing, ARROW_REQUEST, party, packet.method);
		snprintf(what, sizeof(what), "<- %s", packet.method);
	}
	look_at_packet(demo, party, what);
}
