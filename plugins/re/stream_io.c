/* SPDX-License-Identifier: MIT */
/* stream_io.c - what goes through a connection: messages and keep-alives. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include "stream_io.h"
#include "transport.h"

#define PONG_MS 10000u /* RFC 5626 4.4.1 */

uint32_t fo_re_stream_reason(int error)
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

int fo_re_stream_put(struct fo_re_stream *stream, struct fo_re_stream_user *owner,
		     struct mbuf *text)
{
	struct fo_re_parcel *parcel;

	if (stream->state == FO_STREAM_LOST)
		return FAILOVER_ERR_STATE;
	if (stream->queued + mbuf_get_left(text) > FO_STREAM_QUEUE_MAX)
		return FAILOVER_ERR_FULL;
	parcel = calloc(1, sizeof(*parcel));
	if (!parcel)
		return FAILOVER_ERR_MEMORY;
	parcel->owner = owner;
	parcel->text = mem_ref(text);
	list_append(&stream->parcels, &parcel->link, parcel);
	stream->queued += mbuf_get_left(text);
	return FAILOVER_OK;
}

static void on_writable(void *arg)
{
	fo_re_stream_flush(arg);
}

/* Hand one to libre, which sends it, or keeps what the kernel does not take. */
static void send_parcel(struct fo_re_stream *stream, struct fo_re_parcel *parcel)
{
	struct fo_re_stream_user *owner = parcel->owner;
	int error = tcp_send(stream->tcp, parcel->text);

	list_unlink(&parcel->link);
	stream->queued -= mbuf_get_left(parcel->text);
	mem_deref(parcel->text);
	free(parcel);
	if (error)
		fo_re_stream_lose(stream,
				  error == EPROTO ? FAILOVER_REASON_TLS : FAILOVER_REASON_RESET);
	else if (owner)
		owner->sent(owner);
}

/* What is still ours can be taken back by who gives up: libre gets the next one only when it has
 * none left. */
void fo_re_stream_flush(struct fo_re_stream *stream)
{
	struct fo_re_parcel *parcel;

	while (stream->state == FO_STREAM_UP && !tcp_conn_txqsz(stream->tcp)) {
		parcel = list_ledata(list_head(&stream->parcels));
		if (!parcel)
			break;
		send_parcel(stream, parcel);
	}
	if (stream->state == FO_STREAM_UP)
		(void)tcp_set_send(stream->tcp, stream->queued ? on_writable : NULL);
}

/* ---- keep-alive (RFC 5626 3.5.1, 4.4.1) ---------------------------------------------------- */

static void set_ping(struct fo_re_stream *stream, uint64_t in_ms)
{
	fo_timer_set(&stream->ua->base.timers, &stream->ping, fo_ua_now(&stream->ua->base) + in_ms);
}

void fo_re_stream_next_ping(struct fo_re_stream *stream)
{
	if (stream->keepalive_s)
		set_ping(stream, UINT64_C(1000) * stream->keepalive_s);
}

static void put_bytes(struct fo_re_stream *stream, const char *bytes)
{
	struct mbuf *text = fo_re_buffer(bytes, strlen(bytes));

	if (text && !fo_re_stream_put(stream, NULL, text))
		fo_re_stream_flush(stream);
	mem_deref(text);
}

/* Has the peer's system confirmed all that was sent? */
static int is_confirmed(const struct fo_re_stream *stream)
{
	int waiting = 0;

	return ioctl(tcp_conn_fd(stream->tcp), SIOCOUTQ, &waiting) || !waiting;
}

/* A server need not know of pings; one that has answered before does, and one whose system does not
 * even confirm the bytes is gone. */
void fo_re_stream_ping(struct fo_timer *timer)
{
	struct fo_re_stream *stream = FO_CONTAINER(timer, struct fo_re_stream, ping);

	if (stream->state != FO_STREAM_UP)
		return;
	if (stream->waits && (stream->pongs || !is_confirmed(stream))) {
		fo_re_stream_lose(stream, FAILOVER_REASON_RESET);
		return;
	}
	if (stream->waits) {
		stream->waits = 0;
		fo_re_stream_next_ping(stream);
		return;
	}
	stream->waits = 1;
	set_ping(stream, PONG_MS);
	put_bytes(stream, "\r\n\r\n");
}

static void crlf(struct fo_re_stream *stream)
{
	stream->ua->base.counters.keepalives++;
	if (!stream->incoming) {
		stream->pongs = 1;
		return;
	}
	stream->half = !stream->half;
	if (!stream->half)
		put_bytes(stream, "\r\n");
}

/* ---- receiving ---------------------------------------------------------------------------- */

static void take_message(struct fo_re_stream *stream, const char *bytes, size_t length)
{
	struct mbuf *text = fo_re_buffer(bytes, length);

	stream->half = 0;
	if (text)
		fo_re_received(stream->ua, text, &stream->peer);
	mem_deref(text);
}

static void take_messages(struct fo_re_stream *stream)
{
	struct fo_ua *ua = &stream->ua->base;
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
			fo_re_stream_lose(stream, FAILOVER_REASON_RESET);
			return;
		case FO_FRAME_MESSAGE:
			take_message(stream, message, length);
			continue;
		}
	}
}

void fo_re_stream_on_bytes(struct mbuf *bytes, void *arg)
{
	struct fo_re_stream *stream = arg;
	size_t room;
	char *at;

	stream->heard_at = fo_ua_now(&stream->ua->base);
	stream->stale = 0; /* late, but it answers */
	if (stream->waits) {
		stream->waits = 0;
		fo_re_stream_next_ping(stream);
	}
	while (mbuf_get_left(bytes) && stream->state == FO_STREAM_UP) {
		at = fo_frame_room(&stream->frame, &room);
		if (room > mbuf_get_left(bytes))
			room = mbuf_get_left(bytes);
		(void)mbuf_read_mem(bytes, (uint8_t *)at, room);
		fo_frame_add(&stream->frame, room);
		take_messages(stream);
	}
}

/* ---- coming and going --------------------------------------------------------------------- */

/* TCP is up, before TLS begins. */
bool fo_re_stream_on_connected(int *error, bool active, void *arg)
{
	struct fo_re_stream *stream = arg;

	(void)error, (void)active;
	if (stream->state == FO_STREAM_CONNECTING && stream->tls)
		stream->state = FO_STREAM_HANDSHAKE;
	return false; /* the next one wants to know, too */
}

void fo_re_stream_on_up(void *arg)
{
	struct fo_re_stream *stream = arg;

	if (stream->state != FO_STREAM_CONNECTING && stream->state != FO_STREAM_HANDSHAKE)
		return;
	stream->state = FO_STREAM_UP;
	fo_re_stream_next_ping(stream);
	fo_re_stream_flush(stream);
}

/* libre closes its end before; the connection is freed later. */
void fo_re_stream_on_close(int error, void *arg)
{
	struct fo_re_stream *stream = arg;

	if (stream->state == FO_STREAM_HANDSHAKE || error == EPROTO)
		fo_re_stream_lose(stream, FAILOVER_REASON_TLS);
	else if (stream->state == FO_STREAM_UP)
		fo_re_stream_lose(stream, FAILOVER_REASON_RESET);
	else
		fo_re_stream_lose(stream, fo_re_stream_reason(error));
}
