/* SPDX-License-Identifier: MIT */
/* oracle_walk.c - the rules of where and how long (B3, B4, B6), read naively: lists and loops. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "tests/sim/oracle.h"
#include "tests/sim/profiles.h"

void oracle_fail(struct oracle *o, const char *rule, const char *format, ...)
{
	va_list args;
	int used;

	if (o->failure[0])
		return;
	used = snprintf(o->failure, sizeof(o->failure), "%s: ", rule);
	va_start(args, format);
	vsnprintf(o->failure + used, sizeof(o->failure) - (size_t)used, format, args);
	va_end(args);
}

struct oracle_line *oracle_line(struct oracle *o, uint32_t id)
{
	uint32_t i;

	for (i = 0; id && i < ORACLE_LINES; i++)
		if (o->lines[i].id == id)
			return &o->lines[i];
	return NULL;
}

struct oracle_request *oracle_request(struct oracle_line *line, uint64_t id)
{
	uint32_t i;

	for (i = 0; i < line->requests_top; i++)
		if (line->requests[i].used && line->requests[i].id == id)
			return &line->requests[i];
	return NULL;
}

struct oracle_leg *oracle_running(struct oracle_request *request)
{
	uint32_t i;

	for (i = request->legs_count; i > 0; i--)
		if (request->legs[i - 1].running)
			return &request->legs[i - 1];
	return NULL;
}

/* Nobody can speak of it any more: it has ended, and every leg's lateness is over. */
static int forgotten(const struct oracle_request *request, uint64_t now)
{
	uint32_t i;

	if (!request->ended || request->ended_at == now)
		return 0;
	for (i = 0; i < request->legs_count; i++)
		if (request->legs[i].late && request->legs[i].late_until + 64000 > now)
			return 0;
	return 1;
}

struct oracle_request *oracle_request_new(struct oracle *o, struct oracle_line *line, uint64_t id)
{
	struct oracle_request *request;
	uint32_t i;

	for (i = 0; i < ORACLE_REQUESTS; i++) {
		request = &line->requests[i];
		if (i < line->requests_top && !forgotten(request, o->now))
			continue;
		memset(request, 0, offsetof(struct oracle_request, legs));
		memset((char *)request + offsetof(struct oracle_request, start), 0,
		       sizeof(*request) - offsetof(struct oracle_request, start));
		request->id = id;
		request->used = 1;
		if (line->requests_top <= i)
			line->requests_top = i + 1;
		request->moves = line->moves;
		request->created_at = o->now;
		return request;
	}
	oracle_fail(o, "B18", "more requests of a line than there can be");
	return &line->requests[0];
}

struct oracle_request *oracle_own(struct oracle_line *line, enum oracle_own own)
{
	uint32_t i;

	for (i = 0; i < line->requests_top; i++)
		if (line->requests[i].used && !line->requests[i].ended &&
		    line->requests[i].own == own)
			return &line->requests[i];
	return NULL;
}

/* Identity of a target (B1b): registrar, address, port, transport. */
int oracle_same(const struct failover_target *a, const struct failover_target *b)
{
	return a->registrar == b->registrar && failover_target_same_address(a, b);
}

uint32_t oracle_index(const struct oracle_line *line, const struct failover_target *target)
{
	uint32_t i;

	for (i = 0; i < line->targets_count; i++)
		if (oracle_same(&line->targets[i], target))
			break;
	return i;
}

int oracle_live(const struct oracle *o, const struct oracle_line *line, uint32_t registrar)
{
	return registrar < line->registrars && line->live_until[registrar] > o->now;
}

struct oracle_address *oracle_address(struct oracle *o, const struct failover_target *target)
{
	uint32_t i;

	for (i = 0; i < o->addresses_count; i++)
		if (failover_target_same_address(&o->addresses[i].where, target))
			return &o->addresses[i];
	if (o->addresses_count == ORACLE_ADDRESSES)
		return &o->addresses[0];
	memset(&o->addresses[i], 0, sizeof(o->addresses[i]));
	o->addresses[i].where = *target;
	o->addresses_count++;
	return &o->addresses[i];
}

/* B4c: for as long as the 503 said. */
int oracle_skipped(struct oracle *o, const struct failover_target *target)
{
	return oracle_address(o, target)->skip_until > o->now;
}

int oracle_walks(const struct oracle_request *request)
{
	switch (request->own) {
	case OWN_REGISTER:
		return 1;
	case OWN_USER:
		return request->method == FAILOVER_INVITE || request->method == FAILOVER_BYE;
	case OWN_PROBE:
	case OWN_RELEASE:
	case OWN_KEEPALIVE:
	case OWN_CANCEL:
	case OWN_VISIT:
		break;
	}
	return 0;
}

static int tried(const struct oracle_request *request, const struct failover_target *target)
{
	uint32_t i;

	for (i = 0; i < request->legs_count; i++) {
		if (oracle_same(&request->legs[i].target, target))
			return 1;
		/* B4d: the same address, dead at transport level, under another registrar */
		if (request->legs[i].dead &&
		    failover_target_same_address(&request->legs[i].target, target))
			return 1;
	}
	for (i = 0; i < request->left_out_count; i++)
		if (oracle_same(&request->left_out[i], target))
			return 1;
	return 0;
}

void oracle_made(const struct oracle_line *line, struct oracle_request *r,
		 const struct failover_target *start)
{
	uint32_t serving = oracle_index(line, &line->serving);

	r->above = line->settings.signal_failback && serving < line->targets_count &&
		   oracle_index(line, start) < serving;
}

int oracle_above(const struct oracle_line *line, const struct oracle_request *r,
		 const struct failover_target *start)
{
	uint32_t serving = oracle_index(line, &line->serving);

	if (r->in_dialog && (r->method != FAILOVER_BYE || oracle_same(start, &r->dialog)))
		return 0;
	return r->above && oracle_walks(r) && !r->manual && serving < line->targets_count &&
	       oracle_index(line, start) < serving && !tried(r, &line->serving);
}

static uint32_t candidates(struct oracle *o, struct oracle_line *line,
			   struct oracle_request *request, struct failover_target *out)
{
	uint32_t i, count = 0;

	(void)o;
	for (i = 0; i < line->targets_count; i++) {
		if (tried(request, &line->targets[i]))
			continue;
		if (line->settings.only_registered && line->unregistered && /* B28 */
		    request->own == OWN_USER &&
		    (request->legs_count || !request->in_dialog ||
		     !oracle_same(&request->dialog, &line->targets[i])))
			continue;
		out[count++] = line->targets[i];
	}
	return count;
}

static void to_front(struct failover_target *list, uint32_t count,
		     const struct failover_target *target)
{
	struct failover_target found;
	uint32_t i;

	for (i = 0; i < count && !oracle_same(&list[i], target); i++)
		;
	if (i == count)
		return;
	found = list[i];
	memmove(list + 1, list, i * sizeof(*list));
	list[0] = found;
}

static uint64_t skipped_until(struct oracle *o, const struct failover_target *target)
{
	return oracle_skipped(o, target) ? oracle_address(o, target)->skip_until : 0;
}

/* B22c: those that want to be left alone come last, the one whose time ends first before the rest.
 */
static void by_end_of_skipping(struct oracle *o, struct failover_target *list, uint32_t count)
{
	struct failover_target keep;
	uint32_t i, k;

	for (i = 1; i < count; i++) {
		for (k = i; k > 0; k--) {
			if (skipped_until(o, &list[k - 1]) <= skipped_until(o, &list[k]))
				break;
			keep = list[k];
			list[k] = list[k - 1];
			list[k - 1] = keep;
		}
	}
}

static int same_end_of_skipping(struct oracle *o, const struct failover_target *a,
				const struct failover_target *b)
{
	return oracle_skipped(o, a) &&
	       oracle_address(o, a)->skip_until == oracle_address(o, b)->skip_until;
}

/* B4e: with several lines, what one has found dead may be put last by the others. Which one tries
 * it when is the engine's choice. */
static int may_be_put_last(struct oracle *o, const struct oracle_line *line,
			   const struct failover_target *target)
{
	uint32_t i, lines = 0;

	for (i = 0; i < ORACLE_LINES; i++)
		lines += o->lines[i].id != 0;
	return o->shared_health != FAILOVER_HEALTH_OFF && oracle_dead_by(o, target) &&
	       (lines > 1 || oracle_dead_by(o, target) != line->id);
}

/* B6a, B22b: from where it began it goes on to who serves. */
static int comes_back(struct oracle_line *line, const struct oracle_request *request)
{
	if (!tried(request, &request->start) &&
	    oracle_index(line, &request->start) < line->targets_count)
		return 0;
	return request->in_dialog ||
	       (line->registered && oracle_above(line, request, &request->start));
}

static void in_order(struct oracle *o, struct oracle_line *line,
		     const struct oracle_request *request, struct failover_target *list,
		     uint32_t count)
{
	if (line->moves != request->moves)
		to_front(list, count, &line->serving); /* B6a */
	else
		to_front(list, count, comes_back(line, request) ? &line->serving : &request->start);
	by_end_of_skipping(o, list, count);
}

int oracle_next(struct oracle *o, struct oracle_line *line, struct oracle_request *request,
		struct failover_target *out)
{
	struct failover_target list[FAILOVER_LIMIT_TARGETS + 1];
	uint32_t count = candidates(o, line, request, list);

	if (!count || request->followed || o->now < o->open_until)
		return 0;
	in_order(o, line, request, list, count);
	if (count > 1 &&
	    (may_be_put_last(o, line, &list[0]) || same_end_of_skipping(o, &list[0], &list[1])))
		return 0;
	*out = list[0];
	return 1;
}

struct failover_target oracle_alone(struct oracle *o, const struct oracle_line *line,
				    const struct failover_target *start)
{
	const struct failover_target *best = start;
	uint32_t i;

	for (i = 0; i < line->targets_count && oracle_skipped(o, best); i++) {
		const struct failover_target *t = &line->targets[i];

		if (t->registrar != start->registrar && !oracle_bound(o, line, t))
			continue;
		if (!oracle_skipped(o, t) ||
		    oracle_address(o, t)->skip_until < oracle_address(o, best)->skip_until)
			best = t;
	}
	return *best;
}

int oracle_may_be_next(struct oracle *o, struct oracle_line *line, struct oracle_request *request,
		       const struct failover_target *target)
{
	struct failover_target list[FAILOVER_LIMIT_TARGETS + 1];
	uint32_t count = candidates(o, line, request, list), i;
	struct failover_target alone;

	if (request->followed || o->now < o->open_until)
		return oracle_index(line, target) < line->targets_count;
	/* OPTIONS and others do not walk: they go where they start */
	if (request->own == OWN_USER && !oracle_walks(request))
		alone = oracle_alone(o, line, &request->start);
	if (request->own == OWN_USER && !oracle_walks(request))
		return oracle_same(target, &alone);
	in_order(o, line, request, list, count);
	for (i = 0; i < count; i++) {
		if (oracle_same(&list[i], target))
			return 1;
		if (same_end_of_skipping(o, &list[i], target)) /* either */
			continue;
		if (!may_be_put_last(o, line, &list[i]) || request->manual)
			return 0;
	}
	return 0;
}

uint32_t oracle_left(struct oracle *o, struct oracle_line *line, struct oracle_request *request,
		     const struct failover_target *but)
{
	struct failover_target list[FAILOVER_LIMIT_TARGETS + 1];
	uint32_t count = candidates(o, line, request, list), i, left = 0;

	for (i = 0; i < count; i++)
		left += !but || !oracle_same(&list[i], but);
	return left;
}

/* B22: every target before has answered, and there was one. */
static int all_answered(const struct oracle_request *request)
{
	uint32_t i, before = 0;

	for (i = 0; i < request->legs_count; i++) {
		const struct oracle_leg *leg = &request->legs[i];

		if (leg->running)
			continue;
		if (!leg->status || leg->left)
			return 0;
		before++;
	}
	return before != 0;
}

/* B3, B3a, B3d, B5b, B22; T1 and T2 are the line's. */
uint64_t oracle_budget(struct oracle *o, struct oracle_line *line, struct oracle_request *request,
		       const struct failover_target *target)
{
	uint64_t full = 64ull * line->settings.t1_ms;
	uint32_t others = 0;

	if (request->emergency)
		return full;
	switch (request->own) {
	case OWN_PROBE:
	case OWN_RELEASE:
		return full;
	case OWN_KEEPALIVE:
	case OWN_CANCEL:
	case OWN_VISIT:
		others = line->targets_count > 1;
		break;
	case OWN_USER:
	case OWN_REGISTER:
		if (request->method == FAILOVER_OTHER)
			return full;
		others = request->method == FAILOVER_OPTIONS
				 ? line->targets_count > 1
				 : oracle_left(o, line, request, target);
		break;
	}
	return others || all_answered(request) ? oracle_try_ms(line, request->method) : full;
}

/* B3a; B26: a call may have a number of its own. */
uint32_t oracle_packets(const struct failover_line_settings *s, uint32_t method)
{
	uint32_t n = s->signal_retry_counts;

	if (method == FAILOVER_INVITE && s->invite_retry_counts)
		n = s->invite_retry_counts;
	return n + s->signal_retry_first_free;
}

uint64_t oracle_try_ms(const struct oracle_line *line, uint32_t method)
{
	const struct failover_line_settings *s = &line->settings;
	uint64_t full = 64ull * s->t1_ms, sum = 0, interval = s->t1_ms;
	uint32_t n = oracle_packets(s, method);

	if (profile_facts(s->profile)->by_time)
		return s->signal_retry_time_ms < full ? s->signal_retry_time_ms : full;
	if (profile_facts(s->profile)->by_timers)
		return full;
	for (; n; n--) {
		sum += interval;
		interval *= 2;
		if (method != FAILOVER_INVITE && interval > s->t2_ms)
			interval = s->t2_ms;
	}
	return sum < full ? sum : full;
}

static int moved_away(uint32_t status)
{
	return status == 301 || status == 302 || status == 305;
}

/* B22, row by row. */
enum oracle_effect oracle_effect(const struct oracle_line *line,
				 const struct oracle_request *request, uint32_t status,
				 uint32_t flags)
{
	if (status < 300)
		return EFFECT_ENDS;
	if (request->emergency)
		return oracle_emergency_ends(status) ? EFFECT_ENDS : EFFECT_CALL_GOES_ON;
	if (request->own == OWN_PROBE)
		return EFFECT_UNAVAILABLE;
	if ((request->own == OWN_REGISTER || request->own == OWN_VISIT) &&
	    (failover_codes_has(line->settings.unavailable, status) || moved_away(status) ||
	     ((status == 401 || status == 407) && (flags & FAILOVER_ANSWER_TAKEN_BEFORE))))
		return EFFECT_UNAVAILABLE;
	if (request->own == OWN_USER && request->method == FAILOVER_INVITE && !request->in_dialog &&
	    !(status == 503 && (flags & FAILOVER_ANSWER_Q850)) &&
	    failover_codes_has(line->settings.unavailable_codes_invite, status))
		return EFFECT_CALL_GOES_ON;
	if (oracle_upward(line, request) && !request->followed && /* B22b */
	    (request->method != FAILOVER_INVITE || (status != 486 && status < 600)))
		return EFFECT_UNAVAILABLE;
	return EFFECT_ENDS;
}

void oracle_ask(struct oracle *o, struct oracle_line *line)
{
	if (line->lost || !oracle_held(o, line) || line->targets_count < 2 ||
	    oracle_own(line, OWN_REGISTER) || oracle_skipped(o, &line->serving))
		return;
	line->ask = 1;
	line->ask_at = o->now;
	line->ask_out_count = 0;
}

void oracle_cancelled(struct oracle *o, struct oracle_leg *leg)
{
	if (!leg->cancelled && leg->late_until < o->now + leg->late_ms)
		leg->late_until = o->now + leg->late_ms;
	leg->cancelled = 1;
}

void oracle_went_on(struct oracle *o, struct oracle_line *line, struct oracle_leg *leg)
{
	leg->stayed = 1;
	if (oracle_same(&leg->target, &line->serving))
		oracle_ask(o, line);
}

void oracle_unregistered(struct oracle_line *line, uint64_t now)
{
	memset(line->live_until, 0, sizeof(line->live_until));
	line->failures++;
	line->good = 0;
	line->registered = 0;
	line->lost = 1;
	line->lost_at = now;
	line->follows = 0;
}

int oracle_stays(const struct oracle_line *line, const struct oracle_request *request)
{
	int held = line->pinned && line->registered && /* B17c: by who is not found wanting */
		   request->own == OWN_USER &&
		   oracle_index(line, &line->serving) < line->targets_count;
	uint32_t i;

	if (request->emergency) /* B36g */
		return 1;
	for (i = 0; i < request->legs_count; i++) {
		const struct oracle_leg *leg = &request->legs[i];

		if (oracle_same(&leg->target, &line->serving))
			return leg->stayed || (held && !leg->reason && !leg->goes_on);
	}
	return held;
}

struct failover_target oracle_first(const struct oracle_line *line)
{
	if ((line->pinned || line->begins) &&
	    oracle_index(line, &line->serving) < line->targets_count)
		return line->serving;
	return line->targets[0];
}

int oracle_has_above(const struct oracle_line *line)
{
	uint32_t serving = oracle_index(line, &line->serving), i;

	for (i = 0; i < serving && i < line->targets_count; i++)
		if (profile_facts(line->settings.profile)->probes_proxies ||
		    line->targets[i].registrar != line->serving.registrar)
			return 1;
	return 0;
}

int oracle_signal(const struct oracle *o, const struct oracle_line *line, uint32_t method)
{
	const struct failover_line_settings *s = &line->settings;

	if (line->pinned || line->begins || line->follows || !s->signal_failback ||
	    oracle_probes_first(line) || oracle_is_held(o, line, &line->targets[0]) ||
	    !(s->signal_failback_methods & FAILOVER_METHOD_BIT(method)) || o->now < line->up_after)
		return 0;
	return o->now < line->up_maybe ? -1 : 1;
}

int oracle_upward(const struct oracle_line *line, const struct oracle_request *r)
{
	return r->up && r->legs_count == 1 && r->moves == line->moves && line->registered &&
	       oracle_index(line, &line->serving) < line->targets_count &&
	       oracle_index(line, &r->legs[0].target) < oracle_index(line, &line->serving);
}

void oracle_up_failed(struct oracle *o, struct oracle_line *line, const struct oracle_request *r)
{
	uint64_t until = o->now + line->settings.failback_interval_s * 1000ull;

	if (oracle_upward(line, r))
		line->good = 0;
	if (oracle_upward(line, r) && r->up == 1)
		line->up_after = until;
	if (oracle_upward(line, r) && until > line->up_maybe)
		line->up_maybe = until;
}

/* B6, B9, B12, B12a: where a request of the user starts. */
struct failover_target oracle_start(const struct oracle *o, struct oracle_line *line,
				    uint32_t method, int in_dialog,
				    const struct failover_target *dialog)
{
	int signal = oracle_signal(o, line, method) > 0;

	if (in_dialog && method == FAILOVER_BYE && signal)
		return line->targets[0];
	if (in_dialog && oracle_index(line, dialog) < line->targets_count)
		return *dialog;
	if (!in_dialog && method == FAILOVER_INVITE && signal)
		return line->targets[0];
	if (line->follows && !oracle_is_held(o, line, &line->follow)) /* B39 */
		return line->follow;
	/* B1b: one that has gone is left at the next request */
	return oracle_index(line, &line->serving) < line->targets_count ? line->serving
									: line->targets[0];
}
