/* SPDX-License-Identifier: MIT */
/* stream_io.c - what goes through a connection: messages, TLS records, keep-alives. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/sockios.h>
#include "stream_io.h"

#define CHUNK 16384u
#define CHUNKS_AT_ONCE 16
#define PONG_MS 10000u /* RFC 5626 4.4.1 */

uint32_t fo_stream_reason(int error)
{
	if (error == ECONNREFUSED)
		return FAILOVER_REASON_REFUSED;
	if (error == ECONNRESET || error == EPIPE || error == ECONNABORTED)
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

/* Why a connection takes nothing more. In TLS 1.3 a server refuses our certificate after we have
 * begun to send: its alert waits to be read (RFC 8446 4.4.2.4). */
static uint32_t last_words(struct fo_stream *stream)
{
	char chunk[CHUNK], plain[CHUNK];
	int left = CHUNKS_AT_ONCE;
	ssize_t got;

	if (!stream->tls)
		return FAILOVER_REASON_RESET;
	while (left-- && (got = recv(stream->fd, chunk, sizeof(chunk), 0)) > 0) {
		fo_tls_input(stream->tls, chunk, (size_t)got);
		while (fo_tls_step(stream->tls) == FO_TLS_UP &&
		       fo_tls_read(stream->tls, plain, sizeof(plain)))
			; /* whatever it answered, it is gone */
	}
	return stream->state == FO_STREAM_HANDSHAKE || fo_tls_state(stream->tls) == FO_TLS_FAILED
		       ? FAILOVER_REASON_TLS
		       : FAILOVER_REASON_RESET;
}

/* Hand bytes to the kernel: how many it took, 0 = none now, or the stream is lost. */
static size_t push(struct fo_stream *stream, const char *bytes, size_t count)
{
	ssize_t sent = send(stream->fd, bytes, count, MSG_NOSIGNAL);

	if (sent >= 0)
		return (size_t)sent;
	if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		fo_stream_lose(stream, last_words(stream));
	return 0;
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

/* Returns 1 when all records have left. */
static int push_records(struct fo_stream *stream)
{
	const char *bytes;
	size_t count, took;

	while ((count = fo_tls_output(stream->tls, &bytes))) {
		took = push(stream, bytes, count);
		if (!took)
			return 0;
		fo_tls_took(stream->tls, took);
	}
	return 1;
}

static void flush_tls(struct fo_stream *stream)
{
	struct fo_parcel *parcel;

	while (push_records(stream) && stream->state == FO_STREAM_UP) {
		parcel = STAILQ_FIRST(&stream->parcels);
		if (!parcel)
			return;
		if (fo_tls_write(stream->tls, parcel->bytes, parcel->length)) {
			fo_stream_lose(stream, FAILOVER_REASON_TLS);
			return;
		}
		parcel_sent(stream, parcel);
	}
}

void fo_stream_flush(struct fo_stream *stream)
{
	struct fo_parcel *parcel;
	size_t took;

	if (stream->state == FO_STREAM_CONNECTING || stream->state == FO_STREAM_LOST)
		return;
	if (stream->tls) {
		flush_tls(stream);
		return;
	}
	while ((parcel = STAILQ_FIRST(&stream->parcels))) {
		took = push(stream, parcel->bytes + parcel->done, parcel->length - parcel->done);
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

static void next_ping(struct fo_stream *stream)
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
		next_ping(stream);
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

static void take_plain(struct fo_stream *stream, const char *bytes, size_t count)
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

static void come_up(struct fo_stream *stream)
{
	stream->state = FO_STREAM_UP;
	next_ping(stream);
	fo_stream_flush(stream);
}

static void step_handshake(struct fo_stream *stream)
{
	if (fo_tls_step(stream->tls) == FO_TLS_UP)
		come_up(stream);
}

static void take_records(struct fo_stream *stream, const char *bytes, size_t count)
{
	char plain[CHUNK];
	size_t got;

	fo_tls_input(stream->tls, bytes, count);
	if (stream->state == FO_STREAM_HANDSHAKE)
		step_handshake(stream);
	while (stream->state == FO_STREAM_UP &&
	       (got = fo_tls_read(stream->tls, plain, sizeof(plain))))
		take_plain(stream, plain, got);
	if (stream->state != FO_STREAM_LOST)
		(void)push_records(stream); /* an alert says why, also when all is over */
	if (fo_tls_state(stream->tls) == FO_TLS_FAILED)
		fo_stream_lose(stream, FAILOVER_REASON_TLS);
	if (fo_tls_state(stream->tls) == FO_TLS_CLOSED)
		fo_stream_lose(stream, FAILOVER_REASON_RESET);
}

void fo_stream_read(struct fo_stream *stream)
{
	char chunk[CHUNK];
	int left = CHUNKS_AT_ONCE;
	ssize_t got;

	while (left-- && stream->state != FO_STREAM_LOST) {
		got = recv(stream->fd, chunk, sizeof(chunk), 0);
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
			return;
		if (got <= 0) {
			fo_stream_lose(stream, stream->state == FO_STREAM_HANDSHAKE
						       ? FAILOVER_REASON_TLS
						       : FAILOVER_REASON_RESET);
			return;
		}
		stream->heard_at = fo_ua_now(stream->all->ua);
		stream->stale = 0; /* late, but it answers */
		if (stream->waits) {
			stream->waits = 0;
			next_ping(stream);
		}
		if (stream->tls)
			take_records(stream, chunk, (size_t)got);
		else
			take_plain(stream, chunk, (size_t)got);
	}
}

void fo_stream_connected(struct fo_stream *stream)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &size))
		error = errno;
	if (error) {
		fo_stream_lose(stream, fo_stream_reason(error));
		return;
	}
	if (!stream->tls) {
		come_up(stream);
		return;
	}
	stream->state = FO_STREAM_HANDSHAKE;
	step_handshake(stream);
	if (fo_tls_state(stream->tls) == FO_TLS_FAILED)
		fo_stream_lose(stream, FAILOVER_REASON_TLS);
	else
		fo_stream_flush(stream);
}
