/* SPDX-License-Identifier: MIT */
/*
 * template - the shortest correct plugin, and the one to copy. It has no SIP stack: every attempt
 * is reported as unreachable. Each FILL IN says what a real plugin does there; the contract is
 * failover/plugin.h. It needs no symbol of libfailover.
 */
#include <stdlib.h>
#include <failover/plugin.h>

/* One instance: one engine with its stack. No variable outside of it. */
struct template
{
	const struct failover_host *host; /* valid from open to close */
	/* FILL IN: the stack's handle, sockets, a table from attempt id to client transaction. */
};

static int template_open(const struct failover_host *host,
			 const struct failover_open_params *params, void **inst)
{
	struct template *self;

	(void)params;
	self = calloc(1, sizeof(*self));
	if (!self)
		return FAILOVER_ERR_MEMORY;
	self->host = host;
	/* FILL IN: start the stack on params->listen with the params->tls_* files, and switch off
	 * what would choose another server behind the library's back: the stack's own DNS walk,
	 * failover and registration refresh. Copy what you keep of params. */
	*inst = self;
	return 0;
}

static void template_close(void *inst)
{
	struct template *self = inst;

	/* FILL IN: end all transactions without a word to the host, close the sockets. */
	free(self);
}

/* Hook 1: start this request at exactly this target. */
static int template_send(void *inst, const struct failover_attempt *attempt)
{
	struct template *self = inst;
	const struct failover_host *host = self->host;

	/* FILL IN: build the request and open one client transaction to attempt->target.
	 *   - a new Via branch; Call-ID, From tag, To, CSeq and body as for every other attempt of
	 *     attempt->request (B7)
	 *   - REGISTER: Call-ID of attempt->dialog with CSeq + 1, Request-URI of the registrar
	 *     whatever the next hop is (B1a), Expires of attempt->expires_s
	 *   - FAILOVER_ATTEMPT_IN_DIALOG: remote target and route set of attempt->cookie (B9)
	 *   - CANCEL: the branch of the INVITE whose attempt id is attempt->related
	 * Then, as news comes in, now or later and on this thread:
	 *   - host->sent() for each packet that leaves
	 *   - host->response() for each response, also a late one; obey the verdict. A 401, 407 or
	 *     423 that the stack answers itself has retrying = 1 (B4b)
	 *   - host->unreachable() for ICMP, a refused or reset connection, failed TLS (B4) */
	host->unreachable(host->ctx, attempt->id, FAILOVER_REASON_ICMP);
	return 0;
}

/* Hook 2: stop this attempt, because its budget is spent or nobody waits any more. */
static int template_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	(void)inst, (void)attempt, (void)reason;
	/* FILL IN: stop retransmitting. Keep an INVITE until 64*T1 after its first packet: a late
	 * 1xx is answered by CANCEL, a late 2xx by ACK and BYE (B7a), unless the verdict is KEEP
	 * (B7b). Return 1 if the stack cannot stop; an unknown id is no error. */
	return 0;
}

/* Hook 3: the request has ended; there is exactly one for each request (B18). */
static void template_response(void *inst, const struct failover_result *result)
{
	(void)inst, (void)result;
	/* FILL IN: tell the application, forget what was kept for result->request. */
}

static const void *template_get_extension(const char *id)
{
	(void)id;
	/* FILL IN: "failover.line/1", "failover.call/1", "failover.io/1", as needed. */
	return NULL;
}

/* The one exported symbol; a const object, so it can be read before any code of ours runs. */
FAILOVER_PLUGIN_EXPORT extern const struct failover_plugin failover_plugin_entry;
const struct failover_plugin failover_plugin_entry = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(struct failover_plugin),
	.id = "template",
	.version = "1.0",
	.stack = "none", /* FILL IN: name and version of the stack */
	.license = "MIT",
	.capabilities = 0, /* FILL IN: what holds for the stack, enum failover_capability */
	.open = template_open,
	.close = template_close,
	.send = template_send,
	.timeout = template_timeout,
	.response = template_response,
	.get_extension = template_get_extension,
};
