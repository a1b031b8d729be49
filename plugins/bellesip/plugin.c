/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plugin.c - the belle-sip plugin: its descriptor, and its life. */
#include <stdlib.h>
#include <string.h>
#include "../../ua/net/transport.h"
#include "../../ua/transaction.h"
#include "authorize.h"
#include "client.h"
#include "message.h"

/* ---- life --------------------------------------------------------------------------------- */

/* Left alone, belle-sip writes each header that it cannot read to standard error, with what is in
 * it. Its level is one for the process: a program that has changed it keeps its own. */
static void be_quiet(void)
{
	unsigned usual = BCTBX_LOG_WARNING | BCTBX_LOG_ERROR | BCTBX_LOG_FATAL;

	if (bctbx_get_log_level_mask(BELLE_SIP_LOG_DOMAIN) == usual)
		bctbx_set_log_level(BELLE_SIP_LOG_DOMAIN, BCTBX_LOG_FATAL);
}

static void free_parts(struct fo_belle *ua)
{
	ua_serving_clear(&ua->serving);
	ua_streams_close(&ua->streams);
	ua_clear(&ua->base);
	ua_transport_close(ua->pump.transport);
	free(ua);
}

static void bellesip_close(void *inst)
{
	struct fo_belle *ua = inst;

	ua_end(&ua->base);
	free_parts(ua);
}

/* ---- what the user agent wants ------------------------------------------------------------ */

static int stack_local(struct ua *base, const struct failover_target *target,
		       struct failover_target *out)
{
	return ua_transport_local(fo_belle(base)->pump.transport, target, out);
}

static int stack_send(struct ua *base, const struct failover_target *target, const char *bytes,
		      size_t count)
{
	return ua_transport_send(fo_belle(base)->pump.transport, target, bytes, count);
}

static int stack_answer(struct ua *base, const struct failover_target *to, const char *via_port,
			const char *bytes, size_t count)
{
	return ua_streams_answer(&fo_belle(base)->streams, to, via_port, bytes, count);
}

static const struct ua_stack stack = {
	.name = "libfailover-bellesip",
	.client_size = sizeof(struct fo_belle_client),
	.local = stack_local,
	.send = stack_send,
	.start = ua_transaction_start,
	.again = ua_transaction_again,
	.response = ua_transaction_response,
	.stop = fo_belle_client_stop,
	.put = fo_belle_client_put,
	.missing = fo_belle_client_missing,
	.connect = fo_belle_client_connect,
	.flow_local = fo_belle_client_flow_local,
	.suspect = fo_belle_client_suspect,
	.keep_flow = fo_belle_client_keep_flow,
	.leave_flow = fo_belle_client_leave_flow,
	.answer = stack_answer,
	.reply = ua_serving_reply,
	.reply_again = ua_serving_reply_again,
	.read = fo_belle_read,
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
	ua->pump.ua = ua->streams.ua = &ua->base;
	ua->pump.received = ua->streams.received = fo_belle_received;
	error = ua_init(&ua->base, &stack, host, params);
	if (!error)
		error = ua_serving_init(&ua->serving, &ua->base);
	if (!error)
		error = ua_streams_open(&ua->streams, params);
	if (!error)
		error = ua_transport_open(&params->listen, &ua->pump.transport);
	ua->streams.transport = ua->pump.transport;
	if (!error && ua_transport_listener(ua->pump.transport) < 0)
		ua_log(&ua->base, FAILOVER_LOG_WARNING,
		       "another program has the TCP port: no connections come in");
	if (error) {
		free_parts(ua);
		return error;
	}
	*inst = ua;
	return FAILOVER_OK;
}

/* ---- descriptor --------------------------------------------------------------------------- */

static const void *bellesip_get_extension(const char *id)
{
	return strcmp(id, FAILOVER_EXT_IO) ? ua_extension(id) : &fo_belle_ext_io;
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
	.send = ua_send,
	.timeout = ua_timeout,
	.response = ua_result,
	.get_extension = bellesip_get_extension,
};
UA_PLUGIN_ALIAS(failover_plugin_bellesip);
