/* SPDX-License-Identifier: MIT */
/* mutant.c - planted bugs: each shows that something notices it. */
#include <string.h>
#include "tests/sim/fleet.h"

#define MUTANT_NAME(name, text) text,
static const char *const mutant_names[] = { FLEET_MUTANTS(MUTANT_NAME) };

const char *mutant_name(enum fleet_mutant mutant)
{
	return mutant < MUTANT_COUNT ? mutant_names[mutant] : "";
}

int mutant_strikes(struct fleet *fleet, enum fleet_mutant mutant)
{
	if (fleet->mutant != mutant || fleet->mutant_struck)
		return 0;
	if (fleet->mutant_in) {
		fleet->mutant_in--;
		return 0;
	}
	fleet->mutant_struck = 1;
	if (fleet->trace)
		fprintf(fleet->trace, "mutant %s strikes\n", mutant_name(mutant));
	return 1;
}

static int other_target(struct fleet *fleet, struct failover_attempt *attempt)
{
	struct failover_target list[FAILOVER_LIMIT_TARGETS];
	int count = failover_line_list(fleet->engine, attempt->line, list, FAILOVER_LIMIT_TARGETS);

	if (count < 2 || oracle_same(&attempt->target, &list[count - 1]) ||
	    !mutant_strikes(fleet, MUTANT_OTHER_TARGET))
		return 0;
	attempt->target = list[count - 1];
	return 1;
}

static unsigned int mutate_attempt(struct fleet *fleet, struct failover_output *out)
{
	struct failover_attempt *attempt = &out->u.attempt;

	if (mutant_strikes(fleet, MUTANT_ATTEMPT_TWICE))
		return 2;
	if (mutant_strikes(fleet, MUTANT_ATTEMPT_DROPPED))
		return 0;
	if (other_target(fleet, attempt))
		return 1;
	if (mutant_strikes(fleet, MUTANT_BUDGET))
		attempt->budget_ms++;
	if (attempt->method == FAILOVER_INVITE && mutant_strikes(fleet, MUTANT_NOT_LAST))
		attempt->flags ^= FAILOVER_ATTEMPT_LAST;
	if (attempt->method == FAILOVER_REGISTER && mutant_strikes(fleet, MUTANT_PROBE_UNASKED))
		attempt->flags |= FAILOVER_ATTEMPT_PROBE;
	if (attempt->method == FAILOVER_INVITE && mutant_strikes(fleet, MUTANT_REGISTER_INSERTED)) {
		attempt->method = FAILOVER_REGISTER;
		attempt->request ^= 1ull << 63;
	}
	return 1;
}

static unsigned int mutate_result(struct fleet *fleet, struct failover_result *result)
{
	if (mutant_strikes(fleet, MUTANT_RESULT_DROPPED))
		return 0;
	if (mutant_strikes(fleet, MUTANT_RESULT_TWICE))
		return 2;
	if (result->outcome == FAILOVER_OUTCOME_ANSWERED &&
	    mutant_strikes(fleet, MUTANT_RESULT_WRONG))
		result->status++;
	return 1;
}

static unsigned int mutate_event(struct fleet *fleet, struct failover_event *event)
{
	if (event->kind == FAILOVER_EVENT_MOVED && mutant_strikes(fleet, MUTANT_MOVED_DROPPED))
		return 0;
	if (event->kind == FAILOVER_EVENT_UNAVAILABLE &&
	    mutant_strikes(fleet, MUTANT_MOVED_INVENTED))
		event->kind = FAILOVER_EVENT_MOVED;
	if (event->kind == FAILOVER_EVENT_REGISTERED && mutant_strikes(fleet, MUTANT_GRANTED_WRONG))
		event->seconds++;
	if (event->kind == FAILOVER_EVENT_REGISTERED &&
	    mutant_strikes(fleet, MUTANT_LOST_INVENTED)) {
		event->kind = FAILOVER_EVENT_UNREGISTERED;
		event->reason = FAILOVER_REASON_NONE;
	}
	return 1;
}

unsigned int mutant_output(struct fleet *fleet, struct failover_output *out)
{
	if (fleet->mutant == MUTANT_NONE)
		return 1;
	switch ((enum failover_output_kind)out->kind) {
	case FAILOVER_OUTPUT_ATTEMPT:
		return mutate_attempt(fleet, out);
	case FAILOVER_OUTPUT_ABANDON:
		if (mutant_strikes(fleet, MUTANT_ABANDON_DROPPED))
			return 0;
		if (out->reason != FAILOVER_ABANDON_ADOPTED &&
		    mutant_strikes(fleet, MUTANT_ABANDON_WRONG))
			out->reason = FAILOVER_ABANDON_ADOPTED;
		return 1;
	case FAILOVER_OUTPUT_RESULT:
		return mutate_result(fleet, &out->u.result);
	case FAILOVER_OUTPUT_EVENT:
		return mutate_event(fleet, &out->u.event);
	}
	return 1;
}
