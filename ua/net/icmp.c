/* SPDX-License-Identifier: MIT */
/* icmp.c - the error queue of a UDP socket: IP_RECVERR, IPV6_RECVERR. */
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h> /* linux/errqueue.h wants struct timespec */
#include <linux/errqueue.h>
#include "address.h"
#include "icmp.h"

int ua_icmp_enable(int fd, int family)
{
	int on = 1;
	int error = family == 4 ? setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on))
				: setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));

	return error ? FAILOVER_ERR_IO : FAILOVER_OK;
}

void ua_icmp_forget(int fd)
{
	int error;
	socklen_t size = sizeof(error);

	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
}

/* RFC 3261 18.4: host, network, port or protocol unreachable. A packet too big for the path is none
 * of these, nor is a routing loop. */
static int is_unreachable(const struct sock_extended_err *error)
{
	switch (error->ee_origin) {
	case SO_EE_ORIGIN_LOCAL:
		return error->ee_errno != EMSGSIZE;
	case SO_EE_ORIGIN_ICMP:
		return error->ee_type == ICMP_DEST_UNREACH && error->ee_code != ICMP_FRAG_NEEDED;
	case SO_EE_ORIGIN_ICMP6:
		return error->ee_type == ICMP6_DST_UNREACH;
	}
	return 0;
}

static int read_error(struct msghdr *message, struct ua_icmp *out)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	struct sock_extended_err error;

	for (; header; header = CMSG_NXTHDR(message, header)) {
		if (!(header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_RECVERR) &&
		    !(header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_RECVERR))
			continue;
		memcpy(&error, CMSG_DATA(header), sizeof(error));
		out->is_local = error.ee_origin == SO_EE_ORIGIN_LOCAL;
		return is_unreachable(&error);
	}
	return 0;
}

int ua_icmp_next(int fd, struct ua_icmp *out)
{
	struct sockaddr_storage address;
	char control[512];
	struct iovec part = { .iov_base = out->quote, .iov_len = sizeof(out->quote) };
	struct msghdr message;
	ssize_t got;

	for (;;) {
		memset(&message, 0, sizeof(message));
		message.msg_name = &address;
		message.msg_namelen = sizeof(address);
		message.msg_iov = &part;
		message.msg_iovlen = 1;
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		got = recvmsg(fd, &message, MSG_ERRQUEUE);
		if (got < 0)
			return 0;
		out->quoted = (size_t)got;
		if (read_error(&message, out) && !ua_address_from_socket(&address, &out->to))
			return 1;
	}
}
