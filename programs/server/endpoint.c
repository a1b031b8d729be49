/* SPDX-License-Identifier: MIT */
/* endpoint.c - the server's socket on libevent's loop. */
#include "endpoint.h"

#include "sip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READS_PER_EVENT 64 /* then the other events have their turn */

struct endpoint_delayed {
	TAILQ_ENTRY(endpoint_delayed) link;
	struct endpoint *ep;
	struct event *timer;
	struct peer to;
	size_t len;
	char data[];
};

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	char data[SIP_DATAGRAM_MAX];
	struct endpoint *ep = arg;
	struct peer from;
	ssize_t len;
	int i;

	(void)what;
	for (i = 0; i < READS_PER_EVENT && ep->fd == fd; i++) {
		from.len = sizeof(from.addr);
		len = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from.addr, &from.len);
		if (len < 0)
			return;
		ep->receive(ep->arg, data, (size_t)len, &from);
	}
}

void endpoint_init(struct endpoint *ep, struct event_base *base, const struct peer *local)
{
	ep->base = base;
	ep->local = *local;
	ep->fd = -1;
	ep->streams.fd = -1;
	TAILQ_INIT(&ep->delayed);
}

const char *endpoint_via(const struct endpoint *ep)
{
	static const char *const names[] = { "UDP", "TCP", "TLS" };

	return names[ep->transport];
}

const char *endpoint_param(const struct endpoint *ep)
{
	static const char *const names[] = { "", ";transport=tcp", ";transport=tls" };

	return names[ep->transport];
}

/* Take the socket that is bound into service. */
static bool serve(struct endpoint *ep, int fd)
{
	if (endpoint_is_reliable(ep)) {
		ep->streams.base = ep->base;
		ep->streams.tls = ep->tls;
		ep->streams.receive = ep->receive;
		ep->streams.arg = ep->arg;
		return streams_open(&ep->streams, fd);
	}
	ep->readable = event_new(ep->base, fd, EV_READ | EV_PERSIST, on_readable, ep);
	if (ep->readable && event_add(ep->readable, NULL) == 0)
		return true;
	if (ep->readable)
		event_free(ep->readable);
	ep->readable = NULL;
	errno = ENOMEM;
	return false;
}

bool endpoint_open(struct endpoint *ep)
{
	int type = endpoint_is_reliable(ep) ? SOCK_STREAM : SOCK_DGRAM;
	int fd, saved, on = 1;

	if (ep->fd >= 0)
		return true;
	fd = socket(ep->local.addr.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	/* Connections of the time before linger at the port. */
	if (type == SOCK_STREAM && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		goto fail;
	if (bind(fd, (struct sockaddr *)&ep->local.addr, ep->local.len) != 0)
		goto fail;
	ep->local.len = sizeof(ep->local.addr);
	if (getsockname(fd, (struct sockaddr *)&ep->local.addr, &ep->local.len) != 0)
		goto fail;
	if (!serve(ep, fd))
		goto fail;
	ep->fd = fd;
	return true;
fail:
	saved = errno;
	close(fd);
	errno = saved;
	return false;
}

static void delayed_free(struct endpoint_delayed *item)
{
	TAILQ_REMOVE(&item->ep->delayed, item, link);
	item->ep->waiting--;
	event_free(item->timer);
	free(item);
}

void endpoint_close(struct endpoint *ep)
{
	while (!TAILQ_EMPTY(&ep->delayed))
		delayed_free(TAILQ_FIRST(&ep->delayed));
	if (ep->fd < 0)
		return;
	if (endpoint_is_reliable(ep)) {
		streams_close(&ep->streams);
	} else {
		event_free(ep->readable);
		ep->readable = NULL;
		close(ep->fd);
	}
	ep->fd = -1;
}

static bool send_now(struct endpoint *ep, const struct peer *to, const char *data, size_t len)
{
	ssize_t n;

	if (endpoint_is_reliable(ep))
		return streams_send(&ep->streams, to, data, len);
	n = sendto(ep->fd, data, len, 0, (const struct sockaddr *)&to->addr, to->len);

	return n == (ssize_t)len;
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
	struct endpoint_delayed *item = arg;

	(void)fd;
	(void)what;
	send_now(item->ep, &item->to, item->data, item->len);
	delayed_free(item);
}

static bool send_later(struct endpoint *ep, const struct peer *to, const char *data, size_t len)
{
	const struct timeval wait = {
		.tv_sec = ep->delay_ms / 1000,
		.tv_usec = ep->delay_ms % 1000 * 1000,
	};
	struct endpoint_delayed *item;

	if (ep->waiting >= ENDPOINT_DELAYED_MAX)
		return false;
	item = malloc(sizeof(*item) + len);
	if (!item)
		return false;
	item->ep = ep;
	item->to = *to;
	item->len = len;
	memcpy(item->data, data, len);
	item->timer = evtimer_new(ep->base, on_due, item);
	if (!item->timer) {
		free(item);
		return false;
	}
	evtimer_add(item->timer, &wait);
	TAILQ_INSERT_TAIL(&ep->delayed, item, link);
	ep->waiting++;
	return true;
}

bool endpoint_send(struct endpoint *ep, const struct peer *to, const char *data, size_t len)
{
	if (ep->fd < 0 || len > SIP_DATAGRAM_MAX)
		return false;
	return ep->delay_ms ? send_later(ep, to, data, len) : send_now(ep, to, data, len);
}

struct peer endpoint_address_toward(const struct endpoint *ep, const struct peer *to)
{
	struct peer local = ep->local;
	socklen_t len = sizeof(local.addr);
	int fd;

	if (!peer_is_wildcard(&ep->local))
		return local;
	/* Connecting a UDP socket sends nothing; it asks the system for the route's address. */
	fd = socket(to->addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return local;
	if (connect(fd, (const struct sockaddr *)&to->addr, to->len) == 0 &&
	    getsockname(fd, (struct sockaddr *)&local.addr, &len) == 0) {
		local.len = len;
		peer_set_port(&local, peer_port(&ep->local));
	}
	close(fd);
	return local;
}
