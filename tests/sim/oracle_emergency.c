/* SPDX-License-Identifier: MIT */
/* oracle_emergency.c - the emergency call, read naively (B36): who is asked when, who is left. */
#include <string.h>
#include "tests/sim/oracle.h"

#define RACE_MS 1000u
#define DEAD_MS 300u
#define PAUSE_MS 1000u
#define MOST_CHALLENGES 8u

static int at_work(const struct oracle_leg *leg)
{
	return leg->running || leg->beside;
}

static int any_at_work(const struct oracle_request *r)
{
	uint32_t i;

	for (i = 0; i < r->legs_count; i++)
		if (at_work(&r->legs[i]))
			return 1;
	return 0;
}

static uint64_t race_ms(const struct oracle_line *line)
{
	uint32_t ms = line->settings.emergency_race_after_ms, most = 64 * line->settings.t1_ms;

	ms = ms ? ms : RACE_MS;
	return ms < most ? ms : most;
}

static uint64_t pause_ms(const struct oracle_line *line)
{
	uint64_t ms = line->settings.t1_ms * line->targets_count / 3;

	return ms > PAUSE_MS ? ms : PAUSE_MS;
}

/* B36e: of who is called. */
int oracle_emergency_ends(uint32_t status)
{
	return (status >= 200 && status < 300) || status == 404 || status == 410 || status == 484 ||
	       status == 486 || status >= 600;
}

/* ---- who is next (B36b, B36d) --------------------------------------------------------------- */

/* Not asked in this round, nor at work since an earlier one. */
static int is_open(const struct oracle_line *line, const struct oracle_request *r,
		   const struct failover_target *target)
{
	uint32_t i;

	if (oracle_index(line, target) == line->targets_count)
		return 0;
	for (i = 0; i < r->legs_count; i++) {
		const struct oracle_leg *leg = &r->legs[i];

		if (leg->round != r->round)
			continue;
		if (oracle_same(&leg->target, target) ||
		    (leg->dead && failover_target_same_address(&leg->target, target)))
			return 0;
	}
	return 1;
}

static const struct failover_target *next_open(const struct oracle_line *line,
					       const struct oracle_request *r)
{
	const struct failover_target *start = r->moves == line->moves ? &r->start : &line->serving;
	uint32_t i;

	if (is_open(line, r, start))
		return start;
	for (i = 0; i < line->targets_count; i++)
		if (is_open(line, r, &line->targets[i]))
			return &line->targets[i];
	return NULL;
}

static void begin_round(const struct oracle_line *line, struct oracle_request *r)
{
	uint32_t i;

	r->round++;
	r->idle_at = 0;
	r->start = line->serving;
	r->moves = line->moves;
	for (i = 0; i < r->legs_count; i++)
		if (at_work(&r->legs[i]))
			r->legs[i].round = r->round;
}

/* It may have begun with any of the settings that there were meanwhile. */
static void widen_pause(const struct oracle_line *line, struct oracle_request *r)
{
	uint64_t ms = pause_ms(line);

	r->pause_least = ms < r->pause_least ? ms : r->pause_least;
	r->pause_most = ms > r->pause_most ? ms : r->pause_most;
}

/* Nobody is asked now: after a pause all are, again. */
static void rest(struct oracle *o, const struct oracle_line *line, struct oracle_request *r,
		 const struct oracle_leg *last)
{
	r->perhaps_idle = next_open(line, r) != NULL; /* the list may have had none of them then */
	if (r->perhaps_idle && last->patient_until >= o->now)
		return;
	r->idle_at = r->idle_least = o->now;
	if (last->patient_until < o->now)
		r->idle_least = last->patient_until;
	else
		r->pause_least = r->pause_most = pause_ms(line);
}

static int was_patient(const struct oracle *o, const struct oracle_leg *leg)
{
	return leg->patient_until <= o->now || leg->deadline_at <= o->now;
}

/* Where it was found unavailable once, it may be known to be dead now, or not: both are right, and
 * the leg may have gone aside without a word. */
static void set_patience(struct oracle *o, const struct oracle_line *line, struct oracle_leg *leg)
{
	leg->deadline_at = leg->patient_until = o->now + race_ms(line);
	if (oracle_address(o, &leg->target)->failed && race_ms(line) > DEAD_MS)
		leg->patient_until = o->now + DEAD_MS;
}

/* It may have gone aside before, without a word. */
static int may_be_aside(const struct oracle *o, const struct oracle_leg *leg)
{
	return leg->beside || (!leg->ringing && leg->patient_until < o->now);
}

/* Then the server was asked itself then. */
static void went_on(struct oracle *o, struct oracle_line *line, struct oracle_leg *leg)
{
	line->may_ask |= oracle_same(&leg->target, &line->serving);
	if (may_be_aside(o, leg))
		leg->stayed = 1;
	else
		oracle_went_on(o, line, leg);
}

static void set_aside(struct oracle *o, struct oracle_line *line, struct oracle_leg *leg)
{
	went_on(o, line, leg);
	leg->running = 0;
	leg->beside = leg->late = 1;
}

/* Room for one leg more: the oldest that nobody is at work at. */
static void make_room(struct oracle_request *r)
{
	uint32_t i = 0;

	if (r->legs_count < ORACLE_LEGS)
		return;
	while (i + 1 < r->legs_count && at_work(&r->legs[i]))
		i++;
	r->legs_count--;
	memmove(&r->legs[i], &r->legs[i + 1], (r->legs_count - i) * sizeof(r->legs[0]));
}

void oracle_emergency_next(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
			   const struct failover_target *target)
{
	struct oracle_leg *running = oracle_running(r);
	const struct failover_target *next;
	uint32_t i;

	if (running && running->ringing)
		oracle_fail(o, "B36c", "another target is asked while one rings");
	if (running && !was_patient(o, running))
		oracle_fail(o, "B36a", "the next target is asked too early");
	if (running)
		set_aside(o, line, running);
	if (running)
		rest(o, line, r, running);
	next = next_open(line, r);
	if (r->idle_at && r->perhaps_idle && next && oracle_same(next, target))
		r->idle_at = 0; /* it was not */
	if (r->idle_at && o->now < r->idle_least + r->pause_least)
		oracle_fail(o, "B36d", "no pause before they are asked again: %u ms",
			    (unsigned)(o->now - r->idle_least));
	if (r->idle_at)
		begin_round(line, r);
	next = next_open(line, r);
	if (!next || !oracle_same(next, target))
		oracle_fail(o, "B36b", "target %u is asked, and not target %u",
			    (unsigned)oracle_index(line, target),
			    next ? (unsigned)oracle_index(line, next) : 99u);
	for (i = 0; i < r->legs_count; i++) {
		if (!oracle_same(&r->legs[i].target, target))
			continue;
		if (at_work(&r->legs[i]))
			oracle_fail(o, "B36d", "a target is asked that is at work");
		r->legs[i].late = 0; /* it is spoken of no more */
	}
	make_room(r);
}

void oracle_emergency_leg(struct oracle *o, const struct oracle_line *line,
			  struct oracle_request *r, struct oracle_leg *leg)
{
	set_patience(o, line, leg);
	r->pause_least = r->pause_most = pause_ms(line);
	leg->round = r->round;
}

/* ---- news ----------------------------------------------------------------------------------- */

static void keep(struct oracle *o)
{
	struct oracle_request *r = o->request;
	struct oracle_leg *running = oracle_running(r);

	if (running && running != o->leg) {
		running->running = 0;
		running->beside = running->late = 1;
		running->stayed = 1;
	}
	o->leg->running = 1;
	o->leg->beside = o->leg->left = o->leg->late = 0;
	r->idle_at = 0;
}

static void answered(struct oracle *o)
{
	struct oracle_request *r = o->request;
	uint32_t i;

	keep(o);
	o->verdict_wanted = FAILOVER_VERDICT_KEEP;
	o->leg->running = 0;
	o->leg->status = o->answer.status;
	r->through = 1;
	r->answer = *o->leg;
	for (i = 0; i < r->legs_count; i++)
		r->legs[i].late = 0;
}

static void challenged(struct oracle *o)
{
	struct oracle_leg *leg = o->leg;

	o->verdict_wanted = FAILOVER_VERDICT_KEEP;
	leg->challenges++;
	leg->packets = 0;
	leg->provisional = leg->ringing = 0;
	leg->started_at = o->now;
	leg->late_ms = o->request->legs[o->request->legs_count - 1].late_ms;
	leg->late_until = o->now + leg->late_ms;
	if (leg->running)
		set_patience(o, o->line, leg);
}

static void provisional(struct oracle *o)
{
	struct oracle_leg *running = oracle_running(o->request);

	o->verdict_wanted = FAILOVER_VERDICT_KEEP;
	if (o->answer.status > 100 && !(running && running->ringing)) {
		keep(o);
		o->leg->ringing = 1;
		o->leg->deadline_at = UINT64_MAX;
	}
	o->leg->provisional = 1;
}

static void refused(struct oracle *o)
{
	struct oracle_request *r = o->request;
	struct oracle_leg *leg = o->leg;

	o->verdict_wanted = leg->running ? FAILOVER_VERDICT_KEEP : FAILOVER_VERDICT_LATE;
	if (leg->running && may_be_aside(o, leg))
		o->verdict_wanted = UINT32_MAX;
	leg->status = o->answer.status;
	leg->late = leg->beside = 0;
	r->open_at = o->now;
	if (!leg->running)
		return;
	leg->running = 0;
	leg->goes_on = 1;
	went_on(o, o->line, leg);
	rest(o, o->line, r, leg);
}

/* More than that are not answered in one attempt (B4b), all that are at work together. */
static int may_go_on(const struct oracle *o)
{
	if (!o->answer.retrying)
		return 0;
	return o->request->challenges_left != 0;
}

void oracle_emergency_response(struct oracle *o)
{
	struct oracle_request *r = o->request;
	struct oracle_leg *leg = o->leg, *running = oracle_running(r);
	int over = r->ended || r->through || r->given_up;

	if (over || leg->status || (!at_work(leg) && !leg->late)) {
		if (o->answer.status < 200)
			oracle_cancelled(o, leg);
		else if (!leg->status)
			leg->status = o->answer.status;
		return;
	}
	if (o->answer.status < 200) {
		if (at_work(leg))
			provisional(o);
		else
			oracle_cancelled(o, leg);
	} else if (o->answer.status < 300) {
		answered(o);
	} else if (at_work(leg) && may_go_on(o)) {
		r->challenges_left--;
		challenged(o);
	} else if (at_work(leg) && oracle_emergency_ends(o->answer.status) &&
		   (leg->running || !(running && running->ringing))) {
		answered(o);
	} else {
		if (o->answer.retrying && leg->running)
			o->answer.retrying = 0, refused(o),
			o->verdict_wanted = FAILOVER_VERDICT_STOP;
		else
			refused(o);
	}
}

void oracle_emergency_unreachable(struct oracle *o)
{
	if (!o->leg->beside)
		went_on(o, o->line, o->leg);
	o->leg->beside = 0;
	o->request->open_at = o->now;
	if (!oracle_running(o->request) && !o->request->through)
		rest(o, o->line, o->request, o->leg);
}

/* What is overdue without a sign is left at work; that may be all that happens. */
void oracle_emergency_time(struct oracle *o)
{
	uint32_t i, k;

	for (i = 0; i < ORACLE_LINES; i++) {
		struct oracle_line *line = &o->lines[i];

		for (k = 0; line->id && k < line->requests_top; k++) {
			struct oracle_request *r = &line->requests[k];
			struct oracle_leg *leg =
				r->used && !r->ended && r->emergency ? oracle_running(r) : NULL;

			if (!leg || leg->ringing || r->through || r->given_up ||
			    !was_patient(o, leg))
				continue;
			line->may_ask |= oracle_same(&leg->target, &line->serving);
			if (leg->deadline_at > o->now)
				continue;
			set_aside(o, line, leg);
			rest(o, line, r, leg);
		}
	}
}

/* ---- what comes out -------------------------------------------------------------------------- */

static const char *wrong_abandon(const struct oracle *o, const struct oracle_request *r,
				 const struct oracle_leg *leg, uint32_t reason)
{
	uint32_t i, rings = 0;

	for (i = 0; i < r->legs_count; i++)
		rings |= &r->legs[i] != leg && r->legs[i].running && r->legs[i].ringing;
	switch ((enum failover_abandon)reason) {
	case FAILOVER_ABANDON_BUDGET:
		return was_patient(o, leg) && o->now >= leg->late_until ? NULL : "before 64*T1";
	case FAILOVER_ABANDON_UNAVAILABLE:
		return o->input == INPUT_UNREACHABLE || o->input == INPUT_SUBMIT ? NULL
										 : "without news";
	case FAILOVER_ABANDON_GIVEN_UP:
		return r->given_up && !leg->beside ? NULL : "as given up";
	case FAILOVER_ABANDON_ADOPTED:
		return rings || r->through || (r->given_up && was_patient(o, leg))
			       ? NULL
			       : "for another one that neither rings nor answered";
	case FAILOVER_ABANDON_REMOVED:
		return o->input == INPUT_REMOVE ? NULL : "as removed, and the line stays";
	}
	return "for no known reason";
}

void oracle_emergency_abandon(struct oracle *o, const struct oracle_request *r,
			      struct oracle_leg *leg, uint32_t reason)
{
	const char *wrong = leg->left ? "twice" : wrong_abandon(o, r, leg, reason);

	if (wrong)
		oracle_fail(o, "B36", "a leg of an emergency call is abandoned %s", wrong);
	leg->beside = 0;
}

void oracle_emergency_result(struct oracle *o, const struct oracle_request *r,
			     const struct failover_result *result)
{
	if (result->outcome == FAILOVER_OUTCOME_FAILED)
		oracle_fail(o, "B36d", "an emergency call fails");
	if (result->outcome == FAILOVER_OUTCOME_GIVEN_UP && !r->given_up &&
	    o->input != INPUT_REMOVE)
		oracle_fail(o, "B36f", "an emergency call gives way");
	if (any_at_work(r))
		oracle_fail(o, "B36c", "it has ended, and a leg is at work");
	if (result->outcome != FAILOVER_OUTCOME_ANSWERED)
		return;
	if (!r->through || r->answer.status != result->status || r->answer.id != result->attempt ||
	    !oracle_same(&r->answer.target, &result->target))
		oracle_fail(o, "B36c", "it was answered %u by nobody", (unsigned)result->status);
	if (!oracle_emergency_ends(result->status))
		oracle_fail(o, "B36e", "an emergency call ends with %u", (unsigned)result->status);
}

void oracle_emergency_settled(struct oracle *o, struct oracle_line *line, struct oracle_request *r)
{
	struct oracle_leg *running = oracle_running(r);
	uint32_t i;

	if (o->input == INPUT_TARGETS || o->input == INPUT_UPDATE) {
		r->open_at = o->now;
		widen_pause(line, r);
	}
	if (o->input != INPUT_TIME)
		return;
	if (r->through || r->given_up)
		oracle_fail(o, "B36c", "it has its end, and goes on");
	for (i = 0; running && running->ringing && i < r->legs_count; i++)
		if (r->legs[i].beside)
			oracle_fail(o, "B36c", "one rings, and another one is at work");
	if (running)
		return;
	if (!r->idle_at)
		oracle_fail(o, "B36d", "a target is left to be asked");
	if (r->idle_at && o->now >= r->idle_at + r->pause_most) {
		begin_round(line, r);
		if (next_open(line, r) && o->now >= r->open_at + r->pause_most)
			oracle_fail(o, "B36d", "the pause is over, and nobody is asked");
		r->idle_at = o->now;
		r->idle_least += r->pause_least;
		widen_pause(line, r);
	}
}
