/* SPDX-License-Identifier: MIT */
/*
 * search.c - breadth first over all inputs. What has been seen is a set of 64-bit hashes; for each
 * state the one before it and the input that led on are kept, so the way to any state can be told,
 * and taken again on a new engine without a single copied state.
 */
#include <stdlib.h>
#include <string.h>
#include "explore.h"

struct origin {
	uint32_t before; /* number of the state */
	struct ex_input input;
};

/* States of one depth, with their numbers. */
struct level {
	unsigned char *states;
	uint32_t *numbers;
	size_t count, room;
};

struct search {
	struct ex_world world;
	const struct ex_limits *limits;
	struct ex_figures *figures;
	uint64_t *seen; /* open addressing; 0 = free */
	size_t seen_size;
	struct origin *origins;
	size_t origins_room;
	struct level now, next;
	size_t bytes; /* of a stored state */
	int full;
};

/* ---- what has been seen ------------------------------------------------------------------- */

static size_t place_of(const uint64_t *seen, size_t size, uint64_t hash)
{
	size_t place = (size_t)(hash & (size - 1));

	while (seen[place] && seen[place] != hash)
		place = (place + 1) & (size - 1);
	return place;
}

static uint64_t memory_used(const struct search *search)
{
	return search->seen_size * sizeof(uint64_t) + search->origins_room * sizeof(struct origin) +
	       (search->now.room + search->next.room) * (search->bytes + sizeof(uint32_t));
}

static int may_take(struct search *search, uint64_t bytes)
{
	if (memory_used(search) + bytes > search->limits->memory) {
		search->full = 1;
		return 0;
	}
	return 1;
}

static int seen_grow(struct search *search)
{
	size_t size = search->seen_size ? search->seen_size * 2 : (size_t)1 << 16, i;
	uint64_t *seen;

	if (!may_take(search, size * sizeof(*seen)))
		return 0;
	seen = calloc(size, sizeof(*seen));
	if (!seen)
		return 0;
	for (i = 0; i < search->seen_size; i++)
		if (search->seen[i])
			seen[place_of(seen, size, search->seen[i])] = search->seen[i];
	free(search->seen);
	search->seen = seen;
	search->seen_size = size;
	return 1;
}

/* Doubles an array of `each` bytes. */
static int grow(struct search *search, void *array, size_t *room, size_t each)
{
	size_t more = *room ? *room * 2 : 4096;
	void *old, *new;

	memcpy(&old, array, sizeof(old));
	if (!may_take(search, (more - *room) * each))
		return 0;
	new = realloc(old, more * each);
	if (!new)
		return 0;
	memcpy(array, &new, sizeof(new));
	*room = more;
	return 1;
}

static int level_put(struct search *search, uint32_t number)
{
	struct level *level = &search->next;
	size_t room = level->room;

	if (level->count == level->room &&
	    (!grow(search, &level->states, &level->room, search->bytes) ||
	     !grow(search, &level->numbers, &room, sizeof(uint32_t))))
		return 0;
	ex_world_save(&search->world,
		      (struct ex_snapshot *)(void *)(level->states + level->count * search->bytes));
	level->numbers[level->count++] = number;
	return 1;
}

/* The world's state is taken if it is new. Returns 0 when there is no more room. */
static int take(struct search *search, uint32_t before, struct ex_input input)
{
	uint64_t hash = ex_world_hash(&search->world), states = search->figures->states;
	size_t place;

	if (states * 3 / 2 >= search->seen_size && !seen_grow(search))
		return 0;
	place = place_of(search->seen, search->seen_size, hash);
	if (search->seen[place])
		return 1;
	if (states == UINT32_MAX || (search->limits->states && states == search->limits->states) ||
	    (states == search->origins_room &&
	     !grow(search, &search->origins, &search->origins_room, sizeof(struct origin))))
		return 0;
	if (!level_put(search, (uint32_t)states))
		return 0;
	search->seen[place] = hash;
	search->origins[states] = (struct origin){ before, input };
	search->figures->states++;
	return 1;
}

/* ---- ways --------------------------------------------------------------------------------- */

/* The inputs that lead to a state, first one first; the caller frees them. */
static struct ex_input *way_to(const struct search *search, uint32_t number, size_t *count)
{
	struct ex_input *way;
	uint32_t at;
	size_t i = 0;

	for (at = number; at; at = search->origins[at].before)
		i++;
	*count = i;
	way = calloc(i + 1, sizeof(*way));
	for (at = number; way && at; at = search->origins[at].before)
		way[--i] = search->origins[at].input;
	return way;
}

static void tell_way(const struct search *search, uint32_t number, const struct ex_input *last)
{
	char text[128];
	size_t count, i;
	struct ex_input *way = way_to(search, number, &count);

	printf("# %s: %s\n# after:\n", search->world.config->name, search->world.why);
	for (i = 0; way && i < count; i++)
		printf("#   %s\n", ex_input_text(&way[i], text, sizeof(text)));
	if (last)
		printf("#   %s\n", ex_input_text(last, text, sizeof(text)));
	free(way);
}

/* The way to a state on a new engine: it leads to the same state, so that copying and putting back
 * states has not made it up. */
static int replay(struct search *search, uint32_t number, uint64_t hash)
{
	struct ex_world world;
	size_t count, i;
	struct ex_input *way = way_to(search, number, &count);
	int wrong = 1;

	if (!way || ex_world_open(&world, search->world.config))
		goto out;
	for (i = 0; i < count && !world.why[0]; i++)
		ex_input_apply(&world, way[i]);
	wrong = world.why[0] || ex_world_hash(&world) != hash;
	ex_world_close(&world);
	search->figures->replayed++;
	if (wrong) {
		ex_fail(&search->world, "a new engine comes to another state on the same way");
		tell_way(search, number, NULL);
	}
out:
	free(way);
	return wrong;
}

/* ---- the walk ----------------------------------------------------------------------------- */

static int check_state(struct search *search, const struct ex_snapshot *state, uint32_t number)
{
	static void (*const checks[])(struct ex_world *) = { ex_check_stale, ex_check_silence,
							     ex_check_heal };
	static void (*const tortures[])(struct ex_world *, const struct ex_snapshot *) = {
		ex_check_full, ex_check_clock_back, ex_check_clock_jump
	};
	size_t i;

	search->figures->checked++;
	if (search->world.config->edge)
		return 0; /* there is no time left for what follows */
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		ex_world_load(&search->world, state);
		checks[i](&search->world);
		if (search->world.why[0]) {
			tell_way(search, number, NULL);
			return 1;
		}
	}
	for (i = 0; i < sizeof(tortures) / sizeof(tortures[0]); i++) {
		tortures[i](&search->world, state);
		if (search->world.why[0]) {
			tell_way(search, number, &search->world.input);
			return 1;
		}
	}
	ex_world_load(&search->world, state);
	return search->figures->checked % 64 == 1 &&
	       replay(search, number, ex_world_hash(&search->world));
}

/* Returns 1 if an invariant does not hold. */
static int expand(struct search *search, const struct ex_snapshot *state, uint32_t number)
{
	struct ex_input inputs[EX_INPUTS];
	unsigned count, i;

	if (search->limits->sample && number % search->limits->sample == 0 &&
	    check_state(search, state, number))
		return 1;
	ex_world_load(&search->world, state);
	count = ex_inputs(&search->world, inputs);
	if (count == EX_INPUTS) {
		printf("# more inputs than there is room for\n");
		return 1;
	}
	for (i = 0; i < count; i++) {
		ex_world_load(&search->world, state);
		ex_input_apply(&search->world, inputs[i]);
		search->figures->transitions++;
		if (search->world.why[0]) {
			tell_way(search, number, &inputs[i]);
			return 1;
		}
		if (!search->full && !take(search, number, inputs[i]))
			search->full = 1;
	}
	return 0;
}

static int walk(struct search *search)
{
	struct ex_figures *figures = search->figures;
	struct level swap;
	size_t i;

	for (;;) {
		swap = search->now;
		search->now = search->next;
		search->next = swap;
		search->next.count = 0;
		if (!search->now.count)
			break;
		if (search->full ||
		    (search->limits->depth && figures->depth == search->limits->depth))
			return 0;
		for (i = 0; i < search->now.count; i++)
			if (expand(search,
				   (struct ex_snapshot *)(void *)(search->now.states +
								  i * search->bytes),
				   search->now.numbers[i]))
				return 1;
		if (search->next.count)
			figures->depth++;
	}
	figures->closed = !search->full;
	return 0;
}

int ex_search(const struct ex_config *config, const struct ex_limits *limits,
	      struct ex_figures *figures)
{
	struct search search = { .limits = limits, .figures = figures };
	int error = ex_world_open(&search.world, config);

	*figures = (struct ex_figures){ .states = 0 };
	if (error) {
		printf("# %s: error %d\n", config->name, error);
		return 1;
	}
	ex_rows_world(&search.world);
	search.bytes = search.world.snapshot_bytes;
	error = !take(&search, 0, (struct ex_input){ .kind = EX_TICK }) || walk(&search);
	figures->memory = memory_used(&search);
	free(search.seen);
	free(search.origins);
	free(search.now.states);
	free(search.now.numbers);
	free(search.next.states);
	free(search.next.numbers);
	ex_world_close(&search.world);
	return error;
}
