#!/bin/sh
# belle-sip reads the longest lawful Expires, 4294967295, as -1: its own sign for "none given".
#
# Version:     belle-sip 5.1.64 (Debian 12).
# Guess:       delta-seconds up to 2**32-1 (RFC 3261 20.19) are kept, or cut to INT_MAX.
# Behaviour:   the number goes through a signed int: 4294967295 is -1, which
#              belle_sip_header_contact_get_expires() also returns where a Contact has no expires;
#              3000000000 is -1294967296. Expires is even written again as "Expires: -1", which
#              no grammar allows. Min-Expires takes the same number unharmed.
# Consequence: "the binding never ends" arrives as "nothing was granted", or as a time in the past:
#              a refresh timer made of it is overdue at once. A proxy made of belle-sip sends
#              a line onwards that the next parser throws away.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
apt-get -qq download libbellesip1=5.1.64+dfsg-2 libbellesip-dev=5.1.64+dfsg-2 libbctoolbox1=5.1.64-2 \
	libbctoolbox-dev=5.1.64-2 libbelr1 libantlr3c-antlrdbg-3.4-0 libavahi-compat-libdnssd1 >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >probe.c <<'E'
#include <belle-sip/belle-sip.h>
#include <stdio.h>

static void contact(const char *text)
{
	belle_sip_header_contact_t *c = belle_sip_header_contact_parse(text);

	printf("%s -> %d\n", text, belle_sip_header_contact_get_expires(c));
}

static void number(const char *name, const char *value)
{
	belle_sip_header_t *h = belle_sip_header_create(name, value);

	printf("%s: %s -> %s\n", name, value, belle_sip_object_to_string(h));
}

int main(void)
{
	belle_sip_set_log_level(BELLE_SIP_LOG_FATAL);
	contact("Contact: <sip:1001@example.com>");
	contact("Contact: <sip:1001@example.com>;expires=4294967295");
	contact("Contact: <sip:1001@example.com>;expires=3000000000");
	number("Expires", "4294967295");
	number("Expires", "3000000000");
	number("Min-Expires", "4294967295");
	return 0;
}
E
gcc -I"$T/root/usr/include" probe.c -o probe -L"$L" -Wl,-rpath-link,"$L" -lbellesip \
	-lbctoolbox || exit 2
LD_LIBRARY_PATH=$L timeout 60 ./probe >seen 2>&1
cat seen
cat >known <<'E'
Contact: <sip:1001@example.com> -> -1
Contact: <sip:1001@example.com>;expires=4294967295 -> -1
Contact: <sip:1001@example.com>;expires=3000000000 -> -1294967296
Expires: 4294967295 -> Expires: -1
Expires: 3000000000 -> Expires: -1294967296
Min-Expires: 4294967295 -> Min-Expires: 4294967295
E
cmp -s seen known || exit 1
