/* SPDX-License-Identifier: MIT */
/* target.c - a line's target list (B1, B1b) and who is next for a request (B6). */
#include <string.h>
#include "policy.h"
#include "target.h"

void fo_target_public(const struct failover_engine *engine, const struct fo_line *line,
		      uint8_t slot, struct failover_target *out)
{
	if (slot == FO_NONE || !fo_targets(line)[slot].used) { /* never 2: it is in use */
		memset(out, 0, sizeof(*out));
		return;
	}
	*out = fo_target_node(engine, line, slot)->place;
	out->registrar = fo_targets(line)[slot].registrar;
	out->hop = fo_targets(line)[slot].hop;
}

int fo_target_valid(const struct failover_target *target, uint32_t registrars)
{
	return (target->family == 4 || target->family == 6) && target->port != 0 &&
	       (target->transport == FAILOVER_UDP || target->transport == FAILOVER_TCP ||
		target->transport == FAILOVER_TLS) &&
	       target->registrar < registrars;
}

int fo_target_is(const struct failover_engine *engine, const struct fo_line *line, uint8_t slot,
		 const struct failover_target *target)
{
	return fo_targets(line)[slot].used &&
	       fo_targets(line)[slot].registrar == target->registrar &&
	       fo_node_is(fo_target_node(engine, line, slot), target);
}

/* Slot of this identity, listed or gone. */
static uint8_t find_slot(const struct failover_engine *engine, const struct fo_line *line,
			 const struct failover_target *target)
{
	uint8_t slot;

	for (slot = 0; slot < line->targets_max; slot++)
		if (fo_target_is(engine, line, slot, target))
			return slot;
	return FO_NONE;
}

uint8_t fo_target_find(const struct failover_engine *engine, const struct fo_line *line,
		       const struct failover_target *target)
{
	uint8_t slot = find_slot(engine, line, target);

	return slot != FO_NONE && fo_targets(line)[slot].listed ? slot : FO_NONE;
}

uint8_t fo_target_at(const struct failover_engine *engine, const struct fo_line *line,
		     const struct failover_target *from)
{
	uint8_t i;

	if (fo_node_is(fo_target_node(engine, line, line->serving), from))
		return line->serving;
	for (i = 0; i < line->listed; i++)
		if (fo_node_is(fo_target_node(engine, line, fo_order(line)[i]), from))
			return fo_order(line)[i];
	return FO_NONE;
}

uint8_t fo_target_index(const struct fo_line *line, uint8_t slot)
{
	uint8_t i;

	for (i = 0; i < line->listed; i++)
		if (fo_order(line)[i] == slot)
			return i;
	return line->listed;
}

/* Something still names this slot: it may not be given to another target. */
static int slot_named(const struct fo_line *line, uint8_t slot)
{
	uint32_t i, j;

	if (line->serving == slot)
		return 1;
	for (i = 0; i < line->requests_max; i++) {
		const struct fo_request *request = &line->requests[i];

		if (request->state == FO_REQUEST_FREE)
			continue;
		if (request->target == slot)
			return 1;
		for (j = 0; j < request->attempts; j++)
			if (fo_request_attempts(line, request)[j].target == slot)
				return 1;
	}
	return 0;
}

static uint8_t free_slot(const struct fo_line *line, uint32_t taken)
{
	uint8_t slot;

	for (slot = 0; slot < line->targets_max; slot++)
		if (!(taken & (1u << slot)) &&
		    (!fo_targets(line)[slot].used || !slot_named(line, slot)))
			return slot;
	return FO_NONE;
}

/* A slot changes hands: nobody has tried, registered through or asked for the new target yet. */
static void slot_reset(struct failover_engine *engine, struct fo_line *line, uint8_t slot)
{
	uint32_t i;

	if (fo_targets(line)[slot].used)
		fo_node_drop(&engine->health, fo_targets(line)[slot].node);
	memset(&fo_targets(line)[slot], 0, sizeof(fo_targets(line)[slot]));
	for (i = 0; i < line->requests_max; i++) {
		line->requests[i].tried &= ~(1u << slot);
		if (line->requests[i].start == slot)
			line->requests[i].start = FO_NONE;
	}
	for (i = 0; i < line->registrars_max; i++)
		if (fo_registrars(line)[i].via == slot)
			fo_registrars(line)[i].via = FO_NONE;
	if (line->pending_target == slot)
		line->pending_target = FO_NONE;
	if (line->good_target == slot)
		line->good = 0;
	if (line->follow == slot)
		line->follow = FO_NONE;
	line->pending_tried &= ~(1u << slot);
}

struct plan {
	uint8_t slots[FAILOVER_LIMIT_TARGETS];
	uint16_t nodes[FAILOVER_LIMIT_TARGETS]; /* taken for slots that change hands */
	uint32_t fresh;				/* bits of places in the list */
	uint32_t count;
};

static int plan_slots(struct failover_engine *engine, struct fo_line *line,
		      const struct failover_target *targets, struct plan *plan)
{
	uint32_t taken = 0, i;
	uint8_t slot;
	int error;

	for (i = 0; i < plan->count; i++) {
		slot = find_slot(engine, line, &targets[i]);
		plan->slots[i] = slot;
		if (slot != FO_NONE)
			taken |= 1u << slot;
	}
	for (i = 0; i < plan->count; i++) {
		if (plan->slots[i] != FO_NONE)
			continue;
		slot = free_slot(line, taken);
		if (slot == FO_NONE)
			return FAILOVER_ERR_LIMIT;
		error = fo_node_take(&engine->health, &targets[i], &plan->nodes[i]);
		if (error)
			return error;
		plan->slots[i] = slot;
		plan->fresh |= 1u << i;
		taken |= 1u << slot;
	}
	return FAILOVER_OK;
}

static void plan_carry_out(struct failover_engine *engine, struct fo_line *line,
			   const struct failover_target *targets, const struct plan *plan)
{
	uint32_t i;
	uint8_t slot;

	for (slot = 0; slot < line->targets_max; slot++)
		fo_targets(line)[slot].listed = 0;
	for (i = 0; i < plan->count; i++) {
		struct fo_target *target = &fo_targets(line)[plan->slots[i]];

		if (plan->fresh & (1u << i)) {
			slot_reset(engine, line, plan->slots[i]);
			target->node = plan->nodes[i];
			target->used = 1;
		}
		target->registrar = targets[i].registrar;
		target->hop = targets[i].hop;
		target->listed = 1;
		fo_order(line)[i] = plan->slots[i];
	}
	line->listed = (uint8_t)plan->count;
	if (line->follow != FO_NONE && !fo_targets(line)[line->follow].listed)
		line->follow = FO_NONE;
	for (slot = 0; slot < line->targets_max; slot++)
		if (fo_targets(line)[slot].used && !fo_targets(line)[slot].listed &&
		    !slot_named(line, slot))
			slot_reset(engine, line, slot);
}

static int same_target(const struct failover_target *a, const struct failover_target *b)
{
	return memcmp(a, b, offsetof(struct failover_target, hop)) == 0;
}

static int list_valid(const struct fo_line *line, const struct failover_target *targets,
		      uint32_t count)
{
	uint32_t i, j;

	for (i = 0; i < count; i++) {
		if (!fo_target_valid(&targets[i], line->registrars_count))
			return 0;
		for (j = 0; j < i; j++)
			if (same_target(&targets[i], &targets[j]))
				return 0;
	}
	return count != 0;
}

int fo_target_replace(struct failover_engine *engine, struct fo_line *line,
		      const struct failover_target *targets, uint32_t count)
{
	struct plan plan = { .count = count };
	uint32_t i;
	int error;

	if (count > line->targets_max)
		return FAILOVER_ERR_LIMIT;
	if (!list_valid(line, targets, count))
		return FAILOVER_ERR_ARGUMENT;
	error = plan_slots(engine, line, targets, &plan);
	if (error) {
		for (i = 0; i < count; i++)
			if (plan.fresh & (1u << i))
				fo_node_drop(&engine->health, plan.nodes[i]);
		return error;
	}
	plan_carry_out(engine, line, targets, &plan);
	return FAILOVER_OK;
}

void fo_target_drop_all(struct failover_engine *engine, struct fo_line *line)
{
	uint8_t slot;

	for (slot = 0; slot < line->targets_max; slot++)
		slot_reset(engine, line, slot);
}

enum fo_binding fo_line_binding(const struct fo_line *line)
{
	const struct failover_line_settings *is = &line->settings->is;
	uint32_t row = is->register_before;

	if (line->flags & FO_LINE_UNREGISTERED)
		row = FO_BINDING_REMOVED;
	if (is->only_registered)
		row += FO_BINDING_ONLY_REGISTRAR;
	return (enum fo_binding)row;
}

static enum fo_bound bound_by(const struct fo_line *line)
{
	return fo_policy_binding(fo_line_binding(line))->bound;
}

uint64_t fo_target_held_until(const struct fo_line *line, uint8_t slot)
{
	uint64_t until = fo_registrars(line)[fo_targets(line)[slot].registrar].live_until;
	uint8_t i;

	for (i = 0; bound_by(line) == FO_BOUND_ANY && i < line->registrars_count; i++)
		if (fo_registrars(line)[i].live_until > until)
			until = fo_registrars(line)[i].live_until;
	return until;
}

int fo_target_bound(const struct failover_engine *engine, const struct fo_line *line, uint8_t slot)
{
	if (bound_by(line) == FO_BOUND_TARGET &&
	    fo_registrars(line)[fo_targets(line)[slot].registrar].via != slot)
		return 0;
	return fo_target_held_until(line, slot) > engine->wheel.now;
}

static int skipped(const struct failover_engine *engine, const struct fo_line *line, uint8_t slot)
{
	return fo_health_skipped(fo_target_node(engine, line, slot), engine->wheel.now);
}

static int put_last(const struct failover_engine *engine, const struct fo_line *line, uint8_t slot)
{
	return fo_health_put_last(&engine->health, fo_target_node(engine, line, slot), line->id,
				  engine->wheel.now);
}

/* The first of the targets whose skipping ends first, of those that the line may use without
 * another REGISTER (B5). */
uint8_t fo_target_alone(const struct failover_engine *engine, const struct fo_line *line,
			uint8_t start)
{
	uint8_t registrar = fo_targets(line)[start].registrar, best = start, i;

	for (i = 0; i < line->listed && skipped(engine, line, best); i++) {
		uint8_t slot = fo_order(line)[i];

		if (fo_targets(line)[slot].registrar != registrar &&
		    !fo_target_bound(engine, line, slot))
			continue;
		if (fo_target_node(engine, line, slot)->skip_until <
		    fo_target_node(engine, line, best)->skip_until)
			best = slot;
	}
	return best;
}

static int open_to(const struct fo_line *line, uint32_t tried, uint8_t slot)
{
	return fo_targets(line)[slot].listed && !(tried & (1u << slot));
}

/* B22c: all others have failed, so those that ask to be left alone are tried, the one whose time
 * ends first before the rest. */
static uint8_t soonest(const struct failover_engine *engine, const struct fo_line *line,
		       uint32_t tried)
{
	uint8_t best = FO_NONE, i;

	for (i = 0; i < line->listed; i++) {
		uint8_t slot = fo_order(line)[i];

		if (!open_to(line, tried, slot))
			continue;
		if (best == FO_NONE || fo_target_node(engine, line, slot)->skip_until <
					       fo_target_node(engine, line, best)->skip_until)
			best = slot;
	}
	return best;
}

void fo_target_ask_all(struct failover_engine *engine, const struct fo_line *line)
{
	uint8_t i;

	for (i = 0; i < line->listed; i++)
		fo_health_retry_after(fo_target_node(engine, line, fo_order(line)[i]), 0,
				      engine->wheel.now);
}

void fo_target_forget_all(struct failover_engine *engine, const struct fo_line *line)
{
	uint8_t i;

	for (i = 0; i < line->listed; i++)
		fo_node_forget(fo_target_node(engine, line, fo_order(line)[i]));
}

uint64_t fo_target_quiet_until(const struct failover_engine *engine, const struct fo_line *line)
{
	uint64_t until = FO_NEVER;
	uint8_t i;

	for (i = 0; i < line->listed; i++)
		if (fo_target_node(engine, line, fo_order(line)[i])->skip_until < until)
			until = fo_target_node(engine, line, fo_order(line)[i])->skip_until;
	return until;
}

/* When a probe may go there, 0 = now: it wants to be left alone until then, or another line has
 * just tried it. */
static uint64_t asked_from(const struct failover_engine *engine, const struct fo_line *line,
			   uint8_t slot)
{
	if (skipped(engine, line, slot))
		return fo_target_node(engine, line, slot)->skip_until;
	return put_last(engine, line, slot) ? fo_wheel_after(&engine->wheel, FO_HEALTH_RETRY_MS)
					    : 0;
}

int fo_target_probed(const struct fo_line *line, uint8_t slot)
{
	enum fo_step step =
		fo_targets(line)[slot].registrar == fo_targets(line)[line->serving].registrar
			? FO_STEP_PROXY
			: FO_STEP_SERVER;

	return fo_policy_action(line->settings->profile, fo_line_binding(line), FO_KIND_PROBE,
				step) == FO_ACTION_SEND;
}

/* B11: a probe goes to the targets above the serving one, as far as the profile lets it (B11a).
 * again_at: when the first of them may be asked, if that is wanted. */
static uint8_t next_probe(const struct failover_engine *engine, const struct fo_line *line,
			  uint32_t tried, int any_health, uint64_t *again_at)
{
	uint64_t at;
	uint8_t i;

	for (i = 0; i < line->listed && fo_order(line)[i] != line->serving; i++) {
		uint8_t slot = fo_order(line)[i];

		if (!fo_target_probed(line, slot))
			continue;
		if (!open_to(line, tried, slot))
			continue;
		at = any_health ? 0 : asked_from(engine, line, slot);
		if (!at)
			return slot;
		if (again_at && at < *again_at)
			*again_at = at;
	}
	return FO_NONE;
}

uint64_t fo_target_probe_at(const struct failover_engine *engine, struct fo_line *line)
{
	uint64_t at = FO_NEVER;

	(void)next_probe(engine, line, 0, 0, &at);
	return at;
}

/* It started above serving on purpose (B12), and has not been back at serving. */
static int upward(const struct fo_line *line, const struct fo_request *request, uint32_t tried)
{
	const uint8_t not_so =
		FO_REQUEST_PROBE | FO_REQUEST_RELEASE | FO_REQUEST_VISIT | FO_REQUEST_ANY_HEALTH;
	int walks, own_dialog;

	if (!request->upward)
		return 0;
	walks = request->method == FAILOVER_REGISTER || request->method == FAILOVER_INVITE ||
		request->method == FAILOVER_BYE;
	own_dialog = (request->flags & FO_REQUEST_IN_DIALOG) &&
		     (request->method != FAILOVER_BYE || request->link); /* B9 */
	return walks && (line->flags & FO_LINE_REGISTERED) && !(request->flags & not_so) &&
	       !own_dialog && open_to(line, tried, line->serving) &&
	       fo_target_index(line, request->start) < fo_target_index(line, line->serving);
}

/* A line of the group has a call; of none (0): this one. */
static int any_busy(const struct failover_engine *engine, const struct fo_line *line)
{
	uint32_t group = line->settings->is.group, i;
	int busy = line->busy;

	for (i = 0; group && !busy && i < engine->lines_size; i++) {
		const struct fo_line *other = engine->lines[i].line;

		busy = other && other->settings->is.group == group && other->busy;
	}
	return busy;
}

int fo_target_held(const struct failover_engine *engine, const struct fo_line *line, uint8_t slot)
{
	uint8_t serving = fo_target_index(line, line->serving);

	return line->settings->is.failback_when == FAILOVER_FAILBACK_IDLE &&
	       (line->flags & FO_LINE_REGISTERED) && serving < line->listed &&
	       fo_target_index(line, slot) < serving && any_busy(engine, line);
}

int fo_target_goes_up(const struct fo_line *line, const struct fo_request *request)
{
	return request->attempts == 1 && request->target == request->start &&
	       !(request->flags & FO_REQUEST_MOVED) && upward(line, request, request->tried);
}

/* B6a: the line has moved since the target was chosen, or since the dialog was set up; B22b. */
static int goes_on_at_serving(const struct fo_line *line, const struct fo_request *request,
			      uint32_t tried)
{
	if (request->flags & FO_REQUEST_MOVED)
		return 1;
	if (request->start == FO_NONE || open_to(line, tried, request->start))
		return 0;
	return (request->flags & FO_REQUEST_IN_DIALOG) || upward(line, request, tried);
}

/* The preferred one, then the list; who is known to be dead comes after the others. */
static uint8_t next_of_list(const struct failover_engine *engine, const struct fo_line *line,
			    const struct fo_request *request, uint32_t tried)
{
	uint8_t slot = request->start, dead = FO_NONE, i = 0;

	if (goes_on_at_serving(line, request, tried))
		slot = line->serving;
	for (;; slot = fo_order(line)[i++]) {
		if (slot != FO_NONE && open_to(line, tried, slot) &&
		    (fo_request_emergency(request) || !skipped(engine, line, slot))) {
			if ((request->flags & FO_REQUEST_ANY_HEALTH) ||
			    !put_last(engine, line, slot))
				return slot;
			if (dead == FO_NONE)
				dead = slot;
		}
		if (i == line->listed)
			return dead != FO_NONE ? dead : soonest(engine, line, tried);
	}
}

uint8_t fo_target_next(const struct failover_engine *engine, const struct fo_line *line,
		       const struct fo_request *request, uint32_t tried)
{
	if (request->flags & FO_REQUEST_PROBE)
		return next_probe(engine, line, tried, request->flags & FO_REQUEST_ANY_HEALTH,
				  NULL);
	return next_of_list(engine, line, request, tried);
}

int fo_target_signal(const struct fo_line *line, uint32_t method)
{
	const struct failover_line_settings *is = &line->settings->is;

	if (is->failback && (is->failback_successes > 1 || is->failback_hold_s) &&
	    fo_target_probed(line, fo_order(line)[0]))
		return 0;
	return fo_settings_signal(line->settings, method);
}

uint8_t fo_request_start_slot(const struct failover_engine *engine, struct fo_line *line,
			      enum fo_trigger trigger, uint32_t method, uint8_t dialog)
{
	const struct fo_start_row *row = fo_policy_start(trigger);
	int follows = line->follow != FO_NONE && /* B39 */
		      !fo_target_held(engine, line, line->follow);
	int stays = line->flags & FO_LINE_PINNED || line->begins || /* B17c, B37 */
		    (follows && !row->ignores_health);		    /* not what begins anew (B17) */
	int signal = !stays && fo_target_signal(line, method) &&
		     engine->wheel.now >= line->up_after &&
		     !fo_target_held(engine, line, fo_order(line)[0]);

	switch (signal ? row->start_signal : row->start) {
	case FO_START_INDEX0:
		if (stays)
			break;
		return fo_order(line)[0];
	case FO_START_DIALOG:
		if (dialog != FO_NONE) /* a listed one */
			return dialog;
		break;
	case FO_START_SERVING:
		break;
	}
	if (follows)
		return line->follow;
	return fo_targets(line)[line->serving].listed ? line->serving : fo_order(line)[0];
}
