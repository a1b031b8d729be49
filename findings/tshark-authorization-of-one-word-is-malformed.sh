#!/bin/sh
# tshark calls a SIP message malformed when its Authorization is one word.
#
# Version:     tshark 4.0.17 (Debian 12).
# Guess:       the value of a header that a dissector cannot take apart is shown as text, and the rest
#              of the message is read.
# Behaviour:   a value without a blank ends the dissection: "Malformed Packet: SIP", an error, and
#              no header after it is read, so sip.CSeq and sip.Contact are missing. A blank anywhere
#              in the value is enough, whatever the words are.
# Consequence: captures whose credentials were masked in the obvious way, each character by
#              another, look like the captures of a broken phone: every REGISTER is in red, and
#              filters by CSeq find the first, unauthenticated ones only. Keep the scheme.
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
my $sip = join "\r\n", 'REGISTER sip:example.com SIP/2.0',
	'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1', 'From: <sip:1001@example.com>;tag=1',
	'To: <sip:1001@example.com>', 'Call-ID: 1', "Authorization: $ARGV[0]", 'CSeq: 2 REGISTER',
	'Contact: <sip:1001@192.0.2.1>', 'Content-Length: 0', '', '';
my $udp = pack('nnnn', 5060, 5060, 8 + length $sip, 0) . $sip;
my $ip = pack('CCnnnCCna4a4', 0x45, 0, 20 + length $udp, 1, 0, 64, 17, 0, "\xc0\0\2\1", "\xc0\0\2\3") .
	$udp;
binmode STDOUT;
print pack('LSSlLLL', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101),	# raw IP
	pack('LLLL', 1700000000, 0, length $ip, length $ip), $ip;
E
read_it() { # title, value
	perl write.pl "$2" >one.pcap
	timeout 120 root/usr/bin/tshark -r one.pcap -T fields -e sip.Method -e sip.CSeq.seq \
		-e _ws.malformed -E separator=, 2>/dev/null | sed "s/^/$1: /"
}
{
	read_it word xxxxxxxxxxxxxxxx
	read_it words 'xxxxxx xxxxxxxxx'
	read_it scheme 'Digest xxxxxxxxx'
} >seen 2>&1
cat seen
grep -q '^scheme: REGISTER,2,$' seen || exit 2
grep -q '^words: REGISTER,2,$' seen && grep -q '^word: REGISTER,,..*' seen || exit 1
