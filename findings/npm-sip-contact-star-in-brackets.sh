#!/bin/sh
# The npm package sip writes "Contact: *" as "Contact: <*>".
#
# Version:     sip 0.0.6 (npm).
# Guess:       what sip.parse() has read, sip.stringify() writes with the same meaning.
# Behaviour:   every Contact is written between angle brackets, the asterisk too.
# Consequence: a proxy or a test server made with it, which only hands requests on, turns a phone's
#              "remove all my bindings" (RFC 3261 10.2.2) into a Contact that is no URI. The
#              registrar answers 400 or ignores the line, and the bindings stay until they run
#              out.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$T" sip@0.0.6 >/dev/null 2>&1 ||
	{ echo "the package cannot be had"; exit 2; }
cat >probe.js <<'E'
const sip = require('sip');
const message = (contact) => [
	'REGISTER sip:example.com SIP/2.0', 'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
	'From: <sip:1001@example.com>;tag=1', 'To: <sip:1001@example.com>', 'Call-ID: 1',
	'CSeq: 1 REGISTER', 'Contact: ' + contact, 'Expires: 0', 'Content-Length: 0', '', ''
].join('\r\n');
for (const contact of ['<sip:1001@192.0.2.9>', '*']) {
	const written = sip.stringify(sip.parse(message(contact)));
	const line = written.split('\r\n').find((l) => /^contact/i.test(l));
	console.log(contact, '->', line.replace(/\s+/g, ' '));
}
E
timeout 60 node probe.js >seen 2>&1
cat seen
cat >known <<'E'
<sip:1001@192.0.2.9> -> Contact: <sip:1001@192.0.2.9>
* -> Contact: <*>
E
cmp -s seen known || exit 1
