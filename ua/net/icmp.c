/* SPDX-License-Identifier: MIT */
/* icmp.c - the error queue of a UDP socket: IP_RECVERR, IPV6_RECVERR. */
#include <errno.h>
#include <netinet/in.h>
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

/* Does this error mean that the target cannot be reached? A packet too big for the path does not.
 */
static int is_unreachable(const struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	struct sock_extended_err error;

	for (; header; header = CMSG_NXTHDR((struct msghdr *)(uintptr_t)message, header)) {
		if (!(header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_RECVERR) &&
		    !(header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_RECVERR))
			continue;
		memcpy(&error, CMSG_DATA(header), sizeof(error));
		return error.ee_errno != EMSGSIZE;
	}
	return 0;
}

int ua_icmp_next(int fd, struct failover_target *to)
{
	struct sockaddr_storage address;
	char control[512], payload[64];
	struct iovec part = { .iov_base = payload, .iov_len = sizeof(payload) };
	struct msghdr message;

	for (;;) {
		memset(&message, 0, sizeof(message));
		message.msg_name = &address;
		message.msg_namelen = sizeof(address);
		message.msg_iov = &part;
		message.msg_iovlen = 1;
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		if (recvmsg(fd, &message, MSG_ERRQUEUE) < 0)
			return 0;
		if (is_unreachable(&message) && !ua_address_from_socket(&address, to))
			return 1;
	}
}
