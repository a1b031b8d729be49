/* SPDX-License-Identifier: MIT */
/* plugin.c - the sofia plugin: its descriptor and its life. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sofia-sip/su_log.h>
#include "../../ua/net/transport.h"
#include "client.h"
#include "message.h"
#include "transport.h"

/* ---- life --------------------------------------------------------------------------------- */

static void free_parts(struct fo_sofia *ua)
{
	ua_serving_clear(&ua->serving);
	ua_streams_close(&ua->streams);
	ua_clear(&ua->base);
	fo_sofia_transport_close(ua);
	if (ua->sentinel_at > 0)
		(void)su_root_deregister(ua->root, ua->sentinel_at);
	if (ua->root)
		su_root_destroy(ua->root);
	if (ua->sentinel >= 0)
		close(ua->sentinel);
	free(ua);
}

static void sofia_close(void *inst)
{
	struct fo_sofia *ua = inst;

	ua_end(&ua->base);
	free_parts(ua);
}

/* ---- what the user agent wants ------------------------------------------------------------ */

static int stack_local(struct ua *base, const struct failover_target *target,
		       struct failover_target *out)
{
	return ua_transport_local(fo_sofia(base)->transport, target, out);
}

static int stack_send(struct ua *base, const struct failover_target *target, const char *bytes,
		      size_t count)
{
	return fo_sofia_send(fo_sofia(base), target, bytes, count);
}

static int stack_answer(struct ua *base, const struct failover_target *to, const char *via_port,
			const char *bytes, size_t count)
{
	return ua_streams_answer(&fo_sofia(base)->streams, to, via_port, bytes, count);
}

static const struct ua_stack stack = {
	.name = "libfailover-sofia",
	.client_size = sizeof(struct fo_sofia_client),
	.local = stack_local,
	.send = stack_send,
	.start = ua_transaction_start,
	.again = ua_transaction_again,
	.response = ua_transaction_response,
	.stop = fo_sofia_client_stop,
	.put = fo_sofia_client_put,
	.missing = fo_sofia_client_missing,
	.connect = fo_sofia_client_connect,
	.flow_local = fo_sofia_client_flow_local,
	.suspect = fo_sofia_client_suspect,
	.keep_flow = fo_sofia_client_keep_flow,
	.leave_flow = fo_sofia_client_leave_flow,
	.answer = stack_answer,
	.reply = ua_serving_reply,
	.reply_again = ua_serving_reply_again,
	.read = fo_sofia_read,
};

/* ---- open --------------------------------------------------------------------------------- */

/* Left alone, tport writes each ICMP error and each empty datagram to standard error. Its log is
 * one for the process: a program that has set its level, or TPORT_DEBUG, keeps it. */
static void be_quiet(void)
{
	extern su_log_t tport_log[];

	if (!tport_log->log_init)
		su_log_soft_set_level(tport_log, 0);
}

static int start_stack(struct fo_sofia *ua)
{
	be_quiet();
	ua->root = su_root_create(NULL);
	if (!ua->root)
		return FAILOVER_ERR_MEMORY;
	(void)su_root_threading(ua->root, 0);
	ua->stack_at = FAILOVER_NO_DEADLINE;
	return fo_sofia_find_epoll(ua);
}

static int sofia_open(const struct failover_host *host, const struct failover_open_params *params,
		      void **inst)
{
	struct fo_sofia *ua = calloc(1, sizeof(*ua));
	int error;

	if (!ua)
		return FAILOVER_ERR_MEMORY;
	ua->epoll = ua->sentinel = ua->udp_fd = -1;
	ua->streams.ua = &ua->base;
	ua->streams.received = fo_sofia_received_text;
	error = ua_init(&ua->base, &stack, host, params);
	if (!error)
		error = ua_serving_init(&ua->serving, &ua->base);
	if (!error)
		error = ua_streams_open(&ua->streams, params);
	if (!error)
		error = start_stack(ua);
	if (!error)
		error = fo_sofia_transport_open(ua, &params->listen);
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

static const void *sofia_get_extension(const char *id)
{
	return strcmp(id, FAILOVER_EXT_IO) ? ua_extension(id) : &fo_sofia_ext_io;
}

FAILOVER_PLUGIN_EXPORT extern const struct failover_plugin failover_plugin_entry;
const struct failover_plugin failover_plugin_entry = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(struct failover_plugin),
	.id = "sofia",
	.version = "0.1.0",
	.stack = "Sofia-SIP 1.12",
	.license = "MIT",
	.capabilities = FAILOVER_CAP_COUNTS_TRANSMISSIONS | FAILOVER_CAP_LIMITS_TRANSMISSIONS |
			FAILOVER_CAP_REPORTS_ICMP | FAILOVER_CAP_OWNS_RETRANSMISSION |
			FAILOVER_CAP_STOPS | FAILOVER_CAP_TCP | FAILOVER_CAP_TLS,
	.open = sofia_open,
	.close = sofia_close,
	.send = ua_send,
	.timeout = ua_timeout,
	.response = ua_result,
	.get_extension = sofia_get_extension,
};
UA_PLUGIN_ALIAS(failover_plugin_sofia);
