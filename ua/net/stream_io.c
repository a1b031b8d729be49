/* SPDX-License-Identifier: MIT */
/* stream_io.c - what goes through a connection: messages, TLS records, keep-alives. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include "stream_io.h"
#include "../trace.h"

#define PONG_MS 10000u /* RFC 5626 4.4.1 */

uint32_t ua_stream_reason(int error)
{
	if (error == ECONNREFUSED)
		return FAILOVER_REASON_REFUSED;
	if (!error || error == ECONNRESET || error == EPIPE || error == ECONNABORTED)
		return FAILOVER_REASON_RESET;
	if (error == ETIMEDOUT)
		return FAILOVER_REASON_CONNECT_TIMEOUT;
	return FAILOVER_REASON_ICMP; /* unreachable host or network, or no way out from here */
}

/* ---- sending ------------------------------------------------------------------------------ */

int ua_stream_put(struct ua_stream *stream, struct ua_stream_user *owner, const char *bytes,
		  size_t count)
{
	struct ua_parcel *parcel;

	if (stream->state == UA_STREAM_LOST)
		return FAILOVER_ERR_STATE;
	if (stream->queued + count > UA_STREAM_QUEUE_MAX)
		return FAILOVER_ERR_FULL;
	parcel = malloc(sizeof(*parcel) + count);
	if (!parcel)
		return FAILOVER_ERR_MEMORY;
	parcel->owner = owner;
	parcel->length = count;
	parcel->done = 0;
	memcpy(parcel->bytes, bytes, count);
	STAILQ_INSERT_TAIL(&stream->parcels, parcel, link);
	stream->queued += count;
	return FAILOVER_OK;
}

/* What comes in whole, or has left. */
static void trace(struct ua_stream *stream, enum failover_trace_way way, const char *bytes,
		  size_t count)
{
	struct failover_trace_message message = {
		.way = way,
		.bytes = bytes,
		.count = count,
		.peer = stream->peer,
		.connection = stream->number,
	};

	if (stream->all->ua->trace && !ua_stream_address(stream, &message.local))
		ua_trace(stream->all->ua, &message);
}

static void parcel_sent(struct ua_stream *stream, struct ua_parcel *parcel)
{
	struct ua_stream_user *owner = parcel->owner;

	STAILQ_REMOVE_HEAD(&stream->parcels, link);
	stream->queued -= parcel->length;
	trace(stream, FAILOVER_TRACE_OUT, parcel->bytes, parcel->length);
	free(parcel);
	if (owner)
		owner->sent(owner);
}

void ua_stream_flush(struct ua_stream *stream)
{
	struct ua_parcel *parcel;
	size_t took;

	while (stream->state == UA_STREAM_UP && (parcel = STAILQ_FIRST(&stream->parcels))) {
		took = stream->all->driver->write(stream, parcel->bytes + parcel->done,
						  parcel->length - parcel->done);
		if (!took)
			return;
		parcel->done += took;
		if (parcel->done == parcel->length)
			parcel_sent(stream, parcel);
	}
}

/* ---- keep-alive (RFC 5626 3.5.1, 4.4.1) ---------------------------------------------------- */

static void set_ping(struct ua_stream *stream, uint64_t in_ms)
{
	ua_timer_set(&stream->all->ua->timers, &stream->ping, ua_now(stream->all->ua) + in_ms);
}

void ua_stream_next_ping(struct ua_stream *stream)
{
	if (stream->keepalive_s)
		set_ping(stream, UINT64_C(1000) * stream->keepalive_s);
}

/* Has the peer's system confirmed all that was sent? */
static int is_confirmed(const struct ua_stream *stream)
{
	int waiting = 0;

	return ioctl(stream->fd, SIOCOUTQ, &waiting) || !waiting;
}

/* A server need not know of pings; one that has answered before does, and one whose system does not
 * even confirm the bytes is gone. */
void ua_stream_ping(struct ua_timer *timer)
{
	struct ua_stream *stream = UA_CONTAINER(timer, struct ua_stream, ping);

	if (stream->state != UA_STREAM_UP)
		return;
	if (stream->waits && (stream->pongs || !is_confirmed(stream))) {
		ua_stream_lose(stream, FAILOVER_REASON_RESET);
		return;
	}
	if (stream->waits) {
		stream->waits = 0;
		ua_stream_next_ping(stream);
		return;
	}
	stream->waits = 1;
	set_ping(stream, PONG_MS);
	(void)ua_stream_put(stream, NULL, "\r\n\r\n", 4);
	ua_stream_flush(stream);
}

static void crlf(struct ua_stream *stream)
{
	struct ua *ua = stream->all->ua;

	ua->counters.keepalives++;
	if (!stream->incoming) {
		stream->pongs = 1;
		return;
	}
	stream->half = !stream->half;
	if (stream->half)
		return;
	(void)ua_stream_put(stream, NULL, "\r\n", 2);
	ua_stream_flush(stream);
}

/* ---- receiving ---------------------------------------------------------------------------- */

static void take_messages(struct ua_stream *stream)
{
	struct ua *ua = stream->all->ua;
	const char *message;
	size_t length;

	while (stream->state == UA_STREAM_UP) {
		switch (ua_frame_next(&stream->frame, &message, &length)) {
		case UA_FRAME_MORE:
			return;
		case UA_FRAME_CRLF:
			trace(stream, FAILOVER_TRACE_IN, "\r\n", 2);
			crlf(stream);
			continue;
		case UA_FRAME_BAD:
			ua->counters.garbage++;
			ua_log(ua, FAILOVER_LOG_WARNING,
			       "a connection is closed: what came in is no SIP, or too long");
			ua_stream_lose(stream, FAILOVER_REASON_RESET);
			return;
		case UA_FRAME_MESSAGE:
			stream->half = 0;
			trace(stream, FAILOVER_TRACE_IN, message, length);
			stream->all->received(ua, message, length, &stream->peer);
			continue;
		}
	}
}

void ua_stream_heard(struct ua_stream *stream)
{
	stream->heard_at = ua_now(stream->all->ua);
	stream->stale = 0; /* late, but it answers */
	if (!stream->waits)
		return;
	stream->waits = 0;
	ua_stream_next_ping(stream);
}

void ua_stream_take(struct ua_stream *stream, const char *bytes, size_t count)
{
	size_t room;
	char *at;

	stream->bytes += count;
	while (count && stream->state == UA_STREAM_UP) {
		at = ua_frame_room(&stream->frame, &room);
		if (room > count)
			room = count;
		memcpy(at, bytes, room);
		ua_frame_add(&stream->frame, room);
		bytes += room;
		count -= room;
		take_messages(stream);
	}
}

void ua_stream_secure(struct ua_stream *stream)
{
	stream->state = UA_STREAM_HANDSHAKE;
}

void ua_stream_up(struct ua_stream *stream)
{
	stream->state = UA_STREAM_UP;
	ua_stream_next_ping(stream);
	ua_stream_flush(stream);
}
