#!/bin/sh
# Behind two dnsmasq, a question for SRV makes the name's A record vanish for a while.
#
# Version:     dnsmasq 2.90 (Debian 12), one as the site's server, one as cache before it.
# Guess:       a cache keeps "no SRV record" and "no such name" for the question that was asked; a
#              question for one type cannot change the answer to another.
# Behaviour:   the site's dnsmasq says NXDOMAIN to SRV and NAPTR of a name that it knows by
#              "address=/NAME/IP". The cache, with neg-ttl set as a site needs it whose answers carry
#              no SOA, takes NXDOMAIN for the whole name: A is NXDOMAIN too until that has run out.
# Consequence: a phone that resolves by RFC 3263 shuts itself out: its own NAPTR or SRV question
#              hides the address it asks for next, and hides it from all other devices as well. A
#              ping before it works, a ping after it fails. With the phone set to plain A all
#              is well, so the phone gets the blame.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download dnsmasq-base=2.90-4~deb12u2 knot-dnsutils=3.2.6-1 libknot13=3.2.6-1 \
	libdnssec9=3.2.6-1 libzscanner4=3.2.6-1 libnetfilter-conntrack3 libnfnetlink0 libnftables1 \
	libnftnl11 libedit2 libfstrm0 libprotobuf-c1 liblmdb0 liburcu8 libbpf1 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
LD_LIBRARY_PATH="$T/root/usr/lib/$(gcc -print-multiarch)"
export LD_LIBRARY_PATH
# shellcheck disable=SC2046 # two words
set -- $(perl -MIO::Socket::INET -e 'my @s = map {
	IO::Socket::INET->new(LocalAddr => "127.0.0.1", Proto => "udp") } 1, 2;
	print join " ", map { $_->sockport } @s')
server() {
	exec timeout 100 root/usr/sbin/dnsmasq --no-daemon --conf-file=/dev/null --no-resolv \
		--no-hosts --listen-address=127.0.0.1 --bind-interfaces "$@" >log 2>&1
}
(server --port="$1" --local=/example.net/ --address=/pbx.example.net/192.0.2.9) &
site=$!
(server --port="$2" --server="127.0.0.1#$1" --neg-ttl=60) &
cache=$!
trap 'kill $site $cache; wait; rm -rf "$T"' EXIT
sleep 2
for type in A SRV A; do
	echo "$type $(timeout 30 root/usr/bin/kdig "@127.0.0.1" -p "$2" +timeout=5 \
		pbx.example.net $type | sed -n 's/.*status: \([A-Z]*\);.*/\1/p')"
done >seen
cat seen
printf 'A NOERROR\nSRV NXDOMAIN\nA NXDOMAIN\n' >known
cmp -s seen known || exit 1
