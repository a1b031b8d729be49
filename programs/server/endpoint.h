/* SPDX-License-Identifier: MIT */
/* endpoint.h - the socket: messages in, messages out at once or late, by UDP, TCP or TLS. */
#ifndef SERVER_ENDPOINT_H
#define SERVER_ENDPOINT_H

#include "peer.h"
#include "stream.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#define ENDPOINT_DELAYED_MAX 1024

typedef void endpoint_receive_fn(void *arg, const char *data, size_t len, const struct peer *from);

struct endpoint_delayed;

enum endpoint_transport { ENDPOINT_UDP, ENDPOINT_TCP, ENDPOINT_TLS };

struct endpoint {
	enum endpoint_transport transport;
	struct ua_tls_context *tls; /* ENDPOINT_TLS: certificate and key; owned by the server */
	struct streams streams;	    /* not ENDPOINT_UDP */
	struct event_base *base;
	struct event *readable;
	endpoint_receive_fn *receive;
	void *arg;
	int fd; /* -1: closed */
	struct peer local;
	unsigned delay_ms; /* every packet leaves that much later */
	unsigned waiting;
	TAILQ_HEAD(, endpoint_delayed) delayed;
};

void endpoint_init(struct endpoint *ep, struct event_base *base, const struct peer *local);
/* Binds ep->local and, when its port was 0, stores the port got. False: errno says why. */
bool endpoint_open(struct endpoint *ep);
/* Closes the socket; what waits to be sent is dropped, as a host that dies does. */
void endpoint_close(struct endpoint *ep);
/* False: closed, refused by the system, or too many packets wait. */
bool endpoint_send(struct endpoint *ep, const struct peer *to, const char *data, size_t len);
/* "UDP", as a Via has it. */
const char *endpoint_via(const struct endpoint *ep);
/* ";transport=tcp", as a Contact has it; "" for UDP. */
const char *endpoint_param(const struct endpoint *ep);
static inline bool endpoint_is_reliable(const struct endpoint *ep)
{
	return ep->transport != ENDPOINT_UDP;
}
/* Our address as that peer sees it: differs from local where that is the wildcard. */
struct peer endpoint_address_toward(const struct endpoint *ep, const struct peer *to);

#endif
