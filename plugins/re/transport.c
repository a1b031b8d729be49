/* SPDX-License-Identifier: MIT */
/* transport.c - a UDP socket of libre's with the kernel's queue of ICMP errors switched on, and
 * TCP on the same port. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../../ua/net/address.h"
#include "../../ua/net/icmp.h"
#include "stream.h"
#include "transport.h"

#define SEND_TRIES 4 /* a pending error of another packet is reported once by each send */
#define RECEIVE_BUFFER (1 << 20)
#define BACKLOG 64
#define FDS_LOOKED_AT 65536
#define PORT_TRIES 8 /* for one that is free for UDP and for TCP */

struct fo_re_transport {
	struct fo_re *ua;
	struct udp_sock *udp;
	struct tcp_sock *tcp;
	int fd;	      /* of udp */
	int listener; /* of tcp */
	int spare;    /* given up to turn a connection away when there is no other descriptor */
	uint8_t family;
	uint8_t any;  /* bound to the wildcard address */
	uint8_t dual; /* to that of IPv6, which serves IPv4 too (RFC 3493 3.7), as libre wants it */
	struct failover_target bound;
};

/* ---- addresses ---------------------------------------------------------------------------- */

void fo_re_transport_sa(const struct failover_target *target, struct sa *out)
{
	struct sockaddr_storage address;

	memset(out, 0, sizeof(*out));
	out->len = ua_address_to_socket(target, &address);
	memcpy(&out->u, &address, sizeof(out->u));
}

/* The address of a peer for the socket. */
static void peer_sa(const struct fo_re_transport *transport, const struct failover_target *target,
		    struct sa *out)
{
	struct sockaddr_storage address;

	if (!transport->dual) {
		fo_re_transport_sa(target, out);
		return;
	}
	memset(out, 0, sizeof(*out));
	out->len = ua_address_to_socket_6(target, &address);
	memcpy(&out->u, &address, sizeof(out->u));
}

static int is_served(const struct fo_re_transport *transport, const struct failover_target *target)
{
	return target->family == transport->family || (transport->dual && target->family == 4);
}

int fo_re_transport_target(const struct sa *sa, uint8_t transport, struct failover_target *out)
{
	struct sockaddr_storage address;

	memset(&address, 0, sizeof(address));
	memcpy(&address, &sa->u, sizeof(sa->u));
	if (ua_address_from_socket(&address, out))
		return FAILOVER_ERR_ARGUMENT;
	out->transport = transport;
	return FAILOVER_OK;
}

/* ---- opening ------------------------------------------------------------------------------ */

static void on_datagram(const struct sa *from, struct mbuf *datagram, void *arg)
{
	struct fo_re_transport *transport = arg;
	struct ua *ua = &transport->ua->base;
	struct failover_target target;

	if (fo_re_transport_target(from, FAILOVER_UDP, &target))
		return;
	if (mbuf_get_left(datagram) < UA_DATAGRAM_MAX) {
		fo_re_received(transport->ua, datagram, &target);
		return;
	}
	ua->counters.received++;
	ua->counters.garbage++;
}

/* libre has met one; for a host that runs libre's loop itself, and so seldom calls process(). */
static void on_error(int error, void *arg)
{
	struct fo_re_transport *transport = arg;

	(void)error;
	fo_re_take_errors(transport->ua);
}

static int bind_to(struct fo_re_transport *transport, const struct failover_target *wanted)
{
	struct sa address;

	fo_re_transport_sa(wanted, &address);
	if (udp_listen(&transport->udp, &address, on_datagram, transport))
		return FAILOVER_ERR_IO;
	transport->fd = udp_sock_fd(transport->udp, sa_af(&address));
	(void)fcntl(transport->fd, F_SETFD, FD_CLOEXEC);
	udp_rxsz_set(transport->udp, UA_DATAGRAM_MAX);
	udp_error_handler_set(transport->udp, on_error);
	/* More room is welcome, less works: retransmissions are what UDP has them for. */
	(void)udp_sockbuf_set(transport->udp, RECEIVE_BUFFER);
	if (ua_icmp_enable(transport->fd, transport->family) ||
	    (transport->dual && ua_icmp_enable(transport->fd, 4)) ||
	    udp_local_get(transport->udp, &address))
		return FAILOVER_ERR_IO;
	return fo_re_transport_target(&address, FAILOVER_UDP, &transport->bound);
}

/* libre does not tell the descriptor of its listening socket. */
static int find_listener(const struct sa *bound)
{
	struct sa address;
	socklen_t size;
	int fd, listens;

	for (fd = 0; fd < FDS_LOOKED_AT; fd++) {
		size = sizeof(listens);
		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) || !listens)
			continue;
		sa_init(&address, AF_UNSPEC);
		if (!getsockname(fd, &address.u.sa, &address.len) &&
		    sa_cmp(&address, bound, SA_ALL))
			return fd;
	}
	return -1;
}

/* TCP at the bound address; a failure leaves it NULL. */
static void listen_at_bound(struct fo_re_transport *transport)
{
	struct sa address;

	fo_re_transport_sa(&transport->bound, &address);
	if (tcp_sock_alloc(&transport->tcp, &address, fo_re_stream_accept, transport->ua))
		return;
	if (tcp_sock_bind(transport->tcp, &address) || tcp_sock_listen(transport->tcp, BACKLOG)) {
		transport->tcp = mem_deref(transport->tcp);
		return;
	}
	transport->listener = find_listener(&address);
	if (transport->listener < 0)
		return;
	(void)fcntl(transport->listener, F_SETFD, FD_CLOEXEC);
	transport->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int bind_both(struct fo_re_transport *transport, const struct failover_target *wanted)
{
	int tries, error = FAILOVER_ERR_IO;

	for (tries = 0; tries < PORT_TRIES; tries++) {
		error = bind_to(transport, wanted);
		if (error)
			return error;
		listen_at_bound(transport);
		if (transport->tcp || wanted->port || tries + 1 == PORT_TRIES)
			break;
		transport->udp = mem_deref(transport->udp);
	}
	return error;
}

int fo_re_transport_open(struct fo_re *ua, const struct failover_target *wish)
{
	struct failover_target wanted = *wish;
	struct fo_re_transport *transport;

	if (!wanted.family)
		wanted.family = 4;
	if (wanted.family != 4 && wanted.family != 6)
		return FAILOVER_ERR_ARGUMENT;
	transport = calloc(1, sizeof(*transport));
	if (!transport)
		return FAILOVER_ERR_MEMORY;
	ua->transport = transport;
	transport->ua = ua;
	transport->family = wanted.family;
	transport->any = ua_address_is_any(&wanted) != 0;
	transport->dual = transport->any && wanted.family == 6;
	transport->fd = transport->listener = transport->spare = -1;
	return bind_both(transport, &wanted);
}

void fo_re_transport_close(struct fo_re_transport *transport)
{
	if (!transport)
		return;
	mem_deref(transport->tcp);
	mem_deref(transport->udp);
	if (transport->spare >= 0)
		close(transport->spare);
	free(transport);
}

int fo_re_transport_fd(const struct fo_re_transport *transport)
{
	return transport->fd;
}

struct tcp_sock *fo_re_transport_listener(const struct fo_re_transport *transport)
{
	return transport->tcp;
}

void fo_re_transport_turn_away(struct fo_re_transport *transport)
{
	struct pollfd listener = { .fd = transport->listener, .events = POLLIN };
	int fd;

	if (transport->spare < 0 || poll(&listener, 1, 0) <= 0)
		return;
	fd = fcntl(transport->spare, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0) { /* libre takes it in its next round */
		close(fd);
		return;
	}
	close(transport->spare);
	fd = accept(transport->listener, NULL, NULL);
	if (fd >= 0)
		close(fd);
	transport->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* ---- addresses of ours -------------------------------------------------------------------- */

int fo_re_transport_local(const struct fo_re_transport *transport,
			  const struct failover_target *target, struct failover_target *out)
{
	int error = FAILOVER_OK;

	if (target && (!is_served(transport, target) ||
		       (target->transport != FAILOVER_UDP && !ua_is_stream(target->transport))))
		return FAILOVER_ERR_UNSUPPORTED;
	if (target && transport->any)
		error = ua_address_route(target, out);
	else
		*out = transport->bound;
	out->port = transport->bound.port;
	out->transport = target ? target->transport : FAILOVER_UDP;
	return error;
}

int fo_re_transport_bind_host(const struct fo_re_transport *transport, struct sa *out)
{
	fo_re_transport_sa(&transport->bound, out);
	sa_set_port(out, 0);
	return !transport->any;
}

/* ---- UDP ---------------------------------------------------------------------------------- */

struct mbuf *fo_re_buffer(const char *bytes, size_t count)
{
	struct mbuf *buffer = mbuf_alloc(count + 1);

	if (!buffer)
		return NULL;
	memcpy(buffer->buf, bytes, count);
	buffer->buf[count] = 0;
	buffer->end = count;
	return buffer;
}

int fo_re_transport_send(struct fo_re_transport *transport, const struct failover_target *target,
			 struct mbuf *datagram)
{
	struct sa address;
	int tries, error;

	if (!is_served(transport, target) || target->transport != FAILOVER_UDP)
		return FAILOVER_ERR_UNSUPPORTED;
	peer_sa(transport, target, &address);
	for (tries = 0; tries < SEND_TRIES; tries++) {
		ua_icmp_forget(transport->fd);
		error = udp_send(transport->udp, &address, datagram);
		if (!error || error == EAGAIN || error == ENOBUFS)
			return FAILOVER_OK;
		/* Otherwise it may be an earlier packet's ICMP error that has just come. */
		errno = error;
	}
	return FAILOVER_ERR_IO;
}
