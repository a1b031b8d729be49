#!/bin/sh
# stunnel asks the DNS for "connect = NAME:PORT" once, at its start, and never again.
#
# Version:     stunnel 5.68, names from dnsmasq 2.90 (both Debian 12).
# Guess:       the name is resolved for each connection, or again when connecting fails: that is
#              what a name instead of an address is for.
# Behaviour:   the addresses of the start are used for ever. When the DNS names another server and
#              the old one refuses, the connection fails, and no question goes out.
# Consequence: SIP over TLS through stunnel (a phone or SIPp without TLS in front of it) does not
#              follow a failover by DNS until stunnel is restarted. The log says
#              "Connection refused" about an address that dig no longer shows. "delay = yes"
#              in the service brings the question back.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download stunnel4=3:5.68-2+deb12u1 libwrap0 dnsmasq-base=2.90-4~deb12u2 libedit2 \
	libnetfilter-conntrack3 libnfnetlink0 libnftables1 libnftnl11 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L="$T/root/usr/lib/$(gcc -print-multiarch)"
export L
cat >inside <<'E'
ip link set lo up && echo 'nameserver 127.0.0.1' >resolv.conf &&
	mount --bind resolv.conf /etc/resolv.conf || exit 2
name_is() { # address
	LD_LIBRARY_PATH=$L timeout 150 root/usr/sbin/dnsmasq --no-daemon --conf-file=/dev/null \
		--no-resolv --no-hosts --listen-address=127.0.0.1 --bind-interfaces \
		--local=/example.net/ --log-queries --host-record=pbx.example.net,"$1" >>dns.log 2>&1 &
	dns=$!
	sleep 1
}
stunnel() { # file, further lines
	file=$1
	shift
	printf '%s\n' 'foreground = yes' 'pid =' 'debug = 5' '[sips]' 'client = yes' "$@" >"$file.conf"
	LD_LIBRARY_PATH=$L timeout 150 root/usr/bin/stunnel4 "$file.conf" >"$file.log" 2>&1 &
}
call() { # port
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]") or exit;
		local $SIG{ALRM} = sub { exit };
		alarm 3;
		sysread $s, my $byte, 1' "$1"
}
name_is 127.0.0.2	# nothing listens at either address: which one is tried is enough
stunnel plain 'accept = 127.0.0.1:6061' 'connect = pbx.example.net:5061'
one=$!
stunnel delayed 'accept = 127.0.0.1:6062' 'connect = pbx.example.net:5061' 'delay = yes'
two=$!
sleep 2
call 6061
kill $dns
wait $dns
name_is 127.0.0.3
call 6061
call 6062
kill $one $two $dns
wait
for file in plain delayed; do
	echo "$file:" $(sed -n 's/.*s_connect: connect \([0-9.]*\):.*/\1/p' $file.log)
done >seen
E
timeout 200 unshare -rnm sh ./inside 2>/dev/null || exit 2
cat seen
cat >known <<'E'
plain: 127.0.0.2 127.0.0.2
delayed: 127.0.0.3
E
cmp -s seen known || exit 1
