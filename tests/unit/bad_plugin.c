/* SPDX-License-Identifier: MIT */
/* bad_plugin.c - plugins that must be refused; BAD chooses what is wrong with this one. */
#include <failover/plugin.h>

#define BAD_NOTHING 0
#define BAD_ABI 1
#define BAD_SIZE 2
#define BAD_HOOK 3
#define BAD_NAME 4
#define BAD_SYMBOL 5

static int bad_open(const struct failover_host *host, const struct failover_open_params *params,
		    void **inst)
{
	(void)host;
	(void)params;
	*inst = NULL;
	return 0;
}

static void bad_close(void *inst)
{
	(void)inst;
}

static int bad_send(void *inst, const struct failover_attempt *attempt)
{
	(void)inst;
	(void)attempt;
	return FAILOVER_ERR_IO;
}

#if BAD != BAD_HOOK
static int bad_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	(void)inst;
	(void)attempt;
	(void)reason;
	return 0;
}
#endif

static void bad_response(void *inst, const struct failover_result *result)
{
	(void)inst;
	(void)result;
}

#if BAD == BAD_SYMBOL
#define failover_plugin_entry another_name
#endif
extern const struct failover_plugin failover_plugin_entry;
FAILOVER_PLUGIN_EXPORT const struct failover_plugin failover_plugin_entry = {
	.abi = BAD == BAD_ABI ? 999 : FAILOVER_PLUGIN_ABI,
	.size = BAD == BAD_SIZE ? 16 : sizeof(struct failover_plugin),
	.id = BAD == BAD_NAME ? "" : "bad",
	.version = "1",
	.stack = "none",
	.license = "MIT",
	.open = bad_open,
	.close = bad_close,
	.send = bad_send,
#if BAD != BAD_HOOK
	.timeout = bad_timeout,
#endif
	.response = bad_response,
};
