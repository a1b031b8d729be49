#!/bin/sh
# belle-sip can write "Contact: *" and cannot read it.
#
# Version:     belle-sip 5.1.64 (Debian 12).
# Guess:       a REGISTER that removes all bindings (RFC 3261 10.2.2) is read back into the object
#              that belle_sip_header_contact_set_wildcard() makes, and _is_wildcard() tells it.
# Behaviour:   parsing "Contact: *" fails; in a message the line is left out without an error and
#              the rest is kept, so the request seems to have no Contact at all.
# Consequence: a REGISTER without Contact is a question for the present bindings (RFC 3261 10.2.3).
#              A test registrar or a proxy made of belle-sip answers the phone's "remove all" with
#              200 and the list, or hands it on as a question: the bindings stay, and calls keep
#              going to a phone that has signed off.
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
#include <string.h>

static const char request[] =
	"REGISTER sip:example.com SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
	"From: <sip:1001@example.com>;tag=1\r\nTo: <sip:1001@example.com>\r\n"
	"Call-ID: 1\r\nCSeq: 1 REGISTER\r\nContact: *\r\nExpires: 0\r\nContent-Length: 0\r\n\r\n";

int main(void)
{
	belle_sip_header_contact_t *c;
	belle_sip_message_t *m;
	size_t used;

	belle_sip_set_log_level(BELLE_SIP_LOG_FATAL);
	c = belle_sip_header_contact_new();
	belle_sip_header_contact_set_wildcard(c, 1);
	printf("written: %s\n", belle_sip_object_to_string(c));
	printf("read alone: %s\n", belle_sip_header_contact_parse("Contact: *") ? "yes" : "no");
	m = belle_sip_message_parse_raw(request, strlen(request), &used);
	printf("message read: %s\n", m ? "yes" : "no");
	c = m ? belle_sip_message_get_header_by_type(m, belle_sip_header_contact_t) : NULL;
	printf("Contact in the message: %s\n", c ? belle_sip_object_to_string(c) : "none");
	printf("Expires in the message: %s\n",
	       m && belle_sip_message_get_header(m, "Expires") ? "yes" : "none");
	return 0;
}
E
gcc -I"$T/root/usr/include" probe.c -o probe -L"$L" -Wl,-rpath-link,"$L" -lbellesip \
	-lbctoolbox || exit 2
LD_LIBRARY_PATH=$L timeout 60 ./probe >seen 2>&1
cat seen
cat >known <<'E'
written: Contact: *
read alone: no
message read: yes
Contact in the message: none
Expires in the message: yes
E
cmp -s seen known || exit 1
