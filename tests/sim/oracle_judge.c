/* SPDX-License-Identifier: MIT */
/* oracle_judge.c - what comes out: attempts, abandonments, results. */
#include <string.h>
#include "tests/sim/oracle.h"
#include "tests/sim/profiles.h"

#define RELEASE_MATTERS_MS 64000u /* a removal under way delays what was asked for meanwhile */

static const char *method(const struct oracle_request *request)
{
	return failover_method_text(request->method);
}

/* B12, B16, B17: what makes a line register, and where that REGISTER starts. */
static int may_start(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
		     const struct failover_target *target)
{
	int signal = oracle_signal(o, line, FAILOVER_REGISTER);
	int due = o->input == INPUT_TIME && line->next_register <= o->now;
	struct oracle_request *who;

	if (line->unregistered)
		return 0;
	if (line->manual_due && (o->input == INPUT_REGISTER || o->input == INPUT_UPDATE)) {
		if (line->register_ended_at == o->now) /* those that wait still do */
			oracle_follow_all(line, r);
		r->followed = 0;
		r->manual = 1; /* B23e: at once, whatever was under way */
		r->start = line->targets[0];
		return oracle_may_be_next(o, line, r, target);
	}
	who = oracle_waiting(o, line, 0);
	if ((line->register_ended_at == o->now && o->now) ||
	    (who && (line->register_ended_at >= who->created_at ||
		     (line->release_at && o->now - line->release_at < RELEASE_MATTERS_MS)))) {
		oracle_follow_all(line, r);
		return 1;
	}
	if (who && oracle_may_be_next(o, line, who, target) &&
	    !oracle_live(o, line, target->registrar)) {
		r->start = *target;
		r->for_call = 1;
		oracle_await(o, line, target);
		oracle_leave_out(line, r, who);
		return 1;
	}
	r->manual = line->manual_due;
	if (r->manual || (due && (line->told_lost || line->lost))) {
		r->start = line->targets[0];
		if (oracle_may_be_next(o, line, r, target))
			return 1;
		r->manual = 0;
	}
	if (line->ask) { /* B22: by the server that the line uses */
		r->start = line->serving;
		memcpy(r->left_out, line->ask_out, sizeof(r->left_out));
		r->left_out_count = line->ask_out_count;
		if (oracle_may_be_next(o, line, r, target))
			return 1;
		r->left_out_count = 0;
	}
	if (line->through) { /* B23d */
		r->start = line->serving;
		if (oracle_may_be_next(o, line, r, target))
			return 1;
	}
	if (due || line->followup || oracle_index(line, &line->serving) == line->targets_count) {
		r->start = signal ? line->targets[0]
				  : oracle_start(o, line, FAILOVER_REGISTER, 0, NULL);
		if (oracle_may_be_next(o, line, r, target))
			return 1;
		r->start = oracle_start(o, line, FAILOVER_REGISTER, 0, NULL);
		if (signal < 0 && oracle_may_be_next(o, line, r, target))
			return 1;
	}
	return 0;
}

/* B11, B11a: the targets above serving that the profile lets a probe go to. */
static void judge_probe(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
			const struct failover_target *target)
{
	uint32_t at = oracle_index(line, target), serving = oracle_index(line, &line->serving);

	if (!line->settings.failback)
		oracle_fail(o, "B11", "a probe although failback is off");
	if (at >= serving)
		oracle_fail(o, "B11", "a probe to target %u, serving is %u", (unsigned)at,
			    (unsigned)serving);
	if (!profile_facts(line->settings.profile)->probes_proxies &&
	    target->registrar == line->serving.registrar)
		oracle_fail(o, "B11a", "the profile probes no proxy");
	if (!r->legs_count && line->next_probe > o->now)
		oracle_fail(o, "B11", "a probe before its time");
	if (oracle_skipped(o, target))
		oracle_fail(o, "B4c", "a probe to a skipped target");
}

static void judge_keepalive(struct oracle *o, struct oracle_line *line,
			    const struct failover_target *target)
{
	uint64_t silent_ms = line->settings.keepalive_interval_s * 1000ull;
	struct failover_target alone = oracle_alone(o, line, target);

	if (line->settings.keepalive != FAILOVER_KEEPALIVE_OPTIONS)
		oracle_fail(o, "B15a", "an OPTIONS although keep-alive is not by OPTIONS");
	if (!oracle_same(target, &line->serving))
		oracle_fail(o, "B15a", "keep-alive goes to a target that does not serve");
	if (!oracle_same(target, &alone) && o->now >= o->open_until)
		oracle_fail(o, "B4c", "keep-alive goes to a target that is to be left alone");
	if (o->input != INPUT_TIME || line->heard_at + silent_ms > o->now)
		oracle_fail(o, "B15a", "keep-alive before %u s of silence",
			    (unsigned)line->settings.keepalive_interval_s);
	line->keepalive_at = o->now;
}

/* CANCEL goes to the target of its INVITE, after a provisional response (B5b). */
static void judge_cancel(struct oracle *o, struct oracle_line *line,
			 const struct failover_attempt *a)
{
	uint32_t i, k;

	for (i = 0; i < line->requests_top; i++) {
		struct oracle_request *r = &line->requests[i];

		for (k = 0; r->used && k < r->legs_count; k++) {
			struct oracle_leg *leg = &r->legs[k];

			if (leg->id != a->related)
				continue;
			if (!leg->provisional || !r->given_up || leg->running)
				oracle_fail(o, "B5b", "a CANCEL that nothing asked for");
			if (!oracle_same(&leg->target, &a->target))
				oracle_fail(o, "B5b", "a CANCEL that leaves its INVITE");
			leg->cancelled = 1;
			return;
		}
	}
	oracle_fail(o, "B5b", "a CANCEL of nothing");
}

/* B22: a REGISTER for a call that goes on alone: at its next target, which has no registration. */
static void judge_visit(struct oracle *o, struct oracle_line *line,
			const struct failover_target *target)
{
	struct oracle_request *who = oracle_waiting(o, line, 1);

	if (oracle_live(o, line, target->registrar))
		oracle_fail(o, "B5a", "a REGISTER for a call where there is a registration");
	if (!who || !(oracle_may_be_next(o, line, who, target) ||
		      line->register_ended_at >= who->created_at))
		oracle_fail(o, "B22", "a REGISTER for a call that needs none");
	oracle_await(o, line, target);
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

static void judge_own_start(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
			    const struct failover_attempt *a)
{
	switch (r->own) {
	case OWN_REGISTER:
		if (!may_start(o, line, r, &a->target))
			oracle_fail(o, "B6", "no cause for a REGISTER at target %u",
				    (unsigned)oracle_index(line, &a->target));
		break;
	case OWN_PROBE:
		judge_probe(o, line, r, &a->target);
		break;
	case OWN_KEEPALIVE:
		judge_keepalive(o, line, &a->target);
		break;
	case OWN_CANCEL:
		judge_cancel(o, line, a);
		break;
	case OWN_RELEASE:
		if (a->expires_s)
			oracle_fail(o, "B11b", "a release that asks for time");
		line->live_until[a->target.registrar] = 0;
		break;
	case OWN_VISIT:
		judge_visit(o, line, &a->target);
		break;
	case OWN_USER:
		break;
	}
}

/* B4: the target before was found unavailable. */
static int left_for_cause(const struct oracle_line *line, const struct oracle_request *r)
{
	const struct oracle_leg *last = &r->legs[r->legs_count - 1];

	return last->reason || last->goes_on ||
	       oracle_effect(line, r, last->status, last->answer_flags) != EFFECT_ENDS;
}

static void judge_next(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
		       const struct failover_attempt *a)
{
	int at_dialog = r->in_dialog && oracle_same(&r->dialog, &a->target);

	if (r->own == OWN_PROBE) {
		judge_probe(o, line, r, &a->target);
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
	if (r->own == OWN_USER && oracle_walks(r) && !at_dialog && !line->unregistered &&
	    (line->wanted || r->legs_count) && !oracle_live(o, line, a->target.registrar))
		if (!r->legs_count ||
		    a->target.registrar != r->legs[r->legs_count - 1].target.registrar)
			oracle_fail(o, "B5", "%s at a registrar without a live registration",
				    method(r));
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
	if (oracle_walks(r) && !open && last != !oracle_left(o, line, r, &a->target))
		oracle_fail(o, "B3e", "%s says %s", method(r), last ? "last" : "not last");
	if (a->ordinal != r->legs_count + 1)
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
		most = s->signal_retry_counts + s->signal_retry_first_free;
	if (most && a->transmissions != most)
		oracle_fail(o, "B3a", "%s says %u transmissions, %u are right", method(r),
			    (unsigned)a->transmissions, (unsigned)most);
	return most;
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
		judge_own_start(o, line, r, a);
	} else {
		judge_next(o, line, r, a);
	}
	if (r->ended || r->given_up)
		oracle_fail(o, "B6c", "%s goes on after its end", method(r));
	if (oracle_running(r))
		oracle_fail(o, "B6", "%s at two targets at a time", method(r));
	judge_flags(o, line, r, a);
	if (r->legs_count == ORACLE_LEGS)
		return;
	r->awaits = AWAITS_NOTHING;
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
	leg->packets_most = packets_most(o, line, r, a);
	if (r->legs_count == 1)
		r->up = r->followed ? 2 * oracle_above(line, r, &a->target)
				    : oracle_same(&a->target, &r->start) &&
					      oracle_above(line, r, &r->start);
	if (oracle_walks(r) && oracle_address(o, &a->target)->dead_by)
		oracle_address(o, &a->target)->dead_by = line->id; /* B4e: the one that tries */
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
	if (out->reason == FAILOVER_ABANDON_BUDGET)
		leg->reason = FAILOVER_REASON_NO_ANSWER;
	if (leg->provisional && out->reason != FAILOVER_ABANDON_GIVEN_UP)
		oracle_cancelled(o, leg);
	leg->late = r->method == FAILOVER_INVITE && leg->late_until > o->now;
	if (out->reason == FAILOVER_ABANDON_BUDGET && r->method == FAILOVER_INVITE &&
	    !r->in_dialog && leg->provisional && !leg->ringing && !leg->patience)
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
	struct oracle_leg *last = r->legs_count ? &r->legs[r->legs_count - 1] : NULL;

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
	    oracle_live(o, line, line->serving.registrar)) {
		oracle_ask(o, line);
		oracle_keep_out(line);
		return;
	}
	oracle_unregistered(line);
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
		line->probe_ended_at = o->now;
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
