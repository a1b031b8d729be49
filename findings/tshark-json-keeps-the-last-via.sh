#!/bin/sh
# "tshark -T json" writes one key for each Via or Contact line, all with the same name.
#
# Version:     tshark 4.0.17 (Debian 12).
# Guess:       a header that stands in a message twice becomes an array, so that any JSON reader
#              sees both.
# Behaviour:   the object holds "sip.Via" twice, and "sip.Contact" as often as there are lines.
#              Readers of JSON keep the last one of equal names and say nothing. Only
#              --no-duplicate-keys makes arrays, and then only for what occurs more than once.
# Consequence: a script that takes the topmost Via or "our" Contact from the JSON of a REGISTER's
#              200 gets the bottom Via and the binding of another phone: granted times, received
#              addresses and the question "who sent this" come out wrong, for messages through a
#              proxy only. Short tests, with one Via, are right.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
v=4.0.17-0+deb12u3
apt-get -qq download tshark=$v libwireshark16=$v libwiretap13=$v libwsutil14=$v \
	libwireshark-data=$v libbcg729-0 libspandsp2 libsbc1 libsmi2ldbl libssh-gcrypt-4 \
	libmaxminddb0 liblua5.2-0 libsnappy1v5 libnl-3-200 libnl-genl-3-200 libnl-route-3-200 \
	libspeexdsp1 libnghttp2-14 libbrotli1 libtiff6 libpcap0.8 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
LD_LIBRARY_PATH="$T/root/usr/lib/$(gcc -print-multiarch)"
export LD_LIBRARY_PATH
export WIRESHARK_DATA_DIR="$T/root/usr/share/wireshark" HOME="$T"
cat >write.pl <<'E'
use strict;
my $sip = join "\r\n", 'SIP/2.0 200 OK', 'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
	'Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2', 'From: <sip:1001@example.com>;tag=1',
	'To: <sip:1001@example.com>;tag=2', 'Call-ID: 1', 'CSeq: 1 REGISTER',
	'Contact: <sip:1001@192.0.2.2>;expires=60', 'Contact: <sip:1001@192.0.2.77>;expires=3600',
	'Content-Length: 0', '', '';
my $udp = pack('nnnn', 5060, 5060, 8 + length $sip, 0) . $sip;
my $ip = pack('CCnnnCCna4a4', 0x45, 0, 20 + length $udp, 1, 0, 64, 17, 0, "\xc0\0\2\3", "\xc0\0\2\1") .
	$udp;
binmode STDOUT;
print pack('LSSlLLL', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101),	# raw IP
	pack('LLLL', 1700000000, 0, length $ip, length $ip), $ip;
E
perl write.pl >one.pcap
cat >read.pl <<'E'
use JSON::PP;
local $/;
my $layers = decode_json(<STDIN>)->[0]{_source}{layers}{sip}{'sip.msg_hdr_tree'} ||
	die "no SIP message\n";
for my $name ('sip.Via', 'sip.Contact') {
	my $value = $layers->{$name};
	print "$ARGV[0] $name: ", ref $value ? join(' | ', @$value) : $value, "\n";
}
E
read_with() { # title, options
	title=$1
	shift
	timeout 120 root/usr/bin/tshark -r one.pcap -T json "$@" 2>/dev/null | perl read.pl "$title"
}
{ read_with plain; read_with arrays --no-duplicate-keys; } >seen 2>&1
cat seen
grep -q Via seen || exit 2
cat >known <<'E'
plain sip.Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2
plain sip.Contact: <sip:1001@192.0.2.77>;expires=3600
arrays sip.Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1 | SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2
arrays sip.Contact: <sip:1001@192.0.2.2>;expires=60 | <sip:1001@192.0.2.77>;expires=3600
E
cmp -s seen known || exit 1
