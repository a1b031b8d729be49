#!/bin/sh
# libre reads "Retry-After: 120 (maintenance)" and "Retry-After: 120;duration=60" as 0.
#
# Version:     libre 1.1.0 (Debian 12).
# Guess:       pl_u32() of a header's value reads the number at its beginning, as strtoul() does,
#              or reports an error.
# Behaviour:   one character that is no digit anywhere in the text, even a blank at its end,
#              makes the result 0, and nothing tells 0 from a failure.
# Consequence: RFC 3261 20.33 allows a comment and parameters after the seconds. A client that
#              honours Retry-After with pl_u32() takes "in two minutes" as "now", and all phones
#              of a server in maintenance come back in the same moment.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download libre0=1.1.0-1+b2 libre-dev=1.1.0-1+b2 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >probe.c <<'E'
#include <stdio.h>
#include <string.h>
#include <re.h>

static void answer(const char *value)
{
	char text[512];
	struct mbuf *mb = mbuf_alloc(512);
	struct sip_msg *msg = NULL;
	const struct sip_hdr *hdr;

	snprintf(text, sizeof text,
		 "SIP/2.0 503 Service Unavailable\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
		 "From: <sip:1001@example.com>;tag=1\r\n"
		 "To: <sip:1001@example.com>;tag=2\r\n"
		 "Call-ID: 1\r\nCSeq: 1 REGISTER\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
		 value);
	mbuf_write_str(mb, text);
	mb->pos = 0;
	if (sip_msg_decode(&msg, mb)) {
		printf("not parsed\n");
		return;
	}
	hdr = sip_msg_hdr(msg, SIP_HDR_RETRY_AFTER);
	printf("Retry-After: %s -> %u\n", value, hdr ? pl_u32(&hdr->val) : 999);
	mem_deref(msg);
	mem_deref(mb);
}

int main(void)
{
	libre_init();
	answer("120");
	answer("120 (maintenance)");
	answer("120;duration=60");
	libre_close();
	return 0;
}
E
gcc -DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6 -I"$T/root/usr/include/re" probe.c -o probe \
	-L"$L" -Wl,-rpath,"$L" -lre || exit 2
timeout 60 ./probe >seen 2>&1
cat seen
cat >known <<'E'
Retry-After: 120 -> 120
Retry-After: 120 (maintenance) -> 0
Retry-After: 120;duration=60 -> 0
E
cmp -s seen known || exit 1
