/* SPDX-License-Identifier: MIT */
/* act.c - what the user, the servers and the network do, and what is checked at the end. */
#include <string.h>
#include "tests/runner/play.h"

uint32_t play_line_number(const struct play *play, uint32_t id)
{
	uint32_t i;

	for (i = 0; i < play->scenario->lines; i++)
		if (play->lines[i] == id)
			return i + 1;
	return 0;
}

/* ---- the user ----------------------------------------------------------------------------- */

static struct play_request *call_find(struct play *play, const char *call)
{
	uint32_t i;

	for (i = 0; call && i < play->requests_count; i++)
		if (play->requests[i].method == FAILOVER_INVITE &&
		    !strcmp(play->requests[i].call, call))
			return &play->requests[i];
	return NULL;
}

static void user_submit(struct play *play, uint32_t line, uint32_t method, const char *call,
			uint64_t cookie, const struct failover_target *dialog, uint32_t flags)
{
	struct play_request *request = &play->requests[play->requests_count];
	struct failover_request_params params = {
		.size = sizeof(params),
		.method = method,
		.cookie = cookie ? cookie : play->requests_count + 1,
		.dialog = dialog,
		.flags = flags,
	};
	int rc;

	if (play->requests_count == PLAY_REQUESTS) {
		scenario_error(play->scenario, 0, "too many requests");
		return;
	}
	memset(request, 0, sizeof(*request));
	snprintf(request->call, sizeof(request->call), "%s", call);
	request->method = method;
	request->line = line;
	play->requests_count++;
	rc = failover_submit(play->engine, play->lines[line], &params, play->sim->now(play->inst),
			     &request->id);
	if (rc) {
		play->requests_count--;
		scenario_error(play->scenario, 0, "submit: %s", failover_strerror(rc));
	}
}

void play_calls_tell(struct play *play, uint32_t line)
{
	uint32_t calls = 0, i;

	for (i = 0; i < play->requests_count; i++)
		calls += play->requests[i].line == line && play->requests[i].up &&
			 !play->requests[i].over;
	failover_line_calls(play->engine, play->lines[line], calls, play->sim->now(play->inst));
}

/* An unanswered call is given up, an established one gets a BYE in its dialog (B9). */
static void user_hangup(struct play *play, uint32_t line, struct words *words)
{
	const char *call = word_next(words);
	struct play_request *request = call_find(play, call);

	if (!request) {
		scenario_error(play->scenario, words->file_line, "hang up which call?");
		return;
	}
	if (!request->ended) {
		failover_give_up(play->engine, request->id, play->sim->now(play->inst));
	} else if (request->up) {
		user_submit(play, line, FAILOVER_BYE, call,
			    (uint64_t)(request - play->requests) + 1, &request->target, 0);
		request->over = 1;
		play_calls_tell(play, line);
	}
}

/* One more request in the dialog of a call that stands. */
static void user_in_dialog(struct play *play, uint32_t line, uint32_t method, struct words *words)
{
	const char *call = word_next(words);
	struct play_request *request = call_find(play, call);

	if (request && request->up)
		user_submit(play, line, method, call, (uint64_t)(request - play->requests) + 1,
			    &request->target, 0);
	else
		scenario_error(play->scenario, words->file_line, "in which call?");
}

static void user_update(struct play *play, uint32_t line, struct words *words)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	struct failover_line_params params = { .size = sizeof(params), .targets = targets };
	uint32_t expires[FAILOVER_LIMIT_REGISTRARS], i;
	int rc;

	while (words->next < words->count)
		if (setting_set(play->scenario, words, &play->scenario->settings))
			return;
	for (i = 0; i < play->scenario->registrars_count; i++)
		expires[i] = play->scenario->registrars[i].expires_s;
	params.registrars = play->scenario->registrars_count;
	params.targets_count = scenario_targets(play->scenario, targets, FAILOVER_LIMIT_TARGETS);
	params.expires_s = expires;
	params.settings = play->scenario->settings;
	rc = failover_line_update(play->engine, play->lines[line], &params,
				  play->sim->now(play->inst));
	if (rc)
		scenario_error(play->scenario, words->file_line, "update: %s",
			       failover_strerror(rc));
}

/* DNS says something else now (B1b). */
static void user_targets(struct play *play, uint32_t line, struct words *words)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	uint32_t count = 0;
	const char *name;
	int rc;

	while ((name = word_next(words)) && count < FAILOVER_LIMIT_TARGETS) {
		const struct node *node = node_find(play->scenario, name);

		if (!node) {
			scenario_error(play->scenario, words->file_line,
				       "\"%s\" is no server or proxy", name);
			return;
		}
		targets[count++] = node->target;
	}
	rc = failover_line_targets(play->engine, play->lines[line], targets, count,
				   play->sim->now(play->inst));
	if (rc)
		scenario_error(play->scenario, words->file_line, "targets: %s",
			       failover_strerror(rc));
}

static void user_call(struct play *play, uint32_t line, struct words *words, uint32_t flags)
{
	const char *call = word_next(words);

	if (!call || call_find(play, call)) {
		scenario_error(play->scenario, words->file_line, "a call needs a name of its own");
		return;
	}
	user_submit(play, line, FAILOVER_INVITE, call, 0, NULL, flags);
}

static int begin_at(struct play *play, uint32_t id, struct words *words)
{
	const struct node *node = node_find(play->scenario, word_next(words));

	return failover_begin_at(play->engine, id, node ? &node->target : NULL,
				 play->sim->now(play->inst));
}

/* What a person asks the line for; `refused` at its end: it cannot be done now. Returns 0 if the
 * words are about something else. */
static int user_asks(struct play *play, uint32_t id, struct words *words)
{
	uint64_t now_ms = play->sim->now(play->inst);
	int rc, wanted;

	if (word_is(words, "probe"))
		rc = failover_probe(play->engine, id, now_ms);
	else if (word_is(words, "failback"))
		rc = failover_failback(play->engine, id, now_ms);
	else if (word_is(words, "pin"))
		rc = failover_pin(play->engine, id, 1, now_ms);
	else if (word_is(words, "unpin"))
		rc = failover_pin(play->engine, id, 0, now_ms);
	else if (word_is(words, "begin-at"))
		rc = begin_at(play, id, words);
	else
		return 0;
	wanted = word_is(words, "refused") ? FAILOVER_ERR_STATE : 0;
	if (rc != wanted)
		scenario_error(play->scenario, words->file_line, "asked for: %s",
			       failover_strerror(rc));
	return 1;
}

static void user_act(struct play *play, struct words *words)
{
	uint64_t now_ms = play->sim->now(play->inst);
	uint32_t line = 1;

	if (words->next < words->count && !text_number(words->all[words->next], 99, &line))
		words->next++;
	if (line < 1 || line > play->scenario->lines) {
		scenario_error(play->scenario, words->file_line, "there is no such line");
		return;
	}
	line--;
	if (word_is(words, "register"))
		failover_register(play->engine, play->lines[line], now_ms);
	else if (word_is(words, "unregister"))
		failover_unregister(play->engine, play->lines[line], now_ms);
	else if (word_is(words, "call"))
		user_call(play, line, words, 0);
	else if (word_is(words, "emergency"))
		user_call(play, line, words, FAILOVER_REQUEST_EMERGENCY);
	else if (word_is(words, "hangup"))
		user_hangup(play, line, words);
	else if (word_is(words, "hold"))
		user_in_dialog(play, line, FAILOVER_INVITE, words);
	else if (word_is(words, "info"))
		user_in_dialog(play, line, FAILOVER_OTHER, words);
	else if (word_is(words, "options"))
		user_submit(play, line, FAILOVER_OPTIONS, "", 0, NULL, 0);
	else if (word_is(words, "message"))
		user_submit(play, line, FAILOVER_OTHER, "", 0, NULL, 0);
	else if (word_is(words, "update"))
		user_update(play, line, words);
	else if (word_is(words, "targets"))
		user_targets(play, line, words);
	else if (word_is(words, "network-changed"))
		failover_network_changed(play->engine, now_ms);
	else if (word_is(words, "remove"))
		failover_line_remove(play->engine, play->lines[line], now_ms);
	else if (word_is(words, "add"))
		play_line_add(play, line);
	else if (word_is(words, "stale"))
		failover_unreachable(play->engine, UINT64_MAX, FAILOVER_REASON_ICMP, now_ms);
	else
		(void)user_asks(play, play->lines[line], words);
	word_end(play->scenario, words);
}

/* ---- servers ------------------------------------------------------------------------------ */

/* All connections to it end at once. */
static int server_closes(struct play *play, const struct node *node)
{
	uint32_t i;

	for (i = 0; i < play->scenario->lines; i++)
		if (play->sim->server_closes(play->inst, node->number, play->lines[i]))
			return 0;
	return 1;
}

static int server_word(struct play *play, struct words *words, const struct node *node,
		       struct failover_sim_behaviour *behaviour)
{
	uint32_t line = 1;

	if (behaviour_word(play->scenario, words, behaviour))
		return 1;
	if (word_is(words, "forget"))
		return !play->sim->server_forget(play->inst, node->number);
	if (word_is(words, "closes"))
		return server_closes(play, node);
	if (!word_is(words, "calls"))
		return 0;
	if (words->next < words->count &&
	    word_number(play->scenario, words, play->scenario->lines, &line))
		return 0;
	return line && !play->sim->server_calls(play->inst, node->number, play->lines[line - 1]);
}

static void server_act(struct play *play, struct words *words)
{
	const struct node *node = node_find(play->scenario, word_next(words));
	struct failover_sim_behaviour behaviour;

	if (!node) {
		scenario_error(play->scenario, words->file_line, "there is no such server");
		return;
	}
	play->sim->server_get(play->inst, node->number, &behaviour);
	while (words->next < words->count) {
		if (!server_word(play, words, node, &behaviour)) {
			word_end(play->scenario, words);
			return;
		}
	}
	play->sim->server_set(play->inst, node->number, &behaviour);
}

static void link_act(struct play *play, struct words *words)
{
	const struct node *node = node_find(play->scenario, word_next(words));
	struct failover_sim_link link = play->scenario->link;

	if (!node || link_words(play->scenario, words, &link))
		scenario_error(play->scenario, words->file_line,
			       "link NODE [delay MS] [jitter MS] [loss %%] [duplicate %%]");
	else
		play->sim->link_set(play->inst, node->number, &link);
}

void play_act(struct play *play, const struct action *action)
{
	struct words words = action->words;

	if (word_is(&words, "user"))
		user_act(play, &words);
	else if (word_is(&words, "server") || word_is(&words, "proxy"))
		server_act(play, &words);
	else if (word_is(&words, "link"))
		link_act(play, &words);
	else
		scenario_error(play->scenario, words.file_line, "who acts: user, server or link?");
}

/* ---- the end ------------------------------------------------------------------------------ */

/* "good,dead": what is known of each target, in priority order. */
static void line_health(struct play *play, uint32_t id, char *value, size_t size)
{
	static const char *const names[] = { "unknown", "good", "dead", "asked-to-wait" };
	struct failover_target_health health[FAILOVER_LIMIT_TARGETS];
	int count = failover_line_health(play->engine, id, health, FAILOVER_LIMIT_TARGETS), i;
	char reason[24];
	size_t used = 0;

	for (i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(
			value + used, size - used, "%s%s%s%s", i ? "," : "", names[health[i].state],
			health[i].reason ? ":" : "",
			health[i].reason ? failover_reason_text(health[i].reason, health[i].status,
								reason, sizeof(reason))
					 : "");
}

static int line_value(struct play *play, const char *key, uint32_t line, char *value, size_t size)
{
	struct failover_line_state state = { .size = sizeof(state) };
	const struct node *node;

	if (failover_line_state(play->engine, play->lines[line], &state))
		return FAILOVER_ERR_STATE;
	if (!strcmp(key, "serving")) {
		node = node_at(play->scenario, &state.serving);
		snprintf(value, size, "%s", node ? node->name : "none");
	} else if (!strcmp(key, "registered")) {
		snprintf(value, size, "%u", (unsigned)state.registered);
	} else if (!strcmp(key, "requests")) {
		snprintf(value, size, "%u", (unsigned)state.requests);
	} else if (!strcmp(key, "pinned")) {
		snprintf(value, size, "%u", (unsigned)state.pinned);
	} else if (!strcmp(key, "health")) {
		line_health(play, play->lines[line], value, size);
	} else {
		return FAILOVER_ERR_ARGUMENT;
	}
	return 0;
}

static int server_value(struct play *play, const char *key, const struct node *node, char *value,
			size_t size)
{
	struct failover_sim_server_state state = { .size = sizeof(state) };
	uint64_t number;

	play->sim->server_state(play->inst, node->number, &state);
	if (!strcmp(key, "bindings"))
		number = state.bindings;
	else if (!strcmp(key, "dialogs"))
		number = state.dialogs;
	else if (!strcmp(key, "requests"))
		number = state.requests;
	else if (!strcmp(key, "answered"))
		number = state.invites_up;
	else if (!strcmp(key, "acked"))
		number = state.acked;
	else if (!strcmp(key, "byes"))
		number = state.byes;
	else
		return FAILOVER_ERR_ARGUMENT;
	snprintf(value, size, "%llu", (unsigned long long)number);
	return 0;
}

/* finally line N KEY=VALUE ... / finally server NAME KEY=VALUE ... */
void play_check(struct play *play, const struct action *finally)
{
	struct words words = finally->words;
	const struct node *node = NULL;
	uint32_t line = 0;
	char key[32], value[256];
	const char *word, *wanted;
	int rc;

	if (word_is(&words, "line")) {
		if (word_number(play->scenario, &words, play->scenario->lines, &line) || !line)
			return;
	} else if (word_is(&words, "server")) {
		node = node_find(play->scenario, word_next(&words));
	}
	if (!line && !node) {
		scenario_error(play->scenario, words.file_line, "finally line N, or server NAME");
		return;
	}
	while ((word = word_next(&words))) {
		wanted = strchr(word, '=');
		snprintf(key, sizeof(key), "%.*s", wanted ? (int)(wanted - word) : 0, word);
		rc = node ? server_value(play, key, node, value, sizeof(value))
			  : line_value(play, key, line - 1, value, sizeof(value));
		if (rc)
			scenario_error(play->scenario, words.file_line, "\"%s\" is not known",
				       word);
		else if (strcmp(wanted + 1, value))
			scenario_error(play->scenario, words.file_line,
				       "finally %s: expected %s, is %s", key, wanted + 1, value);
	}
}
