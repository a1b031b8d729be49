/* SPDX-License-Identifier: MIT */
/* engine.c - the engine, and what is heard of it. */
#include "phone.h"

#include <string.h>
#include <sys/random.h>

#define ADDRESSES_LEAST 1024u
#define ADDRESSES_MOST 65535u /* the engine takes no more */

void phone_on_event(void *user, const struct failover_event *event)
{
	struct phone *phone = user;
	struct phone_line *line = phone_map_get(&phone->lines_by_id, event->line);
	char where[96] = "";

	if (line)
		phone_line_where(line, &event->target, where, sizeof(where));
	phone_report_event(&phone->report, line ? line->number : 0, where, event);
	if (!line)
		return;
	phone_status_event(line, event);
	phone_state_event(phone, line, event);
	phone_web_line_changed(phone, line->number);
	if (event->kind == FAILOVER_EVENT_ATTEMPT && event->method == FAILOVER_INVITE)
		phone_call_attempt(phone, line, event);
	if (event->kind == FAILOVER_EVENT_REGISTERED || event->kind == FAILOVER_EVENT_MOVED ||
	    event->kind == FAILOVER_EVENT_UNREGISTERED)
		phone_subscriptions_follow(phone, line);
	phone_line_touch(phone, line);
}

static void options_result_say(struct phone *phone, const struct phone_line *line,
			       const struct failover_result *result)
{
	char target[80];

	if (result->outcome != FAILOVER_OUTCOME_ANSWERED)
		return; /* the event says it */
	failover_target_text(&result->target, target, sizeof(target));
	phone_say(&phone->report, phone_now(phone), "line %u: OPTIONS answered by %s, %u",
		  (unsigned)line->number, target, (unsigned)result->status);
}

void phone_on_result(void *user, const struct failover_result *result)
{
	struct phone *phone = user;
	struct phone_line *line = phone_map_get(&phone->lines_by_id, result->line);

	if (!line)
		return;
	if (result->method == FAILOVER_INVITE || result->method == FAILOVER_BYE)
		phone_call_result(phone, result);
	if (result->method == FAILOVER_OPTIONS && !(result->flags & FAILOVER_ATTEMPT_KEEPALIVE))
		options_result_say(phone, line, result);
	phone_line_touch(phone, line);
}

void phone_on_log(void *user, uint32_t level, const char *text)
{
	char clean[512];

	(void)user;
	if (level <= FAILOVER_LOG_WARNING)
		fprintf(stderr, PHONE_PROGRAM ": %s\n",
			phone_text_clean(text, clean, sizeof(clean)));
}

const void *phone_on_get_extension(void *user, const char *id)
{
	struct phone *phone = user;

	if (strcmp(id, FAILOVER_EXT_TRACE) == 0)
		return phone_record_trace(phone->report.record);
	if (strcmp(id, FAILOVER_EXT_SUBSCRIPTION_EVENTS) == 0)
		return &phone->subscription_events;
	return strcmp(id, FAILOVER_EXT_CALL_EVENTS) == 0 ? &phone->call_events : NULL;
}

int phone_engine_open(struct phone *phone)
{
	struct failover_engine_params params = {
		.size = sizeof(params),
		.shared_health = phone->config->shared_health,
		.memory = failover_memory_default(),
	};
	int error;

	/* Lines come and go at `reload`: leave room for more addresses than there are now. */
	params.max_addresses = ADDRESSES_LEAST + phone->config->lines_count * 4;
	if (params.max_addresses > ADDRESSES_MOST) /* many lines have few servers between them */
		params.max_addresses = ADDRESSES_MOST;
	if (getrandom(&params.seed, sizeof(params.seed), 0) != (ssize_t)sizeof(params.seed))
		return FAILOVER_ERR_IO;
	error = failover_engine_new(&params, &phone->engine);
	if (!error)
		error = failover_dead_time(phone->engine, phone->config->dead_time_s);
	return error ? error : failover_move_limit(phone->engine, phone->config->moves_per_second);
}

struct failover_target phone_listen_at(const struct phone *phone)
{
	struct failover_target listen = phone->options.listen;

	if (!phone->options.listen_set)
		listen.family = phone->only_ipv4 ? 4 : 6;
	if (!phone->options.listen_port_set)
		listen.port = (uint16_t)phone->config->sip_port;
	return listen;
}

void phone_listen_say(struct phone *phone)
{
	struct failover_target local = { 0 };
	char text[80];

	if (!phone->ext_io || !phone->ext_io->local ||
	    phone->ext_io->local(phone->inst, FAILOVER_UDP, &local) != 0)
		return;
	phone_say(&phone->report, phone_now(phone), "%s listens at %s", phone->plugin->stack,
		  failover_target_text(&local, text, sizeof(text)));
}
