/* SPDX-License-Identifier: MIT */
/* io.c - failover.io/1: sockets are read, ICMP errors are taken, timers fire. */
#include "../../ua/message.h"
#include "../../ua/net/stream_way.h"
#include "osip2.h"

static uint32_t io_fds(void *inst, struct failover_io_fd *out, uint32_t max)
{
	const struct fo_osip *ua = inst;

	return ua_streams_all_fds(&ua->streams, out, max);
}

static uint64_t io_deadline(void *inst)
{
	const struct fo_osip *ua = inst;

	return ua_deadline(&ua->base);
}

static int io_local(void *inst, uint32_t transport, struct failover_target *out)
{
	const struct fo_osip *ua = inst;

	return ua_streams_local(&ua->streams, transport, out);
}

void fo_osip_received(struct ua *base, const char *text, size_t count,
		      const struct failover_target *from)
{
	ua_message_arrived(&fo_osip(base)->serving, text, count, from);
}

/* What has arrived goes first: an answer that is there wins over a timer that is due. */
static void io_process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	struct fo_osip *ua = inst;

	ua_pump_process(&ua->pump);
	ua_streams_process(&ua->streams, ready, count);
	ua_run_timers(&ua->base);
}

static void io_network_changed(void *inst)
{
	struct fo_osip *ua = inst;

	ua_streams_check(&ua->streams);
}

const struct failover_ext_io fo_osip_ext_io = {
	.size = sizeof(struct failover_ext_io),
	.fds = io_fds,
	.deadline = io_deadline,
	.process = io_process,
	.local = io_local,
	.network_changed = io_network_changed,
};
