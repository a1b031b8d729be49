/* SPDX-License-Identifier: MIT */
/* plugin.c - the libre plugin: its descriptor, and its life. */
#define _GNU_SOURCE /* gettid */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "client.h"
#include "loop.h"
#include "message.h"
#include "transport.h"
#include "../../ua/net/transport.h"

/* ---- life --------------------------------------------------------------------------------- */

static void free_parts(struct fo_re *ua)
{
	ua_serving_clear(&ua->serving);
	ua_streams_close(&ua->streams);
	ua_clear(&ua->base);
	fo_re_transport_close(ua);
	free(ua);
}

static void re_close(void *inst)
{
	struct fo_re *ua = inst;

	ua_end(&ua->base);
	free_parts(ua);
}

/* ---- what the user agent wants ------------------------------------------------------------ */

static int stack_local(struct ua *base, const struct failover_target *target,
		       struct failover_target *out)
{
	return ua_transport_local(fo_re(base)->transport, target, out);
}

static int stack_send(struct ua *base, const struct failover_target *target, const char *bytes,
		      size_t count)
{
	return fo_re_send(fo_re(base), target, bytes, count);
}

static int stack_answer(struct ua *base, const struct failover_target *to, const char *via_port,
			const char *bytes, size_t count)
{
	return ua_streams_answer(&fo_re(base)->streams, to, via_port, bytes, count);
}

static const struct ua_stack stack = {
	.name = "libfailover-re",
	.client_size = sizeof(struct fo_re_client),
	.local = stack_local,
	.send = stack_send,
	.start = ua_transaction_start,
	.again = ua_transaction_again,
	.response = ua_transaction_response,
	.stop = fo_re_client_stop,
	.put = fo_re_client_put,
	.missing = fo_re_client_missing,
	.connect = fo_re_client_connect,
	.flow_local = fo_re_client_flow_local,
	.suspect = fo_re_client_suspect,
	.keep_flow = fo_re_client_keep_flow,
	.leave_flow = fo_re_client_leave_flow,
	.answer = stack_answer,
	.reply = ua_serving_reply,
	.reply_again = ua_serving_reply_again,
	.read = fo_re_read,
};

/* ---- open --------------------------------------------------------------------------------- */

static int re_open(const struct failover_host *host, const struct failover_open_params *params,
		   void **inst)
{
	struct fo_re *ua = calloc(1, sizeof(*ua));
	int error;

	if (!ua)
		return FAILOVER_ERR_MEMORY;
	ua->udp_fd = -1;
	ua->opened_by = gettid();
	ua->streams.ua = &ua->base;
	ua->streams.received = fo_re_received;
	error = fo_re_loop_open();
	if (!error)
		error = ua_init(&ua->base, &stack, host, params);
	if (!error)
		error = ua_serving_init(&ua->serving, &ua->base);
	if (!error)
		error = ua_streams_open(&ua->streams, params);
	if (!error)
		error = fo_re_transport_open(ua, &params->listen);
	ua->streams.transport = ua->transport;
	if (!error && ua_transport_listener(ua->transport) < 0)
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

static const void *re_get_extension(const char *id)
{
	return strcmp(id, FAILOVER_EXT_IO) ? ua_extension(id) : &fo_re_ext_io;
}

FAILOVER_PLUGIN_EXPORT extern const struct failover_plugin failover_plugin_entry;
const struct failover_plugin failover_plugin_entry = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(struct failover_plugin),
	.id = "re",
	.version = "0.1.0",
	.stack = "libre 1.1 to 4",
	.license = "MIT",
	.capabilities = FAILOVER_CAP_COUNTS_TRANSMISSIONS | FAILOVER_CAP_LIMITS_TRANSMISSIONS |
			FAILOVER_CAP_REPORTS_ICMP | FAILOVER_CAP_OWNS_RETRANSMISSION |
			FAILOVER_CAP_STOPS | FAILOVER_CAP_TCP | FAILOVER_CAP_TLS,
	.open = re_open,
	.close = re_close,
	.send = ua_send,
	.timeout = ua_timeout,
	.response = ua_result,
	.get_extension = re_get_extension,
};
UA_PLUGIN_ALIAS(failover_plugin_re);
