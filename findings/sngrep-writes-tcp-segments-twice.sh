#!/bin/sh
# sngrep -O writes a TCP segment once for each SIP message that it has a part in.
#
# Version:     sngrep 1.6.0 (Debian 12).
# Guess:       the capture that sngrep saves is the SIP part of the one it read: each packet at
#              most once, in the order of time.
# Behaviour:   three segments that carry three messages (two in the first, one over the other two)
#              become six packets. The copies keep their old time stamps, so time runs backwards.
# Consequence: tshark and Wireshark mark the copies as TCP retransmissions, and a count of
#              "messages sent" is too high: a failover over TCP looks like a lossy network. UDP
#              captures are right. Cut a capture with tshark or tcpdump if it is to be measured.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download sngrep=1.6.0-1 libncursesw6 libtinfo6 libpcap0.8 libpcre2-8-0 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L="$T/root/usr/lib/$(gcc -print-multiarch):$T/root/lib/$(gcc -print-multiarch)"
cat >write.pl <<'E'
use strict;
my ($time, $sequence) = (1700000000, 1000);
sub checksum {
	my $sum = 0;
	$sum += $_ for unpack 'n*', shift;
	$sum = ($sum & 0xffff) + ($sum >> 16) for 1, 2;
	return ~$sum & 0xffff;
}
sub segment {
	my ($flags, $data, $back) = @_;
	my ($from, $to) = ("\xc0\0\2\1", "\xc0\0\2\2");
	my @ports = (40000, 5060);
	($from, $to, @ports) = ($to, $from, 5060, 40000) if $back;
	my $tcp = pack('nnNNCCnnn', @ports, $back ? 1000 : $sequence, $back ? $sequence : 1000, 0x50,
		$flags, 65535, 0, 0) . $data;
	my $ip = pack('CCnnnCCna4a4', 0x45, 0, 20 + length $tcp, 1, 0, 64, 6, 0, $from, $to);
	substr($ip, 10, 2) = pack 'n', checksum($ip);
	$ip .= $tcp;
	print pack('LLLL', $time++, 0, length $ip, length $ip), $ip;
	$sequence += length $data unless $back;
}
sub message {
	my ($method, $id) = @_;
	return join "\r\n", "$method sip:example.com SIP/2.0",
		"Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK$id", 'From: <sip:1@example.com>;tag=1',
		'To: <sip:1@example.com>', "Call-ID: $id", "CSeq: 1 $method", 'Content-Length: 0', '', '';
}
binmode STDOUT;
print pack('LSSlLLL', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101);	# raw IP
segment(0x02, '');
segment(0x12, '', 1);
$sequence++;
segment(0x10, '');
segment(0x18, message('REGISTER', 'a') . message('OPTIONS', 'b'));
my $long = message('REGISTER', 'c');
segment(0x18, substr $long, 0, 60);
segment(0x18, substr $long, 60);
E
perl write.pl >in.pcap
cat >list.pl <<'E'
use strict;
local $/;
my ($title, $file) = @ARGV;
open my $in, '<:raw', $file or die "$file: $!\n";
my $data = <$in>;
my @segments;
for (my $at = 24; $at < length $data;) {
	my ($time, undef, $size) = unpack 'LLL', substr $data, $at, 12;
	push @segments, sprintf '%d@%d', unpack('N', substr $data, $at + 16 + 24, 4),
		$time - 1700000000 if $size > 40;
	$at += 16 + $size;
}
print "$title: ", scalar @segments, " data segments (sequence\@second): @segments\n";
E
HOME=$T TERM=vt100 LD_LIBRARY_PATH=$L timeout 60 root/usr/bin/sngrep -N -q -I in.pcap -O out.pcap \
	</dev/null >log 2>&1
[ -s out.pcap ] || { cat log; exit 2; }
{ perl list.pl read in.pcap; perl list.pl written out.pcap; } >seen 2>&1
cat seen
grep -q '^read: 3 ' seen && grep -q '^written: 6 ' seen || exit 1
