/* SPDX-License-Identifier: MIT */
/* replies.c - the part of RFC 3261 17.2 server transactions that a small server needs. */
#include "replies.h"

#include <stdio.h>
#include <string.h>

static struct reply_entry *find(const struct replies *replies, const struct sip_msg *request,
				const struct peer *source)
{
	const struct reply_entry *e;

	for (e = replies->entry; e < replies->entry + REPLIES_MAX; e++) {
		/* RFC 3261 17.2.3: branch, sent-by (here the source), method. */
		if (e->packet.data && strcmp(e->branch, request->branch) == 0 &&
		    strcmp(e->method, request->method) == 0 && peer_equal(&e->source, source))
			return (struct reply_entry *)e;
	}
	return NULL;
}

void replies_store(struct replies *replies, const struct sip_msg *request,
		   const struct reply_entry *answer)
{
	struct reply_entry *e = find(replies, request, &answer->source);

	if (!e) {
		e = &replies->entry[replies->next];
		replies->next = (replies->next + 1) % REPLIES_MAX;
	}
	sip_packet_free(&e->packet);
	*e = *answer;
	snprintf(e->branch, sizeof(e->branch), "%s", request->branch);
	snprintf(e->method, sizeof(e->method), "%s", request->method);
}

const struct reply_entry *replies_find(const struct replies *replies, const struct sip_msg *request,
				       const struct peer *source, int64_t now_ms)
{
	const struct reply_entry *e = find(replies, request, source);

	return e && e->until_ms > now_ms ? e : NULL;
}

void replies_free(struct replies *replies)
{
	struct reply_entry *e;

	for (e = replies->entry; e < replies->entry + REPLIES_MAX; e++)
		sip_packet_free(&e->packet);
}
