#!/bin/sh
# adns: one server whose name has an underscore takes the whole SRV answer with it.
#
# Version:     adns 1.6.0 (libadns1, adns-tools, Debian 12), answers by dnsmasq 2.90.
# Guess:       names in the DNS may have any octets (RFC 2181 11); whoever is strict about host names
#              leaves out the record that offends him, and gives the others.
# Behaviour:   the query ends with "Found syntactically invalid domain name" and no record. The owner's
#              name, _sip._udp, has underscores, too, and is taken. Only who
#              asks with the flag adns_qf_quoteok_anshost gets the answer.
# Consequence: a site that adds "sip_backup" beside a primary that is well loses both. All phones of one
#              kind cannot register from that hour on, while dig, and every other phone, see two servers.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download adns-tools=1.6.0-2 libadns1=1.6.0-2 dnsmasq-base=2.90-4~deb12u2 libedit2 \
	libnetfilter-conntrack3 libnfnetlink0 libnftables1 libnftnl11 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib:$T/root/usr/lib/$(gcc -print-multiarch)
export L
cat >inside <<'E'
ip link set lo up && echo 'nameserver 127.0.0.1' >resolv.conf &&
	mount --bind resolv.conf /etc/resolv.conf || exit 2
LD_LIBRARY_PATH=$L timeout 60 root/usr/sbin/dnsmasq --no-daemon --conf-file=/dev/null --no-resolv \
	--no-hosts --listen-address=127.0.0.1 --bind-interfaces --local=/example.net/ \
	--host-record=primary.example.net,192.0.2.1 --host-record=backup.example.net,192.0.2.2 \
	--host-record=sip_backup.example.net,192.0.2.2 \
	--srv-host=_sip._udp.plain.example.net,primary.example.net,5060,10,10 \
	--srv-host=_sip._udp.plain.example.net,backup.example.net,5060,20,10 \
	--srv-host=_sip._udp.mixed.example.net,primary.example.net,5060,10,10 \
	--srv-host=_sip._udp.mixed.example.net,sip_backup.example.net,5060,20,10 >log 2>&1 &
dns=$!
sleep 1
for name in plain mixed; do
	LD_LIBRARY_PATH=$L timeout 20 root/usr/bin/adnshost -t srv "_sip._udp.$name.example.net"
done >seen 2>&1
kill $dns
E
timeout 100 unshare -rnm sh ./inside || exit 2
cat seen
cat >known <<'E'
_sip._udp.plain.example.net SRV 10 10 5060 primary.example.net ok 0 ok "OK" ( INET 192.0.2.1 )
_sip._udp.plain.example.net SRV 20 10 5060 backup.example.net ok 0 ok "OK" ( INET 192.0.2.2 )
Error during DNS SRV lookup for _sip._udp.mixed.example.net: Found syntactically invalid domain name
E
cmp -s seen known || exit 1
