#!/bin/sh
# dnsmasq's "srv-host=_sip._udp.example.net,pbx.example.net" sends SIP phones to port 1.
#
# Version:     dnsmasq 2.90 (Debian 12).
# Guess:       a missing port is an error, or taken from the service (sip: 5060, sips: 5061).
# Behaviour:   port 1, priority 0, weight 0, and no word in the log. A line without the target as
#              well makes the record "0 0 1 .", which means "this service is not offered here".
# Consequence: phones that follow SRV go to port 1 and get ICMP "port unreachable" or silence, those
#              that fall back to A work: "some phones register, some do not", or the primary is
#              down for ever and everybody lives on the backup. The fields stand in another order
#              than in a zone file, target and port first, so the slip is easy.
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
timeout 100 root/usr/sbin/dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts \
	--port="$port" --listen-address=127.0.0.1 --bind-interfaces --local=/example.net/ \
	--srv-host=_sip._udp.example.net,pbx.example.net \
	--srv-host=_sip._tcp.example.net \
	--srv-host=_sips._tcp.example.net,pbx.example.net,5061 >log 2>&1 &
server=$!
trap 'kill $server; wait $server; rm -rf "$T"' EXIT
sleep 1
for name in _sip._udp _sip._tcp _sips._tcp; do
	echo "$name $(timeout 30 root/usr/bin/kdig "@127.0.0.1" -p "$port" +timeout=5 +short \
		$name.example.net SRV)"
done >seen
cat seen
grep -iE 'srv|port' log
cat >known <<'E'
_sip._udp 0 0 1 pbx.example.net.
_sip._tcp 0 0 1 .
_sips._tcp 0 0 5061 pbx.example.net.
E
cmp -s seen known || exit 1
