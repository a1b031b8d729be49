/* SPDX-License-Identifier: MIT */
/* stream.c - the life of connections: opened for whom, shared by whom, and how they end. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include "stream_io.h"
#include "tls.h"
#include "transport.h"

#define LOOK_MS 32000u	/* a connection that nobody uses is looked at so often */
#define FIRST_MS 32000u /* a peer that connects says something by then */

/* ---- finding ------------------------------------------------------------------------------ */

static uint64_t peer_hash(const struct fo_re *ua, const struct failover_target *peer)
{
	return fo_map_hash(&ua->streams.by_peer, peer->address, sizeof(peer->address)) +
	       peer->port + ((uint64_t)peer->transport << 16);
}

/* A connection with this peer that may be used; name NULL = whoever it is. */
static struct fo_re_stream *find(const struct fo_re *ua, const struct failover_target *peer,
				 const char *name)
{
	struct fo_map_node *node = fo_map_find(&ua->streams.by_peer, peer_hash(ua, peer));

	for (; node; node = fo_map_again(node)) {
		struct fo_re_stream *stream = FO_CONTAINER(node, struct fo_re_stream, by_peer);

		if (stream->peer.transport != peer->transport ||
		    !fo_address_same(&stream->peer, peer))
			continue;
		if (!name || (!stream->stale && !stream->incoming && !strcmp(stream->name, name)))
			return stream;
	}
	return NULL;
}

/* ---- end ---------------------------------------------------------------------------------- */

static void set_life(struct fo_re_stream *stream, uint64_t in_ms)
{
	fo_timer_set(&stream->ua->base.timers, &stream->life, fo_ua_now(&stream->ua->base) + in_ms);
}

void fo_re_stream_lose(struct fo_re_stream *stream, uint32_t reason)
{
	char text[FO_ADDRESS_TEXT];

	if (stream->state == FO_STREAM_LOST)
		return;
	stream->state = FO_STREAM_LOST;
	stream->reason = reason;
	fo_map_remove(&stream->ua->streams.by_peer, &stream->by_peer);
	set_life(stream, 0);
	if (reason != FAILOVER_REASON_TLS)
		return;
	fo_ua_log(&stream->ua->base, FAILOVER_LOG_WARNING, "TLS with %s (%s) failed: %s",
		  fo_address_text(&stream->peer, text), stream->name, fo_re_tls_why(stream->ua));
	stream->ua->streams.tls_why[0] = '\0';
}

static void drop_parcel(struct fo_re_stream *stream, struct fo_re_parcel *parcel)
{
	list_unlink(&parcel->link);
	stream->queued -= mbuf_get_left(parcel->text);
	mem_deref(parcel->text);
	free(parcel);
}

static void release(struct fo_re_stream *stream)
{
	struct fo_re *ua = stream->ua;

	fo_map_remove(&ua->streams.by_peer, &stream->by_peer);
	if (stream->link.list) {
		list_unlink(&stream->link);
		if (stream->incoming)
			ua->streams.incoming--;
		else
			ua->streams.outgoing--;
	}
	fo_timer_stop(&ua->base.timers, &stream->life);
	fo_timer_stop(&ua->base.timers, &stream->ping);
	fo_timers_release(&ua->base.timers, 2);
	while (stream->parcels.head)
		drop_parcel(stream, stream->parcels.head->data);
	mem_deref(stream->tls); /* says goodbye on the connection */
	mem_deref(stream->tcp);
	free(stream->name);
	free(stream);
}

/* Users are told. */
static void end(struct fo_re_stream *stream)
{
	uint32_t reason = stream->reason ? stream->reason : FAILOVER_REASON_RESET;
	struct fo_re_stream_user *user;

	stream->state = FO_STREAM_LOST;
	while ((user = list_ledata(stream->users.head))) {
		list_unlink(&user->link);
		user->stream = NULL;
		user->lost(user, reason);
	}
	if (stream->kept)
		fo_ua_flow_lost(&stream->ua->base, &stream->peer, stream->number);
	release(stream);
}

/* Nobody waits on it: is it of use still? */
static int is_wanted(const struct fo_re_stream *stream)
{
	const struct fo_re *ua = stream->ua;

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
	struct fo_re_stream *stream = FO_CONTAINER(timer, struct fo_re_stream, life);

	if (stream->state == FO_STREAM_LOST ||
	    (!stream->users.head && !stream->kept && !is_wanted(stream)))
		end(stream);
	else
		set_life(stream, LOOK_MS);
}

void fo_re_streams_free(struct fo_re *ua)
{
	while (ua->streams.all.head)
		end(ua->streams.all.head->data);
	fo_re_tls_close(ua);
}

/* ---- beginning ---------------------------------------------------------------------------- */

static struct fo_re_stream *create(struct fo_re *ua, const struct failover_target *peer,
				   const char *name)
{
	struct fo_re_stream *stream = calloc(1, sizeof(*stream));

	if (!stream || fo_timers_reserve(&ua->base.timers, 2)) {
		free(stream);
		return NULL;
	}
	stream->ua = ua;
	stream->number = ++ua->streams.made;
	stream->peer = *peer;
	stream->heard_at = fo_ua_now(&ua->base);
	stream->life.fire = on_life;
	stream->ping.fire = fo_re_stream_ping;
	fo_frame_init(&stream->frame);
	stream->name = strdup(name);
	if (!stream->name) {
		release(stream);
		return NULL;
	}
	return stream;
}

/* It has a connection: list it. */
static void enlist(struct fo_re_stream *stream)
{
	struct fo_re_streams *streams = &stream->ua->streams;

	list_append(&streams->all, &stream->link, stream);
	if (stream->incoming)
		streams->incoming++;
	else
		streams->outgoing++;
	stream->ua->base.counters.connections++;
	fo_map_add(&streams->by_peer, &stream->by_peer, peer_hash(stream->ua, &stream->peer));
	set_life(stream, stream->incoming ? FIRST_MS : LOOK_MS);
}

/* Small messages leave at once; libre does not close it in children. */
static void set_options(const struct fo_re_stream *stream)
{
	int on = 1, fd = tcp_conn_fd(stream->tcp);

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	tcp_conn_txqsz_set(stream->tcp, FO_STREAM_QUEUE_MAX);
}

/* Connections come from the address that the user wants to be seen at. */
static int connect_stream(struct fo_re_stream *stream)
{
	struct sa peer, own;
	int error;

	fo_re_transport_sa(&stream->peer, &peer);
	error = tcp_conn_alloc(&stream->tcp, &peer, fo_re_stream_on_up, fo_re_stream_on_bytes,
			       fo_re_stream_on_close, stream);
	if (error)
		return error;
	set_options(stream);
	if (fo_re_transport_bind_host(stream->ua->transport, &own))
		error = tcp_conn_bind(stream->tcp, &own);
	if (!error)
		error = tcp_register_helper(NULL, stream->tcp, -1, fo_re_stream_on_connected, NULL,
					    NULL, stream);
	if (!error && stream->peer.transport == FAILOVER_TLS)
		error = fo_re_tls_start(stream->ua, stream->tcp, stream->name, &stream->tls);
	return error ? error : tcp_conn_connect(stream->tcp, &peer);
}

static int open_stream(struct fo_re *ua, const struct fo_re_stream_peer *peer,
		       struct fo_re_stream **out)
{
	struct failover_target local;
	struct fo_re_stream *stream;
	int error;

	if (ua->streams.outgoing >= FO_STREAMS_MAX)
		return FAILOVER_ERR_FULL;
	error = fo_re_transport_local(ua->transport, &peer->target, &local);
	if (error)
		return error;
	stream = create(ua, &peer->target, peer->name);
	if (!stream)
		return FAILOVER_ERR_MEMORY;
	error = connect_stream(stream);
	if (!stream->tcp || (peer->target.transport == FAILOVER_TLS && !stream->tls)) {
		release(stream);
		return FAILOVER_ERR_IO;
	}
	enlist(stream);
	/* Refused at once: told like everything else, from process(). */
	if (error)
		fo_re_stream_lose(stream, fo_re_stream_reason(error));
	*out = stream;
	return FAILOVER_OK;
}

/* Returns NULL when it is turned away. */
static struct fo_re_stream *welcome(struct fo_re *ua, const struct failover_target *from)
{
	struct fo_re_stream *stream;

	if (!ua->base.accept_any && !fo_ua_is_source(&ua->base, from)) {
		ua->base.counters.foreign++;
		return NULL;
	}
	if (ua->streams.incoming >= FO_STREAMS_INCOMING_MAX) {
		ua->base.counters.refused++;
		return NULL;
	}
	stream = create(ua, from, "");
	if (stream &&
	    tcp_accept(&stream->tcp, fo_re_transport_listener(ua->transport), fo_re_stream_on_up,
		       fo_re_stream_on_bytes, fo_re_stream_on_close, stream)) {
		release(stream);
		return NULL;
	}
	return stream;
}

void fo_re_stream_accept(const struct sa *from, void *arg)
{
	struct fo_re *ua = arg;
	struct failover_target peer;
	struct fo_re_stream *stream = NULL;

	if (!fo_re_transport_target(from, FAILOVER_TCP, &peer))
		stream = welcome(ua, &peer);
	if (!stream) {
		tcp_reject(fo_re_transport_listener(ua->transport));
		return;
	}
	set_options(stream);
	stream->incoming = 1;
	stream->state = FO_STREAM_UP;
	enlist(stream);
}

/* ---- users -------------------------------------------------------------------------------- */

int fo_re_stream_use(struct fo_re *ua, const struct fo_re_stream_peer *peer,
		     struct fo_re_stream_user *user)
{
	struct fo_re_stream *stream = find(ua, &peer->target, peer->name);
	int error = stream ? FAILOVER_OK : open_stream(ua, peer, &stream);

	if (error)
		return error;
	user->stream = stream;
	user->since = fo_ua_now(&ua->base);
	list_append(&stream->users, &user->link, user);
	if (peer->keepalive_s && (!stream->keepalive_s || peer->keepalive_s < stream->keepalive_s))
		stream->keepalive_s = peer->keepalive_s;
	if (stream->state == FO_STREAM_UP && !stream->ping.place)
		fo_re_stream_next_ping(stream);
	return FAILOVER_OK;
}

uint64_t fo_re_stream_keep(const struct fo_re_stream_user *user)
{
	if (!user->stream || user->stream->state == FO_STREAM_LOST)
		return 0;
	user->stream->kept++;
	return user->stream->number;
}

/* The last one has left; one with nothing to do may go. */
static void left(struct fo_re_stream *stream)
{
	if (!stream->users.head && !stream->parcels.head && !stream->kept &&
	    stream->state != FO_STREAM_LOST && !is_wanted(stream))
		fo_re_stream_lose(stream, FAILOVER_REASON_NONE);
}

void fo_re_stream_unkeep(struct fo_re *ua, const struct failover_target *peer, uint64_t number)
{
	struct fo_map_node *node = fo_map_find(&ua->streams.by_peer, peer_hash(ua, peer));

	for (; node; node = fo_map_again(node)) {
		struct fo_re_stream *stream = FO_CONTAINER(node, struct fo_re_stream, by_peer);

		if (stream->number != number)
			continue;
		stream->kept--;
		left(stream);
		return;
	}
}

int fo_re_stream_send(struct fo_re_stream_user *user, struct mbuf *text)
{
	int error;

	if (user->stream->state == FO_STREAM_LOST)
		return FAILOVER_OK; /* it hears of that soon */
	error = fo_re_stream_put(user->stream, user, text);
	if (!error)
		fo_re_stream_flush(user->stream);
	return error;
}

static void drop_parcels_of(struct fo_re_stream *stream, const struct fo_re_stream_user *user)
{
	struct le *le = stream->parcels.head, *next;

	for (; le; le = next) {
		struct fo_re_parcel *parcel = le->data;

		next = le->next;
		if (parcel->owner == user)
			drop_parcel(stream, parcel);
	}
}

void fo_re_stream_leave(struct fo_re_stream_user *user)
{
	struct fo_re_stream *stream = user->stream;

	if (!stream)
		return;
	drop_parcels_of(stream, user);
	list_unlink(&user->link);
	user->stream = NULL;
	left(stream);
}

void fo_re_stream_suspect(struct fo_re_stream_user *user)
{
	struct fo_re_stream *stream = user->stream;

	if (stream && stream->state == FO_STREAM_UP && stream->heard_at < user->since)
		stream->stale = 1;
}

uint32_t fo_re_stream_missing(const struct fo_re_stream_user *user)
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

int fo_re_stream_reply(struct fo_re *ua, const struct failover_target *peer, struct mbuf *text)
{
	struct fo_re_stream *stream = find(ua, peer, NULL);
	int error = stream ? fo_re_stream_put(stream, NULL, text) : FAILOVER_ERR_IO;

	if (!error)
		fo_re_stream_flush(stream);
	return error;
}

int fo_re_stream_deliver(struct fo_re *ua, const struct fo_re_stream_peer *peer, struct mbuf *text)
{
	struct fo_re_stream *stream = find(ua, &peer->target, peer->name);
	int error = stream ? FAILOVER_OK : open_stream(ua, peer, &stream);

	if (!error)
		error = fo_re_stream_put(stream, NULL, text);
	if (!error)
		fo_re_stream_flush(stream);
	return error;
}
