#!/bin/sh
# A packet dropped by nft on its way out is not lost in silence: sendto() fails with EPERM.
#
# Version:     nftables 1.0.6 (Debian 12), Linux 6.18.
# Guess:       "udp dport 5060 drop" makes a dead server, in whichever hook it stands.
# Behaviour:   in the input hook it does. In the output hook the sender of UDP gets "Operation not
#              permitted" from sendto() at once; a TCP connect beside it hangs in silence.
# Consequence: a test of failover that cuts a server off with an output rule on the phone's own
#              machine measures a transport error of 0 ms instead of the retransmission timers,
#              for UDP only. The phone that fails over nicely there waits 32 s in the field. The
#              rule belongs into the input hook, or on a machine between.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 libedit2 libnftnl11 \
	>/dev/null 2>&1 || { echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >inside <<'E'
ip link set lo up || exit 2
for hook in input output; do
	LD_LIBRARY_PATH=$1 "$2" -f - <<N || exit 2
flush ruleset
table inet t {
	chain c {
		type filter hook $hook priority 0
		udp dport 5060 drop
		tcp dport 5060 drop
	}
}
N
	perl -MSocket -MErrno -e '
		my $to = pack_sockaddr_in(5060, inet_aton("127.0.0.1"));
		socket(my $u, PF_INET, SOCK_DGRAM, 0) or exit 2;
		print "'$hook' UDP: ", defined(send($u, "x", 0, $to)) ? "sent" : "$!", "\n";
		socket(my $t, PF_INET, SOCK_STREAM, 0) or exit 2;
		local $SIG{ALRM} = sub { print "'$hook' TCP: silence\n"; exit };
		alarm 3;
		print "'$hook' TCP: ", connect($t, $to) ? "connected" : "$!", "\n";'
done
E
LC_ALL=C timeout 60 unshare -rn sh ./inside "$L" "$T/root/usr/sbin/nft" >seen 2>&1
[ $? = 0 ] || { cat seen; exit 2; }
cat seen
cat >known <<'E'
input UDP: sent
input TCP: silence
output UDP: Operation not permitted
output TCP: silence
E
cmp -s seen known || exit 1
