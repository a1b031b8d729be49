/* SPDX-License-Identifier: MIT */
/* template.c - the adapter: what the user agent needs of a stack, and the way of its packets. */
#include <stdlib.h>
#include <string.h>
#include <failover/ext/io.h>
#include <failover/ext/test.h>
#include "../../ua/net/icmp.h"
#include "../../ua/account.h"
#include "../../ua/call.h"
#include "../../ua/message.h"
#include "../../ua/net/transport.h"
#include "../../ua/pump.h"
#include "../../ua/transaction.h"
#include "template.h"

#define PACKETS_AT_ONCE 256 /* then timers have their turn */

/* ---- packets ------------------------------------------------------------------------------ */

static int stack_send(struct ua *base, const struct failover_target *target, const char *bytes,
		      size_t count)
{
	return ua_pump_send(base, tpl(base)->transport, target, bytes, count);
}

/* Via and Contact of what goes to this target. A plugin for TCP and TLS takes those, too. */
static int stack_local(struct ua *base, const struct failover_target *target,
		       struct failover_target *out)
{
	if (target->transport != FAILOVER_UDP)
		return FAILOVER_ERR_UNSUPPORTED;
	return ua_transport_local(tpl(base)->transport, target, out);
}

/* The third of the three ways in ua/README.md: the shared transactions. With a stack's
 * own, start() starts a client's, and stop() ends it. */
static const struct ua_stack stack = {
	.name = "libfailover-template",
	.client_size = sizeof(struct ua_client),
	.local = stack_local,
	.send = stack_send,
	.start = ua_transaction_start,
	.again = ua_transaction_again,
	.response = ua_transaction_response,
	.reply = ua_serving_reply,
	.reply_again = ua_serving_reply_again,
};

/* ---- what comes in ------------------------------------------------------------------------ */

static void take_datagrams(struct tpl *ua)
{
	struct failover_target from;
	int left = PACKETS_AT_ONCE;
	long count;

	while (left--) {
		count = ua_transport_receive(ua->transport, ua->datagram, TPL_DATAGRAM_MAX, &from);
		if (count < 0)
			return;
		ua->datagram[count] = '\0';
		ua_message_arrived(&ua->serving, ua->datagram, (size_t)count, &from);
	}
}

static void take_errors(struct tpl *ua)
{
	struct ua_icmp error;
	int left = PACKETS_AT_ONCE;

	while (left-- && ua_icmp_next(ua_transport_fd(ua->transport), &error)) {
		ua->base.counters.icmp++;
		ua_undelivered(&ua->base, &error);
	}
}

/* ---- failover.io/1 ------------------------------------------------------------------------ */

static uint32_t io_fds(void *inst, struct failover_io_fd *out, uint32_t max)
{
	const struct tpl *ua = inst;

	if (max)
		out[0] =
			(struct failover_io_fd){ ua_transport_fd(ua->transport), FAILOVER_IO_READ };
	return 1;
}

static uint64_t io_deadline(void *inst)
{
	return ua_deadline(inst);
}

/* Answers that are there win over ICMP errors and over timers that are due. */
static void io_process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	struct tpl *ua = inst;

	(void)ready, (void)count;
	take_datagrams(ua);
	take_errors(ua);
	ua_run_timers(&ua->base);
}

static int io_local(void *inst, uint32_t transport, struct failover_target *out)
{
	const struct tpl *ua = inst;

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

/* ---- failover.test/1 ---------------------------------------------------------------------- */

/* Of a plugin that has the extensions above it is not asked for. A sender with the three hooks
 * alone keeps this part, and what it has itself in the place of `ua`. */
static int test_line_set(void *inst, const struct failover_line_identity *identity)
{
	return ua_ext_line.line_set(inst, identity);
}

static int test_line_targets(void *inst, uint32_t line, const struct failover_target *targets,
			     uint32_t count)
{
	return ua_ext_line.line_targets(inst, line, targets, count);
}

static void test_line_remove(void *inst, uint32_t line)
{
	ua_ext_line.line_remove(inst, line);
}

static int test_call_new(void *inst, uint32_t line, const char *uri, const char *sdp,
			 uint64_t *call)
{
	return ua_ext_call.call_new(inst, line, uri, sdp, call);
}

static void test_call_free(void *inst, uint64_t call)
{
	ua_ext_call.call_free(inst, call);
}

static const struct failover_ext_test ext_test = {
	.size = sizeof(struct failover_ext_test),
	.line_set = test_line_set,
	.line_targets = test_line_targets,
	.line_remove = test_line_remove,
	.fds = io_fds,
	.deadline = io_deadline,
	.process = io_process,
	.call_new = test_call_new,
	.call_free = test_call_free,
};

static const void *template_get_extension(const char *id)
{
	if (!strcmp(id, FAILOVER_EXT_IO))
		return &ext_io;
	return strcmp(id, FAILOVER_EXT_TEST) ? ua_extension(id) : &ext_test;
}

/* ---- life --------------------------------------------------------------------------------- */

static void free_parts(struct tpl *ua)
{
	ua_serving_clear(&ua->serving);
	ua_clear(&ua->base);
	ua_transport_close(ua->transport);
	free(ua);
}

static int start(struct tpl *ua, const struct failover_host *host,
		 const struct failover_open_params *params)
{
	int error = ua_init(&ua->base, &stack, host, params);

	if (!error)
		error = ua_serving_init(&ua->serving, &ua->base);
	return error ? error : ua_transport_open_udp(&params->listen, &ua->transport);
}

/* With a real stack, here: its DNS, its own failover and its registration refresh switched off. */
static int template_open(const struct failover_host *host,
			 const struct failover_open_params *params, void **inst)
{
	struct tpl *ua = calloc(1, sizeof(*ua));
	int error;

	if (!ua)
		return FAILOVER_ERR_MEMORY;
	error = start(ua, host, params);
	if (error) {
		free_parts(ua);
		return error;
	}
	*inst = ua;
	return FAILOVER_OK;
}

static void template_close(void *inst)
{
	struct tpl *ua = inst;

	ua_end(&ua->base);
	free_parts(ua);
}

/* The one exported symbol; a const object, so that it is read before any code of ours runs. */
FAILOVER_PLUGIN_EXPORT extern const struct failover_plugin failover_plugin_entry;
const struct failover_plugin failover_plugin_entry = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(struct failover_plugin),
	.id = "template",
	.version = "1.0",
	.stack = "none",
	.license = "MIT",
	.capabilities = FAILOVER_CAP_COUNTS_TRANSMISSIONS | FAILOVER_CAP_LIMITS_TRANSMISSIONS |
			FAILOVER_CAP_REPORTS_ICMP | FAILOVER_CAP_OWNS_RETRANSMISSION |
			FAILOVER_CAP_STOPS,
	.open = template_open,
	.close = template_close,
	.send = ua_send,
	.timeout = ua_timeout,
	.response = ua_result,
	.get_extension = template_get_extension,
};
