/* SPDX-License-Identifier: MIT */
/* transport.c - a UDP socket of libre's with the kernel's queue of ICMP errors switched on, and
 * TCP on the same port. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include "loop.h"
#include "transport.h"
#include "../../ua/net/address.h"
#include "../../ua/net/icmp.h"
#include "../../ua/net/transport.h"
#include "../../ua/trace.h"

#define SEND_TRIES 4 /* a pending error of another packet is reported once by each send */
#define RECEIVE_BUFFER (1 << 20)
#define PORT_TRIES 8 /* for one that is free for UDP and for TCP */

/* ---- addresses ---------------------------------------------------------------------------- */

static void sa_of(const struct fo_re *ua, const struct failover_target *target, struct sa *out)
{
	struct sockaddr_storage address;

	memset(out, 0, sizeof(*out));
	out->len = ua->dual ? ua_address_to_socket_6(target, &address)
			    : ua_address_to_socket(target, &address);
	memcpy(&out->u, &address, sizeof(out->u));
}

/* Returns 0 or FAILOVER_ERR_ARGUMENT. */
static int target_of(const struct sa *sa, struct failover_target *out)
{
	struct sockaddr_storage address;

	memset(&address, 0, sizeof(address));
	memcpy(&address, &sa->u, sizeof(sa->u));
	if (ua_address_from_socket(&address, out))
		return FAILOVER_ERR_ARGUMENT;
	out->transport = FAILOVER_UDP;
	return FAILOVER_OK;
}

/* ---- receiving ---------------------------------------------------------------------------- */

/* Followed by a zero byte. */
static int terminate(struct mbuf *buffer)
{
	if (buffer->size == buffer->end && mbuf_resize(buffer, buffer->end + 1))
		return -1;
	buffer->buf[buffer->end] = 0;
	return 0;
}

static void on_datagram(const struct sa *from, struct mbuf *datagram, void *arg)
{
	struct fo_re *ua = arg;
	struct failover_target target;

	ua->heard = 1;
	if (target_of(from, &target))
		return;
	if (mbuf_get_left(datagram) < UA_DATAGRAM_MAX) {
		if (!terminate(datagram))
			fo_re_received(&ua->base, (const char *)mbuf_buf(datagram),
				       mbuf_get_left(datagram), &target);
		return;
	}
	ua->base.counters.received++;
	ua->base.counters.garbage++;
}

/* libre has met one; for a host that runs libre's loop itself, and so seldom calls process(). */
static void on_error(int error, void *arg)
{
	struct fo_re *ua = arg;

	(void)error;
	ua->heard = 1;
	fo_re_take_errors(ua);
}

int fo_re_transport_is_ready(const struct fo_re *ua)
{
	struct pollfd poll_fd = { .fd = ua->udp_fd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) > 0;
}

/* ---- opening ------------------------------------------------------------------------------ */

/* libre 1 and 2 have a socket for each family. */
static int fd_of(const struct udp_sock *udp, const struct sa *address)
{
#ifdef RE_UDP_SOCK_FD_OF_FAMILY
	return udp_sock_fd(udp, sa_af(address));
#else
	(void)address;
	return udp_sock_fd(udp);
#endif
}

static int bind_to(struct fo_re *ua, const struct failover_target *wanted)
{
	struct sa address;

	sa_of(ua, wanted, &address);
	if (udp_listen(&ua->udp, &address, on_datagram, ua))
		return FAILOVER_ERR_IO;
	ua->udp_fd = fd_of(ua->udp, &address);
	(void)fcntl(ua->udp_fd, F_SETFD, FD_CLOEXEC);
	udp_rxsz_set(ua->udp, UA_DATAGRAM_MAX);
	udp_error_handler_set(ua->udp, on_error);
	/* More room is welcome, less works: retransmissions are what UDP has them for. */
	(void)udp_sockbuf_set(ua->udp, RECEIVE_BUFFER);
	if (ua_icmp_enable(ua->udp_fd, wanted->family) ||
	    (ua->dual && ua_icmp_enable(ua->udp_fd, 4)) || udp_local_get(ua->udp, &address))
		return FAILOVER_ERR_IO;
	return target_of(&address, &ua->bound);
}

int fo_re_transport_open(struct fo_re *ua, const struct failover_target *wish)
{
	struct failover_target wanted = *wish;
	int tries = wanted.port ? 1 : PORT_TRIES, error;

	if (!wanted.family)
		wanted.family = 4;
	if (wanted.family != 4 && wanted.family != 6)
		return FAILOVER_ERR_ARGUMENT;
	ua->dual = wanted.family == 6 && ua_address_is_any(&wanted);
	for (;;) {
		error = bind_to(ua, &wanted);
		if (!error)
			error = ua_transport_open_beside(&ua->bound, &ua->transport);
		if (error || ua_transport_listener(ua->transport) >= 0 || !--tries)
			return error;
		fo_re_transport_close(ua);
	}
}

void fo_re_transport_close(struct fo_re *ua)
{
	if (ua->udp) {
		ua->udp = mem_deref(ua->udp);
		fo_re_loop_close();
	}
	ua_transport_close(ua->transport);
	ua->udp_fd = -1;
	ua->transport = NULL;
}

/* ---- sending ------------------------------------------------------------------------------ */

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

/* A packet that the system had no room for counts as lost on the way. */
static int put(struct fo_re *ua, const struct failover_target *target, struct mbuf *datagram)
{
	struct sa address;
	int tries, error;

	sa_of(ua, target, &address);
	for (tries = 0; tries < SEND_TRIES; tries++) {
		if (tries)
			ua_icmp_forget(ua->udp_fd);
		error = udp_send(ua->udp, &address, datagram);
		if (!error || error == EAGAIN || error == ENOBUFS)
			return FAILOVER_OK;
		/* Otherwise it may be an earlier packet's ICMP error that has just come. */
		errno = error;
	}
	return FAILOVER_ERR_IO;
}

int fo_re_send(struct fo_re *ua, const struct failover_target *target, const char *bytes,
	       size_t count)
{
	struct mbuf *datagram;
	int error;

	if ((target->family != ua->bound.family && !(ua->dual && target->family == 4)) ||
	    target->transport != FAILOVER_UDP)
		return FAILOVER_ERR_UNSUPPORTED;
	datagram = fo_re_buffer(bytes, count);
	if (!datagram)
		return FAILOVER_ERR_MEMORY;
	error = put(ua, target, datagram);
	mem_deref(datagram);
	if (!error)
		ua_trace_datagram(&ua->base, FAILOVER_TRACE_OUT, target, bytes, count);
	return error;
}
