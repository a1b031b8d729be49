/* SPDX-License-Identifier: MIT */
/* plugin.c - the libre plugin: its descriptor, its life, and common helpers. */
#include <stdlib.h>
#include <string.h>
#include "client.h"
#include "response.h"
#include "server.h"
#include "stream.h"
#include "transport.h"

/* ---- helpers ------------------------------------------------------------------------------ */

int fo_re_transmit(struct fo_re *ua, const struct failover_target *target,
		   const struct sip_msg *request, struct mbuf *text)
{
	unsigned port = sa_port(&request->via.addr);
	char digits[8];
	int error;

	(void)re_snprintf(digits, sizeof(digits), "%u", port);
	error = fo_is_stream(target->transport)
			? fo_streams_answer(&ua->streams, target, port ? digits : NULL,
					    (const char *)mbuf_buf(text), mbuf_get_left(text))
			: fo_re_transport_send(ua->transport, target, text);
	if (!error)
		ua->base.counters.sent++;
	return error;
}

/* ---- life --------------------------------------------------------------------------------- */

static void release(struct fo_re *ua)
{
	fo_re_servers_free(ua);
	fo_re_streams_close(ua);
	fo_re_transport_close(ua->transport);
	fo_map_free(&ua->servers);
	fo_ua_clear(&ua->base);
	fo_re_loop_close(&ua->loop);
	free(ua);
}

static void re_close(void *inst)
{
	struct fo_re *ua = inst;

	fo_ua_end(&ua->base);
	release(ua);
}

static int make_tables(struct fo_re *ua)
{
	uint64_t key[2];

	if (ua->base.host->random(ua->base.host->ctx, key, sizeof(key)))
		return FAILOVER_ERR_IO;
	return fo_map_init(&ua->servers, key);
}

/* ---- what the user agent wants ------------------------------------------------------------ */

static int stack_local(struct fo_ua *base, const struct failover_target *target,
		       struct failover_target *out)
{
	return fo_re_transport_local(fo_re(base)->transport, target, out);
}

static int stack_send(struct fo_ua *base, const struct failover_target *target, const char *bytes,
		      size_t count)
{
	struct mbuf *text = fo_re_buffer(bytes, count);
	int error = FAILOVER_ERR_MEMORY;

	if (text)
		error = fo_re_transport_send(fo_re(base)->transport, target, text);
	mem_deref(text);
	return error;
}

static const struct fo_stack stack = {
	.name = "libfailover-re",
	.client_size = sizeof(struct fo_re_client),
	.local = stack_local,
	.send = stack_send,
	.start = fo_transaction_start,
	.again = fo_transaction_again,
	.response = fo_transaction_response,
	.stop = fo_re_client_stop,
	.put = fo_re_client_put,
	.missing = fo_re_client_missing,
	.suspect = fo_re_client_suspect,
	.keep_flow = fo_re_client_keep_flow,
	.leave_flow = fo_re_client_leave_flow,
	.reply = fo_re_server_reply,
	.reply_again = fo_re_server_reply_again,
	.authorize = fo_re_client_authorize,
};

/* ---- open --------------------------------------------------------------------------------- */

static int re_open(const struct failover_host *host, const struct failover_open_params *params,
		   void **inst)
{
	struct fo_re *ua = calloc(1, sizeof(*ua));
	int error;

	if (!ua)
		return FAILOVER_ERR_MEMORY;
	error = fo_re_loop_open(&ua->loop);
	if (!error)
		error = fo_ua_init(&ua->base, &stack, host, params);
	if (!error)
		error = make_tables(ua);
	if (!error)
		error = fo_re_streams_open(ua, params);
	if (!error)
		error = fo_re_transport_open(ua, &params->listen);
	if (!error && !fo_re_transport_listener(ua->transport))
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

static const void *re_get_extension(const char *id)
{
	return strcmp(id, FAILOVER_EXT_IO) ? fo_ua_extension(id) : &fo_re_ext_io;
}

FAILOVER_PLUGIN_EXPORT extern const struct failover_plugin failover_plugin_entry;
const struct failover_plugin failover_plugin_entry = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(struct failover_plugin),
	.id = "re",
	.version = "0.1.0",
	.stack = "libre 1.1",
	.license = "MIT",
	.capabilities = FAILOVER_CAP_COUNTS_TRANSMISSIONS | FAILOVER_CAP_LIMITS_TRANSMISSIONS |
			FAILOVER_CAP_REPORTS_ICMP | FAILOVER_CAP_OWNS_RETRANSMISSION |
			FAILOVER_CAP_STOPS | FAILOVER_CAP_TCP | FAILOVER_CAP_TLS,
	.open = re_open,
	.close = re_close,
	.send = fo_ua_send,
	.timeout = fo_ua_timeout,
	.response = fo_ua_result,
	.get_extension = re_get_extension,
};
