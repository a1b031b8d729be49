/* SPDX-License-Identifier: MIT */
/* stream.c - the life of connections: opened for whom, shared by whom, and how they end. */
#include <stdlib.h>
#include <string.h>
#include "stream_io.h"
#include "stream_room.h"
#include "../source.h"

#define LOOK_MS 32000u	/* a connection that nobody uses is looked at so often */
#define FIRST_MS 32000u /* a peer that connects says something by then */
#define JOIN_MS 2000u	/* one that comes up is waited for so long by others than its first user */

/* ---- finding ------------------------------------------------------------------------------ */

static uint64_t peer_hash(const struct ua_streams *streams, const struct failover_target *peer)
{
	return ua_map_hash(&streams->by_peer, peer->address, sizeof(peer->address)) + peer->port +
	       ((uint64_t)peer->transport << 16);
}

int ua_stream_address(const struct ua_stream *stream, struct failover_target *out)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);

	if (stream->state == UA_STREAM_LOST ||
	    getsockname(stream->fd, (struct sockaddr *)&address, &length) ||
	    ua_address_from_socket(&address, out))
		return FAILOVER_ERR_IO;
	out->transport = stream->peer.transport;
	return FAILOVER_OK;
}

/* A connection with this peer, whoever it is. */
static struct ua_stream *find(const struct ua_streams *streams, const struct failover_target *peer)
{
	struct ua_map_node *node = ua_map_find(&streams->by_peer, peer_hash(streams, peer));

	for (; node; node = ua_map_again(node)) {
		struct ua_stream *stream = UA_CONTAINER(node, struct ua_stream, by_peer);

		if (stream->peer.transport == peer->transport &&
		    ua_address_same(&stream->peer, peer))
			return stream;
	}
	return NULL;
}

/* One that has not come up for a while may wait long for its next SYN, although the server is back:
 * who comes now, does better with a new one. */
static int may_be_joined(const struct ua_stream *stream, const char *name)
{
	if (stream->stale || stream->incoming || strcmp(stream->name, name) != 0)
		return 0;
	return stream->state == UA_STREAM_UP ||
	       ua_now(stream->all->ua) - stream->begun_at < JOIN_MS;
}

static int has_lost_address(const struct ua_stream *stream)
{
	struct failover_target local;

	return !ua_stream_address(stream, &local) && !ua_address_is_ours(&local);
}

/* One of ours that a new user can have. */
static struct ua_stream *find_ours(const struct ua_streams *streams,
				   const struct ua_stream_peer *peer)
{
	struct ua_map_node *node = ua_map_find(&streams->by_peer,
					       peer_hash(streams, &peer->target)),
			   *next;

	for (; node; node = next) {
		struct ua_stream *stream = UA_CONTAINER(node, struct ua_stream, by_peer);

		next = ua_map_again(node);
		if (stream->peer.transport != peer->target.transport ||
		    !ua_address_same(&stream->peer, &peer->target) ||
		    !may_be_joined(stream, peer->name))
			continue;
		if (!has_lost_address(stream))
			return stream;
		ua_stream_lose(stream, FAILOVER_REASON_RESET);
	}
	return NULL;
}

/* ---- end ---------------------------------------------------------------------------------- */

static void set_life(struct ua_stream *stream, uint64_t in_ms)
{
	ua_timer_set(&stream->all->ua->timers, &stream->life, ua_now(stream->all->ua) + in_ms);
}

static void log_tls(const struct ua_stream *stream)
{
	const char *why = stream->all->driver->why(stream);
	char text[UA_ADDRESS_TEXT];

	ua_log(stream->all->ua, FAILOVER_LOG_WARNING, "TLS with %s (%s) failed: %s",
	       ua_address_text(&stream->peer, text), stream->name,
	       why[0] ? why : "the peer closed the connection during the handshake");
}

void ua_stream_lose(struct ua_stream *stream, uint32_t reason)
{
	if (stream->state == UA_STREAM_LOST)
		return;
	stream->state = UA_STREAM_LOST;
	stream->reason = reason;
	ua_map_remove(&stream->all->by_peer, &stream->by_peer);
	set_life(stream, 0);
	if (reason == FAILOVER_REASON_TLS)
		log_tls(stream);
}

static void drop_parcels(struct ua_stream *stream)
{
	struct ua_parcel *parcel;

	while ((parcel = STAILQ_FIRST(&stream->parcels))) {
		STAILQ_REMOVE_HEAD(&stream->parcels, link);
		free(parcel);
	}
}

void ua_stream_drop(struct ua_stream *stream)
{
	struct ua_streams *streams = stream->all;

	ua_map_remove(&streams->by_peer, &stream->by_peer);
	if (stream->place) {
		*stream->place = stream->next;
		if (stream->next)
			stream->next->place = stream->place;
		if (stream->incoming)
			streams->incoming--;
		else
			streams->outgoing--;
	}
	ua_timer_stop(&streams->ua->timers, &stream->life);
	ua_timer_stop(&streams->ua->timers, &stream->ping);
	ua_timers_clear(&streams->ua->timers, 2);
	drop_parcels(stream);
	streams->driver->close(stream);
	free(stream->name);
	free(stream);
}

/* What the device's own network lost says nothing of the peer. */
static int has_response(const struct ua_stream *stream)
{
	const struct ua_parcel *parcel;

	STAILQ_FOREACH(parcel, &stream->parcels, link)
	if (!parcel->done && !strncmp(parcel->bytes, "SIP/2.0 ", 8))
		return stream->reason != FAILOVER_REASON_LOCAL;
	return 0;
}

/* End it. Users are told. */
static void end(struct ua_stream *stream)
{
	uint32_t reason = stream->reason ? stream->reason : FAILOVER_REASON_RESET;
	struct ua_stream_user *user;

	stream->state = UA_STREAM_LOST;
	while ((user = LIST_FIRST(&stream->users))) {
		LIST_REMOVE(user, link);
		user->stream = NULL;
		user->is_unheard = user->is_reused && user->bytes == stream->bytes;
		user->lost(user, reason);
	}
	if (stream->kept)
		ua_flow_lost(stream->all->ua, &stream->peer, stream->number);
	ua_answers_lost(stream->all->ua, &stream->peer, has_response(stream));
	ua_stream_drop(stream);
}

/* Nobody waits on it: is it of use still? */
static int is_wanted(const struct ua_stream *stream)
{
	const struct ua *ua = stream->all->ua;

	if (stream->state != UA_STREAM_UP || stream->stale)
		return 0;
	if (stream->incoming && ua_now(ua) - stream->heard_at >= FIRST_MS + UA_64T1 * UA_T1_MS)
		return 0;
	return ua_is_source(ua, &stream->peer) ||
	       (stream->incoming && ua_may_connect(ua, &stream->peer));
}

static void on_life(struct ua_timer *timer)
{
	struct ua_stream *stream = UA_CONTAINER(timer, struct ua_stream, life);

	if (stream->state == UA_STREAM_LOST ||
	    (LIST_EMPTY(&stream->users) && !stream->kept && !is_wanted(stream)))
		end(stream);
	else
		set_life(stream, LOOK_MS);
}

/* ---- beginning ---------------------------------------------------------------------------- */

static struct ua_stream *create(struct ua_streams *streams, const struct failover_target *peer,
				const char *name)
{
	struct ua_stream *stream = calloc(1, streams->driver->size);

	if (!stream || ua_timers_reserve(&streams->ua->timers, 2)) {
		free(stream);
		return NULL;
	}
	stream->all = streams;
	stream->fd = -1;
	stream->number = ++streams->made;
	stream->peer = *peer;
	stream->heard_at = stream->begun_at = ua_now(streams->ua);
	stream->life.fire = on_life;
	stream->ping.fire = ua_stream_ping;
	LIST_INIT(&stream->users);
	STAILQ_INIT(&stream->parcels);
	ua_frame_init(&stream->frame);
	stream->name = strdup(name);
	if (!stream->name) {
		ua_stream_drop(stream);
		return NULL;
	}
	return stream;
}

void ua_stream_enlist(struct ua_stream *stream)
{
	struct ua_streams *streams = stream->all;

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
	ua_map_add(&streams->by_peer, &stream->by_peer, peer_hash(stream->all, &stream->peer));
	set_life(stream, stream->incoming ? FIRST_MS : LOOK_MS);
}

static int open_stream(struct ua_streams *streams, const struct ua_stream_peer *peer,
		       struct ua_stream **out)
{
	struct ua_stream *stream;
	int error;

	if (streams->outgoing >= UA_STREAMS_MAX)
		return FAILOVER_ERR_FULL;
	stream = create(streams, &peer->target, peer->name);
	if (!stream)
		return FAILOVER_ERR_MEMORY;
	error = streams->driver->connect(stream);
	if (error) {
		ua_stream_drop(stream);
		return error;
	}
	ua_stream_enlist(stream);
	/* Refused at once, as on loopback: told like everything else, from process(). */
	if (stream->reason)
		ua_stream_lose(stream, stream->reason);
	*out = stream;
	return FAILOVER_OK;
}

struct ua_stream *ua_stream_welcome(struct ua_streams *streams, const struct failover_target *from)
{
	struct ua_stream *stream = NULL;

	if (!ua_may_connect(streams->ua, from))
		ua_turn_away(streams->ua, from);
	else if (!ua_stream_has_room(streams, from))
		streams->ua->counters.refused++;
	else
		stream = create(streams, from, "");
	if (!stream)
		return NULL;
	stream->incoming = 1;
	stream->state = UA_STREAM_UP;
	return stream;
}

/* ---- users -------------------------------------------------------------------------------- */

int ua_stream_use(struct ua_streams *streams, const struct ua_stream_peer *peer,
		  struct ua_stream_user *user)
{
	struct ua_stream *stream = find_ours(streams, peer);
	int error = stream ? FAILOVER_OK : open_stream(streams, peer, &stream);

	if (error)
		return error;
	user->stream = stream;
	user->since = ua_now(streams->ua);
	user->bytes = stream->bytes;
	user->is_reused = stream->state == UA_STREAM_UP;
	LIST_INSERT_HEAD(&stream->users, user, link);
	if (peer->keepalive_s && (!stream->keepalive_s || peer->keepalive_s < stream->keepalive_s))
		stream->keepalive_s = peer->keepalive_s;
	if (stream->state == UA_STREAM_UP && !stream->ping.place)
		ua_stream_next_ping(stream);
	return FAILOVER_OK;
}

uint64_t ua_stream_keep(const struct ua_stream_user *user)
{
	if (!user->stream || user->stream->state == UA_STREAM_LOST)
		return 0;
	user->stream->kept++;
	return user->stream->number;
}

/* The last one has drop_if_unused; one with nothing to do may go, and one that is dead does, though
 * lines are registered over it: they hear of that. */
static void drop_if_unused(struct ua_stream *stream)
{
	int is_idle = STAILQ_EMPTY(&stream->parcels) && !stream->kept && !is_wanted(stream);

	if (LIST_EMPTY(&stream->users) && stream->state != UA_STREAM_LOST &&
	    (stream->stale || is_idle))
		ua_stream_lose(stream, FAILOVER_REASON_NONE);
}

void ua_stream_unkeep(struct ua_streams *streams, const struct failover_target *peer,
		      uint64_t number)
{
	struct ua_map_node *node = ua_map_find(&streams->by_peer, peer_hash(streams, peer));

	for (; node; node = ua_map_again(node)) {
		struct ua_stream *stream = UA_CONTAINER(node, struct ua_stream, by_peer);

		if (stream->number != number)
			continue;
		stream->kept--;
		drop_if_unused(stream);
		return;
	}
}

int ua_stream_local(const struct ua_stream_user *user, struct failover_target *out)
{
	return user->stream ? ua_stream_address(user->stream, out) : FAILOVER_ERR_IO;
}

int ua_streams_local_of(const struct ua_streams *streams, const struct failover_target *peer,
			struct failover_target *out)
{
	const struct ua_stream *stream = find(streams, peer);

	return stream ? ua_stream_address(stream, out) : FAILOVER_ERR_IO;
}

int ua_stream_send(struct ua_stream_user *user, const char *bytes, size_t count)
{
	int error;

	if (user->stream->state == UA_STREAM_LOST)
		return FAILOVER_OK; /* it hears of that soon */
	error = ua_stream_put(user->stream, user, bytes, count);
	if (!error)
		ua_stream_flush(user->stream);
	return error;
}

static void drop_parcels_of(struct ua_stream *stream, const struct ua_stream_user *user)
{
	struct ua_parcel *parcel = STAILQ_FIRST(&stream->parcels), *next;

	for (; parcel; parcel = next) {
		next = STAILQ_NEXT(parcel, link);
		if (parcel->owner != user)
			continue;
		parcel->owner = NULL;
		if (parcel->done) /* half of it has drop_if_unused: the rest must follow */
			continue;
		STAILQ_REMOVE(&stream->parcels, parcel, ua_parcel, link);
		stream->queued -= parcel->length;
		free(parcel);
	}
}

void ua_stream_leave(struct ua_stream_user *user)
{
	struct ua_stream *stream = user->stream;

	if (!stream)
		return;
	drop_parcels_of(stream, user);
	LIST_REMOVE(user, link);
	user->stream = NULL;
	drop_if_unused(stream);
}

void ua_stream_suspect(struct ua_stream_user *user)
{
	struct ua_stream *stream = user->stream;

	if (stream && stream->state == UA_STREAM_UP && stream->heard_at < user->since)
		stream->stale = 1;
}

uint32_t ua_stream_missing(const struct ua_stream_user *user)
{
	if (!user->stream)
		return FAILOVER_REASON_NONE;
	switch (user->stream->state) {
	case UA_STREAM_CONNECTING:
		return FAILOVER_REASON_CONNECT_TIMEOUT;
	case UA_STREAM_HANDSHAKE:
		return FAILOVER_REASON_TLS;
	case UA_STREAM_UP:
	case UA_STREAM_LOST:
		break;
	}
	return FAILOVER_REASON_NONE;
}

int ua_stream_reply(struct ua_streams *streams, const struct failover_target *peer,
		    const char *bytes, size_t count)
{
	struct ua_stream *stream = find(streams, peer);
	int error = stream ? ua_stream_put(stream, NULL, bytes, count) : FAILOVER_ERR_IO;

	if (!error)
		ua_stream_flush(stream);
	return error;
}

int ua_stream_deliver(struct ua_streams *streams, const struct ua_stream_peer *peer,
		      const char *bytes, size_t count)
{
	struct ua_stream *stream = find_ours(streams, peer);
	int error = stream ? FAILOVER_OK : open_stream(streams, peer, &stream);

	if (!error)
		error = ua_stream_put(stream, NULL, bytes, count);
	if (!error)
		ua_stream_flush(stream);
	return error;
}

/* ---- all of them -------------------------------------------------------------------------- */

void ua_streams_check(struct ua_streams *streams)
{
	struct ua_stream *stream;

	for (stream = streams->first; stream; stream = stream->next)
		if (stream->state != UA_STREAM_LOST && has_lost_address(stream))
			ua_stream_lose(stream, FAILOVER_REASON_RESET);
}

int ua_streams_begin(struct ua_streams *streams, const struct ua_stream_driver *driver)
{
	uint64_t key[2];

	streams->driver = driver;
	if (streams->ua->host->random(streams->ua->host->ctx, key, sizeof(key)))
		return FAILOVER_ERR_IO;
	return ua_map_init(&streams->by_peer, key);
}

void ua_streams_end(struct ua_streams *streams)
{
	while (streams->first)
		end(streams->first);
	ua_map_free(&streams->by_peer);
}
