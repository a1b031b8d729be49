/* SPDX-License-Identifier: MIT */
/* oracle_judge.c - what comes out: attempts, abandonments, results. */
#include <string.h>
#include "plugins/sim/sim.h"
#include "tests/sim/oracle.h"
#include "tests/sim/profiles.h"

static const char *method(const struct oracle_request *request)
{
	return failover_method_text(request->method);
}

static enum oracle_own own_of(const struct failover_attempt *a)
{
	if (a->flags & FAILOVER_ATTEMPT_PROBE)
		return OWN_PROBE;
	if (a->flags & FAILOVER_ATTEMPT_RELEASE)
		return OWN_RELEASE;
	if (a->flags & FAILOVER_ATTEMPT_KEEPALIVE)
		return OWN_KEEPALIVE;
	if (a->flags & FAILOVER_ATTEMPT_VISIT)
		return OWN_VISIT;
	return a->method == FAILOVER_CANCEL ? OWN_CANCEL : OWN_REGISTER;
}

/* The library's own requests show themselves by their first attempt. */
static struct oracle_request *own_request(struct oracle *o, struct oracle_line *line,
					  const struct failover_attempt *a)
{
	enum oracle_own own = own_of(a);
	struct oracle_request *r;

	if (a->method != FAILOVER_REGISTER && own == OWN_REGISTER) {
		oracle_fail(o, "B18", "an attempt of a request that nobody made");
		return NULL;
	}
	if ((own == OWN_REGISTER || own == OWN_PROBE || own == OWN_KEEPALIVE) &&
	    oracle_own(line, own))
		oracle_fail(o, own == OWN_PROBE ? "B11" : "B6b", "two %s at a time",
			    own == OWN_PROBE ? "probes" : failover_method_text(a->method));
	r = oracle_request_new(o, line, a->request);
	r->method = a->method;
	r->own = own;
	return r;
}

/* B4: the target before was found unavailable. */
static int left_for_cause(const struct oracle_line *line, struct oracle_request *r)
{
	const struct oracle_leg *last = oracle_last(r);

	return last->reason || last->goes_on ||
	       oracle_effect(line, r, last->status, last->answer_flags) != EFFECT_ENDS;
}

static void judge_next(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
		       const struct failover_attempt *a)
{
	int at_dialog = r->in_dialog && oracle_same(&r->dialog, &a->target);
	int only = line->settings.only_registered != 0;

	if (r->own == OWN_PROBE) {
		oracle_probe(o, line, r, &a->target);
		return;
	}
	if (r->own == OWN_REGISTER && r->followed && oracle_upward(line, r))
		oracle_register_left(o, line, r, &r->legs[r->legs_count - 1]);
	if (!oracle_walks(r) && r->legs_count)
		oracle_fail(o, "B5", "%s goes on at another target", method(r));
	if (!oracle_may_be_next(o, line, r, &a->target))
		oracle_fail(o, "B6", "%s goes to target %u out of order", method(r),
			    (unsigned)oracle_index(line, &a->target));
	if (r->legs_count && !left_for_cause(line, r))
		oracle_fail(o, "B4", "%s leaves a target that is not unavailable", method(r));
	/* B27: a list that has changed may have made one forget through whom it was registered */
	if (r->own == OWN_USER && only && line->unregistered && !(at_dialog && !r->legs_count))
		oracle_fail(o, "B28", "%s of a line that was unregistered", method(r));
	if (r->own == OWN_USER && (only || (oracle_walks(r) && !at_dialog)) &&
	    !(line->settings.register_before == FAILOVER_BEFORE_ALWAYS && line->listed_anew) &&
	    oracle_registers(o, line, r, &a->target))
		oracle_fail(o, "B5", "%s at a target without a live registration", method(r));
}

static void judge_flags(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
			const struct failover_attempt *a)
{
	uint64_t budget = oracle_budget(o, line, r, &a->target);
	int open = r->followed || o->now < o->open_until;
	int last = (a->flags & FAILOVER_ATTEMPT_LAST) != 0;

	if (a->budget_ms != budget && !open)
		oracle_fail(o, "B3", "%s has %u ms, %u are right", method(r),
			    (unsigned)a->budget_ms, (unsigned)budget);
	if (r->emergency && last)
		oracle_fail(o, "B36d", "an emergency call has a last target");
	if (!(a->flags & FAILOVER_ATTEMPT_EMERGENCY) != !r->emergency)
		oracle_fail(o, "B36", "%s says wrongly whether it is for help", method(r));
	if (oracle_walks(r) && !r->emergency && !open &&
	    last != !oracle_left(o, line, r, &a->target))
		oracle_fail(o, "B3e", "%s says %s", method(r), last ? "last" : "not last");
	if (a->ordinal != r->legs_count + 1 && !r->emergency)
		oracle_fail(o, "B7", "attempt %u of %s says %u", (unsigned)r->legs_count + 1,
			    method(r), (unsigned)a->ordinal);
	if (!(a->flags & FAILOVER_ATTEMPT_RESENT) != !r->legs_count && r->own != OWN_PROBE)
		oracle_fail(o, "B7", "%s says wrongly whether it is sent again", method(r));
	if (!(a->flags & FAILOVER_ATTEMPT_IN_DIALOG) != !r->in_dialog)
		oracle_fail(o, "B9", "%s says wrongly whether it is in a dialog", method(r));
}

/* B3a: N in all at a target that is not the last; nothing is counted in V2, on TCP and TLS. */
static uint32_t packets_most(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
			     const struct failover_attempt *a)
{
	const struct failover_line_settings *s = &line->settings;
	uint32_t most = 0;

	if (!profile_facts(s->profile)->by_time && a->target.transport == FAILOVER_UDP &&
	    a->budget_ms < 64 * s->t1_ms)
		most = oracle_packets(s, r->method);
	if (most && a->transmissions != most)
		oracle_fail(o, "B3a", "%s says %u transmissions, %u are right", method(r),
			    (unsigned)a->transmissions, (unsigned)most);
	return most;
}

/* B4e: it is the one that tries what is known to be dead. */
static void oracle_tried(struct oracle *o, const struct oracle_line *line,
			 const struct failover_target *target)
{
	struct oracle_address *address = oracle_address(o, target);
	uint32_t by = oracle_dead_by(o, target);

	if (by && by != line->id)
		address->dead_at = o->now;
	address->dead_by = by ? line->id : 0;
}

static void judge_attempt(struct oracle *o, const struct failover_attempt *a)
{
	struct oracle_line *line = oracle_line(o, a->line);
	struct oracle_request *r = line ? oracle_request(line, a->request) : NULL;
	struct oracle_leg *leg;

	if (!line) {
		oracle_fail(o, "B18", "an attempt of no line");
		return;
	}
	line->touched = 1;
	if (!r) {
		r = own_request(o, line, a);
		if (!r)
			return;
		oracle_own_start(o, line, r, a);
	} else if (r->emergency) {
		oracle_emergency_next(o, line, r, &a->target);
	} else {
		judge_next(o, line, r, a);
	}
	if (r->ended || r->given_up || r->through)
		oracle_fail(o, "B6c", "%s goes on after its end", method(r));
	if (oracle_running(r))
		oracle_fail(o, "B6", "%s at two targets at a time", method(r));
	judge_flags(o, line, r, a);
	if (r->legs_count == ORACLE_LEGS)
		return;
	r->awaits = AWAITS_NOTHING;
	r->taken_up = 0;
	leg = &r->legs[r->legs_count++];
	memset(leg, 0, sizeof(*leg));
	leg->id = a->id;
	leg->target = a->target;
	leg->started_at = o->now;
	leg->deadline_at = o->now + a->budget_ms;
	leg->late_ms = 64ull * line->settings.t1_ms;
	leg->late_until = o->now + leg->late_ms;
	leg->budget_ms = a->budget_ms;
	leg->running = 1;
	if (r->emergency)
		oracle_emergency_leg(o, line, r, leg);
	leg->packets_most = packets_most(o, line, r, a);
	if (r->legs_count == 1)
		r->up = r->followed ? 2 * oracle_above(line, r, &a->target)
				    : oracle_same(&a->target, &r->start) &&
					      oracle_above(line, r, &r->start);
	if (oracle_walks(r))
		oracle_tried(o, line, &a->target);
	r->moves = line->moves;
	if (r->own == OWN_REGISTER && r->legs_count == 1) {
		line->wanted = 1;
		line->manual_due = line->followup = line->through = line->ask = 0;
		line->ask_out_count = 0;
	}
}

static const char *wrong_abandon(struct oracle *o, const struct failover_output *out)
{
	const struct oracle_leg *leg = o->leg, *asked = NULL;
	const struct oracle_request *r = o->request;
	uint32_t i;

	for (i = 0; i < r->legs_count; i++)
		if (r->legs[i].status >= 200 && r->legs[i].status < 300)
			asked = &r->legs[i];
	switch ((enum failover_abandon)out->reason) {
	case FAILOVER_ABANDON_BUDGET:
		return leg->deadline_at <= o->now ? NULL : "before its budget was used up";
	case FAILOVER_ABANDON_UNAVAILABLE:
		if (o->input != INPUT_UNREACHABLE && o->input != INPUT_RESPONSE)
			return "as unavailable without news";
		return NULL;
	case FAILOVER_ABANDON_GIVEN_UP:
		return r->own == OWN_USER && !r->given_up ? "as given up, which nobody did" : NULL;
	case FAILOVER_ABANDON_ADOPTED:
		return asked ? NULL : "for an older leg that was not answered";
	case FAILOVER_ABANDON_REMOVED:
		return o->input == INPUT_REMOVE ? NULL : "as removed, and the line stays";
	}
	return "for no known reason";
}

/* Find it again: the input may have been about another attempt. */
static int leg_of(struct oracle *o, uint64_t attempt, struct oracle_line **line,
		  struct oracle_request **request, struct oracle_leg **leg)
{
	uint32_t i, k, n;

	for (i = 0; i < ORACLE_LINES; i++) {
		for (k = 0; o->lines[i].id && k < o->lines[i].requests_top; k++) {
			*request = &o->lines[i].requests[k];
			for (n = 0; (*request)->used && n < (*request)->legs_count; n++) {
				if ((*request)->legs[n].id != attempt)
					continue;
				*line = &o->lines[i];
				*leg = &(*request)->legs[n];
				return 1;
			}
		}
	}
	return 0;
}

static void leg_left(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
		     struct oracle_leg *leg, const struct failover_output *out)
{
	leg->running = 0;
	leg->left = 1;
	if (out->reason == FAILOVER_ABANDON_BUDGET) {
		leg->reason = FAILOVER_REASON_NO_ANSWER;
		oracle_address(o, &leg->target)->failed = 1;
	}
	if (leg->provisional && out->reason != FAILOVER_ABANDON_GIVEN_UP)
		oracle_cancelled(o, leg);
	leg->late = r->method == FAILOVER_INVITE && leg->late_until > o->now;
	if (out->reason == FAILOVER_ABANDON_BUDGET && r->method == FAILOVER_INVITE &&
	    !r->in_dialog && leg->provisional && !leg->ringing && !leg->patience && !r->emergency)
		oracle_went_on(o, line, leg);
	line->touched = 1;
}

static void judge_abandon(struct oracle *o, const struct failover_output *out)
{
	struct oracle_line *line, *was_line = o->line;
	struct oracle_request *r, *was_request = o->request;
	struct oracle_leg *leg, *was_leg = o->leg;
	const char *wrong;

	if (!leg_of(o, out->abandoned, &line, &r, &leg)) {
		oracle_fail(o, "B7c", "an attempt is abandoned that never was");
		return;
	}
	if (r->emergency) {
		oracle_emergency_abandon(o, r, leg, out->reason);
		leg_left(o, line, r, leg, out);
		return;
	}
	o->line = line, o->request = r, o->leg = leg;
	wrong = leg->left && out->reason != FAILOVER_ABANDON_REMOVED ? "twice"
								     : wrong_abandon(o, out);
	o->line = was_line, o->request = was_request, o->leg = was_leg;
	if (wrong)
		oracle_fail(o, "B4", "%s is abandoned %s", method(r), wrong);
	if (out->reason != FAILOVER_ABANDON_GIVEN_UP && leg->reason != FAILOVER_REASON_LOCAL)
		oracle_up_failed(o, line, r);
	leg_left(o, line, r, leg, out);
	if (out->reason != FAILOVER_ABANDON_GIVEN_UP)
		oracle_register_left(o, line, r, leg);
}

/* An INVITE or BYE that waits for a REGISTER ends with that one's reasons; so do those of B4a. */
static int may_fail(struct oracle *o, struct oracle_line *line, struct oracle_request *r)
{
	struct oracle_leg *last = r->legs_count ? oracle_last(r) : NULL;

	if (last && last->reason == FAILOVER_REASON_LOCAL)
		return 1;
	if (!oracle_walks(r) || r->followed || o->now < o->open_until)
		return 1;
	if (last && last->provisional && r->method != FAILOVER_INVITE)
		return 1; /* B4a: alive, but no final response in 64*T1 */
	if (!oracle_left(o, line, r, NULL))
		return 1;
	/* the shared REGISTER failed; it is among those that ended with this input */
	return r->own == OWN_USER && !oracle_own(line, OWN_REGISTER);
}

static void judge_answered(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
			   const struct failover_result *result)
{
	int waited = r->waits_older; /* by the 482, or by what the older leg said */

	if (waited || (o->input == INPUT_RESPONSE && o->request != r && result->status == 482))
		return;
	if (o->input != INPUT_RESPONSE || o->request != r || result->status != o->answer.status) {
		if (o->input != INPUT_RESPONSE || r->own != OWN_USER || result->attempt)
			oracle_fail(o, "B18", "%s was answered %u by nobody", method(r),
				    (unsigned)result->status);
		return;
	}
	if (o->answer.status < 200 || o->answer.retrying)
		oracle_fail(o, "B18", "%s ended by a %u", method(r), (unsigned)o->answer.status);
	if (!oracle_same(&result->target, &o->leg->target))
		oracle_fail(o, "B9", "%s was answered by another target than it says", method(r));
	if (oracle_walks(r) &&
	    oracle_effect(line, r, result->status, o->answer.flags) != EFFECT_ENDS &&
	    oracle_left(o, line, r, NULL))
		oracle_fail(o, "B4", "%s ends with %u although targets are left", method(r),
			    (unsigned)result->status);
}

/* B16: a REGISTER that failed leaves no registration; one that was overtaken decides nothing. */
static void register_ended(struct oracle *o, struct oracle_line *line,
			   const struct oracle_request *r, const struct failover_result *result)
{
	int ok = result->outcome == FAILOVER_OUTCOME_ANSWERED && result->status < 300;

	if (result->outcome != FAILOVER_OUTCOME_GIVEN_UP)
		line->unsure = 0;
	line->keepalive_at = r->ended_at; /* a REGISTER found out as well */
	if (ok || result->outcome == FAILOVER_OUTCOME_GIVEN_UP ||
	    (r->moves != line->moves && r->legs_count &&
	     !oracle_same(&r->legs[r->legs_count - 1].target, &line->serving)))
		return;
	if ((r->for_call || r->followed) && !oracle_asked_serving(line, r) &&
	    oracle_held(o, line)) {
		oracle_ask(o, line);
		oracle_keep_out(line);
		return;
	}
	oracle_unregistered(line, o->now);
}

/* B24c: one without a final response is counted; if it had a provisional one, it asks for no more,
 * the first time. */
static int keepalive_was_life(struct oracle_line *line, const struct oracle_request *r)
{
	const struct oracle_leg *leg = &r->legs[0];

	if (r->own != OWN_KEEPALIVE || !r->legs_count)
		return 0;
	if (line->wanted && leg->reason == FAILOVER_REASON_NO_ANSWER && line->silent_options < 2)
		line->silent_options++;
	return leg->provisional && line->silent_options != 2;
}

/* B30: a good probe takes the line back, or says why not; any other one begins anew. */
static void probe_ended(struct oracle *o, struct oracle_line *line, const struct oracle_request *r,
			const struct failover_result *result)
{
	int good = result->outcome == FAILOVER_OUTCOME_ANSWERED && result->status < 300;
	int there = oracle_index(line, &result->target) < oracle_index(line, &line->serving);

	line->probe_ended_at = o->now;
	if (!good)
		line->good = 0;
	if (good && there && line->good_enough)
		oracle_fail(o, "B30", "a better target is well, and the line does not return");
	if (good && there && !line->good_enough && line->good_told_at != o->now)
		oracle_fail(o, "B30", "nobody is told why the line does not return");
	(void)r;
}

static void judge_result(struct oracle *o, const struct failover_result *result)
{
	struct oracle_line *line = oracle_line(o, result->line);
	struct oracle_request *r = line ? oracle_request(line, result->request) : NULL;
	struct oracle_leg *running;

	if (!r || r->ended) {
		if (!r && result->reports_count == 0)
			return; /* of the library's own, that never left */
		oracle_fail(o, "B18", "a result of a request that %s",
			    r ? "has ended" : "never was");
		return;
	}
	line->touched = 1;
	if (r->emergency) {
		oracle_emergency_result(o, r, result);
		r->ended_at = o->now;
		r->ended = 1;
		return;
	}
	running = oracle_running(r);
	switch ((enum failover_outcome)result->outcome) {
	case FAILOVER_OUTCOME_ANSWERED:
		judge_answered(o, line, r, result);
		break;
	case FAILOVER_OUTCOME_FAILED:
		if (!may_fail(o, line, r))
			oracle_fail(o, "B6", "%s fails with %u targets left", method(r),
				    (unsigned)oracle_left(o, line, r, NULL));
		break;
	case FAILOVER_OUTCOME_GIVEN_UP:
		if (r->own == OWN_USER && !r->given_up && o->input != INPUT_REMOVE)
			oracle_fail(o, "B6c", "%s was given up by nobody", method(r));
		break;
	}
	if (running) {
		running->running = 0;
		running->late = 0;
	}
	if (result->outcome == FAILOVER_OUTCOME_FAILED && !keepalive_was_life(line, r) &&
	    (r->own == OWN_KEEPALIVE || r->method == FAILOVER_OPTIONS || r->own == OWN_CANCEL ||
	     (line->settings.signal_failback && r->own == OWN_USER && oracle_walks(r)))) {
		line->followup = 1;
		line->followup_at = o->now;
	}
	if (r->own == OWN_PROBE)
		probe_ended(o, line, r, result);
	if (r->own == OWN_REGISTER) {
		oracle_register_ended(line, result->outcome == FAILOVER_OUTCOME_ANSWERED &&
						    result->status < 300);
		r->ended_at = o->now;
		line->register_ended_at = o->now;
		register_ended(o, line, r, result);
	}
	if (r->own == OWN_VISIT) {
		oracle_register_ended(line, result->outcome == FAILOVER_OUTCOME_ANSWERED &&
						    result->status < 300);
		line->register_ended_at = line->visit_at = o->now;
	}
	if (r->own == OWN_RELEASE)
		line->release_at = line->register_ended_at = o->now;
	if (r->own == OWN_KEEPALIVE)
		line->keepalive_at = o->now;
	line->ended_now |= r->own == OWN_REGISTER || r->own == OWN_RELEASE || r->own == OWN_VISIT;
	r->ended_at = o->now;
	r->ended = 1;
}

void oracle_output(struct oracle *o, const struct failover_output *out)
{
	struct oracle_line *line;

	o->judged++;
	switch ((enum failover_output_kind)out->kind) {
	case FAILOVER_OUTPUT_ATTEMPT:
		judge_attempt(o, &out->u.attempt);
		break;
	case FAILOVER_OUTPUT_ABANDON:
		judge_abandon(o, out);
		break;
	case FAILOVER_OUTPUT_RESULT:
		judge_result(o, &out->u.result);
		break;
	case FAILOVER_OUTPUT_EVENT:
		line = oracle_line(o, out->u.event.line);
		if (line)
			oracle_event(o, line, &out->u.event);
		break;
	}
}

void oracle_sent(struct oracle *o, uint64_t attempt, uint32_t quirks)
{
	struct oracle_line *was_line = o->line;
	struct oracle_request *was_request = o->request;
	struct oracle_leg *was_leg = o->leg, *leg;

	o->leg = NULL;
	oracle_find_leg(o, attempt);
	leg = o->leg;
	o->line = was_line, o->request = was_request, o->leg = was_leg;
	if (!leg)
		return;
	leg->packets++;
	if (leg->packets_most && !leg->provisional && !leg->left &&
	    leg->packets > leg->packets_most && !(quirks & FAILOVER_SIM_LIMITS_NOTHING))
		oracle_fail(o, "B3a", "%u packets, at most %u are allowed", (unsigned)leg->packets,
			    (unsigned)leg->packets_most);
	if (leg->left && !(quirks & FAILOVER_SIM_STOPS_NOTHING))
		oracle_fail(o, "B4", "a packet of an attempt that was left");
}
