#!/bin/sh
# libevent's DNS client asks a name server that stopped answering for google.com.
#
# Version:     libevent 2.1.12 (Debian 12).
# Guess:       evdns tries a name server that it gave up again with the next real question, or
#              with one about the root. Only names of the program's own reach the network.
# Behaviour:   it sends "google.com A?", in random letter case, until any answer comes; the
#              name is compiled in and no option changes it.
# Consequence: a phone in a closed network puts a foreign name into the logs of resolver and
#              firewall exactly during an outage. A test that counts the questions while its name
#              server is mute counts these as well, and one that compares names has to know that
#              the letter case is random.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download libevent-dev=2.1.12-stable-8+deb12u1 libevent-core-2.1-7=2.1.12-stable-8+deb12u1 \
	libevent-extra-2.1-7=2.1.12-stable-8+deb12u1 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >probe.c <<'E'
#include <arpa/inet.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <stdio.h>

/* The name server that never answers prints the question's name. */
static void question(int fd, short what, void *arg)
{
	unsigned char m[512];
	ssize_t n = recv(fd, m, sizeof m, 0);
	size_t i = 12;

	(void)what, (void)arg;
	printf("question:");
	while (i < (size_t)n && m[i]) {
		printf(" %.*s", m[i], (char *)m + i + 1);
		i += m[i] + 1u;
	}
	printf("\n");
}

static void answer(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	(void)type, (void)count, (void)ttl, (void)addresses, (void)arg;
	printf("result: %s\n", evdns_err_to_string(result));
}

int main(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof a;
	struct timeval end = {6, 0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct event_base *base = event_base_new();
	struct evdns_base *dns = evdns_base_new(base, 0);

	bind(fd, (struct sockaddr *)&a, size);
	getsockname(fd, (struct sockaddr *)&a, &size);
	evdns_base_nameserver_sockaddr_add(dns, (struct sockaddr *)&a, size, 0);
	evdns_base_set_option(dns, "timeout:", "1");
	evdns_base_set_option(dns, "attempts:", "1");
	evdns_base_set_option(dns, "max-timeouts:", "1");
	evdns_base_set_option(dns, "initial-probe-timeout:", "1");
	event_add(event_new(base, fd, EV_READ | EV_PERSIST, question, NULL), NULL);
	evdns_base_resolve_ipv4(dns, "pbx.example.net", DNS_QUERY_NO_SEARCH, answer, NULL);
	event_base_loopexit(base, &end);
	return event_base_dispatch(base) < 0;
}
E
gcc -I"$T/root/usr/include" -I"$T/root/usr/include/$(gcc -print-multiarch)" probe.c -o probe \
	-L"$L" -Wl,-rpath,"$L" -levent_core -levent_extra || exit 2
timeout 60 ./probe >seen 2>&1
cat seen
grep -qi 'question: pbx example net' seen && grep -qi 'question: google com' seen || exit 1
