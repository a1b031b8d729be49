/* SPDX-License-Identifier: MIT */
/* plugin.c - the osip2 plugin: its descriptor, the three hooks, its life, and common helpers. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "account.h"
#include "call.h"
#include "client.h"
#include "osip2.h"
#include "request.h"
#include "server.h"
#include "stream.h"
#include "transport.h"

/* ---- helpers ------------------------------------------------------------------------------ */

int fo_osip_token(struct fo_osip *ua, char out[FO_TOKEN])
{
	unsigned char bytes[(FO_TOKEN - 1) / 2];
	size_t i;

	if (ua->host->random(ua->host->ctx, bytes, sizeof(bytes)))
		return FAILOVER_ERR_IO;
	for (i = 0; i < sizeof(bytes); i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return FAILOVER_OK;
}

void fo_osip_log(struct fo_osip *ua, uint32_t level, const char *format, ...)
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

int fo_osip_has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return 1;
	return 0;
}

int fo_osip_number(const char *text, uint32_t most, uint32_t *out)
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

int fo_osip_transmit(struct fo_osip *ua, const struct failover_target *target,
		     osip_message_t *message)
{
	char *text = NULL;
	size_t length = 0;
	int error;

	if (osip_message_to_str(message, &text, &length))
		return FAILOVER_ERR_MEMORY;
	error = fo_is_stream(target->transport)
			? fo_stream_reply(ua, target, text, length)
			: fo_transport_send(ua->transport, target, text, length);
	if (!error)
		ua->counters.sent++;
	osip_free(text);
	return error;
}

/* ---- life --------------------------------------------------------------------------------- */

static int on_send(osip_transaction_t *fsm, osip_message_t *message, char *host, int port,
		   int out_socket)
{
	(void)host, (void)port, (void)out_socket; /* the target is the transaction's own (B1a) */
	switch (fsm->ctx_type) {
	case ICT:
	case NICT:
		return fo_osip_client_send(osip_transaction_get_your_instance(fsm), message);
	case IST:
	case NIST:
		return fo_osip_server_send(osip_transaction_get_your_instance(fsm), message);
	}
	return -1;
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

static int make_tables(struct fo_osip *ua)
{
	struct fo_map *const maps[] = { &ua->clients,	      &ua->attempts,	 &ua->peers,
					&ua->accounts,	      &ua->users,	 &ua->sources,
					&ua->calls,	      &ua->dialogs,	 &ua->servers,
					&ua->streams.by_peer, &ua->streams.by_fd };
	uint64_t key[2];
	size_t i;
	int error = FAILOVER_OK;

	if (ua->host->random(ua->host->ctx, key, sizeof(key)))
		return FAILOVER_ERR_IO;
	for (i = 0; !error && i < sizeof(maps) / sizeof(maps[0]); i++)
		error = fo_map_init(maps[i], key);
	return error;
}

static void free_tables(struct fo_osip *ua)
{
	fo_map_free(&ua->clients);
	fo_map_free(&ua->attempts);
	fo_map_free(&ua->peers);
	fo_map_free(&ua->accounts);
	fo_map_free(&ua->users);
	fo_map_free(&ua->sources);
	fo_map_free(&ua->calls);
	fo_map_free(&ua->dialogs);
	fo_map_free(&ua->servers);
	fo_map_free(&ua->streams.by_peer);
	fo_map_free(&ua->streams.by_fd);
	fo_timers_free(&ua->timers);
}

static void log_counters(struct fo_osip *ua)
{
	const struct fo_counters *is = &ua->counters;

	fo_osip_log(ua, FAILOVER_LOG_DEBUG,
		    "messages: %llu in, %llu out, %llu keep-alive, %llu garbage, %llu unmatched, "
		    "%llu not from a target, %llu over a limit, %llu ICMP, %llu connections",
		    (unsigned long long)is->received, (unsigned long long)is->sent,
		    (unsigned long long)is->keepalives, (unsigned long long)is->garbage,
		    (unsigned long long)is->unmatched, (unsigned long long)is->foreign,
		    (unsigned long long)is->refused, (unsigned long long)is->icmp,
		    (unsigned long long)is->connections);
}

static void osip2_close(void *inst)
{
	struct fo_osip *ua = inst;

	if (ua->transport)
		log_counters(ua);
	fo_osip_clients_free(ua);
	fo_osip_calls_drop(ua, 0);
	fo_osip_servers_free(ua);
	fo_streams_free(ua);
	fo_osip_accounts_free(ua);
	free_tables(ua);
	if (ua->stack)
		osip_release(ua->stack);
	fo_transport_close(ua->transport);
	free(ua);
}

/* Files that cannot be used are told at once; without any, the system's certificates are read when
 * the first TLS connection is made. */
static int open_tls(struct fo_osip *ua, const struct failover_open_params *params)
{
	ua->streams.tls_verify = params->tls_verify;
	if (!params->tls_ca_file && !params->tls_cert_file)
		return FAILOVER_OK;
	ua->streams.tls = fo_streams_tls(ua, params->tls_ca_file, params->tls_cert_file,
					 params->tls_key_file);
	return ua->streams.tls ? FAILOVER_OK : FAILOVER_ERR_ARGUMENT;
}

static int osip2_open(const struct failover_host *host, const struct failover_open_params *params,
		      void **inst)
{
	struct fo_osip *ua;
	const char *agent;
	int error;

	if (host->size < sizeof(*host) || params->size < sizeof(*params))
		return FAILOVER_ERR_ARGUMENT;
	agent = params->user_agent;
	if (agent && fo_osip_has_control(agent))
		return FAILOVER_ERR_ARGUMENT;
	ua = calloc(1, sizeof(*ua));
	if (!ua)
		return FAILOVER_ERR_MEMORY;
	ua->host = host;
	ua->accept_any = params->accept_any != 0;
	ua->events = host->get_extension ? host->get_extension(host->ctx, FAILOVER_EXT_CALL_EVENTS)
					 : NULL;
	snprintf(ua->user_agent, sizeof(ua->user_agent), "%s", agent ? agent : "libfailover-osip2");
	error = make_tables(ua);
	if (!error)
		error = start_stack(ua);
	if (!error)
		error = open_tls(ua, params);
	if (!error)
		error = fo_transport_open(&params->listen, &ua->transport);
	if (!error && fo_transport_listener(ua->transport) < 0)
		fo_osip_log(ua, FAILOVER_LOG_WARNING,
			    "another program has the TCP port: no connections come in");
	if (error) {
		osip2_close(ua);
		return error;
	}
	*inst = ua;
	return FAILOVER_OK;
}

/* ---- hooks -------------------------------------------------------------------------------- */

static int osip2_send(void *inst, const struct failover_attempt *attempt)
{
	return fo_osip_request_send(inst, attempt);
}

static int osip2_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	struct fo_client *client = fo_osip_client_of(inst, attempt);

	if (client)
		fo_osip_client_abandon(client, reason);
	return FAILOVER_OK;
}

/* Nothing is kept for a request: its transactions end by themselves, its call by the application.
 */
static void osip2_response(void *inst, const struct failover_result *result)
{
	(void)inst, (void)result;
}

static const void *osip2_get_extension(const char *id)
{
	if (!strcmp(id, FAILOVER_EXT_LINE))
		return &fo_osip_ext_line;
	if (!strcmp(id, FAILOVER_EXT_CALL))
		return &fo_osip_ext_call;
	return strcmp(id, FAILOVER_EXT_IO) ? NULL : &fo_osip_ext_io;
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
	.send = osip2_send,
	.timeout = osip2_timeout,
	.response = osip2_response,
	.get_extension = osip2_get_extension,
};
