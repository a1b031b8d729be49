#!/bin/sh
# musl asks all name servers at once: a fast "no such name" of the second beats the first's answer.
#
# Version:     musl 1.2.3 (Debian 12).
# Guess:       the second "nameserver" line is a backup, asked when the first does not answer: that is
#              what resolv.conf(5) says and what glibc does.
# Behaviour:   the question goes to both in the same moment, and NXDOMAIN is taken as an answer like
#              any other. If it comes first, the name does not exist.
# Consequence: firmware and containers on musl with "local router, then provider" in resolv.conf
#              find the local PBX or not, as the timing falls: mostly, when the router is busy,
#              not. The same file works on the engineer's machine. Each question also goes to
#              the provider. Only name servers with the same knowledge may stand in one file.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download musl=1.2.3-1 musl-dev=1.2.3-1 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
M=$(uname -m)-linux-musl
cat >probe.c <<'E'
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>

int main(void)
{
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *found;
	int error = getaddrinfo("pbx.example.net", "5060", &hints, &found);
	char text[32] = "";

	if (!error)
		inet_ntop(AF_INET, &((struct sockaddr_in *)found->ai_addr)->sin_addr, text,
			  sizeof text);
	printf("%s\n", error == EAI_NONAME ? "no such name" : error ? gai_strerror(error) : text);
	return 0;
}
E
gcc -w probe.c -o with-glibc || exit 2
gcc -static -no-pie -fno-pie -fno-stack-protector -nostdinc -nostdlib \
	-isystem "root/usr/include/$M" "root/usr/lib/$M/crt1.o" "root/usr/lib/$M/crti.o" probe.c \
	"root/usr/lib/$M/libc.a" -lgcc "root/usr/lib/$M/crtn.o" -o with-musl || exit 2
cat >dns.pl <<'E'
use IO::Socket::INET;
my ($address, $delay, $known) = @ARGV;
my $s = IO::Socket::INET->new(LocalAddr => "$address:53", Proto => 'udp') or exit 2;
alarm 100;
while (my $from = $s->recv(my $m, 512)) {
	print STDERR "$address asked\n";
	select undef, undef, undef, $delay;
	my $question = substr $m, 12, index($m, "\0", 12) - 12 + 5;
	$s->send(substr($m, 0, 2) . ($known ? "\x81\x80\0\1\0\1\0\0\0\0" : "\x81\x83\0\1\0\0\0\0\0\0") .
		$question . ($known ? "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1" : ''), 0, $from);
}
E
cat >inside <<'E'
ip link set lo up && printf 'nameserver 127.0.0.1\nnameserver 127.0.0.2\n' >resolv.conf &&
	mount --bind resolv.conf /etc/resolv.conf || exit 2
perl dns.pl 127.0.0.1 1 known 2>>asked &
one=$!
perl dns.pl 127.0.0.2 0 '' 2>>asked &
two=$!
sleep 1
for libc in glibc musl; do
	: >asked
	echo "$libc: $(timeout 30 ./with-$libc), name servers asked: $(sort -u asked | wc -l)"
	sleep 2
done >seen 2>&1
kill $one $two
E
timeout 100 unshare -rnm sh ./inside || exit 2
cat seen
cat >known <<'E'
glibc: 192.0.2.1, name servers asked: 1
musl: no such name, name servers asked: 2
E
cmp -s seen known || exit 1
