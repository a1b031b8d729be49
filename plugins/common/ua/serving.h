/* SPDX-License-Identifier: MIT */
/*
 * serving.h - server transactions (RFC 3261 17.2, RFC 6026): who may ask, which transaction a
 * request belongs to, what an ACK or a CANCEL means to it, timers G, H, I, J and L on the host's
 * clock, and the texts of responses. Over UDP responses go by stack->send(), over connections by
 * stack->answer(). A stack that has a state machine for that, without timers, plugs it in.
 */
#ifndef FO_UA_SERVING_H
#define FO_UA_SERVING_H

#include "response.h"
#include "ua.h"

/* One transaction. */
struct fo_served {
	struct fo_server base; /* first */
	struct fo_serving *serving;
	struct fo_map_node by_key;
	struct fo_timer resend;	     /* G */
	struct fo_timer end;	     /* H, I, J; L after a 2xx */
	struct failover_target peer; /* where responses go (RFC 3261 18.2.2, RFC 3581) */
	uint32_t status;	     /* of the last response, 0 = none */
	uint32_t interval_ms;
	uint8_t is_invite;
	uint8_t is_acked; /* the ACK of a failure has come */
	char *key, *sent_by;
	struct fo_response_head head; /* without a machine of the stack: */
	char *last;		      /* the last response */
};

/* A stack's own state machine. */
struct fo_serving_machine {
	size_t size; /* of the adapter's transaction, which begins with a struct fo_served */
	/* Returns 0 or a negative error; end() follows then, too. */
	int (*start)(struct fo_served *server, const struct fo_serving_message *request);
	/* The request has come again; NULL = timer G: repeat the response. */
	void (*again)(struct fo_served *server, const struct fo_serving_message *request);
	void (*acked)(struct fo_served *server, const struct fo_serving_message *ack);
	void (*end)(struct fo_served *server);
	/* Respond to what there is no transaction for. */
	void (*refuse)(struct fo_ua *ua, const struct fo_serving_message *request,
		       const struct failover_target *peer, const struct fo_reply *reply);
};

struct fo_serving {
	struct fo_ua *ua;
	const struct fo_serving_machine *machine; /* NULL = none */
	struct fo_map transactions;		  /* branch, sent-by and method -> fo_served */
};

/* After fo_ua_init(). Returns 0 or a negative error; fo_serving_clear() is right after either. */
int fo_serving_init(struct fo_serving *serving, struct fo_ua *ua,
		    const struct fo_serving_machine *machine);
/* Before fo_ua_clear(). */
void fo_serving_clear(struct fo_serving *serving);
/* A request has come in. */
void fo_serving_request(struct fo_serving *serving, const struct fo_serving_message *request);
/* The machine has sent this response. */
void fo_serving_replied(struct fo_served *server, uint32_t status);

/* For struct fo_stack, without a machine. */
int fo_serving_reply(struct fo_server *base, const struct fo_reply *reply);
void fo_serving_reply_again(struct fo_server *base);

#endif
