#!/bin/sh
# Kamailio keeps "the name server did not answer" for a minute, as if the name did not exist.
#
# Version:     Kamailio 5.6.3, names by dnsmasq 2.90 (both Debian 12).
# Guess:       an answer of "no such name" is cached, as RFC 2308 has it. A name server that is not
#              reachable is no answer: the next request asks again.
# Behaviour:   one failed look-up blocks the name for dns_cache_negative_ttl, 60 s as installed. The
#              name server is back after a second, is not asked, and requests are dropped with
#              "could not resolve hostname". With dns_cache_negative_ttl=1 the next one arrives.
# Consequence: a blink of the DNS (router restart, one lost packet pair at start-up) becomes a minute
#              without calls to every name that was used in it, to the backup as well if it was
#              tried. A drill that stops the resolver for a moment seems to hit the proxy.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download kamailio=5.6.3-2 dnsmasq-base=2.90-4~deb12u2 libnetfilter-conntrack3 \
	libnfnetlink0 libnftables1 libnftnl11 libedit2 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L="$T/root/usr/lib/$(gcc -print-multiarch)"
export L
cat >phone.pl <<'E'
use IO::Socket::INET;
my ($tries) = @ARGV;
my $in = IO::Socket::INET->new(LocalAddr => '127.0.0.1:7001', Proto => 'udp') or exit 2;
my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1:7000', Proto => 'udp') or exit 2;
my $verdict = 'dropped';
for (1 .. $tries) {
	my $id = int rand 1e9;
	$s->send("OPTIONS sip:1\@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:7000;branch=z9hG4bK$id" .
		"\r\nFrom: <sip:1\@h>;tag=1\r\nTo: <sip:1\@h>\r\nCall-ID: $id\r\nCSeq: 1 OPTIONS\r\n" .
		"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n", 0,
		pack_sockaddr_in(5060, inet_aton('127.0.0.1')));
	my $ready = '';
	vec($ready, fileno $in, 1) = 1;
	$verdict = 'delivered', last if select($ready, undef, undef, 3);
}
print "$verdict\n";
E
cat >inside <<'E'
ip link set lo up && echo 'nameserver 127.0.0.1' >resolv.conf &&
	mount --bind resolv.conf /etc/resolv.conf || exit 2
for setting in '# as installed' dns_cache_negative_ttl=1; do
	cat >kamailio.cfg <<K
listen=udp:127.0.0.1:5060
disable_tcp=yes
children=1
$setting
mpath="$L/kamailio/modules/"
loadmodule "pv.so"
request_route { \$du = "sip:a.example.net:7001"; forward(); }
K
	LD_LIBRARY_PATH=$L/kamailio timeout 150 root/usr/sbin/kamailio -f kamailio.cfg -DD -E -m 32 \
		-M 4 -P "$PWD/pid" -Y "$PWD" >log 2>&1 &
	server=$!
	sleep 2
	echo "$setting, DNS down: $(perl phone.pl 1)"
	LD_LIBRARY_PATH=$L timeout 150 root/usr/sbin/dnsmasq --no-daemon --conf-file=/dev/null \
		--no-resolv --no-hosts --local-ttl=60 --listen-address=127.0.0.1 --bind-interfaces \
		--log-queries --local=/example.net/ --host-record=a.example.net,127.0.0.1 >dns.log 2>&1 &
	dns=$!
	sleep 2
	echo "$setting, DNS up: $(perl phone.pl 5), questions $(grep -c 'query\[' dns.log)"
	kill $server $dns
	wait
done >seen 2>&1
E
timeout 200 unshare -rnm sh ./inside || exit 2
cat seen
cat >known <<'E'
# as installed, DNS down: dropped
# as installed, DNS up: dropped, questions 0
dns_cache_negative_ttl=1, DNS down: dropped
dns_cache_negative_ttl=1, DNS up: delivered, questions 1
E
cmp -s seen known || exit 1
