#!/bin/sh
# nsd-checkzone finds nothing wrong with an SRV record whose target is an alias or does not exist.
#
# Version:     NSD 4.6.1 (Debian 12).
# Guess:       the checker of an authoritative server reports what RFC 2782 forbids ("the name MUST
#              NOT be an alias") and what cannot work (a target inside the zone that has no
#              address).
# Behaviour:   "zone example.net is ok", exit status 0, no warning, also with -p.
# Consequence: a CI job around nsd-checkzone says nothing when the backup's record has a spelling
#              mistake. It shows on the day the primary dies. Whether the alias works is left to each
#              client. Such a zone needs a check of its own that looks every SRV target up.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download nsd=4.6.1-1 >/dev/null 2>&1 || { echo "the package cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
cat >zone <<'E'
$ORIGIN example.net.
@ 3600 IN SOA ns host 1 3600 600 86400 60
@ 3600 IN NS ns
ns 3600 IN A 192.0.2.53
pbx1 3600 IN A 192.0.2.1
alias 3600 IN CNAME pbx1
_sip._udp 3600 IN SRV 10 10 5060 alias
_sip._udp 3600 IN SRV 20 10 5060 pbx-misspelt
E
timeout 60 root/usr/sbin/nsd-checkzone example.net zone >seen 2>&1
echo "exit status $?" >>seen
echo '@ 3600 IN SRV 10 broken' >>zone
timeout 60 root/usr/sbin/nsd-checkzone example.net zone >/dev/null 2>&1 ||
	echo "a broken line is found" >>seen
cat seen
cat >known <<'E'
zone example.net is ok
exit status 0
a broken line is found
E
cmp -s seen known || exit 1
