/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream_io.c - what comes in through a connection: messages and keep-alives. */
#include <string.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include "channel.h"

#define PONG_MS 10000u /* RFC 5626 4.4.1 */

/* ---- keep-alive (RFC 5626 3.5.1, 4.4.1) ---------------------------------------------------- */

static void set_ping(struct fo_belle_stream *stream, uint64_t in_ms)
{
	fo_timer_set(&stream->ua->base.timers, &stream->ping, fo_ua_now(&stream->ua->base) + in_ms);
}

void fo_belle_stream_next_ping(struct fo_belle_stream *stream)
{
	if (stream->keepalive_s)
		set_ping(stream, UINT64_C(1000) * stream->keepalive_s);
}

/* Has the peer's system confirmed all that was sent? */
static int is_confirmed(const struct fo_belle_stream *stream)
{
	int waiting = 0;

	return ioctl(fo_belle_channel_fd(stream), SIOCOUTQ, &waiting) || !waiting;
}

/* A server need not know of pings; one that has answered before does, and one whose system does not
 * even confirm the bytes is gone. */
void fo_belle_stream_ping(struct fo_timer *timer)
{
	struct fo_belle_stream *stream = FO_CONTAINER(timer, struct fo_belle_stream, ping);

	if (stream->state != FO_STREAM_UP)
		return;
	if (stream->waits && (stream->pongs || !is_confirmed(stream))) {
		fo_belle_stream_lose(stream, FAILOVER_REASON_RESET);
		return;
	}
	if (stream->waits) {
		stream->waits = 0;
		fo_belle_stream_next_ping(stream);
		return;
	}
	stream->waits = 1;
	set_ping(stream, PONG_MS);
	fo_belle_channel_crlf(stream, 2);
}

static void crlf(struct fo_belle_stream *stream)
{
	stream->ua->base.counters.keepalives++;
	if (!stream->incoming) {
		stream->pongs = 1;
		return;
	}
	stream->half = !stream->half;
	if (!stream->half)
		fo_belle_channel_crlf(stream, 1);
}

/* ---- messages ----------------------------------------------------------------------------- */

static void take_messages(struct fo_belle_stream *stream)
{
	struct fo_belle *ua = stream->ua;
	const char *message;
	size_t length;

	while (stream->state == FO_STREAM_UP) {
		switch (fo_frame_next(&stream->frame, &message, &length)) {
		case FO_FRAME_MORE:
			return;
		case FO_FRAME_CRLF:
			crlf(stream);
			continue;
		case FO_FRAME_BAD:
			ua->base.counters.garbage++;
			fo_ua_log(&ua->base, FAILOVER_LOG_WARNING,
				  "a connection is closed: what came in is no SIP, or too long");
			fo_belle_stream_lose(stream, FAILOVER_REASON_RESET);
			return;
		case FO_FRAME_MESSAGE:
			stream->half = 0;
			/* The frame's bytes: nobody reads them again. */
			fo_belle_received(ua, (char *)(uintptr_t)message, length, &stream->peer);
			continue;
		}
	}
}

void fo_belle_stream_take(struct fo_belle_stream *stream, const char *bytes, size_t count)
{
	size_t room;
	char *at;

	stream->heard_at = fo_ua_now(&stream->ua->base);
	stream->stale = 0; /* late, but it answers */
	if (stream->waits) {
		stream->waits = 0;
		fo_belle_stream_next_ping(stream);
	}
	while (count && stream->state == FO_STREAM_UP) {
		at = fo_frame_room(&stream->frame, &room);
		if (room > count)
			room = count;
		memcpy(at, bytes, room);
		fo_frame_add(&stream->frame, room);
		bytes += room;
		count -= room;
		take_messages(stream);
	}
}
