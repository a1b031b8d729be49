#!/bin/sh
# Kamailio's registrar never answers 423: it grants a minute to whoever asks for ten seconds, and
# it removes the binding of a Contact with the longest lawful expires.
#
# Version:     Kamailio 5.6.3 (Debian 12), registrar with its own defaults.
# Guess:       too short an Expires gets 423 with Min-Expires (RFC 3261 10.3), too long a one a
#              200 with less.
# Behaviour:   "Expires: 10" gets 200 with expires=60, more than was asked for. A Contact with
#              expires=4294967295 (2**32-1, the grammar's limit) gets 200 without that Contact: the
#              binding is gone. The same number in the header Expires is taken as 3600.
# Consequence: a client that counts with what it asked for, as for "granted is never more", renews
#              six times as often as it must; one that tests its 423 against Kamailio has tested
#              nothing. A client that asks for "for ever" in the Contact signs itself off, with 200
#              as the answer; only a look for its own Contact in that 200 tells.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download kamailio=5.6.3-2 >/dev/null 2>&1 || { echo "the package cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)/kamailio
port=$(perl -MIO::Socket::INET -e \
	'print IO::Socket::INET->new(LocalAddr => "127.0.0.1", Proto => "udp")->sockport')
cat >kamailio.cfg <<E
listen=udp:127.0.0.1:$port
disable_tcp=yes
children=1
mpath="$L/modules/"
loadmodule "sl.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
request_route { save("location"); }
E
LD_LIBRARY_PATH=$L timeout 60 root/usr/sbin/kamailio -f kamailio.cfg -DD -E -m 32 -M 4 \
	-P "$T/pid" -Y "$T" >log 2>&1 &
server=$!
trap 'kill $server; wait $server; rm -rf "$T"' EXIT
sleep 2
cat >phone.pl <<'E'
use IO::Socket::INET;
my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]", Proto => 'udp') or exit 2;
my $me = 'sip:1001@127.0.0.1:' . $s->sockport;
my $n = 0;
sub register {
	my ($title, $contact) = @_;
	for my $try (1 .. 10) {
		$n++;
		$s->send("REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:" .
			$s->sockport . ";branch=z9hG4bK$n\r\nFrom: <sip:1001\@127.0.0.1>;tag=1\r\n" .
			"To: <sip:1001\@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: $n REGISTER\r\n" .
			"${contact}Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
		my $ready = '';
		vec($ready, fileno $s, 1) = 1;
		select($ready, undef, undef, 2) or next;
		defined $s->recv(my $answer, 4096) or select(undef, undef, undef, 1), next;
		my ($status) = $answer =~ /^SIP\/2.0 (\d+)/;
		my ($left) = $answer =~ /^Contact:.*expires=(\d+)/m;
		print "$title -> $status, ", defined $left ? "expires $left" : 'no Contact', "\n";
		return;
	}
	print "$title -> no answer\n";
}
register('Expires: 10', "Contact: <$me>\r\nExpires: 10\r\n");
register('Expires: 4294967295', "Contact: <$me>\r\nExpires: 4294967295\r\n");
register('Contact ...;expires=4294967295', "Contact: <$me>;expires=4294967295\r\n");
register('question', '');
E
timeout 50 perl phone.pl "$port" >seen 2>&1
cat seen
cat >known <<'E'
Expires: 10 -> 200, expires 60
Expires: 4294967295 -> 200, expires 3600
Contact ...;expires=4294967295 -> 200, no Contact
question -> 200, no Contact
E
cmp -s seen known || exit 1
