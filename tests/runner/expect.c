/* SPDX-License-Identifier: MIT */
/* expect.c - `expect TIME ...`: reading what must be seen. */
#include <string.h>
#include "tests/runner/scenario.h"

static int window_parse(const char *text, uint64_t *from_ms, uint64_t *to_ms)
{
	char first[32];
	const char *dots = strstr(text, "..");

	if (!dots) {
		if (text_time(text, from_ms))
			return FAILOVER_ERR_ARGUMENT;
		*to_ms = *from_ms;
		return 0;
	}
	if ((size_t)(dots - text) >= sizeof(first))
		return FAILOVER_ERR_ARGUMENT;
	snprintf(first, sizeof(first), "%.*s", (int)(dots - text), text);
	if (text_time(first, from_ms) || text_time(dots + 2, to_ms) || *from_ms > *to_ms)
		return FAILOVER_ERR_ARGUMENT;
	return 0;
}

/* How many words make the head: "-> NODE METHOD", "<- NODE STATUS METHOD", "event NAME", ... */
static uint32_t head_length(const char *first)
{
	if (!strcmp(first, "->"))
		return 3;
	if (!strcmp(first, "<-"))
		return 4;
	if (!strcmp(first, "event"))
		return 2;
	if (!strcmp(first, "result"))
		return 3;
	return 0;
}

/* Nodes that share an address share the name that was given first. */
static const char *node_canonical(struct scenario *scenario, const char *name)
{
	struct node *node = node_find(scenario, name);

	return node ? node_at(scenario, &node->target)->name : NULL;
}

static int head_parse(struct scenario *scenario, struct words *words, char *head, size_t size)
{
	const char *word = word_next(words), *node;
	uint32_t i, length = word ? head_length(word) : 0;
	size_t used = 0;

	if (!length || words->count - words->next < length - 1) {
		scenario_error(
			scenario, words->file_line,
			"expected is one of: -> NODE METHOD, <- NODE STATUS METHOD, event NAME, "
			"result METHOD OUTCOME");
		return FAILOVER_ERR_ARGUMENT;
	}
	for (i = 0; i < length && used < size; i++) {
		if (i)
			word = word_next(words);
		node = i == 1 && length > 2 && word[0] != 0 && head[0] != 'r'
			       ? node_canonical(scenario, word)
			       : word;
		if (!node) {
			scenario_error(scenario, words->file_line, "\"%s\" is no server or proxy",
				       word);
			return FAILOVER_ERR_ARGUMENT;
		}
		used += (size_t)snprintf(head + used, size - used, "%s%s", i ? " " : "", node);
	}
	return 0;
}

static int key_is_known(const char *key)
{
	static const char *const keys[] = {
		"ruri",	     "line",	 "callid",	"cseq",		"branch",
		"tag",	     "totag",	 "expires",	"transmission", "realm",
		"nonce",     "stale",	 "retry-after", "min-expires",	"target",
		"from",	     "reason",	 "status",	"elapsed",	"transmissions",
		"kind",	     "method",	 "retry",	"reasons",	"last",
		"probe",     "attempts", "request",	"in-dialog",	"transport",
		"keepalive", "resent",	 "release",	"emergency",
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i], key))
			return 1;
	return 0;
}

static int fields_parse(struct scenario *scenario, struct words *words, struct item *item,
			uint32_t *resends)
{
	const char *word, *value;
	char key[32];

	while ((word = word_next(words))) {
		value = strchr(word, '=');
		if (!value || (size_t)(value - word) >= sizeof(key))
			goto unknown;
		snprintf(key, sizeof(key), "%.*s", (int)(value++ - word), word);
		if (!strcmp(key, "resends")) {
			if (text_number(value, 20, resends))
				goto unknown;
			continue;
		}
		if (!key_is_known(key))
			goto unknown;
		if (!strcmp(key, "target") || !strcmp(key, "from"))
			value = node_canonical(scenario, value);
		if (!value)
			goto unknown;
		item_field(item, key, "%s", value);
	}
	return 0;
unknown:
	scenario_error(scenario, words->file_line, "\"%s\" is no field that can be expected", word);
	return FAILOVER_ERR_ARGUMENT;
}

/* `resends=N`: N retransmissions of the packet just expected, at the intervals of RFC 3261 timers A
 * (INVITE) and E (others). */
static void resends_add(struct scenario *scenario, uint32_t resends)
{
	struct items *items = &scenario->expected;
	const struct item first = items->all[items->count - 1];
	uint32_t interval_ms = scenario->settings.t1_ms, i, k;
	uint64_t after_ms = 0;
	struct item *item;

	for (i = 0; i < resends; i++) {
		after_ms += interval_ms;
		interval_ms *= 2;
		if (!strstr(first.head, " INVITE") && interval_ms > scenario->settings.t2_ms)
			interval_ms = scenario->settings.t2_ms;
		item = item_add(items, first.from_ms + after_ms, first.to_ms + after_ms,
				first.head);
		item->file_line = first.file_line;
		for (k = 0; k < first.fields_count; k++)
			if (strcmp(first.fields[k].key, "transmission"))
				item_field(item, first.fields[k].key, "%s", first.fields[k].value);
		item_field(item, "transmission", "%u", (unsigned)(i + 2));
	}
}

int expect_parse(struct scenario *scenario, struct words *words)
{
	const char *window = word_next(words);
	uint64_t from_ms, to_ms;
	char head[64] = "";
	struct item *item;
	uint32_t resends = 0;

	if (window && !strcmp(window, "anything")) {
		scenario->anything = 1;
		return word_end(scenario, words);
	}
	if (!window || window_parse(window, &from_ms, &to_ms)) {
		scenario_error(scenario, words->file_line,
			       "\"%s\" is no time: SECONDS.mmm, or FROM..TO",
			       window ? window : "end of line");
		return FAILOVER_ERR_ARGUMENT;
	}
	if (head_parse(scenario, words, head, sizeof(head)))
		return FAILOVER_ERR_ARGUMENT;
	item = item_add(&scenario->expected, from_ms, to_ms, head);
	item->file_line = words->file_line;
	if (fields_parse(scenario, words, item, &resends))
		return FAILOVER_ERR_ARGUMENT;
	resends_add(scenario, resends);
	return 0;
}
