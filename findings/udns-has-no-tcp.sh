#!/bin/sh
# udns never asks by TCP: a long SRV answer is a "temporary failure" for ever.
#
# Version:     udns 0.4 (Debian 12), answers by Knot DNS 3.2.6.
# Guess:       a resolver library repeats a truncated answer by TCP (RFC 7766), or gives the records
#              that did fit.
# Behaviour:   it has no TCP at all. The truncated answer is thrown away and the query ends with
#              DNS_E_TEMPFAIL, the same code as for a name server that does not answer.
# Consequence: the code says "try again later", so a client keeps trying at each interval and will
#              never get an answer. A site that grows from ten to sixty servers, or signs its zone,
#              loses the clients built on udns, and their log blames the network.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download libudns0=0.4-1+b1 libudns-dev=0.4-1+b1 knot=3.2.6-1 libknot13=3.2.6-1 \
	libzscanner4=3.2.6-1 libdnssec9=3.2.6-1 liburcu8 liblmdb0 libedit2 libcap-ng0 \
	libfstrm0 libprotobuf-c1 >/dev/null 2>&1 || { echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >zone <<'E'
$ORIGIN example.net.
@ 3600 SOA ns host 1 3600 600 86400 60
@ 3600 NS ns
ns 3600 A 192.0.2.53
E
for i in $(seq 60); do
	echo "_sip._udp.sixty 60 SRV 10 10 5060 node$i.long-name-of-a-site.example.net."
	[ "$i" -gt 10 ] || echo "_sip._udp.ten 60 SRV 10 10 5060 node$i.example.net."
done >>zone
cat >probe.c <<'E'
#include <stdio.h>
#include <stdlib.h>
#include <udns.h>

static void ask(struct dns_ctx *dns, const char *name)
{
	struct dns_rr_srv *rr = dns_resolve_srv(dns, name, NULL, NULL, DNS_NOSRCH);

	if (rr)
		printf("%s: %d records\n", name, rr->dnssrv_nrr);
	else
		printf("%s: %s%s\n", name, dns_strerror(dns_status(dns)),
		       dns_status(dns) == DNS_E_TEMPFAIL ? " (DNS_E_TEMPFAIL)" : "");
	free(rr);
}

int main(int argc, char **argv)
{
	struct dns_ctx *dns;

	dns_init(NULL, 0);
	dns = dns_new(NULL);
	dns_add_serv(dns, NULL);
	dns_add_serv(dns, "127.0.0.1");
	dns_set_opt(dns, DNS_OPT_PORT, argc > 1 ? atoi(argv[1]) : 53);
	if (dns_open(dns) < 0)
		return 2;
	ask(dns, "_sip._udp.ten.example.net");
	ask(dns, "_sip._udp.sixty.example.net");
	dns_free(dns);
	return 0;
}
E
gcc -I"$T/root/usr/include" probe.c -o probe -L"$L" -Wl,-rpath,"$L" -ludns || exit 2
port=$(perl -MIO::Socket::INET -e \
	'print IO::Socket::INET->new(LocalAddr => "127.0.0.1", Proto => "udp")->sockport')
printf '%s\n' server: "    listen: 127.0.0.1@$port" "    rundir: $T" database: "    storage: $T" \
	zone: '  - domain: example.net' "    file: $T/zone" '    journal-content: none' \
	'    zonefile-sync: -1' >knot.conf
LD_LIBRARY_PATH=$L timeout 100 root/usr/sbin/knotd -c knot.conf >log 2>&1 &
knot=$!
trap 'kill $knot; wait $knot; rm -rf "$T"' EXIT
for _ in 1 2 3; do
	sleep 1
	timeout 60 ./probe "$port" >seen 2>&1
	grep -q 'ten.*records' seen && break
done
cat seen
cat >known <<'E'
_sip._udp.ten.example.net: 10 records
_sip._udp.sixty.example.net: temporary failure in name resolution (DNS_E_TEMPFAIL)
E
cmp -s seen known || exit 1
