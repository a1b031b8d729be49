#!/bin/sh
# sofia-sip's sip-dig numbers SRV targets in the order of the answer, not of their priorities, and
# shows a single one if the weights are 0.
#
# Version:     sofia-sip-bin 1.12.11, answers by dnsmasq 2.90 (both Debian 12).
# Guess:       it lists all targets in the order of RFC 3263, "1" before "2": priority first. A
#              weight of 0 is what RFC 2782 recommends where there is nothing to share out.
# Behaviour:   name servers turn the records round, and "1" is whatever came first, the last backup
#              as well as the primary. Three targets of different priority and weight 0 give one line,
#              another one each time.
# Consequence: somebody who checks the zone of a primary and two backups sees a single server, or
#              a backup in front, and goes looking for a mistake in a zone that is right. Ask for
#              the SRV records themselves, with dig or kdig.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
v=1.12.11+20110422.1+1e14eea~dfsg-6
apt-get -qq download sofia-sip-bin=$v libsofia-sip-ua0=$v dnsmasq-base=2.90-4~deb12u2 libedit2 \
	libnetfilter-conntrack3 libnfnetlink0 libnftables1 libnftnl11 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
LD_LIBRARY_PATH="$T/root/usr/lib/$(gcc -print-multiarch)"
export LD_LIBRARY_PATH
cat >inside <<'E'
ip link set lo up && echo 'nameserver 127.0.0.1' >resolv.conf &&
	mount --bind resolv.conf /etc/resolv.conf || exit 2
set --
for n in 1 2 3; do
	set -- "$@" --host-record=pbx$n.example.net,192.0.2.$n
	for weight in 0 10; do
		set -- "$@" --srv-host=_sip._udp.w$weight.example.net,pbx$n.example.net,5060,${n}0,$weight
	done
done
timeout 150 root/usr/sbin/dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts \
	--listen-address=127.0.0.1 --bind-interfaces --local=/example.net/ "$@" >log 2>&1 &
dns=$!
sleep 1
for uri in 'sip:w0.example.net;transport=udp' 'sip:w10.example.net;transport=udp'; do
	for i in 1 2 3; do
		echo "$uri:" $(timeout 30 root/usr/bin/sip-dig "$uri" |
			sed -n 's/^\t\([0-9]\) .*\(192\.0\.2\.[0-9]\)$/\1=\2/p')
	done
done >seen 2>&1
kill $dns
E
timeout 200 unshare -rnm sh ./inside || exit 2
cat seen
awk '/w0/ && NF == 2 { alone++ }
	/w10/ && NF == 4 { all++ }
	/w10/ && !/1=192.0.2.1 2=192.0.2.2 3=192.0.2.3/ { unsorted++ }
	END { exit !(alone == 3 && all == 3 && unsorted) }' seen || exit 1
