/* SPDX-License-Identifier: MIT */
/* oracle_return.c - when a line returns: how long a better target has to be good (B30), how long it
 * stays at a backup (B31), and how long what is dead is known to be (B35). */
#include "tests/sim/oracle.h"
#include "tests/sim/profiles.h"

#define DAY_MS 86400000ull
#define HOUR_MS 3600000ull
#define HURRY_MS 32000ull

uint64_t oracle_hold_ms(const struct oracle_line *line)
{
	uint64_t hold = line->settings.failback_hold_s * 1000ull;
	uint32_t i;

	for (i = 0; i < line->relapses; i++) {
		hold *= line->settings.failback_growth;
		if (hold > DAY_MS)
			return DAY_MS;
	}
	return hold;
}

int oracle_probes_first(const struct oracle_line *line)
{
	const struct failover_line_settings *s = &line->settings;

	return s->failback && (s->failback_successes > 1 || s->failback_hold_s) &&
	       (profile_facts(s->profile)->probes_proxies ||
		line->targets[0].registrar != line->serving.registrar);
}

int oracle_is_held(const struct oracle *o, const struct oracle_line *line,
		   const struct failover_target *target)
{
	uint32_t serving = oracle_index(line, &line->serving), i, busy = line->busy;

	for (i = 0; line->settings.group && i < ORACLE_LINES; i++)
		busy |= o->lines[i].id && o->lines[i].busy &&
			o->lines[i].settings.group == line->settings.group;
	return busy && line->settings.failback_when == FAILOVER_FAILBACK_IDLE && line->registered &&
	       serving < line->targets_count && oracle_index(line, target) < serving;
}

static int has_tried(const struct oracle_request *r, const struct failover_target *target)
{
	uint32_t i;

	for (i = 0; i < r->legs_count; i++)
		if (oracle_same(&r->legs[i].target, target))
			return 1;
	for (i = 0; i < r->left_out_count; i++)
		if (oracle_same(&r->left_out[i], target))
			return 1;
	return 0;
}

int oracle_stays_below(const struct oracle *o, const struct oracle_line *line,
		       const struct oracle_request *r, const struct failover_target *target)
{
	return oracle_is_held(o, line, target) && !r->manual && !r->followed &&
	       !has_tried(r, &line->serving);
}

int oracle_would_return(const struct oracle *o, const struct oracle_line *line)
{
	uint64_t since = line->good ? o->now - line->good_since : 0;

	return line->good + 1 >= line->settings.failback_successes && since >= oracle_hold_ms(line);
}

static void forget(const struct oracle *o, struct oracle_line *line)
{
	if (!line->has_returned || o->now - line->returned_at <= HOUR_MS)
		return;
	line->relapses = 0;
	line->has_returned = 0;
}

static void good(const struct oracle *o, struct oracle_line *line,
		 const struct failover_target *target)
{
	forget(o, line);
	if (!line->good || !oracle_same(&line->good_target, target)) {
		line->good = 0;
		line->good_since = o->now;
	}
	if (oracle_same(target, &line->serving)) { /* a call has brought the line there */
		line->good_enough = 1;
		return;
	}
	line->good++;
	line->good_target = *target;
	line->good_enough = (line->good >= line->settings.failback_successes &&
			     o->now - line->good_since >= oracle_hold_ms(line)) ||
			    !line->settings.failback || !line->registered ||
			    oracle_index(line, &line->serving) == line->targets_count;
	if (line->settings.failback && oracle_is_held(o, line, target)) /* B32 */
		line->good_enough = 0;
}

/* B30: what is not enough to return is a binding all the same, if it is another registrar's. */
void oracle_good(struct oracle *o, const struct failover_target *target)
{
	struct oracle_line *line = o->line;

	good(o, line, target);
	if (line->good_enough || target->registrar == line->serving.registrar)
		return;
	line->live_until[target->registrar] = o->now + o->answer.expires_s * 1000ull;
	line->via[target->registrar] = *target;
}

void oracle_relapse(const struct oracle *o, struct oracle_line *line, int down)
{
	uint64_t hold = line->settings.failover_hold_s * 1000ull;

	forget(o, line);
	if (line->has_returned && down)
		line->relapses++;
	line->good = 0;
	line->up_after = line->up_maybe = 0;
	line->has_returned = !down;
	line->returned_at = o->now;
	if (!down || !hold)
		return;
	line->up_after = o->now + hold;
	line->up_maybe = line->up_after + hold * line->settings.jitter_percent / 100 + 1;
}

void oracle_good_again(const struct oracle *o, const struct oracle_line *line, uint64_t *least,
		       uint64_t *most)
{
	uint64_t hold = oracle_hold_ms(line), gone = o->now - line->good_since, gap = 0;
	uint64_t interval = line->settings.failback_interval_s * 1000ull;

	if (hold > gone)
		gap = hold - gone;
	if (line->settings.failback_successes > line->good)
		gap /= line->settings.failback_successes - line->good;
	if (gap < HURRY_MS)
		gap = HURRY_MS;
	if (gap > interval)
		gap = interval;
	*least = o->now + gap;
	*most = *least + gap * line->settings.jitter_percent / 100;
	if (*least < line->up_after) /* B31: a person has asked */
		*least = line->up_after;
	if (*most < line->up_maybe)
		*most = line->up_maybe;
}

uint32_t oracle_dead_by(struct oracle *o, const struct failover_target *target)
{
	const struct oracle_address *address = oracle_address(o, target);

	if (o->dead_time_s && o->now - address->dead_at >= o->dead_time_s * 1000ull)
		return 0;
	return address->dead_by;
}

void oracle_dead(struct oracle *o, const struct failover_target *target, uint32_t line)
{
	struct oracle_address *address = oracle_address(o, target);

	if (!address->dead_by)
		address->dead_by = line;
	address->dead_at = o->now;
}

/* B17b: begin anew at index 0, with nothing known against anybody. */
void oracle_failback(struct oracle *o, struct oracle_line *line)
{
	uint32_t i;

	line->pinned = 0;
	line->up_after = line->up_maybe = 0;
	for (i = 0; i < line->targets_count; i++) {
		oracle_address(o, &line->targets[i])->skip_until = 0;
		oracle_address(o, &line->targets[i])->dead_by = 0;
	}
	line->manual_due = 1;
	oracle_wait_anew(line);
}

/* B17c: a REGISTER on its way up begins anew where the line is, if that was not found wanting. */
void oracle_pin(struct oracle_line *line)
{
	struct oracle_request *r = oracle_own(line, OWN_REGISTER);
	struct oracle_leg *leg = r ? oracle_running(r) : NULL;
	uint32_t i;

	line->pinned = 1;
	line->good = 0;
	line->follows = 0;
	line->next_probe = UINT64_MAX;
	if (!leg || oracle_index(line, &leg->target) >= oracle_index(line, &line->serving))
		return;
	for (i = 0; i < r->legs_count; i++)
		if (oracle_same(&r->legs[i].target, &line->serving))
			return;
	for (i = 0; i < r->left_out_count; i++)
		if (oracle_same(&r->left_out[i], &line->serving))
			return;
	line->manual_due = 1;
	oracle_wait_anew(line);
}
