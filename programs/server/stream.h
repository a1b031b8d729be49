/* SPDX-License-Identifier: MIT */
/* stream.h - TCP and TLS connections of clients, cut into messages. */
#ifndef SERVER_STREAM_H
#define SERVER_STREAM_H

#include "peer.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#define STREAMS_MAX 256

typedef void stream_receive_fn(void *arg, const char *data, size_t len, const struct peer *from);

struct stream;
struct ua_tls_context;

struct streams {
	struct event_base *base;
	struct event *accepting;
	struct ua_tls_context *tls; /* NULL: TCP; not owned */
	stream_receive_fn *receive; /* messages, and "\r\n\r\n" for a ping (RFC 5626 3.5.1) */
	void *arg;
	int fd; /* listening, -1: closed */
	unsigned count;
	TAILQ_HEAD(, stream) list;
};

/* Takes fd, a socket that is bound. False: errno says why. */
bool streams_open(struct streams *streams, int fd);
/* Closes the listening socket and every connection. */
void streams_close(struct streams *streams);
/* False: no connection with this peer, or too much waits to leave. */
bool streams_send(struct streams *streams, const struct peer *to, const char *data, size_t len);

#endif
