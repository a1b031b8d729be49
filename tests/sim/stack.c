/* SPDX-License-Identifier: MIT */
/* stack.c - the simulated stack's host: every input passes the oracle, every output is judged. */
#include <string.h>
#include "tests/sim/fleet.h"

#define OUTPUTS_MOST 64u /* of one input (doc/design.md) */

static uint64_t host_now(void *ctx)
{
	return ((struct fleet *)ctx)->now_ms;
}

static void host_sent(void *ctx, uint64_t attempt)
{
	struct fleet *fleet = ctx;

	oracle_sent(fleet->oracle, attempt, fleet->plan->world.quirks);
	if (mutant_strikes(fleet, MUTANT_PACKET_TOO_MANY)) {
		unsigned int i;

		for (i = 0; i < 30; i++)
			oracle_sent(fleet->oracle, attempt, fleet->plan->world.quirks);
	}
	failover_sent(fleet->engine, attempt, fleet->now_ms);
}

static uint32_t host_response(void *ctx, uint64_t attempt, const struct failover_answer *answer)
{
	struct fleet *fleet = ctx;
	uint32_t verdict;

	fleet->totals->inputs++;
	oracle_response(fleet->oracle, attempt, answer, fleet->now_ms);
	if (mutant_strikes(fleet, MUTANT_ANSWER_EATEN))
		return FAILOVER_VERDICT_KEEP;
	verdict = failover_response(fleet->engine, attempt, answer, fleet->now_ms);
	fleet->undrained = 1;
	fleet->outputs_now = 0;
	if (mutant_strikes(fleet, MUTANT_VERDICT_WRONG))
		verdict = verdict == FAILOVER_VERDICT_KEEP ? FAILOVER_VERDICT_LATE
							   : FAILOVER_VERDICT_KEEP;
	oracle_verdict(fleet->oracle, verdict);
	if (verdict == FAILOVER_VERDICT_LATE && answer->status >= 200 && answer->status < 300)
		fleet->totals->late_2xx++;
	if (verdict == FAILOVER_VERDICT_LATE && answer->status >= 200 &&
	    mutant_strikes(fleet, MUTANT_GHOST))
		verdict = FAILOVER_VERDICT_KEEP;
	return verdict;
}

static void unreachable(struct fleet *fleet, uint64_t attempt, uint32_t reason)
{
	fleet->totals->inputs++;
	oracle_unreachable(fleet->oracle, attempt, reason, fleet->now_ms);
	failover_unreachable(fleet->engine, attempt, reason, fleet->now_ms);
	fleet->undrained = 1;
	fleet->outputs_now = 0;
}

/* From inside a hook it waits until the outputs of the input before are out. */
static void host_unreachable(void *ctx, uint64_t attempt, uint32_t reason)
{
	struct fleet *fleet = ctx;

	if (!fleet->undrained) {
		unreachable(fleet, attempt, reason);
		return;
	}
	if (fleet->pending_count == sizeof(fleet->pending) / sizeof(fleet->pending[0])) {
		fleet_fail(fleet, "sim", "too much bad news at a time");
		return;
	}
	fleet->pending[fleet->pending_count].attempt = attempt;
	fleet->pending[fleet->pending_count++].reason = reason;
}

static void host_heard(void *ctx, uint32_t line, const struct failover_target *from)
{
	struct fleet *fleet = ctx;

	fleet->totals->inputs++;
	oracle_heard(fleet->oracle, line, from, fleet->now_ms);
	failover_heard(fleet->engine, line, from, fleet->now_ms);
	fleet->undrained = 1;
	fleet->outputs_now = 0;
}

static void host_lost(void *ctx, uint32_t line, const struct failover_target *target)
{
	struct fleet *fleet = ctx;

	fleet->totals->inputs++;
	oracle_lost(fleet->oracle, line, target, fleet->now_ms);
	if (!fleet->oracle->line || !fleet->oracle->line->cut ||
	    !mutant_strikes(fleet, MUTANT_LOST_EATEN))
		failover_lost(fleet->engine, line, target, fleet->now_ms);
	fleet_drain(fleet);
}

static void host_log(void *ctx, uint32_t level, const char *text)
{
	(void)level;
	fleet_fail(ctx, "sim", "the stack says: %s", text);
}

static int host_random(void *ctx, void *bytes, size_t count)
{
	struct fleet *fleet = ctx;
	uint8_t *byte = bytes;

	while (count--)
		*byte++ = (uint8_t)fleet_random(&fleet->random);
	return 0;
}

static const void *host_extension(void *ctx, const char *id)
{
	(void)ctx, (void)id;
	return NULL;
}

struct failover_host fleet_host(struct fleet *fleet)
{
	return (struct failover_host){
		.size = sizeof(struct failover_host),
		.ctx = fleet,
		.now = host_now,
		.sent = host_sent,
		.response = host_response,
		.unreachable = host_unreachable,
		.heard = host_heard,
		.lost = host_lost,
		.log = host_log,
		.random = host_random,
		.get_extension = host_extension,
	};
}

static void remember(struct fleet *fleet, uint64_t attempt)
{
	uint32_t room = sizeof(fleet->old_attempts) / sizeof(fleet->old_attempts[0]);

	fleet->old_attempts[fleet->old_count < room ? fleet->old_count++ : attempt % room] =
		attempt;
}

static void hand_out(struct fleet *fleet, const struct failover_output *out)
{
	struct failover_attempt_report reports[FAILOVER_LIMIT_TARGETS];
	struct failover_result result;
	int rc;

	switch ((enum failover_output_kind)out->kind) {
	case FAILOVER_OUTPUT_ATTEMPT:
		remember(fleet, out->u.attempt.id);
		fleet->totals->probes += (out->u.attempt.flags & FAILOVER_ATTEMPT_PROBE) != 0;
		rc = fleet->plugin->send(fleet->inst, &out->u.attempt);
		if (rc < 0)
			host_unreachable(fleet, out->u.attempt.id,
					 rc == FAILOVER_ERR_IO || rc == FAILOVER_ERR_UNSUPPORTED
						 ? FAILOVER_REASON_ICMP
						 : FAILOVER_REASON_LOCAL);
		break;
	case FAILOVER_OUTPUT_ABANDON:
		fleet->plugin->timeout(fleet->inst, out->abandoned, out->reason);
		break;
	case FAILOVER_OUTPUT_RESULT:
		result = out->u.result;
		if (result.reports_count > FAILOVER_LIMIT_TARGETS) {
			fleet_fail(fleet, "B6", "%u attempts of one request",
				   (unsigned)result.reports_count);
			return;
		}
		memcpy(reports, result.reports, result.reports_count * sizeof(*reports));
		result.reports = reports;
		fleet->plugin->response(fleet->inst, &result);
		fleet_result(fleet, &result);
		break;
	case FAILOVER_OUTPUT_EVENT:
		fleet->totals->moves += out->u.event.kind == FAILOVER_EVENT_MOVED;
		break;
	}
}

static void take_all(struct fleet *fleet)
{
	struct failover_output out;
	unsigned int times;

	while (failover_poll(fleet->engine, &out)) {
		for (times = mutant_output(fleet, &out); times; times--) {
			fleet->totals->outputs++;
			fleet->outputs_now += mutant_strikes(fleet, MUTANT_OUTPUTS_MANY) ? 65 : 1;
			trace_output(fleet, &out);
			oracle_output(fleet->oracle, &out);
			hand_out(fleet, &out);
		}
	}
	if (fleet->outputs_now > OUTPUTS_MOST && fleet->oracle->input != INPUT_TIME &&
	    fleet->oracle->input != INPUT_NETWORK)
		fleet_fail(fleet, "B19", "%u outputs of one input", (unsigned)fleet->outputs_now);
	oracle_settled(fleet->oracle, fleet->engine);
	fleet->outputs_now = 0;
	fleet->undrained = 0;
}

void fleet_drain(struct fleet *fleet)
{
	uint32_t i;

	fleet->undrained = 1;
	take_all(fleet);
	for (i = 0; i < fleet->pending_count; i++) {
		fleet->undrained = 0;
		unreachable(fleet, fleet->pending[i].attempt, fleet->pending[i].reason);
		take_all(fleet);
	}
	fleet->pending_count = 0;
	if (fleet->calls_changed) {
		fleet_calls_tell(fleet);
		take_all(fleet);
	}
	if (fleet->oracle->failure[0])
		fleet_fail(fleet, "oracle", "%s", fleet->oracle->failure);
}

/* The timers that are due; again, should it have stopped for want of room. */
void fleet_time(struct fleet *fleet, uint64_t now_ms)
{
	unsigned int rounds;

	for (rounds = 0; rounds < 100; rounds++) {
		fleet->totals->inputs++;
		oracle_time(fleet->oracle, now_ms);
		failover_handle_timeout(fleet->engine, now_ms);
		fleet_drain(fleet);
		if (failover_next_deadline(fleet->engine) > now_ms)
			break;
	}
	if (failover_next_deadline(fleet->engine) <= now_ms ||
	    mutant_strikes(fleet, MUTANT_DEADLINE_PAST))
		fleet_fail(fleet, "B19", "the next deadline is in the past");
}
