/* SPDX-License-Identifier: MIT */
/* probe.c - what this plugin uses of libre. configure compiles and links it, never runs it, and
 * leaves the plugin out where that fails. */
#include "libre.h"
#define DEBUG_MODULE "probe"
#define DEBUG_LEVEL 4
#include <re_dbg.h>

static void on_datagram(const struct sa *from, struct mbuf *datagram, void *arg)
{
	*(struct sa *)arg = *from;
	(void)mbuf_resize(datagram, datagram->size + mbuf_get_left(datagram));
	datagram->buf[datagram->pos] = mbuf_buf(datagram)[datagram->end];
}

static void on_error(int error, void *arg)
{
	*(int *)arg = error;
}

static void on_end(void *arg)
{
	(void)arg;
	re_cancel();
}

static int loop(void)
{
	struct tmr end;
	int error;

	dbg_init(DBG_ERR, DBG_NONE);
	error = libre_init() || re_thread_init() || fd_setsize(1024);
	tmr_init(&end);
	tmr_start(&end, 0, on_end, NULL);
	error |= re_main(NULL);
	tmr_cancel(&end);
	return error;
}

static int socket_of(struct sa *address)
{
	struct udp_sock *udp = NULL;
	struct mbuf *buffer = mbuf_alloc(1);
	int error = udp_listen(&udp, address, on_datagram, address);

	udp_rxsz_set(udp, 1);
	udp_error_handler_set(udp, on_error);
	error |= udp_sockbuf_set(udp, 1) | udp_local_get(udp, address);
	error |= udp_send(udp, address, buffer);
	address->len = sizeof(address->u.in6);
#ifdef RE_UDP_SOCK_FD_OF_FAMILY
	error |= udp_sock_fd(udp, sa_af(address));
#else
	error |= udp_sock_fd(udp);
#endif
#ifdef RE_HAS_NFDS
	error |= re_nfds();
#endif
	udp = mem_deref(udp);
	return error;
}

static int message(struct mbuf *buffer)
{
	char text[8];
	struct sip_msg *message = NULL;
	int error = sip_msg_decode(&message, buffer);

	if (message->req && pl_isset(&message->uri.scheme) && pl_isset(&message->uri.headers))
		error |= re_snprintf(text, sizeof(text), "%H", uri_user_unescape,
				     &message->to.uri.user);
	return error | !pl_isset(&message->uri.user);
}

int main(void)
{
	struct sa address;
	struct mbuf buffer;

	return loop() | socket_of(&address) | message(&buffer);
}
