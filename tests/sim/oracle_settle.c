/* SPDX-License-Identifier: MIT */
/* oracle_settle.c - all outputs of one input are out: is anything left undone, or overdue? */
#include <string.h>
#include "tests/sim/oracle.h"
#include "tests/sim/profiles.h"

#define RETRY_MOST_MS 1800000u
#define HEALTH_AGAIN_MS 32000u

/* B22a: with nobody else to go to, a call that has had only 100 waits. */
static int waits_on(struct oracle *o, struct oracle_line *line, struct oracle_request *r,
		    const struct oracle_leg *leg)
{
	return r->method == FAILOVER_INVITE && !r->in_dialog && leg->provisional && !leg->ringing &&
	       !leg->patience &&
	       (r->followed || o->now < o->open_until || !oracle_left(o, line, r, &leg->target));
}

/* B18: every request has something that will end it. */
static void settle_requests(struct oracle *o, struct oracle_line *line, uint32_t *users)
{
	uint32_t i;

	for (i = 0; i < line->requests_top; i++) {
		struct oracle_request *r = &line->requests[i];
		struct oracle_leg *leg;

		if (!r->used || r->ended)
			continue;
		*users += r->own == OWN_USER || r->own == OWN_CANCEL;
		if (r->emergency) {
			oracle_emergency_settled(o, line, r);
			continue;
		}
		leg = oracle_running(r);
		if (r->given_up)
			oracle_fail(o, "B6c", "%s was given up and goes on",
				    failover_method_text(r->method));
		if (leg && o->input == INPUT_TIME && leg->deadline_at <= o->now &&
		    waits_on(o, line, r, leg))
			leg->deadline_at = UINT64_MAX;
		if (leg && o->input == INPUT_TIME && leg->deadline_at <= o->now)
			oracle_fail(o, "B3", "%s is over its budget",
				    failover_method_text(r->method));
		if (leg || (r->own == OWN_USER &&
			    (oracle_own(line, OWN_REGISTER) || oracle_own(line, OWN_VISIT) ||
			     oracle_own(line, OWN_RELEASE) || line->ended_now)))
			continue;
		if (r->waits_older && (oracle_older_until(r) > o->now ||
				       (o->input != INPUT_TIME && oracle_older_until(r) == o->now)))
			continue;
		oracle_fail(o, "B18", "%s stands still", failover_method_text(r->method));
	}
}

/* B15: at 90 % of the granted time, at least 5 s before its end, and not before its half; B24c: at
 * a third where OPTIONS is never answered. */
uint64_t oracle_refresh_ms(const struct oracle_line *line, uint32_t granted_s)
{
	uint64_t whole = granted_s * 1000ull, at = whole * 9 / 10;
	uint64_t walk = (line->targets_count - 1) * oracle_try_ms(line, FAILOVER_REGISTER) + 1000;

	if (line->silent_options == OPTIONS_NEVER)
		return whole / 3;
	if (at + 5000 > whole)
		at = whole > 5000 ? whole - 5000 : 0;
	if (at < whole / 2)
		at = whole / 2;
	if (at + walk > whole) /* a walk over all targets ends before the registration does */
		at = whole > walk ? whole - walk : 0;
	return at < whole / 3 ? whole / 3 : at;
}

/* B22c: everybody wants to be left alone, and the first until then; 0 = not everybody. */
static uint64_t quiet_until(struct oracle *o, const struct oracle_line *line)
{
	uint64_t until = UINT64_MAX;
	uint32_t i;

	for (i = 0; i < line->targets_count; i++) {
		if (!oracle_skipped(o, &line->targets[i]))
			return 0;
		if (oracle_address(o, &line->targets[i])->skip_until < until)
			until = oracle_address(o, &line->targets[i])->skip_until;
	}
	return until;
}

static void settle_quiet(struct oracle *o, const struct oracle_line *line,
			 const struct failover_line_state *state)
{
	if (line->lost && line->ended_now && !line->manual_due && o->now >= o->open_until &&
	    line->lost_at == o->now && line->visit_at != o->now &&
	    state->next_register < quiet_until(o, line))
		oracle_fail(o, "B22c", "it registers before a Retry-After has passed");
}

static void settle_registration(struct oracle *o, struct oracle_line *line,
				const struct failover_line_state *state)
{
	int registering = oracle_own(line, OWN_REGISTER) || oracle_own(line, OWN_VISIT);
	int live = oracle_held(o, line);

	if (state->registered && !live && !line->unsure && !registering && !line->ended_now)
		oracle_fail(o, "B15", "registered without a live registration");
	if (!state->registered && live && line->wanted && !line->told_lost &&
	    oracle_index(line, &line->serving) < line->targets_count && !line->unsure &&
	    !registering && !line->ended_now)
		oracle_fail(o, "B15", "a live registration, but not registered");
	if ((int)state->registering != registering && !oracle_own(line, OWN_RELEASE))
		oracle_fail(o, "B6b", "registering is %u, a REGISTER is %sunder way",
			    (unsigned)state->registering, registering ? "" : "not ");
	if (!line->wanted)
		return;
	if (!registering && state->next_register == UINT64_MAX && !line->ended_now &&
	    !oracle_own(line, OWN_RELEASE))
		oracle_fail(o, "B16", "the line will never register again");
	settle_quiet(o, line, state);
	if (!registering && state->next_register != UINT64_MAX &&
	    state->next_register > o->now + RETRY_MOST_MS && line->told_lost &&
	    state->next_register > quiet_until(o, line) + RETRY_MOST_MS &&
	    state->next_register > o->now + line->settings.reg_fail_interval_s * 1000ull)
		oracle_fail(o, "B16", "the next try is too far away");
	if (line->granted_at == o->now && state->registered && !registering &&
	    state->next_register != o->now + oracle_refresh_ms(line, line->granted_s) &&
	    ((!line->manual_due && !line->follows) ||
	     state->next_register > o->now + oracle_refresh_ms(line, line->granted_s)) &&
	    o->input == INPUT_RESPONSE && o->request && o->request->ended &&
	    o->request->method == FAILOVER_REGISTER && o->answer.status < 300)
		oracle_fail(o, "B15", "refresh in %u ms of %u s",
			    (unsigned)(state->next_register - o->now), (unsigned)line->granted_s);
	if (state->registered && !registering && !line->ended_now &&
	    state->next_register > state->registered_until)
		oracle_fail(o, "B15", "refresh after the registration's end");
}

/* B11, B17c */
static int may_probe(const struct oracle_line *line)
{
	return line->settings.failback && line->wanted && !line->pinned && oracle_has_above(line);
}

/* B22c: the last end of a Retry-After of those that a probe may go to. */
static uint64_t quiet_above(struct oracle *o, const struct oracle_line *line, uint32_t serving)
{
	uint64_t until = 0;
	uint32_t i;

	for (i = 0; i < serving && i < line->targets_count; i++)
		if (oracle_address(o, &line->targets[i])->skip_until > until)
			until = oracle_address(o, &line->targets[i])->skip_until;
	return until;
}

/* One of them may be asked from before `at` on. */
static int quiet_ends(struct oracle *o, const struct oracle_line *line, uint32_t serving,
		      uint64_t at)
{
	uint32_t i;

	for (i = 0; i < serving && i < line->targets_count; i++)
		if (oracle_skipped(o, &line->targets[i]) &&
		    oracle_address(o, &line->targets[i])->skip_until <= at)
			return 1;
	return 0;
}

static void settle_probe(struct oracle *o, struct oracle_line *line,
			 const struct failover_line_state *state)
{
	uint64_t interval = line->settings.failback_interval_s * 1000ull;
	uint64_t most = interval + interval * line->settings.jitter_percent / 100;
	int probing = oracle_own(line, OWN_PROBE) != NULL;
	uint32_t serving = oracle_index(line, &line->serving);

	if ((int)state->probing != probing)
		oracle_fail(o, "B11", "probing is %u, a probe is %sunder way",
			    (unsigned)state->probing, probing ? "" : "not ");
	if (serving < line->targets_count && may_probe(line) && state->registered && !probing &&
	    state->next_probe == UINT64_MAX && !line->unsure && !state->waits_idle)
		oracle_fail(o, "B11", "a better target, and no probe is planned");
	if (line->pinned && (probing || state->next_probe != UINT64_MAX))
		oracle_fail(o, "B17c", "a pinned line is to be probed");
	if (state->waits_idle && !oracle_is_held(o, line, &line->targets[0]))
		oracle_fail(o, "B32", "it waits for the end of a call, and none is up");
	if (o->input == INPUT_PROBE && o->line == line && !probing)
		oracle_fail(o, "B17a", "a probe was asked for, and none is made");
	if (state->next_probe == UINT64_MAX || state->next_probe == line->next_probe)
		return;
	if (line->good && line->good_told_at == o->now) {
		uint64_t least, again;

		oracle_good_again(o, line, &least, &again);
		if (state->next_probe < least || state->next_probe > again)
			oracle_fail(o, "B30", "after a good probe the next one is in %u ms",
				    (unsigned)(state->next_probe - o->now));
		return;
	}
	if (state->next_probe < line->up_after)
		oracle_fail(o, "B31", "a probe is planned that is too early");
	if (line->waits && !state->waits_idle && may_probe(line) &&
	    !oracle_is_held(o, line, &line->targets[0])) { /* B32: at once */
		if (state->next_probe > o->now && state->next_probe > line->up_maybe)
			oracle_fail(o, "B32", "no call is up any more, and no probe is due");
		return;
	}
	if (line->up_maybe > o->now + most)
		most = line->up_maybe - o->now;
	if (state->next_probe >
		    o->now + (most > HEALTH_AGAIN_MS * 3 / 2 ? most : HEALTH_AGAIN_MS * 3 / 2) &&
	    state->next_probe > quiet_above(o, line, serving) + HEALTH_AGAIN_MS / 2)
		oracle_fail(o, "B14", "the next probe is too far away");
	if (interval > HEALTH_AGAIN_MS)
		interval = HEALTH_AGAIN_MS; /* skipped or known to be dead: looks again soon */
	if (state->next_probe < o->now + interval && o->input != INPUT_UPDATE &&
	    !quiet_ends(o, line, serving, state->next_probe))
		oracle_fail(o, "B11", "the next probe is before the interval");
}

/* B15a: no longer silent than the interval without asking. */
static void settle_keepalive(struct oracle *o, struct oracle_line *line,
			     const struct failover_line_state *state)
{
	uint64_t most = line->settings.keepalive_interval_s * 1000ull;
	struct failover_target alone = oracle_alone(o, line, &line->serving);
	uint64_t last;

	if (!oracle_same(&alone, &line->serving) || o->now < o->open_until)
		line->keepalive_at = o->now; /* B4c: it is left alone */
	if (oracle_own(line, OWN_VISIT) &&
	    oracle_index(line, &line->serving) == line->targets_count)
		line->keepalive_at = o->now; /* B1b: that is a REGISTER, which waits for this one */
	last = line->heard_at > line->keepalive_at ? line->heard_at : line->keepalive_at;
	if (line->settings.keepalive != FAILOVER_KEEPALIVE_OPTIONS || !state->registered ||
	    line->silent_options == OPTIONS_NEVER || oracle_own(line, OWN_KEEPALIVE) ||
	    oracle_own(line, OWN_REGISTER))
		return;
	most += most * line->settings.jitter_percent / 100;
	if (o->input == INPUT_TIME && last + most < o->now)
		oracle_fail(o, "B15a", "%u ms of silence, and no keep-alive",
			    (unsigned)(o->now - last));
}

/* B15a: a lost connection is told, and the line registers anew: soon, but two such REGISTERs have
 * at least half of the interval of B16 between them. */
static void settle_cut(struct oracle *o, struct oracle_line *line,
		       const struct failover_line_state *state)
{
	uint64_t interval = line->settings.reg_fail_interval_s * 1000ull;
	uint64_t most = o->now + interval * line->settings.jitter_percent / 100;
	uint64_t least = line->lost_due ? line->lost_due + interval / 2 : 0;

	if (line->lost_due && line->lost_due + interval > most)
		most = line->lost_due + interval;
	if (least > line->next_register)
		least = line->next_register; /* it was due before */
	if (!state->registered)
		return;
	if (!line->cut_told)
		oracle_fail(o, "B15a", "a lost connection is not told");
	if (state->next_register > most)
		oracle_fail(o, "B15a", "after a lost connection it registers too late");
	if (state->next_register < least)
		oracle_fail(o, "B16", "lost connections make a storm of REGISTERs");
	if (state->next_register > o->now + line->cut_retry_s * 1000ull)
		oracle_fail(o, "B20", "a lost connection is told with a wrong time");
	if (state->next_register != line->next_register)
		line->lost_due = state->next_register;
}

/* B39 */
static void settle_follow(struct oracle *o, const struct oracle_line *line)
{
	if (line->follows && o->input == INPUT_TIME && o->now > line->follow_by &&
	    !oracle_own((struct oracle_line *)line, OWN_REGISTER) &&
	    !oracle_own((struct oracle_line *)line, OWN_VISIT) && !line->ended_now)
		oracle_fail(o, "B39", "its group has moved, and it does not follow");
}

static void settle_line(struct oracle *o, struct oracle_line *line,
			const struct failover_engine *engine)
{
	struct failover_line_state state = { .size = sizeof(state) };
	uint32_t users = 0;

	if (failover_line_state(engine, line->id, &state)) {
		if (o->input != INPUT_REMOVE)
			oracle_fail(o, "B18", "line %u is gone", (unsigned)line->id);
		line->id = 0;
		return;
	}
	if (state.pinned != line->pinned)
		oracle_fail(o, "B17c", "line %u is pinned: %u", (unsigned)line->id,
			    (unsigned)state.pinned);
	settle_requests(o, line, &users);
	oracle_await_next(o, line);
	if (line->followup && line->followup_at == o->now && line->wanted &&
	    !oracle_own(line, OWN_REGISTER) && !oracle_own(line, OWN_RELEASE) &&
	    !oracle_own(line, OWN_VISIT) && !line->ended_now && line->granted_at != o->now &&
	    o->input == INPUT_TIME && line->settings.signal_failback == 0)
		oracle_fail(o, "B5b", "a request failed, and the line does not register anew");
	if (line->ask && o->now > line->ask_at && !oracle_own(line, OWN_REGISTER) &&
	    !oracle_own(line, OWN_VISIT) && !line->ended_now && line->wanted)
		oracle_fail(o, "B22", "a call went on alone, and the server is not asked itself");
	if (line->through && !line->listed_anew && o->input == INPUT_TIME && line->wanted &&
	    !oracle_own(line, OWN_REGISTER) && !oracle_own(line, OWN_VISIT) &&
	    !oracle_own(line, OWN_RELEASE) && !line->ended_now)
		oracle_fail(o, "B23d", "a call has moved the line, and it does not register there");
	if (!oracle_same(&state.serving, &line->serving) ||
	    state.serving_index != oracle_index(line, &line->serving))
		oracle_fail(o, "B8", "line %u is served by target %u, not by %u",
			    (unsigned)line->id, (unsigned)state.serving_index,
			    (unsigned)oracle_index(line, &line->serving));
	if (state.requests != users)
		oracle_fail(o, "B18", "%u requests are under way, not %u", (unsigned)users,
			    (unsigned)state.requests);
	settle_registration(o, line, &state);
	settle_probe(o, line, &state);
	settle_follow(o, line);
	settle_keepalive(o, line, &state);
	if (o->input == INPUT_LOST && line->cut)
		settle_cut(o, line, &state);
	line->cut = line->may_ask = 0;
	line->next_probe = state.next_probe;
	line->waits = state.waits_idle;
	line->next_register = state.next_register;
	if (!line->ended_now && o->input == INPUT_TIME)
		line->followup = 0;
	if (o->input == INPUT_TIME || line->register_ended_at != o->now)
		line->ended_now = 0;
}

void oracle_settled(struct oracle *o, const struct failover_engine *engine)
{
	uint32_t i;

	for (i = 0; i < ORACLE_LINES; i++) {
		struct oracle_line *line = &o->lines[i];

		if (!line->id || (!line->touched && o->input != INPUT_TIME))
			continue;
		line->touched = 0;
		settle_line(o, line, engine);
	}
	if (o->input == INPUT_UNREGISTER && o->line) /* nothing is counted on from then on */
		memset(o->line->live_until, 0, sizeof(o->line->live_until));
	o->input = INPUT_NONE;
}
