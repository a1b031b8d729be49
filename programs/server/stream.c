/* SPDX-License-Identifier: MIT */
/* stream.c - connections on libevent's buffers; framing and TLS are those of the plugins. */
#include "stream.h"

#include "../../ua/net/frame.h"
#include "../../ua/net/tls.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 64
#define CHUNK 16384
#define WAITING_MAX (256 * 1024) /* bytes for a peer that does not read */

struct stream {
	TAILQ_ENTRY(stream) link;
	struct streams *streams;
	struct bufferevent *bytes;
	struct ua_tls *tls; /* NULL: TCP */
	struct peer peer;
	bool half; /* one CRLF of a ping has come */
	bool bad;
	struct ua_frame frame;
};

static void stream_free(struct stream *stream)
{
	TAILQ_REMOVE(&stream->streams->list, stream, link);
	stream->streams->count--;
	ua_tls_free(stream->tls);
	bufferevent_free(stream->bytes); /* and its socket */
	free(stream);
}

static void take_messages(struct stream *stream)
{
	struct streams *streams = stream->streams;
	const char *message;
	size_t len;

	while (!stream->bad) {
		switch (ua_frame_next(&stream->frame, &message, &len)) {
		case UA_FRAME_MORE:
			return;
		case UA_FRAME_CRLF:
			stream->half = !stream->half;
			if (!stream->half)
				streams->receive(streams->arg, "\r\n\r\n", 4, &stream->peer);
			break;
		case UA_FRAME_BAD:
			stream->bad = true;
			/* Counted as what it is: no SIP. */
			streams->receive(streams->arg, "?", 1, &stream->peer);
			return;
		case UA_FRAME_MESSAGE:
			stream->half = false;
			streams->receive(streams->arg, message, len, &stream->peer);
			break;
		}
	}
}

static void take_plain(struct stream *stream, const char *data, size_t len)
{
	size_t room;
	char *at;

	while (len && !stream->bad) {
		at = ua_frame_room(&stream->frame, &room);
		if (room > len)
			room = len;
		memcpy(at, data, room);
		ua_frame_add(&stream->frame, room);
		data += room;
		len -= room;
		take_messages(stream);
	}
}

static void flush_records(struct stream *stream)
{
	const char *records;
	size_t len = ua_tls_output(stream->tls, &records);

	if (len && bufferevent_write(stream->bytes, records, len) == 0)
		ua_tls_took(stream->tls, len);
}

static void take_records(struct stream *stream, const char *data, size_t len)
{
	char plain[CHUNK];
	size_t got;

	ua_tls_input(stream->tls, data, len);
	ua_tls_step(stream->tls);
	while ((got = ua_tls_read(stream->tls, plain, sizeof(plain))))
		take_plain(stream, plain, got);
	flush_records(stream);
	if (ua_tls_state(stream->tls) == UA_TLS_FAILED ||
	    ua_tls_state(stream->tls) == UA_TLS_CLOSED)
		stream->bad = true;
}

static void on_readable(struct bufferevent *bytes, void *arg)
{
	struct stream *stream = arg;
	char chunk[CHUNK];
	size_t got;

	while (!stream->bad && (got = bufferevent_read(bytes, chunk, sizeof(chunk)))) {
		if (stream->tls)
			take_records(stream, chunk, got);
		else
			take_plain(stream, chunk, got);
	}
	if (stream->bad)
		stream_free(stream);
}

static void on_end(struct bufferevent *bytes, short what, void *arg)
{
	(void)bytes;
	(void)what;
	stream_free(arg);
}

static bool stream_start(struct streams *streams, int fd, const struct peer *peer)
{
	struct stream *stream = streams->count < STREAMS_MAX ? calloc(1, sizeof(*stream)) : NULL;

	if (!stream)
		return false;
	stream->streams = streams;
	stream->peer = *peer;
	ua_frame_init(&stream->frame);
	if (streams->tls)
		stream->tls = ua_tls_new(streams->tls, NULL, NULL);
	if (!streams->tls || stream->tls)
		stream->bytes = bufferevent_socket_new(streams->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!stream->bytes) {
		ua_tls_free(stream->tls);
		free(stream);
		return false;
	}
	TAILQ_INSERT_TAIL(&streams->list, stream, link);
	streams->count++;
	bufferevent_setcb(stream->bytes, on_readable, NULL, on_end, stream);
	bufferevent_setwatermark(stream->bytes, EV_READ, 0, CHUNK);
	bufferevent_enable(stream->bytes, EV_READ | EV_WRITE);
	return true;
}

static void on_acceptable(evutil_socket_t listener, short what, void *arg)
{
	struct streams *streams = arg;
	struct peer peer = { .len = sizeof(peer.addr) };
	int fd = accept(listener, (struct sockaddr *)&peer.addr, &peer.len);

	(void)what;
	if (fd < 0)
		return;
	if (evutil_make_socket_nonblocking(fd) != 0 || evutil_make_socket_closeonexec(fd) != 0 ||
	    !stream_start(streams, fd, &peer))
		close(fd);
}

bool streams_open(struct streams *streams, int fd)
{
	TAILQ_INIT(&streams->list);
	streams->count = 0;
	streams->fd = fd;
	if (listen(fd, BACKLOG) != 0)
		goto fail;
	streams->accepting =
		event_new(streams->base, fd, EV_READ | EV_PERSIST, on_acceptable, streams);
	if (streams->accepting && event_add(streams->accepting, NULL) == 0)
		return true;
	errno = ENOMEM;
fail:
	if (streams->accepting)
		event_free(streams->accepting);
	streams->accepting = NULL;
	streams->fd = -1;
	return false;
}

void streams_close(struct streams *streams)
{
	if (streams->fd < 0)
		return;
	while (!TAILQ_EMPTY(&streams->list))
		stream_free(TAILQ_FIRST(&streams->list));
	event_free(streams->accepting);
	streams->accepting = NULL;
	close(streams->fd);
	streams->fd = -1;
}

bool streams_send(struct streams *streams, const struct peer *to, const char *data, size_t len)
{
	struct stream *stream;

	TAILQ_FOREACH(stream, &streams->list, link)
	{
		if (peer_equal(&stream->peer, to))
			break;
	}
	if (!stream || evbuffer_get_length(bufferevent_get_output(stream->bytes)) > WAITING_MAX)
		return false;
	if (!stream->tls)
		return bufferevent_write(stream->bytes, data, len) == 0;
	if (ua_tls_write(stream->tls, data, len) != 0)
		return false;
	flush_records(stream);
	return true;
}
