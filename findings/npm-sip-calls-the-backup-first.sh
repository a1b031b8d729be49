#!/bin/sh
# The npm package sip goes to SRV targets in the order of the answer, whatever their priority.
#
# Version:     sip 0.0.6 (npm), answers by dnsmasq 2.90 (Debian 12).
# Guess:       a package that looks SRV records up sorts them by priority (RFC 2782: a client MUST
#              try the lowest-numbered one it can reach).
# Behaviour:   sip.resolve() keeps the order in which the records stood in the DNS message. Name
#              servers and caches turn that round with each answer.
# Consequence: half of the requests go to the backup while the primary is well. With separate
#              registrars the two see half of the phones each; with a backup that is paid by the
#              minute the bill tells. One request after another may go to another server, so a
#              dialog's or a registration's requests do not meet in one place.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$T" sip@0.0.6 >/dev/null 2>&1 &&
	apt-get -qq download dnsmasq-base=2.90-4~deb12u2 libedit2 libnetfilter-conntrack3 \
		libnfnetlink0 libnftables1 libnftnl11 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L="$T/root/usr/lib/$(gcc -print-multiarch)"
export L
cat >probe.js <<'E'
const sip = require('sip');
const ask = (left) => left && sip.resolve(sip.parseUri('sip:1001@example.net'), (targets) => {
	console.log(targets.map((t) => t.address).join(' then '));
	ask(left - 1);
});
ask(6);
E
cat >inside <<'E'
ip link set lo up && echo 'nameserver 127.0.0.1' >resolv.conf &&
	mount --bind resolv.conf /etc/resolv.conf || exit 2
LD_LIBRARY_PATH=$L timeout 150 root/usr/sbin/dnsmasq --no-daemon --conf-file=/dev/null --no-resolv \
	--no-hosts --listen-address=127.0.0.1 --bind-interfaces --local=/example.net/ \
	--host-record=primary.example.net,192.0.2.1 --host-record=backup.example.net,192.0.2.2 \
	--srv-host=_sip._udp.example.net,primary.example.net,5060,10,10 \
	--srv-host=_sip._udp.example.net,backup.example.net,5060,20,10 >log 2>&1 &
dns=$!
sleep 1
timeout 60 node probe.js >seen 2>&1
kill $dns
E
timeout 200 unshare -rnm sh ./inside || exit 2
sort seen | uniq -c
grep -qx '192.0.2.1 then 192.0.2.2' seen && grep -qx '192.0.2.2 then 192.0.2.1' seen || exit 1
