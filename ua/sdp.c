/* SPDX-License-Identifier: MIT */
/* sdp.c - session descriptions: see sdp.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "writer.h"
#include "sdp.h"

#define SDP_MAX 4096
#define STREAMS_MAX 16

/* ---- the session -------------------------------------------------------------------------- */

/* The origin of a session is its name, which stays; its version says that something is new. */
static int write_origin_again(struct ua_writer *writer, const char *before)
{
	const char *at = before ? strstr(before, "o=") : NULL, *version, *rest;
	unsigned long long number;
	char *end;

	if (!at || (at != before && at[-1] != '\n'))
		return -1;
	version = strchr(at, ' ');
	version = version ? strchr(version + 1, ' ') : NULL;
	if (!version)
		return -1;
	number = strtoull(version, &end, 10);
	rest = end;
	if (rest == version || *rest != ' ')
		return -1;
	ua_writer_add(writer, "%.*s %llu%.*s\r\n", (int)(version - at), at, number + 1,
		      (int)strcspn(rest, "\r\n"), rest);
	return 0;
}

static int write_session(struct ua_writer *writer, struct ua *ua,
			 const struct failover_target *local, const char *before)
{
	const char *type = local->family == 6 ? "IP6" : "IP4";
	char host[UA_ADDRESS_TEXT];
	uint32_t session = 0;

	if (ua->host->random(ua->host->ctx, &session, sizeof(session)))
		return FAILOVER_ERR_IO;
	ua_address_host(local, host);
	if (host[0] == '[') { /* no brackets in SDP */
		memmove(host, host + 1, strlen(host));
		host[strcspn(host, "]")] = '\0';
	}
	ua_writer_add(writer, "v=0\r\n");
	if (write_origin_again(writer, before))
		ua_writer_add(writer, "o=- %u 1 IN %s %s\r\n", session, type, host);
	ua_writer_add(writer, "s=-\r\nc=IN %s %s\r\nt=0 0\r\n", type, host);
	return FAILOVER_OK;
}

/* ---- the streams -------------------------------------------------------------------------- */

/* Audio that nobody sends: port 9 is discard, the direction inactive (RFC 3264 5.1). */
char *ua_sdp_offer(struct ua *ua, const struct failover_target *local, const char *before)
{
	struct ua_writer writer;

	ua_writer_open(&writer, SDP_MAX);
	if (write_session(&writer, ua, local, before)) {
		ua_writer_close(&writer);
		return NULL;
	}
	ua_writer_add(&writer, "m=audio 9 RTP/AVP 0 8\r\na=inactive\r\n");
	return ua_writer_take(&writer);
}

/* RFC 3264 6: as many m= lines as offered, in order; the first audio is taken, the rest refused. */
static void answer_stream(struct ua_writer *writer, const char *line, int *taken)
{
	char media[32], protocol[32], format[32];
	unsigned port;
	int is_audio;

	if (sscanf(line, "m=%31s %u%*[/0-9] %31s %31s", media, &port, protocol, format) != 4 &&
	    sscanf(line, "m=%31s %u %31s %31s", media, &port, protocol, format) != 4)
		return;
	is_audio = !strcmp(media, "audio") && port && !*taken;
	ua_writer_add(writer, "m=%s %d %s %s\r\n", media, is_audio ? 9 : 0, protocol, format);
	if (!is_audio)
		return;
	*taken = 1;
	ua_writer_add(writer, "a=inactive\r\n");
}

char *ua_sdp_answer(struct ua *ua, const struct failover_target *local, const char *before,
		    const char *offer)
{
	struct ua_writer writer;
	int taken = 0, count = 0;

	ua_writer_open(&writer, SDP_MAX);
	if (write_session(&writer, ua, local, before)) {
		ua_writer_close(&writer);
		return NULL;
	}
	for (; offer && count < STREAMS_MAX; count++) {
		if (!strncmp(offer, "m=", 2))
			answer_stream(&writer, offer, &taken);
		offer = strchr(offer, '\n');
		offer = offer ? offer + 1 : NULL;
	}
	return ua_writer_take(&writer);
}
