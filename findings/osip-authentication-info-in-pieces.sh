#!/bin/sh
# libosip2 makes one Authentication-Info header into as many headers as it has parameters.
#
# Version:     libosip2 5.3.0 (Debian 12).
# Guess:       osip_message_get_authentication_info(msg, 0, ...) gives one struct in which
#              nextnonce, rspauth, cnonce, nc and qop_options of the line are filled in.
# Behaviour:   the line is cut at each comma first, as for lists. Each piece is a header of its
#              own, and the struct at place 0 holds the first parameter only. The message is
#              written again with one line for each.
# Consequence: whether nextnonce is seen depends on the server's order of writing. With nextnonce
#              second, a client that looks at place 0 keeps the old nonce and pays one 401 more
#              for every request; a check of rspauth compares with nothing.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download libosip2-15=5.3.0-2.1 libosip2-dev=5.3.0-2.1 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >probe.c <<'E'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <osipparser2/osip_parser.h>

static const char answer[] =
	"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
	"From: <sip:1001@example.com>;tag=1\r\nTo: <sip:1001@example.com>;tag=2\r\n"
	"Call-ID: 1\r\nCSeq: 2 REGISTER\r\n"
	"Authentication-Info: qop=auth, rspauth=\"5913\", nextnonce=\"47364c\"\r\n"
	"Content-Length: 0\r\n\r\n";

int main(void)
{
	osip_authentication_info_t *info;
	osip_message_t *msg;

	parser_init();
	osip_message_init(&msg);
	printf("parsed: %d\n", osip_message_parse(msg, answer, strlen(answer)));
	for (int i = 0; osip_message_get_authentication_info(msg, i, &info) >= 0; i++)
		printf("%d: qop %s, rspauth %s, nextnonce %s\n", i,
		       info->qop_options ? info->qop_options : "-",
		       info->rspauth ? info->rspauth : "-", info->nextnonce ? info->nextnonce : "-");
	osip_message_free(msg);
	return 0;
}
E
gcc -I"$T/root/usr/include" probe.c -o probe -L"$L" -Wl,-rpath,"$L" -losipparser2 || exit 2
timeout 60 ./probe >seen 2>&1
cat seen
cat >known <<'E'
parsed: 0
0: qop auth, rspauth -, nextnonce -
1: qop -, rspauth "5913", nextnonce -
2: qop -, rspauth -, nextnonce "47364c"
E
cmp -s seen known || exit 1
