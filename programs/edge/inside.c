/* SPDX-License-Identifier: MIT */
/* inside.c - see inside.h. */
#include <stdio.h>
#include <sys/random.h>
#include "../../ua/net/transport.h"
#include "../../ua/source.h"
#include "inside.h"

static struct edge_inside *inside_of(struct ua *ua)
{
	return (struct edge_inside *)(void *)ua;
}

/* ---- what its user agent asks ------------------------------------------------------------- */

static uint64_t host_now(void *ctx)
{
	const struct edge_inside *inside = ctx;

	return inside->now(inside->user);
}

static void host_log(void *ctx, uint32_t level, const char *text)
{
	const struct edge_inside *inside = ctx;

	inside->log(inside->user, level, text);
}

static int host_random(void *ctx, void *bytes, size_t count)
{
	(void)ctx;
	return getrandom(bytes, count, 0) == (ssize_t)count ? FAILOVER_OK : FAILOVER_ERR_IO;
}

static const struct ua_stack stack = {
	.name = "failover-edge",
	.client_size = sizeof(struct ua_adapter_client),
	.local = ua_adapter_local,
	.send = ua_adapter_send,
};

static void received(struct ua *ua, const char *text, size_t count,
		     const struct failover_target *from)
{
	struct edge_inside *inside = inside_of(ua);

	if (!ua_pump_screen(ua, text, count))
		return;
	if (edge_inside_is_client(inside, from))
		inside->received(inside->user, text, count, from);
	else
		inside->strangers++;
}

/* ---- life --------------------------------------------------------------------------------- */

int edge_inside_open(struct edge_inside *inside, const struct edge_inside_params *params)
{
	const struct failover_open_params open = {
		.size = sizeof(open),
		.listen = params->listen,
		.user_agent = params->user_agent,
		.device = params->device,
		.accept_any = params->clients_any,
		.accept = params->clients,
		.accept_count = params->clients_count,
	};
	int error;

	inside->host = (struct failover_host){ .size = sizeof(inside->host),
					       .ctx = inside,
					       .now = host_now,
					       .log = host_log,
					       .random = host_random };
	error = ua_init(&inside->ua, &stack, &inside->host, &open);
	return error ? error : ua_net_open(&inside->net, &inside->ua, &open, received);
}

void edge_inside_close(struct edge_inside *inside)
{
	if (!inside->ua.host)
		return;
	ua_end(&inside->ua);
	ua_net_end(&inside->net);
	ua_clear(&inside->ua);
	ua_net_close(&inside->net);
}

/* ---- sending ------------------------------------------------------------------------------ */

void edge_inside_send(struct edge_inside *inside, const struct failover_target *to,
		      const char *bytes, size_t count)
{
	char port[8];

	if (!ua_is_stream(to->transport)) {
		(void)ua_adapter_send(&inside->ua, to, bytes, count);
		return;
	}
	snprintf(port, sizeof(port), "%u", (unsigned)to->port);
	(void)ua_adapter_answer(&inside->ua, to, port, bytes, count);
}

int edge_inside_is_client(const struct edge_inside *inside, const struct failover_target *at)
{
	return ua_is_accepted(&inside->ua, at);
}

int edge_inside_local(const struct edge_inside *inside, const struct failover_target *client,
		      struct failover_target *out)
{
	return ua_transport_local(inside->net.pump.transport, client, out);
}

/* ---- the loop ----------------------------------------------------------------------------- */

uint32_t edge_inside_fds(struct edge_inside *inside, struct failover_io_fd *out, uint32_t max)
{
	return ua_adapter_fds(&inside->ua, out, max);
}

uint64_t edge_inside_deadline(const struct edge_inside *inside)
{
	return ua_deadline(&inside->ua);
}

void edge_inside_process(struct edge_inside *inside, const struct failover_io_fd *ready,
			 uint32_t count)
{
	ua_adapter_process(&inside->ua, ready, count);
}
