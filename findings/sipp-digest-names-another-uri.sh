#!/bin/sh
# SIPp computes its digest over "sip:IP:PORT" of the next hop, not over the Request-URI.
#
# Version:     SIPp 3.6.1 (Debian 12).
# Guess:       [authentication] takes the uri of the digest from the request that it is sent in
#              (RFC 3261 22.4: the digest-uri is the Request-URI).
# Behaviour:   with "REGISTER sip:example.com" in the scenario the Authorization says
#              uri="sip:127.0.0.1:PORT", the address on the command line. Only -auth_uri changes it.
# Consequence: a server that compares the two, as RFC 7616 3.4.6 allows it to against replay,
#              refuses every call of a load test with 400 or 403, and works with all phones. In
#              a test of failover the backup sees another uri than the primary for the same
#              request, so a recorded answer does not compare.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download sip-tester=1:3.6.1-1+b2 libsctp1 libgsl27 libgslcblas0 libpcap0.8 libtinfo6 \
	libncursesw6 >/dev/null 2>&1 || { echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L="$T/root/usr/lib/$(gcc -print-multiarch):$T/root/lib/$(gcc -print-multiarch)"
request() { # the line with the credentials
	cat <<E
<send retrans="500"><![CDATA[

REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:alice@example.com>;tag=[call_number]
To: <sip:alice@example.com>
Call-ID: [call_id]
CSeq: [cseq] REGISTER
${1}Max-Forwards: 70
Content-Length: 0

]]></send>
E
}
{
	echo '<?xml version="1.0" encoding="ISO-8859-1" ?><scenario name="register">'
	request ''
	echo '<recv response="401" auth="true"/>'
	request '[authentication username=alice password=secret]
'
	echo '<recv response="200"/></scenario>'
} >register.xml
cat >server.pl <<'E'
use IO::Socket::INET;
use strict;
my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'udp') or exit 2;
my $port = $s->sockport;
my $pid = fork // exit 2;
if (!$pid) {
	open STDOUT, '>', 'sipp.log';
	open STDERR, '>&', \*STDOUT;
	exec @ARGV, "127.0.0.1:$port";
}
local $SIG{ALRM} = sub { print "no credentials came\n"; kill 'TERM', $pid; exit };
alarm 40;
while (1) {
	my $from = $s->recv(my $m, 4096) or next;
	my $given = $m =~ /^Authorization: Digest (.*)/m ? $1 : '';
	my $answer = $given ? 'SIP/2.0 200 OK' : 'SIP/2.0 401 Unauthorized';
	for my $name ('Via', 'From', 'To', 'Call-ID', 'CSeq') {
		$m =~ /^\Q$name\E:[^\r\n]*/m or next;
		$answer .= "\r\n$&" . ($name eq 'To' ? ';tag=1' : '');
	}
	$answer .= "\r\nWWW-Authenticate: Digest realm=\"example.com\", nonce=\"n\", qop=\"auth\""
		unless $given;
	$s->send("$answer\r\nContent-Length: 0\r\n\r\n", 0, $from);
	next unless $given;
	my ($target) = $m =~ /^REGISTER (\S+)/;
	my ($uri) = $given =~ /\buri="([^"]*)"/;
	$uri =~ s/:$port$/:PORT/;
	print "Request-URI $target, digest uri $uri\n";
	last;
}
waitpid $pid, 0;
E
LD_LIBRARY_PATH=$L timeout 60 perl server.pl timeout 30 root/usr/bin/sipp -sf register.xml \
	-i 127.0.0.1 -m 1 -nostdin >seen 2>&1
cat seen
[ -s seen ] || { cat sipp.log; exit 2; }
grep -qx 'Request-URI sip:example.com, digest uri sip:127.0.0.1:PORT' seen || exit 1
