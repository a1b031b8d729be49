/* SPDX-License-Identifier: MIT */
/* plan_write.c - a plan as a scenario file (doc/scenarios.md). */
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include "tests/runner/settings.h"
#include "tests/sim/fleet.h"

static const char *const transports[] = { "udp", "tcp", "?", "tls" };
static const char *const methods[FAILOVER_SIM_METHODS] = {
	"?", "REGISTER", "INVITE", "BYE", "OPTIONS", "CANCEL", "MESSAGE", "ACK",
};

struct text {
	char *text;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *text, const char *format, ...)
{
	va_list args;
	int used;

	if (text->used >= text->size)
		return;
	va_start(args, format);
	used = vsnprintf(text->text + text->used, text->size - text->used, format, args);
	va_end(args);
	text->used += used > 0 ? (size_t)used : 0;
}

struct setting_text {
	struct text *text;
	const char *before;
};

static void put_setting(void *user, const char *key, const char *value)
{
	const struct setting_text *put_to = user;

	put(put_to->text, "%s%s %s", put_to->before, key, value);
}

/* Every setting that is not the same in both. */
static void put_settings(struct text *text, const struct failover_line_settings *settings,
			 const struct failover_line_settings *base, const char *before)
{
	struct setting_text put_to = { .text = text, .before = before };

	settings_differ(settings, base, put_setting, &put_to);
}

static void put_behaviour(struct text *text, const struct failover_sim_behaviour *b)
{
	static const char *const no_routes[] = {
		"?", "?", "?", "down", "refused", "reset", "connect-timeout", "tls-fails"
	};
	uint32_t m, all = b->replies[1][0].status, i, scripted = 0;

	put(text, " up");
	for (m = 2; m < FAILOVER_SIM_METHODS; m++)
		if (b->replies[m][0].status != all || b->replies[m][0].after_ms)
			all = 0;
	if (all == 100)
		put(text, " trying");
	else if (all)
		put(text, " status %u", (unsigned)all);
	put(text, " challenge %u realm %u nonce %u reject %u min-expires %u max-expires %u",
	    (unsigned)b->challenge, (unsigned)b->realm, (unsigned)b->nonce, (unsigned)b->reject,
	    (unsigned)b->min_expires_s, (unsigned)b->max_expires_s);
	if (b->delay_ms)
		put(text, " delay %u", (unsigned)b->delay_ms);
	if (b->retry_after_s)
		put(text, " retry-after %u", (unsigned)b->retry_after_s);
	if (b->q850)
		put(text, " q850 1");
	if (b->mode == FAILOVER_SIM_SILENT)
		put(text, " silent");
	else if (b->mode == FAILOVER_SIM_NO_ROUTE)
		put(text, " %s", no_routes[b->reason & 7]);
	for (m = 1; !all && m < FAILOVER_SIM_METHODS; m++) {
		if (!b->replies[m][0].status)
			continue;
		/* one statement scripts one method: see write_act */
		put(text, "%s reply %s", scripted++ ? " ;" : "", methods[m]);
		for (i = 0; i < FAILOVER_SIM_REPLIES && b->replies[m][i].status; i++)
			put(text, " %u@%u", (unsigned)b->replies[m][i].status,
			    (unsigned)b->replies[m][i].after_ms);
	}
}

static void put_list(const struct fleet_plan *plan, struct text *text, uint32_t index)
{
	const struct scenario *world = &plan->world;
	uint32_t i;

	if (index != UINT32_MAX) {
		for (i = 0; i < plan->lists[index].count; i++)
			put(text, " %s", world->nodes[plan->lists[index].nodes[i]].name);
		return;
	}
	for (i = 0; i < world->nodes_count; i++)
		if (world->nodes[i].proxy == (world->proxies_count > 0))
			put(text, " %s", world->nodes[i].name);
}

/* A scenario's settings are changed by every update before. */
static const struct failover_line_settings *settings_before(const struct fleet_plan *plan,
							    const struct fleet_act *act)
{
	const struct fleet_act *before = act;

	while (before-- > plan->acts)
		if (before->kind == ACT_UPDATE && !before->left_out)
			return &plan->settings[before->index];
	return &plan->world.settings;
}

const char *plan_act_text(const struct fleet_plan *plan, const struct fleet_act *act, char *buffer,
			  size_t size)
{
	static const char *const words[] = {
		[ACT_REGISTER] = "register",
		[ACT_UNREGISTER] = "unregister",
		[ACT_NETWORK] = "network-changed",
		[ACT_REMOVE] = "remove",
		[ACT_ADD] = "add",
		[ACT_CALL] = "call",
		[ACT_EMERGENCY] = "emergency",
		[ACT_HANGUP] = "hangup",
		[ACT_OPTIONS] = "options",
		[ACT_MESSAGE] = "message",
		[ACT_UPDATE] = "update",
		[ACT_TARGETS] = "targets",
		[ACT_FORGET] = "forget",
		[ACT_HEARD] = "calls",
		[ACT_STALE] = "stale",
		[ACT_CLOSES] = "closes",
		[ACT_PROBE] = "probe",
		[ACT_FAILBACK] = "failback",
		[ACT_PIN] = "pin",
		[ACT_UNPIN] = "unpin",
		[ACT_BEGIN_AT] = "begin-at",
	};
	struct text text = { .text = buffer, .size = size };
	const char *node = plan->world.nodes[act->node].name;
	const struct failover_sim_link *link;

	*buffer = 0;
	if (act->kind == ACT_SERVER) {
		put(&text, "server %s", node);
		put_behaviour(&text, &plan->behaviours[act->index]);
	} else if (act->kind == ACT_LINK) {
		link = &plan->links[act->index];
		put(&text, "link %s delay %u jitter %u loss %u duplicate %u", node,
		    (unsigned)link->delay_ms, (unsigned)link->jitter_ms,
		    (unsigned)link->loss_percent, (unsigned)link->duplicate_percent);
	} else if (act->kind == ACT_FORGET || act->kind == ACT_CLOSES) {
		put(&text, "server %s %s", node, words[act->kind]);
	} else if (act->kind == ACT_HEARD) {
		put(&text, "server %s calls %u", node, (unsigned)act->line + 1);
	} else {
		put(&text, "user %u %s", (unsigned)act->line + 1, words[act->kind]);
		if (act->kind == ACT_CALL || act->kind == ACT_EMERGENCY || act->kind == ACT_HANGUP)
			put(&text, " c%u", (unsigned)act->index);
		if (act->kind == ACT_BEGIN_AT)
			put(&text, " %s", node);
		if (act->kind == ACT_TARGETS)
			put_list(plan, &text, act->index);
		if (act->kind == ACT_UPDATE)
			put_settings(&text, &plan->settings[act->index], settings_before(plan, act),
				     " ");
	}
	return buffer;
}

static void write_nodes(const struct scenario *world, FILE *file)
{
	const struct node *node, *before = NULL;
	const uint8_t *a;
	uint32_t i;

	for (i = 0; i < world->nodes_count; i++, before = node) {
		node = &world->nodes[i];
		a = node->target.address;
		fprintf(file, "%s %s %u.%u.%u.%u:%u %s",
			before && before->proxy == node->proxy && before->owner == node->owner
				? "address"
			: node->proxy ? "proxy"
				      : "server",
			node->name, a[0], a[1], a[2], a[3], (unsigned)node->target.port,
			transports[node->target.transport]);
		if (!before || before->proxy != node->proxy || before->owner != node->owner) {
			if (!node->proxy)
				fprintf(file, " expires %u",
					(unsigned)world->registrars[node->owner].expires_s);
			if (!node->proxy)
				fprintf(file, " store %u", (unsigned)node->store);
			fprintf(file, "%s", node->merge ? " merge" : "");
		}
		fputc('\n', file);
	}
}

static void write_world(const struct fleet_plan *plan, FILE *file)
{
	static const char *const healths[] = { "transport", "transport", "all", "off" };
	static const char *const quirks[] = { "counts-nothing", "limits-nothing", "stops-nothing",
					      "hears-no-icmp" };
	struct failover_line_settings usual = FAILOVER_LINE_SETTINGS_INIT;
	const struct scenario *world = &plan->world;
	char buffer[4096];
	struct text text = { .text = buffer, .size = sizeof(buffer) };
	uint32_t i;

	write_nodes(world, file);
	usual.profile = FAILOVER_PROFILE_V3;
	*buffer = 0;
	put_settings(&text, &world->settings, &usual, "\nset ");
	fprintf(file, "%s%s", *buffer ? buffer + 1 : "", *buffer ? "\n" : "");
	fprintf(file, "engine seed %u\nengine shared_health %s\n", (unsigned)world->seed,
		healths[world->shared_health & 3]);
	if (world->dead_time_s)
		fprintf(file, "engine dead_time %u\n", (unsigned)world->dead_time_s);
	fprintf(file, "lines %u\nlink delay %u\n", (unsigned)world->lines,
		(unsigned)world->link.delay_ms);
	for (i = 0; i < 4; i++)
		if (world->quirks >> i & 1)
			fprintf(file, "stack %s\n", quirks[i]);
}

/* " ;" separates what one statement cannot say. */
static void write_act(FILE *file, const struct fleet_act *act, const char *node, char *text)
{
	unsigned long long seconds = act->at_ms / 1000;
	unsigned int ms = (unsigned int)(act->at_ms % 1000);
	char *rest;

	for (; text; text = rest) {
		rest = strstr(text, " ;");
		if (rest) {
			*rest = 0;
			rest += 2;
		}
		fprintf(file, "at %llu.%03u %s%s%s\n", seconds, ms, *text == ' ' ? "server " : "",
			*text == ' ' ? node : "", text);
	}
}

void plan_write(const struct fleet_plan *plan, FILE *file, const char *failure)
{
	char text[4096];
	size_t i;

	fprintf(file, "# %s\n", failure);
	write_world(plan, file);
	for (i = 0; i < plan->acts_count; i++) {
		const struct fleet_act *act = &plan->acts[i];

		if (act->left_out)
			continue;
		plan_act_text(plan, act, text, sizeof(text));
		write_act(file, act, plan->world.nodes[act->node].name, text);
	}
	fprintf(file, "expect anything\nend at %llu.%03u\n",
		(unsigned long long)plan->world.end_ms / 1000,
		(unsigned)(plan->world.end_ms % 1000));
}
