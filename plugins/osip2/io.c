/* SPDX-License-Identifier: MIT */
/* io.c - failover.io/1: sockets are read, ICMP errors are taken, timers fire. */
#include <string.h>
#include "../../ua/net/stream_way.h"
#include "message.h"

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

/* RFC 3261 18.1.2, 8.1.3.3: a response has one Via, ours. */
static int is_for_us(const osip_message_t *response)
{
	return osip_list_size(&response->vias) == 1;
}

static void message(struct fo_osip *ua, osip_message_t *received,
		    const struct failover_target *from)
{
	struct fo_osip_view view;

	if (!fo_message_is_complete(received) ||
	    (MSG_IS_RESPONSE(received) && !is_for_us(received))) {
		ua->base.counters.garbage++;
		osip_message_free(received);
		return;
	}
	fo_osip_view_init(&view, received, from);
	if (view.view.status)
		ua_response(&ua->base, &view.view);
	else
		ua_serving_request(&ua->serving, &view.serving);
	fo_osip_view_free(&view);
}

void fo_osip_received(struct ua *base, const char *text, size_t count,
		      const struct failover_target *from)
{
	struct fo_osip *ua = fo_osip(base);
	osip_message_t *received = NULL;

	if (!ua_pump_screen(base, text, count))
		return;
	if (osip_message_init(&received))
		return;
	if (osip_message_parse(received, text, count)) {
		ua->base.counters.garbage++;
		osip_message_free(received);
		return;
	}
	message(ua, received, from);
}

/* What has arrived goes first: an answer that is there wins over a timer that is due. */
static void io_process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	struct fo_osip *ua = inst;

	ua_pump_process(&ua->pump);
	ua_streams_process(&ua->streams, ready, count);
	ua_run_timers(&ua->base);
}

const struct failover_ext_io fo_osip_ext_io = {
	.size = sizeof(struct failover_ext_io),
	.fds = io_fds,
	.deadline = io_deadline,
	.process = io_process,
	.local = io_local,
};
