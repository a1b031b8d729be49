#!/bin/sh
# The npm package dns-srv goes first to the server whose address it hears first, whatever its priority.
#
# Version:     dns-srv 0.3.0 (npm), answers by dns2 3.1.1 (npm).
# Guess:       a package that sorts SRV records by priority goes to the lowest number first
#              (RFC 2782), however long the look-up of its address takes.
# Behaviour:   the sorted names are looked up all at a time, and the list of servers is what comes back,
#              in the order of coming. Where the primary's address takes 100 ms, the backup is first.
# Consequence: the primary's name lives with another provider, or its name server is far away: then all
#              connections go to the backup while the primary is well. With two names of one zone it is a
#              matter of moments, so some connections of a hundred are at the backup, and no log says why.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$T" dns-srv@0.3.0 dns2@3.1.1 \
	>/dev/null 2>&1 || { echo "the packages cannot be had"; exit 2; }
cat >names.js <<'E'
const { createServer, Packet } = require('dns2');
const slow = process.argv[2];
createServer({ udp: true, handle: (request, send) => {
	const response = Packet.createResponseFromRequest(request);
	const { name, type } = request.questions[0];
	const add = (record) => response.answers.push({ name, type, class: Packet.CLASS.IN, ttl: 60, ...record });
	if (type === Packet.TYPE.SRV) {
		add({ priority: 10, weight: 10, port: 7001, target: 'primary.example.net' });
		add({ priority: 20, weight: 10, port: 7002, target: 'backup.example.net' });
	} else if (type === Packet.TYPE.A)
		add({ address: '127.0.0.1' });
	setTimeout(() => send(response), name.startsWith(slow) ? 100 : 0);
} }).listen({ udp: { port: 53, address: '127.0.0.1' } });
setTimeout(() => process.exit(), 60000);
E
cat >probe.js <<'E'
const net = require('net'), srv = require('dns-srv');
const servers = [7001, 7002].map((port) => net.createServer((s) => s.end()).listen(port, '127.0.0.1'));
const chosen = { 7001: 0, 7002: 0 };

function choose(left) {
	if (!left) {
		console.log(`${chosen[7001]} to the primary, ${chosen[7002]} to the backup`);
		return servers.forEach((server) => server.close());
	}
	const socket = new net.Socket();
	srv.connect(socket, ['_sip._tcp'], 'example.net', 5060)
		.on('connect', () => {
			chosen[socket.remotePort]++;
			socket.destroy();
			choose(left - 1);
		})
		.on('error', (error) => { console.log(error.message); process.exit(2); });
}
choose(20);
E
cat >inside <<'E'
ip link set lo up && echo 'nameserver 127.0.0.1' >resolv.conf &&
	mount --bind resolv.conf /etc/resolv.conf || exit 2
for slow in backup primary; do
	node names.js $slow & names=$!
	sleep 2
	echo "the $slow's address comes late: $(timeout 60 node probe.js 2>&1)"
	kill $names
	wait $names
done >seen 2>log
E
timeout 200 unshare -rnm sh ./inside 2>/dev/null
cat seen || exit 2
cat >known <<'E'
the backup's address comes late: 20 to the primary, 0 to the backup
the primary's address comes late: 0 to the primary, 20 to the backup
E
cmp -s seen known || exit 1
