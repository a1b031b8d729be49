#!/bin/sh
# Net::SIP's registrar takes the Contacts of a REGISTER for the whole list: asking removes all of it.
#
# Version:     Net::SIP 0.835 (libnet-sip-perl, Debian 12).
# Guess:       a REGISTER without Contact asks for the bindings and changes nothing, and one with a
#              Contact adds it to those of other phones (RFC 3261 10.2.3, 10.3 step 7).
# Behaviour:   what the request carries is all that is bound afterwards. A REGISTER of a second phone
#              throws the first one out; one without Contact leaves nobody, and is answered 200.
# Consequence: a phone that asks whether the primary is well, by the one REGISTER that binds nothing,
#              takes its own registration there away and is told that all is well. Nobody can call
#              the user until the next refresh. A pair of phones of one user rings at one of them.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download libnet-sip-perl=0.835-1 >/dev/null 2>&1 ||
	{ echo "the package cannot be had"; exit 2; }
dpkg -x libnet-sip-perl*.deb root || exit 2
cat >registrar.pl <<'E'
use strict;
use warnings;
use IO::Socket::INET;
use Net::SIP;

my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'udp') or exit 2;
my $ua = Net::SIP::Simple->new(leg => Net::SIP::Leg->new(sock => $socket));
$ua->create_registrar;
open my $told, '>', 'port.new';
print $told $socket->sockport;
close $told;
rename 'port.new', 'port';
$ua->loop(30);
E
cat >phone.pl <<'E'
use strict;
use warnings;
use IO::Socket::INET;

my ($port) = @ARGV;
my $phone = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", LocalAddr => '127.0.0.1', Proto => 'udp');
my $at = '127.0.0.1:' . $phone->sockport;
my $number = 0;

sub register {
	my ($what, @contact) = @_;
	$number++;
	$phone->send(join("\r\n", 'REGISTER sip:example.net SIP/2.0',
		"Via: SIP/2.0/UDP $at;branch=z9hG4bK$number", "From: <sip:1001\@example.net>;tag=$number",
		'To: <sip:1001@example.net>', "Call-ID: $number\@example.net", "CSeq: $number REGISTER",
		'Max-Forwards: 70', (map { "Contact: <$_>;expires=600" } @contact), 'Content-Length: 0', '', ''));
	my $answer = '';
	vec(my $wanted = '', fileno($phone), 1) = 1;
	$phone->recv($answer, 65536) if select($wanted, undef, undef, 10);
	my ($status) = $answer =~ m{^SIP/2.0 (\d+)};
	my @bound = sort $answer =~ m{^(?:Contact|m): *<([^>]*)>}gmi;
	print "$what: ", $status // 'no answer', ', bound: ', "@bound" || 'nobody', "\n";
}

register('the desk phone registers', 'sip:desk@192.0.2.1');
register('the other phone registers', 'sip:other@192.0.2.2');
register('a phone asks');
E
timeout 60 perl -Iroot/usr/share/perl5 registrar.pl >log 2>&1 &
registrar=$!
trap '{ kill $registrar; wait $registrar; } 2>/dev/null; rm -rf "$T"' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ -e port ] && break
	sleep 0.5
done
[ -e port ] || { cat log; exit 2; }
timeout 40 perl phone.pl "$(cat port)" >seen 2>&1
cat seen
cat >known <<'E'
the desk phone registers: 200, bound: sip:desk@192.0.2.1
the other phone registers: 200, bound: sip:other@192.0.2.2
a phone asks: 200, bound: nobody
E
cmp -s seen known || exit 1
