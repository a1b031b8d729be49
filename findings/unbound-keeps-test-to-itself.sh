#!/bin/sh
# Unbound answers NXDOMAIN for names under "test." by itself, also where it has to forward all.
#
# Version:     libunbound 1.17.1 (Debian 12), answers by Knot DNS 3.2.6.
# Guess:       RFC 2606 and RFC 6761 keep "test." for tests: the place for the zone of a lab PBX.
#              A resolver told to forward everything to the lab's server asks it.
# Behaviour:   "test.", like "invalid." and private reverse zones, is a built-in local zone. The
#              question never leaves, and the answer is NXDOMAIN with a TTL of 3600. The same
#              records under example.net are found.
# Consequence: a failover lab with pbx.test resolves with most resolvers and says "no such
#              domain" behind routers and hosts with Unbound. As NXDOMAIN is an answer and no
#              failure, a client may throw its last good targets away. The cure is
#              "local-zone: test. nodefault", or another name for the lab.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download libunbound8=1.17.1-2+deb12u4 libunbound-dev=1.17.1-2+deb12u4 knot=3.2.6-1 \
	libknot13=3.2.6-1 libzscanner4=3.2.6-1 libdnssec9=3.2.6-1 liburcu8 liblmdb0 libedit2 \
	libcap-ng0 libfstrm0 libprotobuf-c1 libevent-2.1-7 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
for zone in pbx.test example.net; do
	printf '%s\n' "\$ORIGIN $zone." '@ 3600 SOA ns host 1 3600 600 86400 60' '@ 3600 NS ns' \
		'ns 3600 A 192.0.2.53' '_sip._udp 60 SRV 10 10 5060 ns' >$zone
done
cat >probe.c <<'E'
#include <stdio.h>
#include <unbound.h>

static void ask(struct ub_ctx *ctx, const char *name)
{
	struct ub_result *r = NULL;

	if (ub_resolve(ctx, name, 33, 1, &r))
		return;
	printf("%s: %s\n", name, r->havedata ? "found" : r->nxdomain ? "NXDOMAIN" : "nothing");
	ub_resolve_free(r);
}

int main(int argc, char **argv)
{
	for (int lifted = 0; lifted < 2; lifted++) {
		struct ub_ctx *ctx = ub_ctx_create();

		if (argc < 2 || ub_ctx_set_fwd(ctx, argv[1]))
			return 2;
		if (lifted)
			ub_ctx_zone_add(ctx, "test.", "nodefault");
		printf("%s\n", lifted ? "nodefault" : "as installed");
		ask(ctx, "_sip._udp.example.net");
		ask(ctx, "_sip._udp.pbx.test");
		ub_ctx_delete(ctx);
	}
	return 0;
}
E
gcc -I"$T/root/usr/include" -I"$T/root/usr/include/$(gcc -print-multiarch)" probe.c -o probe \
	-L"$L" -Wl,-rpath-link,"$L" -lunbound || exit 2
port=$(perl -MIO::Socket::INET -e \
	'print IO::Socket::INET->new(LocalAddr => "127.0.0.1", Proto => "udp")->sockport')
printf '%s\n' server: "    listen: 127.0.0.1@$port" "    rundir: $T" database: "    storage: $T" \
	template: '  - id: default' "    storage: $T" "    file: %s" '    journal-content: none' \
	'    zonefile-sync: -1' zone: '  - domain: pbx.test' '  - domain: example.net' >knot.conf
LD_LIBRARY_PATH=$L timeout 100 root/usr/sbin/knotd -c knot.conf >log 2>&1 &
knot=$!
trap 'kill $knot; wait $knot; rm -rf "$T"' EXIT
for _ in 1 2 3; do
	sleep 1
	LD_LIBRARY_PATH=$L timeout 60 ./probe "127.0.0.1@$port" >seen 2>&1
	grep -q 'net: found' seen && break
done
cat seen
cat >known <<'E'
as installed
_sip._udp.example.net: found
_sip._udp.pbx.test: NXDOMAIN
nodefault
_sip._udp.example.net: found
_sip._udp.pbx.test: found
E
cmp -s seen known || exit 1
