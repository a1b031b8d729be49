/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plugin.c - the belle-sip plugin: its descriptor, and its life. */
#include <stdlib.h>
#include <string.h>
#include "../../ua/transaction.h"
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

static const struct ua_stack stack = {
	.name = "libfailover-bellesip",
	.client_size = sizeof(struct ua_adapter_client),
	UA_ADAPTER_STACK,
	.stop = ua_adapter_stop,
	.start = ua_transaction_start,
	.again = ua_transaction_again,
	.response = ua_transaction_response,
	.read = fo_belle_read,
};

static void free_parts(struct ua_adapter *adapter)
{
	ua_adapter_close(adapter);
	free(adapter);
}

static void bellesip_close(void *inst)
{
	struct ua_adapter *adapter = inst;

	ua_end(&adapter->base);
	free_parts(adapter);
}

static int bellesip_open(const struct failover_host *host,
			 const struct failover_open_params *params, void **inst)
{
	struct ua_adapter *adapter = calloc(1, sizeof(*adapter));
	int error;

	if (!adapter)
		return FAILOVER_ERR_MEMORY;
	be_quiet();
	error = ua_adapter_open(adapter, &stack, host, params);
	if (error)
		free_parts(adapter);
	else
		*inst = adapter;
	return error;
}

/* ---- descriptor --------------------------------------------------------------------------- */

static const void *bellesip_get_extension(const char *id)
{
	return strcmp(id, FAILOVER_EXT_IO) ? ua_extension(id) : &ua_adapter_ext_io;
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
