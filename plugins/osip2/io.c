/* SPDX-License-Identifier: MIT */
/* io.c - failover.io/1: sockets are read, ICMP errors are taken, timers fire. */
#include <string.h>
#include "../common/icmp.h"
#include "../common/screen.h"
#include "../common/transport.h"
#include "message.h"

static uint32_t io_fds(void *inst, struct failover_io_fd *out, uint32_t max)
{
	const struct fo_osip *ua = inst;
	uint32_t count = 0;

	if (count < max)
		out[count] =
			(struct failover_io_fd){ fo_transport_fd(ua->transport), FAILOVER_IO_READ };
	count++;
	return count + fo_streams_fds(&ua->streams, max > count ? out + count : NULL,
				      max > count ? max - count : 0);
}

static uint64_t io_deadline(void *inst)
{
	const struct fo_osip *ua = inst;

	return fo_ua_deadline(&ua->base);
}

static int io_local(void *inst, uint32_t transport, struct failover_target *out)
{
	const struct fo_osip *ua = inst;

	int error;

	if (transport != FAILOVER_UDP && !fo_is_stream(transport))
		return FAILOVER_ERR_UNSUPPORTED;
	error = fo_transport_local(ua->transport, NULL, out);
	out->transport = (uint8_t)transport;
	return error;
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
		fo_ua_response(&ua->base, &view.view);
	else
		fo_serving_request(&ua->serving, &view.serving);
	fo_osip_view_free(&view);
}

void fo_osip_received(struct fo_ua *base, const char *text, size_t count,
		      const struct failover_target *from)
{
	struct fo_osip *ua = fo_osip(base);
	osip_message_t *received = NULL;

	ua->base.counters.received++;
	switch (fo_screen(text, count)) {
	case FO_SCREEN_KEEPALIVE:
		ua->base.counters.keepalives++;
		return;
	case FO_SCREEN_GARBAGE:
		ua->base.counters.garbage++;
		return;
	case FO_SCREEN_SIP:
		break;
	}
	if (osip_message_init(&received))
		return;
	if (osip_message_parse(received, text, count)) {
		ua->base.counters.garbage++;
		osip_message_free(received);
		return;
	}
	message(ua, received, from);
}

static void datagram(struct fo_osip *ua, size_t count, const struct failover_target *from)
{
	ua->datagram[count] = '\0';
	if (count < FO_DATAGRAM_MAX) {
		fo_osip_received(&ua->base, ua->datagram, count, from);
		return;
	}
	ua->base.counters.received++;
	ua->base.counters.garbage++;
}

static void take_errors(struct fo_osip *ua)
{
	struct failover_target to;
	int left = FO_DATAGRAMS_AT_ONCE;

	while (left-- && fo_icmp_next(fo_transport_fd(ua->transport), &to)) {
		ua->base.counters.icmp++;
		fo_ua_unreachable(&ua->base, &to);
	}
}

static void take_datagrams(struct fo_osip *ua)
{
	struct failover_target from;
	int left = FO_DATAGRAMS_AT_ONCE;
	long count;

	while (left--) {
		count = fo_transport_receive(ua->transport, ua->datagram, FO_DATAGRAM_MAX, &from);
		if (count < 0)
			break;
		datagram(ua, (size_t)count, &from);
	}
}

/* What has arrived goes first: an answer that is there wins over a timer that is due. */
static void io_process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	struct fo_osip *ua = inst;

	take_datagrams(ua);
	take_errors(ua);
	fo_streams_process(&ua->streams, ready, count);
	fo_ua_run_timers(&ua->base);
}

const struct failover_ext_io fo_osip_ext_io = {
	.size = sizeof(struct failover_ext_io),
	.fds = io_fds,
	.deadline = io_deadline,
	.process = io_process,
	.local = io_local,
};
