/* SPDX-License-Identifier: MIT */
/* oracle.c - what happens: every input of the engine, told to the oracle first. */
#include <stddef.h>
#include <string.h>
#include "plugins/sim/sim.h"
#include "tests/sim/oracle.h"

#define MOST_CHALLENGES 8u
#define RETRY_AFTER_MOST_S 3600u

/* A request's place is cleared when it is taken for the first time. */
static void line_clear(struct oracle_line *line)
{
	memset(line, 0, offsetof(struct oracle_line, requests));
}

void oracle_init(struct oracle *o, uint32_t shared_health, uint32_t dead_time_s)
{
	uint32_t i;

	for (i = 0; i < ORACLE_LINES; i++)
		line_clear(&o->lines[i]);
	memset((char *)o + offsetof(struct oracle, addresses), 0,
	       sizeof(*o) - offsetof(struct oracle, addresses));
	o->shared_health = shared_health;
	o->dead_time_s = dead_time_s;
}

static void begin(struct oracle *o, enum oracle_input input, struct oracle_line *line, uint64_t now)
{
	o->input = input;
	o->now = now;
	o->line = line;
	o->request = NULL;
	o->leg = NULL;
	memset(&o->answer, 0, sizeof(o->answer));
	o->reason = 0;
	if (line)
		line->touched = 1;
}

static void configure(struct oracle_line *line, const struct failover_line_params *params)
{
	line->settings = params->settings;
	line->registrars = params->registrars;
	line->targets_count = params->targets_count;
	memcpy(line->targets, params->targets, params->targets_count * sizeof(*line->targets));
}

/* Of what no line has in its list any more, a Retry-After may be forgotten or not (B4c). That it
 * was found dead needs no care: it *may* be put last then (B4e). */
static void unlisted(struct oracle *o)
{
	uint32_t i, k, n;

	for (i = 0; i < o->addresses_count; i++) {
		for (k = n = 0; k < ORACLE_LINES && !n; k++) {
			const struct oracle_line *line = &o->lines[k];
			uint32_t t;

			n |= line->id &&
			     failover_target_same_address(&line->serving, &o->addresses[i].where);
			for (t = 0; line->id && t < line->targets_count; t++)
				n |= failover_target_same_address(&line->targets[t],
								  &o->addresses[i].where);
		}
		if (!n && o->addresses[i].skip_until > o->open_until)
			o->open_until = o->addresses[i].skip_until;
	}
}

void oracle_line_add(struct oracle *o, uint32_t id, const struct failover_line_params *params,
		     uint64_t now)
{
	struct oracle_line *line = NULL;
	uint32_t i;

	for (i = 0; i < ORACLE_LINES && !line; i++)
		if (!o->lines[i].id)
			line = &o->lines[i];
	if (!line) {
		oracle_fail(o, "oracle", "too many lines");
		return;
	}
	line_clear(line);
	begin(o, INPUT_ADD, line, now);
	line->id = id;
	configure(line, params);
	line->serving = line->targets[0];
	line->next_register = line->next_probe = UINT64_MAX;
}

void oracle_line_update(struct oracle *o, uint32_t id, const struct failover_line_params *params,
			uint64_t now)
{
	struct oracle_line *line = oracle_line(o, id);

	begin(o, INPUT_UPDATE, line, now);
	if (!line)
		return;
	configure(line, params);
	line->manual_due = line->wanted;
	line->follows = 0;
	oracle_wait_anew(line);
	line->unsure = line->listed_anew = 1;
	line->silent_options = 0;
	line->through = line->good = 0;
	memset(line->live_until, 0, sizeof(line->live_until));
}

void oracle_line_targets(struct oracle *o, uint32_t id, const struct failover_target *targets,
			 uint32_t count, uint64_t now)
{
	struct oracle_line *line = oracle_line(o, id);

	begin(o, INPUT_TARGETS, line, now);
	if (!line)
		return;
	line->listed_anew = 1;
	line->targets_count = count;
	memcpy(line->targets, targets, count * sizeof(*targets));
	line->follows &= oracle_index(line, &line->follow) < count;
	oracle_relisted(line);
	if (oracle_index(line, &line->good_target) >= oracle_index(line, &line->serving) ||
	    !oracle_has_above(line))
		line->good = 0;
	unlisted(o);
}

/* Health is forgotten, every line registers (B17). */
static void network_changed(struct oracle *o)
{
	uint32_t i;

	o->addresses_count = 0;
	for (i = 0; i < ORACLE_LINES; i++) {
		o->lines[i].touched = o->lines[i].manual_due = 1;
		oracle_wait_anew(&o->lines[i]);
	}
}

void oracle_act(struct oracle *o, enum oracle_input input, uint32_t id, uint64_t now)
{
	struct oracle_line *line = oracle_line(o, id);
	uint32_t i;

	begin(o, input, line, now);
	if (input == INPUT_NETWORK)
		network_changed(o);
	if (line && input == INPUT_REMOVE) {
		line->targets_count = 0;
		unlisted(o);
	}
	if (line && input == INPUT_REGISTER) {
		for (i = 0; line->wanted && i < line->targets_count; i++) /* B22c: asks at once */
			oracle_address(o, &line->targets[i])->skip_until = 0;
		line->wanted = 1;
		line->unregistered = 0;
		line->manual_due = 1; /* B23e: one under way is given up */
		oracle_wait_anew(line);
	}
	if (line && input == INPUT_UNREGISTER)
		line->registered = line->good = line->follows = 0;
	if (line && input == INPUT_UNREGISTER)
		line->wanted = line->manual_due = 0;
	if (line)
		line->unregistered |= input == INPUT_UNREGISTER;
}

/* B17a: may it be refused, and may it be done? */
static void judge_refusal(struct oracle *o, const struct oracle_line *line, int error)
{
	int busy = oracle_own((struct oracle_line *)line, OWN_PROBE) ||
		   oracle_own((struct oracle_line *)line, OWN_RELEASE);
	int possible = line->registered && !line->pinned && oracle_has_above(line) && !busy;

	if (possible && error)
		oracle_fail(o, "B17a", "a probe is refused that could be made");
	if (!possible && !error)
		oracle_fail(o, "B17a", "a probe that could not be made is not refused");
}

void oracle_asked(struct oracle *o, enum oracle_input input, uint32_t id, int error, uint64_t now)
{
	struct oracle_line *line = oracle_line(o, id);

	begin(o, input, line, now);
	if (!line)
		return;
	if (input == INPUT_PROBE)
		judge_refusal(o, line, error);
	if (error)
		o->input = INPUT_NONE;
	else if (input == INPUT_FAILBACK)
		oracle_failback(o, line);
	else if (input == INPUT_PIN)
		oracle_pin(line);
	else if (input == INPUT_UNPIN)
		line->pinned = 0;
}

void oracle_begin_at(struct oracle *o, uint32_t id, const struct failover_target *target, int error,
		     uint64_t now)
{
	struct oracle_line *line = oracle_line(o, id);
	int listed;

	begin(o, INPUT_BEGIN_AT, line, now);
	if (!line)
		return;
	listed = oracle_index(line, target) < line->targets_count;
	if (listed && !line->requests_top && error)
		oracle_fail(o, "B37", "a new line does not begin where it was");
	if ((!listed || line->requests_top) && !error)
		oracle_fail(o, "B37", "a line is put where it may not be");
	if (error)
		return;
	line->serving = *target;
	line->begins = 1;
}

void oracle_submit(struct oracle *o, uint32_t id, const struct failover_request_params *params,
		   uint64_t id_of_request, uint64_t now)
{
	struct oracle_line *line = oracle_line(o, id);
	struct oracle_request *request;

	begin(o, INPUT_SUBMIT, line, now);
	if (!line)
		return;
	request = oracle_request_new(o, line, id_of_request);
	o->request = request;
	request->method = params->method;
	request->own = OWN_USER;
	request->in_dialog = params->dialog != NULL;
	if (params->dialog)
		request->dialog = *params->dialog;
	request->emergency = (params->flags & FAILOVER_REQUEST_EMERGENCY) != 0;
	request->challenges_left = MOST_CHALLENGES;
	request->signal = !request->emergency && oracle_signal(o, line, params->method) != 0;
	request->followed = !request->emergency && oracle_signal(o, line, params->method) < 0;
	request->start =
		oracle_start(o, line, params->method, request->in_dialog, &request->dialog);
	if (request->emergency) /* B36b */
		request->start = oracle_index(line, &line->serving) < line->targets_count
					 ? line->serving
					 : line->targets[0];
	oracle_made(line, request, request->followed ? &line->targets[0] : &request->start);
}

void oracle_calls(struct oracle *o, uint32_t id, uint32_t calls, uint64_t now)
{
	struct oracle_line *line = oracle_line(o, id);
	uint32_t i;

	begin(o, INPUT_CALLS, line, now);
	if (!line)
		return;
	line->busy = calls != 0;
	for (i = 0; i < ORACLE_LINES; i++) /* B39 */
		o->lines[i].touched = 1;
}

void oracle_give_up(struct oracle *o, uint64_t id, uint64_t now)
{
	uint32_t i;

	begin(o, INPUT_GIVE_UP, NULL, now);
	for (i = 0; i < ORACLE_LINES && !o->request; i++) {
		if (!o->lines[i].id)
			continue;
		o->request = oracle_request(&o->lines[i], id);
		o->line = o->request ? &o->lines[i] : NULL;
	}
	if (!o->request)
		return;
	o->line->touched = 1;
	if (!o->request->ended)
		o->request->given_up = 1;
}

void oracle_find_leg(struct oracle *o, uint64_t attempt)
{
	uint32_t i, k, n;

	for (i = 0; i < ORACLE_LINES; i++) {
		for (k = 0; o->lines[i].id && k < o->lines[i].requests_top; k++) {
			struct oracle_request *request = &o->lines[i].requests[k];

			for (n = 0; request->used && n < request->legs_count; n++) {
				if (request->legs[n].id != attempt)
					continue;
				o->line = &o->lines[i];
				o->request = request;
				o->leg = &request->legs[n];
				o->line->touched = 1;
				return;
			}
		}
	}
}

/* B4a: a provisional response ends the no-answer budget. */
static void provisional(struct oracle *o)
{
	const struct failover_line_settings *s = &o->line->settings;
	struct oracle_leg *leg = o->leg;
	uint64_t full_at = leg->started_at + leg->late_ms;
	int invite = o->request->method == FAILOVER_INVITE;

	if (o->answer.status > 100)
		leg->ringing = 1;
	if (leg->ringing) {
		leg->deadline_at = invite ? UINT64_MAX : full_at;
	} else if (!leg->provisional) { /* B22a: an INVITE has 64*T1 since the 100 */
		leg->deadline_at = invite ? o->now + leg->late_ms : full_at;
		leg->patience = s->trying_timeout_s &&
				o->now + s->trying_timeout_s * 1000ull < leg->deadline_at;
		if (leg->patience)
			leg->deadline_at = o->now + s->trying_timeout_s * 1000ull;
	}
	leg->provisional = 1;
}

/* The older leg that was waited for has its final response: another one may still be to come. */
static void older_answered(struct oracle *o)
{
	struct oracle_request *r = o->request;
	uint32_t i;

	o->verdict_wanted = FAILOVER_VERDICT_LATE;
	for (i = 0; i < r->legs_count; i++)
		if (&r->legs[i] != o->leg && r->legs[i].left && !r->legs[i].cancelled &&
		    !r->legs[i].status)
			return;
	if (oracle_effect(o->line, r, o->answer.status, o->answer.flags) != EFFECT_ENDS) {
		/* B6: the walk goes on */
		r->waits_older = 0;
		r->legs[r->legs_count - 1].reason = FAILOVER_REASON_STATUS;
	} else {
		o->verdict_wanted = FAILOVER_VERDICT_KEEP;
	}
}

static void final(struct oracle *o)
{
	const struct failover_target *target = &o->leg->target;
	int gone = oracle_index(o->line, target) == o->line->targets_count &&
		   !oracle_same(target, &o->line->serving);
	enum oracle_effect effect;

	if (o->answer.status >= 300)
		oracle_up_failed(o, o->line, o->request);
	o->leg->running = 0;
	o->leg->status = o->answer.status;
	if (o->request->method == FAILOVER_OPTIONS && oracle_same(target, &o->line->serving))
		o->line->silent_options = OPTIONS_ANSWERED;
	/* a refresh that was overtaken, or through a target that has gone (B1b), tells nothing, but
	 * there is the binding (B5a) */
	if ((o->request->own == OWN_REGISTER || o->request->own == OWN_VISIT) &&
	    o->answer.status < 300 &&
	    (gone || o->request->own == OWN_VISIT ||
	     target->registrar != o->line->serving.registrar))
		o->line->live_until[target->registrar] = o->now + o->answer.expires_s * 1000ull;
	if (o->request->own == OWN_REGISTER && o->answer.status < 300 && !gone &&
	    o->line->settings.register_before == FAILOVER_BEFORE_ALWAYS &&
	    o->request->moves != o->line->moves && !oracle_same(target, &o->line->serving)) {
		o->line->via[target->registrar] = *target; /* B27: it may have taken it away */
		if (target->registrar == o->line->serving.registrar)
			o->line->through = o->line->wanted && !oracle_skipped(o, &o->line->serving);
	}
	if (o->request->own == OWN_VISIT && o->answer.status < 300)
		o->line->via[target->registrar] = *target;
	if (o->request->own == OWN_REGISTER && o->answer.status < 300 &&
	    target->registrar != o->line->serving.registrar &&
	    oracle_stays_below(o, o->line, o->request, target))
		o->line->via[target->registrar] = *target;
	effect = oracle_effect(o->line, o->request, o->answer.status, o->answer.flags);
	if (o->request->own == OWN_PROBE && o->answer.status < 300 && effect == EFFECT_ENDS)
		oracle_good(o, target);
	if (effect == EFFECT_UNAVAILABLE)
		oracle_address(o, target)->failed = 1;
	if (effect != EFFECT_ENDS || (o->request->own == OWN_VISIT && o->answer.status >= 300))
		oracle_register_left(o, o->line, o->request, o->leg);
	o->leg->answer_flags = o->answer.flags;
	o->leg->goes_on = effect != EFFECT_ENDS ||
			  (o->request->followed && oracle_upward(o->line, o->request));
	if (effect == EFFECT_CALL_GOES_ON)
		oracle_went_on(o, o->line, o->leg);
	if (o->request->method == FAILOVER_INVITE && o->answer.status == 482 &&
	    oracle_older_until(o->request) > o->now) /* B7b: the walk waits */
		o->request->waits_older = 1;
}

static void running_answered(struct oracle *o)
{
	struct oracle_leg *leg = o->leg;

	o->verdict_wanted = FAILOVER_VERDICT_KEEP;
	if (o->answer.status < 200) {
		provisional(o);
		return;
	}
	if (o->answer.retrying && leg->challenges == MOST_CHALLENGES) {
		o->verdict_wanted = FAILOVER_VERDICT_STOP;
		o->answer.retrying = 0;
	}
	if (!o->answer.retrying) {
		final(o);
		return;
	}
	/* B4b: the budget starts again with the new transaction */
	leg->challenges++;
	leg->packets = 0;
	leg->provisional = leg->ringing = 0;
	leg->started_at = o->now;
	leg->late_until = o->now + leg->late_ms;
	leg->deadline_at = o->now + (o->request->followed
					     ? leg->budget_ms
					     : oracle_budget(o, o->line, o->request, &leg->target));
}

/* B7b: the older leg that is waited for rings, or is tried: it is the call, and the newer one is
 * none. */
static void taken_up(struct oracle *o)
{
	struct oracle_request *r = o->request;

	r->waits_older = 0;
	oracle_last(r)->reason = FAILOVER_REASON_STATUS;
	o->leg->late_ms = oracle_last(r)->late_ms; /* a request has one T1: the newest attempt's */
	r->taken_up = (uint32_t)(o->leg - r->legs) + 1;
	o->leg->running = 1;
	o->leg->left = o->leg->late = 0;
	o->leg->reason = 0;
	o->verdict_wanted = FAILOVER_VERDICT_KEEP;
	provisional(o);
}

/* B7a, B7b: an older leg of an INVITE. */
static void late_answered(struct oracle *o)
{
	struct oracle_leg *leg = o->leg;
	uint32_t status = o->answer.status;
	int walking = !o->request->ended && !o->request->given_up;

	if (walking && o->request->waits_older && status < 200) {
		if (!leg->cancelled && !leg->status)
			taken_up(o);
		return;
	}
	if (walking && (o->request->waits_older || (status >= 200 && status < 300)))
		o->verdict_wanted = FAILOVER_VERDICT_KEEP;
	else if (status < 200)
		oracle_cancelled(o, leg);
	if (walking && o->request->waits_older && status >= 300)
		older_answered(o);
	if (status >= 200) {
		leg->late = 0;
		leg->status = status;
	}
}

/* B22: what makes the server of a REGISTER unavailable is no sign of its life. */
static int life(const struct oracle *o)
{
	uint32_t status = o->answer.status;

	return o->request->method != FAILOVER_REGISTER || status < 300 ||
	       !(failover_codes_has(o->line->settings.unavailable, status) || status == 301 ||
		 status == 302 || status == 305);
}

/* B4c, B4e: any answer is life, 2xx ends the skipping, 503 with Retry-After begins it. */
static void learn(struct oracle *o)
{
	struct oracle_address *address = oracle_address(o, &o->leg->target);
	uint32_t after_s = o->answer.retry_after_s;

	if (life(o))
		address->dead_by = 0;
	if (o->answer.status >= 200 && o->answer.status < 300)
		address->skip_until = 0;
	if (after_s > RETRY_AFTER_MOST_S)
		after_s = RETRY_AFTER_MOST_S;
	if (o->answer.status >= 300 && !o->answer.retrying && after_s && o->leg->running &&
	    o->request->method == FAILOVER_REGISTER) /* B22c */
		address->skip_until = o->now + after_s * 1000ull;
}

void oracle_response(struct oracle *o, uint64_t attempt, const struct failover_answer *answer,
		     uint64_t now)
{
	begin(o, INPUT_RESPONSE, NULL, now);
	o->answer = *answer;
	o->verdict_wanted = FAILOVER_VERDICT_LATE;
	oracle_find_leg(o, attempt);
	if (!o->leg || !o->line)
		return;
	/* what comes for a request that has ended reaches nobody who would learn from it */
	if (o->leg->running || (o->leg->late && !o->request->ended &&
				!(o->request->emergency && o->request->given_up))) {
		learn(o);
		if (oracle_same(&o->leg->target, &o->line->serving) && life(o) &&
		    (o->leg->running || o->request->emergency))
			o->line->heard_at = now;
	}
	if (o->request->emergency)
		oracle_emergency_response(o);
	else if (o->leg->running)
		running_answered(o);
	else if (o->leg->late &&
		 (now < o->leg->late_until ||
		  (o->request->waits_older && now < oracle_older_until(o->request))))
		late_answered(o);
}

void oracle_verdict(struct oracle *o, uint32_t verdict)
{
	if (o->verdict_wanted != UINT32_MAX && verdict != o->verdict_wanted)
		oracle_fail(o, "B7a", "verdict on a %u is %u, %u is wanted",
			    (unsigned)o->answer.status, (unsigned)verdict,
			    (unsigned)o->verdict_wanted);
}

void oracle_unreachable(struct oracle *o, uint64_t attempt, uint32_t reason, uint64_t now)
{
	begin(o, INPUT_UNREACHABLE, NULL, now);
	o->reason = reason;
	oracle_find_leg(o, attempt);
	if (!o->leg || !(o->leg->running || (o->leg->beside && !o->request->through)))
		return;
	o->leg->dead = o->leg->running && reason != FAILOVER_REASON_LOCAL;
	o->leg->running = 0;
	o->leg->reason = reason;
	if (o->request->emergency)
		oracle_emergency_unreachable(o);
	if (reason == FAILOVER_REASON_LOCAL)
		return; /* no target is to blame */
	oracle_address(o, &o->leg->target)->failed = 1;
	oracle_dead(o, &o->leg->target, o->line->id);
}

/* One of the line's targets: life comes from no other place (B21a). */
static int listed(const struct oracle_line *line, const struct failover_target *from)
{
	uint32_t i;

	for (i = 0; i < line->targets_count; i++)
		if (failover_target_same_address(from, &line->targets[i]))
			return 1;
	return failover_target_same_address(from, &line->serving);
}

void oracle_heard(struct oracle *o, uint32_t id, const struct failover_target *from, uint64_t now)
{
	struct oracle_line *line = oracle_line(o, id);

	begin(o, INPUT_HEARD, line, now);
	if (!line || !listed(line, from))
		return;
	oracle_address(o, from)->dead_by = 0;
	if (failover_target_same_address(from, &line->serving))
		line->heard_at = now;
}

void oracle_lost(struct oracle *o, uint32_t id, const struct failover_target *target, uint64_t now)
{
	struct oracle_line *line = oracle_line(o, id);

	begin(o, INPUT_LOST, line, now);
	if (!line)
		return;
	/* a REGISTER under way finds out by itself */
	line->cut = oracle_same(target, &line->serving) && !oracle_own(line, OWN_REGISTER);
	line->cut_told = 0;
}

void oracle_time(struct oracle *o, uint64_t now)
{
	begin(o, INPUT_TIME, NULL, now);
	oracle_emergency_time(o);
}
