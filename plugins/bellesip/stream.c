/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream.c - the life of connections: opened for whom, shared by whom, and how they end. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "channel.h"

#define LOOK_MS 32000u	/* a connection that nobody uses is looked at so often */
#define FIRST_MS 32000u /* a peer that connects says something by then */

/* ---- finding ------------------------------------------------------------------------------ */

static uint64_t peer_hash(const struct fo_belle *ua, const struct failover_target *peer)
{
	return fo_map_hash(&ua->streams.by_peer, peer->address, sizeof(peer->address)) +
	       peer->port + ((uint64_t)peer->transport << 16);
}

/* A connection with this peer that may be used; name NULL = whoever it is. */
static struct fo_belle_stream *find(const struct fo_belle *ua, const struct failover_target *peer,
				    const char *name)
{
	struct fo_map_node *node = fo_map_find(&ua->streams.by_peer, peer_hash(ua, peer));

	for (; node; node = fo_map_again(node)) {
		struct fo_belle_stream *stream =
			FO_CONTAINER(node, struct fo_belle_stream, by_peer);

		if (stream->peer.transport != peer->transport ||
		    !fo_address_same(&stream->peer, peer))
			continue;
		if (!name || (!stream->stale && !stream->incoming && !strcmp(stream->name, name)))
			return stream;
	}
	return NULL;
}

/* ---- end ---------------------------------------------------------------------------------- */

static void set_life(struct fo_belle_stream *stream, uint64_t in_ms)
{
	fo_timer_set(&stream->ua->base.timers, &stream->life, fo_ua_now(&stream->ua->base) + in_ms);
}

/* It is up, or will never be. */
static void came(struct fo_belle_stream *stream)
{
	if (stream->is_coming)
		LIST_REMOVE(stream, coming);
	stream->is_coming = 0;
}

void fo_belle_stream_lose(struct fo_belle_stream *stream, uint32_t reason)
{
	if (stream->state == FO_STREAM_LOST)
		return;
	stream->state = FO_STREAM_LOST;
	stream->reason = reason;
	fo_map_remove(&stream->ua->streams.by_peer, &stream->by_peer);
	came(stream);
	set_life(stream, 0);
}

static void log_tls(struct fo_belle_stream *stream)
{
	char text[FO_ADDRESS_TEXT];

	if (stream->reason == FAILOVER_REASON_TLS)
		fo_ua_log(&stream->ua->base, FAILOVER_LOG_WARNING, "TLS with %s (%s) failed: %s",
			  fo_address_text(&stream->peer, text), stream->name,
			  stream->why[0] ? stream->why : "the handshake came to no end");
}

static void release(struct fo_belle_stream *stream)
{
	struct fo_belle *ua = stream->ua;

	fo_belle_channel_close(stream);
	came(stream);
	fo_map_remove(&ua->streams.by_peer, &stream->by_peer);
	if (stream->place) {
		*stream->place = stream->next;
		if (stream->next)
			stream->next->place = stream->place;
		if (stream->incoming)
			ua->streams.incoming--;
		else
			ua->streams.outgoing--;
	}
	fo_timer_stop(&ua->base.timers, &stream->life);
	fo_timer_stop(&ua->base.timers, &stream->ping);
	fo_timers_release(&ua->base.timers, 2);
	free(stream->name);
	free(stream);
}

static void forget(struct fo_belle_stream_user *user)
{
	LIST_REMOVE(user, link);
	user->stream = NULL;
	free(user->text);
	user->text = NULL;
}

/* Users are told. */
static void end(struct fo_belle_stream *stream)
{
	uint32_t reason = stream->reason ? stream->reason : FAILOVER_REASON_RESET;
	struct fo_belle_stream_user *user;

	log_tls(stream);
	while ((user = LIST_FIRST(&stream->users))) {
		forget(user);
		user->lost(user, reason);
	}
	if (stream->kept)
		fo_ua_flow_lost(&stream->ua->base, &stream->peer, stream->number);
	release(stream);
}

/* Nobody waits on it: is it of use still? */
static int is_wanted(const struct fo_belle_stream *stream)
{
	const struct fo_belle *ua = stream->ua;

	if (stream->state != FO_STREAM_UP || stream->stale)
		return 0;
	if (stream->incoming &&
	    fo_ua_now(&ua->base) - stream->heard_at >= FIRST_MS + FO_64T1 * FO_T1_MS)
		return 0;
	return fo_ua_is_source(&ua->base, &stream->peer) ||
	       (stream->incoming && ua->base.accept_any);
}

static void on_life(struct fo_timer *timer)
{
	struct fo_belle_stream *stream = FO_CONTAINER(timer, struct fo_belle_stream, life);

	if (stream->state == FO_STREAM_LOST ||
	    (LIST_EMPTY(&stream->users) && !stream->kept && !is_wanted(stream)))
		end(stream);
	else
		set_life(stream, LOOK_MS);
}

void fo_belle_streams_free(struct fo_belle *ua)
{
	while (ua->streams.first)
		end(ua->streams.first);
}

/* ---- beginning ---------------------------------------------------------------------------- */

static struct fo_belle_stream *create(struct fo_belle *ua, const struct failover_target *peer,
				      const char *name)
{
	struct fo_belle_stream *stream = calloc(1, sizeof(*stream));

	if (!stream || fo_timers_reserve(&ua->base.timers, 2)) {
		free(stream);
		return NULL;
	}
	stream->ua = ua;
	stream->number = ++ua->streams.made;
	stream->peer = *peer;
	stream->heard_at = fo_ua_now(&ua->base);
	stream->life.fire = on_life;
	stream->ping.fire = fo_belle_stream_ping;
	LIST_INIT(&stream->users);
	fo_frame_init(&stream->frame);
	stream->name = strdup(name);
	if (!stream->name) {
		release(stream);
		return NULL;
	}
	return stream;
}

static void list(struct fo_belle_stream *stream)
{
	struct fo_belle_streams *streams = &stream->ua->streams;

	stream->next = streams->first;
	stream->place = &streams->first;
	if (stream->next)
		stream->next->place = &stream->next;
	streams->first = stream;
	if (stream->incoming)
		streams->incoming++;
	else
		streams->outgoing++;
	stream->ua->base.counters.connections++;
	fo_map_add(&streams->by_peer, &stream->by_peer, peer_hash(stream->ua, &stream->peer));
	set_life(stream, stream->incoming ? FIRST_MS : LOOK_MS);
}

static int open_stream(struct fo_belle *ua, const struct fo_belle_stream_peer *peer,
		       struct fo_belle_stream **out)
{
	struct fo_belle_stream *stream;
	int error;

	if (ua->streams.outgoing >= FO_STREAMS_MAX)
		return FAILOVER_ERR_FULL;
	stream = create(ua, &peer->target, peer->name);
	if (!stream)
		return FAILOVER_ERR_MEMORY;
	list(stream);
	LIST_INSERT_HEAD(&ua->streams.coming, stream, coming);
	stream->is_coming = 1;
	error = fo_belle_channel_open(stream);
	if (error) {
		release(stream);
		return error;
	}
	*out = stream;
	return FAILOVER_OK;
}

void fo_belle_stream_accept(struct fo_belle *ua, int fd, const struct failover_target *from)
{
	struct fo_belle_stream *stream = NULL;
	int is_welcome = ua->base.accept_any || fo_ua_is_source(&ua->base, from);

	if (!is_welcome)
		ua->base.counters.foreign++;
	else if (ua->streams.incoming >= FO_STREAMS_INCOMING_MAX)
		ua->base.counters.refused++;
	else
		stream = create(ua, from, "");
	if (!stream) {
		close(fd);
		return;
	}
	stream->incoming = 1;
	stream->state = FO_STREAM_UP;
	if (fo_belle_channel_accept(stream, fd)) {
		close(fd);
		release(stream);
		return;
	}
	list(stream);
}

/* ---- users -------------------------------------------------------------------------------- */

int fo_belle_stream_use(struct fo_belle *ua, const struct fo_belle_stream_peer *peer,
			struct fo_belle_stream_user *user)
{
	struct fo_belle_stream *stream = find(ua, &peer->target, peer->name);
	int error = stream ? FAILOVER_OK : open_stream(ua, peer, &stream);

	if (error)
		return error;
	user->stream = stream;
	user->since = fo_ua_now(&ua->base);
	LIST_INSERT_HEAD(&stream->users, user, link);
	if (peer->keepalive_s && (!stream->keepalive_s || peer->keepalive_s < stream->keepalive_s))
		stream->keepalive_s = peer->keepalive_s;
	if (stream->state == FO_STREAM_UP && !stream->ping.place)
		fo_belle_stream_next_ping(stream);
	return FAILOVER_OK;
}

uint64_t fo_belle_stream_keep(const struct fo_belle_stream_user *user)
{
	if (!user->stream || user->stream->state == FO_STREAM_LOST)
		return 0;
	user->stream->kept++;
	return user->stream->number;
}

/* The last one has left; one with nothing to do may go. */
static void left(struct fo_belle_stream *stream)
{
	if (LIST_EMPTY(&stream->users) && !stream->kept && stream->state != FO_STREAM_LOST &&
	    !is_wanted(stream))
		fo_belle_stream_lose(stream, FAILOVER_REASON_NONE);
}

void fo_belle_stream_unkeep(struct fo_belle *ua, const struct failover_target *peer,
			    uint64_t number)
{
	struct fo_map_node *node = fo_map_find(&ua->streams.by_peer, peer_hash(ua, peer));

	for (; node; node = fo_map_again(node)) {
		struct fo_belle_stream *stream =
			FO_CONTAINER(node, struct fo_belle_stream, by_peer);

		if (stream->number != number)
			continue;
		stream->kept--;
		left(stream);
		return;
	}
}

int fo_belle_stream_send(struct fo_belle_stream_user *user, const char *text, size_t length)
{
	struct fo_belle_stream *stream = user->stream;
	int error;

	if (stream->state == FO_STREAM_LOST)
		return FAILOVER_OK; /* it hears of that soon */
	if (stream->state != FO_STREAM_UP) {
		free(user->text);
		user->text = strndup(text, length);
		return user->text ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
	}
	error = fo_belle_channel_send(stream, text, length);
	if (!error)
		user->sent(user);
	return error;
}

void fo_belle_stream_came_up(struct fo_belle_stream *stream)
{
	struct fo_belle_stream_user *user;

	if (stream->state == FO_STREAM_LOST)
		return;
	stream->state = FO_STREAM_UP;
	came(stream);
	fo_belle_stream_next_ping(stream);
	LIST_FOREACH(user, &stream->users, link)
	{
		char *text = user->text;

		user->text = NULL;
		if (text && !fo_belle_channel_send(stream, text, strlen(text)))
			user->sent(user);
		free(text);
	}
}

void fo_belle_stream_leave(struct fo_belle_stream_user *user)
{
	struct fo_belle_stream *stream = user->stream;

	if (!stream)
		return;
	forget(user);
	left(stream);
}

void fo_belle_stream_suspect(struct fo_belle_stream_user *user)
{
	struct fo_belle_stream *stream = user->stream;

	if (stream && stream->state == FO_STREAM_UP && stream->heard_at < user->since)
		stream->stale = 1;
}

uint32_t fo_belle_stream_missing(const struct fo_belle_stream_user *user)
{
	if (!user->stream)
		return FAILOVER_REASON_NONE;
	switch (user->stream->state) {
	case FO_STREAM_CONNECTING:
		return FAILOVER_REASON_CONNECT_TIMEOUT;
	case FO_STREAM_HANDSHAKE:
		return FAILOVER_REASON_TLS;
	case FO_STREAM_UP:
	case FO_STREAM_LOST:
		break;
	}
	return FAILOVER_REASON_NONE;
}

int fo_belle_stream_reply(struct fo_belle *ua, const struct failover_target *peer, const char *text)
{
	struct fo_belle_stream *stream = find(ua, peer, NULL);

	return stream ? fo_belle_channel_send(stream, text, strlen(text)) : FAILOVER_ERR_IO;
}

int fo_belle_stream_deliver(struct fo_belle *ua, const struct fo_belle_stream_peer *peer,
			    const char *text)
{
	struct fo_belle_stream *stream = find(ua, &peer->target, peer->name);
	int error = stream ? FAILOVER_OK : open_stream(ua, peer, &stream);

	/* belle-sip keeps it until the connection is up. */
	return error ? error : fo_belle_channel_send(stream, text, strlen(text));
}

/* ---- descriptors -------------------------------------------------------------------------- */

static uint32_t wanted(const struct fo_belle_stream *stream)
{
	switch (stream->state) {
	case FO_STREAM_CONNECTING:
		return FAILOVER_IO_WRITE;
	case FO_STREAM_HANDSHAKE:
		return FAILOVER_IO_READ;
	case FO_STREAM_UP:
		return stream->queued ? FAILOVER_IO_READ | FAILOVER_IO_WRITE : FAILOVER_IO_READ;
	case FO_STREAM_LOST:
		break;
	}
	return 0;
}

uint32_t fo_belle_streams_fds(const struct fo_belle *ua, struct failover_io_fd *out, uint32_t max)
{
	const struct fo_belle_stream *stream;
	uint32_t count = 0;

	for (stream = ua->streams.first; stream; stream = stream->next) {
		int fd = fo_belle_channel_fd(stream);
		uint32_t events = fd < 0 ? 0 : wanted(stream);

		if (!events)
			continue;
		if (count < max)
			out[count] = (struct failover_io_fd){ fd, events };
		count++;
	}
	return count;
}
