/* SPDX-License-Identifier: MIT */
/* agenda.h - what is due when: a binary heap of items that know their place in it. */
#ifndef FO_DNS_AGENDA_H
#define FO_DNS_AGENDA_H

#include <stdint.h>

struct fo_agenda_item {
	uint64_t at;
	uint32_t place; /* in the heap, from 1; 0 = not in it */
};

struct fo_agenda {
	struct fo_agenda_item **items; /* from 1 */
	uint32_t count, room;
};

/* Make room for so many items: then nothing below can fail. Returns 0 or FAILOVER_ERR_MEMORY. */
int fo_agenda_reserve(struct fo_agenda *agenda, uint32_t room);
void fo_agenda_clear(struct fo_agenda *agenda);
/* Put it in, or move it to another time. */
void fo_agenda_set(struct fo_agenda *agenda, struct fo_agenda_item *item, uint64_t at);
/* Take it out, if it is in. */
void fo_agenda_take(struct fo_agenda *agenda, struct fo_agenda_item *item);
/* The earliest; NULL = none. */
struct fo_agenda_item *fo_agenda_first(const struct fo_agenda *agenda);

#endif
