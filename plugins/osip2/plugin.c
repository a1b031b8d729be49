/* SPDX-License-Identifier: MIT */
/* plugin.c - the osip2 plugin: its descriptor, its life, and common helpers. */
#include <stdlib.h>
#include <string.h>
#include "../common/transport.h"
#include "client.h"
#include "osip2.h"
#include "server.h"
#include "stream.h"

#define SIP_PORT 5060u
#define SIPS_PORT 5061u

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

/* RFC 3261 18.2.2: the connection of the request is gone, so one is opened to where it came from,
 * at the port of sent-by. By TLS only to a target of ours, whose configured name is verified. */
static int reopen(struct fo_osip *ua, const struct failover_target *from,
		  const osip_message_t *response, const char *text, size_t length)
{
	const osip_via_t *via = osip_list_get(&response->vias, 0);
	uint32_t port = from->transport == FAILOVER_TLS ? SIPS_PORT : SIP_PORT;
	struct fo_stream_peer peer = { .target = *from, .name = "" };

	if (!via || (via->port && fo_text_number(via->port, UINT16_MAX, &port)) || !port)
		return FAILOVER_ERR_ARGUMENT;
	peer.target.port = (uint16_t)port;
	if (from->transport == FAILOVER_TLS)
		peer.name = fo_ua_source_name(&ua->base, from);
	if (!peer.name)
		return FAILOVER_ERR_UNSUPPORTED;
	return fo_stream_deliver(ua, &peer, text, length);
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
	if (error && fo_is_stream(target->transport))
		error = reopen(ua, target, message, text, length);
	if (!error)
		ua->base.counters.sent++;
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
	struct fo_map *const maps[] = { &ua->servers, &ua->streams.by_peer, &ua->streams.by_fd };
	uint64_t key[2];
	size_t i;
	int error = FAILOVER_OK;

	if (ua->base.host->random(ua->base.host->ctx, key, sizeof(key)))
		return FAILOVER_ERR_IO;
	for (i = 0; !error && i < sizeof(maps) / sizeof(maps[0]); i++)
		error = fo_map_init(maps[i], key);
	return error;
}

static void release(struct fo_osip *ua)
{
	fo_osip_servers_free(ua);
	fo_streams_free(ua);
	fo_map_free(&ua->servers);
	fo_map_free(&ua->streams.by_peer);
	fo_map_free(&ua->streams.by_fd);
	fo_ua_clear(&ua->base);
	if (ua->stack)
		osip_release(ua->stack);
	fo_transport_close(ua->transport);
	free(ua);
}

static void osip2_close(void *inst)
{
	struct fo_osip *ua = inst;

	fo_ua_end(&ua->base);
	release(ua);
}

/* ---- what the user agent wants ------------------------------------------------------------ */

static int stack_local(struct fo_ua *base, const struct failover_target *target,
		       struct failover_target *out)
{
	return fo_transport_local(fo_osip(base)->transport, target, out);
}

static int stack_send(struct fo_ua *base, const struct failover_target *target, const char *bytes,
		      size_t count)
{
	return fo_transport_send(fo_osip(base)->transport, target, bytes, count);
}

static const struct fo_stack stack = {
	.name = "libfailover-osip2",
	.client_size = sizeof(struct fo_osip_client),
	.local = stack_local,
	.send = stack_send,
	.start = fo_osip_client_start,
	.again = fo_osip_client_again,
	.response = fo_osip_client_response,
	.stop = fo_osip_client_stop,
	.put = fo_osip_client_put,
	.missing = fo_osip_client_missing,
	.suspect = fo_osip_client_suspect,
	.keep_flow = fo_osip_client_keep_flow,
	.leave_flow = fo_osip_client_leave_flow,
	.reply = fo_osip_server_reply,
	.reply_again = fo_osip_server_reply_again,
};

/* ---- open --------------------------------------------------------------------------------- */

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
	struct fo_osip *ua = calloc(1, sizeof(*ua));
	int error;

	if (!ua)
		return FAILOVER_ERR_MEMORY;
	error = fo_ua_init(&ua->base, &stack, host, params);
	if (!error)
		error = make_tables(ua);
	if (!error)
		error = start_stack(ua);
	if (!error)
		error = open_tls(ua, params);
	if (!error)
		error = fo_transport_open(&params->listen, &ua->transport);
	if (!error && fo_transport_listener(ua->transport) < 0)
		fo_ua_log(&ua->base, FAILOVER_LOG_WARNING,
			  "another program has the TCP port: no connections come in");
	if (error) {
		release(ua);
		return error;
	}
	*inst = ua;
	return FAILOVER_OK;
}

/* ---- descriptor --------------------------------------------------------------------------- */

static const void *osip2_get_extension(const char *id)
{
	return strcmp(id, FAILOVER_EXT_IO) ? fo_ua_extension(id) : &fo_osip_ext_io;
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
	.send = fo_ua_send,
	.timeout = fo_ua_timeout,
	.response = fo_ua_result,
	.get_extension = osip2_get_extension,
};
