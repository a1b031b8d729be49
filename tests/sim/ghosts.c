/* SPDX-License-Identifier: MIT */
/*
 * ghosts.c - accounts for calls as packets show them (B7a): every 2xx to an INVITE that reached the
 * client is ACKed, and its dialog is the user's call or gets a BYE. What the network ate, or what
 * came after 64*T1 without a sign of life before, is nobody's fault.
 */
#include <stdlib.h>
#include "tests/sim/fleet.h"

struct invite {
	struct fo_sim_node by_branch;
	uint64_t sent_at;
	int alive; /* a provisional response came */
};

struct dialog {
	struct fo_sim_node by_key;
	uint64_t seen_at, call_id;
	uint32_t line, to_tag;
	int acked, byed, excused;
};

static struct invite *invite_of(struct fleet *fleet, uint64_t branch)
{
	struct fo_sim_node *node = fo_sim_table_find(&fleet->invites, branch);

	return node ? FO_SIM_OF(node, struct invite, by_branch) : NULL;
}

static struct dialog *dialog_of(struct fleet *fleet, const struct failover_sim_packet *packet)
{
	struct fo_sim_node *node =
		fo_sim_table_find(&fleet->dialogs, fo_sim_mix(packet->call_id, packet->to_tag));

	return node ? FO_SIM_OF(node, struct dialog, by_key) : NULL;
}

static void invite_sent(struct fleet *fleet, const struct failover_sim_packet *packet)
{
	struct invite *invite;

	if (packet->transmission != 1 || invite_of(fleet, packet->branch))
		return;
	invite = calloc(1, sizeof(*invite));
	if (!invite)
		abort();
	invite->by_branch.key = packet->branch;
	invite->sent_at = fleet->now_ms;
	fo_sim_table_add(&fleet->invites, &invite->by_branch);
}

/* The least of all settings: which of them a transaction has, its packets do not show. */
static uint64_t least_64t1_ms(const struct fleet_plan *plan)
{
	uint32_t t1_ms = plan->world.settings.t1_ms;
	size_t i;

	for (i = 0; i < plan->settings_count; i++)
		if (plan->settings[i].t1_ms < t1_ms)
			t1_ms = plan->settings[i].t1_ms;
	return 64ull * t1_ms;
}

static void answered(struct fleet *fleet, const struct failover_sim_packet *packet)
{
	struct invite *invite = invite_of(fleet, packet->branch);
	struct dialog *dialog;

	if (invite && packet->status < 200)
		invite->alive = 1;
	if (packet->status < 200 || packet->status > 299 || dialog_of(fleet, packet))
		return;
	dialog = calloc(1, sizeof(*dialog));
	if (!dialog)
		abort();
	dialog->by_key.key = fo_sim_mix(packet->call_id, packet->to_tag);
	dialog->seen_at = fleet->now_ms;
	dialog->line = packet->line;
	dialog->call_id = packet->call_id;
	dialog->to_tag = packet->to_tag;
	dialog->excused = !invite || fleet->now_ms >= invite->sent_at + least_64t1_ms(fleet->plan);
	fo_sim_table_add(&fleet->dialogs, &dialog->by_key);
}

void ghosts_packet(struct fleet *fleet, const struct failover_sim_packet *packet)
{
	struct dialog *dialog;

	if (packet->kind == FAILOVER_SIM_RESPONSE && packet->method == FAILOVER_INVITE)
		answered(fleet, packet);
	if (packet->kind != FAILOVER_SIM_REQUEST)
		return;
	if (packet->method == FAILOVER_INVITE)
		invite_sent(fleet, packet);
	if (packet->method != FAILOVER_SIM_ACK && packet->method != FAILOVER_BYE)
		return;
	dialog = dialog_of(fleet, packet);
	if (!dialog)
		return;
	if (packet->method == FAILOVER_BYE)
		dialog->byed = 1;
	else
		dialog->acked = 1;
}

/* Calls that are up for the user although he hung up: his BYE found no way (it failed). */
static int still_up(const struct fleet *fleet)
{
	uint32_t i, up = 0;

	for (i = 0; i < fleet->plan->calls_count; i++)
		up += fleet->calls[i].up && !fleet->calls[i].bye_answered;
	return (int)up;
}

void ghosts_check(struct fleet *fleet)
{
	const struct fo_sim_node *node;
	int up = still_up(fleet), open = 0;
	size_t i;

	for (i = 0; i < fleet->dialogs.room; i++) {
		for (node = fleet->dialogs.slots[i]; node; node = node->next) {
			const struct dialog *dialog = FO_SIM_OF(node, struct dialog, by_key);

			if (dialog->excused && !dialog->acked)
				continue;
			if (!dialog->acked)
				fleet_fail(fleet, "B7a", "the 2xx of %llu.%03u was never ACKed",
					   (unsigned long long)dialog->seen_at / 1000,
					   (unsigned)(dialog->seen_at % 1000));
			open += !dialog->byed;
		}
	}
	if (open > up)
		fleet_fail(fleet, "B7a", "%d ghost calls", open - up);
}

static void invite_free(struct fo_sim_node *node)
{
	free(FO_SIM_OF(node, struct invite, by_branch));
}

static void dialog_free(struct fo_sim_node *node)
{
	free(FO_SIM_OF(node, struct dialog, by_key));
}

void ghosts_free(struct fleet *fleet)
{
	fo_sim_table_clear(&fleet->invites, invite_free);
	fo_sim_table_clear(&fleet->dialogs, dialog_free);
}
