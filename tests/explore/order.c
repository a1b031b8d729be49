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
	/* What those who wait have met may count or not (B6b): here the core says which. These
	 * lists never change, so its numbers are the places. */
	const struct fo_request *own = &world->line->requests[request - world->watch.requests];
	unsigned done = request->tried | request->dead | (request->optional & own->tried);
	int walks = request->method == FAILOVER_REGISTER || request->method == FAILOVER_INVITE ||
		    request->method == FAILOVER_BYE;
	int own_dialog = request->dialog != EX_NOBODY &&
			 (request->method != FAILOVER_BYE || request->dialog == request->start);
	uint32_t flags = FAILOVER_ATTEMPT_PROBE | FAILOVER_ATTEMPT_RELEASE |
			 FAILOVER_ATTEMPT_VISIT; /* it goes where a call goes, not back */

	return ex_signal(world->config) && world->registered && walks && !request->manual &&
	       !request->moved && !own_dialog && request->ordinal == 1 &&
	       !(request->flags & flags) && !(done & 1u << serving) &&
	       ex_index(world, serving) != EX_NOBODY &&
	       ex_index(world, request->target) < ex_index(world, serving);
}

void ex_begins_check(struct ex_world *world, const struct failover_attempt *attempt)
{
	unsigned serving = world->watch.serving;

	/* Who has called meanwhile may have it registered where that call goes. */
	if (world->watch.begins && !world->watch.called &&
	    !(attempt->flags & FAILOVER_ATTEMPT_VISIT) && ex_index(world, serving) != EX_NOBODY &&
	    ex_place(world, &attempt->target) != serving)
		ex_fail(world, "B37: the first REGISTER goes not where the line was");
}

unsigned ex_start(const struct ex_world *world, const struct ex_request *request)
{
	unsigned index0 = (unsigned)(list_of(world)[0] - '0');
	int dialog = request->dialog != EX_NOBODY;

	struct failover_target follow; /* B39: the core says whether it is on its way there */

	if (ex_signal(world->config) && !ex_held(world, index0) && !world->watch.begins &&
	    world->line->follow == FO_NONE && ex_world_now(world) >= world->watch.up_after &&
	    ((request->method == FAILOVER_INVITE && !dialog) || request->method == FAILOVER_BYE))
		return index0; /* B12, B12a: ex_settings names BYE */
	if (dialog && ex_index(world, request->dialog) != EX_NOBODY)
		return request->dialog; /* B9 */
	if (world->line->follow != FO_NONE) {
		fo_target_public(world->engine, world->line, world->line->follow, &follow);
		return ex_place(world, &follow);
	}
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

/* It asked to be left alone when the REGISTER began, which would have gone there first (B22c). */
static int was_wanted(const struct ex_world *world, const struct ex_request *request,
		      unsigned place)
{
	uint8_t start = world->line->requests[request - world->watch.requests].start;
	struct failover_target target;

	if (request->method != FAILOVER_REGISTER || start == FO_NONE || ex_skipped(world, place))
		return 0;
	fo_target_public(world->engine, world->line, start, &target);
	return ex_place(world, &target) == place;
}

int ex_order_right(const struct ex_world *world, const struct ex_request *request, unsigned place,
		   const struct failover_attempt *attempt)
{
	const struct ex_config *config = world->config;
	unsigned candidates = ex_candidates(world, request);
	unsigned first = request->start;
	unsigned serving = world->watch.serving, optional = request->optional;
	/* B28: or of one whose server grants nothing. */
	unsigned open = config->only ? candidates & ~optional : candidates;
	/* B6a: so is the dialog of a line that has moved since it was set up. */
	int has_moved = request->moved || (request->dialog != EX_NOBODY && !(open & 1u << first));

	if (attempt->flags & (FAILOVER_ATTEMPT_RELEASE | FAILOVER_ATTEMPT_KEEPALIVE) ||
	    attempt->method == FAILOVER_CANCEL)
		return request->ordinal == 0;
	if (attempt->method == FAILOVER_OPTIONS || attempt->method == FAILOVER_OTHER)
		return request->ordinal == 0 &&
		       alone_right(world, config->only && request->moved ? serving : first, place);
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
	else if (candidates &
		 ~optional) { /* before the skipped, though a waiting request has been there */
		candidates = not_skipped(world, candidates);
		optional = 0;
	}
	if (!(candidates & 1u << place))
		return 0;
	if (place == first || place == request->awaited || was_wanted(world, request, place))
		return 1;
	if (has_moved && place == serving)
		return 1; /* B6a */
	if (request->ordinal && has_moved && (candidates & ~optional & 1u << serving))
		return 0;
	return is_first(world, candidates & ~optional, place);
}

int ex_bound(const struct ex_world *world, unsigned place)
{
	const uint64_t *live = world->watch.live_until;
	unsigned registrar = (unsigned)(world->config->registrars[place] - '0');
	uint64_t now = ex_world_now(world);

	switch ((enum failover_register_before)world->config->before) {
	case FAILOVER_BEFORE_REGISTRAR:
		break;
	case FAILOVER_BEFORE_ALWAYS:
		return live[registrar] > now && world->watch.via[registrar] == place;
	case FAILOVER_BEFORE_NEVER:
		if (world->config->only) /* B28 */
			break;
		return live[0] > now || live[1] > now;
	}
	return live[registrar] > now;
}

int ex_only_right(const struct ex_world *world, const struct ex_request *request, unsigned place)
{
	unsigned registrar = (unsigned)(world->config->registrars[place] - '0');
	int own_dialog = !request->ordinal && request->dialog == place;

	if (!world->config->only || request->method == FAILOVER_REGISTER ||
	    request->method == FAILOVER_CANCEL)
		return 1;
	if (world->watch.unregistered ? own_dialog : ex_bound(world, place))
		return 1;
	/* through whichever proxy */
	return own_dialog && world->watch.live_until[registrar] > ex_world_now(world);
}

/* ---- how long (B3) ------------------------------------------------------------------------ */

uint32_t ex_64t1_ms(const struct ex_config *config)
{
	return config->real_times ? 32000 : 8000;
}

/* V2's time, 64*T1 of those without a count; V3's three transmissions, or of the even times seven,
 * which come to 64*T1. */
uint32_t ex_least_budget_ms(const struct ex_config *config)
{
	if (profile_facts(config->profile)->by_time)
		return 4000;
	if (profile_facts(config->profile)->by_timers)
		return ex_64t1_ms(config);
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
