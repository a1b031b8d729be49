/* SPDX-License-Identifier: MIT */
/* stream.c - server-sent events. A message is made once for all browsers; one that does not read is
 * dropped, and comes back by itself with the number of the last event that it knows. */
#include "memory.h"
#include "server.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>

#define LINES_AT_ONCE 100u
#define LINE_LARGEST 1000000u

struct web_stream {
	TAILQ_ENTRY(web_stream) entries;
	struct evhttp_request *request;
	uint64_t session_id; /* 0 = by name and password */
};

/* The connection goes. If it has let go of the request already, that is ours to free. */
void web_stream_closed(struct web *web, struct web_stream *stream)
{
	struct web_session *session =
		stream->session_id ? web_session_by_id(&web->sessions, stream->session_id) : NULL;

	if (session) {
		session->streams--;
		session->used_ms = web_now_ms();
	}
	TAILQ_REMOVE(&web->streams, stream, entries);
	web->streams_count--;
	if (!evhttp_request_get_connection(stream->request))
		evhttp_request_free(stream->request);
	free(stream);
}

static void stream_drop(struct web_stream *stream)
{
	evhttp_connection_free(evhttp_request_get_connection(stream->request));
}

static int stream_is_full(const struct web_stream *stream, size_t more)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(stream->request);
	struct bufferevent *bev = evhttp_connection_get_bufferevent(connection);

	return evbuffer_get_length(bufferevent_get_output(bev)) + more > WEB_STREAM_BYTES;
}

static struct evbuffer *message_new(const char *name, uint64_t id, const char *data)
{
	struct evbuffer *message = evbuffer_new();

	if (!message)
		return NULL;
	if (id)
		evbuffer_add_printf(message, "id: %llu\n", (unsigned long long)id);
	evbuffer_add_printf(message, "event: %s\ndata: %s\n\n", name, data);
	return message;
}

static void message_send(struct web_stream *stream, struct evbuffer *message)
{
	struct evbuffer *copy = evbuffer_new();

	if (copy && evbuffer_add_buffer_reference(copy, message) == 0)
		evhttp_send_reply_chunk(stream->request, copy);
	if (copy)
		evbuffer_free(copy);
}

static void message_send_all(struct web *web, struct evbuffer *message)
{
	struct web_stream *stream, *next;
	size_t size = message ? evbuffer_get_length(message) : 0;

	for (stream = TAILQ_FIRST(&web->streams); stream && message; stream = next) {
		next = TAILQ_NEXT(stream, entries);
		if (stream_is_full(stream, size))
			stream_drop(stream);
		else
			message_send(stream, message);
	}
	if (message)
		evbuffer_free(message);
}

void web_streams_tell(struct web *web, const char *name, uint64_t id, const char *data)
{
	if (web->streams_count == 0)
		return;
	web->told = 1;
	message_send_all(web, message_new(name, id, data));
}

static void stream_hello(struct web_call *call, struct web_stream *stream, uint64_t after)
{
	const struct web_decision *decision;
	struct evbuffer *message;
	char revision[32] = "", hello[64];

	call->web->host.revision(call->web->host.user, revision);
	snprintf(hello, sizeof(hello), "{\"revision\":\"%s\"}", revision);
	message = message_new("hello", 0, hello);
	while (message && after && (decision = web_history_after(&call->web->history, after))) {
		evbuffer_add_printf(message, "id: %llu\nevent: decision\ndata: %s\n\n",
				    (unsigned long long)decision->id, decision->text);
		after = decision->id;
	}
	if (!message)
		return;
	message_send(stream, message);
	evbuffer_free(message);
}

/* The last event that the browser knows; 0 = it wants none of the past. */
static uint64_t after_of(const struct web_call *call)
{
	const char *text = evhttp_find_header(evhttp_request_get_input_headers(call->request),
					      "Last-Event-ID");
	uint64_t after = 0;

	if (text)
		after = strtoull(text, NULL, 10);
	else if (web_query_number(call, "after", &after) != 1)
		return 0;
	/* The device's clock went back: what the browser knows is of another time. */
	return after >= web_history_next(&call->web->history) ? 1 : after;
}

void web_stream_open(struct web_call *call)
{
	struct web *web = call->web;
	struct evkeyvalq *out = evhttp_request_get_output_headers(call->request);
	struct web_stream *stream =
		web->streams_count < WEB_STREAMS ? calloc(1, sizeof(*stream)) : NULL;

	if (!stream || web_peer_streams(web, call->request, stream) != 0) {
		free(stream);
		web_send_error(call, WEB_BUSY);
		return;
	}
	stream->request = call->request;
	if (call->caller.session) {
		stream->session_id = call->caller.session->id;
		call->caller.session->streams++;
	}
	TAILQ_INSERT_TAIL(&web->streams, stream, entries);
	web->streams_count++;
	web_send_headers(web, call->request);
	evhttp_add_header(out, "Content-Type", "text/event-stream");
	evhttp_send_reply_start(call->request, 200, "OK");
	stream_hello(call, stream, after_of(call));
}

void web_streams_end(struct web *web, uint64_t session_id)
{
	struct web_stream *stream, *next;

	for (stream = TAILQ_FIRST(&web->streams); stream; stream = next) {
		next = TAILQ_NEXT(stream, entries);
		if (stream->session_id == session_id)
			stream_drop(stream);
	}
}

static void sessions_sweep(struct web *web)
{
	for (size_t i = 0; i < WEB_SESSIONS; i++) {
		struct web_session *session = &web->sessions.list[i];

		if (!session->id || !web_session_ended(session, web_now_ms()))
			continue;
		web_streams_end(web, session->id);
		web_session_end(session);
	}
}

/* Proxies and dead connections are found by it. */
void web_streams_beat(struct web *web)
{
	struct evbuffer *message;

	sessions_sweep(web);
	if (web->told)
		web_memory_return();
	web->told = 0;
	if (web->streams_count == 0)
		return;
	message = evbuffer_new();
	if (message)
		evbuffer_add_printf(message, ": still here\n\n");
	message_send_all(web, message);
}

static void lines_arm(struct web *web)
{
	const struct timeval soon = { .tv_usec = WEB_LINE_MS * 1000 };

	if (!event_pending(web->lines_event, EV_TIMEOUT, NULL))
		event_add(web->lines_event, &soon);
}

/* Nobody watches: nothing is noted. */
void web_line_dirty(struct web *web, uint32_t number)
{
	size_t byte = number / 8, room;
	unsigned char *dirty;

	if (web->streams_count == 0 || number > LINE_LARGEST)
		return;
	if (byte >= web->dirty_room) {
		room = byte + 64;
		dirty = realloc(web->dirty, room);
		if (!dirty)
			return;
		memset(dirty + web->dirty_room, 0, room - web->dirty_room);
		web->dirty = dirty;
		web->dirty_room = room;
	}
	web->dirty[byte] |= (unsigned char)(1u << number % 8);
	lines_arm(web);
}

static void line_tell(struct web *web, uint32_t number)
{
	json_t *line = web->host.line(web->host.user, number);
	char *text = line ? json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;

	if (text)
		web_streams_tell(web, "line", 0, text);
	free(text);
	json_decref(line);
}

void web_lines_tell(evutil_socket_t fd, short what, void *arg)
{
	struct web *web = arg;
	uint32_t told = 0;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < web->dirty_room; i++) {
		for (uint32_t bit = 0; web->dirty[i] && bit < 8; bit++) {
			if (!(web->dirty[i] & 1u << bit))
				continue;
			if (told++ == LINES_AT_ONCE) { /* calls come first */
				lines_arm(web);
				return;
			}
			web->dirty[i] &= (unsigned char)~(1u << bit);
			line_tell(web, (uint32_t)(i * 8 + bit));
		}
	}
}
