/* SPDX-License-Identifier: MIT */
/*
 * serving.h - server transactions (RFC 3261 17.2, RFC 6026): who may ask, which transaction a
 * request belongs to, what an ACK or a CANCEL means to it, timers G, H, I, J and L on the host's
 * clock, and the texts of responses. Over UDP responses go by stack->send(), over connections by
 * stack->answer(). A stack that has a state machine for that, without timers, plugs it in.
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
	struct ua_response_head head; /* without a machine of the stack: */
	char *last;		      /* the last response */
};

/* A stack's own state machine. */
struct ua_serving_machine {
	size_t size; /* of the adapter's transaction, which begins with a struct ua_served */
	/* Returns 0 or a negative error; end() follows then, too. */
	int (*start)(struct ua_served *server, const struct ua_serving_message *request);
	/* The request has come again; NULL = timer G: repeat the response. */
	void (*again)(struct ua_served *server, const struct ua_serving_message *request);
	void (*acked)(struct ua_served *server, const struct ua_serving_message *ack);
	void (*end)(struct ua_served *server);
	/* Respond to what there is no transaction for. */
	void (*refuse)(struct ua *ua, const struct ua_serving_message *request,
		       const struct failover_target *peer, const struct ua_reply *reply);
};

struct ua_serving {
	struct ua *ua;
	const struct ua_serving_machine *machine; /* NULL = none */
	struct ua_map transactions;		  /* branch, sent-by and method -> ua_served */
};

/* After ua_init(). Returns 0 or a negative error; ua_serving_clear() is right after either. */
int ua_serving_init(struct ua_serving *serving, struct ua *ua,
		    const struct ua_serving_machine *machine);
/* Before ua_clear(). */
void ua_serving_clear(struct ua_serving *serving);
/* A request has come in. */
void ua_serving_request(struct ua_serving *serving, const struct ua_serving_message *request);
/* The machine has sent this response. */
void ua_serving_replied(struct ua_served *server, uint32_t status);

/* For struct ua_stack, without a machine. */
int ua_serving_reply(struct ua_server *base, const struct ua_reply *reply);
void ua_serving_reply_again(struct ua_server *base);

#endif
