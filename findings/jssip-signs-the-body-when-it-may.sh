#!/bin/sh
# JsSIP answers a challenge of qop="auth,auth-int" with auth-int, and so signs the SDP.
#
# Version:     jssip 3.10.1 (npm).
# Guess:       of the two, a client takes "auth": it is what all servers know, and the order in the
#              challenge puts it first.
# Behaviour:   auth-int is taken wherever it is offered, also second. The response covers the
#              request's body.
# Consequence: REGISTER works, as it has no body. An INVITE through a media proxy or border controller
#              that rewrites the SDP before the server checks the digest fails with 401 again and
#              again, with the right password. It begins on the day the server's list is extended
#              by auth-int, or the phone moves to a backup behind such a box.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$T" jssip@3.10.1 >/dev/null 2>&1 ||
	{ echo "the package cannot be had"; exit 2; }
cat >probe.js <<'E'
const { createHash } = require('crypto');
const grammar = require('jssip/lib/Grammar');
const Authentication = require('jssip/lib/DigestAuthentication');
const md5 = (text) => createHash('md5').update(text).digest('hex');
const body = 'v=0';
for (const qop of ['auth', 'auth,auth-int']) {
	const challenge = grammar.parse(`Digest realm="r", nonce="n", qop="${qop}"`, 'WWW_Authenticate');
	const authentication = new Authentication({ username: 'alice', password: 'secret' });
	authentication.authenticate({ method: 'INVITE', ruri: 'sip:1001@example.com', body }, challenge);
	const given = {};
	for (const [, name, value] of authentication.toString().matchAll(/(\w+)="?([^",]*)/g))
		given[name] = value;
	const response = (a2) => md5([md5('alice:r:secret'), 'n', given.nc, given.cnonce, given.qop,
		md5(a2)].join(':'));
	const a2 = 'INVITE:sip:1001@example.com';
	console.log(`offered ${qop} -> ${given.qop}, body`,
		given.response === response(`${a2}:${md5(body)}`) ? 'signed' :
			given.response === response(a2) ? 'not signed' : 'unknown');
}
E
timeout 60 node probe.js >seen 2>&1
cat seen
cat >known <<'E'
offered auth -> auth, body not signed
offered auth,auth-int -> auth-int, body signed
E
cmp -s seen known || exit 1
