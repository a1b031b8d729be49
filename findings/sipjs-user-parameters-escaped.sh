#!/bin/sh
# SIP.js escapes ";" and "=" in the user part, which makes it another user.
#
# Version:     sip.js 0.21.2 (npm).
# Guess:       a URI that Grammar.URIParse() has read is written as it came, or with characters
#              escaped that RFC 3261 wants escaped.
# Behaviour:   "sip:1001;phone-context=site@example.com" is written with %3B and %3D, although
#              both characters are lawful in a user part (RFC 3261 25.1: user-unreserved).
# Consequence: both are reserved characters, so the escaped form is not equal to the plain one
#              (RFC 3261 19.1.4): a registrar or gateway that compares by the RFC does not find
#              the number and answers 404, and phone-context, isub or ext of a tel number are
#              gone for whoever looks for the ";". A redirect's Contact of this kind cannot be
#              followed.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$T" sip.js@0.21.2 \
	>/dev/null 2>&1 || { echo "the package cannot be had"; exit 2; }
cat >probe.js <<'E'
const { Grammar } = require('sip.js/lib/grammar');
for (const uri of ['sip:1001@example.com', 'sip:1001;phone-context=site@example.com',
	'sip:+15550100;isub=1@example.com'])
	console.log(uri, '->', Grammar.URIParse(uri).toString());
E
timeout 60 node probe.js >seen 2>&1
cat seen
cat >known <<'E'
sip:1001@example.com -> sip:1001@example.com
sip:1001;phone-context=site@example.com -> sip:1001%3Bphone-context%3Dsite@example.com
sip:+15550100;isub=1@example.com -> sip:+15550100%3Bisub%3D1@example.com
E
cmp -s seen known || exit 1
