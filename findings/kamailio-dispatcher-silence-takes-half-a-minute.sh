#!/bin/sh
# Kamailio's dispatcher with a probe each second calls a server that nobody runs active for 30 s.
#
# Version:     Kamailio 5.6.3 (Debian 12), dispatcher with probing on.
# Guess:       ds_ping_interval 1 and ds_probing_threshold 1 mean that a dead server is left after a
#              second or two; on UDP even earlier, for the kernel hears that the port is unreachable.
# Behaviour:   a probe fails only when tm's transaction ends, after fr_timer: 30 s unless it is set.
#              Probes of the seconds between go on beside it, unanswered, and count for nothing. The
#              ICMP error is not read. With fr_timer 2000 the server is left after 2 to 3 s.
# Consequence: half a minute of calls goes to the dead primary although the configuration reads as if
#              it were one second. Interval and threshold are tuned in vain; the time is a parameter
#              of another module.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download kamailio=5.6.3-2 >/dev/null 2>&1 || { echo "the package cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)/kamailio
# Two ports that are free: ours, and the one at which nobody is.
ports=$(perl -MIO::Socket::INET -e '@s = map { IO::Socket::INET->new(LocalAddr => "127.0.0.1", Proto => "udp") } 1, 2;
	print join " ", map { $_->sockport } @s') || exit 2

left_after() { # a line of configuration: prints the seconds
	cat >kamailio.cfg <<-C
		listen=udp:127.0.0.1:${ports% *}
		disable_tcp=yes
		children=1
		mpath="$L/modules/"
		loadmodule "tm.so"
		loadmodule "sl.so"
		loadmodule "ctl.so"
		loadmodule "dispatcher.so"
		modparam("ctl", "binrpc", "unix:$T/ctl")
		modparam("dispatcher", "list_file", "$T/list")
		modparam("dispatcher", "ds_ping_interval", 1)
		modparam("dispatcher", "ds_probing_mode", 1)
		modparam("dispatcher", "ds_probing_threshold", 1)
		$1
		request_route { exit; }
	C
	LD_LIBRARY_PATH=$L timeout 60 "$T/root/usr/sbin/kamailio" -f kamailio.cfg -DD -E -m 32 -M 4 -Y . -P pid \
		>log 2>&1 &
	pid=$! begun=$(date +%s) seconds=never
	while [ $(($(date +%s) - begun)) -lt 50 ]; do
		if LD_LIBRARY_PATH=$L "$T/root/usr/sbin/kamcmd" -s "unix:$T/ctl" dispatcher.list 2>/dev/null | grep -q 'FLAGS: I'; then
			seconds=$(($(date +%s) - begun))
			break
		fi
		sleep 0.5
	done
	kill $pid
	wait $pid
	rm -f ctl
	echo "$seconds"
}

echo "1 sip:127.0.0.1:${ports#* } 0 0" >list
as_installed=$(left_after "")
shorter=$(left_after 'modparam("tm", "fr_timer", 2000)')
echo "as installed, inactive after $as_installed s; with tm's fr_timer 2000 after $shorter s"
[ "$as_installed" != never ] && [ "$shorter" != never ] && [ "$as_installed" -ge 25 ] && [ "$shorter" -le 15 ]
