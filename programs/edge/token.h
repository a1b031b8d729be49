/* SPDX-License-Identifier: MIT */
/*
 * token.h - what the edge must know again when a message comes back, in the message itself: in its
 * Contact whose phone it stands for, in its Via where the answer goes. So a restart forgets none of
 * it. Nobody makes one who does not know the key (SipHash-2-4).
 */
#ifndef EDGE_TOKEN_H
#define EDGE_TOKEN_H

#include <failover/failover.h>
#include "../../ua/map.h"
#include "../../ua/value.h"

#define EDGE_URI_MAX 512u			  /* of a phone's Contact, with its end */
#define EDGE_TOKEN_MAX (2 * (EDGE_URI_MAX + 48u)) /* with its end */
#define EDGE_BRANCH_MAX 160u

/* A token's text is hexadecimal: what goes through it unchanged is any stack's. */
struct edge_token {
	struct failover_target at; /* where to send */
	uint32_t line;		   /* of the engine, 0 = none */
	char uri[EDGE_URI_MAX];	   /* "" = none */
};

/* Write it; `key` is a map for its key. Returns 0, or FAILOVER_ERR_FULL. */
int edge_token_write(const struct ua_map *key, const struct edge_token *token, char *out,
		     size_t size);
/* Returns 0, or FAILOVER_ERR_ARGUMENT: none of ours. */
int edge_token_read(const struct ua_map *key, struct ua_part text, struct edge_token *out);

/* The branch of a client's request that goes out: 16 characters that the wire changes, then who it
 * is (`id`), then what it would be again if it went round (`loop`). */
void edge_branch_write(uint64_t id, uint32_t loop, char out[EDGE_BRANCH_MAX]);
/* Returns 0, or FAILOVER_ERR_ARGUMENT: none of ours. */
int edge_branch_read(struct ua_part branch, uint64_t *id, uint32_t *loop);

#endif
