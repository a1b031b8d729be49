/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plugin.c - the belle-sip plugin: its descriptor, its life, and common helpers. */
#include <stdlib.h>
#include <string.h>
#include "../common/transport.h"
#include "../common/ua/transaction.h"
#include "authorize.h"
#include "channel.h"
#include "client.h"
#include "server.h"

#define SIP_PORT 5060
#define SIPS_PORT 5061

/* ---- helpers ------------------------------------------------------------------------------ */

/* RFC 3261 18.2.2: the connection of the request is gone, so one is opened to where it came from,
 * at the port of sent-by. By TLS only to a target of ours, whose configured name is verified. */
static int reopen(struct fo_belle *ua, const belle_sip_request_t *request,
		  const struct failover_target *from, const char *text)
{
	int is_tls = from->transport == FAILOVER_TLS;
	int port = belle_sip_header_via_get_port(
		fo_belle_message_via(BELLE_SIP_MESSAGE((void *)(uintptr_t)request)));
	struct fo_belle_stream_peer peer = { .target = *from, .name = "" };

	if (port < 0 || port > UINT16_MAX)
		return FAILOVER_ERR_ARGUMENT;
	peer.target.port = (uint16_t)(port ? port : is_tls ? SIPS_PORT : SIP_PORT);
	if (is_tls)
		peer.name = fo_ua_source_name(&ua->base, from);
	return peer.name ? fo_belle_stream_deliver(ua, &peer, text) : FAILOVER_ERR_UNSUPPORTED;
}

int fo_belle_transmit(struct fo_belle *ua, const belle_sip_request_t *request,
		      const struct failover_target *target, const char *text)
{
	int is_stream = fo_is_stream(target->transport);
	int error = is_stream ? fo_belle_stream_reply(ua, target, text)
			      : fo_transport_send(ua->transport, target, text, strlen(text));

	if (error && is_stream)
		error = reopen(ua, request, target, text);
	if (!error)
		ua->base.counters.sent++;
	return error;
}

/* ---- life --------------------------------------------------------------------------------- */

/* Left alone, belle-sip writes each header that it cannot read to standard error, with what is in
 * it. Its level is one for the process: a program that has changed it keeps its own. */
static void be_quiet(void)
{
	unsigned usual = BCTBX_LOG_WARNING | BCTBX_LOG_ERROR | BCTBX_LOG_FATAL;

	if (bctbx_get_log_level_mask(BELLE_SIP_LOG_DOMAIN) == usual)
		bctbx_set_log_level(BELLE_SIP_LOG_DOMAIN, BCTBX_LOG_FATAL);
}

static int make_tables(struct fo_belle *ua)
{
	uint64_t key[2];
	int error;

	if (ua->base.host->random(ua->base.host->ctx, key, sizeof(key)))
		return FAILOVER_ERR_IO;
	error = fo_map_init(&ua->servers, key);
	return error ? error : fo_map_init(&ua->streams.by_peer, key);
}

static void release(struct fo_belle *ua)
{
	fo_belle_servers_free(ua);
	fo_belle_streams_free(ua);
	fo_belle_channels_close(ua);
	fo_map_free(&ua->servers);
	fo_map_free(&ua->streams.by_peer);
	fo_ua_clear(&ua->base);
	fo_transport_close(ua->transport);
	free(ua);
}

static void bellesip_close(void *inst)
{
	struct fo_belle *ua = inst;

	fo_ua_end(&ua->base);
	release(ua);
}

/* ---- what the user agent wants ------------------------------------------------------------ */

static int stack_local(struct fo_ua *base, const struct failover_target *target,
		       struct failover_target *out)
{
	return fo_transport_local(fo_belle(base)->transport, target, out);
}

static int stack_send(struct fo_ua *base, const struct failover_target *target, const char *bytes,
		      size_t count)
{
	return fo_transport_send(fo_belle(base)->transport, target, bytes, count);
}

static const struct fo_stack stack = {
	.name = "libfailover-bellesip",
	.client_size = sizeof(struct fo_belle_client),
	.local = stack_local,
	.send = stack_send,
	.start = fo_belle_client_start,
	.again = fo_transaction_again,
	.response = fo_transaction_response,
	.stop = fo_belle_client_stop,
	.put = fo_belle_client_put,
	.missing = fo_belle_client_missing,
	.suspect = fo_belle_client_suspect,
	.keep_flow = fo_belle_client_keep_flow,
	.leave_flow = fo_belle_client_leave_flow,
	.reply = fo_belle_server_reply,
	.reply_again = fo_belle_server_reply_again,
	.authorize = fo_belle_authorize,
};

/* ---- open --------------------------------------------------------------------------------- */

static int bellesip_open(const struct failover_host *host,
			 const struct failover_open_params *params, void **inst)
{
	struct fo_belle *ua = calloc(1, sizeof(*ua));
	int error;

	if (!ua)
		return FAILOVER_ERR_MEMORY;
	be_quiet();
	error = fo_ua_init(&ua->base, &stack, host, params);
	if (!error)
		error = make_tables(ua);
	if (!error)
		error = fo_belle_channels_open(ua, params);
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

static const void *bellesip_get_extension(const char *id)
{
	return strcmp(id, FAILOVER_EXT_IO) ? fo_ua_extension(id) : &fo_belle_ext_io;
}

FAILOVER_PLUGIN_EXPORT extern const struct failover_plugin failover_plugin_entry;
const struct failover_plugin failover_plugin_entry = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(struct failover_plugin),
	.id = "bellesip",
	.version = "0.1.0",
	.stack = "belle-sip 5",
	.license = "GPL-3.0-or-later",
	.capabilities = FAILOVER_CAP_COUNTS_TRANSMISSIONS | FAILOVER_CAP_LIMITS_TRANSMISSIONS |
			FAILOVER_CAP_REPORTS_ICMP | FAILOVER_CAP_OWNS_RETRANSMISSION |
			FAILOVER_CAP_STOPS | FAILOVER_CAP_TCP | FAILOVER_CAP_TLS,
	.open = bellesip_open,
	.close = bellesip_close,
	.send = fo_ua_send,
	.timeout = fo_ua_timeout,
	.response = fo_ua_result,
	.get_extension = bellesip_get_extension,
};
