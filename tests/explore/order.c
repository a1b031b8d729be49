/* SPDX-License-Identifier: MIT */
/* order.c - who is next and for how long, written from the rules (B3, B4c, B4d, B6, B9, B11, B12)
 * and not from the core. */
#include <string.h>
#include "explore.h"

static const char *list_of(const struct ex_world *world)
{
	return world->config->lists[world->watch.list];
}

unsigned ex_index(const struct ex_world *world, unsigned place)
{
	const char *list = list_of(world);
	unsigned i;

	for (i = 0; list[i]; i++)
		if ((unsigned)(list[i] - '0') == place)
			return i;
	return EX_NOBODY;
}

static unsigned address_of(const struct ex_world *world, unsigned place)
{
	return (unsigned)(world->config->addresses[place] - '0');
}

int ex_skipped(const struct ex_world *world, unsigned place)
{
	return world->watch.skip_until[address_of(world, place)] > ex_world_now(world);
}

static unsigned not_skipped(const struct ex_world *world, unsigned places)
{
	unsigned place;

	for (place = 0; world->config->registrars[place]; place++)
		if (ex_skipped(world, place))
			places &= ~(1u << place);
	return places;
}

unsigned ex_candidates(const struct ex_world *world, const struct ex_request *request)
{
	const char *list;
	unsigned places = 0;

	for (list = list_of(world); *list; list++) {
		unsigned place = (unsigned)(*list - '0');

		if (!((request->tried | request->dead) & 1u << place))
			places |= 1u << place;
	}
	return places;
}

/* None of these places is before this one in the list. */
static int is_first(const struct ex_world *world, unsigned places, unsigned place)
{
	const char *list;

	for (list = list_of(world); *list && (unsigned)(*list - '0') != place; list++)
		if (places & 1u << (*list - '0'))
			return 0;
	return 1;
}

/* B4c: of the skipped, the one whose time ends first. */
static int soonest(const struct ex_world *world, unsigned places, unsigned place)
{
	unsigned i;

	for (i = 0; i < EX_TARGETS; i++)
		if ((places & 1u << i) && world->watch.skip_until[address_of(world, i)] <
						  world->watch.skip_until[address_of(world, place)])
			return 0;
	return 1;
}

int ex_upward(const struct ex_world *world, const struct ex_request *request)
{
	unsigned serving = world->watch.serving;
	unsigned done = request->tried | request->dead | request->optional;
	int manual = request->method == FAILOVER_REGISTER &&
		     (world->line->requests[FO_SLOT_REGISTER].flags & FO_REQUEST_ANY_HEALTH);
	int walks = request->method == FAILOVER_REGISTER || request->method == FAILOVER_INVITE ||
		    request->method == FAILOVER_BYE;
	int own_dialog = request->dialog != EX_NOBODY &&
			 (request->method != FAILOVER_BYE || request->dialog == request->start);
	uint32_t flags = FAILOVER_ATTEMPT_PROBE | FAILOVER_ATTEMPT_RELEASE;

	return world->config->signal && world->registered && walks && !manual && !request->moved &&
	       !own_dialog && request->ordinal == 1 && !(request->flags & flags) &&
	       !(done & 1u << serving) && ex_index(world, serving) != EX_NOBODY &&
	       ex_index(world, request->target) < ex_index(world, serving);
}

unsigned ex_start(const struct ex_world *world, const struct ex_request *request)
{
	unsigned index0 = (unsigned)(list_of(world)[0] - '0');
	int dialog = request->dialog != EX_NOBODY;

	if (world->config->signal && ex_world_now(world) >= world->watch.up_after &&
	    ((request->method == FAILOVER_INVITE && !dialog) || request->method == FAILOVER_BYE))
		return index0; /* B12, B12a: ex_settings names BYE */
	if (dialog && ex_index(world, request->dialog) != EX_NOBODY)
		return request->dialog; /* B9 */
	return ex_index(world, world->watch.serving) != EX_NOBODY ? world->watch.serving : index0;
}

static int probe_right(const struct ex_world *world, unsigned candidates, unsigned place)
{
	const struct ex_config *config = world->config;
	unsigned serving = world->watch.serving;
	const char *list;

	for (list = list_of(world); *list && (unsigned)(*list - '0') != serving; list++) {
		unsigned above = (unsigned)(*list - '0');

		if (!profile_facts(config->profile)->probes_proxies &&
		    config->registrars[above] == config->registrars[serving])
			continue; /* B11a */
		if ((candidates & 1u << above) && !ex_skipped(world, above))
			return above == place;
	}
	return 0;
}

/* What is not failed over leaves a skipped target alone, too, as far as the line is registered or
 * the registrar is the same (B4c). */
static int alone_right(const struct ex_world *world, unsigned start, unsigned place)
{
	const struct ex_config *config = world->config;
	unsigned places = 1u << start;
	const char *list;

	if (!ex_skipped(world, start))
		return place == start;
	for (list = list_of(world); *list; list++) {
		unsigned other = (unsigned)(*list - '0');
		unsigned registrar = (unsigned)(config->registrars[other] - '0');

		if (config->registrars[other] == config->registrars[start] ||
		    world->watch.live_until[registrar] > ex_world_now(world))
			places |= 1u << other;
	}
	for (list = list_of(world); *list; list++)
		if ((places & 1u << (*list - '0')) && !ex_skipped(world, (unsigned)(*list - '0')))
			return place == (unsigned)(*list - '0');
	return soonest(world, places, place);
}

int ex_order_right(const struct ex_world *world, const struct ex_request *request, unsigned place,
		   const struct failover_attempt *attempt)
{
	unsigned candidates = ex_candidates(world, request);
	unsigned first = request->start;
	unsigned serving = world->watch.serving, optional = request->optional;

	if (attempt->flags & (FAILOVER_ATTEMPT_RELEASE | FAILOVER_ATTEMPT_KEEPALIVE) ||
	    attempt->method == FAILOVER_CANCEL)
		return request->ordinal == 0;
	if (attempt->method == FAILOVER_OPTIONS || attempt->method == FAILOVER_OTHER)
		return request->ordinal == 0 && alone_right(world, first, place);
	if (!(candidates & 1u << place))
		return 0;
	if (attempt->flags & FAILOVER_ATTEMPT_PROBE)
		return probe_right(world, candidates, place);
	if (ex_upward(world, request) && place == serving && (candidates & 1u << place))
		return 1; /* B22b */
	if (attempt->method == FAILOVER_REGISTER && !request->ordinal)
		return 1; /* at the target that a request waits for, at serving, or at index 0 */
	if (not_skipped(world, candidates & ~optional))
		candidates = not_skipped(world, candidates);
	else if (ex_skipped(world, place)) /* B22c */
		return soonest(world, candidates & ~optional, place) ||
		       soonest(world, candidates, place);
	if (!(candidates & 1u << place))
		return 0;
	if (place == first || place == request->awaited)
		return 1;
	if (request->moved && place == serving)
		return 1; /* B6a */
	if (request->ordinal && request->moved && (candidates & ~optional & 1u << serving))
		return 0;
	return is_first(world, candidates & ~optional, place);
}

/* ---- how long (B3) ------------------------------------------------------------------------ */

uint32_t ex_64t1_ms(const struct ex_config *config)
{
	return config->real_times ? 32000 : 8000;
}

/* V2's time; V3's three transmissions, or of the even times seven, which come to 64*T1. */
uint32_t ex_least_budget_ms(const struct ex_config *config)
{
	if (profile_facts(config->profile)->by_time)
		return 4000;
	return config->real_times ? 3500 : 8000;
}

/* The request is at its new target already. */
uint32_t ex_budget_ms(const struct ex_world *world, const struct ex_request *request,
		      const struct failover_attempt *attempt)
{
	uint32_t full = ex_64t1_ms(world->config);
	unsigned others = ex_candidates(world, request) & ~(1u << request->target);

	if (attempt->flags & (FAILOVER_ATTEMPT_PROBE | FAILOVER_ATTEMPT_RELEASE) ||
	    attempt->method == FAILOVER_OTHER)
		return full;
	if (attempt->method == FAILOVER_OPTIONS || attempt->method == FAILOVER_CANCEL ||
	    attempt->flags & FAILOVER_ATTEMPT_VISIT) /* B5b, B22 */
		return list_of(world)[1] ? ex_least_budget_ms(world->config) : full;
	if (request->ordinal > 1 && !request->silent) /* B22 */
		return ex_least_budget_ms(world->config);
	return others ? ex_least_budget_ms(world->config) : full;
}
