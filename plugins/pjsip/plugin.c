/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugin.c - the PJSIP plugin: its descriptor, its life, the way of its packets. */
#include <stdlib.h>
#include <failover/ext/io.h>
#include "../../ua/net/icmp.h"
#include "../../ua/message.h"
#include "../../ua/net/transport.h"
#include "../../ua/transaction.h"
#include "pjsip.h"

#define PACKETS_AT_ONCE 256
#define POOL_FIRST 16384
#define POOL_MORE 16384
#define POOLS_KEPT (256 * 1024)
#define LOG_ERRORS 1 /* PJSIP writes its log to standard output */

/* ---- what the user agent wants ------------------------------------------------------------ */

static int stack_send(struct ua *base, const struct failover_target *target, const char *bytes,
		      size_t count)
{
	return ua_transport_send(fo_pjsip(base)->transport, target, bytes, count);
}

static int stack_local(struct ua *base, const struct failover_target *target,
		       struct failover_target *out)
{
	if (target->transport != FAILOVER_UDP)
		return FAILOVER_ERR_UNSUPPORTED;
	return ua_transport_local(fo_pjsip(base)->transport, target, out);
}

static const struct ua_stack stack = {
	.name = "libfailover-pjsip",
	.client_size = sizeof(struct ua_client),
	.local = stack_local,
	.send = stack_send,
	.start = ua_transaction_start,
	.again = ua_transaction_again,
	.response = ua_transaction_response,
	.read = fo_pjsip_read,
	.reply = ua_serving_reply,
	.reply_again = ua_serving_reply_again,
};

/* ---- failover.io/1 ------------------------------------------------------------------------ */

/* pjlib must know every thread that calls it, for as long as that lives. */
static void enter(void)
{
	static _Thread_local pj_thread_desc desc;
	pj_thread_t *thread;

	if (!pj_thread_is_registered())
		(void)pj_thread_register("failover", desc, &thread);
}

static void io_process(void *inst, const struct failover_io_fd *ready, uint32_t ready_count)
{
	struct fo_pjsip *ua = inst;
	struct failover_target peer;
	struct ua_icmp error;
	int left = PACKETS_AT_ONCE;
	long count;

	(void)ready, (void)ready_count;
	enter();
	while (left-- && (count = ua_transport_receive(ua->transport, ua->datagram, UA_DATAGRAM_MAX,
						       &peer)) >= 0) {
		ua->datagram[count] = '\0';
		ua_message_arrived(&ua->serving, ua->datagram, (size_t)count, &peer);
	}
	left = PACKETS_AT_ONCE;
	while (left-- && ua_icmp_next(ua_transport_fd(ua->transport), &error)) {
		ua->base.counters.icmp++;
		ua_undelivered(&ua->base, &error);
	}
	ua_run_timers(&ua->base);
}

static uint32_t io_fds(void *inst, struct failover_io_fd *out, uint32_t max)
{
	const struct fo_pjsip *ua = inst;

	if (max) {
		out->fd = ua_transport_fd(ua->transport);
		out->events = FAILOVER_IO_READ;
	}
	return 1;
}

static uint64_t io_deadline(void *inst)
{
	return ua_deadline(inst);
}

static int io_local(void *inst, uint32_t transport, struct failover_target *out)
{
	const struct fo_pjsip *ua = inst;

	if (transport != FAILOVER_UDP)
		return FAILOVER_ERR_UNSUPPORTED;
	return ua_transport_local(ua->transport, NULL, out);
}

static const struct failover_ext_io ext_io = {
	.size = sizeof(struct failover_ext_io),
	.fds = io_fds,
	.deadline = io_deadline,
	.process = io_process,
	.local = io_local,
};

static const void *pjsip_plugin_extension(const char *id)
{
	return strcmp(id, FAILOVER_EXT_IO) ? ua_extension(id) : &ext_io;
}

/* ---- life --------------------------------------------------------------------------------- */

/* The setting up of the parser, in all of PJSIP 2; in no header. An endpoint would do it, too, but
 * there can be one in a process only: the application's. */
void init_sip_parser(void);
void deinit_sip_parser(void);

static void free_parts(struct fo_pjsip *ua)
{
	ua_serving_clear(&ua->serving);
	ua_clear(&ua->base);
	ua_transport_close(ua->transport);
	if (ua->pool)
		pj_pool_release(ua->pool);
	if (ua->has_pjlib) {
		pj_caching_pool_destroy(&ua->pools);
		deinit_sip_parser();
		pj_shutdown();
	}
	free(ua);
}

/* pjlib and the parser count who uses them. */
static int pjsip_begin(struct fo_pjsip *ua)
{
	pj_log_set_level(LOG_ERRORS);
	if (pj_init() != PJ_SUCCESS)
		return FAILOVER_ERR_MEMORY;
	enter();
	pj_caching_pool_init(&ua->pools, NULL, POOLS_KEPT);
	init_sip_parser();
	ua->has_pjlib = 1;
	ua->pool = pj_pool_create(&ua->pools.factory, "message", POOL_FIRST, POOL_MORE, NULL);
	return ua->pool ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

static int pjsip_plugin_open(const struct failover_host *host,
			     const struct failover_open_params *params, void **inst)
{
	struct fo_pjsip *ua = calloc(1, sizeof(*ua));
	int error;

	if (!ua)
		return FAILOVER_ERR_MEMORY;
	error = ua_init(&ua->base, &stack, host, params);
	if (!error)
		error = ua_serving_init(&ua->serving, &ua->base);
	if (!error)
		error = ua_transport_open_udp(&params->listen, &ua->transport);
	if (!error)
		error = pjsip_begin(ua);
	if (error)
		free_parts(ua);
	else
		*inst = ua;
	return error;
}

static void pjsip_plugin_close(void *inst)
{
	struct fo_pjsip *ua = inst;

	enter();
	ua_end(&ua->base);
	free_parts(ua);
}

FAILOVER_PLUGIN_EXPORT extern const struct failover_plugin failover_plugin_entry;
const struct failover_plugin failover_plugin_entry = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(struct failover_plugin),
	.id = "pjsip",
	.version = "1.0",
	.stack = "PJSIP",
	.license = "GPL-2.0-or-later",
	.capabilities = FAILOVER_CAP_COUNTS_TRANSMISSIONS | FAILOVER_CAP_LIMITS_TRANSMISSIONS |
			FAILOVER_CAP_REPORTS_ICMP | FAILOVER_CAP_OWNS_RETRANSMISSION |
			FAILOVER_CAP_STOPS,
	.open = pjsip_plugin_open,
	.close = pjsip_plugin_close,
	.send = ua_send,
	.timeout = ua_timeout,
	.response = ua_result,
	.get_extension = pjsip_plugin_extension,
};
UA_PLUGIN_ALIAS(failover_plugin_pjsip);
