/* SPDX-License-Identifier: MIT */
/* agenda.c - a binary heap with the earliest item on top. */
#include "agenda.h"

#include <failover/plugin.h>
#include <stdlib.h>

int fo_agenda_reserve(struct fo_agenda *agenda, uint32_t room)
{
	struct fo_agenda_item **items;

	if (room <= agenda->room)
		return 0;
	if (room < agenda->room * 2)
		room = agenda->room * 2;
	items = realloc(agenda->items, (room + 1) * sizeof(struct fo_agenda_item *));
	if (!items)
		return FAILOVER_ERR_MEMORY;
	agenda->items = items;
	agenda->room = room;
	return 0;
}

void fo_agenda_clear(struct fo_agenda *agenda)
{
	free(agenda->items);
	*agenda = (struct fo_agenda){ 0 };
}

static void put(struct fo_agenda *agenda, struct fo_agenda_item *item, uint32_t place)
{
	agenda->items[place] = item;
	item->place = place;
}

static void rise(struct fo_agenda *agenda, struct fo_agenda_item *item, uint32_t place)
{
	for (; place > 1 && agenda->items[place / 2]->at > item->at; place /= 2)
		put(agenda, agenda->items[place / 2], place);
	put(agenda, item, place);
}

static void sink(struct fo_agenda *agenda, struct fo_agenda_item *item, uint32_t place)
{
	uint32_t child;

	for (; (child = place * 2) <= agenda->count; place = child) {
		if (child < agenda->count &&
		    agenda->items[child + 1]->at < agenda->items[child]->at)
			child++;
		if (agenda->items[child]->at >= item->at)
			break;
		put(agenda, agenda->items[child], place);
	}
	put(agenda, item, place);
}

void fo_agenda_take(struct fo_agenda *agenda, struct fo_agenda_item *item)
{
	struct fo_agenda_item *last;
	uint32_t place = item->place;

	if (place == 0)
		return;
	item->place = 0;
	last = agenda->items[agenda->count--];
	if (last == item)
		return;
	rise(agenda, last, place);
	sink(agenda, last, last->place);
}

void fo_agenda_set(struct fo_agenda *agenda, struct fo_agenda_item *item, uint64_t at)
{
	fo_agenda_take(agenda, item);
	item->at = at;
	rise(agenda, item, ++agenda->count);
}

struct fo_agenda_item *fo_agenda_first(const struct fo_agenda *agenda)
{
	return agenda->count > 0 ? agenda->items[1] : NULL;
}
