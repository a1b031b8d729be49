/* SPDX-License-Identifier: MIT */
/* io.c - failover.io/1: libre's loop is turned for datagrams, connections are served, ICMP errors
 * are taken, timers fire. */
#define _GNU_SOURCE /* gettid */
#include <string.h>
#include <unistd.h>
#include "transport.h"
#include "loop.h"
#include "../../ua/message.h"
#include "../../ua/net/stream_way.h"

static uint32_t io_fds(void *inst, struct failover_io_fd *out, uint32_t max)
{
	const struct fo_re *ua = inst;

	if (max)
		out[0] = (struct failover_io_fd){ ua->udp_fd, FAILOVER_IO_READ };
	return 1 + ua_streams_fds(&ua->streams, max ? out + 1 : NULL, max ? max - 1 : 0);
}

static uint64_t io_deadline(void *inst)
{
	const struct fo_re *ua = inst;

	return ua_deadline(&ua->base);
}

static int io_local(void *inst, uint32_t transport, struct failover_target *out)
{
	const struct fo_re *ua = inst;

	return ua_streams_local(&ua->streams, transport, out);
}

void fo_re_received(struct ua *base, const char *text, size_t count,
		    const struct failover_target *from)
{
	ua_message_arrived(&fo_re(base)->serving, text, count, from);
}

void fo_re_take_errors(struct fo_re *ua)
{
	ua_pump_errors(&ua->base, ua->udp_fd);
}

/* libre's loop is the thread's: in another one than the socket is in, libre tells nothing of it. */
static int is_deaf(const struct fo_re *ua)
{
	return !ua->heard && gettid() != ua->opened_by && fo_re_transport_is_ready(ua);
}

static void complain(struct fo_re *ua)
{
	if (!ua->complained)
		ua_log(&ua->base, FAILOVER_LOG_ERROR,
		       "nothing is received: this is not the thread that the instance was "
		       "opened on");
	ua->complained = 1;
}

/* A round takes one datagram from a socket, and errors in its queue keep it ready. */
static void turn(struct fo_re *ua)
{
	unsigned left = FO_ROUNDS_AT_ONCE;

	while (left-- && fo_re_transport_is_ready(ua)) {
		ua->heard = 0;
		if (fo_re_loop_round())
			return;
		fo_re_take_errors(ua);
		if (is_deaf(ua)) {
			complain(ua);
			return;
		}
	}
}

/* What has arrived goes first: an answer that is there wins over a timer that is due. */
static void io_process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	struct fo_re *ua = inst;

	turn(ua);
	ua_streams_process(&ua->streams, ready, count);
	ua_run_timers(&ua->base);
}

static void io_network_changed(void *inst)
{
	struct fo_re *ua = inst;

	ua_streams_check(&ua->streams);
}

const struct failover_ext_io fo_re_ext_io = {
	.size = sizeof(struct failover_ext_io),
	.fds = io_fds,
	.deadline = io_deadline,
	.process = io_process,
	.local = io_local,
	.network_changed = io_network_changed,
};
