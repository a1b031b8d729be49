/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugin.c - the PJSIP plugin: its descriptor, and its life. */
#include <stdlib.h>
#include <string.h>
#include "../../ua/transaction.h"
#include "pjsip.h"
#include "process.h"

#define POOL_FIRST 16384
#define POOL_MORE 16384
#define POOLS_KEPT (256 * 1024)

static const struct ua_stack stack = {
	.name = "libfailover-pjsip",
	.client_size = sizeof(struct ua_adapter_client),
	UA_ADAPTER_STACK,
	.stop = ua_adapter_stop,
	.start = ua_transaction_start,
	.again = ua_transaction_again,
	.response = ua_transaction_response,
	.read = fo_pjsip_read,
};

/* ---- life --------------------------------------------------------------------------------- */

static void free_parts(struct fo_pjsip *ua)
{
	ua_adapter_close(&ua->base);
	if (ua->pool)
		pj_pool_release(ua->pool);
	if (ua->has_pjlib) {
		pj_caching_pool_destroy(&ua->pools);
		fo_pjsip_process_end();
	}
	free(ua);
}

static int begin(struct fo_pjsip *ua)
{
	int error = fo_pjsip_process_begin();

	if (error)
		return error;
	ua->has_pjlib = 1;
	pj_caching_pool_init(&ua->pools, NULL, POOLS_KEPT);
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
	error = ua_adapter_open(&ua->base, &stack, host, params);
	if (!error)
		error = begin(ua);
	if (error)
		free_parts(ua);
	else
		*inst = ua;
	return error;
}

static void pjsip_plugin_close(void *inst)
{
	struct fo_pjsip *ua = inst;

	fo_pjsip_enter();
	ua_end(&ua->base.base);
	free_parts(ua);
}

/* ---- descriptor --------------------------------------------------------------------------- */

static void io_process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	fo_pjsip_enter();
	ua_adapter_process(inst, ready, count);
}

static const struct failover_ext_io ext_io = {
	UA_ADAPTER_EXT_IO,
	.process = io_process,
};

static const void *pjsip_plugin_extension(const char *id)
{
	return strcmp(id, FAILOVER_EXT_IO) ? ua_extension(id) : &ext_io;
}

FAILOVER_PLUGIN_EXPORT extern const struct failover_plugin failover_plugin_entry;
const struct failover_plugin failover_plugin_entry = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(struct failover_plugin),
	.id = "pjsip",
	.version = "1.0",
	.stack = "PJSIP 2",
	.license = "GPL-2.0-or-later",
	.capabilities = FAILOVER_CAP_COUNTS_TRANSMISSIONS | FAILOVER_CAP_LIMITS_TRANSMISSIONS |
			FAILOVER_CAP_REPORTS_ICMP | FAILOVER_CAP_OWNS_RETRANSMISSION |
			FAILOVER_CAP_STOPS | FAILOVER_CAP_TCP | FAILOVER_CAP_TLS,
	.open = pjsip_plugin_open,
	.close = pjsip_plugin_close,
	.send = ua_send,
	.timeout = ua_timeout,
	.response = ua_result,
	.get_extension = pjsip_plugin_extension,
};
UA_PLUGIN_ALIAS(failover_plugin_pjsip);
