#!/bin/sh
# Kamailio's dispatcher.reload makes a server active again that probing has found dead.
#
# Version:     Kamailio 5.6.3 (Debian 12), dispatcher with probing on.
# Guess:       a reload of the list, which adds a gateway or changes a weight, leaves alone what is
#              known of the servers that stand in it before and after.
# Behaviour:   all destinations begin anew with the flags of the list, so the dead one is AX (active,
#              probed) at once and stays so until the next probe has timed out: with tm's default
#              half a minute, here two seconds.
# Consequence: whoever provisions a gateway during an outage of the primary sends the calls of the
#              next half minute to the dead primary again. A reload each minute by a script keeps it
#              in use for half of the time.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download kamailio=5.6.3-2 >/dev/null 2>&1 || { echo "the package cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)/kamailio
ports=$(perl -MIO::Socket::INET -e '@s = map { IO::Socket::INET->new(LocalAddr => "127.0.0.1", Proto => "udp") } 1, 2;
	print join " ", map { $_->sockport } @s') || exit 2
cat >kamailio.cfg <<C
listen=udp:127.0.0.1:${ports% *}
disable_tcp=yes
children=1
mpath="$L/modules/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "ctl.so"
loadmodule "dispatcher.so"
modparam("tm", "fr_timer", 2000)
modparam("ctl", "binrpc", "unix:$T/ctl")
modparam("dispatcher", "list_file", "$T/list")
modparam("dispatcher", "ds_ping_interval", 1)
modparam("dispatcher", "ds_probing_mode", 1)
modparam("dispatcher", "ds_probing_threshold", 1)
request_route { exit; }
C
echo "1 sip:127.0.0.1:${ports#* } 0 0" >list
LD_LIBRARY_PATH=$L timeout 60 "$T/root/usr/sbin/kamailio" -f kamailio.cfg -DD -E -m 32 -M 4 -Y . -P pid >log 2>&1 &
pid=$!

ask() {
	LD_LIBRARY_PATH=$L "$T/root/usr/sbin/kamcmd" -s "unix:$T/ctl" "dispatcher.$1" 2>/dev/null
}

dead() { # waits until it is; bounded
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		ask list | grep -q 'FLAGS: IP' && return
		sleep 1
	done
	return 1
}

{
	dead && echo "nobody answers: IP, inactive and probed"
	ask reload >/dev/null
	ask list | sed -nE 's/.*FLAGS: (.*)/after a reload of the same list: \1/p'
	dead && echo "a timeout later: IP"
} >seen
kill $pid
wait $pid
cat seen
cat >known <<'E'
nobody answers: IP, inactive and probed
after a reload of the same list: AX
a timeout later: IP
E
cmp -s seen known || exit 1
