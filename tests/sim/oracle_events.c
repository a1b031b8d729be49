/* SPDX-License-Identifier: MIT */
/* oracle_events.c - what the engine says of itself: moves, registrations, what was unavailable. */
#include "tests/sim/oracle.h"

/* B8, B11, B12: only an answer moves a line, and only some answers do. */
static const char *wrong_move(struct oracle *o, struct oracle_line *line,
			      const struct failover_event *event)
{
	const struct oracle_request *r = o->request;
	uint32_t k;
	uint32_t status = o->answer.status, i;
	uint32_t to = oracle_index(line, &event->target), from = oracle_index(line, &line->serving);
	int gone = from == line->targets_count, down = to > from || gone,
	    ok = status >= 200 && status < 300, serving_tried = 0;

	for (k = 0; o->input == INPUT_TIME && k < line->requests_top; k++)
		if (line->requests[k].used && !line->requests[k].ended &&
		    line->requests[k].waits_older)
			return NULL; /* B7b: the 482 was the answer after all */
	if (o->input != INPUT_RESPONSE || o->line != line || !r || !o->leg || status < 200)
		return "without an answer";
	if (!oracle_same(&o->leg->target, &event->target))
		return "to a target that did not answer";
	if (!oracle_same(&event->from, &line->serving))
		return "from where it was not";
	if (oracle_same(&event->target, &line->serving))
		return "to where it is";
	if ((event->direction == FAILOVER_FAILOVER) != down)
		return "in the wrong direction";
	for (i = 0; i < r->legs_count; i++)
		serving_tried |= oracle_same(&r->legs[i].target, &line->serving);
	if (r->own == OWN_VISIT || oracle_stays(line, r))
		return "for a call that goes on alone";
	if (!down && oracle_stays_below(o, line, r, &event->target))
		return "back although a call is up";
	if (r->own == OWN_PROBE && ok && !line->good_enough)
		return "back before the better target has been well for long enough";
	if (r->own == OWN_REGISTER || r->own == OWN_PROBE)
		return ok ? NULL : "by a REGISTER that was refused";
	if (!gone && (r->own != OWN_USER || !oracle_walks(r)))
		return "by a request that moves nothing";
	if (r->legs_count == 1 && r->in_dialog && oracle_same(&event->target, &r->dialog) &&
	    !r->signal &&
	    !(line->settings.signal_failback && !oracle_probes_first(line) &&
	      r->method == FAILOVER_BYE &&
	      line->settings.signal_failback_methods >> FAILOVER_BYE & 1))
		return "by a request inside its dialog";
	if (!ok && ((!serving_tried && !gone) ||
		    oracle_effect(line, r, status, o->answer.flags) != EFFECT_ENDS))
		return "by a refusal";
	return NULL;
}

/* B22a: calls that have had nothing but 100 go on elsewhere. */
static void leave(struct oracle *o, struct oracle_line *line)
{
	uint32_t i;

	for (i = 0; i < line->requests_top; i++) {
		struct oracle_request *r = &line->requests[i];
		struct oracle_leg *leg = r->used && !r->ended ? oracle_running(r) : NULL;

		if (leg && r->method == FAILOVER_INVITE && !r->in_dialog && leg->provisional &&
		    !leg->ringing && oracle_same(&leg->target, &line->serving) &&
		    leg->deadline_at > o->now)
			leg->deadline_at = o->now;
	}
}

/* B15: the registration there, through which the line is served from now on, may end earlier. */
static void refresh_there(const struct oracle *o, struct oracle_line *line, uint32_t registrar)
{
	uint64_t until = oracle_held_until(line, registrar), at;

	if (!line->wanted || until <= o->now)
		return;
	at = o->now + oracle_refresh_ms(line, (uint32_t)((until - o->now) / 1000));
	if (at < line->next_register)
		line->next_register = at;
}

/* B39: those of its group that are where it was are to follow it, each within its spread (B14); who
 * was to leave for where it was stays. */
static void follow(struct oracle *o, struct oracle_line *other, const struct failover_event *event)
{
	const struct failover_line_settings *s = &other->settings;
	uint32_t i = 0;

	if (failover_target_same_address(&other->serving, &event->target) &&
	    !failover_target_same_address(&other->serving, &event->from))
		other->follows = 0;
	if (!failover_target_same_address(&other->serving, &event->from) || other->pinned ||
	    !other->registered)
		return;
	while (i < other->targets_count &&
	       !failover_target_same_address(&other->targets[i], &event->target))
		i++;
	if (i == other->targets_count ||
	    (other->follows && oracle_same(&other->follow, &other->targets[i])))
		return;
	other->touched = other->follows = 1;
	other->follow = other->targets[i];
	other->follow_by = o->now + 10ull * s->reg_fail_interval_s * s->jitter_percent;
}

static void group_moved(struct oracle *o, const struct oracle_line *line,
			const struct failover_event *event)
{
	uint32_t i;

	if (!line->settings.group || oracle_index(line, &event->from) == line->targets_count)
		return;
	for (i = 0; i < ORACLE_LINES; i++)
		if (o->lines[i].id && &o->lines[i] != line &&
		    o->lines[i].settings.group == line->settings.group)
			follow(o, &o->lines[i], event);
}

static void moved(struct oracle *o, struct oracle_line *line, const struct failover_event *event)
{
	const char *wrong = wrong_move(o, line, event);
	int down = event->direction == FAILOVER_FAILOVER;

	if (wrong)
		oracle_fail(o, "B4", "line %u moves %s", (unsigned)line->id, wrong);
	if (down)
		leave(o, line);
	line->serving = event->target;
	line->moves++;
	oracle_relapse(o, line, down);
	line->silent_options = 0;
	line->ask_at = UINT64_MAX; /* B22: who was to be asked serves no more */
	line->through = event->method != FAILOVER_REGISTER && line->wanted &&
			oracle_held(o, line) && !oracle_skipped(o, &event->target) &&
			(line->listed_anew || !oracle_live(o, line, event->target.registrar) ||
			 !oracle_same(&line->via[event->target.registrar], &event->target));
	if (event->method != FAILOVER_REGISTER)
		refresh_there(o, line, event->target.registrar);
	line->heard_at = o->now;
	line->next_probe = UINT64_MAX; /* a new period */
	line->waits = 0;
	line->follows = 0;
	group_moved(o, line, event);
}

static void registered(struct oracle *o, struct oracle_line *line,
		       const struct failover_event *event)
{
	const struct oracle_request *r = o->request;

	if (o->input != INPUT_RESPONSE || !r || r->method != FAILOVER_REGISTER ||
	    o->answer.status < 200 || o->answer.status > 299) {
		oracle_fail(o, "B15", "registered without a 2xx to a REGISTER");
		return;
	}
	if (event->seconds != o->answer.expires_s)
		oracle_fail(o, "B15", "%u s are granted, not %u", (unsigned)o->answer.expires_s,
			    (unsigned)event->seconds);
	line->live_until[event->target.registrar] = o->now + event->seconds * 1000ull;
	line->via[event->target.registrar] = event->target;
	line->failures = 0;
	line->through = 0;
	line->registered = 1;
	line->told_lost = line->lost = 0;
	line->granted_at = o->now;
	if (line->silent_options == 2 && oracle_same(&event->target, &line->serving))
		line->silent_options = OPTIONS_NEVER;
	line->granted_s = event->seconds;
}

static void unregistered(struct oracle *o, struct oracle_line *line,
			 const struct failover_event *event)
{
	const struct oracle_request *r;
	uint32_t i;

	if (event->reason == FAILOVER_REASON_NONE && !event->status) {
		if (o->input != INPUT_UNREGISTER && line->wanted && !line->ended_now)
			oracle_fail(o, "B16", "unregistered on nobody's request");
		for (i = 0; i < line->registrars; i++)
			line->live_until[i] = 0;
		line->told_lost = line->through = 0;
		return;
	}
	for (i = 0; i < line->requests_top; i++) {
		r = &line->requests[i];
		if (r->used && r->own == OWN_REGISTER && r->legs_count &&
		    !oracle_running(&line->requests[i]))
			break;
	}
	if (i == line->requests_top)
		oracle_fail(o, "B16", "unregistered, and no REGISTER has failed");
	if (!line->lost) /* by a REGISTER of which the rules did not say whether a call asked for it
			  */
		oracle_unregistered(line, o->now);
	line->ask = 0;
	if (line->told_lost)
		oracle_fail(o, "B16", "unregistered is told twice");
	line->told_lost = 1;
}

/* With shared health `all`, silence counts as well (B4e, RFC 4321). */
static void silent(struct oracle *o, struct oracle_line *line, const struct failover_event *event)
{
	struct oracle_request *r = oracle_request(line, event->request);
	struct oracle_leg *leg = r && r->legs_count ? &r->legs[r->legs_count - 1] : NULL;

	if (!leg || event->reason != FAILOVER_REASON_NO_ANSWER || leg->provisional ||
	    o->shared_health != FAILOVER_HEALTH_ALL ||
	    (r->method != FAILOVER_REGISTER && r->method != FAILOVER_OPTIONS))
		return;
	oracle_dead(o, &leg->target, line->id);
}

/* The attempt that the request is at. Of an emergency call any that works may be it: it rings, and
 * younger ones have failed (B36c). */
static struct oracle_leg *leg_at(struct oracle_request *r, uint64_t attempt)
{
	uint32_t i;

	for (i = 0; r->emergency && i < r->legs_count; i++)
		if (r->legs[i].id == attempt && r->legs[i].ringing)
			return &r->legs[i];
	return r->legs_count ? oracle_last(r) : NULL;
}

/* B4: what is unavailable. */
static void unavailable(struct oracle *o, struct oracle_line *line,
			const struct failover_event *event)
{
	struct oracle_request *r = oracle_request(line, event->request);
	struct oracle_leg *leg = r ? leg_at(r, event->attempt) : NULL;

	if (!leg || leg->id != event->attempt) {
		oracle_fail(o, "B4", "an attempt is unavailable that is not the last one");
		return;
	}
	if (event->reason == FAILOVER_REASON_STATUS &&
	    (o->input != INPUT_RESPONSE || event->status != o->answer.status ||
	     (oracle_effect(line, r, event->status, o->answer.flags) == EFFECT_ENDS &&
	      !(r->followed && oracle_upward(line, r)))))
		oracle_fail(o, "B4", "%u does not make a target unavailable",
			    (unsigned)event->status);
	if (event->reason == FAILOVER_REASON_NO_ANSWER && leg->deadline_at > o->now)
		oracle_fail(o, "B3", "%s fails before its budget is used up",
			    failover_method_text(r->method));
	if (event->reason == FAILOVER_REASON_NO_ANSWER && o->input != INPUT_TIME)
		oracle_fail(o, "B3", "no answer, but no time has passed");
	silent(o, line, event);
}

void oracle_event(struct oracle *o, struct oracle_line *line, const struct failover_event *event)
{
	line->touched = 1;
	if (event->now != o->now)
		oracle_fail(o, "B20", "an event of another time");
	switch ((enum failover_event_kind)event->kind) {
	case FAILOVER_EVENT_UNAVAILABLE:
		unavailable(o, line, event);
		break;
	case FAILOVER_EVENT_REGISTERED:
		registered(o, line, event);
		break;
	case FAILOVER_EVENT_UNREGISTERED:
		unregistered(o, line, event);
		break;
	case FAILOVER_EVENT_MOVED:
		moved(o, line, event);
		break;
	case FAILOVER_EVENT_PROBE_FAILED:
		silent(o, line, event);
		line->probe_ended_at = o->now;
		break;
	case FAILOVER_EVENT_ATTEMPT:
	case FAILOVER_EVENT_RESPONSE:
	case FAILOVER_EVENT_REQUEST_FAILED:
	case FAILOVER_EVENT_GIVEN_UP:
	case FAILOVER_EVENT_BAD_ANSWER: /* the stack's, of a wire: there is none here */
		break;
	case FAILOVER_EVENT_MOVE_HELD:
		oracle_fail(o, "B14a", "a move waits though there is no limit");
		break;
	case FAILOVER_EVENT_PROBE_GOOD:
		if (o->input != INPUT_RESPONSE || o->line != line || !line->good ||
		    line->good_enough || o->request->own != OWN_PROBE)
			oracle_fail(o, "B30", "a good probe that is none, or is enough");
		line->good_told_at = o->now;
		break;
	case FAILOVER_EVENT_NO_OPTIONS:
		if (line->silent_options != OPTIONS_NEVER || line->granted_at != o->now)
			oracle_fail(o, "B24c", "no OPTIONS is answered, which is not known");
		break;
	case FAILOVER_EVENT_CONNECTION_LOST:
		if (o->input != INPUT_LOST || !line->cut || line->cut_told)
			oracle_fail(o, "B15a", "a lost connection that nobody has lost");
		line->cut_told = 1;
		line->cut_retry_s = event->seconds;
		break;
	}
}
