#!/bin/sh
# libevent's bufferevent_socket_connect_hostname() tries the first address of a name and no other.
#
# Version:     libevent 2.1.12 (Debian 12).
# Guess:       a call that takes a name works through its addresses until one accepts, as
#              connecting by name does in most libraries; two A records are the poor man's failover.
# Behaviour:   the name's second address is never tried. The refused connection is reported as an
#              error of the whole (BEV_EVENT_ERROR), though the other server listens.
# Consequence: SIP over TCP or TLS made with bufferevents is down with the first server, for half of
#              the clients where the DNS turns the records round. "It has two addresses" protects
#              nobody. The list has to be resolved and walked by the program itself.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
v=2.1.12-stable-8+deb12u1
apt-get -qq download libevent-dev=$v libevent-core-2.1-7=$v libevent-extra-2.1-7=$v \
	>/dev/null 2>&1 || { echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >probe.c <<'E'
#include <arpa/inet.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

static int bound(int type, const char *ip, struct sockaddr_in *a)
{
	socklen_t size = sizeof *a;
	int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);

	a->sin_family = AF_INET;
	inet_pton(AF_INET, ip, &a->sin_addr);
	if (bind(fd, (struct sockaddr *)a, size) || getsockname(fd, (struct sockaddr *)a, &size))
		return -1;
	return fd;
}

/* The name server: every A question is answered with 127.0.0.2 and 127.0.0.1, in this order. */
static void question(int fd, short what, void *arg)
{
	static const unsigned char two[] = "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\2"
					   "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1";
	unsigned char m[512];
	struct sockaddr_in from;
	socklen_t size = sizeof from;
	ssize_t n = recvfrom(fd, m, 400, 0, (struct sockaddr *)&from, &size);

	(void)what, (void)arg;
	if (n < 12)
		return;
	m[2] = 0x81;
	m[3] = 0x80;
	m[7] = 2;
	memcpy(m + n, two, sizeof two - 1);
	sendto(fd, m, (size_t)n + sizeof two - 1, 0, (struct sockaddr *)&from, size);
}

static void happened(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	if (what & BEV_EVENT_CONNECTED)
		printf("connected\n");
	if (what & BEV_EVENT_ERROR)
		printf("error: %s\n", evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
	event_base_loopexit(arg, NULL);
}

int main(void)
{
	struct sockaddr_in dns_at = {0}, server_at = {0};
	int dns_fd = bound(SOCK_DGRAM, "127.0.0.1", &dns_at);
	int server = bound(SOCK_STREAM, "127.0.0.1", &server_at);
	struct event_base *base = event_base_new();
	struct evdns_base *dns = evdns_base_new(base, 0);
	struct timeval end = {20, 0};
	struct bufferevent *bev;

	if (dns_fd < 0 || server < 0 || listen(server, 4))
		return 2;
	evdns_base_nameserver_sockaddr_add(dns, (struct sockaddr *)&dns_at, sizeof dns_at, 0);
	event_add(event_new(base, dns_fd, EV_READ | EV_PERSIST, question, NULL), NULL);
	bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(bev, NULL, NULL, happened, base);
	bufferevent_socket_connect_hostname(bev, dns, AF_INET, "pbx.example.net",
					    ntohs(server_at.sin_port));
	event_base_loopexit(base, &end);
	event_base_dispatch(base);
	printf("second address asked: %s\n", accept(server, NULL, NULL) < 0 ? "no" : "yes");
	return 0;
}
E
gcc -I"$T/root/usr/include" -I"$T/root/usr/include/$(gcc -print-multiarch)" probe.c -o probe \
	-L"$L" -Wl,-rpath,"$L" -levent_core -levent_extra || exit 2
LC_ALL=C timeout 60 ./probe >seen 2>&1
cat seen
printf 'error: Connection refused\nsecond address asked: no\n' >known
cmp -s seen known || exit 1
