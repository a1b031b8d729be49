/* SPDX-License-Identifier: MIT */
/* behaviour.c - the words that say what a server or a link does from now on. */
#include <string.h>
#include "tests/runner/scenario.h"

static const struct {
	const char *word;
	uint32_t reason;
} no_routes[] = {
	{ "down", FAILOVER_REASON_ICMP },
	{ "refused", FAILOVER_REASON_REFUSED },
	{ "reset", FAILOVER_REASON_RESET },
	{ "connect-timeout", FAILOVER_REASON_CONNECT_TIMEOUT },
	{ "tls-fails", FAILOVER_REASON_TLS },
	{ "local", FAILOVER_REASON_LOCAL },
	{ "unsupported", FAILOVER_REASON_UNSUPPORTED },
};

static void replies_all(struct failover_sim_behaviour *behaviour, uint32_t status)
{
	uint32_t method;

	memset(behaviour->replies, 0, sizeof(behaviour->replies));
	for (method = 1; method < FAILOVER_SIM_METHODS; method++)
		behaviour->replies[method][0].status = status;
}

/* reply METHOD CODE[@MS] ... */
static int server_reply(struct scenario *scenario, struct words *words,
			struct failover_sim_behaviour *behaviour)
{
	static const char *const methods[FAILOVER_SIM_METHODS] = { "?",	      "REGISTER", "INVITE",
								   "BYE",     "OPTIONS",  "CANCEL",
								   "MESSAGE", "?" };
	uint32_t method, i = 0;
	unsigned int status, after_ms;
	const char *word;

	for (method = 1; method < FAILOVER_SIM_METHODS; method++)
		if (word_is(words, methods[method]))
			break;
	if (method == FAILOVER_SIM_METHODS) {
		scenario_error(scenario, words->file_line, "reply to which method?");
		return FAILOVER_ERR_ARGUMENT;
	}
	memset(behaviour->replies[method], 0, sizeof(behaviour->replies[method]));
	while ((word = word_next(words)) && i < FAILOVER_SIM_REPLIES) {
		after_ms = 0;
		if (sscanf(word, "%u@%u", &status, &after_ms) < 1 || status < 100 || status > 699) {
			scenario_error(scenario, words->file_line, "\"%s\" is no CODE[@MS]", word);
			return FAILOVER_ERR_ARGUMENT;
		}
		behaviour->replies[method][i].status = status;
		behaviour->replies[method][i++].after_ms = after_ms;
	}
	return 0;
}

static int server_mode(struct words *words, struct failover_sim_behaviour *behaviour)
{
	size_t i;

	if (word_is(words, "up")) {
		replies_all(behaviour, 0);
		behaviour->mode = FAILOVER_SIM_ANSWERS;
		behaviour->delay_ms = behaviour->retry_after_s = behaviour->q850 = 0;
		behaviour->unbound = 0;
		return 1;
	}
	if (word_is(words, "silent")) {
		behaviour->mode = FAILOVER_SIM_SILENT;
		return 1;
	}
	for (i = 0; i < sizeof(no_routes) / sizeof(no_routes[0]); i++) {
		if (!word_is(words, no_routes[i].word))
			continue;
		behaviour->mode = FAILOVER_SIM_NO_ROUTE;
		behaviour->reason = no_routes[i].reason;
		return 1;
	}
	return 0;
}

static int server_numbers(struct scenario *scenario, struct words *words,
			  struct failover_sim_behaviour *behaviour)
{
	const struct {
		const char *word;
		uint32_t *number;
	} numbers[] = {
		{ "delay", &behaviour->delay_ms },
		{ "retry-after", &behaviour->retry_after_s },
		{ "challenge", &behaviour->challenge },
		{ "realm", &behaviour->realm },
		{ "nonce", &behaviour->nonce },
		{ "reject", &behaviour->reject },
		{ "min-expires", &behaviour->min_expires_s },
		{ "max-expires", &behaviour->max_expires_s },
		{ "q850", &behaviour->q850 },
		{ "unbound", &behaviour->unbound },
	};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (word_is(words, numbers[i].word))
			return !word_number(scenario, words, 1000000, numbers[i].number);
	return 0;
}

int behaviour_word(struct scenario *scenario, struct words *words,
		   struct failover_sim_behaviour *behaviour)
{
	uint32_t status;

	if (server_mode(words, behaviour) || server_numbers(scenario, words, behaviour))
		return 1;
	if (word_is(words, "status")) {
		if (word_number(scenario, words, 699, &status))
			return 0;
		behaviour->mode = FAILOVER_SIM_ANSWERS;
		replies_all(behaviour, status);
		return 1;
	}
	if (word_is(words, "trying")) {
		behaviour->mode = FAILOVER_SIM_ANSWERS;
		replies_all(behaviour, 100);
		return 1;
	}
	return word_is(words, "reply") && !server_reply(scenario, words, behaviour);
}

int link_words(struct scenario *scenario, struct words *words, struct failover_sim_link *link)
{
	int known = 1;

	while (known && words->next < words->count) {
		if (word_is(words, "delay"))
			known = !word_number(scenario, words, 60000, &link->delay_ms);
		else if (word_is(words, "loss"))
			known = !word_number(scenario, words, 100, &link->loss_percent);
		else if (word_is(words, "jitter"))
			known = !word_number(scenario, words, 60000, &link->jitter_ms);
		else if (word_is(words, "duplicate"))
			known = !word_number(scenario, words, 100, &link->duplicate_percent);
		else
			known = 0;
	}
	return known ? 0 : FAILOVER_ERR_ARGUMENT;
}
