/* SPDX-License-Identifier: MIT */
/* oracle_wait.c - what counts as registered, and the requests that wait for it (B5, B6b, B27). */
#include "tests/sim/oracle.h"

uint64_t oracle_held_until(const struct oracle_line *line, uint32_t registrar)
{
	uint64_t until = registrar < line->registrars ? line->live_until[registrar] : 0;
	uint32_t i;

	if (line->settings.register_before != FAILOVER_BEFORE_NEVER || line->unregistered ||
	    line->settings.only_registered)
		return until;
	for (i = 0; i < line->registrars; i++) /* B27: they share it */
		if (line->live_until[i] > until)
			until = line->live_until[i];
	return until;
}

int oracle_held(const struct oracle *o, const struct oracle_line *line)
{
	return oracle_held_until(line, line->serving.registrar) > o->now;
}

int oracle_bound(const struct oracle *o, const struct oracle_line *line,
		 const struct failover_target *target)
{
	if (line->settings.register_before == FAILOVER_BEFORE_ALWAYS && !line->unregistered &&
	    !oracle_same(&line->via[target->registrar], target))
		return 0;
	return oracle_held_until(line, target->registrar) > o->now;
}

int oracle_registers(const struct oracle *o, const struct oracle_line *line,
		     const struct oracle_request *r, const struct failover_target *target)
{
	int only = line->settings.only_registered != 0; /* B28 */

	if (line->unregistered)
		return 0;
	if (!r->legs_count && r->in_dialog && oracle_same(&r->dialog, target) &&
	    oracle_same(&r->start, target))
		return only && !oracle_live(o, line, target->registrar);
	if (oracle_bound(o, line, target) || (!only && !oracle_walks(r)))
		return 0;
	if (only)
		return 1;
	if (!r->legs_count)
		return line->wanted;
	switch ((enum failover_register_before)line->settings.register_before) {
	case FAILOVER_BEFORE_REGISTRAR:
		return target->registrar != r->legs[r->legs_count - 1].target.registrar;
	case FAILOVER_BEFORE_ALWAYS:
		return 1;
	case FAILOVER_BEFORE_NEVER:
		break;
	}
	return 0;
}

static int waits(const struct oracle_line *line, const struct oracle_request *r)
{
	uint32_t i;

	if (!r->used || r->ended || r->own != OWN_USER || r->waits_older || r->emergency)
		return 0;
	if (!oracle_walks(r) && !line->settings.only_registered) /* B28 */
		return 0;
	for (i = 0; i < r->legs_count; i++)
		if (r->legs[i].running)
			return 0;
	return 1;
}

/* The REGISTER that it waits for does not move the line (B22, B28). */
static int is_visit(const struct oracle_line *line, const struct oracle_request *r)
{
	uint32_t i;

	if (oracle_stays(line, r))
		return 1;
	for (i = 0; i < r->left_out_count; i++)
		if (oracle_same(&r->left_out[i], &r->dialog))
			return 0;
	return line->settings.only_registered && r->in_dialog && !r->legs_count &&
	       oracle_same(&r->dialog, &r->start) &&
	       r->dialog.registrar != line->serving.registrar &&
	       oracle_index(line, &r->dialog) < line->targets_count;
}

struct oracle_request *oracle_waiting(struct oracle *o, struct oracle_line *line, int stays)
{
	uint32_t i;

	for (i = 0; i < line->requests_top; i++)
		if (waits(line, &line->requests[i]) &&
		    oracle_left(o, line, &line->requests[i], NULL) &&
		    is_visit(line, &line->requests[i]) == stays)
			return &line->requests[i];
	return NULL;
}

static void leave_out(struct oracle_request *r, const struct failover_target *target)
{
	if (r->left_out_count < FAILOVER_LIMIT_TARGETS)
		r->left_out[r->left_out_count++] = *target;
}

void oracle_leave_out(const struct oracle_line *line, struct oracle_request *r,
		      const struct oracle_request *who)
{
	uint32_t i, k;

	for (i = 0; i < who->left_out_count; i++)
		leave_out(r, &who->left_out[i]);
	for (i = 0; i < who->legs_count; i++)
		leave_out(r, &who->legs[i].target);
	for (i = 0; i < line->targets_count; i++)
		for (k = 0; k < who->legs_count; k++)
			if (who->legs[k].dead && /* B4d */
			    failover_target_same_address(&who->legs[k].target, &line->targets[i]))
				leave_out(r, &line->targets[i]);
}

void oracle_follow_all(struct oracle_line *line, struct oracle_request *r)
{
	uint32_t i;

	r->followed = 1;
	for (i = 0; i < line->requests_top; i++)
		if (line->requests[i].used && line->requests[i].own == OWN_USER &&
		    !line->requests[i].emergency)
			line->requests[i].followed |= !line->requests[i].ended;
}

void oracle_await(struct oracle *o, struct oracle_line *line, const struct failover_target *target)
{
	uint32_t i;

	for (i = 0; i < line->requests_top; i++) {
		struct oracle_request *r = &line->requests[i];

		if (!waits(line, r) || r->awaits == AWAITS_THIS ||
		    !oracle_may_be_next(o, line, r, target))
			continue;
		if (line->settings.only_registered && r->in_dialog && !r->legs_count &&
		    !oracle_same(&r->dialog, target)) {
			r->followed =
				1; /* B28, B4e: it may be its dialog's server that it waits for */
			continue;
		}
		r->awaited = *target;
		r->awaits = AWAITS_THIS;
		r->moves = line->moves;
	}
}

void oracle_await_next(struct oracle *o, struct oracle_line *line)
{
	uint32_t i;

	for (i = 0; i < line->requests_top; i++) {
		struct oracle_request *r = &line->requests[i];

		if (!waits(line, r) || r->awaits != AWAITS_NOTHING)
			continue;
		r->awaits = oracle_next(o, line, r, &r->awaited) ? AWAITS_THIS : AWAITS_ONE;
		r->moves = line->moves;
	}
}

void oracle_register_ended(struct oracle_line *line, int success)
{
	uint32_t i;

	for (i = 0; i < line->requests_top; i++) {
		struct oracle_request *r = &line->requests[i];

		if (r->awaits == AWAITS_THIS && success && oracle_same(&r->awaited, &line->serving))
			r->start = r->awaited;
		else if (r->awaits == AWAITS_THIS && r->moves != line->moves &&
			 (oracle_same(&r->awaited, &r->start) || !oracle_walks(r)))
			r->start = line->serving; /* the line has left it: then the list (B6a) */
		else if (r->awaits == AWAITS_ONE && success)
			r->followed = 1;
		r->awaits = AWAITS_NOTHING;
	}
}

void oracle_register_left(struct oracle *o, struct oracle_line *line,
			  const struct oracle_request *left, const struct oracle_leg *leg)
{
	uint32_t i, waiting = 0;

	if (left->own != OWN_REGISTER && left->own != OWN_VISIT)
		return;
	oracle_await_next(o, line);
	for (i = 0; i < line->requests_top; i++)
		waiting += (uint32_t)waits(line, &line->requests[i]);
	for (i = 0; i < line->requests_top; i++) {
		struct oracle_request *r = &line->requests[i];

		if (!waits(line, r))
			continue;
		if (r->awaits == AWAITS_ONE) {
			r->followed = 1;
		} else if (oracle_same(&r->awaited, &leg->target)) {
			leave_out(r, &leg->target);
			r->shared_count += left->own == OWN_VISIT && waiting > 1;
		}
	}
}

struct oracle_request *oracle_shared(struct oracle_line *line, const struct failover_target *target)
{
	uint32_t i, k;

	for (i = 0; i < line->requests_top; i++) {
		struct oracle_request *r = &line->requests[i];

		if (!waits(line, r) || !r->shared_count || !is_visit(line, r))
			continue;
		for (k = 0; k < r->left_out_count; k++) {
			if (!oracle_same(&r->left_out[k], target))
				continue;
			r->left_out[k] = r->left_out[--r->left_out_count];
			r->shared_count--;
			return r;
		}
	}
	return NULL;
}

void oracle_wait_anew(struct oracle_line *line)
{
	uint32_t i;

	for (i = 0; i < line->requests_top; i++)
		if (waits(line, &line->requests[i]) && !line->requests[i].legs_count)
			line->requests[i].left_out_count = 0;
}

void oracle_relisted(struct oracle_line *line)
{
	uint32_t i, k;

	for (i = 0; i < line->requests_top; i++) {
		struct oracle_request *r = &line->requests[i];

		for (k = 0; r->used && !r->ended && k < r->left_out_count; k++)
			r->followed |= oracle_index(line, &r->left_out[k]) == line->targets_count;
	}
}

/* B22: or that cannot be asked, as it has gone from the list. */
int oracle_asked_serving(const struct oracle_line *line, const struct oracle_request *r)
{
	uint32_t i;

	for (i = 0; i < r->legs_count; i++)
		if (oracle_same(&r->legs[i].target, &line->serving))
			return 1;
	return oracle_index(line, &line->serving) == line->targets_count;
}

/* The server that the line uses is asked alone. */
void oracle_keep_out(struct oracle_line *line)
{
	uint32_t i;

	line->ask_out_count = 0;
	for (i = 0; i < line->targets_count; i++)
		if (!oracle_same(&line->targets[i], &line->serving))
			line->ask_out[line->ask_out_count++] = line->targets[i];
}

/* A request keeps one time for all its legs that were silent: that of the one that dies last, also
 * if it has had its answer, or was cancelled, by then. So it may wait longer for the others than
 * they have (B7a, B7b). */
uint64_t oracle_older_until(const struct oracle_request *r)
{
	uint64_t until = 0;
	uint32_t i, open = 0;

	for (i = 0; i < r->legs_count; i++) {
		const struct oracle_leg *leg = &r->legs[i];

		if (!leg->left || (leg->cancelled && leg->provisional))
			continue;
		open += !leg->status && !leg->cancelled;
		if (leg->started_at + leg->late_ms > until)
			until = leg->started_at + leg->late_ms;
	}
	return open ? until : 0;
}

struct oracle_leg *oracle_last(struct oracle_request *r)
{
	return &r->legs[(r->taken_up ? r->taken_up : r->legs_count) - 1];
}
