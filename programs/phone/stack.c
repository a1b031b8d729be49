/* SPDX-License-Identifier: MIT */
/* stack.c - the plugin that sends. */
#include "phone.h"

#include <errno.h>
#include <string.h>

static uint64_t on_now(void *user)
{
	const struct phone *phone = user;

	return phone_loop_clock(phone->loop);
}

static const void *on_get_extension(void *user, const char *id)
{
	return strcmp(id, FAILOVER_EXT_WAKEUP) == 0 ? phone_wakeup_offer(user)
						    : phone_on_get_extension(user, id);
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
		.event = phone_on_event,
		.result = phone_on_result,
		.log = phone_on_log,
		.get_extension = on_get_extension,
	};

	snprintf(user_agent, sizeof(user_agent), PHONE_PROGRAM "/%s", failover_version());
	params.open.size = sizeof(params.open);
	params.open.accept_any = config->accept_from.any;
	params.open.listen = phone_listen_at(phone);
	params.open.user_agent = user_agent;
	params.open.device = text_or_null(config->device);
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
	phone->ext_subscription =
		failover_stack_extension(phone->stack, FAILOVER_EXT_SUBSCRIPTION);
	if (phone->ext_line)
		return 0;
	fprintf(stderr,
		PHONE_PROGRAM ": stack %s cannot be used: it has no " FAILOVER_EXT_LINE "\n",
		phone->plugin->id);
	return -1;
}

static int plugin_load(struct phone *phone)
{
	const char *name = phone->options.stack ? phone->options.stack : phone->config->stack;
	char why[256] = "";
	int error;

	error = failover_plugin_load(name, phone->options.plugin_dir, &phone->plugin,
				     &phone->plugin_handle, why, sizeof(why));
	if (error != 0)
		fprintf(stderr, PHONE_PROGRAM ": stack %s: %s\n", name,
			*why ? why : failover_strerror(error));
	return error;
}

int phone_stack_claims(const struct phone_options *options)
{
	static const struct {
		uint64_t capability;
		const char *word;
	} claims[] = {
		{ FAILOVER_CAP_COUNTS_TRANSMISSIONS, "counts-transmissions" },
		{ FAILOVER_CAP_LIMITS_TRANSMISSIONS, "limits-transmissions" },
		{ FAILOVER_CAP_REPORTS_ICMP, "reports-icmp" },
		{ FAILOVER_CAP_OWNS_RETRANSMISSION, "owns-retransmission" },
		{ FAILOVER_CAP_STOPS, "stops" },
		{ FAILOVER_CAP_TCP, "tcp" },
		{ FAILOVER_CAP_TLS, "tls" },
		{ FAILOVER_CAP_OWN_THREAD, "own-thread" },
		{ FAILOVER_CAP_VIRTUAL_TIME, "virtual-time" },
	};
	struct phone phone = { .options = *options };

	if (plugin_load(&phone) != 0)
		return 1;
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		if (phone.plugin->capabilities & claims[i].capability)
			puts(claims[i].word);
	}
	failover_plugin_unload(phone.plugin_handle);
	return 0;
}

int phone_stack_open(struct phone *phone)
{
	char listen[80];
	struct failover_target at;
	int error;

	phone_call_events_set(phone);
	phone_subscription_events_set(phone);
	if (plugin_load(phone) != 0)
		return -1;
	error = phone_engine_open(phone);
	if (error != 0) {
		fprintf(stderr, PHONE_PROGRAM ": engine: %s\n", failover_strerror(error));
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
		at = phone_listen_at(phone);
		fprintf(stderr, PHONE_PROGRAM ": stack %s at %s: %s\n", phone->plugin->id,
			failover_target_text(&at, listen, sizeof(listen)),
			errno ? strerror(errno) : failover_strerror(error));
		return -1;
	}
	if (extensions_get(phone) != 0)
		return -1;
	phone_listen_say(phone);
	return 0;
}

void phone_stack_close(struct phone *phone)
{
	failover_stack_close(phone->stack);
	phone_wakeup_close(phone);
	failover_engine_free(phone->engine);
	failover_plugin_unload(phone->plugin_handle);
	phone->stack = NULL;
	phone->engine = NULL;
	phone->plugin_handle = NULL;
}

void phone_stack_turn(struct phone *phone)
{
	failover_dispatch(phone->stack);
}

uint64_t phone_now(const struct phone *phone)
{
	return phone->stack ? failover_stack_now(phone->stack) : phone_loop_clock(phone->loop);
}

json_t *phone_stack_counters(const struct phone *phone)
{
	(void)phone;
	return NULL;
}
