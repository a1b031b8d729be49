/* SPDX-License-Identifier: MIT */
/* oracle_wait.c - the requests that wait for the line's REGISTER (B5, B6b). */
#include "tests/sim/oracle.h"

static int waits(const struct oracle_request *r)
{
	uint32_t i;

	if (!r->used || r->ended || r->own != OWN_USER || !oracle_walks(r) || r->waits_older)
		return 0;
	for (i = 0; i < r->legs_count; i++)
		if (r->legs[i].running)
			return 0;
	return 1;
}

struct oracle_request *oracle_waiting(struct oracle *o, struct oracle_line *line, int stays)
{
	uint32_t i;

	for (i = 0; i < line->requests_top; i++)
		if (waits(&line->requests[i]) && oracle_left(o, line, &line->requests[i], NULL) &&
		    oracle_stays(line, &line->requests[i]) == stays)
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
		if (line->requests[i].used && line->requests[i].own == OWN_USER)
			line->requests[i].followed |= !line->requests[i].ended;
}

void oracle_await(struct oracle *o, struct oracle_line *line, const struct failover_target *target)
{
	uint32_t i;

	for (i = 0; i < line->requests_top; i++) {
		struct oracle_request *r = &line->requests[i];

		if (!waits(r) || r->awaits == AWAITS_THIS ||
		    !oracle_may_be_next(o, line, r, target))
			continue;
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

		if (!waits(r) || r->awaits != AWAITS_NOTHING)
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
		else if (r->awaits == AWAITS_THIS && oracle_same(&r->awaited, &r->start) &&
			 r->moves != line->moves)
			r->start = line->serving; /* the line has left it: then the list (B6a) */
		else if (r->awaits == AWAITS_ONE && success)
			r->followed = 1;
		r->awaits = AWAITS_NOTHING;
	}
}

void oracle_register_left(struct oracle *o, struct oracle_line *line,
			  const struct oracle_request *left, const struct oracle_leg *leg)
{
	uint32_t i;

	if (left->own != OWN_REGISTER && left->own != OWN_VISIT)
		return;
	oracle_await_next(o, line);
	for (i = 0; i < line->requests_top; i++) {
		struct oracle_request *r = &line->requests[i];

		if (!waits(r))
			continue;
		if (r->awaits == AWAITS_ONE)
			r->followed = 1;
		else if (oracle_same(&r->awaited, &leg->target))
			leave_out(r, &leg->target);
	}
}

void oracle_wait_anew(struct oracle_line *line)
{
	uint32_t i;

	for (i = 0; i < line->requests_top; i++)
		if (waits(&line->requests[i]) && !line->requests[i].legs_count)
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
