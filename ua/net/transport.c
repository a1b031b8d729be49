/* SPDX-License-Identifier: MIT */
/* transport.c - a UDP socket, unconnected, with the kernel's queue of ICMP errors switched on, and
 * TCP on the same port. */
#define _GNU_SOURCE /* accept4 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "address.h"
#include "icmp.h"
#include "transport.h"

#define SEND_TRIES 4 /* a pending error of another packet is reported once by each send */
#define RECEIVE_BUFFER (1 << 20)
#define BACKLOG 64
#define PORT_TRIES 8 /* for one that is free for UDP and for TCP */

struct ua_transport {
	int fd, listener;
	int spare; /* given up to turn a connection away when there is no other descriptor */
	uint8_t family;
	uint8_t any;  /* bound to the wildcard address */
	uint8_t dual; /* to that of IPv6, which serves IPv4 too (RFC 3493 3.7) */
	struct failover_target bound;
};

static int set_families(const struct ua_transport *transport, int fd)
{
	int v6_only = !transport->dual;

	return transport->family == 6
		       ? setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof(v6_only))
		       : 0;
}

static int set_options(const struct ua_transport *transport)
{
	int room = RECEIVE_BUFFER;

	/* More room is welcome, less works: retransmissions are what UDP has them for. */
	(void)setsockopt(transport->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (set_families(transport, transport->fd) ||
	    (transport->dual && ua_icmp_enable(transport->fd, 4)))
		return -1;
	return ua_icmp_enable(transport->fd, transport->family);
}

static int bind_to(struct ua_transport *transport, const struct failover_target *wanted)
{
	struct sockaddr_storage address;
	socklen_t length = ua_address_to_socket(wanted, &address);

	transport->fd = socket(address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (transport->fd < 0 || set_options(transport) ||
	    bind(transport->fd, (struct sockaddr *)&address, length))
		return FAILOVER_ERR_IO;
	length = sizeof(address);
	if (getsockname(transport->fd, (struct sockaddr *)&address, &length))
		return FAILOVER_ERR_IO;
	return ua_address_from_socket(&address, &transport->bound);
}

/* TCP at the bound address; a failure leaves the listener -1. */
static void listen_at_bound(struct ua_transport *transport)
{
	struct sockaddr_storage address;
	socklen_t length = ua_address_to_socket(&transport->bound, &address);
	int on = 1, fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	transport->listener = -1;
	if (fd < 0)
		return;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    set_families(transport, fd) || bind(fd, (struct sockaddr *)&address, length) ||
	    listen(fd, BACKLOG)) {
		close(fd);
		return;
	}
	transport->listener = fd;
	transport->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int bind_both(struct ua_transport *transport, const struct failover_target *wanted)
{
	int tries, error = FAILOVER_ERR_IO;

	for (tries = 0; tries < PORT_TRIES; tries++) {
		error = bind_to(transport, wanted);
		if (error)
			return error;
		listen_at_bound(transport);
		if (transport->listener >= 0 || wanted->port || tries + 1 == PORT_TRIES)
			break;
		close(transport->fd);
	}
	return error;
}

static struct ua_transport *create(const struct failover_target *at)
{
	struct ua_transport *transport = calloc(1, sizeof(*transport));

	if (!transport)
		return NULL;
	transport->family = at->family;
	transport->any = ua_address_is_any(at) != 0;
	transport->dual = transport->any && at->family == 6;
	transport->fd = transport->listener = transport->spare = -1;
	return transport;
}

int ua_transport_open_beside(const struct failover_target *bound, struct ua_transport **out)
{
	struct ua_transport *transport = create(bound);

	if (!transport)
		return FAILOVER_ERR_MEMORY;
	transport->bound = *bound;
	listen_at_bound(transport);
	*out = transport;
	return FAILOVER_OK;
}

static int open_by(int (*bind_by)(struct ua_transport *, const struct failover_target *),
		   const struct failover_target *wish, struct ua_transport **out)
{
	struct failover_target wanted = *wish;
	struct ua_transport *transport;
	int error, saved;

	if (!wanted.family)
		wanted.family = 4;
	if (wanted.family != 4 && wanted.family != 6)
		return FAILOVER_ERR_ARGUMENT;
	transport = create(&wanted);
	if (!transport)
		return FAILOVER_ERR_MEMORY;
	error = bind_by(transport, &wanted);
	if (error) {
		saved = errno;
		ua_transport_close(transport);
		errno = saved;
		return error;
	}
	*out = transport;
	return FAILOVER_OK;
}

int ua_transport_open(const struct failover_target *wish, struct ua_transport **out)
{
	return open_by(bind_both, wish, out);
}

int ua_transport_open_udp(const struct failover_target *wish, struct ua_transport **out)
{
	return open_by(bind_to, wish, out);
}

void ua_transport_close(struct ua_transport *transport)
{
	if (!transport)
		return;
	if (transport->fd >= 0)
		close(transport->fd);
	if (transport->listener >= 0)
		close(transport->listener);
	if (transport->spare >= 0)
		close(transport->spare);
	free(transport);
}

int ua_transport_fd(const struct ua_transport *transport)
{
	return transport->fd;
}

static int is_served(const struct ua_transport *transport, const struct failover_target *target)
{
	return (target->family == transport->family || (transport->dual && target->family == 4)) &&
	       (target->transport == FAILOVER_UDP || target->transport == FAILOVER_TCP ||
		target->transport == FAILOVER_TLS);
}

int ua_transport_local(const struct ua_transport *transport, const struct failover_target *target,
		       struct failover_target *out)
{
	int error = FAILOVER_OK;

	if (target && !is_served(transport, target))
		return FAILOVER_ERR_UNSUPPORTED;
	if (target && transport->any)
		error = ua_address_route(target, out);
	else
		*out = transport->bound;
	out->port = transport->bound.port;
	out->transport = target ? target->transport : FAILOVER_UDP;
	return error;
}

/* ---- TCP ---------------------------------------------------------------------------------- */

int ua_transport_listener(const struct ua_transport *transport)
{
	return transport->listener;
}

/* Small messages leave at once, without waiting for more. */
static void set_no_delay(int fd)
{
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* Out of descriptors: a connection that stays in the queue would keep the loop awake. */
static void turn_away(struct ua_transport *transport)
{
	int fd;

	if (transport->spare < 0)
		return;
	close(transport->spare);
	fd = accept4(transport->listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	transport->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int ua_transport_accept(struct ua_transport *transport, struct failover_target *from)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	int fd;

	if (transport->listener < 0)
		return -1;
	fd = accept4(transport->listener, (struct sockaddr *)&address, &length,
		     SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		turn_away(transport);
	if (fd < 0)
		return -1;
	if (ua_address_from_socket(&address, from)) {
		close(fd);
		return -1;
	}
	from->transport = FAILOVER_TCP;
	set_no_delay(fd);
	return fd;
}

/* Connections come from the address that the user wants to be seen at. */
static int bind_host(const struct ua_transport *transport, int fd)
{
	struct failover_target own = transport->bound;
	struct sockaddr_storage address;
	socklen_t length;

	if (transport->any)
		return 0;
	own.port = 0;
	length = ua_address_to_socket(&own, &address);
	return bind(fd, (struct sockaddr *)&address, length);
}

int ua_transport_connect(const struct ua_transport *transport, const struct failover_target *target,
			 int *out)
{
	struct sockaddr_storage address;
	socklen_t length = ua_address_to_socket(target, &address);
	int fd;

	*out = -1;
	if (!is_served(transport, target))
		return FAILOVER_ERR_UNSUPPORTED;
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return FAILOVER_ERR_IO;
	*out = fd;
	set_no_delay(fd);
	if (bind_host(transport, fd))
		return FAILOVER_ERR_IO;
	if (connect(fd, (struct sockaddr *)&address, length) && errno != EINPROGRESS)
		return FAILOVER_ERR_IO;
	return FAILOVER_OK;
}

/* ---- UDP ---------------------------------------------------------------------------------- */

static socklen_t peer_of(const struct ua_transport *transport, const struct failover_target *target,
			 struct sockaddr_storage *out)
{
	return transport->dual ? ua_address_to_socket_6(target, out)
			       : ua_address_to_socket(target, out);
}

int ua_transport_send(struct ua_transport *transport, const struct failover_target *target,
		      const char *bytes, size_t count)
{
	struct sockaddr_storage address;
	socklen_t length;
	int tries;

	if (!is_served(transport, target) || target->transport != FAILOVER_UDP)
		return FAILOVER_ERR_UNSUPPORTED;
	length = peer_of(transport, target, &address);
	for (tries = 0; tries < SEND_TRIES; tries++) {
		if (tries)
			ua_icmp_forget(transport->fd);
		if (sendto(transport->fd, bytes, count, MSG_NOSIGNAL, (struct sockaddr *)&address,
			   length) >= 0)
			return FAILOVER_OK;
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
			return FAILOVER_OK;
		/* Otherwise it may be an earlier packet's ICMP error that has just come. */
	}
	return FAILOVER_ERR_IO;
}

long ua_transport_receive(struct ua_transport *transport, char *bytes, size_t size,
			  struct failover_target *from)
{
	struct sockaddr_storage address;
	socklen_t length;
	ssize_t got;
	int tries;

	for (tries = 0; tries < SEND_TRIES; tries++) {
		length = sizeof(address);
		got = recvfrom(transport->fd, bytes, size, 0, (struct sockaddr *)&address, &length);
		if (got >= 0 && !ua_address_from_socket(&address, from))
			return (long)got;
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			break;
	}
	return -1;
}
