#!/bin/sh
# c-ares: the TTL that ares_getaddrinfo() gives with an address ignores a shorter-lived alias.
#
# Version:     c-ares 1.18.1 (Debian 12), answers by Knot DNS 3.2.6.
# Guess:       ai_ttl says how long the answer may be kept; behind a CNAME that is the smaller
#              TTL of alias and address, as ares_parse_a_reply() gives it for the same packet.
# Behaviour:   ai_ttl is the address record's own TTL. The alias's TTL stands apart in the list
#              "cnames" of the result.
# Consequence: operators move a service by an alias with a TTL of seconds before an address of an
#              hour. A client that caches by ai_ttl stays at the old server for that hour, while
#              another that uses the older call follows in five seconds.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download libc-ares2=1.18.1-3 libc-ares-dev=1.18.1-3 knot=3.2.6-1 libknot13=3.2.6-1 \
	libzscanner4=3.2.6-1 libdnssec9=3.2.6-1 liburcu8 liblmdb0 libedit2 libcap-ng0 \
	libfstrm0 libprotobuf-c1 >/dev/null 2>&1 || { echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >zone <<'E'
$ORIGIN example.net.
@ 3600 SOA ns host 1 3600 600 86400 60
@ 3600 NS ns
ns 3600 A 192.0.2.53
pbx 5 CNAME node1
node1 3600 A 192.0.2.1
E
cat >probe.c <<'E'
#include <ares.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/select.h>

static void info(void *arg, int status, int timeouts, struct ares_addrinfo *r)
{
	(void)arg, (void)timeouts;
	if (status || !r || !r->nodes)
		printf("getaddrinfo: %s\n", ares_strerror(status));
	else
		printf("ai_ttl %d, alias %d\n", r->nodes->ai_ttl, r->cnames ? r->cnames->ttl : -1);
	ares_freeaddrinfo(r);
}

static void packet(void *arg, int status, int timeouts, unsigned char *data, int size)
{
	struct ares_addrttl a[4];
	int n = 4;

	(void)arg, (void)timeouts;
	if (!status && !ares_parse_a_reply(data, size, NULL, a, &n) && n)
		printf("ares_parse_a_reply %d\n", a[0].ttl);
	else
		printf("query: %s\n", ares_strerror(status));
}

static void run(ares_channel channel)
{
	fd_set in, out;

	for (;;) {
		struct timeval t = {1, 0};
		int n;

		FD_ZERO(&in);
		FD_ZERO(&out);
		n = ares_fds(channel, &in, &out);
		if (!n)
			return;
		select(n, &in, &out, NULL, &t);
		ares_process(channel, &in, &out);
	}
}

int main(int argc, char **argv)
{
	struct ares_addrinfo_hints hints = {.ai_family = AF_INET};
	ares_channel channel;

	ares_library_init(ARES_LIB_INIT_ALL);
	if (argc < 2 || ares_init(&channel) || ares_set_servers_ports_csv(channel, argv[1]))
		return 2;
	ares_getaddrinfo(channel, "pbx.example.net", NULL, &hints, info, NULL);
	run(channel);
	ares_query(channel, "pbx.example.net", 1, 1, packet, NULL);
	run(channel);
	ares_destroy(channel);
	return 0;
}
E
gcc -I"$T/root/usr/include" probe.c -o probe -L"$L" -Wl,-rpath,"$L" -lcares || exit 2
port=$(perl -MIO::Socket::INET -e \
	'print IO::Socket::INET->new(LocalAddr => "127.0.0.1", Proto => "udp")->sockport')
printf '%s\n' server: "    listen: 127.0.0.1@$port" "    rundir: $T" database: "    storage: $T" \
	zone: '  - domain: example.net' "    file: $T/zone" '    journal-content: none' \
	'    zonefile-sync: -1' >knot.conf
LD_LIBRARY_PATH=$L timeout 60 root/usr/sbin/knotd -c knot.conf >log 2>&1 &
knot=$!
trap 'kill $knot; wait $knot; rm -rf "$T"' EXIT
for _ in 1 2 3 4 5; do
	sleep 1
	timeout 30 ./probe "127.0.0.1:$port" >seen 2>&1
	grep -q reply seen && break
done
cat seen
printf 'ai_ttl 3600, alias 5\nares_parse_a_reply 5\n' >known
cmp -s seen known || exit 1
