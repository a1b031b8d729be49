/* SPDX-License-Identifier: MIT */
/* stack.c - the engine, the plugin and the callbacks of both. */
#include "phone.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define ADDRESSES_LEAST 1024u

static uint64_t on_now(void *user)
{
	(void)user;
	return phone_loop_clock();
}

static void on_event(void *user, const struct failover_event *event)
{
	struct phone *phone = user;
	struct phone_line *line = phone_map_get(&phone->lines_by_id, event->line);
	char where[96] = "";

	if (line)
		phone_line_where(line, &event->target, where, sizeof(where));
	phone_report_event(&phone->report, line ? line->number : 0, where, event);
	if (!line)
		return;
	if (event->kind == FAILOVER_EVENT_ATTEMPT && event->method == FAILOVER_INVITE)
		phone_call_attempt(phone, line, event);
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

static void on_result(void *user, const struct failover_result *result)
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

static void on_log(void *user, uint32_t level, const char *text)
{
	char clean[512];

	(void)user;
	if (level <= FAILOVER_LOG_WARNING)
		fprintf(stderr, "failover-phone: %s\n",
			phone_text_clean(text, clean, sizeof(clean)));
}

static const void *on_get_extension(void *user, const char *id)
{
	struct phone *phone = user;

	return strcmp(id, FAILOVER_EXT_CALL_EVENTS) == 0 ? &phone->call_events : NULL;
}

static int engine_open(struct phone *phone)
{
	struct failover_engine_params params = {
		.size = sizeof(params),
		.shared_health = phone->config->shared_health,
		.memory = failover_memory_default(),
	};

	/* Lines come and go at `reload`: leave room for more addresses than there are now. */
	params.max_addresses = ADDRESSES_LEAST + phone->config->lines_count * 4;
	if (getrandom(&params.seed, sizeof(params.seed), 0) != (ssize_t)sizeof(params.seed))
		return FAILOVER_ERR_IO;
	return failover_engine_new(&params, &phone->engine);
}

/* Where to listen: the address given or all of them; the port given or the configured one. */
static struct failover_target listen_at(const struct phone *phone)
{
	struct failover_target listen = phone->options.listen;

	if (!phone->options.listen_set)
		listen.family = phone->only_ipv4 ? 4 : 6;
	if (!phone->options.listen_port_set)
		listen.port = (uint16_t)phone->config->sip_port;
	return listen;
}

static const char *text_or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static int stack_open(struct phone *phone)
{
	const struct failover_config *config = phone->config;
	char user_agent[64];
	struct failover_stack_params params = {
		.size = sizeof(params),
		.engine = phone->engine,
		.user = phone,
		.now = on_now,
		.event = on_event,
		.result = on_result,
		.log = on_log,
		.get_extension = on_get_extension,
	};

	snprintf(user_agent, sizeof(user_agent), "failover-phone/%s", failover_version());
	params.open.size = sizeof(params.open);
	params.open.accept_any = config->accept_from.any;
	params.open.listen = listen_at(phone);
	params.open.user_agent = user_agent;
	params.open.tls_ca_file = text_or_null(config->tls_ca_file);
	params.open.tls_cert_file = text_or_null(config->tls_cert_file);
	params.open.tls_key_file = text_or_null(config->tls_key_file);
	params.open.tls_verify = config->tls_verify;
	params.open.accept = config->accept_from.network;
	params.open.accept_count = config->accept_from.count;
	return failover_stack_open(phone->plugin, &params, &phone->stack);
}

static int extensions_get(struct phone *phone)
{
	phone->inst = failover_stack_instance(phone->stack);
	phone->ext_line = failover_stack_extension(phone->stack, FAILOVER_EXT_LINE);
	phone->ext_call = failover_stack_extension(phone->stack, FAILOVER_EXT_CALL);
	phone->ext_io = failover_stack_extension(phone->stack, FAILOVER_EXT_IO);
	if (phone->ext_line)
		return 0;
	fprintf(stderr,
		"failover-phone: stack %s cannot be used: it has no " FAILOVER_EXT_LINE "\n",
		phone->plugin->id);
	return -1;
}

static void listen_say(struct phone *phone)
{
	struct failover_target local = { 0 };
	char text[80];

	if (!phone->ext_io || !phone->ext_io->local ||
	    phone->ext_io->local(phone->inst, FAILOVER_UDP, &local) != 0)
		return;
	phone_say(&phone->report, phone_now(phone), "%s listens at %s", phone->plugin->stack,
		  failover_target_text(&local, text, sizeof(text)));
}

static int plugin_load(struct phone *phone)
{
	const char *name = phone->options.stack ? phone->options.stack : phone->config->stack;
	char why[256] = "";
	int error;

	error = failover_plugin_load(name, phone->options.plugin_dir, &phone->plugin,
				     &phone->plugin_handle, why, sizeof(why));
	if (error != 0)
		fprintf(stderr, "failover-phone: stack %s: %s\n", name,
			*why ? why : failover_strerror(error));
	return error;
}

int phone_stack_open(struct phone *phone)
{
	char listen[80];
	struct failover_target at;
	int error;

	phone_call_events_set(phone);
	if (plugin_load(phone) != 0)
		return -1;
	error = engine_open(phone);
	if (error != 0) {
		fprintf(stderr, "failover-phone: engine: %s\n", failover_strerror(error));
		return -1;
	}
	errno = 0;
	error = stack_open(phone);
	if (error != 0 && !phone->options.listen_set) {
		phone->only_ipv4 = 1; /* no IPv6 in this system, or not both in this stack */
		errno = 0;
		error = stack_open(phone);
	}
	if (error != 0) {
		at = listen_at(phone);
		fprintf(stderr, "failover-phone: stack %s at %s: %s\n", phone->plugin->id,
			failover_target_text(&at, listen, sizeof(listen)),
			errno ? strerror(errno) : failover_strerror(error));
		return -1;
	}
	if (extensions_get(phone) != 0)
		return -1;
	listen_say(phone);
	return 0;
}

void phone_stack_close(struct phone *phone)
{
	failover_stack_close(phone->stack);
	failover_engine_free(phone->engine);
	failover_plugin_unload(phone->plugin_handle);
	phone->stack = NULL;
	phone->engine = NULL;
	phone->plugin_handle = NULL;
}
