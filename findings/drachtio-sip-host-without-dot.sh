#!/bin/sh
# drachtio-sip does not read a SIP URI whose host is one label, like "sip:1001@pbx".
#
# Version:     drachtio-sip 0.6.3 (npm), the parser under drachtio-srf.
# Guess:       RFC 3261's hostname may be a top label alone; "localhost" and the names that a home
#              router hands out are of this kind.
# Behaviour:   parseUri() returns undefined for it, while names with a dot and addresses are read.
#              getParsedHeader() gives no uri for a Route or Record-Route with such a host, again
#              without an error.
# Consequence: an application works with pbx.example.com and with 192.0.2.1, and fails on an
#              undefined value where the site's server is called "pbx" or
#              "localhost". A route set of such proxies is lost hop by hop.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$T" drachtio-sip@0.6.3 \
	>/dev/null 2>&1 || { echo "the package cannot be had"; exit 2; }
cat >probe.js <<'E'
const { SipMessage, parser } = require('drachtio-sip');
for (const host of ['pbx.example.com', '192.0.2.1', '[2001:db8::1]', 'pbx', 'localhost']) {
	const uri = parser.parseUri(`sip:1001@${host}`);
	const message = new SipMessage(['SIP/2.0 200 OK', 'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
		'From: <sip:1001@example.com>;tag=1', 'To: <sip:1001@example.com>;tag=2', 'Call-ID: 1',
		'CSeq: 1 INVITE', `Record-Route: <sip:${host};lr>`, 'Content-Length: 0', '', ''].join('\r\n'));
	const route = message.getParsedHeader('record-route')[0];
	console.log(host, '->', uri ? uri.host : 'undefined', '| Record-Route',
		route.uri ? 'read' : 'without uri');
}
E
timeout 60 node probe.js >seen 2>&1
cat seen
cat >known <<'E'
pbx.example.com -> pbx.example.com | Record-Route read
192.0.2.1 -> 192.0.2.1 | Record-Route read
[2001:db8::1] -> [2001:db8::1] | Record-Route read
pbx -> undefined | Record-Route without uri
localhost -> undefined | Record-Route without uri
E
cmp -s seen known || exit 1
