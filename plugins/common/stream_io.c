/* SPDX-License-Identifier: MIT */
/* stream_io.c - what goes through a connection: messages, TLS records, keep-alives. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include "stream_io.h"

#define PONG_MS 10000u /* RFC 5626 4.4.1 */

uint32_t fo_stream_reason(int error)
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

int fo_stream_put(struct fo_stream *stream, struct fo_stream_user *owner, const char *bytes,
		  size_t count)
{
	struct fo_parcel *parcel;

	if (stream->state == FO_STREAM_LOST)
		return FAILOVER_ERR_STATE;
	if (stream->queued + count > FO_STREAM_QUEUE_MAX)
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

static void parcel_sent(struct fo_stream *stream, struct fo_parcel *parcel)
{
	struct fo_stream_user *owner = parcel->owner;

	STAILQ_REMOVE_HEAD(&stream->parcels, link);
	stream->queued -= parcel->length;
	free(parcel);
	if (owner)
		owner->sent(owner);
}

void fo_stream_flush(struct fo_stream *stream)
{
	struct fo_parcel *parcel;
	size_t took;

	while (stream->state == FO_STREAM_UP && (parcel = STAILQ_FIRST(&stream->parcels))) {
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

static void set_ping(struct fo_stream *stream, uint64_t in_ms)
{
	fo_timer_set(&stream->all->ua->timers, &stream->ping, fo_ua_now(stream->all->ua) + in_ms);
}

void fo_stream_next_ping(struct fo_stream *stream)
{
	if (stream->keepalive_s)
		set_ping(stream, UINT64_C(1000) * stream->keepalive_s);
}

/* Has the peer's system confirmed all that was sent? */
static int is_confirmed(const struct fo_stream *stream)
{
	int waiting = 0;

	return ioctl(stream->fd, SIOCOUTQ, &waiting) || !waiting;
}

/* A server need not know of pings; one that has answered before does, and one whose system does not
 * even confirm the bytes is gone. */
void fo_stream_ping(struct fo_timer *timer)
{
	struct fo_stream *stream = FO_CONTAINER(timer, struct fo_stream, ping);

	if (stream->state != FO_STREAM_UP)
		return;
	if (stream->waits && (stream->pongs || !is_confirmed(stream))) {
		fo_stream_lose(stream, FAILOVER_REASON_RESET);
		return;
	}
	if (stream->waits) {
		stream->waits = 0;
		fo_stream_next_ping(stream);
		return;
	}
	stream->waits = 1;
	set_ping(stream, PONG_MS);
	(void)fo_stream_put(stream, NULL, "\r\n\r\n", 4);
	fo_stream_flush(stream);
}

static void crlf(struct fo_stream *stream)
{
	struct fo_ua *ua = stream->all->ua;

	ua->counters.keepalives++;
	if (!stream->incoming) {
		stream->pongs = 1;
		return;
	}
	stream->half = !stream->half;
	if (stream->half)
		return;
	(void)fo_stream_put(stream, NULL, "\r\n", 2);
	fo_stream_flush(stream);
}

/* ---- receiving ---------------------------------------------------------------------------- */

static void take_messages(struct fo_stream *stream)
{
	struct fo_ua *ua = stream->all->ua;
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
			ua->counters.garbage++;
			fo_ua_log(ua, FAILOVER_LOG_WARNING,
				  "a connection is closed: what came in is no SIP, or too long");
			fo_stream_lose(stream, FAILOVER_REASON_RESET);
			return;
		case FO_FRAME_MESSAGE:
			stream->half = 0;
			stream->all->received(ua, message, length, &stream->peer);
			continue;
		}
	}
}

void fo_stream_heard(struct fo_stream *stream)
{
	stream->heard_at = fo_ua_now(stream->all->ua);
	stream->stale = 0; /* late, but it answers */
	if (!stream->waits)
		return;
	stream->waits = 0;
	fo_stream_next_ping(stream);
}

void fo_stream_take(struct fo_stream *stream, const char *bytes, size_t count)
{
	size_t room;
	char *at;

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

void fo_stream_secure(struct fo_stream *stream)
{
	stream->state = FO_STREAM_HANDSHAKE;
}

void fo_stream_up(struct fo_stream *stream)
{
	stream->state = FO_STREAM_UP;
	fo_stream_next_ping(stream);
	fo_stream_flush(stream);
}
