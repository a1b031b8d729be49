/* SPDX-License-Identifier: MIT */
/* failback.c - register failback: the probe (B11), and letting go of the old binding (B11b). */
#include "../attempt.h"
#include "../random.h"
#include "../schedule.h"
#include "../target.h"
#include "line.h"

/* There is somewhere to go back to: a target above serving that the profile lets a probe go to. */
static int has_above(const struct fo_line *line)
{
	uint8_t i;

	for (i = 0; i < line->listed && fo_order(line)[i] != line->serving; i++)
		if (fo_target_probed(line, fo_order(line)[i]))
			return 1;
	return 0;
}

/* How long a better target has to be good. */
static uint32_t hold_ms(const struct fo_line *line)
{
	uint32_t hold_s = line->settings->is.failback_hold_s, relapses = line->relapses;

	while (relapses-- && hold_s < FO_HOLD_MOST_S)
		hold_s *= line->settings->is.failback_growth;
	return 1000u * (hold_s < FO_HOLD_MOST_S ? hold_s : FO_HOLD_MOST_S);
}

/* It has stayed for an hour where it returned to: what was before is forgotten. */
static void forget_relapses(const struct failover_engine *engine, struct fo_line *line)
{
	if (line->returned &&
	    (uint32_t)engine->wheel.now - line->returned_at > 1000u * FO_RELAPSE_S)
		line->returned = line->relapses = 0;
}

static uint64_t spread(struct failover_engine *engine, const struct fo_line *line, uint32_t ms)
{
	return fo_wheel_after(&engine->wheel, fo_random_spread(&engine->random, ms,
							       line->settings->is.jitter_percent));
}

static void plan_probe(struct failover_engine *engine, struct fo_line *line, uint32_t ms)
{
	line->probe_at = spread(engine, line, ms);
	if (line->probe_at < line->up_after) /* B31 */
		line->probe_at = line->up_after;
}

/* No probe is planned; what those of before have found is forgotten. */
static void forget_good(struct fo_line *line)
{
	line->probe_at = FO_NEVER;
	line->good = line->waits = 0;
}

void fo_failback_arm(struct failover_engine *engine, struct fo_line *line)
{
	const struct failover_line_settings *is = &line->settings->is;

	forget_relapses(engine, line);
	if (!is->failback || (line->flags & FO_LINE_PINNED) ||
	    !(line->flags & FO_LINE_REGISTERED) || !has_above(line)) {
		forget_good(line);
		return;
	}
	if (line->probe_at != FO_NEVER || line->waits)
		return;
	plan_probe(engine, line, 1000u * is->failback_interval_s);
}

void fo_failback_wait(struct failover_engine *engine, struct fo_line *line)
{
	forget_good(line);
	fo_failback_arm(engine, line);
}

/* Half-way: the next probe comes as soon as it may be enough, but not in a hurry. */
static uint32_t again_ms(const struct fo_line *line, uint32_t left_ms)
{
	const struct failover_line_settings *is = &line->settings->is;
	uint32_t most = 1000u * is->failback_interval_s, ms = left_ms;

	if (line->good < is->failback_successes)
		ms /= is->failback_successes - line->good;
	if (ms < FO_HEALTH_RETRY_MS)
		ms = FO_HEALTH_RETRY_MS;
	return ms < most ? ms : most;
}

/* A line that is well where it is has time to see how the better target does. */
static int may_wait(const struct fo_line *line)
{
	return line->settings->is.failback && (line->flags & FO_LINE_REGISTERED) &&
	       fo_targets(line)[line->serving].listed;
}

/* How much longer it has to be good. */
static uint32_t hold_left_ms(const struct failover_engine *engine, const struct fo_line *line)
{
	uint32_t hold = hold_ms(line);
	uint32_t since = line->good ? (uint32_t)engine->wheel.now - line->good_since : 0;

	return since < hold ? hold - since : 0;
}

void fo_failback_wait_idle(struct fo_line *line)
{
	line->probe_at = FO_NEVER;
	line->waits = line->settings->is.failback & 1;
}

static void take_up(struct failover_engine *engine, struct fo_line *line)
{
	if (!line->waits || fo_target_held(engine, line, fo_order(line)[0]))
		return;
	line->waits = 0;
	plan_probe(engine, line, 0);
	fo_line_arm(engine, line);
}

/* B30: a better target has answered a probe. Returns 1 if the line returns now. */
static int good(struct failover_engine *engine, struct fo_line *line, uint8_t target)
{
	struct failover_event *event;
	int held = fo_target_held(engine, line, target);
	uint32_t left_ms;

	if (!may_wait(line))
		return 1;
	forget_relapses(engine, line);
	if (line->good_target != target)
		line->good = 0;
	if (!line->good)
		line->good_since = (uint32_t)engine->wheel.now;
	if (line->good < UINT8_MAX)
		line->good++;
	line->good_target = target;
	left_ms = hold_left_ms(engine, line);
	if (left_ms || line->good < line->settings->is.failback_successes)
		plan_probe(engine, line, again_ms(line, left_ms));
	else if (held)
		fo_failback_wait_idle(line);
	else
		return 1;
	event = fo_event_add(engine, line, FAILOVER_EVENT_PROBE_GOOD);
	event->method = FAILOVER_REGISTER;
	if (!line->waits)
		event->seconds = (uint32_t)(line->probe_at - engine->wheel.now + 999) / 1000;
	fo_target_public(engine, line, target, &event->target);
	return 0;
}

/* Who begins anew, or has found the serving target wanting, does not stay. */
int fo_failback_stays(struct failover_engine *engine, struct fo_line *line,
		      const struct fo_request *request)
{
	if (request->target == line->serving)
		return 0;
	if (request->flags & FO_REQUEST_PROBE)
		return !good(engine, line, request->target);
	return !(request->flags & (FO_REQUEST_ANY_HEALTH | FO_REQUEST_VISIT)) &&
	       !(request->tried & 1u << line->serving) &&
	       fo_target_held(engine, line, request->target);
}

void fo_failback_calls(struct failover_engine *engine, struct fo_line *line, uint32_t calls)
{
	uint32_t group = line->settings->is.group, i;

	line->busy = calls != 0;
	take_up(engine, line);
	for (i = 0; group && i < engine->lines_size; i++)
		if (engine->lines[i].line && engine->lines[i].line->settings->is.group == group)
			take_up(engine, engine->lines[i].line);
}

void fo_failback_failed(struct failover_engine *engine, struct fo_line *line)
{
	line->up_after =
		fo_wheel_after(&engine->wheel, 1000u * line->settings->is.failback_interval_s);
	fo_failback_wait(engine, line);
}

/* Returns 0 if nobody may be asked now. */
static int probe(struct failover_engine *engine, struct fo_line *line, uint8_t flags)
{
	struct fo_request_start start = { .method = FAILOVER_REGISTER,
					  .flags = FO_REQUEST_PROBE | flags,
					  .start = FO_NONE };
	struct fo_request *request = fo_request_open(line, FO_SLOT_PROBE, &start);
	uint8_t target = fo_target_next(engine, line, request, 0);

	line->probe_at = FO_NEVER;
	line->waits = 0;
	if (target != FO_NONE)
		fo_attempt_start(engine, line, request, target);
	return target != FO_NONE;
}

int fo_failback_now(struct failover_engine *engine, struct fo_line *line)
{
	const struct fo_request *request = fo_line_own(line, FO_SLOT_PROBE);

	if ((line->flags & FO_LINE_PINNED) || !(line->flags & FO_LINE_REGISTERED) ||
	    !has_above(line) || fo_request_running(request))
		return FAILOVER_ERR_STATE;
	if (request->state != FO_REQUEST_FREE)
		return FAILOVER_ERR_FULL;
	(void)probe(engine, line, FO_REQUEST_ANY_HEALTH); /* B17a: whatever is known of them */
	return FAILOVER_OK;
}

void fo_failback_due(struct failover_engine *engine, struct fo_line *line)
{
	const struct failover_line_settings *is = &line->settings->is;

	if (line->good + 1u >= is->failback_successes && !hold_left_ms(engine, line) &&
	    fo_target_held(engine, line, fo_order(line)[0])) {
		fo_failback_wait_idle(line);
		return;
	}
	if (probe(engine, line, 0))
		return;
	line->probe_at =
		fo_after(fo_target_probe_at(engine, line),
			 fo_random_spread(&engine->random, FO_HEALTH_RETRY_MS, is->jitter_percent) -
				 FO_HEALTH_RETRY_MS);
}

void fo_failback_stop(struct failover_engine *engine, struct fo_line *line)
{
	struct fo_request *request = fo_line_own(line, FO_SLOT_PROBE);

	forget_good(line);
	if (fo_request_running(request) && (request->flags & FO_REQUEST_PROBE))
		fo_request_give_up(engine, line, request, FAILOVER_ABANDON_GIVEN_UP);
}

/* B30: a relapse is a move down within an hour of the way up. */
static void note_relapse(const struct failover_engine *engine, struct fo_line *line, int down)
{
	forget_relapses(engine, line);
	if (down && line->returned && line->relapses < FO_RELAPSES_MOST)
		line->relapses++;
	line->returned = !down;
	line->returned_at = (uint32_t)engine->wheel.now;
}

void fo_failback_moved(struct failover_engine *engine, struct fo_line *line, uint8_t target,
		       int down)
{
	const struct fo_request *probe = fo_line_own(line, FO_SLOT_PROBE);
	uint32_t hold_s = line->settings->is.failover_hold_s;

	if (!fo_request_running(probe) || probe->target != target)
		fo_failback_stop(engine, line);
	note_relapse(engine, line, down);
	line->up_after = down && hold_s ? spread(engine, line, 1000u * hold_s) : 0; /* B31 */
	fo_failback_wait(engine, line);
}

void fo_failback_relist(struct failover_engine *engine, struct fo_line *line)
{
	const struct fo_request *request = fo_line_own(line, FO_SLOT_PROBE);

	if (fo_request_running(request) &&
	    fo_target_index(line, request->target) >= fo_target_index(line, line->serving))
		fo_failback_stop(engine, line);
	if (fo_target_index(line, line->good_target) >= fo_target_index(line, line->serving))
		line->good = 0;
	fo_failback_arm(engine, line);
	take_up(engine, line); /* B32: its server may have gone */
}

void fo_failback_moved_up(struct fo_line *line, uint8_t registrar)
{
	if (line->settings->is.failback_release)
		line->release = registrar;
}

void fo_failback_release(struct failover_engine *engine, struct fo_line *line)
{
	uint8_t registrar = line->release;

	line->release = FO_NONE;
	if (fo_registration_live(engine, line, registrar) &&
	    fo_targets(line)[line->serving].registrar != registrar)
		(void)fo_registration_remove_at(engine, line, registrar, FO_SLOT_PROBE);
}
