/* SPDX-License-Identifier: MIT */
/* Where everything stands in a text of ours. */
#include <stdlib.h>
#include <string.h>

#include "map.h"

#define STEP 64u /* one place of so many characters is remembered */

static void add(struct fo_build *build, const struct fo_part *part)
{
	struct fo_map *map = build->map;

	if (map->count == map->room) {
		size_t room = map->room ? 2 * map->room : 64;
		void *parts = realloc(map->parts, room * sizeof(*map->parts));

		if (!parts) {
			build->no_memory = true;
			return;
		}
		map->parts = parts;
		map->room = room;
	}
	map->parts[map->count++] = *part;
}

void fo_map_item(struct fo_build *build, struct fo_node *node, const struct fo_option *option,
		 const size_t places[3])
{
	struct fo_part part = { .node = node,
				.option = option,
				.scope = node->scope,
				.from = places[0],
				.value = places[1],
				.to = places[2],
				.end = places[2] };

	if (!build->map)
		return;
	part.parent = build->map->open;
	add(build, &part);
}

void fo_map_open(struct fo_build *build, struct fo_node *node, enum fo_scope scope, bool is_group,
		 size_t from)
{
	struct fo_part part = { .node = node, .scope = scope, .is_group = is_group, .from = from };

	if (!build->map)
		return;
	part.parent = build->map->open;
	add(build, &part);
	if (!build->no_memory)
		build->map->open = build->map->count - 1;
}

void fo_map_contents(struct fo_build *build, size_t value, bool is_flow)
{
	if (!build->map || build->no_memory)
		return;
	build->map->parts[build->map->open].value = value;
	build->map->parts[build->map->open].is_flow = is_flow;
}

void fo_map_close(struct fo_build *build, size_t to, size_t end)
{
	struct fo_map *map = build->map;
	struct fo_part *part;
	size_t last;

	if (!map || build->no_memory)
		return;
	part = &map->parts[map->open];
	last = fo_map_last(map, map->open);
	if (!end && last != FO_NOWHERE)
		to = end = map->parts[last].end;
	part->to = end ? to : part->value;
	part->end = end ? end : part->value;
	map->open = part->parent;
}

void fo_map_clear(struct fo_map *map)
{
	free(map->parts);
	memset(map, 0, sizeof(*map));
}

static bool starts_character(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

struct places {
	const char *text;
	size_t length;
	size_t *byte; /* of each STEP-th character */
	size_t count;
};

static void to_byte(const struct places *places, size_t *place)
{
	size_t step = *place / STEP, rest = *place % STEP, at = places->length;

	if (step < places->count)
		at = places->byte[step];
	for (; rest > 0 && at < places->length; rest--) {
		do
			at++;
		while (at < places->length && !starts_character(places->text[at]));
	}
	*place = at;
}

int fo_map_to_bytes(struct fo_map *map, const char *text, size_t length)
{
	struct places places = { .text = text, .length = length };
	size_t characters = 0;

	places.byte = calloc(length / STEP + 1, sizeof(*places.byte));
	if (!places.byte)
		return FAILOVER_ERR_MEMORY;
	for (size_t i = 0; i < length; i++) {
		if (!starts_character(text[i]))
			continue;
		if (characters % STEP == 0)
			places.byte[places.count++] = i;
		characters++;
	}
	for (size_t i = 0; i < map->count; i++) {
		to_byte(&places, &map->parts[i].from);
		to_byte(&places, &map->parts[i].value);
		to_byte(&places, &map->parts[i].to);
		to_byte(&places, &map->parts[i].end);
	}
	free(places.byte);
	return FAILOVER_OK;
}

/* ---- looking things up ---------------------------------------------------------------------- */

static size_t last_before(const struct fo_map *map, size_t parent, size_t before)
{
	while (before > parent + 1) {
		before--;
		if (map->parts[before].parent == parent)
			return before;
	}
	return FO_NOWHERE;
}

size_t fo_map_last(const struct fo_map *map, size_t parent)
{
	return last_before(map, parent, map->count);
}

size_t fo_map_before(const struct fo_map *map, size_t part)
{
	return last_before(map, map->parts[part].parent, part);
}

size_t fo_map_last_item(const struct fo_map *map, size_t parent)
{
	size_t at = fo_map_last(map, parent);

	while (at != FO_NOWHERE && !map->parts[at].option)
		at = fo_map_before(map, at);
	return at;
}

size_t fo_map_last_section(const struct fo_map *map, size_t parent, enum fo_scope scope)
{
	size_t at = fo_map_last(map, parent);

	while (at != FO_NOWHERE && (map->parts[at].option || map->parts[at].scope != scope))
		at = fo_map_before(map, at);
	return at;
}

size_t fo_map_find(const struct fo_map *map, const struct fo_node *node,
		   const struct fo_option *option)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct fo_part *part = &map->parts[i];

		if (part->node == node && part->option == option && !part->is_group)
			return i;
	}
	return FO_NOWHERE;
}
