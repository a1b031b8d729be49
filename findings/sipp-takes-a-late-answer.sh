#!/bin/sh
# SIPp takes the answer to an older request for the answer to the one it has just sent.
#
# Version:     SIPp 3.6.1 (Debian 12).
# Guess:       <recv response="200"> matches a response to its request by branch and CSeq (RFC 3261
#              17.1.3), as every SIP stack does; anything else is unexpected and fails the call.
# Behaviour:   Call-ID, status and the method in CSeq are looked at. The CSeq number and the branch of
#              the topmost Via may be any.
# Consequence: in a test of failover the dead server's late 200 to REGISTER 1 makes REGISTER 2 pass,
#              though nobody answered it, and a server that mixes its transactions up passes each
#              load test. The scenario has to compare them itself, with <ereg> on CSeq and Via.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download sip-tester=1:3.6.1-1+b2 libsctp1 libgsl27 libgslcblas0 libpcap0.8 libtinfo6 \
	libncursesw6 >/dev/null 2>&1 || { echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L="$T/root/usr/lib/$(gcc -print-multiarch):$T/root/lib/$(gcc -print-multiarch)"
{
	echo '<?xml version="1.0" encoding="ISO-8859-1" ?><scenario name="register twice">'
	for status in 404 200; do
		cat <<E
<send retrans="500"><![CDATA[

REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:alice@example.com>;tag=[call_number]
To: <sip:alice@example.com>
Call-ID: [call_id]
CSeq: [cseq] REGISTER
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="$status"/>
E
	done
	echo '</scenario>'
} >register.xml
cat >server.pl <<'E'
use IO::Socket::INET;
use strict;
my ($change, @sipp) = @ARGV;
my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'udp') or exit 2;
my $pid = fork // exit 2;
if (!$pid) {
	open STDOUT, '>', 'sipp.log';
	open STDERR, '>&', \*STDOUT;
	exec @sipp, '127.0.0.1:' . $s->sockport;
}
my (%old, $second);
local $SIG{ALRM} = sub { kill 'TERM', $pid };
alarm 40;
local $SIG{CHLD} = sub { close $s };
while (my $from = $s->recv(my $m, 4096)) {
	my %line;
	for my $name ('Via', 'From', 'To', 'Call-ID', 'CSeq') {
		($line{$name}) = $m =~ /^(\Q$name\E:[^\r\n]*)/m;
	}
	%old = %line unless %old;
	my $status = $line{CSeq} eq $old{CSeq} ? '404 Not Found' : '200 OK';
	if ($status eq '200 OK') {
		$second++;
		$line{$_} = $old{$_} for $change eq 'late' ? ('CSeq', 'Via') : ();
		$line{CSeq} =~ s/REGISTER/OPTIONS/ if $change eq 'method';
	}
	$line{To} .= ';tag=9';
	$s->send(join("\r\n", "SIP/2.0 $status", @line{'Via', 'From', 'To', 'Call-ID', 'CSeq'},
		'Content-Length: 0', '', ''), 0, $from);
}
waitpid $pid, 0;
print "$change: ", !$second ? 'no second request' : $? ? 'refused' : 'taken', "\n";
E
for change in none late method; do
	LD_LIBRARY_PATH=$L timeout 60 perl server.pl $change timeout 30 root/usr/bin/sipp \
		-sf register.xml -i 127.0.0.1 -m 1 -nostdin -timeout 10 -timeout_error
done >seen 2>&1
cat seen
printf 'none: taken\nlate: taken\nmethod: refused\n' >known
cmp -s seen known || exit 1
