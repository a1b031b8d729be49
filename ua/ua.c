/* SPDX-License-Identifier: MIT */
/* ua.c - the user agent's life, the hooks that need no more, and small things. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "account.h"
#include "call.h"
#include "client.h"
#include "instance.h"
#include "subscription.h"
#include "writer.h"

/* Hosts of the contract's first edition have so much. */
#define PARAMS_LEAST offsetof(struct failover_open_params, accept)
#define PARAMS_WITH_ACCEPT offsetof(struct failover_open_params, reserved2)

/* ---- small things ------------------------------------------------------------------------- */

void ua_token_text(const unsigned char bytes[UA_TOKEN_BYTES], char out[UA_TOKEN])
{
	struct ua_writer writer;

	ua_writer_init(&writer, out, UA_TOKEN);
	ua_writer_add_hex(&writer, bytes, UA_TOKEN_BYTES);
}

int ua_token(struct ua *ua, char out[UA_TOKEN])
{
	unsigned char bytes[UA_TOKEN_BYTES];

	if (ua->host->random(ua->host->ctx, bytes, sizeof(bytes)))
		return FAILOVER_ERR_IO;
	ua_token_text(bytes, out);
	return FAILOVER_OK;
}

int ua_branch(struct ua *ua, char out[UA_BRANCH])
{
	memcpy(out, "z9hG4bK", 7);
	return ua_token(ua, out + 7);
}

void ua_log(struct ua *ua, uint32_t level, const char *format, ...)
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

int ua_text_has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return 1;
	return 0;
}

int ua_text_number(const char *text, uint32_t most, uint32_t *out)
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

uint32_t ua_text_seconds(const char *value, uint32_t most)
{
	uint32_t seconds = 0;

	return value && !ua_text_number(value, most, &seconds) ? seconds : 0;
}

/* ---- life --------------------------------------------------------------------------------- */

static int make_tables(struct ua *ua)
{
	struct ua_map *const maps[] = { &ua->clients,  &ua->attempts, &ua->peers,   &ua->pings,
					&ua->accounts, &ua->users,    &ua->sources, &ua->calls,
					&ua->dialogs,  &ua->callers };
	uint64_t key[2];
	size_t i;
	int error = FAILOVER_OK;

	if (ua->host->random(ua->host->ctx, key, sizeof(key)))
		return FAILOVER_ERR_IO;
	for (i = 0; !error && i < sizeof(maps) / sizeof(maps[0]); i++)
		error = ua_map_init(maps[i], key);
	return error;
}

static const char *device_of(const struct failover_open_params *params)
{
	return params->size >= offsetof(struct failover_open_params, device) +
				       sizeof(params->device)
		       ? params->device
		       : NULL;
}

static int copy_accept(struct ua *ua, const struct failover_open_params *params)
{
	uint32_t count = params->size >= PARAMS_WITH_ACCEPT ? params->accept_count : 0;

	if (!count)
		return FAILOVER_OK;
	ua->accept = calloc(count, sizeof(*ua->accept));
	if (!ua->accept)
		return FAILOVER_ERR_MEMORY;
	memcpy(ua->accept, params->accept, count * sizeof(*ua->accept));
	ua->accept_count = count;
	return FAILOVER_OK;
}

int ua_init(struct ua *ua, const struct ua_stack *stack, const struct failover_host *host,
	    const struct failover_open_params *params)
{
	const char *agent;
	int error;

	if (host->size < offsetof(struct failover_host, lost) || params->size < PARAMS_LEAST)
		return FAILOVER_ERR_ARGUMENT;
	agent = params->user_agent;
	if (agent && ua_text_has_control(agent))
		return FAILOVER_ERR_ARGUMENT;
	ua->stack = stack;
	ua->host = host;
	ua->accept_any = params->accept_any != 0;
	if (copy_accept(ua, params))
		return FAILOVER_ERR_MEMORY;
	if (host->get_extension) {
		ua->events = host->get_extension(host->ctx, FAILOVER_EXT_CALL_EVENTS);
		ua->trace = host->get_extension(host->ctx, FAILOVER_EXT_TRACE);
		ua->subscription_events =
			host->get_extension(host->ctx, FAILOVER_EXT_SUBSCRIPTION_EVENTS);
	}
	snprintf(ua->user_agent, sizeof(ua->user_agent), "%s", agent ? agent : stack->name);
	error = make_tables(ua);
	return error ? error : ua_instance_init(ua, device_of(params));
}

static void log_counters(struct ua *ua)
{
	const struct ua_counters *is = &ua->counters;

	ua_log(ua, FAILOVER_LOG_DEBUG,
	       "messages: %llu in, %llu out, %llu keep-alive, %llu garbage, %llu unmatched, "
	       "%llu not from a target, %llu over a limit, %llu ICMP, %llu connections",
	       (unsigned long long)is->received, (unsigned long long)is->sent,
	       (unsigned long long)is->keepalives, (unsigned long long)is->garbage,
	       (unsigned long long)is->unmatched, (unsigned long long)is->foreign,
	       (unsigned long long)is->refused, (unsigned long long)is->icmp,
	       (unsigned long long)is->connections);
}

void ua_end(struct ua *ua)
{
	log_counters(ua);
	ua_accounts_leave_flows(ua);
	ua_clients_free(ua);
	ua_calls_drop(ua, 0);
}

void ua_clear(struct ua *ua)
{
	ua_accounts_free(ua);
	ua_map_free(&ua->clients);
	ua_map_free(&ua->attempts);
	ua_map_free(&ua->peers);
	ua_map_free(&ua->pings);
	ua_map_free(&ua->accounts);
	ua_map_free(&ua->users);
	ua_map_free(&ua->sources);
	ua_map_free(&ua->calls);
	ua_map_free(&ua->dialogs);
	ua_map_free(&ua->callers);
	ua_timers_free(&ua->timers);
	free(ua->accept);
	free(ua->overloads);
	ua->accept = NULL;
	ua->overloads = NULL;
}

/* ---- hooks -------------------------------------------------------------------------------- */

int ua_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	struct ua_client *client = ua_client_of(inst, attempt);

	return client ? ua_client_abandon(client, reason) : FAILOVER_OK;
}

/* Nothing is kept for a request: its transactions end by themselves, its call by the application.
 */
void ua_result(void *inst, const struct failover_result *result)
{
	ua_subscription_result(inst, result);
}

const void *ua_extension(const char *id)
{
	if (!strcmp(id, FAILOVER_EXT_LINE))
		return &ua_ext_line;
	if (!strcmp(id, FAILOVER_EXT_SUBSCRIPTION))
		return &ua_ext_subscription;
	return strcmp(id, FAILOVER_EXT_CALL) ? NULL : &ua_ext_call;
}

uint64_t ua_deadline(const struct ua *ua)
{
	return ua_timers_next(&ua->timers);
}

void ua_run_timers(struct ua *ua)
{
	(void)ua_timers_run(&ua->timers, ua_now(ua), UA_TIMERS_AT_ONCE);
}
