/* SPDX-License-Identifier: MIT */
/* plan_faults.c - what servers, links, DNS and the device's network can do, and how all heals. */
#include <string.h>
#include "tests/sim/fleet.h"

uint32_t plan_behaviour(struct fleet_plan *plan, const struct failover_sim_behaviour *behaviour)
{
	plan->behaviours = grow(plan->behaviours, plan->behaviours_count, &plan->behaviours_room,
				sizeof(*plan->behaviours));
	plan->behaviours[plan->behaviours_count] = *behaviour;
	return (uint32_t)plan->behaviours_count++;
}

static void reply_all(struct failover_sim_behaviour *behaviour, uint32_t status)
{
	uint32_t method;

	for (method = 1; method < FAILOVER_SIM_METHODS; method++)
		behaviour->replies[method][0].status = status;
}

/* Later than any budget, or on the edge of one. */
static void late(struct failover_sim_behaviour *behaviour, uint64_t *random)
{
	static const uint32_t finals[] = { 200, 200, 200, 486, 503 };
	uint32_t after_ms = 1000 + fleet_below(random, fleet_below(random, 3) ? 8000 : 40000);
	struct failover_sim_reply *invite = behaviour->replies[FAILOVER_INVITE];

	if (fleet_below(random, 2)) {
		invite->status = 100 + 80 * fleet_below(random, 2);
		invite->after_ms = fleet_below(random, after_ms);
		invite++;
	}
	invite->status = finals[fleet_below(random, 5)];
	invite->after_ms = after_ms;
	if (!fleet_below(random, 2))
		return;
	behaviour->replies[FAILOVER_REGISTER][0].status = 200;
	behaviour->replies[FAILOVER_REGISTER][0].after_ms = after_ms;
	behaviour->replies[FAILOVER_BYE][0] = behaviour->replies[FAILOVER_REGISTER][0];
}

static void refuse(struct failover_sim_behaviour *behaviour, uint64_t *random)
{
	static const uint32_t statuses[] = { 403, 404, 408, 481, 482, 486, 600, 302 };
	uint32_t method = 1 + fleet_below(random, FAILOVER_OTHER);

	behaviour->replies[method][0].status = statuses[fleet_below(random, 8)];
}

static void no_route(struct failover_sim_behaviour *behaviour, const struct node *node,
		     uint64_t *random)
{
	static const uint32_t tcp[] = { FAILOVER_REASON_REFUSED, FAILOVER_REASON_RESET,
					FAILOVER_REASON_CONNECT_TIMEOUT, FAILOVER_REASON_TLS };
	uint32_t transport = node->target.transport;

	behaviour->mode = FAILOVER_SIM_NO_ROUTE;
	behaviour->reason = FAILOVER_REASON_ICMP;
	if (transport != FAILOVER_UDP)
		behaviour->reason = tcp[fleet_below(random, transport == FAILOVER_TLS ? 4 : 3)];
	if (behaviour->reason == FAILOVER_REASON_CONNECT_TIMEOUT)
		behaviour->delay_ms = fleet_below(random, 4000);
}

/* Everybody gets 503, or only who calls: a trunk that is full, or somebody who is away (B22). */
static void busy(struct failover_sim_behaviour *b, uint64_t *random)
{
	reply_all(b, 503);
	if (fleet_below(random, 2)) {
		reply_all(b, 0);
		b->replies[FAILOVER_INVITE][0].status = 503;
	}
	b->q850 = fleet_below(random, 4) == 0;
}

/* 0, or -1 if this fault is none of a server's. */
static int behave(struct failover_sim_behaviour *b, const struct node *node, uint64_t *random,
		  enum fleet_fault fault)
{
	static const uint32_t bad[] = { 500, 500, 502, 504, 408, 301, 501 };

	b->size = sizeof(*b);
	if (fault == FAULT_SILENT)
		b->mode = FAILOVER_SIM_SILENT;
	else if (fault == FAULT_ICMP || fault == FAULT_TCP)
		no_route(b, node, random);
	else if (fault == FAULT_STATUS_500)
		reply_all(b, bad[fleet_below(random, sizeof(bad) / sizeof(bad[0]))]);
	else if (fault == FAULT_STATUS_503)
		busy(b, random);
	else if (fault == FAULT_RETRY_AFTER)
		reply_all(b, 503);
	else if (fault == FAULT_SLOW)
		b->delay_ms = 1 + fleet_below(random, 6000);
	else if (fault == FAULT_LATE)
		late(b, random);
	else if (fault == FAULT_TRYING)
		reply_all(b, 100);
	else if (fault == FAULT_REFUSE)
		refuse(b, random);
	else if (fault == FAULT_DEATH) /* 1xx, then nothing more */
		b->replies[FAILOVER_INVITE][0].status = 100 + 80 * fleet_below(random, 2);
	else if (fault == FAULT_CHALLENGE || fault == FAULT_NONCE || fault == FAULT_REJECT)
		b->challenge = fleet_below(random, 2) ? 401 : 407;
	else if (fault == FAULT_MIN_EXPIRES)
		b->min_expires_s = 30 + fleet_below(random, 600);
	else if (fault == FAULT_MAX_EXPIRES)
		b->max_expires_s = 2 + fleet_below(random, 100);
	else
		return -1;
	if (fault == FAULT_RETRY_AFTER)
		b->retry_after_s = 1 + fleet_below(random, 120);
	if (fault == FAULT_NONCE)
		b->nonce = fleet_below(random, 100);
	b->reject = fault == FAULT_REJECT;
	return 0;
}

static void link_fault(struct fleet_plan *plan, uint64_t *random, struct fleet_act *act)
{
	struct failover_sim_link *link;

	plan->links = grow(plan->links, plan->links_count, &plan->links_room, sizeof(*plan->links));
	link = &plan->links[plan->links_count];
	*link = plan->world.link;
	act->index = (uint32_t)plan->links_count++;
	switch (act->fault) {
	case FAULT_LOSS:
		link->loss_percent = 1 + fleet_below(random, 60);
		break;
	case FAULT_DUPLICATE:
		link->duplicate_percent = 1 + fleet_below(random, 100);
		break;
	case FAULT_REORDER:
		link->jitter_ms = 1 + fleet_below(random, 3000);
		break;
	case FAULT_DELAY:
		link->delay_ms = 1 + fleet_below(random, 5000);
		break;
	}
}

/* DNS says something else: some of the targets, in another order (B1b). */
static void dns_fault(struct fleet_plan *plan, uint64_t *random, struct fleet_act *act)
{
	struct scenario *world = &plan->world;
	struct fleet_list *list;
	uint32_t i, start, keep = world->registrars_count > 1;

	plan->lists = grow(plan->lists, plan->lists_count, &plan->lists_room, sizeof(*plan->lists));
	list = &plan->lists[plan->lists_count];
	act->index = (uint32_t)plan->lists_count++;
	list->count = 0;
	start = keep ? 0 : fleet_below(random, world->nodes_count);
	for (i = 0; i < world->nodes_count && list->count < FLEET_LIST; i++) {
		uint32_t n = (start + i) % world->nodes_count;

		if (world->nodes[n].proxy == (world->proxies_count > 0) && fleet_below(random, 4))
			list->nodes[list->count++] = (uint8_t)n;
	}
	if (!list->count)
		for (i = 0; i < world->nodes_count && list->count < FLEET_LIST; i++)
			if (world->nodes[i].proxy == (world->proxies_count > 0))
				list->nodes[list->count++] = (uint8_t)i;
}

static void server_fault(struct fleet_plan *plan, uint64_t *random, uint64_t at_ms, uint32_t node,
			 enum fleet_fault fault)
{
	static const uint32_t lasts_ms[] = { 300, 3000, 10000, 60000, 300000 };
	struct failover_sim_behaviour behaviour = { 0 };
	struct fleet_act *act;

	if (behave(&behaviour, &plan->world.nodes[node], random, fault))
		return;
	act = plan_act(plan, at_ms, ACT_SERVER);
	act->node = (uint8_t)node;
	act->fault = (uint8_t)fault;
	act->index = plan_behaviour(plan, &behaviour);
	behaviour = (struct failover_sim_behaviour){ .size = sizeof(behaviour) };
	act = plan_act(plan, at_ms + 1 + fleet_below(random, lasts_ms[fleet_below(random, 5)]),
		       ACT_SERVER);
	act->node = (uint8_t)node;
	act->index = plan_behaviour(plan, &behaviour);
}

static void partition(struct fleet_plan *plan, uint64_t *random, uint64_t at_ms)
{
	struct failover_sim_behaviour silent = { .size = sizeof(silent),
						 .mode = FAILOVER_SIM_SILENT };
	struct failover_sim_behaviour well = { .size = sizeof(well) };
	uint64_t until_ms = at_ms + 1 + fleet_below(random, 90000);
	struct fleet_act *act;
	uint32_t i;

	for (i = 0; i < plan->world.nodes_count; i++) {
		act = plan_act(plan, at_ms, ACT_SERVER);
		act->node = (uint8_t)i;
		act->fault = FAULT_PARTITION;
		act->index = plan_behaviour(plan, &silent);
		act = plan_act(plan, until_ms, ACT_SERVER);
		act->node = (uint8_t)i;
		act->index = plan_behaviour(plan, &well);
	}
}

static void update(struct fleet_plan *plan, uint64_t *random, struct fleet_act *act)
{
	struct fleet_options any = { .profile = fleet_below(random, 2)
							? 0
							: plan->world.settings.profile };

	plan->settings = grow(plan->settings, plan->settings_count, &plan->settings_room,
			      sizeof(*plan->settings));
	act->index = (uint32_t)plan->settings_count;
	plan->settings[plan->settings_count++] = plan_settings(plan, random, &any);
}

/* A line that goes comes back. */
static void removal(struct fleet_plan *plan, uint64_t *random, uint64_t at_ms, uint32_t line)
{
	uint64_t back_ms = at_ms + 1 + fleet_below(random, 20000);
	struct fleet_act *act = plan_act(plan, at_ms, ACT_REMOVE);

	act->line = (uint8_t)line;
	act->fault = FAULT_REMOVE;
	plan_act(plan, back_ms, ACT_ADD)->line = (uint8_t)line;
	plan_act(plan, back_ms, ACT_REGISTER)->line = (uint8_t)line;
}

static void line_fault(struct fleet_plan *plan, uint64_t *random, uint64_t at_ms,
		       enum fleet_fault fault)
{
	static const struct {
		uint8_t fault, act;
	} kinds[] = {
		{ FAULT_NETWORK, ACT_NETWORK },	      { FAULT_UPDATE, ACT_UPDATE },
		{ FAULT_DNS, ACT_TARGETS },	      { FAULT_HEARD, ACT_HEARD },
		{ FAULT_STALE, ACT_STALE },	      { FAULT_FORGET, ACT_FORGET },
		{ FAULT_UNREGISTER, ACT_UNREGISTER }, { FAULT_CLOSES, ACT_CLOSES },
	};
	uint32_t line = fleet_below(random, plan->world.lines);
	struct fleet_act *act;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].fault != fault)
			continue;
		act = plan_act(plan, at_ms, (enum fleet_act_kind)kinds[i].act);
		act->fault = (uint8_t)fault;
		act->line = (uint8_t)line;
		act->node = (uint8_t)fleet_below(random, plan->world.nodes_count);
		if (fault == FAULT_DNS)
			dns_fault(plan, random, act);
		if (fault == FAULT_UPDATE)
			update(plan, random, act);
		if (fault == FAULT_UNREGISTER)
			plan_act(plan, at_ms + fleet_below(random, 30000), ACT_REGISTER)->line =
				(uint8_t)line;
	}
}

void plan_fault(struct fleet_plan *plan, uint64_t *random, uint64_t at_ms, enum fleet_fault fault)
{
	uint32_t node = fleet_below(random, plan->world.nodes_count);
	struct fleet_act *act;

	if (fault == FAULT_LOSS || fault == FAULT_DUPLICATE || fault == FAULT_REORDER ||
	    fault == FAULT_DELAY) {
		act = plan_act(plan, at_ms, ACT_LINK);
		act->node = (uint8_t)node;
		act->fault = (uint8_t)fault;
		link_fault(plan, random, act);
		act = plan_act(plan, at_ms + fleet_below(random, 60000), ACT_LINK);
		act->node = (uint8_t)node;
		act->fault = FAULT_COUNT;
		link_fault(plan, random, act);
		return;
	}
	if (fault == FAULT_PARTITION)
		partition(plan, random, at_ms);
	else if (fault == FAULT_REMOVE)
		removal(plan, random, at_ms, fleet_below(random, plan->world.lines));
	else
		line_fault(plan, random, at_ms, fault);
	server_fault(plan, random, at_ms, node, fault);
}

/* Servers and links are well, the DNS tells all targets again, every user has hung up. */
void plan_heal(struct fleet_plan *plan)
{
	struct failover_sim_behaviour well = { .size = sizeof(well) };
	uint64_t after_ms = plan->heal_ms, unused = 0;
	size_t acts = plan->acts_count;
	struct fleet_act *act;
	uint32_t i;

	for (i = 0; i < acts; i++)
		if (plan->acts[i].at_ms > after_ms)
			plan->acts[i].at_ms = after_ms;
	for (i = 0; i < plan->world.nodes_count; i++) {
		act = plan_act(plan, after_ms, ACT_SERVER);
		act->node = (uint8_t)i;
		act->index = plan_behaviour(plan, &well);
		act = plan_act(plan, after_ms, ACT_LINK);
		act->node = (uint8_t)i;
		link_fault(plan, &unused, act);
	}
	for (i = 0; i < plan->world.lines; i++) {
		act = plan_act(plan, after_ms, ACT_TARGETS);
		act->line = (uint8_t)i;
		act->index = UINT32_MAX; /* all of them */
	}
	for (i = 0; i < acts; i++) {
		if (plan->acts[i].kind != ACT_CALL)
			continue;
		act = plan_act(plan, after_ms, ACT_HANGUP);
		act->index = plan->acts[i].index;
		act->line = plan->acts[i].line;
		act = plan_act(plan, after_ms + 200000, ACT_HANGUP); /* should that BYE fail */
		act->index = plan->acts[i].index;
		act->line = plan->acts[i].line;
	}
}
