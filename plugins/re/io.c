/* SPDX-License-Identifier: MIT */
/* io.c - failover.io/1: libre's loop is turned, ICMP errors are taken, timers fire. */
#include <string.h>
#include "../../ua/message.h"
#include "stream.h"
#include "transport.h"

static uint32_t io_fds(void *inst, struct failover_io_fd *out, uint32_t max)
{
	const struct fo_re *ua = inst;

	if (max)
		out[0] = (struct failover_io_fd){ ua->loop.fd, FAILOVER_IO_READ };
	return 1;
}

static uint64_t io_deadline(void *inst)
{
	const struct fo_re *ua = inst;

	return ua_deadline(&ua->base);
}

static int io_local(void *inst, uint32_t transport, struct failover_target *out)
{
	const struct fo_re *ua = inst;
	int error;

	if (transport != FAILOVER_UDP && !ua_is_stream(transport))
		return FAILOVER_ERR_UNSUPPORTED;
	error = fo_re_transport_local(ua->transport, NULL, out);
	out->transport = (uint8_t)transport;
	return error;
}

/* Followed by a zero byte. */
static int terminate(struct mbuf *buffer)
{
	if (buffer->size == buffer->end && mbuf_resize(buffer, buffer->end + 1))
		return -1;
	buffer->buf[buffer->end] = 0;
	return 0;
}

void fo_re_received(struct fo_re *ua, struct mbuf *buffer, const struct failover_target *from)
{
	if (!terminate(buffer))
		ua_message_arrived(&ua->serving, (const char *)mbuf_buf(buffer),
				   mbuf_get_left(buffer), from);
}

void fo_re_take_errors(struct fo_re *ua)
{
	ua_pump_errors(&ua->base, fo_re_transport_fd(ua->transport));
}

/* libre's loop is the thread's. */
static void complain(struct fo_re *ua)
{
	if (!ua->complained)
		ua_log(&ua->base, FAILOVER_LOG_ERROR,
		       "nothing is received: this is not the thread that the instance was "
		       "opened on");
	ua->complained = 1;
}

/* What has arrived goes first: an answer that is there wins over a timer that is due. A round takes
 * one datagram from a socket, and errors in its queue keep it ready. */
static void io_process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	struct fo_re *ua = inst;
	unsigned left = FO_ROUNDS_AT_ONCE;
	int error = FAILOVER_OK;

	(void)ready, (void)count;
	while (!error && left-- && fo_re_loop_is_ready(&ua->loop)) {
		error = fo_re_loop_round(&ua->loop);
		fo_re_take_errors(ua);
		fo_re_transport_turn_away(ua->transport);
	}
	if (error == FAILOVER_ERR_UNSUPPORTED)
		complain(ua);
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
