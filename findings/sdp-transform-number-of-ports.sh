#!/bin/sh
# sdp-transform writes a media line with a number of ports as "m=undefined NaN undefined".
#
# Version:     sdp-transform 3.0.0 (npm).
# Guess:       "m=audio 49170/2 RTP/AVP 0" (RFC 8866 5.14) is read with an additional field, or as
#              an unknown line that write() gives back unchanged, as unknown attributes are.
# Behaviour:   the line does not fit the pattern: type, port and protocol stay unset without an
#              error, the media section is kept, and write() prints the unset values.
# Consequence: a gateway, test tool or session border in Node that only changes the address of an
#              offer sends a broken SDP on. The far end answers 488 or 400, and it looks as if
#              that one was at fault. A reader of parse() sees a section without a port and may
#              take it for a refused one (port 0).
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$T" sdp-transform@3.0.0 \
	>/dev/null 2>&1 || { echo "the package cannot be had"; exit 2; }
cat >probe.js <<'E'
import('sdp-transform').then(({ default: d, ...named }) => {
	const { parse, write } = d || named;
	for (const port of ['49170', '49170/2']) {
		const sdp = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0',
			`m=audio ${port} RTP/AVP 0`, 'a=sendrecv', ''].join('\r\n');
		const parsed = parse(sdp);
		console.log(port, '-> port', parsed.media[0].port, '|',
			write(parsed).split('\r\n').find((l) => l.startsWith('m=')).trim());
	}
});
E
timeout 60 node probe.js >seen 2>&1
cat seen
cat >known <<'E'
49170 -> port 49170 | m=audio 49170 RTP/AVP 0
49170/2 -> port undefined | m=undefined NaN undefined
E
cmp -s seen known || exit 1
