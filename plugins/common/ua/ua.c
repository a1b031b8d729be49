/* SPDX-License-Identifier: MIT */
/* ua.c - the user agent's life, the hooks that need no more, and small things. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "account.h"
#include "call.h"
#include "client.h"

/* ---- small things ------------------------------------------------------------------------- */

int fo_ua_token(struct fo_ua *ua, char out[FO_TOKEN])
{
	unsigned char bytes[(FO_TOKEN - 1) / 2];
	size_t i;

	if (ua->host->random(ua->host->ctx, bytes, sizeof(bytes)))
		return FAILOVER_ERR_IO;
	for (i = 0; i < sizeof(bytes); i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return FAILOVER_OK;
}

int fo_ua_branch(struct fo_ua *ua, char out[FO_BRANCH])
{
	memcpy(out, "z9hG4bK", 7);
	return fo_ua_token(ua, out + 7);
}

void fo_ua_log(struct fo_ua *ua, uint32_t level, const char *format, ...)
{
	char text[256];
	va_list values;

	if (!ua->host->log)
		return;
	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	ua->host->log(ua->host->ctx, level, text);
}

int fo_text_has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return 1;
	return 0;
}

int fo_text_number(const char *text, uint32_t most, uint32_t *out)
{
	uint64_t number = 0;

	if (*text < '0' || *text > '9')
		return -1;
	for (; *text >= '0' && *text <= '9'; text++)
		if (number <= most)
			number = number * 10 + (uint64_t)(*text - '0');
	if (*text && !strchr(" \t;(", *text)) /* Retry-After may have a comment and parameters */
		return -1;
	*out = number > most ? most : (uint32_t)number;
	return 0;
}

uint32_t fo_text_seconds(const char *value, uint32_t most)
{
	uint32_t seconds = 0;

	return value && !fo_text_number(value, most, &seconds) ? seconds : 0;
}

/* ---- life --------------------------------------------------------------------------------- */

static int make_tables(struct fo_ua *ua)
{
	struct fo_map *const maps[] = { &ua->clients, &ua->attempts, &ua->peers, &ua->accounts,
					&ua->users,   &ua->sources,  &ua->calls, &ua->dialogs };
	uint64_t key[2];
	size_t i;
	int error = FAILOVER_OK;

	if (ua->host->random(ua->host->ctx, key, sizeof(key)))
		return FAILOVER_ERR_IO;
	for (i = 0; !error && i < sizeof(maps) / sizeof(maps[0]); i++)
		error = fo_map_init(maps[i], key);
	return error;
}

int fo_ua_init(struct fo_ua *ua, const struct fo_stack *stack, const struct failover_host *host,
	       const struct failover_open_params *params)
{
	const char *agent;

	if (host->size < offsetof(struct failover_host, lost) || params->size < sizeof(*params))
		return FAILOVER_ERR_ARGUMENT;
	agent = params->user_agent;
	if (agent && fo_text_has_control(agent))
		return FAILOVER_ERR_ARGUMENT;
	ua->stack = stack;
	ua->host = host;
	ua->accept_any = params->accept_any != 0;
	ua->events = host->get_extension ? host->get_extension(host->ctx, FAILOVER_EXT_CALL_EVENTS)
					 : NULL;
	snprintf(ua->user_agent, sizeof(ua->user_agent), "%s", agent ? agent : stack->name);
	return make_tables(ua);
}

static void log_counters(struct fo_ua *ua)
{
	const struct fo_counters *is = &ua->counters;

	fo_ua_log(ua, FAILOVER_LOG_DEBUG,
		  "messages: %llu in, %llu out, %llu keep-alive, %llu garbage, %llu unmatched, "
		  "%llu not from a target, %llu over a limit, %llu ICMP, %llu connections",
		  (unsigned long long)is->received, (unsigned long long)is->sent,
		  (unsigned long long)is->keepalives, (unsigned long long)is->garbage,
		  (unsigned long long)is->unmatched, (unsigned long long)is->foreign,
		  (unsigned long long)is->refused, (unsigned long long)is->icmp,
		  (unsigned long long)is->connections);
}

void fo_ua_end(struct fo_ua *ua)
{
	log_counters(ua);
	fo_accounts_leave_flows(ua);
	fo_clients_free(ua);
	fo_calls_drop(ua, 0);
}

void fo_ua_clear(struct fo_ua *ua)
{
	fo_accounts_free(ua);
	fo_map_free(&ua->clients);
	fo_map_free(&ua->attempts);
	fo_map_free(&ua->peers);
	fo_map_free(&ua->accounts);
	fo_map_free(&ua->users);
	fo_map_free(&ua->sources);
	fo_map_free(&ua->calls);
	fo_map_free(&ua->dialogs);
	fo_timers_free(&ua->timers);
}

/* ---- hooks -------------------------------------------------------------------------------- */

int fo_ua_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	struct fo_client *client = fo_client_of(inst, attempt);

	return client ? fo_client_abandon(client, reason) : FAILOVER_OK;
}

/* Nothing is kept for a request: its transactions end by themselves, its call by the application.
 */
void fo_ua_result(void *inst, const struct failover_result *result)
{
	(void)inst, (void)result;
}

const void *fo_ua_extension(const char *id)
{
	if (!strcmp(id, FAILOVER_EXT_LINE))
		return &fo_ua_ext_line;
	return strcmp(id, FAILOVER_EXT_CALL) ? NULL : &fo_ua_ext_call;
}

uint64_t fo_ua_deadline(const struct fo_ua *ua)
{
	return fo_timers_next(&ua->timers);
}

void fo_ua_run_timers(struct fo_ua *ua)
{
	(void)fo_timers_run(&ua->timers, fo_ua_now(ua), FO_TIMERS_AT_ONCE);
}
