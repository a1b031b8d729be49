/* SPDX-License-Identifier: MIT */
/* plan_read.c - a scenario file as a plan, so that the oracle can judge any scenario. */
#include <string.h>
#include "tests/sim/fleet.h"

struct reading {
	struct fleet_plan *plan;
	struct failover_sim_behaviour now[SCENARIO_NODES]; /* what each server does */
	struct failover_line_settings settings;
	char calls[512][16];
};

static uint32_t call_number(struct reading *reading, const char *name)
{
	uint32_t i;

	for (i = 0; i < reading->plan->calls_count; i++)
		if (!strcmp(reading->calls[i], name))
			return i;
	if (i < 512) {
		snprintf(reading->calls[i], sizeof(reading->calls[i]), "%s", name);
		reading->plan->calls_count++;
		return i;
	}
	return 0;
}

static int node_number(struct fleet_plan *plan, const char *name)
{
	const struct node *node = node_find(&plan->world, name);

	return node ? (int)(node - plan->world.nodes) : -1;
}

static void read_targets(struct fleet_plan *plan, struct words *words, struct fleet_act *act)
{
	struct fleet_list list = { 0 };
	const char *name;
	int node;

	while ((name = word_next(words)) && list.count < FLEET_LIST) {
		node = node_number(plan, name);
		if (node < 0)
			scenario_error(&plan->world, words->file_line, "\"%s\" is no server", name);
		else
			list.nodes[list.count++] = (uint8_t)node;
	}
	plan->lists = grow(plan->lists, plan->lists_count, &plan->lists_room, sizeof(*plan->lists));
	act->index = (uint32_t)plan->lists_count;
	plan->lists[plan->lists_count++] = list;
}

static void read_update(struct reading *reading, struct words *words, struct fleet_act *act)
{
	struct fleet_plan *plan = reading->plan;

	while (words->next < words->count)
		if (setting_set(&plan->world, words, &reading->settings))
			return;
	plan->settings = grow(plan->settings, plan->settings_count, &plan->settings_room,
			      sizeof(*plan->settings));
	act->index = (uint32_t)plan->settings_count;
	plan->settings[plan->settings_count++] = reading->settings;
}

static void read_user(struct reading *reading, struct words *words, uint64_t at_ms)
{
	static const struct {
		const char *word;
		enum fleet_act_kind kind;
	} kinds[] = { { "register", ACT_REGISTER },
		      { "unregister", ACT_UNREGISTER },
		      { "remove", ACT_REMOVE },
		      { "add", ACT_ADD },
		      { "call", ACT_CALL },
		      { "emergency", ACT_EMERGENCY },
		      { "hangup", ACT_HANGUP },
		      { "options", ACT_OPTIONS },
		      { "message", ACT_MESSAGE },
		      { "update", ACT_UPDATE },
		      { "targets", ACT_TARGETS },
		      { "network-changed", ACT_NETWORK },
		      { "stale", ACT_STALE },
		      { "probe", ACT_PROBE },
		      { "failback", ACT_FAILBACK },
		      { "pin", ACT_PIN },
		      { "unpin", ACT_UNPIN },
		      { "begin-at", ACT_BEGIN_AT } };
	struct fleet_plan *plan = reading->plan;
	struct fleet_act *act = NULL;
	uint32_t line = 1;
	const char *name;
	size_t i;

	if (words->next < words->count && !text_number(words->all[words->next], 99, &line))
		words->next++;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !act; i++)
		if (word_is(words, kinds[i].word))
			act = plan_act(plan, at_ms, kinds[i].kind);
	if (!act || line < 1 || line > plan->world.lines) {
		scenario_error(&plan->world, words->file_line, "the user does what?");
		return;
	}
	act->line = (uint8_t)(line - 1);
	if (act->kind == ACT_CALL || act->kind == ACT_EMERGENCY || act->kind == ACT_HANGUP) {
		name = word_next(words);
		act->index = call_number(reading, name ? name : "");
	}
	if (act->kind == ACT_BEGIN_AT) {
		int node = node_number(plan, word_next(words));

		act->node = (uint8_t)(node < 0 ? 0 : node);
	}
	(void)word_is(words, "refused"); /* the oracle knows */
	if (act->kind == ACT_TARGETS)
		read_targets(plan, words, act);
	if (act->kind == ACT_UPDATE)
		read_update(reading, words, act);
	word_end(&plan->world, words);
}

static void read_server(struct reading *reading, struct words *words, uint64_t at_ms)
{
	struct fleet_plan *plan = reading->plan;
	int node = node_number(plan, word_next(words)), changed = 0;
	struct fleet_act *act;
	uint32_t line = 1;

	if (node < 0) {
		scenario_error(&plan->world, words->file_line, "there is no such server");
		return;
	}
	while (words->next < words->count) {
		if (behaviour_word(&plan->world, words, &reading->now[node])) {
			changed = 1;
			continue;
		}
		if (word_is(words, "forget")) {
			plan_act(plan, at_ms, ACT_FORGET)->node = (uint8_t)node;
		} else if (word_is(words, "closes")) {
			plan_act(plan, at_ms, ACT_CLOSES)->node = (uint8_t)node;
		} else if (word_is(words, "calls")) {
			if (words->next < words->count)
				word_number(&plan->world, words, plan->world.lines, &line);
			act = plan_act(plan, at_ms, ACT_HEARD);
			act->node = (uint8_t)node;
			act->line = (uint8_t)(line - 1);
		} else {
			word_end(&plan->world, words);
			return;
		}
	}
	if (!changed)
		return;
	act = plan_act(plan, at_ms, ACT_SERVER);
	act->node = (uint8_t)node;
	act->index = plan_behaviour(plan, &reading->now[node]);
}

static void read_link(struct fleet_plan *plan, struct words *words, uint64_t at_ms)
{
	int node = node_number(plan, word_next(words));
	struct failover_sim_link link = plan->world.link;
	struct fleet_act *act;

	if (node < 0 || link_words(&plan->world, words, &link)) {
		scenario_error(&plan->world, words->file_line, "a link to where?");
		return;
	}
	plan->links = grow(plan->links, plan->links_count, &plan->links_room, sizeof(*plan->links));
	act = plan_act(plan, at_ms, ACT_LINK);
	act->node = (uint8_t)node;
	act->index = (uint32_t)plan->links_count;
	plan->links[plan->links_count++] = link;
}

int plan_read(struct fleet_plan *plan, const char *path)
{
	struct reading reading = { .plan = plan };
	struct words words;
	size_t i;

	memset(plan, 0, sizeof(*plan));
	plan->world.path = path;
	plan->world.report = stderr;
	if (scenario_read(&plan->world))
		return FAILOVER_ERR_ARGUMENT;
	plan->seed = plan->world.seed;
	reading.settings = plan->world.settings;
	for (i = 0; i < SCENARIO_NODES; i++)
		reading.now[i].size = sizeof(reading.now[i]);
	for (i = 0; i < plan->world.actions_count; i++) {
		words = plan->world.actions[i].words;
		if (word_is(&words, "user"))
			read_user(&reading, &words, plan->world.actions[i].at_ms);
		else if (word_is(&words, "server") || word_is(&words, "proxy"))
			read_server(&reading, &words, plan->world.actions[i].at_ms);
		else if (word_is(&words, "link"))
			read_link(plan, &words, plan->world.actions[i].at_ms);
	}
	return plan->world.errors ? FAILOVER_ERR_ARGUMENT : 0;
}
