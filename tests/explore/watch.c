/* SPDX-License-Identifier: MIT */
/* watch.c - the line as it is seen from outside, and what must always hold of it. */
#include <stdarg.h>
#include <string.h>
#include "explore.h"

void ex_fail(struct ex_world *world, const char *format, ...)
{
	va_list arguments;

	if (world->why[0])
		return; /* the first is the one that counts */
	va_start(arguments, format);
	vsnprintf(world->why, sizeof(world->why), format, arguments);
	va_end(arguments);
}

static unsigned slot_of(uint64_t id)
{
	return (unsigned)(id >> 27 & 0x1f);
}

static unsigned registrar_of(const struct ex_world *world, unsigned place)
{
	return (unsigned)(world->config->registrars[place] - '0');
}

static unsigned address_of(const struct ex_world *world, unsigned place)
{
	return (unsigned)(world->config->addresses[place] - '0');
}

static unsigned same_address(const struct ex_world *world, unsigned place)
{
	const char *addresses = world->config->addresses;
	unsigned places = 0, i;

	for (i = 0; addresses[i]; i++)
		if (addresses[i] == addresses[place])
			places |= 1u << i;
	return places;
}

void ex_watch_start(struct ex_world *world)
{
	unsigned i;

	world->watch = (struct ex_watch){ .serving = 0 };
	for (i = 0; i < EX_SLOTS; i++)
		world->watch.requests[i].dialog = world->watch.requests[i].awaited = EX_NOBODY;
}

/* ---- inputs ------------------------------------------------------------------------------- */

static void watch_provisional(struct ex_world *world, struct ex_request *request, uint32_t status)
{
	uint64_t since = ex_world_now(world) - request->started;
	uint32_t full = ex_64t1_ms(world->config);

	if (request->method == FAILOVER_INVITE) /* B22a, or RFC 3261 17.1.1 */
		full = status == 100 ? full + (uint32_t)since : UINT32_MAX;
	if (status == 100 && !request->provisional && world->config->trying && since + 4000 < full)
		request->budget_ms = (uint32_t)since + 4000;
	else if (status != 100 || !request->provisional)
		request->budget_ms = full;
	request->only_100 = status == 100 && (!request->provisional || request->only_100);
	request->provisional = 1;
}

/* B22: of the statuses that servers say here; B22b. */
static int watch_unavailable(const struct ex_world *world, const struct ex_request *request,
			     uint32_t status, int q850)
{
	if (world->input.flag & EX_FAULT) /* B22e, B24 */
		return !(request->flags & FAILOVER_ATTEMPT_RELEASE);
	if (ex_upward(world, request))
		return status != 200; /* B22b */
	if (request->flags & FAILOVER_ATTEMPT_PROBE)
		return status != 200;
	if (request->flags & FAILOVER_ATTEMPT_RELEASE)
		return 0;
	if (request->method == FAILOVER_REGISTER)
		return status == 500 || status == 503 || status == 302;
	return !q850 && request->method == FAILOVER_INVITE && request->dialog == EX_NOBODY &&
	       status == 503;
}

/* Where the REGISTER that they wait for has found nobody, they need not go (B6b). */
static void ruled_out(struct ex_world *world, unsigned place)
{
	unsigned slot;

	for (slot = FO_SLOTS_OWN; slot < EX_SLOTS; slot++)
		if (world->watch.requests[slot].open && !world->watch.requests[slot].current)
			world->watch.requests[slot].optional |= (uint8_t)(1u << place);
}

static void registered(struct ex_world *world, unsigned place)
{
	unsigned slot;

	for (slot = FO_SLOTS_OWN; slot < EX_SLOTS; slot++)
		if (world->watch.requests[slot].open && !world->watch.requests[slot].current)
			world->watch.requests[slot].awaited = (uint8_t)place;
}

/* B22b: the next one waits. */
static void up_failed(struct ex_world *world, const struct ex_request *request)
{
	if (ex_upward(world, request))
		world->watch.good = 0;
	if (ex_upward(world, request))
		world->watch.up_after =
			fo_after(ex_world_now(world),
				 UINT64_C(1000) * ex_settings(world->config).failback_interval_s);
}

/* B7b: an older leg that the call waits for is tried or rings, so it is the call's own again. */
static int taken_up(struct ex_world *world, struct ex_request *request, uint32_t status)
{
	const struct fo_request *of = &world->line->requests[world->input.slot];
	const struct fo_attempt *attempt =
		fo_attempt_of(world->line, of, (uint8_t)world->input.ordinal);

	if (status >= 200 || of->state != FO_REQUEST_WAIT_LATE || !attempt ||
	    attempt->state != FO_ATTEMPT_LATE)
		return 0;
	world->current = request->current = 1;
	request->under_way = (uint8_t)world->input.ordinal;
	request->target = attempt->target;
	request->started = ex_world_now(world);
	request->provisional = request->only_100 = 0;
	request->dead &= (uint8_t) ~(1u << request->target);
	request->silent &= (uint8_t) ~(1u << request->target);
	watch_provisional(world, request, status);
	return 1;
}

static void watch_response(struct ex_world *world, struct ex_request *request)
{
	uint32_t status = ex_input_status(&world->input);
	unsigned address = (unsigned)(world->config->addresses[request->target] - '0');
	uint64_t now = ex_world_now(world);

	if (request->emergency) {
		ex_emergency_response(world, request);
		return;
	}
	world->current = world->input.ordinal == request->under_way && request->current;
	if (!world->current) {
		if (taken_up(world, request, status))
			return;
		if (world->line->requests[world->input.slot].state == FO_REQUEST_WAIT_LATE &&
		    watch_unavailable(world, request, status, world->input.flag & EX_Q850))
			request->current = 0; /* B7b: neither that leg nor the one of the 482 */
		return;
	}
	if ((status > 200 || world->input.flag & EX_FAULT) && !(world->input.flag & EX_RETRYING))
		up_failed(world, request);
	if (status < 200) {
		watch_provisional(world, request, status);
	} else if (world->input.flag & EX_RETRYING) { /* B4b */
		request->started = now;
		request->provisional = request->only_100 = 0;
		request->budget_ms = ex_least_budget_ms(world->config);
	} else if (watch_unavailable(world, request, status, world->input.flag & EX_Q850)) {
		request->current = 0;
		if (request->method == FAILOVER_INVITE)
			request->stayed |= (uint8_t)(1u << request->target);
		if (world->input.slot == FO_SLOT_REGISTER)
			ruled_out(world, request->target);
	} else if (request->flags & FAILOVER_ATTEMPT_VISIT && status != 200) {
		ruled_out(world, request->target);
	}
	if (world->input.flag & EX_RETRY_AFTER && request->method == FAILOVER_REGISTER)
		world->watch.skip_until[address] = fo_after(now, UINT64_C(1000) * EX_RETRY_AFTER_S);
	if (status != 200)
		return;
	world->watch.skip_until[address] = 0;
	if (request->method != FAILOVER_REGISTER || request->flags & FAILOVER_ATTEMPT_RELEASE ||
	    world->input.flag & EX_FAULT)
		return;
	if (request->flags & FAILOVER_ATTEMPT_PROBE && !ex_good_enough(world, request->target) &&
	    registrar_of(world, request->target) == registrar_of(world, world->watch.serving))
		return; /* B30: what serves there stays as it is */
	registered(world, request->target);
	world->watch.via[registrar_of(world, request->target)] = request->target;
	world->watch.live_until[registrar_of(world, request->target)] =
		fo_after(now, UINT64_C(1000) * ex_expires_s(world->config));
}

void ex_watch_input(struct ex_world *world)
{
	struct ex_watch *watch = &world->watch;
	struct ex_request *request = &watch->requests[world->input.slot];

	world->registered = (world->line->flags & FO_LINE_REGISTERED) != 0;
	switch ((enum ex_kind)world->input.kind) {
	case EX_RESPONSE:
		watch_response(world, request);
		break;
	case EX_UNREACHABLE:
		request->silent |= (uint8_t)(1u << request->target);
		if (world->input.arg != FAILOVER_REASON_LOCAL) /* no target's fault */
			request->dead |= (uint8_t)same_address(world, request->target);
		break;
	case EX_REGISTER:
		if (watch->wanted) /* B22c: asks at once */
			memset(watch->skip_until, 0, sizeof(watch->skip_until));
		watch->wanted = 1;
		watch->unregistered = 0;
		break;
	case EX_UNREGISTER:
		watch->wanted = 0;
		watch->unregistered = 1;
		memset(watch->live_until, 0, sizeof(watch->live_until));
		watch->good = 0;
		break;
	case EX_NETWORK:
		memset(watch->skip_until, 0, sizeof(watch->skip_until));
		break;
	case EX_CALLS:
		watch->busy = !watch->busy;
		if (world->line->waits) /* B32: at once */
			watch->probe_after = 0;
		break;
	case EX_DNS:
		watch->list = world->input.arg;
		if (world->line->waits)
			watch->probe_after = 0;
		if (ex_index(world, watch->good_place) >= ex_index(world, watch->serving))
			watch->good = 0;
		break;
	case EX_UPDATE:
		watch->good = 0;
		memset(watch->live_until, 0, sizeof(watch->live_until));
		break;
	case EX_TICK:
	case EX_AGE:
	case EX_JUMP:
	case EX_LOST:
	case EX_GROUP:
	case EX_GIVE_UP:
	case EX_SUBMIT:
		break;
	}
}

void ex_watch_submit(struct ex_world *world, uint64_t id)
{
	struct ex_request *request = &world->watch.requests[slot_of(id)];

	if (request->open)
		ex_fail(world, "B18: the slot of a request that has not ended was given away");
	*request = (struct ex_request){
		.id = id,
		.open = 1,
		.method = world->input.arg,
		.target = EX_NOBODY,
		.dialog = world->input.ordinal ? (uint8_t)(world->input.ordinal - 1) : EX_NOBODY,
		.awaited = EX_NOBODY,
	};
	request->start = (uint8_t)ex_start(world, request);
	world->watch.called |= world->watch.begins;
	request->emergency = request->current = world->input.flag & EX_HELP;
}

void ex_watch_verdict(struct ex_world *world, uint32_t status, uint32_t verdict)
{
	const struct fo_request *of = &world->line->requests[world->input.slot];
	int current = world->current;

	if (world->watch.requests[world->input.slot].emergency) {
		ex_emergency_verdict(world, &world->watch.requests[world->input.slot], verdict);
		return;
	}
	if (current && verdict != (uint32_t)FAILOVER_VERDICT_KEEP &&
	    (verdict != (uint32_t)FAILOVER_VERDICT_STOP || !(world->input.flag & EX_RETRYING)))
		ex_fail(world, "an answer to the current attempt got the verdict %u", verdict);
	if (current)
		return;
	if (status == 200 && verdict != (uint32_t)FAILOVER_VERDICT_KEEP)
		ex_fail(world, "B7b: a late 2xx of a running request was not adopted");
	if (status > 200 &&
	    (verdict == (uint32_t)FAILOVER_VERDICT_KEEP) !=
		    (of->state == FO_REQUEST_ENDED &&
		     !watch_unavailable(world, &world->watch.requests[world->input.slot], status,
					world->input.flag & EX_Q850)))
		ex_fail(world, "B7a: a late %u got the verdict %u", status, verdict);
	if (status < 200 && of->state != FO_REQUEST_WAIT_LATE &&
	    verdict != (uint32_t)FAILOVER_VERDICT_LATE)
		ex_fail(world, "B7a: a late 1xx is not cancelled");
}

/* ---- outputs ------------------------------------------------------------------------------ */

/* B5, B5a, B27: INVITE and BYE go where the line is registered. */
static void check_registered(struct ex_world *world, const struct ex_request *request,
			     unsigned place)
{
	int before = world->config->before, same = before == FAILOVER_BEFORE_NEVER; /* B27 */

	if (before == FAILOVER_BEFORE_REGISTRAR && request->ordinal)
		same = registrar_of(world, request->target) == registrar_of(world, place);
	if (!ex_only_right(world, request, place))
		ex_fail(world, "B28: method %u at target %u unregistered", request->method, place);
	if (request->method != FAILOVER_INVITE && request->method != FAILOVER_BYE)
		return;
	if (ex_bound(world, place) || (same && request->ordinal)) /* a move without a REGISTER */
		return;
	if (world->watch.unregistered) /* and nobody wants a registration */
		return;
	if (!request->ordinal && (!world->watch.wanted || request->dialog == place))
		return;
	ex_fail(world, "B5: method %u at target %u without a registration there", request->method,
		place);
}

static unsigned waiting_tried(const struct ex_world *world)
{
	unsigned slot, places = 0;

	for (slot = FO_SLOTS_OWN; slot < EX_SLOTS; slot++)
		if (world->watch.requests[slot].open && !world->watch.requests[slot].current)
			places |= world->watch.requests[slot].tried |
				  world->watch.requests[slot].dead |
				  world->watch.requests[slot].optional;
	return places;
}

static void open_own(struct ex_world *world, struct ex_request *request,
		     const struct failover_attempt *attempt)
{
	if (slot_of(attempt->id) >= FO_SLOTS_OWN && attempt->method != FAILOVER_CANCEL)
		ex_fail(world, "an attempt of a request that nobody asked for");
	*request = (struct ex_request){
		.id = attempt->request,
		.open = 1,
		.method = attempt->method,
		.target = EX_NOBODY,
		.dialog = EX_NOBODY,
		.awaited = EX_NOBODY,
	};
	if (attempt->method != FAILOVER_REGISTER || attempt->flags & FAILOVER_ATTEMPT_RELEASE)
		return;
	request->manual =
		(world->line->requests[FO_SLOT_REGISTER].flags & FO_REQUEST_ANY_HEALTH) != 0;
	if (world->watch.unregistered)
		ex_fail(world, "B5: a line that was unregistered registers");
	if (!(attempt->flags & FAILOVER_ATTEMPT_PROBE)) {
		ex_begins_check(world, attempt);
		request->optional = (uint8_t)waiting_tried(world);
		world->watch.wanted |= !(attempt->flags & FAILOVER_ATTEMPT_VISIT);
		world->watch.begins &= (attempt->flags & FAILOVER_ATTEMPT_VISIT) != 0;
		return;
	}
	if (ex_world_now(world) < world->watch.up_after)
		ex_fail(world, "B31: a probe before the line may return");
	if (ex_world_now(world) < world->watch.probe_after)
		ex_fail(world, "B11: a probe before the interval has passed");
	world->watch.probe_after =
		fo_after(ex_world_now(world),
			 UINT64_C(1000) * ex_settings(world->config).failback_interval_s);
}

static void check_attempt(struct ex_world *world, const struct ex_request *request, unsigned place,
			  const struct failover_attempt *attempt)
{
	int leaves =
		attempt->method == FAILOVER_CANCEL || (attempt->flags & FAILOVER_ATTEMPT_RELEASE);

	if (request->current)
		ex_fail(world, "two attempts of one request at a time");
	if (attempt->ordinal != request->ordinal + 1u)
		ex_fail(world, "attempt %u follows attempt %u", attempt->ordinal, request->ordinal);
	if (!leaves && ex_index(world, place) == EX_NOBODY)
		ex_fail(world, "B1b: an attempt at a target that has gone");
	if (request->tried & 1u << place)
		ex_fail(world, "B6: target %u twice in one request", place);
	if (request->dead & 1u << place)
		ex_fail(world, "B4d: target %u is known to be dead", place);
	if (!ex_order_right(world, request, place, attempt))
		ex_fail(world, "B6: target %u is not next", place);
	check_registered(world, request, place);
}

/* B22: the serving server is asked itself, and nobody else: a call has met the others. */
static int asked_alone(const struct ex_world *world, const struct ex_request *request,
		       const struct failover_attempt *attempt)
{
	return request->method == FAILOVER_REGISTER && request->ordinal == 1 &&
	       request->target == world->watch.serving &&
	       attempt->budget_ms == ex_64t1_ms(world->config);
}

static void watch_attempt(struct ex_world *world, const struct failover_attempt *attempt)
{
	struct ex_request *request = &world->watch.requests[slot_of(attempt->id)];
	unsigned place = ex_place(world, &attempt->target);
	uint32_t budget;

	if (place == EX_NOBODY) {
		ex_fail(world, "an attempt at no known target");
		return;
	}
	if (!request->open || request->id != attempt->request)
		open_own(world, request, attempt);
	check_attempt(world, request, place, attempt);
	if (request->ordinal)
		ex_rows_action(request->method,
			       registrar_of(world, request->target) != registrar_of(world, place));
	if (attempt->flags & FAILOVER_ATTEMPT_RELEASE)
		world->watch.live_until[registrar_of(world, place)] = 0;
	request->target = (uint8_t)place;
	request->tried |= (uint8_t)(1u << place);
	request->ordinal = request->under_way = (uint8_t)attempt->ordinal;
	request->flags = attempt->flags;
	request->current = 1;
	request->provisional = request->only_100 = 0;
	request->started = ex_world_now(world);
	request->budget_ms = attempt->budget_ms;
	request->moved = 0;
	budget = ex_budget_ms(world, request, attempt);
	if (attempt->budget_ms != budget && !request->optional &&
	    !asked_alone(world, request, attempt))
		ex_fail(world,
			"B3: slot %u, target %u: a budget of %u ms instead of %u (attempt %u)",
			slot_of(attempt->id), place, attempt->budget_ms, budget, attempt->ordinal);
}

static void check_abandon(struct ex_world *world, const struct ex_request *request, uint32_t reason,
			  int own)
{
	uint8_t kind = world->input.kind;

	switch ((enum failover_abandon)reason) {
	case FAILOVER_ABANDON_BUDGET:
		if (request->only_100 && request->method == FAILOVER_INVITE && request->moved)
			break; /* B22a: the line has left this target */
		if (request->budget_ms == UINT32_MAX ||
		    ex_world_now(world) < fo_after(request->started, request->budget_ms))
			ex_fail(world, "B19: a budget ended early");
		break;
	case FAILOVER_ABANDON_UNAVAILABLE:
		if (kind != EX_UNREACHABLE)
			ex_fail(world, "B4: unreachable, but nobody said so");
		break;
	case FAILOVER_ABANDON_GIVEN_UP:
		if (kind != EX_GIVE_UP && !own)
			ex_fail(world, "B6c: given up, but not by the user");
		break;
	case FAILOVER_ABANDON_ADOPTED:
		if (kind != EX_RESPONSE || ex_input_status(&world->input) != 200)
			ex_fail(world, "B7b: adopted without a 2xx");
		break;
	case FAILOVER_ABANDON_REMOVED:
		ex_fail(world, "removed, but not by the user");
		break;
	}
}

static void watch_abandon(struct ex_world *world, uint64_t id, uint32_t reason)
{
	struct ex_request *request = &world->watch.requests[slot_of(id)];

	if (!request->open || !request->current || (request->id | request->under_way) != id) {
		ex_fail(world, "an attempt was abandoned that is not under way");
		return;
	}
	check_abandon(world, request, reason, slot_of(id) < FO_SLOTS_OWN);
	if (reason != FAILOVER_ABANDON_GIVEN_UP && world->input.arg != FAILOVER_REASON_LOCAL)
		up_failed(world, request);
	request->current = 0;
	if (reason == FAILOVER_ABANDON_BUDGET) {
		request->silent |= (uint8_t)(1u << request->target);
		if (request->method == FAILOVER_INVITE && request->dialog == EX_NOBODY &&
		    request->only_100 && !world->config->trying)
			request->stayed |= (uint8_t)(1u << request->target);
	}
	if (slot_of(id) == FO_SLOT_REGISTER)
		ruled_out(world, request->target);
	if (request->method == FAILOVER_INVITE)
		request->late |= (uint8_t)(1u << request->target);
}

static void check_result(struct ex_world *world, const struct ex_request *request,
			 const struct failover_result *result, int own)
{
	const struct ex_input *input = &world->input;
	uint32_t i;

	switch ((enum failover_outcome)result->outcome) {
	case FAILOVER_OUTCOME_ANSWERED:
		if (result->status != ex_input_status(input) && result->status != 482) /* B7b */
			ex_fail(world, "B18: answered %u by nobody", result->status);
		break;
	case FAILOVER_OUTCOME_FAILED:
		if (request->current)
			ex_fail(world, "B18: failed while an attempt was under way");
		for (i = 0; i < result->reports_count;
		     i++) /* a REGISTER that was given up has none */
			if (!result->reports[i].reason && input->kind != EX_UNREGISTER &&
			    input->kind != EX_UPDATE)
				ex_fail(world, "B6: an attempt failed for no reason");
		/* With DNS in play the REGISTER that found nobody may be forgotten. */
		if (!result->reports_count && input->kind != EX_UNREGISTER &&
		    !(world->config->may & EX_MAY_DNS) &&
		    !(world->config->only && world->watch.unregistered)) /* B28 */
			ex_fail(world, "B6: failed without a try");
		break;
	case FAILOVER_OUTCOME_GIVEN_UP:
		if (input->kind != EX_GIVE_UP && !own)
			ex_fail(world, "B6c: given up, but not by the user");
		break;
	}
}

static void watch_result(struct ex_world *world, const struct failover_result *result)
{
	struct ex_request *request = &world->watch.requests[slot_of(result->request)];

	if (!request->open || request->id != result->request) {
		ex_fail(world, "B18: a request that is not under way has ended");
		return;
	}
	check_result(world, request, result, slot_of(result->request) < FO_SLOTS_OWN);
	if (result->flags & FAILOVER_ATTEMPT_PROBE)
		ex_watch_probe(world, request, result);
	if (result->outcome == FAILOVER_OUTCOME_ANSWERED && result->status == 200) /* B4c */
		world->watch.skip_until[address_of(world, ex_place(world, &result->target))] = 0;
	*request = (struct ex_request){ .target = EX_NOBODY,
					.dialog = EX_NOBODY,
					.awaited = EX_NOBODY };
}

void ex_watch_output(struct ex_world *world, const struct failover_output *output)
{
	const struct failover_event *event = &output->u.event;

	if (ex_emergency_output(world, output))
		return;
	switch ((enum failover_output_kind)output->kind) {
	case FAILOVER_OUTPUT_ATTEMPT:
		watch_attempt(world, &output->u.attempt);
		break;
	case FAILOVER_OUTPUT_ABANDON:
		watch_abandon(world, output->abandoned, output->reason);
		break;
	case FAILOVER_OUTPUT_RESULT:
		watch_result(world, &output->u.result);
		break;
	case FAILOVER_OUTPUT_EVENT:
		if (event->kind == FAILOVER_EVENT_MOVED)
			ex_watch_moved(world, event);
		if (event->kind == FAILOVER_EVENT_UNREGISTERED) {
			memset(world->watch.live_until, 0, sizeof(world->watch.live_until));
			world->watch.good = 0;
			world->registered = 0; /* of one moment, what follows is no way up */
		}
		break;
	}
}
