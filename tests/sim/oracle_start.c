/* SPDX-License-Identifier: MIT */
/* oracle_start.c - what the library starts by itself: had it a cause, and the right place? */
#include <string.h>
#include "tests/sim/oracle.h"
#include "tests/sim/profiles.h"

#define RELEASE_MATTERS_MS 64000u /* a removal under way delays what was asked for meanwhile */

/* B12: at index 0 or where the line is served. The target may come first from both: then the rules
 * say where it starts only if they say whether there is signal failback now. */
static int starts_as_signalled(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
			       const struct failover_target *target)
{
	struct failover_target usual = oracle_start(o, line, FAILOVER_REGISTER, 0, NULL);
	int signal = oracle_signal(o, line, FAILOVER_REGISTER), above, served;

	r->start = line->targets[0];
	above = signal && oracle_may_be_next(o, line, r, target);
	r->start = usual;
	served = signal <= 0 && oracle_may_be_next(o, line, r, target);
	r->followed = above && served && !oracle_same(&usual, &line->targets[0]);
	if (above && !served)
		r->start = line->targets[0];
	return above || served;
}

/* Who waits for a REGISTER of the line itself: who will not be visited, or is not there (B22, B28).
 */
static struct oracle_request *asks_for_it(struct oracle *o, struct oracle_line *line,
					  const struct failover_target *target)
{
	struct oracle_request *who = oracle_waiting(o, line, 0);
	struct oracle_request *other = oracle_waiting(o, line, 1);

	if (!who && other &&
	    (oracle_same(target, &line->serving) || !oracle_walks(other) ||
	     (other->in_dialog && !oracle_same(target, &other->dialog))))
		return other;
	return who;
}

/* B5, B27, B28: this one waits for it, and that is where it begins. */
static int may_start_for(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
			 struct oracle_request *who, const struct failover_target *target)
{
	if (!oracle_walks(who)) { /* the REGISTER does */
		r->start = oracle_alone(o, line, &who->start);
		if (oracle_registers(o, line, who, &r->start) &&
		    oracle_may_be_next(o, line, r, target))
			return 1;
	}
	if (oracle_may_be_next(o, line, who, target) &&
	    (oracle_registers(o, line, who, target) || line->listed_anew || !line->wanted)) {
		r->start = *target;
		oracle_await(o, line, target);
		oracle_leave_out(line, r, who);
		return 1;
	}
	return who->in_dialog && !who->legs_count &&
	       who->dialog.registrar == line->serving.registrar &&
	       oracle_registers(o, line, who, &who->dialog) &&
	       starts_as_signalled(o, line, r, target);
}

/* B12, B16, B17: what makes a line register, and where that REGISTER starts. */
static int may_start(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
		     const struct failover_target *target)
{
	int due = o->input == INPUT_TIME && line->next_register <= o->now;
	struct oracle_request *who;

	if (line->unregistered)
		return 0;
	if (line->manual_due && (o->input == INPUT_REGISTER || o->input == INPUT_UPDATE ||
				 o->input == INPUT_FAILBACK || o->input == INPUT_PIN)) {
		if (line->register_ended_at == o->now) /* those that wait still do */
			oracle_follow_all(line, r);
		r->followed = 0;
		r->manual = 1; /* B23e: at once, whatever was under way */
		r->start = oracle_first(line);
		return oracle_may_be_next(o, line, r, target);
	}
	who = asks_for_it(o, line, target);
	if ((line->register_ended_at == o->now && o->now) ||
	    (who && (line->register_ended_at >= who->created_at ||
		     (line->release_at && o->now - line->release_at < RELEASE_MATTERS_MS)))) {
		oracle_follow_all(line, r);
		return 1;
	}
	if (who && may_start_for(o, line, r, who, target)) {
		r->for_call = 1;
		return 1;
	}
	if (line->follows && !line->manual_due &&
	    !oracle_is_held(o, line, &line->follow)) { /* B39 */
		r->start = line->follow;
		if (oracle_may_be_next(o, line, r, target))
			return 1;
	}
	r->manual = line->manual_due;
	if (r->manual || (due && (line->told_lost || line->lost))) {
		r->start = oracle_first(line);
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
	if (line->may_ask) { /* B36g */
		r->start = line->serving;
		if (oracle_may_be_next(o, line, r, target))
			return 1;
	}
	if (line->through && (oracle_same(target, &line->serving) || !(due || line->followup))) {
		r->start = line->serving; /* B23d */
		if (oracle_may_be_next(o, line, r, target))
			return 1;
	}
	if (due || line->followup || oracle_index(line, &line->serving) == line->targets_count)
		return starts_as_signalled(o, line, r, target);
	return 0;
}

/* B11, B11a: the targets above serving that the profile lets a probe go to. */
void oracle_probe(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
		  const struct failover_target *target)
{
	uint32_t at = oracle_index(line, target), serving = oracle_index(line, &line->serving);

	r->manual |= !r->legs_count && o->input == INPUT_PROBE; /* B17a: by a person */
	if (!line->settings.failback && !r->manual)
		oracle_fail(o, "B11", "a probe although failback is off");
	if (line->pinned)
		oracle_fail(o, "B17c", "a probe of a pinned line");
	if (at >= serving)
		oracle_fail(o, "B11", "a probe to target %u, serving is %u", (unsigned)at,
			    (unsigned)serving);
	if (!profile_facts(line->settings.profile)->probes_proxies &&
	    target->registrar == line->serving.registrar)
		oracle_fail(o, "B11a", "the profile probes no proxy");
	if (!r->legs_count && o->now < line->up_after && !r->manual)
		oracle_fail(o, "B31", "a probe before the line may return");
	if (!r->legs_count && line->next_probe > o->now && !r->manual)
		oracle_fail(o, "B11", "a probe before its time");
	if (!r->legs_count && !r->manual && oracle_is_held(o, line, target) &&
	    oracle_would_return(o, line))
		oracle_fail(o, "B32", "a probe that may move the line, and a call is up");
	if (oracle_skipped(o, target) && !r->manual)
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

	if (!who)
		who = oracle_shared(line, target);
	if (oracle_bound(o, line, target))
		oracle_fail(o, "B5a", "a REGISTER for a call where there is a registration");
	if (!who || !(oracle_may_be_next(o, line, who, target) ||
		      line->register_ended_at >= who->created_at))
		oracle_fail(o, "B22", "a REGISTER for a call that needs none");
	oracle_await(o, line, target);
}

void oracle_own_start(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
		      const struct failover_attempt *a)
{
	switch (r->own) {
	case OWN_REGISTER:
		if (!may_start(o, line, r, &a->target))
			oracle_fail(o, "B6", "no cause for a REGISTER at target %u",
				    (unsigned)oracle_index(line, &a->target));
		oracle_made(line, r, r->followed ? &a->target : &r->start);
		line->begins = line->follows = 0;
		break;
	case OWN_PROBE:
		oracle_probe(o, line, r, &a->target);
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
