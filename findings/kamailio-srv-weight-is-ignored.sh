#!/bin/sh
# Kamailio as installed sends everything to the SRV target of the highest weight.
#
# Version:     Kamailio 5.6.3, answers by dnsmasq 2.90 (both Debian 12).
# Guess:       SRV records of one priority with weights 10 and 90 get about 10 and 90 of 100
#              requests (RFC 2782), equal weights about half each.
# Behaviour:   the first gets none, also with equal weights, until the core parameters dns_srv_lb
#              and use_dns_failover are both on. dns_srv_lb alone changes nothing.
# Consequence: two trunks or media servers behind SRV look balanced in the zone file; one carries
#              the whole load, the other has been idle for years and nobody knows whether it works.
#              Who tests the weights of a zone with Kamailio as client sees them "broken".
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
	\$ru = "sip:x@" + \$rU + ".example.net";
	forward();
}
E
cat >phone.pl <<'E'
use IO::Socket::INET;
my %in = map { $_ => IO::Socket::INET->new(LocalAddr => "127.0.0.1:$_", Proto => 'udp') } 7001, 7002;
my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1:7000', Proto => 'udp') or exit 2;
my $to = pack_sockaddr_in(5060, inet_aton('127.0.0.1'));
my $id = 0;
for my $name ('weighted', 'equal') {
	my %count = (7001 => 0, 7002 => 0);
	for (my $sent = 0, my $got = 0; $sent < 60 && $got < 40; $sent++) {
		$id++;
		$s->send("OPTIONS sip:$name\@127.0.0.1 SIP/2.0\r\n" .
			"Via: SIP/2.0/UDP 127.0.0.1:7000;branch=z9hG4bK$id\r\nFrom: <sip:1\@h>;tag=1\r\n" .
			"To: <sip:1\@h>\r\nCall-ID: $id\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n" .
			"Content-Length: 0\r\n\r\n", 0, $to);
		my $ready = '';
		vec($ready, fileno $_, 1) = 1 for values %in;
		select($ready, undef, undef, 1) or next;
		for my $port (keys %in) {
			next unless vec($ready, fileno $in{$port}, 1);
			$in{$port}->recv(my $request, 4096);
			$count{$port}++;
			$got++;
		}
	}
	print "$name: first $count{7001}, second $count{7002}\n";
}
E
cat >inside <<'E'
ip link set lo up && echo 'nameserver 127.0.0.1' >resolv.conf &&
	mount --bind resolv.conf /etc/resolv.conf || exit 2
LD_LIBRARY_PATH=$L timeout 150 root/usr/sbin/dnsmasq --no-daemon --conf-file=/dev/null \
	--no-resolv --no-hosts --local-ttl=60 --listen-address=127.0.0.1 --bind-interfaces \
	--local=/example.net/ --host-record=a.example.net,127.0.0.1 \
	--srv-host=_sip._udp.weighted.example.net,a.example.net,7001,10,10 \
	--srv-host=_sip._udp.weighted.example.net,a.example.net,7002,10,90 \
	--srv-host=_sip._udp.equal.example.net,a.example.net,7001,10,50 \
	--srv-host=_sip._udp.equal.example.net,a.example.net,7002,10,50 >dns.log 2>&1 &
dns=$!
LD_LIBRARY_PATH=$L/kamailio timeout 150 root/usr/sbin/kamailio -f kamailio.cfg -DD -E -m 32 -M 4 \
	-P "$PWD/pid" -Y "$PWD" >log 2>&1 &
server=$!
sleep 2
timeout 200 perl phone.pl >seen 2>&1
kill $server $dns
wait
E
timeout 240 unshare -rnm sh ./inside || exit 2
cat seen
awk '/^(weighted|equal): first 0, second [1-9]/ { n++ } END { exit n != 2 }' seen || exit 1
