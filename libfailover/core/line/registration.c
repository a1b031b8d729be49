/* SPDX-License-Identifier: MIT */
/* registration.c - the line's own REGISTER: refresh (B15), retry (B16), one for all requests that
 * need it (B6b), and removal. */
#include <string.h>
#include "../attempt.h"
#include "../random.h"
#include "../schedule.h"
#include "../target.h"
#include "line.h"

void fo_registration_disarm(struct fo_line *line)
{
	line->register_at = FO_NEVER;
}

static void start_now(struct failover_engine *engine, struct fo_line *line, enum fo_trigger trigger,
		      uint8_t target, uint32_t tried)
{
	struct fo_request_start start = {
		.method = FAILOVER_REGISTER,
		.start = target,
		.tried = tried,
	};
	struct fo_request *request;

	if (target == FO_NONE && (line->flags & FO_LINE_FROM_INDEX0))
		trigger = FO_TRIGGER_MANUAL; /* B17: it would have come soon */
	if (fo_policy_start(trigger)->ignores_health)
		start.flags = FO_REQUEST_ANY_HEALTH;
	if (target == FO_NONE)
		start.start =
			fo_request_start_slot(engine, line, trigger, FAILOVER_REGISTER, FO_NONE);
	line->begins = 0;
	line->follow = FO_NONE;
	line->flags |= FO_LINE_WANTED;
	line->flags &= (uint8_t) ~(FO_LINE_PENDING_REGISTER | FO_LINE_PENDING_VISIT |
				   FO_LINE_FROM_INDEX0 | FO_LINE_LOST | FO_LINE_UNREGISTERED);
	fo_registration_disarm(line);
	request = fo_request_open(line, FO_SLOT_REGISTER, &start);
	request->for_call = trigger == FO_TRIGGER_DIAL;
	fo_request_walk(engine, line, request);
}

void fo_registration_start(struct failover_engine *engine, struct fo_line *line,
			   enum fo_trigger trigger, uint8_t target, uint32_t tried)
{
	struct fo_request *request = fo_line_own(line, FO_SLOT_REGISTER);

	if (request->state == FO_REQUEST_FREE) {
		start_now(engine, line, trigger, target, tried);
		return;
	}
	if (fo_line_registers(line)) { /* B6b: that one serves all */
		if (trigger == FO_TRIGGER_DIAL)
			fo_pace_hurry(engine, request);
		return;
	}
	line->flags |= FO_LINE_WANTED | FO_LINE_PENDING_REGISTER;
	line->flags &= (uint8_t)~FO_LINE_UNREGISTERED;
	line->pending_target = target;
	line->pending_tried = request->flags & FO_REQUEST_VISIT
				      ? 0
				      : tried; /* what a call alone has met is its own */
	line->pending_trigger = (uint8_t)trigger;
}

static void start_visit(struct failover_engine *engine, struct fo_line *line, uint8_t target)
{
	struct fo_request_start start = { .method = FAILOVER_REGISTER,
					  .flags = FO_REQUEST_VISIT,
					  .start = target };
	struct fo_request *request = fo_request_open(line, FO_SLOT_REGISTER, &start);

	line->flags &= (uint8_t)~FO_LINE_PENDING_VISIT;
	fo_attempt_start(engine, line, request, target);
	fo_pace_again(engine, line, request);
}

/* B6b: one REGISTER under way, or one that is to come, serves this call too. */
void fo_registration_visit(struct failover_engine *engine, struct fo_line *line, uint8_t target)
{
	const struct fo_request *request = fo_line_own(line, FO_SLOT_REGISTER);

	if (request->state == FO_REQUEST_FREE) {
		start_visit(engine, line, target);
	} else if (!fo_request_running(request) && !(line->flags & FO_LINE_PENDING_REGISTER)) {
		line->flags |= FO_LINE_PENDING_VISIT;
		line->pending_target = target;
	}
}

/* B14: what many phones notice in one moment, they do not do in one moment. */
static uint64_t spread(struct failover_engine *engine, const struct fo_line *line)
{
	const struct failover_line_settings *is = &line->settings->is;

	return fo_wheel_after(
		&engine->wheel,
		fo_random(&engine->random, 10u * is->reg_fail_interval_s * is->jitter_percent));
}

/* The device's own network concerns its own lines. */
static uint64_t soon(struct failover_engine *engine, const struct fo_line *line)
{
	return engine->lines_count < 2 ? engine->wheel.now : spread(engine, line);
}

/* B23e: a REGISTER under way is out of date; the requests that wait for it follow the next one, and
 * what it met does not count for them. */
static int drop_current(struct failover_engine *engine, struct fo_line *line)
{
	struct fo_request *request = fo_line_own(line, FO_SLOT_REGISTER);

	if (!fo_request_running(request))
		return 0;
	fo_request_give_up(engine, line, request, FAILOVER_ABANDON_GIVEN_UP);
	fo_request_wait_anew(line);
	return 1;
}

void fo_registration_drop(struct failover_engine *engine, struct fo_line *line)
{
	if (drop_current(engine, line))
		fo_request_registered(engine, line, 0);
}

void fo_registration_anew(struct failover_engine *engine, struct fo_line *line)
{
	(void)drop_current(engine, line);
	fo_registration_start(engine, line, FO_TRIGGER_MANUAL, FO_NONE, 0);
}

int fo_registration_waited_for(const struct fo_line *line)
{
	uint8_t i;

	for (i = FO_SLOTS_OWN; i < line->requests_max; i++)
		if (line->requests[i].state == FO_REQUEST_WAIT_REGISTER)
			return 1;
	return 0;
}

/* Then at the latest. */
static void register_by(struct fo_line *line, uint64_t at)
{
	if (at < line->register_at)
		line->register_at = at;
}

/* B17, B14: soon, and from index 0; a call that waits for a REGISTER has no time for that. */
void fo_registration_network(struct failover_engine *engine, struct fo_line *line)
{
	uint64_t at = fo_registration_waited_for(line) ? engine->wheel.now : soon(engine, line);

	line->flags |= FO_LINE_FROM_INDEX0;
	register_by(line, at); /* B15: a refresh does not wait for it */
}

/* B39, B14: soon, where the first of its group has gone. */
void fo_registration_follow(struct failover_engine *engine, struct fo_line *line, uint16_t node)
{
	uint64_t at;
	uint8_t i = 0;

	if (!(line->flags & FO_LINE_REGISTERED) || (line->flags & FO_LINE_PINNED))
		return;
	while (i < line->listed && fo_targets(line)[fo_order(line)[i]].node != node)
		i++;
	if (i == line->listed || fo_order(line)[i] == line->follow)
		return;
	line->follow = fo_order(line)[i];
	at = fo_registration_waited_for(line) ? engine->wheel.now : spread(engine, line);
	register_by(line, at);
	fo_line_arm(engine, line);
}

/* The user may have given the call up (B6c), or the target has gone from the list (B1b). */
static int is_visit_needed(const struct fo_line *line, uint8_t target)
{
	uint8_t i;

	for (i = FO_SLOTS_OWN; i < line->requests_max; i++)
		if (line->requests[i].state == FO_REQUEST_WAIT_REGISTER &&
		    line->requests[i].target == target)
			return fo_targets(line)[target].listed;
	return 0;
}

static void visit_due(struct failover_engine *engine, struct fo_line *line)
{
	if (is_visit_needed(line, line->pending_target)) {
		start_visit(engine, line, line->pending_target);
		return;
	}
	line->flags &= (uint8_t)~FO_LINE_PENDING_VISIT;
	fo_request_registered(engine, line, 0); /* who waits looks for another one */
}

/* The timer of registration: a start that had to wait, a refresh or a retry. */
void fo_registration_due(struct failover_engine *engine, struct fo_line *line)
{
	enum fo_trigger trigger = FO_TRIGGER_RETRY;
	uint8_t target = FO_NONE;
	uint32_t tried = 0;

	if (line->follow != FO_NONE && fo_target_held(engine, line, line->follow))
		fo_failback_wait_idle(line); /* B32: it follows its group back later */
	if (line->flags & FO_LINE_PENDING_REGISTER) {
		trigger = (enum fo_trigger)line->pending_trigger;
		target = line->pending_target;
		if (target != FO_NONE && fo_targets(line)[target].listed)
			tried = line->pending_tried;
	} else if (line->flags & FO_LINE_PENDING_VISIT) {
		visit_due(engine, line);
		return;
	} else if (line->flags & FO_LINE_REGISTERED) {
		trigger = FO_TRIGGER_EXPIRY;
	}
	(void)drop_current(engine, line); /* if the network has changed meanwhile */
	start_now(engine, line, trigger, target, tried);
}

void fo_registration_min_expires(struct fo_line *line, const struct fo_request *request,
				 uint32_t min_expires_s)
{
	struct fo_registrar *registrar =
		&fo_registrars(line)[fo_targets(line)[request->target].registrar];

	if (!min_expires_s) /* B22e */
		min_expires_s = registrar->expires_s * 2;
	if (min_expires_s > 86400)
		min_expires_s = 86400;
	if (request->method == FAILOVER_REGISTER && min_expires_s > registrar->expires_s)
		registrar->expires_s = min_expires_s;
}

/* B15: at 90 %, at least 5 s before the end; of a very short time, half. The walk of a REGISTER
 * that finds the last target only is to end before the binding does, but no refresh comes before a
 * third. */
static uint32_t refresh_for(const struct fo_line *line, uint32_t expires_s)
{
	uint32_t whole = 1000u * expires_s, walk = fo_attempt_walk_ms(line) + 1000;
	uint32_t ms = 10u * FO_REFRESH_PERCENT * expires_s;
	uint32_t before =
		expires_s > FO_REFRESH_BEFORE_S ? 1000u * (expires_s - FO_REFRESH_BEFORE_S) : 0;
	uint32_t half = 500u * expires_s;

	if (line->options == FO_OPTIONS_NEVER) /* B24c */
		return whole / 3;
	if (ms > before)
		ms = before;
	if (ms < half)
		ms = half;
	if (ms + walk <= whole)
		return ms;
	return whole / 3 + walk > whole ? whole / 3 : whole - walk;
}

/* It ends at a target that the line has left meanwhile for one where it has a binding: it keeps
 * that of its own alive for a while, and decides nothing. */
static int overtaken(const struct failover_engine *engine, const struct fo_line *line,
		     const struct fo_request *request)
{
	return !(request->flags & FO_REQUEST_PROBE) && (request->flags & FO_REQUEST_MOVED) &&
	       request->target != line->serving &&
	       ((line->flags & FO_LINE_REGISTERED) ||
		fo_target_held_until(line, line->serving) > engine->wheel.now);
}

/* The REGISTER that follows a changed network, or a group, comes all the same (B17, B39). */
static void due(struct fo_line *line, uint64_t at)
{
	if (!fo_line_to_leave(line) || at < line->register_at)
		line->register_at = at;
}

static void arm_registered(struct failover_engine *engine, struct fo_line *line, uint32_t expires_s)
{
	line->flags |= FO_LINE_REGISTERED;
	line->failures = line->rejections = 0;
	due(line, fo_wheel_after(&engine->wheel, refresh_for(line, expires_s)));
	fo_keepalive_arm(engine, line);
}

void fo_registration_moved(struct failover_engine *engine, struct fo_line *line)
{
	uint8_t registrar = fo_targets(line)[line->serving].registrar;
	uint64_t now = engine->wheel.now, until = fo_target_held_until(line, line->serving), at;

	if (until <= now || !(line->flags & FO_LINE_WANTED)) /* a call's REGISTER lives and ends */
		return;
	if ((fo_registrars(line)[registrar].via != line->serving || /* B23d: in the background */
	     !fo_registration_live(engine, line, registrar)) &&
	    !fo_health_skipped(fo_target_node(engine, line, line->serving), now)) { /* B22c */
		line->flags |= FO_LINE_PENDING_REGISTER;
		line->pending_target = line->serving;
		line->pending_trigger = FO_TRIGGER_ASK;
		line->pending_tried = 0;
	}
	at = fo_after(now, refresh_for(line, (uint32_t)(until - now) / 1000));
	register_by(line, at);
}

void fo_registration_granted(struct failover_engine *engine, struct fo_line *line,
			     struct fo_request *request, uint32_t expires_s)
{
	struct failover_event *event;
	uint8_t index = fo_targets(line)[request->target].registrar;
	struct fo_registrar *registrar = &fo_registrars(line)[index];
	uint8_t left = fo_targets(line)[line->serving].registrar;
	int learnt, stays = (request->flags & FO_REQUEST_VISIT) != 0;

	if (expires_s == 0 || expires_s > registrar->expires_s)
		expires_s = registrar->expires_s;
	if (fo_failback_stays(engine, line, request)) {
		if (left == index) /* what serves there stays as it is */
			return;
		stays = 1;
	}
	if (stays) { /* B22, B30: the line stays */
		registrar->live_until = fo_wheel_after(&engine->wheel, 1000u * expires_s);
		registrar->via = request->target;
		if (left == index && (line->flags & FO_LINE_REGISTERED)) /* B15: for less, perhaps */
			register_by(line, fo_wheel_after(&engine->wheel, refresh_for(line, expires_s)));
		return;
	}
	if (overtaken(engine, line, request)) {
		if (left != index)
			registrar->live_until = fo_wheel_after(&engine->wheel, 1000u * expires_s);
		if (line->settings->is.register_before == FAILOVER_BEFORE_ALWAYS)
			registrar->via = request->target; /* B27: it may have to be brought back */
		return;
	}
	registrar->live_until = fo_wheel_after(&engine->wheel, 1000u * expires_s);
	if (request->target != line->serving && !fo_targets(line)[request->target].listed)
		return; /* B1b: it has gone meanwhile; who is left is asked next */
	registrar->dialog = request->link; /* B11: a probe's dialog is adopted */
	registrar->via = request->target;
	if (line->pending_target == request->target)
		line->flags &= (uint8_t)~FO_LINE_PENDING_REGISTER; /* B23d: it has been done */
	learnt = request->target == line->serving && fo_keepalive_learnt(line);
	if (request->target != line->serving) {
		int up = fo_target_index(line, request->target) <
			 fo_target_index(line, line->serving);

		fo_line_move(engine, line, request->target, FAILOVER_REGISTER);
		if (up && left != index)
			fo_failback_moved_up(line, left);
	}
	arm_registered(engine, line, expires_s); /* by what is known of the new one */
	fo_failback_arm(engine, line);
	event = fo_event_add(engine, line, FAILOVER_EVENT_REGISTERED);
	event->seconds = expires_s;
	fo_target_public(engine, line, request->target, &event->target);
	if (!learnt)
		return;
	event = fo_event_add(engine, line, FAILOVER_EVENT_NO_OPTIONS);
	event->seconds = expires_s / 3;
	fo_target_public(engine, line, request->target, &event->target);
}

/* B16: 50 to 100 % of the interval, which doubles with backoff (RFC 5626 4.5), and while the
 * credentials are refused (B22e). */
static uint32_t retry_for(struct failover_engine *engine, const struct fo_line *line)
{
	const struct failover_line_settings *is = &line->settings->is;
	uint32_t most_s =
		line->rejections ? FO_REJECTED_BACKOFF_MOST_S : FO_REGISTER_BACKOFF_MOST_S;
	uint16_t times = is->reg_fail_backoff ? line->failures : line->rejections;
	uint32_t most = 1000u * most_s, ms = 1000u * is->reg_fail_interval_s;

	for (; times > 1 && ms < most; times--)
		ms = ms * 2 < most ? ms * 2 : most;
	return ms / 2 + fo_random(&engine->random, ms - ms / 2);
}

/* B22c: nobody is left but who asks to be left alone; that time is never cut short. */
static uint64_t not_in_quiet(struct failover_engine *engine, const struct fo_line *line,
			     uint64_t at)
{
	uint64_t now = engine->wheel.now, quiet = fo_target_quiet_until(engine, line);

	if (quiet <= at)
		return at;
	return fo_after(now, fo_random_spread(&engine->random, (uint32_t)(quiet - now),
					      line->settings->is.jitter_percent));
}

void fo_registration_refresh(struct failover_engine *engine, struct fo_line *line)
{
	uint64_t at = spread(engine, line);
	uint64_t least = line->lost_at ? fo_after(line->lost_at, retry_for(engine, line)) : 0;

	if (at < least)
		at = least;
	if (at < line->register_at) /* else it is due before */
		line->register_at = line->lost_at = at;
}

/* As people are told: a started second counts. */
static uint32_t seconds_until(const struct failover_engine *engine, uint64_t at)
{
	return at > engine->wheel.now ? ((uint32_t)(at - engine->wheel.now) + 999) / 1000 : 0;
}

/* RFC 5626 4.4.1, 4.5: the flow has failed, so the line registers anew, as after a keep-alive
 * without answer (B15a). A server that closes each connection must not make a storm: two such
 * REGISTERs have the interval of B16 between them. */
void fo_registration_connection_lost(struct failover_engine *engine, struct fo_line *line)
{
	struct failover_event *event;

	line->flags &= (uint8_t)~FO_LINE_LOST;
	fo_registration_refresh(engine, line);
	event = fo_event_add(engine, line, FAILOVER_EVENT_CONNECTION_LOST);
	event->seconds = seconds_until(engine, line->register_at);
	fo_target_public(engine, line, line->serving, &event->target);
}

/* B22e: every target asked has refused the credentials. */
static int is_rejected(const struct fo_line *line, const struct fo_request *request)
{
	const struct fo_attempt *all = fo_request_attempts(line, request);
	uint8_t i;

	for (i = 0; i < request->attempts; i++)
		if (all[i].status != 401 && all[i].status != 407)
			return 0;
	return 1;
}

/* The line is without registration: every target failed, or one said no for good. */
static void fail(struct failover_engine *engine, struct fo_line *line, struct fo_request *request)
{
	struct failover_event *event;
	int was_registered = (line->flags & FO_LINE_REGISTERED) != 0;
	uint8_t i;

	for (i = 0; i < line->registrars_count; i++)
		fo_registrars(line)[i].live_until = 0;
	if (line->failures < UINT8_MAX)
		line->failures++;
	if (!is_rejected(line, request))
		line->rejections = 0;
	else if (line->rejections < UINT8_MAX)
		line->rejections++;
	line->flags &= (uint8_t) ~(FO_LINE_REGISTERED | FO_LINE_LOST);
	line->follow = FO_NONE;
	fo_failback_arm(engine, line);
	fo_keepalive_arm(engine, line);
	due(line,
	    not_in_quiet(engine, line, fo_wheel_after(&engine->wheel, retry_for(engine, line))));
	if (!was_registered && line->failures > 1)
		return;
	event = fo_event_add(engine, line, FAILOVER_EVENT_UNREGISTERED);
	if (request->attempts) { /* never: there is always somebody to ask */
		const struct fo_attempt *last =
			&fo_request_attempts(line, request)[request->attempts - 1u];

		event->reason = last->reason ? last->reason : (uint32_t)FAILOVER_REASON_STATUS;
		event->status = last->status;
	}
	event->seconds = seconds_until(engine, line->register_at);
}

/* A refresh that could not leave this device says nothing of the binding, which lives on. */
static int is_registered(const struct failover_engine *engine, const struct fo_line *line)
{
	return (line->flags & FO_LINE_REGISTERED) &&
	       fo_target_held_until(line, line->serving) > engine->wheel.now;
}

/* B22: the serving server is asked itself, unless it wants to be left alone (B22c). */
static void ask(struct failover_engine *engine, struct fo_line *line, uint8_t target,
		uint32_t tried)
{
	if (!fo_health_skipped(fo_target_node(engine, line, line->serving), engine->wheel.now))
		fo_registration_start(engine, line, FO_TRIGGER_ASK, target, tried);
	else if (!fo_request_running(fo_line_own(line, FO_SLOT_REGISTER)))
		fo_registration_moved(engine, line);
}

void fo_registration_ask(struct failover_engine *engine, struct fo_line *line)
{
	if (is_registered(engine, line) && line->listed > 1)
		ask(engine, line, FO_NONE, 0);
}

/* B16: a REGISTER that was overtaken decides nothing, but the line must not stop trying. */
static void keep_trying(struct failover_engine *engine, struct fo_line *line)
{
	if (fo_target_held_until(line, line->serving) <= engine->wheel.now)
		line->register_at = engine->wheel.now;
	fo_registration_moved(engine, line);
}

void fo_registration_end(struct failover_engine *engine, struct fo_line *line,
			 struct fo_request *request, const struct failover_answer *answer)
{
	int refused = !answer || answer->status / 100 != 2, failed = 0;

	if (overtaken(engine, line, request)) {
		keep_trying(engine, line);
	} else if (refused && fo_attempt_failed_here(line, request) &&
		   is_registered(engine, line)) {
		line->register_at = fo_wheel_after(&engine->wheel, retry_for(engine, line));
	} else if (refused && request->for_call && is_registered(engine, line) &&
		   fo_targets(line)[line->serving].listed &&
		   !fo_attempt_at(line, request, line->serving)) {
		/* B22: a call that fails clears no registration: its server may say so itself */
		ask(engine, line, line->serving, ~(1u << line->serving));
		failed = 1;
	} else if (refused) {
		fail(engine, line, request);
		failed = 1;
	} else if (line->register_at == FO_NEVER) { /* B1b: the target that granted it is gone */
		line->register_at = not_in_quiet(engine, line, engine->wheel.now);
	}
	fo_request_registered(engine, line, failed);
}

/* ---- removal ------------------------------------------------------------------------------ */

static uint8_t removal_target(const struct fo_line *line, uint8_t registrar)
{
	uint8_t via = fo_registrars(line)[registrar].via, i;

	if (via != FO_NONE)
		return via;
	for (i = 0; i < line->listed; i++)
		if (fo_targets(line)[fo_order(line)[i]].registrar == registrar)
			return fo_order(line)[i];
	return FO_NONE;
}

int fo_registration_remove_at(struct failover_engine *engine, struct fo_line *line,
			      uint8_t registrar, uint8_t slot)
{
	struct fo_request_start start = { .method = FAILOVER_REGISTER,
					  .flags = FO_REQUEST_RELEASE,
					  .start = FO_NONE };
	uint8_t target = removal_target(line, registrar);

	if (target == FO_NONE)
		return FAILOVER_ERR_FULL;
	fo_registrars(line)[registrar].live_until = 0;
	fo_attempt_start(engine, line, fo_request_open(line, slot, &start), target);
	return FAILOVER_OK;
}

static void tell_removed(struct failover_engine *engine, struct fo_line *line)
{
	fo_event_add(engine, line, FAILOVER_EVENT_UNREGISTERED);
}

void fo_registration_removed(struct failover_engine *engine, struct fo_line *line,
			     const struct fo_request *request)
{
	if (request == fo_line_own(line, FO_SLOT_REGISTER))
		tell_removed(engine, line);
}

/* The serving registrar's binding goes from the REGISTER slot, others from the line's other own
 * slots; bindings beyond those run out by themselves. */
int fo_registration_remove(struct failover_engine *engine, struct fo_line *line)
{
	uint8_t serving = fo_targets(line)[line->serving].registrar, slot, i;
	int was_live = fo_registration_live(engine, line, serving);

	for (slot = 0; slot < FO_SLOTS_OWN; slot++)
		if (line->requests[slot].state == FO_REQUEST_ENDED)
			return FAILOVER_ERR_FULL;
	line->flags &= (uint8_t) ~(FO_LINE_WANTED | FO_LINE_PENDING_REGISTER | FO_LINE_REGISTERED |
				   FO_LINE_PENDING_VISIT | FO_LINE_FROM_INDEX0 | FO_LINE_LOST);
	line->flags |= FO_LINE_UNREGISTERED;
	line->follow = FO_NONE;
	fo_registration_disarm(line);
	fo_failback_arm(engine, line);
	fo_keepalive_arm(engine, line);
	line->release = FO_NONE;
	for (slot = 0; slot < FO_SLOTS_OWN; slot++)
		if (fo_request_running(&line->requests[slot]))
			fo_request_give_up(engine, line, &line->requests[slot],
					   FAILOVER_ABANDON_GIVEN_UP);
	if (!was_live || fo_registration_remove_at(engine, line, serving, FO_SLOT_REGISTER))
		tell_removed(engine, line);
	for (i = 0, slot = FO_SLOT_PROBE; i < line->registrars_count && slot < FO_SLOTS_OWN; i++)
		if (i != serving && fo_registration_live(engine, line, i) &&
		    !fo_registration_remove_at(engine, line, i, slot))
			slot++;
	for (i = 0; i < line->registrars_count; i++)
		fo_registrars(line)[i].live_until = 0;
	fo_request_registered(engine, line, 1); /* nobody waits for a REGISTER that will not come */
	return FAILOVER_OK;
}
