/* SPDX-License-Identifier: MIT */
/* stream.c - the life of connections: opened for whom, shared by whom, and how they end. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "stream_io.h"
#include "transport.h"

#define LOOK_MS 32000u	/* a connection that nobody uses is looked at so often */
#define FIRST_MS 32000u /* a peer that connects says something by then */
#define ACCEPT_AT_ONCE 256

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

static struct fo_stream *by_fd(const struct fo_streams *streams, int fd)
{
	uint64_t hash = fo_map_hash_number(&streams->by_fd, (uint64_t)fd);
	struct fo_map_node *node;

	for (node = fo_map_find(&streams->by_fd, hash); node; node = fo_map_again(node)) {
		struct fo_stream *stream = FO_CONTAINER(node, struct fo_stream, by_fd);

		if (stream->fd == fd)
			return stream;
	}
	return NULL;
}

/* ---- end ---------------------------------------------------------------------------------- */

static void set_life(struct fo_stream *stream, uint64_t in_ms)
{
	fo_timer_set(&stream->all->ua->timers, &stream->life, fo_ua_now(stream->all->ua) + in_ms);
}

void fo_stream_lose(struct fo_stream *stream, uint32_t reason)
{
	if (stream->state == FO_STREAM_LOST)
		return;
	stream->state = FO_STREAM_LOST;
	stream->reason = reason;
	fo_map_remove(&stream->all->by_peer, &stream->by_peer);
	set_life(stream, 0);
}

static void log_tls(struct fo_stream *stream)
{
	const char *why = stream->tls ? fo_tls_why(stream->tls) : "";
	char text[FO_ADDRESS_TEXT];

	if (stream->reason != FAILOVER_REASON_TLS)
		return;
	fo_ua_log(stream->all->ua, FAILOVER_LOG_WARNING, "TLS with %s (%s) failed: %s",
		  fo_address_text(&stream->peer, text), stream->name,
		  why[0] ? why : "the peer closed the connection during the handshake");
}

static void drop_parcels(struct fo_stream *stream)
{
	struct fo_parcel *parcel;

	while ((parcel = STAILQ_FIRST(&stream->parcels))) {
		STAILQ_REMOVE_HEAD(&stream->parcels, link);
		free(parcel);
	}
}

static void release(struct fo_stream *stream)
{
	struct fo_streams *streams = stream->all;

	fo_map_remove(&streams->by_peer, &stream->by_peer);
	fo_map_remove(&streams->by_fd, &stream->by_fd);
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
	if (stream->fd >= 0)
		close(stream->fd);
	drop_parcels(stream);
	fo_tls_free(stream->tls);
	free(stream->name);
	free(stream);
}

/* RFC 8446 6.1, also when nobody had use for it any more; a connection that is broken takes it or
 * not. */
static void say_goodbye(const struct fo_stream *stream)
{
	const char *bytes;
	size_t count;

	if (!stream->tls)
		return;
	fo_tls_shutdown(stream->tls);
	count = fo_tls_output(stream->tls, &bytes);
	if (count)
		(void)send(stream->fd, bytes, count, MSG_NOSIGNAL);
}

/* End it. Users are told. */
static void end(struct fo_stream *stream)
{
	uint32_t reason = stream->reason ? stream->reason : FAILOVER_REASON_RESET;
	struct fo_stream_user *user;

	log_tls(stream);
	say_goodbye(stream);
	while ((user = LIST_FIRST(&stream->users))) {
		LIST_REMOVE(user, link);
		user->stream = NULL;
		user->lost(user, reason);
	}
	if (stream->kept)
		fo_ua_flow_lost(stream->all->ua, &stream->peer, stream->number);
	release(stream);
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
	struct fo_stream *stream = calloc(1, sizeof(*stream));

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
		release(stream);
		return NULL;
	}
	return stream;
}

/* It has a descriptor: list it. */
static void list(struct fo_stream *stream)
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
	fo_map_add(&streams->by_fd, &stream->by_fd,
		   fo_map_hash_number(&streams->by_fd, (uint64_t)stream->fd));
	set_life(stream, stream->incoming ? FIRST_MS : LOOK_MS);
}

/* NULL, and logged, when the files cannot be used. */
static struct fo_tls_context *new_tls(struct fo_streams *streams, const char *ca_file,
				      const char *cert_file, const char *key_file)
{
	struct fo_tls_settings settings = { .ca_file = ca_file,
					    .cert_file = cert_file,
					    .key_file = key_file,
					    .verify = streams->tls_verify != 0 };
	char why[FO_TLS_WHY];
	struct fo_tls_context *context = fo_tls_context_new(&settings, why);

	if (!context)
		fo_ua_log(streams->ua, FAILOVER_LOG_ERROR, "TLS cannot be used: %s", why);
	else if (!settings.verify)
		fo_ua_log(streams->ua, FAILOVER_LOG_WARNING,
			  "tls_verify is 0: certificates are not verified, anybody can listen in");
	return context;
}

static int open_tls(struct fo_stream *stream)
{
	struct fo_streams *streams = stream->all;
	char text[FO_ADDRESS_TEXT];

	if (!streams->tls)
		streams->tls = new_tls(streams, NULL, NULL, NULL);
	if (!streams->tls)
		return FAILOVER_ERR_IO;
	stream->tls = fo_tls_new(streams->tls, stream->name, fo_address_text(&stream->peer, text));
	return stream->tls ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

static int open_stream(struct fo_streams *streams, const struct fo_stream_peer *peer,
		       struct fo_stream **out)
{
	struct fo_stream *stream;
	int error = FAILOVER_OK, saved;

	if (streams->outgoing >= FO_STREAMS_MAX)
		return FAILOVER_ERR_FULL;
	stream = create(streams, &peer->target, peer->name);
	if (!stream)
		return FAILOVER_ERR_MEMORY;
	if (peer->target.transport == FAILOVER_TLS)
		error = open_tls(stream);
	if (!error)
		error = fo_transport_connect(streams->transport, &peer->target, &stream->fd);
	if (stream->fd < 0) {
		release(stream);
		return error ? error : FAILOVER_ERR_IO;
	}
	saved = errno;
	list(stream);
	/* Refused at once, as on loopback: told like everything else, from process(). */
	if (error)
		fo_stream_lose(stream, fo_stream_reason(saved));
	*out = stream;
	return FAILOVER_OK;
}

static void adopt(struct fo_streams *streams, int fd, const struct failover_target *from)
{
	struct fo_stream *stream = NULL;
	int is_welcome = streams->ua->accept_any || fo_ua_is_source(streams->ua, from);

	if (!is_welcome)
		streams->ua->counters.foreign++;
	else if (streams->incoming >= FO_STREAMS_INCOMING_MAX)
		streams->ua->counters.refused++;
	else
		stream = create(streams, from, "");
	if (!stream) {
		close(fd);
		return;
	}
	stream->fd = fd;
	stream->incoming = 1;
	stream->state = FO_STREAM_UP;
	list(stream);
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
	if (stream->state == FO_STREAM_UP && stream->keepalive_s && !stream->ping.place)
		fo_timer_set(&streams->ua->timers, &stream->ping,
			     user->since + UINT64_C(1000) * stream->keepalive_s);
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

/* ---- descriptors -------------------------------------------------------------------------- */

static uint32_t wanted(const struct fo_stream *stream)
{
	const char *bytes;

	switch (stream->state) {
	case FO_STREAM_CONNECTING:
		return FAILOVER_IO_WRITE;
	case FO_STREAM_HANDSHAKE:
		return fo_tls_output(stream->tls, &bytes) ? FAILOVER_IO_READ | FAILOVER_IO_WRITE
							  : FAILOVER_IO_READ;
	case FO_STREAM_UP:
		if (STAILQ_EMPTY(&stream->parcels) &&
		    !(stream->tls && fo_tls_output(stream->tls, &bytes)))
			return FAILOVER_IO_READ;
		return FAILOVER_IO_READ | FAILOVER_IO_WRITE;
	case FO_STREAM_LOST:
		break;
	}
	return 0;
}

uint32_t fo_streams_fds(const struct fo_streams *streams, struct failover_io_fd *out, uint32_t max)
{
	int listener = fo_transport_listener(streams->transport);
	const struct fo_stream *stream;
	uint32_t count = 0;

	if (listener >= 0 && count++ < max)
		out[0] = (struct failover_io_fd){ listener, FAILOVER_IO_READ };
	for (stream = streams->first; stream; stream = stream->next) {
		uint32_t events = wanted(stream);

		if (!events)
			continue;
		if (count < max)
			out[count] = (struct failover_io_fd){ stream->fd, events };
		count++;
	}
	return count;
}

static void process(struct fo_streams *streams, const struct failover_io_fd *ready)
{
	struct fo_stream *stream = by_fd(streams, ready->fd);

	if (!stream)
		return;
	if (stream->state == FO_STREAM_CONNECTING) {
		if (ready->events & (FAILOVER_IO_WRITE | FAILOVER_IO_ERROR))
			fo_stream_connected(stream);
		return;
	}
	if (ready->events & FAILOVER_IO_WRITE)
		fo_stream_flush(stream);
	if (ready->events & (FAILOVER_IO_READ | FAILOVER_IO_ERROR))
		fo_stream_read(stream);
}

void fo_streams_process(struct fo_streams *streams, const struct failover_io_fd *ready,
			uint32_t count)
{
	struct failover_target from;
	int left = ACCEPT_AT_ONCE, fd;
	uint32_t i;

	while (left-- && (fd = fo_transport_accept(streams->transport, &from)) >= 0)
		adopt(streams, fd, &from);
	for (i = 0; i < count; i++)
		process(streams, &ready[i]);
}

/* ---- all of them -------------------------------------------------------------------------- */

int fo_streams_open(struct fo_streams *streams, const struct failover_open_params *params)
{
	uint64_t key[2];
	int error;

	streams->tls_verify = params->tls_verify;
	if (streams->ua->host->random(streams->ua->host->ctx, key, sizeof(key)))
		return FAILOVER_ERR_IO;
	error = fo_map_init(&streams->by_peer, key);
	if (!error)
		error = fo_map_init(&streams->by_fd, key);
	if (error || (!params->tls_ca_file && !params->tls_cert_file))
		return error;
	streams->tls =
		new_tls(streams, params->tls_ca_file, params->tls_cert_file, params->tls_key_file);
	return streams->tls ? FAILOVER_OK : FAILOVER_ERR_ARGUMENT;
}

void fo_streams_close(struct fo_streams *streams)
{
	while (streams->first)
		end(streams->first);
	fo_tls_context_free(streams->tls);
	streams->tls = NULL;
	fo_map_free(&streams->by_peer);
	fo_map_free(&streams->by_fd);
}
