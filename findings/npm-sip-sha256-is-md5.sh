#!/bin/sh
# The npm package sip answers a SHA-256 challenge with an MD5 digest that it calls sha-256.
#
# Version:     sip 0.0.6 (npm).
# Guess:       an algorithm that the package does not know makes signRequest() fail or pass over the
#              challenge, so that an MD5 one beside it is taken (RFC 8760 2.4).
# Behaviour:   the first Digest challenge is taken, the algorithm's name is written back in small
#              letters, and the response is computed with MD5.
# Consequence: a server with RFC 8760 sees a wrong password from a client that has the right one, and
#              counts it towards locking the account or the address out, although it offered MD5
#              as well for such clients. Nothing in the client's log hints at the algorithm.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$T" sip@0.0.6 >/dev/null 2>&1 ||
	{ echo "the package cannot be had"; exit 2; }
cat >probe.js <<'E'
const { createHash } = require('crypto');
const digest = require('sip/digest');
const challenge = (algorithm) => ({ scheme: 'Digest', realm: '"r"', nonce: '"n"', algorithm });
const response = (name) => {
	const hash = (text) => createHash(name).update(text).digest('hex');
	return hash(`${hash('alice:r:secret')}:n:${hash('REGISTER:sip:example.com')}`);
};
for (const offer of [['MD5'], ['SHA-256'], ['SHA-256', 'MD5']]) {
	const request = { method: 'REGISTER', uri: 'sip:example.com', headers: {} };
	digest.signRequest({}, request, { status: 401, headers: {
		'www-authenticate': offer.map(challenge) } }, { user: 'alice', password: 'secret' });
	const given = request.headers.authorization[0];
	const value = given.response.replace(/"/g, '');
	console.log(offer.join(', '), '->', given.algorithm || 'no algorithm', 'made with',
		['md5', 'sha256'].find((name) => response(name) === value) || 'something else');
}
E
timeout 60 node probe.js >seen 2>&1
cat seen
cat >known <<'E'
MD5 -> md5 made with md5
SHA-256 -> sha-256 made with md5
SHA-256, MD5 -> sha-256 made with md5
E
cmp -s seen known || exit 1
