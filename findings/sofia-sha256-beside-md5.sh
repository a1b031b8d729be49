#!/bin/sh
# sofia-sip reports failure for a 401 that offers SHA-256 and MD5, in either order.
#
# Version:     sofia-sip 1.12.11 (Debian 12).
# Guess:       auc_challenge() passes over a challenge whose algorithm it does not know and takes
#              the next one, as RFC 8760 2.4 wants and as it does with "Basic" beside "Digest".
# Behaviour:   it returns -1 as soon as one of the challenges is unknown. With MD5 first it has
#              stored the usable challenge all the same, and auc_credentials() and
#              auc_authorization() would go on to make a right answer.
# Consequence: a program that takes -1 for "cannot authenticate" never registers at a server that
#              was upgraded to RFC 8760, although the server still takes MD5 for its sake. It
#              looks like a wrong password, and the backup, configured alike, does not help.
set -u
T=$(mktemp -d) && cd "$T" || exit 2
trap 'rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
v=1.12.11+20110422.1+1e14eea~dfsg-6
apt-get -qq download libsofia-sip-ua0=$v libsofia-sip-ua-dev=$v >/dev/null 2>&1 ||
	{ echo "the packages cannot be had"; exit 2; }
for f in *.deb; do dpkg -x "$f" root || exit 2; done
L=$T/root/usr/lib/$(gcc -print-multiarch)
cat >probe.c <<'E'
#include <stdio.h>
#include <sofia-sip/auth_client.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/su.h>

#define MD5 "Digest realm=\"r\", nonce=\"n1\", algorithm=MD5, qop=\"auth\""
#define SHA256 "Digest realm=\"r\", nonce=\"n2\", algorithm=SHA-256, qop=\"auth\""
#define BASIC "Basic realm=\"r\""

static su_home_t home[1] = {SU_HOME_INIT(home)};

static void offer(const char *name, const char *first, const char *second)
{
	sip_www_authenticate_t *w = sip_www_authenticate_make(home, first);
	auth_client_t *client = NULL;
	int challenge, credentials;

	if (second)
		w->au_next = sip_www_authenticate_make(home, second);
	challenge = auc_challenge(&client, home, w, sip_authorization_class);
	credentials = client ? auc_credentials(&client, home, "Digest:\"r\":alice:secret") : 0;
	printf("%s: challenge %d, credentials taken %d\n", name, challenge, credentials);
}

int main(void)
{
	su_init();
	offer("MD5", MD5, NULL);
	offer("Basic, MD5", BASIC, MD5);
	offer("SHA-256, MD5", SHA256, MD5);
	offer("MD5, SHA-256", MD5, SHA256);
	return 0;
}
E
gcc -I"$T"/root/usr/include/sofia-sip-1.12 probe.c -o probe -L"$L" -Wl,-rpath,"$L" \
	-lsofia-sip-ua || exit 2
timeout 60 ./probe >seen 2>&1
cat seen
cat >known <<'E'
MD5: challenge 1, credentials taken 1
Basic, MD5: challenge 1, credentials taken 1
SHA-256, MD5: challenge -1, credentials taken 0
MD5, SHA-256: challenge -1, credentials taken 1
E
cmp -s seen known || exit 1
