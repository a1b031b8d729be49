/* SPDX-License-Identifier: MIT */
/* target.c - a line's target list (B1, B1b) and who is next for a request (B6). */
#include <string.h>
#include "policy.h"
#include "target.h"

struct fo_node *fo_target_node(struct failover_engine *engine, const struct fo_line *line,
			       uint8_t slot)
{
	return &engine->health.nodes[line->targets[slot].node];
}

void fo_target_public(struct failover_engine *engine, const struct fo_line *line, uint8_t slot,
		      struct failover_target *out)
{
	const struct fo_node *node;

	memset(out, 0, sizeof(*out));
	if (slot == FO_NONE || !line->targets[slot].used) /* never 2: the one asked for is in use */
		return;
	node = fo_target_node(engine, line, slot);
	memcpy(out->address, node->address, sizeof(out->address));
	out->scope_id = node->scope_id;
	out->port = node->port;
	out->family = node->family;
	out->transport = node->transport;
	out->registrar = line->targets[slot].registrar;
	out->hop = line->targets[slot].hop;
}

int fo_target_valid(const struct failover_target *target, uint32_t registrars)
{
	return (target->family == 4 || target->family == 6) && target->port != 0 &&
	       (target->transport == FAILOVER_UDP || target->transport == FAILOVER_TCP ||
		target->transport == FAILOVER_TLS) &&
	       target->registrar < registrars;
}

int fo_target_is(struct failover_engine *engine, const struct fo_line *line, uint8_t slot,
		 const struct failover_target *target)
{
	return line->targets[slot].used && line->targets[slot].registrar == target->registrar &&
	       fo_node_is(fo_target_node(engine, line, slot), target);
}

/* Slot of this identity, listed or gone. */
static uint8_t find_slot(struct failover_engine *engine, const struct fo_line *line,
			 const struct failover_target *target)
{
	uint8_t slot;

	for (slot = 0; slot < line->targets_max; slot++)
		if (fo_target_is(engine, line, slot, target))
			return slot;
	return FO_NONE;
}

uint8_t fo_target_find(struct failover_engine *engine, const struct fo_line *line,
		       const struct failover_target *target)
{
	uint8_t slot = find_slot(engine, line, target);

	return slot != FO_NONE && line->targets[slot].listed ? slot : FO_NONE;
}

uint8_t fo_target_at(struct failover_engine *engine, const struct fo_line *line,
		     const struct failover_target *from)
{
	uint8_t i;

	if (fo_node_is(fo_target_node(engine, line, line->serving), from))
		return line->serving;
	for (i = 0; i < line->listed; i++)
		if (fo_node_is(fo_target_node(engine, line, line->order[i]), from))
			return line->order[i];
	return FO_NONE;
}

uint8_t fo_target_index(const struct fo_line *line, uint8_t slot)
{
	uint8_t i;

	for (i = 0; i < line->listed; i++)
		if (line->order[i] == slot)
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
			if (line->attempts[i * line->targets_max + j].target == slot)
				return 1;
	}
	return 0;
}

static uint8_t free_slot(const struct fo_line *line, uint32_t taken)
{
	uint8_t slot;

	for (slot = 0; slot < line->targets_max; slot++)
		if (!(taken & (1u << slot)) &&
		    (!line->targets[slot].used || !slot_named(line, slot)))
			return slot;
	return FO_NONE;
}

/* A slot changes hands: nobody has tried, registered through or asked for the new target yet. */
static void slot_reset(struct failover_engine *engine, struct fo_line *line, uint8_t slot)
{
	uint32_t i;

	if (line->targets[slot].used)
		fo_node_drop(&engine->health, line->targets[slot].node);
	memset(&line->targets[slot], 0, sizeof(line->targets[slot]));
	for (i = 0; i < line->requests_max; i++) {
		line->requests[i].tried &= ~(1u << slot);
		if (line->requests[i].start == slot)
			line->requests[i].start = FO_NONE;
	}
	for (i = 0; i < line->registrars_max; i++)
		if (line->registrars[i].via == slot)
			line->registrars[i].via = FO_NONE;
	if (line->pending_target == slot)
		line->pending_target = FO_NONE;
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
			return FAILOVER_ERR_FULL;
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
		line->targets[slot].listed = 0;
	for (i = 0; i < plan->count; i++) {
		struct fo_target *target = &line->targets[plan->slots[i]];

		if (plan->fresh & (1u << i)) {
			slot_reset(engine, line, plan->slots[i]);
			target->node = plan->nodes[i];
			target->used = 1;
		}
		target->registrar = targets[i].registrar;
		target->hop = targets[i].hop;
		target->listed = 1;
		line->order[i] = plan->slots[i];
	}
	line->listed = (uint8_t)plan->count;
	for (slot = 0; slot < line->targets_max; slot++)
		if (line->targets[slot].used && !line->targets[slot].listed &&
		    !slot_named(line, slot))
			slot_reset(engine, line, slot);
}

static int same_target(const struct failover_target *a, const struct failover_target *b)
{
	return a->registrar == b->registrar && a->port == b->port && a->family == b->family &&
	       a->transport == b->transport && a->scope_id == b->scope_id &&
	       memcmp(a->address, b->address, sizeof(a->address)) == 0;
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
		return FAILOVER_ERR_FULL;
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

static int skipped(struct failover_engine *engine, const struct fo_line *line, uint8_t slot)
{
	return fo_health_skipped(fo_target_node(engine, line, slot), engine->wheel.now);
}

static int put_last(struct failover_engine *engine, const struct fo_line *line, uint8_t slot)
{
	return fo_health_put_last(fo_target_node(engine, line, slot), line->id, engine->wheel.now);
}

/* The first of the targets whose skipping ends first, of those that the line may use without
 * another REGISTER (B5). */
uint8_t fo_target_alone(struct failover_engine *engine, const struct fo_line *line, uint8_t start)
{
	uint8_t registrar = line->targets[start].registrar, best = start, i;

	for (i = 0; i < line->listed && skipped(engine, line, best); i++) {
		uint8_t slot = line->order[i];

		if (line->targets[slot].registrar != registrar &&
		    !fo_registration_live(engine, line, line->targets[slot].registrar))
			continue;
		if (fo_target_node(engine, line, slot)->skip_until <
		    fo_target_node(engine, line, best)->skip_until)
			best = slot;
	}
	return best;
}

static int open_to(const struct fo_line *line, const struct fo_request *request, uint8_t slot)
{
	return line->targets[slot].listed && !(request->tried & (1u << slot));
}

/* B22c: all others have failed, so those that ask to be left alone are tried, the one whose time
 * ends first before the rest. */
static uint8_t soonest(struct failover_engine *engine, const struct fo_line *line,
		       const struct fo_request *request)
{
	uint8_t best = FO_NONE, i;

	for (i = 0; i < line->listed; i++) {
		uint8_t slot = line->order[i];

		if (!open_to(line, request, slot))
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
		fo_health_retry_after(fo_target_node(engine, line, line->order[i]), 0,
				      engine->wheel.now);
}

uint64_t fo_target_quiet_until(struct failover_engine *engine, const struct fo_line *line)
{
	uint64_t until = FO_NEVER;
	uint8_t i;

	for (i = 0; i < line->listed; i++)
		if (fo_target_node(engine, line, line->order[i])->skip_until < until)
			until = fo_target_node(engine, line, line->order[i])->skip_until;
	return until;
}

/* When a probe may go there, 0 = now: it wants to be left alone until then, or another line has
 * just tried it. */
static uint64_t asked_from(struct failover_engine *engine, const struct fo_line *line, uint8_t slot)
{
	if (skipped(engine, line, slot))
		return fo_target_node(engine, line, slot)->skip_until;
	return put_last(engine, line, slot) ? fo_after(engine->wheel.now, FO_HEALTH_RETRY_MS) : 0;
}

int fo_target_probed(const struct fo_line *line, uint8_t slot)
{
	enum fo_move move = line->targets[slot].registrar == line->targets[line->serving].registrar
				    ? FO_MOVE_PROXY
				    : FO_MOVE_SERVER;

	return fo_policy_action(line->settings->profile, FO_KIND_PROBE, move) == FO_ACTION_SEND;
}

/* B11: a probe goes to the targets above the serving one, as far as the profile lets it (B11a). */
static uint8_t next_probe(struct failover_engine *engine, struct fo_line *line,
			  const struct fo_request *request, uint64_t *again_at)
{
	uint64_t at;
	uint8_t i;

	for (i = 0; i < line->listed && line->order[i] != line->serving; i++) {
		uint8_t slot = line->order[i];

		if (!fo_target_probed(line, slot))
			continue;
		if (!open_to(line, request, slot))
			continue;
		at = asked_from(engine, line, slot);
		if (!at)
			return slot;
		if (at < *again_at)
			*again_at = at;
	}
	return FO_NONE;
}

uint64_t fo_target_probe_at(struct failover_engine *engine, struct fo_line *line)
{
	const struct fo_request any = { .flags = FO_REQUEST_PROBE };
	uint64_t at = FO_NEVER;

	(void)next_probe(engine, line, &any, &at);
	return at;
}

int fo_target_upward(const struct fo_line *line, const struct fo_request *request)
{
	const uint8_t not_so = FO_REQUEST_PROBE | FO_REQUEST_RELEASE | FO_REQUEST_ANY_HEALTH;
	int walks = request->method == FAILOVER_REGISTER || request->method == FAILOVER_INVITE ||
		    request->method == FAILOVER_BYE;
	int own_dialog = (request->flags & FO_REQUEST_IN_DIALOG) &&
			 (request->method != FAILOVER_BYE || request->link); /* B9 */

	return walks && !request->visit && request->upward && (line->flags & FO_LINE_REGISTERED) &&
	       !(request->flags & not_so) && !own_dialog && request->start != FO_NONE &&
	       open_to(line, request, line->serving) &&
	       fo_target_index(line, request->start) < fo_target_index(line, line->serving);
}

int fo_target_goes_up(const struct fo_line *line, const struct fo_request *request)
{
	return request->ordinal == 1 && request->target == request->start &&
	       !(request->flags & FO_REQUEST_MOVED) && fo_target_upward(line, request);
}

uint8_t fo_target_next(struct failover_engine *engine, struct fo_line *line,
		       const struct fo_request *request)
{
	uint8_t first = request->start, i;
	uint64_t again_at = FO_NEVER;
	int dead_too;

	if (request->flags & FO_REQUEST_PROBE)
		return next_probe(engine, line, request, &again_at);
	if ((request->flags & FO_REQUEST_MOVED) ||
	    (fo_target_upward(line, request) && !open_to(line, request, first)))
		first = line->serving; /* B6a, B22b */
	for (dead_too = 0; dead_too < 2; dead_too++) {
		for (i = 0; i <= line->listed; i++) {
			/* the preferred one, then the list */
			uint8_t slot = i ? line->order[i - 1] : first;

			if (slot == FO_NONE || !open_to(line, request, slot) ||
			    skipped(engine, line, slot))
				continue;
			if (dead_too || (request->flags & FO_REQUEST_ANY_HEALTH) ||
			    !put_last(engine, line, slot))
				return slot;
		}
	}
	return soonest(engine, line, request);
}

uint8_t fo_request_start_slot(const struct failover_engine *engine, struct fo_line *line,
			      enum fo_trigger trigger, uint32_t method, uint8_t dialog)
{
	const struct fo_start_row *row = fo_policy_start(trigger);
	int signal =
		fo_settings_signal(line->settings, method) && engine->wheel.now >= line->up_after;

	switch (signal ? row->start_signal : row->start) {
	case FO_START_INDEX0:
		return line->order[0];
	case FO_START_DIALOG:
		if (dialog != FO_NONE) /* a listed one */
			return dialog;
		break;
	case FO_START_SERVING:
		break;
	}
	return line->targets[line->serving].listed ? line->serving : line->order[0];
}
