#!/bin/sh
# qemu-user for MIPS hands the machine's own error numbers through IP_RECVERR and SO_ERROR.
#
# Version:     qemu-user 7.2 (Debian 12), host x86-64.
# Guess:       error numbers that differ (ECONNREFUSED is 111 on most machines and 146 on MIPS) are
#              translated wherever a program can see them, as they are for failing system calls.
# Behaviour:   connect() fails with 146 as it should. ee_errno of the error queue and the value of
#              SO_ERROR after an asynchronous error are 111, which MIPS calls "Unknown error".
# Consequence: code that tells "refused" from "unreachable" by ee_errno or SO_ERROR fails its test
#              under qemu-mips although it is right on the device, or is "mended" until it passes
#              there and is wrong on every MIPS router and phone. ICMP type and code in the same
#              record are right on both, and safe to test.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
g=12.2.0-14cross5
apt-get -qq download qemu-user=1:7.2+dfsg-7+deb12u18+b3 gcc-12-mips-linux-gnu=$g \
	cpp-12-mips-linux-gnu=$g libgcc-12-dev-mips-cross=$g binutils-mips-linux-gnu=2.40-2cross2 \
	libc6-dev-mips-cross=2.36-8cross2 linux-libc-dev-mips-cross=6.1.8-1cross2 libcapstone4 \
	libnuma1 liburing2 >/dev/null 2>&1 || { echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >probe.c <<'E'
#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void told(const char *where, int number)
{
	printf("%s: %d (%s)\n", where, number, strerror(number));
}

int main(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int closed = socket(AF_INET, SOCK_DGRAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);
	int tcp = socket(AF_INET, SOCK_STREAM, 0), on = 1, number = 0;
	char data[8], control[256] = "";
	struct iovec v = {data, sizeof data};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
			   .msg_controllen = sizeof control};
	struct pollfd wait = {.fd = udp};
	socklen_t size = sizeof a;
	struct cmsghdr *c;

	bind(closed, (struct sockaddr *)&a, size);
	getsockname(closed, (struct sockaddr *)&a, &size);
	told("ECONNREFUSED", ECONNREFUSED);
	connect(tcp, (struct sockaddr *)&a, sizeof a);
	told("connect() of TCP", errno);
	shutdown(closed, SHUT_RDWR);
	dup2(tcp, closed); /* closes the UDP port */
	setsockopt(udp, SOL_IP, IP_RECVERR, &on, sizeof on);
	sendto(udp, "x", 1, 0, (struct sockaddr *)&a, sizeof a);
	poll(&wait, 1, 10000);
	size = sizeof number;
	getsockopt(udp, SOL_SOCKET, SO_ERROR, &number, &size);
	told("SO_ERROR", number);
	if (recvmsg(udp, &m, MSG_ERRQUEUE) < 0)
		return 2;
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		struct sock_extended_err e;

		memcpy(&e, CMSG_DATA(c), sizeof e);
		told("ee_errno", (int)e.ee_errno);
		printf("ICMP type %d code %d\n", e.ee_type, e.ee_code);
	}
	return 0;
}
E
PATH=$T/root/usr/bin:$PATH LC_ALL=C mips-linux-gnu-gcc-12 -static probe.c -o probe || exit 2
LD_LIBRARY_PATH=$L LC_ALL=C timeout 60 root/usr/bin/qemu-mips ./probe >seen 2>&1
cat seen
cat >known <<'E'
ECONNREFUSED: 146 (Connection refused)
connect() of TCP: 146 (Connection refused)
SO_ERROR: 111 (Unknown error 111)
ee_errno: 111 (Unknown error 111)
ICMP type 3 code 3
E
cmp -s seen known || exit 1
