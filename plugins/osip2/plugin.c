/* SPDX-License-Identifier: MIT */
/* plugin.c - the osip2 plugin: its descriptor, its life, and common helpers. */
#include <stdlib.h>
#include <string.h>
#include "client.h"
#include "message.h"
#include "osip2.h"

/* ---- helpers ------------------------------------------------------------------------------ */

osip_event_t *fo_osip_event(type_t type, osip_message_t *message)
{
	osip_event_t *event = osip_malloc(sizeof(*event));

	if (event)
		*event = (osip_event_t){ .type = type, .sip = message };
	return event;
}

osip_transaction_t *fo_osip_transaction(struct fo_osip *ua, osip_fsm_type_t type,
					osip_message_t *message, void *owner)
{
	osip_transaction_t *fsm = NULL;

	if (osip_transaction_init(&fsm, type, ua->stack, message))
		return NULL;
	/* Out of libosip2's list, which every new entry is walked along; we have tables. */
	osip_remove_transaction(ua->stack, fsm);
	osip_transaction_set_your_instance(fsm, owner);
	return fsm;
}

/* ---- life --------------------------------------------------------------------------------- */

static int on_send(osip_transaction_t *fsm, osip_message_t *message, char *host, int port,
		   int out_socket)
{
	(void)host, (void)port, (void)out_socket; /* the target is the transaction's own (B1a) */
	return fo_osip_client_send(osip_transaction_get_your_instance(fsm), message);
}

static void on_kill(int type, osip_transaction_t *fsm)
{
	(void)type, (void)fsm; /* the state says so; its owner frees it later */
}

/* Left alone, libosip2 writes each datagram that it cannot read to standard output. Its tracing is
 * one for the process: a program that has switched it on itself keeps it. */
static void be_quiet(void)
{
	int level;

	for (level = TRACE_LEVEL0; level < END_TRACE_LEVEL; level++)
		if (osip_is_trace_level_activate((osip_trace_level_t)level))
			return;
	osip_trace_initialize(TRACE_LEVEL0, NULL);
	osip_trace_disable_level(TRACE_LEVEL0);
}

static int start_stack(struct fo_osip *ua)
{
	int type;

	if (osip_init(&ua->stack)) {
		ua->stack = NULL;
		return FAILOVER_ERR_MEMORY;
	}
	be_quiet();
	osip_set_cb_send_message(ua->stack, on_send);
	for (type = 0; type < OSIP_KILL_CALLBACK_COUNT; type++)
		osip_set_kill_transaction_callback(ua->stack, type, on_kill);
	fo_osip_client_callbacks(ua->stack);
	return FAILOVER_OK;
}

static void free_parts(struct fo_osip *ua)
{
	ua_adapter_close(&ua->base);
	if (ua->stack)
		osip_release(ua->stack);
	free(ua);
}

static void osip2_close(void *inst)
{
	struct fo_osip *ua = inst;

	ua_end(&ua->base.base);
	free_parts(ua);
}

static const struct ua_stack stack = {
	.name = "libfailover-osip2",
	.client_size = sizeof(struct fo_osip_client),
	UA_ADAPTER_STACK,
	.start = fo_osip_client_start,
	.again = fo_osip_client_again,
	.response = fo_osip_client_response,
	.stop = fo_osip_client_stop,
	.read = fo_osip_read,
};

static int osip2_open(const struct failover_host *host, const struct failover_open_params *params,
		      void **inst)
{
	struct fo_osip *ua = calloc(1, sizeof(*ua));
	int error;

	if (!ua)
		return FAILOVER_ERR_MEMORY;
	error = ua_adapter_open(&ua->base, &stack, host, params);
	if (!error)
		error = start_stack(ua);
	if (error)
		free_parts(ua);
	else
		*inst = ua;
	return error;
}

/* ---- descriptor --------------------------------------------------------------------------- */

static const void *osip2_get_extension(const char *id)
{
	return strcmp(id, FAILOVER_EXT_IO) ? ua_extension(id) : &ua_adapter_ext_io;
}

FAILOVER_PLUGIN_EXPORT extern const struct failover_plugin failover_plugin_entry;
const struct failover_plugin failover_plugin_entry = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(struct failover_plugin),
	.id = "osip2",
	.version = "0.1.0",
	.stack = "libosip2 5",
	.license = "MIT",
	.capabilities = FAILOVER_CAP_COUNTS_TRANSMISSIONS | FAILOVER_CAP_LIMITS_TRANSMISSIONS |
			FAILOVER_CAP_REPORTS_ICMP | FAILOVER_CAP_OWNS_RETRANSMISSION |
			FAILOVER_CAP_STOPS | FAILOVER_CAP_TCP | FAILOVER_CAP_TLS,
	.open = osip2_open,
	.close = osip2_close,
	.send = ua_send,
	.timeout = ua_timeout,
	.response = ua_result,
	.get_extension = osip2_get_extension,
};
UA_PLUGIN_ALIAS(failover_plugin_osip2);
