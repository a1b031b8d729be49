/* SPDX-License-Identifier: MIT */
/*
 * serving.h - server transactions (RFC 3261 17.2, RFC 6026): who may ask, which transaction a
 * request belongs to, what an ACK or a CANCEL means to it, timers G, H, I, J and L on the host's
 * clock, and the texts of responses. Over UDP responses go by stack->send(), over connections by
 * stack->answer().
 */
#ifndef UA_SERVING_H
#define UA_SERVING_H

#include "response.h"
#include "ua.h"

/* One transaction. */
struct ua_served {
	struct ua_server base; /* first */
	struct ua_serving *serving;
	struct ua_map_node by_key;
	struct ua_timer resend;	     /* G */
	struct ua_timer end;	     /* H, I, J; L after a 2xx */
	struct failover_target peer; /* where responses go (RFC 3261 18.2.2, RFC 3581) */
	uint32_t status;	     /* of the last response, 0 = none */
	uint32_t interval_ms;
	uint8_t is_invite;
	uint8_t is_acked; /* the ACK of a failure has come */
	char *key, *sent_by;
	struct ua_response_head head;
	char *last; /* the last response */
};

struct ua_serving {
	struct ua *ua;
	struct ua_map transactions; /* branch, sent-by and method -> ua_served */
};

/* After ua_init(). Returns 0 or a negative error; ua_serving_clear() is right after either. */
int ua_serving_init(struct ua_serving *serving, struct ua *ua);
/* Before ua_clear(). */
void ua_serving_clear(struct ua_serving *serving);
/* A request has come in. */
void ua_serving_request(struct ua_serving *serving, const struct ua_serving_message *request);

/* Where the response to it goes (RFC 3261 18.2.2, RFC 3581). */
struct failover_target ua_serving_peer(const struct ua_serving_message *request);

/* For struct ua_stack. */
int ua_serving_reply(struct ua_server *base, const struct ua_reply *reply);
int ua_serving_reply_again(struct ua_server *base);
/* Does its response go over a connection with this peer, the request's own or a new one? */
int ua_serving_is_over(struct ua_server *base, const struct failover_target *at);
/* Is it the response that this error quotes (B21b)? */
int ua_serving_is_quoted(struct ua_server *base, const struct ua_icmp *error);

#endif
