/* SPDX-License-Identifier: MIT */
/* stream.c - the life of connections: opened for whom, shared by whom, and how they end. */
#include <stdlib.h>
#include <string.h>
#include "stream_io.h"

#define LOOK_MS 32000u	/* a connection that nobody uses is looked at so often */
#define FIRST_MS 32000u /* a peer that connects says something by then */

/* ---- finding ------------------------------------------------------------------------------ */

static uint64_t peer_hash(const struct fo_streams *streams, const struct failover_target *peer)
{
	return fo_map_hash(&streams->by_peer, peer->address, sizeof(peer->address)) + peer->port +
	       ((uint64_t)peer->transport << 16);
}

/* A connection with this peer that may be used; name NULL = whoever it is. */
static struct fo_stream *find(const struct fo_streams *streams, const struct failover_target *peer,
			      const char *name)
{
	struct fo_map_node *node = fo_map_find(&streams->by_peer, peer_hash(streams, peer));

	for (; node; node = fo_map_again(node)) {
		struct fo_stream *stream = FO_CONTAINER(node, struct fo_stream, by_peer);

		if (stream->peer.transport != peer->transport ||
		    !fo_address_same(&stream->peer, peer))
			continue;
		if (!name || (!stream->stale && !stream->incoming && !strcmp(stream->name, name)))
			return stream;
	}
	return NULL;
}

/* ---- end ---------------------------------------------------------------------------------- */

static void set_life(struct fo_stream *stream, uint64_t in_ms)
{
	fo_timer_set(&stream->all->ua->timers, &stream->life, fo_ua_now(stream->all->ua) + in_ms);
}

static void log_tls(const struct fo_stream *stream)
{
	const char *why = stream->all->driver->why(stream);
	char text[FO_ADDRESS_TEXT];

	fo_ua_log(stream->all->ua, FAILOVER_LOG_WARNING, "TLS with %s (%s) failed: %s",
		  fo_address_text(&stream->peer, text), stream->name,
		  why[0] ? why : "the peer closed the connection during the handshake");
}

void fo_stream_lose(struct fo_stream *stream, uint32_t reason)
{
	if (stream->state == FO_STREAM_LOST)
		return;
	stream->state = FO_STREAM_LOST;
	stream->reason = reason;
	fo_map_remove(&stream->all->by_peer, &stream->by_peer);
	set_life(stream, 0);
	if (reason == FAILOVER_REASON_TLS)
		log_tls(stream);
}

static void drop_parcels(struct fo_stream *stream)
{
	struct fo_parcel *parcel;

	while ((parcel = STAILQ_FIRST(&stream->parcels))) {
		STAILQ_REMOVE_HEAD(&stream->parcels, link);
		free(parcel);
	}
}

void fo_stream_drop(struct fo_stream *stream)
{
	struct fo_streams *streams = stream->all;

	fo_map_remove(&streams->by_peer, &stream->by_peer);
	if (stream->place) {
		*stream->place = stream->next;
		if (stream->next)
			stream->next->place = stream->place;
		if (stream->incoming)
			streams->incoming--;
		else
			streams->outgoing--;
	}
	fo_timer_stop(&streams->ua->timers, &stream->life);
	fo_timer_stop(&streams->ua->timers, &stream->ping);
	fo_timers_release(&streams->ua->timers, 2);
	drop_parcels(stream);
	streams->driver->close(stream);
	free(stream->name);
	free(stream);
}

/* End it. Users are told. */
static void end(struct fo_stream *stream)
{
	uint32_t reason = stream->reason ? stream->reason : FAILOVER_REASON_RESET;
	struct fo_stream_user *user;

	stream->state = FO_STREAM_LOST;
	while ((user = LIST_FIRST(&stream->users))) {
		LIST_REMOVE(user, link);
		user->stream = NULL;
		user->lost(user, reason);
	}
	if (stream->kept)
		fo_ua_flow_lost(stream->all->ua, &stream->peer, stream->number);
	fo_stream_drop(stream);
}

/* Nobody waits on it: is it of use still? */
static int is_wanted(const struct fo_stream *stream)
{
	const struct fo_ua *ua = stream->all->ua;

	if (stream->state != FO_STREAM_UP || stream->stale)
		return 0;
	if (stream->incoming && fo_ua_now(ua) - stream->heard_at >= FIRST_MS + FO_64T1 * FO_T1_MS)
		return 0;
	return fo_ua_is_source(ua, &stream->peer) || (stream->incoming && ua->accept_any);
}

static void on_life(struct fo_timer *timer)
{
	struct fo_stream *stream = FO_CONTAINER(timer, struct fo_stream, life);

	if (stream->state == FO_STREAM_LOST ||
	    (LIST_EMPTY(&stream->users) && !stream->kept && !is_wanted(stream)))
		end(stream);
	else
		set_life(stream, LOOK_MS);
}

/* ---- beginning ---------------------------------------------------------------------------- */

static struct fo_stream *create(struct fo_streams *streams, const struct failover_target *peer,
				const char *name)
{
	struct fo_stream *stream = calloc(1, streams->driver->size);

	if (!stream || fo_timers_reserve(&streams->ua->timers, 2)) {
		free(stream);
		return NULL;
	}
	stream->all = streams;
	stream->fd = -1;
	stream->number = ++streams->made;
	stream->peer = *peer;
	stream->heard_at = fo_ua_now(streams->ua);
	stream->life.fire = on_life;
	stream->ping.fire = fo_stream_ping;
	LIST_INIT(&stream->users);
	STAILQ_INIT(&stream->parcels);
	fo_frame_init(&stream->frame);
	stream->name = strdup(name);
	if (!stream->name) {
		fo_stream_drop(stream);
		return NULL;
	}
	return stream;
}

void fo_stream_enlist(struct fo_stream *stream)
{
	struct fo_streams *streams = stream->all;

	stream->next = streams->first;
	stream->place = &streams->first;
	if (stream->next)
		stream->next->place = &stream->next;
	streams->first = stream;
	if (stream->incoming)
		streams->incoming++;
	else
		streams->outgoing++;
	stream->all->ua->counters.connections++;
	fo_map_add(&streams->by_peer, &stream->by_peer, peer_hash(stream->all, &stream->peer));
	set_life(stream, stream->incoming ? FIRST_MS : LOOK_MS);
}

static int open_stream(struct fo_streams *streams, const struct fo_stream_peer *peer,
		       struct fo_stream **out)
{
	struct fo_stream *stream;
	int error;

	if (streams->outgoing >= FO_STREAMS_MAX)
		return FAILOVER_ERR_FULL;
	stream = create(streams, &peer->target, peer->name);
	if (!stream)
		return FAILOVER_ERR_MEMORY;
	error = streams->driver->connect(stream);
	if (error) {
		fo_stream_drop(stream);
		return error;
	}
	fo_stream_enlist(stream);
	/* Refused at once, as on loopback: told like everything else, from process(). */
	if (stream->reason)
		fo_stream_lose(stream, stream->reason);
	*out = stream;
	return FAILOVER_OK;
}

struct fo_stream *fo_stream_welcome(struct fo_streams *streams, const struct failover_target *from)
{
	struct fo_stream *stream = NULL;
	int is_welcome = streams->ua->accept_any || fo_ua_is_source(streams->ua, from);

	if (!is_welcome)
		streams->ua->counters.foreign++;
	else if (streams->incoming >= FO_STREAMS_INCOMING_MAX)
		streams->ua->counters.refused++;
	else
		stream = create(streams, from, "");
	if (!stream)
		return NULL;
	stream->incoming = 1;
	stream->state = FO_STREAM_UP;
	return stream;
}

/* ---- users -------------------------------------------------------------------------------- */

int fo_stream_use(struct fo_streams *streams, const struct fo_stream_peer *peer,
		  struct fo_stream_user *user)
{
	struct fo_stream *stream = find(streams, &peer->target, peer->name);
	int error = stream ? FAILOVER_OK : open_stream(streams, peer, &stream);

	if (error)
		return error;
	user->stream = stream;
	user->since = fo_ua_now(streams->ua);
	LIST_INSERT_HEAD(&stream->users, user, link);
	if (peer->keepalive_s && (!stream->keepalive_s || peer->keepalive_s < stream->keepalive_s))
		stream->keepalive_s = peer->keepalive_s;
	if (stream->state == FO_STREAM_UP && !stream->ping.place)
		fo_stream_next_ping(stream);
	return FAILOVER_OK;
}

uint64_t fo_stream_keep(const struct fo_stream_user *user)
{
	if (!user->stream || user->stream->state == FO_STREAM_LOST)
		return 0;
	user->stream->kept++;
	return user->stream->number;
}

/* The last one has left; one with nothing to do may go. */
static void left(struct fo_stream *stream)
{
	if (LIST_EMPTY(&stream->users) && STAILQ_EMPTY(&stream->parcels) && !stream->kept &&
	    stream->state != FO_STREAM_LOST && !is_wanted(stream))
		fo_stream_lose(stream, FAILOVER_REASON_NONE);
}

void fo_stream_unkeep(struct fo_streams *streams, const struct failover_target *peer,
		      uint64_t number)
{
	struct fo_map_node *node = fo_map_find(&streams->by_peer, peer_hash(streams, peer));

	for (; node; node = fo_map_again(node)) {
		struct fo_stream *stream = FO_CONTAINER(node, struct fo_stream, by_peer);

		if (stream->number != number)
			continue;
		stream->kept--;
		left(stream);
		return;
	}
}

int fo_stream_send(struct fo_stream_user *user, const char *bytes, size_t count)
{
	int error;

	if (user->stream->state == FO_STREAM_LOST)
		return FAILOVER_OK; /* it hears of that soon */
	error = fo_stream_put(user->stream, user, bytes, count);
	if (!error)
		fo_stream_flush(user->stream);
	return error;
}

static void drop_parcels_of(struct fo_stream *stream, const struct fo_stream_user *user)
{
	struct fo_parcel *parcel = STAILQ_FIRST(&stream->parcels), *next;

	for (; parcel; parcel = next) {
		next = STAILQ_NEXT(parcel, link);
		if (parcel->owner != user)
			continue;
		parcel->owner = NULL;
		if (parcel->done) /* half of it has left: the rest must follow */
			continue;
		STAILQ_REMOVE(&stream->parcels, parcel, fo_parcel, link);
		stream->queued -= parcel->length;
		free(parcel);
	}
}

void fo_stream_leave(struct fo_stream_user *user)
{
	struct fo_stream *stream = user->stream;

	if (!stream)
		return;
	drop_parcels_of(stream, user);
	LIST_REMOVE(user, link);
	user->stream = NULL;
	left(stream);
}

void fo_stream_suspect(struct fo_stream_user *user)
{
	struct fo_stream *stream = user->stream;

	if (stream && stream->state == FO_STREAM_UP && stream->heard_at < user->since)
		stream->stale = 1;
}

uint32_t fo_stream_missing(const struct fo_stream_user *user)
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

int fo_stream_reply(struct fo_streams *streams, const struct failover_target *peer,
		    const char *bytes, size_t count)
{
	struct fo_stream *stream = find(streams, peer, NULL);
	int error = stream ? fo_stream_put(stream, NULL, bytes, count) : FAILOVER_ERR_IO;

	if (!error)
		fo_stream_flush(stream);
	return error;
}

int fo_stream_deliver(struct fo_streams *streams, const struct fo_stream_peer *peer,
		      const char *bytes, size_t count)
{
	struct fo_stream *stream = find(streams, &peer->target, peer->name);
	int error = stream ? FAILOVER_OK : open_stream(streams, peer, &stream);

	if (!error)
		error = fo_stream_put(stream, NULL, bytes, count);
	if (!error)
		fo_stream_flush(stream);
	return error;
}

/* ---- all of them -------------------------------------------------------------------------- */

int fo_streams_begin(struct fo_streams *streams, const struct fo_stream_driver *driver)
{
	uint64_t key[2];

	streams->driver = driver;
	if (streams->ua->host->random(streams->ua->host->ctx, key, sizeof(key)))
		return FAILOVER_ERR_IO;
	return fo_map_init(&streams->by_peer, key);
}

void fo_streams_end(struct fo_streams *streams)
{
	while (streams->first)
		end(streams->first);
	fo_map_free(&streams->by_peer);
}
