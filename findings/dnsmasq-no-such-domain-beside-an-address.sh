#!/bin/sh
# dnsmasq answers NXDOMAIN for SRV, NAPTR and AAAA of a name whose A record it serves.
#
# Version:     dnsmasq 2.90 (Debian 12).
# Guess:       a name that has an A record exists; other types get an empty answer with NOERROR
#              (RFC 2308 2.2), as dnsmasq does it for a host-record.
# Behaviour:   with "local=/example.net/" and "address=/pbx.example.net/192.0.2.9", a usual pair
#              on home routers, A is answered, and every other type of the same name is NXDOMAIN.
#              Without the local= line it is REFUSED or asked of the provider.
# Consequence: a SIP client asks NAPTR and SRV first. If it takes NXDOMAIN for what RFC 8020 says
#              ("there is nothing at or under this name"), or shares one cache of missing names
#              among the types, it never asks for the A record and never registers, while a ping of
#              the same name works. The order of the questions decides whether it works.
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
port=$(perl -MIO::Socket::INET -e \
	'print IO::Socket::INET->new(LocalAddr => "127.0.0.1", Proto => "udp")->sockport')
for entry in --host-record=pbx.example.net,192.0.2.9 --address=/pbx.example.net/192.0.2.9; do
	timeout 100 root/usr/sbin/dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts \
		--port="$port" --listen-address=127.0.0.1 --bind-interfaces --local=/example.net/ \
		"$entry" >log 2>&1 &
	server=$!
	sleep 1
	echo "$entry"
	for type in A AAAA SRV NAPTR; do
		status=$(timeout 30 root/usr/bin/kdig "@127.0.0.1" -p "$port" +timeout=5 \
			pbx.example.net $type | sed -n 's/.*status: \([A-Z]*\);.*/\1/p')
		echo "    $type $status"
	done
	kill $server
	wait $server
done >seen
cat seen
cat >known <<'E'
--host-record=pbx.example.net,192.0.2.9
    A NOERROR
    AAAA NOERROR
    SRV NOERROR
    NAPTR NOERROR
--address=/pbx.example.net/192.0.2.9
    A NOERROR
    AAAA NXDOMAIN
    SRV NXDOMAIN
    NAPTR NXDOMAIN
E
cmp -s seen known || exit 1
