#!/bin/sh
# Kamailio's dispatcher takes a server that answers its OPTIONS with 404 or 405 for dead.
#
# Version:     Kamailio 5.6.3 (Debian 12), dispatcher with probing on.
# Guess:       any answer below 500 to a keep-alive shows that the server lives: it is what RFC
#              3261 11.2 and other probers make of it. Only silence, 503 and the like fail.
# Behaviour:   a code that is not 2xx marks the destination inactive, as silence does, until codes
#              are listed in the parameter ds_ping_reply_codes.
# Consequence: many servers answer OPTIONS for the probe's made-up user with 401, 403, 404 or 405.
#              With probing switched on, both servers are "down" soon although they work, and
#              ds_select_dst() finds nothing; if only the primary answers so, all calls go to the
#              backup for good.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download kamailio=5.6.3-2 >/dev/null 2>&1 || { echo "the package cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)/kamailio
cat >run.pl <<'E'
use IO::Socket::INET;
use strict;
my ($root, $lib, @codes) = @ARGV;
sub udp { IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'udp') or exit 2 }
sub field { my ($text, $name) = @_; $text =~ /^\Q$name\E:[^\n]*\n/im ? $& : '' }
sub heard {
	my ($s, $seconds) = @_;
	my $ready = '';
	vec($ready, fileno $s, 1) = 1;
	my $text = '';
	select($ready, undef, undef, $seconds) && defined $s->recv($text, 4096) ? $text : '';
}
for my $code (@codes) {
	my ($server, $phone, $free) = (udp, udp, udp);
	my ($at, $port) = ($server->sockport, $free->sockport);
	close $free;
	open my $list, '>', 'list' or exit 2;
	print $list "1 sip:127.0.0.1:$at 0 0\n";
	close $list;
	open my $cfg, '>', 'kamailio.cfg' or exit 2;
	print $cfg qq(listen=udp:127.0.0.1:$port\ndisable_tcp=yes\nchildren=1\nmpath="$lib/modules/"\n),
		(map { qq(loadmodule "$_.so"\n) } 'tm', 'sl', 'pv', 'dispatcher'),
		(map { "modparam(\"dispatcher\", $_)\n" } qq("list_file", "$ENV{PWD}/list"), '"ds_ping_interval", 1',
			'"ds_probing_mode", 1', '"ds_probing_threshold", 1'),
		'request_route { if (ds_select_dst("1", "8")) { sl_send_reply("200", "alive"); }',
		' else { sl_send_reply("404", "dead"); } }';
	close $cfg;
	my $pid = fork // exit 2;
	if (!$pid) {
		$ENV{LD_LIBRARY_PATH} = $lib;
		open STDOUT, '>', 'log';
		open STDERR, '>&', \*STDOUT;
		exec 'timeout', '60', "$root/usr/sbin/kamailio", '-f', 'kamailio.cfg', '-DD', '-E', '-m',
			'32', '-M', '4', '-Y', '.', '-P', 'pid';
	}
	my $answered = 0;
	for (my $i = 0; $answered < 3 && $i < 20; $i++) {
		my $probe = heard($server, 2) or next;
		my ($to) = $probe =~ /^Via:[^\n]*127\.0\.0\.1:(\d+)/im or next;
		$server->send("SIP/2.0 $code X\r\n" . join('', map { field($probe, $_) } 'Via', 'From',
			'Call-ID', 'CSeq') . field($probe, 'To') =~ s/\r\n/;tag=1\r\n/r .
			"Content-Length: 0\r\n\r\n", 0, pack_sockaddr_in($to, inet_aton('127.0.0.1')));
		$answered++;
	}
	$phone->send("INVITE sip:1\@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:" .
		$phone->sockport . ";branch=z9hG4bK1\r\nFrom: <sip:2\@h>;tag=1\r\nTo: <sip:1\@h>\r\n" .
		"Call-ID: 1\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n", 0,
		pack_sockaddr_in($port, inet_aton('127.0.0.1')));
	my $verdict = heard($phone, 5);
	print "answered $answered probes with $code: ",
		$verdict =~ /^SIP\/2.0 \d+ (\w+)/ ? $1 : 'unknown', "\n";
	kill 'TERM', $pid;
	waitpid $pid, 0;
}
E
timeout 280 perl run.pl "$T/root" "$L" 200 404 405 >seen 2>&1
cat seen
cat >known <<'E'
answered 3 probes with 200: alive
answered 3 probes with 404: dead
answered 3 probes with 405: dead
E
cmp -s seen known || exit 1
