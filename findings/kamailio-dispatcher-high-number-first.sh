#!/bin/sh
# In Kamailio's dispatcher list the higher priority number is tried first, unlike in SRV.
#
# Version:     Kamailio 5.6.3 (Debian 12).
# Guess:       the column "priority" counts as in SRV, NAPTR and Kamailio's own DNS failover: the
#              lower number is the more preferred server, 0 the primary.
# Behaviour:   algorithm 8 ("use first") and the order of failover go from the highest number
#              to the lowest.
# Consequence: a list made from a zone file (primary 10, backup 20) sends every call to the
#              backup and uses the primary only when the backup fails. All seems well until
#              somebody counts, or takes the "backup" down for a weekend.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download kamailio=5.6.3-2 >/dev/null 2>&1 || { echo "the package cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)/kamailio
port=$(perl -MIO::Socket::INET -e \
	'print IO::Socket::INET->new(LocalAddr => "127.0.0.1", Proto => "udp")->sockport')
printf '1 sip:192.0.2.1:5060 0 10\n1 sip:192.0.2.2:5060 0 20\n' >list
cat >kamailio.cfg <<E
listen=udp:127.0.0.1:$port
disable_tcp=yes
children=1
mpath="$L/modules/"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "dispatcher.so"
modparam("dispatcher", "list_file", "$T/list")
modparam("dispatcher", "flags", 2)
request_route {
	ds_select_dst("1", "8");
	\$var(first) = \$du;
	ds_next_dst();
	\$var(both) = \$var(first) + " then " + \$du;
	sl_send_reply("200", "\$var(both)");
}
E
LD_LIBRARY_PATH=$L timeout 60 root/usr/sbin/kamailio -f kamailio.cfg -DD -E -m 32 -M 4 \
	-P "$T/pid" -Y "$T" >log 2>&1 &
server=$!
trap 'kill $server; wait $server; rm -rf "$T"' EXIT
sleep 2
cat >ask.pl <<'E'
use IO::Socket::INET;
my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]", Proto => 'udp') or exit 2;
for my $n (1 .. 10) {
	$s->send("OPTIONS sip:x\@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:" . $s->sockport .
		";branch=z9hG4bK$n\r\nFrom: <sip:1\@h>;tag=1\r\nTo: <sip:1\@h>\r\nCall-ID: $n\r\n" .
		"CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
	my $ready = '';
	vec($ready, fileno $s, 1) = 1;
	select($ready, undef, undef, 2) or next;
	defined $s->recv(my $answer, 4096) or sleep 1, next;
	print 'chosen: ', $answer =~ /^SIP\/2.0 200 ([^\r\n]*)/ ? $1 : 'nothing', "\n";
	exit;
}
E
timeout 50 perl ask.pl "$port" >seen 2>&1
cat list seen
grep -qx 'chosen: sip:192.0.2.2:5060 then sip:192.0.2.1:5060' seen || exit 1
