#!/bin/sh
# libre answers an offer whose first audio line is closed with no audio at all.
#
# Version:     libre 1.1.0 (Debian 12), the SDP part of baresip.
# Guess:       a media line with port 0 is a stream that is out of use (RFC 3264 8.2); it gets its
#              refusal in the answer, and the phone's one audio stream goes to the next audio line.
# Behaviour:   the closed line takes the phone's stream, and the live line after it is refused,
#              because no second stream is there. The answer says port 0 twice, without an error.
# Consequence: lines are never removed from a session, so a server that once offered SRTP, a second
#              stream or music keeps a closed line in front. After a move to a backup or a re-INVITE
#              of this shape the call stays up and is mute on libre phones, or ends with 488. The
#              same two lines in the other order work.
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

static void offer(const char *first, const char *second)
{
	struct sdp_session *session = NULL;
	struct sdp_media *audio = NULL;
	struct mbuf *in = mbuf_alloc(512), *out = NULL;
	char *text = NULL;
	struct sa local;

	sa_set_str(&local, "192.0.2.9", 0);
	sdp_session_alloc(&session, &local);
	sdp_media_add(&audio, session, "audio", 4000, "RTP/AVP");
	sdp_format_add(NULL, audio, false, "0", "PCMU", 8000, 1, NULL, NULL, NULL, false, NULL);
	mbuf_printf(in,
		    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
		    "m=audio %s RTP/AVP 0\r\nm=audio %s RTP/AVP 0\r\n",
		    first, second);
	in->pos = 0;
	printf("offered %s, %s: error %d, answered", first, second, sdp_decode(session, in, true));
	if (!sdp_encode(&out, session, false)) {
		out->pos = 0;
		mbuf_strdup(out, &text, mbuf_get_left(out));
		for (const char *m = strstr(text, "\nm="); m; m = strstr(m + 1, "\nm="))
			printf(" %.*s", (int)strcspn(m + 9, " "), m + 9);
	}
	printf("\n");
	mem_deref(text);
	mem_deref(out);
	mem_deref(in);
	mem_deref(session);
}

int main(void)
{
	libre_init();
	offer("5004", "0");
	offer("0", "5004");
	libre_close();
	return 0;
}
E
gcc -DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6 -I"$T/root/usr/include/re" probe.c -o probe \
	-L"$L" -Wl,-rpath,"$L" -lre || exit 2
timeout 60 ./probe >seen 2>&1
cat seen
cat >known <<'E'
offered 5004, 0: error 0, answered 4000 0
offered 0, 5004: error 0, answered 0 0
E
cmp -s seen known || exit 1
