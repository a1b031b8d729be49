/* SPDX-License-Identifier: GPL-3.0-or-later */
/* io.c - failover.io/1: sockets are read, ICMP errors are taken, timers fire. */
#include <string.h>
#include "../../ua/net/stream_way.h"
#include "message.h"

static uint32_t io_fds(void *inst, struct failover_io_fd *out, uint32_t max)
{
	const struct fo_belle *ua = inst;

	return ua_streams_all_fds(&ua->streams, out, max);
}

static uint64_t io_deadline(void *inst)
{
	const struct fo_belle *ua = inst;

	return ua_deadline(&ua->base);
}

static int io_local(void *inst, uint32_t transport, struct failover_target *out)
{
	const struct fo_belle *ua = inst;

	return ua_streams_local(&ua->streams, transport, out);
}

/* ---- messages ----------------------------------------------------------------------------- */

/* RFC 3261 18.1.2, 8.1.3.3: a response has one Via, ours. */
static int is_for_us(belle_sip_message_t *message)
{
	const belle_sip_list_t *vias = belle_sip_message_get_headers(message, "Via");

	return belle_sip_message_is_request(message) || (vias && !vias->next);
}

static void message(struct fo_belle *ua, belle_sip_message_t *received, const char *body,
		    const struct failover_target *from)
{
	struct fo_belle_view view;

	if (!received || !fo_belle_message_is_complete(received) || !is_for_us(received)) {
		ua->base.counters.garbage++;
		return;
	}
	if (!fo_belle_view_init(&view, received, body, from)) {
		if (view.view.status)
			ua_response(&ua->base, &view.view);
		else
			ua_serving_request(&ua->serving, &view.serving);
	}
	fo_belle_view_free(&view);
}

void fo_belle_received(struct ua *base, const char *text, size_t count,
		       const struct failover_target *from)
{
	struct fo_belle *ua = fo_belle(base);
	belle_sip_object_pool_t *pool;
	belle_sip_message_t *received;
	const char *body = NULL;

	if (!ua_pump_screen(base, text, count))
		return;
	pool = belle_sip_object_pool_push();
	/* Bytes of a buffer of ours: nobody reads them again. */
	received = fo_belle_message_parse((char *)(uintptr_t)text, count, &body);
	message(ua, received, body, from);
	belle_sip_object_unref(pool);
}

/* What has arrived goes first: an answer that is there wins over a timer that is due. */
static void io_process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	struct fo_belle *ua = inst;

	ua_pump_process(&ua->pump);
	ua_streams_process(&ua->streams, ready, count);
	ua_run_timers(&ua->base);
}

const struct failover_ext_io fo_belle_ext_io = {
	.size = sizeof(struct failover_ext_io),
	.fds = io_fds,
	.deadline = io_deadline,
	.process = io_process,
	.local = io_local,
};
