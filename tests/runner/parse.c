/* SPDX-License-Identifier: MIT */
/* parse.c - reads a scenario file; its grammar is in doc/scenarios.md. */
#include <stdlib.h>
#include <string.h>
#include "tests/runner/scenario.h"
#include "tests/runner/settings.h"

#define FIRST_PROXY_STORE 100u

/* "192.0.2.1", "192.0.2.1:5062", "[2001:db8::1]:5062" */
static int address_parse(const char *text, char *address, size_t size, uint32_t *port)
{
	const char *colon = strrchr(text, ':');
	size_t length = strlen(text);

	*port = 5060;
	if (*text == '[') {
		const char *close = strchr(++text, ']');

		if (!close || (close[1] && close[1] != ':'))
			return FAILOVER_ERR_ARGUMENT;
		length = (size_t)(close - text);
		colon = close[1] ? close + 1 : NULL;
	} else if (colon && strchr(text, ':') == colon) {
		length = (size_t)(colon - text);
	} else {
		colon = NULL;
	}
	if (length >= size || (colon && text_number(colon + 1, 65535, port)))
		return FAILOVER_ERR_ARGUMENT;
	snprintf(address, size, "%.*s", (int)length, text);
	return 0;
}

static struct node *node_new(struct scenario *scenario, struct words *words, char *address,
			     size_t size)
{
	const char *name = word_next(words), *where = word_next(words);
	uint32_t port, transport = FAILOVER_UDP;
	struct node *node;

	if (!name || !where || strlen(name) >= sizeof(node->name) || node_find(scenario, name) ||
	    scenario->nodes_count == SCENARIO_NODES) {
		scenario_error(scenario, words->file_line, "a new name and an address are wanted");
		return NULL;
	}
	if (word_is(words, "tcp"))
		transport = FAILOVER_TCP;
	else if (word_is(words, "tls"))
		transport = FAILOVER_TLS;
	else
		word_is(words, "udp");
	node = &scenario->nodes[scenario->nodes_count];
	memset(node, 0, sizeof(*node));
	if (address_parse(where, address, size, &port) ||
	    failover_target_set(&node->target, address, port, transport)) {
		scenario_error(scenario, words->file_line, "\"%s\" is no address", where);
		return NULL;
	}
	snprintf(node->name, sizeof(node->name), "%s", name);
	scenario->nodes_count++;
	return node;
}

static int store_parse(struct scenario *scenario, struct words *words, struct node *node)
{
	if (word_is(words, "store") && word_number(scenario, words, 99, &node->store))
		return FAILOVER_ERR_ARGUMENT;
	node->merge = (uint32_t)word_is(words, "merge");
	return word_end(scenario, words);
}

/* server NAME ADDRESS[:PORT] [udp|tcp|tls] [name DOMAIN] [expires S] [store N] [merge] */
static int server_parse(struct scenario *scenario, struct words *words)
{
	struct registrar *registrar = &scenario->registrars[scenario->registrars_count];
	struct node *node;
	const char *name;

	if (scenario->registrars_count == FAILOVER_LIMIT_REGISTRARS) {
		scenario_error(scenario, words->file_line, "too many servers");
		return FAILOVER_ERR_FULL;
	}
	node = node_new(scenario, words, registrar->address, sizeof(registrar->address));
	if (!node)
		return FAILOVER_ERR_ARGUMENT;
	node->owner = node->store = scenario->registrars_count++;
	node->target.registrar = (uint8_t)node->owner;
	registrar->expires_s = 3600;
	if (word_is(words, "name") && (name = word_next(words)))
		snprintf(registrar->address, sizeof(registrar->address), "%s", name);
	if (word_is(words, "expires") && word_number(scenario, words, 86400, &registrar->expires_s))
		return FAILOVER_ERR_ARGUMENT;
	return store_parse(scenario, words, node);
}

/* proxy NAME ADDRESS[:PORT] [udp|tcp|tls] [store N] [merge]: all proxies lead to one registrar */
static int proxy_parse(struct scenario *scenario, struct words *words)
{
	char address[64];
	struct node *node = node_new(scenario, words, address, sizeof(address));

	if (!node)
		return FAILOVER_ERR_ARGUMENT;
	node->proxy = 1;
	node->owner = scenario->proxies_count++;
	node->target.hop = (uint8_t)scenario->proxies_count;
	node->store = FIRST_PROXY_STORE;
	return store_parse(scenario, words, node);
}

/* address NAME ADDRESS[:PORT] [udp|tcp|tls]: one more address of the server or proxy before it */
static int address_add(struct scenario *scenario, struct words *words)
{
	char address[64];
	struct node *node, *before;

	if (!scenario->nodes_count) {
		scenario_error(scenario, words->file_line, "an address of what?");
		return FAILOVER_ERR_ARGUMENT;
	}
	before = &scenario->nodes[scenario->nodes_count - 1];
	node = node_new(scenario, words, address, sizeof(address));
	if (!node)
		return FAILOVER_ERR_ARGUMENT;
	node->proxy = before->proxy;
	node->owner = before->owner;
	node->store = before->store;
	node->target.registrar = before->target.registrar;
	node->target.hop = before->target.hop;
	return word_end(scenario, words);
}

static int engine_parse(struct scenario *scenario, struct words *words)
{
	uint32_t seed;

	if (word_is(words, "seed")) {
		if (word_number(scenario, words, UINT32_MAX, &seed))
			return FAILOVER_ERR_ARGUMENT;
		scenario->seed = seed;
	} else if (word_is(words, "moves_per_second")) {
		if (word_number(scenario, words, FAILOVER_LIMIT_MOVES, &scenario->moves_per_second))
			return FAILOVER_ERR_ARGUMENT;
	} else if (word_is(words, "dead_time")) {
		if (word_number(scenario, words, FAILOVER_LIMIT_DEAD_TIME_S,
				&scenario->dead_time_s))
			return FAILOVER_ERR_ARGUMENT;
	} else if (word_is(words, "shared_health")) {
		if (word_is(words, "transport"))
			scenario->shared_health = FAILOVER_HEALTH_TRANSPORT;
		else if (word_is(words, "all"))
			scenario->shared_health = FAILOVER_HEALTH_ALL;
		else if (word_is(words, "off"))
			scenario->shared_health = FAILOVER_HEALTH_OFF;
	}
	return word_end(scenario, words);
}

struct flag {
	const char *word;
	uint32_t bit;
};

static int flags_parse(struct scenario *scenario, struct words *words, const struct flag *flags,
		       uint32_t *bits)
{
	const struct flag *flag;

	while (words->next < words->count) {
		for (flag = flags; flag->word && !word_is(words, flag->word); flag++)
			;
		if (!flag->word)
			return word_end(scenario, words);
		*bits |= flag->bit;
	}
	return 0;
}

static int watch_parse(struct scenario *scenario, struct words *words)
{
	static const struct flag flags[] = { { "<-", SCENARIO_WATCH_RESPONSES },
					     { "attempt", SCENARIO_WATCH_ATTEMPT },
					     { "response", SCENARIO_WATCH_RESPONSE },
					     { "results", SCENARIO_WATCH_RESULTS },
					     { NULL, 0 } };

	return flags_parse(scenario, words, flags, &scenario->watch);
}

static int stack_parse(struct scenario *scenario, struct words *words)
{
	static const struct flag flags[] = { { "counts-nothing", FAILOVER_SIM_COUNTS_NOTHING },
					     { "limits-nothing", FAILOVER_SIM_LIMITS_NOTHING },
					     { "stops-nothing", FAILOVER_SIM_STOPS_NOTHING },
					     { "hears-no-icmp", FAILOVER_SIM_HEARS_NO_ICMP },
					     { NULL, 0 } };

	return flags_parse(scenario, words, flags, &scenario->quirks);
}

static int link_parse(struct scenario *scenario, struct words *words)
{
	if (word_is(words, "delay") &&
	    word_number(scenario, words, 60000, &scenario->link.delay_ms))
		return FAILOVER_ERR_ARGUMENT;
	return word_end(scenario, words);
}

static int action_parse(struct scenario *scenario, struct words *words)
{
	const char *time = word_next(words);
	struct action action;
	size_t i;

	if (!time || text_time(time, &action.at_ms)) {
		scenario_error(scenario, words->file_line, "\"%s\" is no time",
			       time ? time : "end of line");
		return FAILOVER_ERR_ARGUMENT;
	}
	action.words = *words;
	scenario->actions = grow(scenario->actions, scenario->actions_count,
				 &scenario->actions_room, sizeof(action));
	for (i = scenario->actions_count++; i > 0; i--) {
		if (scenario->actions[i - 1].at_ms <= action.at_ms)
			break;
		scenario->actions[i] = scenario->actions[i - 1];
	}
	scenario->actions[i] = action;
	return 0;
}

static int finally_parse(struct scenario *scenario, struct words *words)
{
	if (word_is(words, "ghosts"))
		return word_number(scenario, words, 99, &scenario->ghosts);
	scenario->finally = grow(scenario->finally, scenario->finally_count,
				 &scenario->finally_room, sizeof(*scenario->finally));
	scenario->finally[scenario->finally_count++] = (struct action){ .words = *words };
	return 0;
}

static int end_parse(struct scenario *scenario, struct words *words)
{
	const char *time = word_is(words, "at") ? word_next(words) : NULL;

	if (!time || text_time(time, &scenario->end_ms) || scenario->has_end) {
		scenario_error(scenario, words->file_line, "once: end at TIME");
		return FAILOVER_ERR_ARGUMENT;
	}
	scenario->has_end = 1;
	return word_end(scenario, words);
}

int setting_set(struct scenario *scenario, struct words *words,
		struct failover_line_settings *settings)
{
	const char *key = word_next(words), *value = word_next(words);
	char why[SETTING_TEXT];
	int rc;

	if (!key || !value) {
		scenario_error(scenario, words->file_line, "a setting is a key and a value");
		return FAILOVER_ERR_ARGUMENT;
	}
	rc = settings_set(settings, key, value, why, sizeof(why));
	if (rc == FAILOVER_ERR_UNSUPPORTED)
		scenario_error(scenario, words->file_line, "\"%s\" is no setting", key);
	else if (rc)
		scenario_error(scenario, words->file_line, "\"%s\" is no value of %s: %s", value,
			       key, why);
	return rc;
}

static int set_parse(struct scenario *scenario, struct words *words)
{
	if (setting_set(scenario, words, &scenario->settings))
		return FAILOVER_ERR_ARGUMENT;
	return word_end(scenario, words);
}

static int lines_parse(struct scenario *scenario, struct words *words)
{
	if (word_number(scenario, words, SCENARIO_LINES, &scenario->lines))
		return FAILOVER_ERR_ARGUMENT;
	return word_end(scenario, words);
}

static void statement_parse(struct scenario *scenario, struct words *words)
{
	static const struct {
		const char *word;
		int (*parse)(struct scenario *scenario, struct words *words);
	} statements[] = {
		{ "server", server_parse }, { "proxy", proxy_parse },
		{ "address", address_add }, { "lines", lines_parse },
		{ "set", set_parse },	    { "engine", engine_parse },
		{ "stack", stack_parse },   { "link", link_parse },
		{ "watch", watch_parse },   { "at", action_parse },
		{ "expect", expect_parse }, { "finally", finally_parse },
		{ "end", end_parse },
	};
	size_t i;

	for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		if (!word_is(words, statements[i].word))
			continue;
		statements[i].parse(scenario, words);
		return;
	}
	scenario_error(scenario, words->file_line, "\"%s\" begins no statement", words->all[0]);
}

/* Cut one line into words; `#` begins a comment. */
static void line_parse(struct scenario *scenario, char *line, uint32_t file_line)
{
	struct words words = { .file_line = file_line };
	char *word, *rest = line;

	while ((word = strsep(&rest, " \t\r"))) {
		if (*word == '#')
			break;
		if (!*word)
			continue;
		if (words.count == SCENARIO_WORDS) {
			scenario_error(scenario, file_line, "more than %u words", SCENARIO_WORDS);
			return;
		}
		words.all[words.count++] = word;
	}
	if (words.count)
		statement_parse(scenario, &words);
}

static char *file_read(struct scenario *scenario)
{
	FILE *file = fopen(scenario->path, "r");
	size_t room = 0, size;
	char *text;

	if (!file) {
		scenario_error(scenario, 0, "cannot be read");
		return NULL;
	}
	text = grow(NULL, 0, &room, SCENARIO_LIMIT_BYTES / 32 + 1);
	size = fread(text, 1, SCENARIO_LIMIT_BYTES, file);
	text[size] = 0;
	if (size == SCENARIO_LIMIT_BYTES || ferror(file) || strlen(text) != size)
		scenario_error(scenario, 0, "too long, or no text");
	fclose(file);
	return text;
}

int scenario_read(struct scenario *scenario)
{
	uint32_t file_line = 0;
	char *line, *rest;

	scenario->lines = 1;
	scenario->seed = 1;
	scenario->link.size = sizeof(scenario->link);
	scenario->link.delay_ms = 1;
	scenario->settings = (struct failover_line_settings)FAILOVER_LINE_SETTINGS_INIT;
	scenario->settings.profile = FAILOVER_PROFILE_V3; /* whatever the build's default is */
	scenario->text = file_read(scenario);
	for (rest = scenario->text; (line = strsep(&rest, "\n"));)
		line_parse(scenario, line, ++file_line);
	if (!scenario->registrars_count)
		scenario_error(scenario, 0, "no server");
	if (!scenario->has_end)
		scenario_error(scenario, 0, "no \"end at TIME\"");
	return scenario->errors ? FAILOVER_ERR_ARGUMENT : 0;
}

void scenario_free(struct scenario *scenario)
{
	items_free(&scenario->expected);
	free(scenario->actions);
	free(scenario->finally);
	free(scenario->text);
}
