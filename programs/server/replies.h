/* SPDX-License-Identifier: MIT */
/* replies.h - the last answer of each recent request, to answer its retransmissions alike. */
#ifndef SERVER_REPLIES_H
#define SERVER_REPLIES_H

#include "sip.h"

#include <stdint.h>

#define REPLIES_MAX 256

struct reply_entry {
	char branch[SIP_TOKEN_MAX];
	char method[SIP_TOKEN_MAX];
	struct peer source;
	struct peer to;
	int status;
	int64_t until_ms;
	struct packet packet;
};

/* A ring: the oldest answer makes room for the newest. */
struct replies {
	struct reply_entry entry[REPLIES_MAX];
	unsigned next;
};

/* Takes the packet over. Replaces an earlier answer (180 by 200) of the same request. */
void replies_store(struct replies *replies, const struct sip_msg *request,
		   const struct reply_entry *answer);
/* NULL: a request not seen, or answered longer ago than a retransmission can come. */
const struct reply_entry *replies_find(const struct replies *replies, const struct sip_msg *request,
				       const struct peer *source, int64_t now_ms);
void replies_free(struct replies *replies);

#endif
