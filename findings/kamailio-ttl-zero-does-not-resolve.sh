#!/bin/sh
# Kamailio does not resolve an SRV name whose records have TTL 0, which is dnsmasq's default.
#
# Version:     Kamailio 5.6.3, answers by dnsmasq 2.90 (both Debian 12).
# Guess:       TTL 0 means "use this answer now, do not keep it" (RFC 1035 3.2.1): more questions
#              on the wire, the same result.
# Behaviour:   the SRV answer goes into the cache, is found to be out of date there at once, and
#              the request is dropped with "could not resolve hostname". An A record with TTL 0
#              works, and so does SRV with TTL 1.
# Consequence: a site whose router serves "srv-host=" entries (no local-ttl set, so TTL 0) works
#              with phones and with dig, while its proxy or a test proxy drops every request to the
#              same name. An operator who lowers a TTL to 0 to be quick on the day of a move
#              takes the service down instead. TTL 1 is the least to use.
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
cat >kamailio.cfg <<E
listen=udp:127.0.0.1:5060
disable_tcp=yes
children=1
mpath="$L/kamailio/modules/"
loadmodule "pv.so"
request_route {
	if (\$rU == "srv")
		\$du = "sip:srv.example.net";
	else
		\$du = "sip:a.example.net:7001";
	forward();
}
E
cat >phone.pl <<'E'
use IO::Socket::INET;
my $in = IO::Socket::INET->new(LocalAddr => '127.0.0.1:7001', Proto => 'udp') or exit 2;
my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1:7000', Proto => 'udp') or exit 2;
my $to = pack_sockaddr_in(5060, inet_aton('127.0.0.1'));
my $id = 0;
for my $name ('srv', 'a') {
	my $got = 0;
	for (1 .. 8) {
		$id++;
		$s->send("OPTIONS sip:$name\@127.0.0.1 SIP/2.0\r\n" .
			"Via: SIP/2.0/UDP 127.0.0.1:7000;branch=z9hG4bK$id\r\nFrom: <sip:1\@h>;tag=1\r\n" .
			"To: <sip:1\@h>\r\nCall-ID: $id\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n" .
			"Content-Length: 0\r\n\r\n", 0, $to);
		my $ready = '';
		vec($ready, fileno $in, 1) = 1;
		$got++, $in->recv(my $request, 4096) if select($ready, undef, undef, 1.5);
	}
	print "TTL $ARGV[0], $name: ", $got > 4 ? 'delivered' : 'dropped', "\n";
}
E
cat >inside <<'E'
ip link set lo up && echo 'nameserver 127.0.0.1' >resolv.conf &&
	mount --bind resolv.conf /etc/resolv.conf || exit 2
for ttl in 0 1; do
	LD_LIBRARY_PATH=$L timeout 150 root/usr/sbin/dnsmasq --no-daemon --conf-file=/dev/null --no-resolv \
		--no-hosts --listen-address=127.0.0.1 --bind-interfaces --local-ttl=$ttl \
		--local=/example.net/ --host-record=a.example.net,127.0.0.1 \
		--srv-host=_sip._udp.srv.example.net,a.example.net,7001 >dns.log 2>&1 &
	dns=$!
	LD_LIBRARY_PATH=$L/kamailio timeout 150 root/usr/sbin/kamailio -f kamailio.cfg -DD -E -m 32 -M 4 \
		-P "$PWD/pid" -Y "$PWD" >log 2>&1 &
	server=$!
	sleep 2
	timeout 60 perl phone.pl $ttl
	kill $server $dns
	wait
done >seen 2>&1
E
timeout 200 unshare -rnm sh ./inside || exit 2
cat seen
cat >known <<'E'
TTL 0, srv: dropped
TTL 0, a: delivered
TTL 1, srv: delivered
TTL 1, a: delivered
E
cmp -s seen known || exit 1
