/* SPDX-License-Identifier: MIT */
/*
 * peer.c - connections: how many there are, and how long each may take. evhttp tells of a
 * connection when its request is whole; those that never get so far are counted and ended here.
 */
#include "server.h"

#include <event2/bufferevent_ssl.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <sys/socket.h>

struct web_peer {
	TAILQ_ENTRY(web_peer) entries;
	struct web *web;
	struct bufferevent *bev;	      /* held until it is adopted */
	struct evhttp_connection *connection; /* NULL = not adopted yet */
	struct web_stream *stream;
	uint64_t until_ms; /* of the request; UINT64_MAX = a stream */
	uint64_t address;
	int trusted; /* has logged in */
	int cut;
};

/* Whatever it is doing, the next thing that evhttp sees is its end. */
static void peer_cut(struct web_peer *peer)
{
	evutil_socket_t fd = bufferevent_getfd(peer->bev);

	if (peer->cut)
		return;
	peer->cut = 1;
	if (fd >= 0)
		shutdown(fd, SHUT_RDWR);
}

static void on_close(struct evhttp_connection *connection, void *arg)
{
	struct web_peer *peer = arg;
	struct web *web = peer->web;

	(void)connection;
	if (peer->stream)
		web_stream_closed(web, peer->stream);
	TAILQ_REMOVE(&web->peers, peer, entries);
	web->peers_count--;
	free(peer);
}

/* Of those that have not logged in: the oldest one of the address that has most of them. If all
 * have, the oldest one that is no stream. */
static struct web_peer *peer_to_cut(struct web *web)
{
	struct web_peer *peer, *other, *worst = NULL, *oldest = NULL;
	uint32_t count, most = 0;

	TAILQ_FOREACH(peer, &web->peers, entries)
	{
		if (peer->cut || !peer->connection)
			continue;
		if (!oldest && !peer->stream)
			oldest = peer;
		if (peer->trusted)
			continue;
		count = 0;
		TAILQ_FOREACH(other, &web->peers, entries)
		count += other->address == peer->address && !other->trusted;
		if (count > most) {
			most = count;
			worst = peer;
		}
	}
	return worst ? worst : oldest;
}

static struct bufferevent *bufferevent_of(struct web *web, struct event_base *base)
{
	struct bufferevent *bev;
	SSL *ssl;

	if (!web->tls)
		return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	ssl = SSL_new(web->tls);
	if (!ssl)
		return NULL;
	bev = bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING,
					     BEV_OPT_CLOSE_ON_FREE);
	if (!bev)
		SSL_free(ssl);
	else
		bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

struct bufferevent *web_peer_new(struct event_base *base, void *arg)
{
	const struct timeval second = { .tv_sec = 1 };
	struct web *web = arg;
	struct bufferevent *bev = bufferevent_of(web, base);
	struct web_peer *peer = bev ? calloc(1, sizeof(*peer)) : NULL, *worst;

	if (!peer) {
		if (bev)
			bufferevent_free(bev);
		return NULL;
	}
	/* While evhttp answers it reads on, and looks at nothing: what has come waits there. */
	bufferevent_setwatermark(bev, EV_READ, 0, WEB_BODY_BYTES + WEB_HEADER_BYTES);
	if (web->peers_count >= WEB_CONNECTIONS) {
		worst = peer_to_cut(web);
		if (worst)
			peer_cut(worst);
	}
	peer->web = web;
	peer->bev = bev;
	peer->until_ms = web_now_ms() + WEB_REQUEST_S * 1000u;
	bufferevent_incref(bev);
	TAILQ_INSERT_TAIL(&web->peers, peer, entries);
	web->peers_count++;
	event_active(web->adopt_event, EV_TIMEOUT, 1);
	if (++web->accepts >= WEB_ACCEPTS)
		evconnlistener_disable(web->listener);
	if (!event_pending(web->beat_event, EV_TIMEOUT, NULL))
		event_add(web->beat_event, &second);
	return bev;
}

static void peer_adopt(struct web *web, struct web_peer *peer)
{
	bufferevent_event_cb event_cb = NULL;
	void *connection = NULL;
	struct bufferevent *bev = peer->bev;

	bufferevent_getcb(bev, NULL, NULL, &event_cb, &connection);
	if (event_cb && connection) {
		peer->connection = connection;
		evhttp_connection_set_closecb(peer->connection, on_close, peer);
		peer->address = web_socket_address(bufferevent_getfd(bev));
	} else { /* evhttp could not take it */
		TAILQ_REMOVE(&web->peers, peer, entries);
		web->peers_count--;
		free(peer);
	}
	bufferevent_decref(bev);
}

/* evhttp makes its connection after it has asked for the bufferevent, and before the loop waits
 * again: then its callbacks have the connection as their argument. */
void web_peers_adopt(evutil_socket_t fd, short what, void *arg)
{
	struct web *web = arg;
	struct web_peer *peer, *next;

	(void)fd;
	(void)what;
	for (peer = TAILQ_FIRST(&web->peers); peer; peer = next) {
		next = TAILQ_NEXT(peer, entries);
		if (!peer->connection)
			peer_adopt(web, peer);
	}
	if (web->accepts >= WEB_ACCEPTS)
		evconnlistener_enable(web->listener);
	web->accepts = 0;
}

static struct web_peer *peer_of(struct web *web, struct evhttp_request *request)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	struct web_peer *peer;

	TAILQ_FOREACH(peer, &web->peers, entries)
	{
		if (connection && peer->connection == connection)
			return peer;
	}
	return NULL;
}

void web_peer_answered(struct web *web, struct evhttp_request *request, int trusted)
{
	struct web_peer *peer = peer_of(web, request);

	if (!peer)
		return;
	peer->trusted |= trusted;
	peer->until_ms = web_now_ms() + WEB_REQUEST_S * 1000u;
}

int web_peer_streams(struct web *web, struct evhttp_request *request, struct web_stream *stream)
{
	struct web_peer *peer = peer_of(web, request);

	if (!peer)
		return -1;
	peer->trusted = 1;
	peer->stream = stream;
	peer->until_ms = UINT64_MAX;
	return 0;
}

void web_peers_sweep(struct web *web)
{
	uint64_t now = web_now_ms();
	struct web_peer *peer;

	TAILQ_FOREACH(peer, &web->peers, entries)
	{
		if (peer->connection && now >= peer->until_ms)
			peer_cut(peer);
	}
}
