/* SPDX-License-Identifier: MIT */
/*
 * wire.h - failover below a stack's transactions: what the files of this folder know of each other.
 *
 *   wire.c          life, the loop, the three hooks     output.c   what waits to be taken
 *   line.c          lines, requests that wait            edit.c     which bytes are changed
 *   request.c       a request of the stack, from its      made.c     answers of our own
 *                   bytes to its one answer              dialog.c   where dialogs live (B9)
 *   credentials.c   the line's, for a stack without
 *   leg.c           one request at one target            peer.c     requests of peers, their
 * answers registration.c  REGISTER                             ack.c      ACK of a 2xx
 *
 * The user agent (ua/) has the client transactions, late legs, credentials and registrations: a
 * request of the stack is a struct ua_request that is `given`.
 */
#ifndef FO_WIRE_H
#define FO_WIRE_H

#include <sys/queue.h>
#include <failover/wire.h>
#include "../ua/account.h"
#include "../ua/client.h"
#include "../ua/message.h"
#include "../ua/net/adapter.h"
#include "../ua/value.h"
#include "../ua/writer.h"

#define FO_WIRE_RECEIVED_MAX 65536u
#define FO_WIRE_GONE_MAX 8u
#define FO_WIRE_NONCES 4u
#define FO_WIRE_NOBODY 255u /* in the place of a registrar: none of the line's */

struct fo_wire_request;

/* ---- outputs ------------------------------------------------------------------------------ */

struct fo_wire_output {
	STAILQ_ENTRY(fo_wire_output) link;
	struct failover_wire_output is;
	char bytes[];
};

/* ---- lines -------------------------------------------------------------------------------- */

/* Whose challenge the stack has heard: credentials for it go to no other registrar (B10). */
struct fo_wire_nonce {
	uint64_t hash; /* 0 = none */
	uint8_t registrar;
};

struct fo_wire_queue {
	TAILQ_HEAD(, fo_wire_request) waiting;
	TAILQ_ENTRY(fo_wire_queue) due; /* there may be room now */
	struct fo_wire_line *line;
	uint32_t count;
	uint8_t is_due;
};

struct fo_wire_line {
	struct ua_map_node by_line;
	uint32_t line;
	uint32_t calls;	    /* that are up (B32) */
	uint16_t submitted; /* requests that the core has */
	uint8_t wanted;	    /* the stack has registered */
	uint8_t nonces_next;
	struct fo_wire_queue *queue;	     /* what waits for room in the core; NULL = nothing */
	struct fo_wire_request *registering; /* the stack's REGISTER that waits for ours, or NULL */
	/* What the stack is to have of the last 2xx to REGISTER: parameters of Contact, then header
	 * lines behind their end. NULL = nothing. */
	char *granted;
	char *challenge; /* header lines of a 401 or 407 that the stack is to answer, or NULL */
	struct fo_wire_nonce *nonces; /* FO_WIRE_NONCES, allocated with the first */
};

/* ---- requests of the stack ---------------------------------------------------------------- */

/* Which bytes of the topmost Via are ours to change. */
struct fo_wire_via {
	uint32_t transport;	 /* place of its three letters */
	uint32_t branch, length; /* of the value; length 0: there is none, and it would be here */
};

/* One request: its bytes, once; what is read of them; and what has become of it. It is kept until
 * nothing more can come of it, so that the stack's repetitions are known. */
struct fo_wire_request {
	struct ua_given given; /* first */
	struct ua_map_node by_key, by_cookie;
	TAILQ_ENTRY(fo_wire_request) waits;
	struct ua_timer timer; /* until it is answered: the stack's own F; then: forget it */
	struct failover_wire *wire;
	uint64_t cookie, request; /* the core's id, 0 = not submitted */
	uint64_t answer_attempt;
	uint32_t line, refs;
	uint32_t status; /* of the final answer that the stack has, 0 = none */
	uint32_t method; /* enum failover_method */
	uint32_t cseq, expires_s;
	uint8_t waits_unheard; /* a BYE that was answered 408 before its turn came */
	uint8_t is_waiting, has_dialog, has_credentials, is_released;
	uint8_t is_emergency; /* B36 */
	uint8_t follows; /* it has left with the address of another registrar than it names (B23) */
	uint8_t gone_count, routes_count;
	uint8_t vias_count; /* the topmost is the transaction's; those of who is behind the stack */
	uint8_t ordinal;    /* of its newest attempt */
	struct failover_target dialog, target; /* B9; of its newest attempt */
	struct failover_target gone[FO_WIRE_GONE_MAX];
	struct fo_wire_via via;
	uint32_t length_at; /* where Content-Length comes, if it has none; else 0 */
	uint32_t body_count;
	size_t count, answer_count;
	char *answer;  /* a final one that waits for the core's word, as the stack is to have it */
	char **routes; /* values of Route; with the texts that follow in one block */
	const char *name, *uri, *from, *to, *call_id, *sent_by, *route_lines;
	const char *local_tag, *remote_tag; /* "" = none */
	char bytes[];
};

/* A client of the user agent that sends for one of these, or for the library. */
struct fo_wire_leg {
	struct ua_adapter_client base; /* first; its way is that of sockets of ours (net/) */
	struct fo_wire_request *of;    /* NULL = the library's own */
	uint8_t is_started;
	uint8_t has_left; /* over a connection that has ended */
};

/* ---- dialogs ------------------------------------------------------------------------------ */

struct fo_wire_dialog {
	struct ua_map_node by_key;
	TAILQ_ENTRY(fo_wire_dialog) by_age;
	uint32_t line;
	struct failover_target target; /* it was set up through this one (B9) */
	uint8_t is_call;	       /* an INVITE has made it, which was answered 2xx */
};

/* Its Call-ID and tags; "" = no tag. */
struct fo_wire_names {
	const char *call_id, *local_tag, *remote_tag;
};

/* ---- all of it ---------------------------------------------------------------------------- */

struct failover_wire {
	struct ua ua; /* first */
	struct failover_engine *engine;
	struct failover_stack *stack;
	struct failover_target local[2];
	uint64_t now, cookies;
	struct ua_map requests, cookie_table, dialogs, lines;
	TAILQ_HEAD(, fo_wire_dialog) dialogs_by_age; /* the one used last at the end */
	uint32_t dialogs_count, dialogs_most;
	TAILQ_HEAD(, fo_wire_queue) due; /* those that may find room in the core */
	STAILQ_HEAD(, fo_wire_output) outputs;
	uint32_t outputs_count;
	struct fo_wire_output *taken; /* the one that was polled last */
	const char *incoming;	      /* the message that is being heard, for heard() */
	size_t incoming_count;
	struct failover_wire_statistics counters;
	void *user;
	void (*event)(void *user, const struct failover_event *event);
	void (*log)(void *user, uint32_t level, const char *text);
	const struct fo_wire_over *over; /* NULL = the host has the sockets */
};

/* What has the sockets of a wire, and hears more of the core than the public `event`. */
struct fo_wire_over {
	const struct ua_stack *stack;
	const char *user_agent; /* of the library's own requests; NULL = the stack's name */
	void (*result)(void *user, const struct failover_result *result);
	const void *(*get_extension)(void *user, const char *id);
	/* No client is left, and the timers are still there. */
	void (*end)(void *user);
};

static inline struct failover_wire *fo_wire_of(struct ua *ua)
{
	return (struct failover_wire *)(void *)ua;
}

/* ---- wire.c ------------------------------------------------------------------------------- */

/* First in each function that has a `now`: a clock that goes back stands still. */
void fo_wire_enter(struct failover_wire *wire, uint64_t now);
/* failover_wire_new() over sockets of ours, whose functions have `user` too; `over` stays there. */
int fo_wire_new(const struct failover_wire_params *params, const struct fo_wire_over *over,
		uint64_t now, struct failover_wire **out);
/* After what comes from the network: what has been asked of the core is done. */
void fo_wire_settle(struct failover_wire *wire);
/* The outputs are to be taken first. */
int fo_wire_is_full(const struct failover_wire *wire);

/* ---- output.c ----------------------------------------------------------------------------- */

/* Room for `size` bytes; NULL = no memory, and it is counted. */
struct fo_wire_output *fo_wire_output_new(struct failover_wire *wire, uint32_t kind, uint32_t line,
					  const struct failover_target *peer, size_t size);
/* So many of its bytes are there: it waits from now on. */
void fo_wire_output_add(struct failover_wire *wire, struct fo_wire_output *output, size_t count);
/* It does not wait. */
void fo_wire_output_drop(struct fo_wire_output *output);
/* Both. Returns 0 or FAILOVER_ERR_MEMORY. */
int fo_wire_put(struct failover_wire *wire, uint32_t kind, uint32_t line,
		const struct failover_target *peer, struct ua_part bytes);
void fo_wire_outputs_free(struct failover_wire *wire);

/* ---- edit.c: which bytes are changed; doc/design.md has the list -------------------------- */

/* Returns 0 or a negative error. */
int fo_wire_via_read(const struct ua_raw *raw, struct fo_wire_via *out);
/* The request as it leaves for this client. Returns its length or FAILOVER_ERR_FULL. */
int fo_wire_request_text(const struct ua_request *request, char *out, size_t size);
/* Where an ACK goes. */
struct fo_wire_ack_way {
	const struct ua_account *account;
	uint32_t transport, domain; /* domain: whose address stands in From and To (B23) */
};

/* An ACK of the stack's. As above. */
int fo_wire_ack_text(const struct ua_raw *raw, struct ua_part bytes,
		     const struct fo_wire_ack_way *way, char *out, size_t size);
/* A response of the stack's. As above. */
int fo_wire_response_text(const struct ua_raw *raw, struct ua_part bytes, uint32_t transport,
			  char *out, size_t size);
/* A Request-URI, or a value of From or To, as this registrar is to have it (B23). Returns 1 if it
 * is another than before. */
int fo_wire_follow(const struct ua_account *account, const char *text, int is_value,
		   uint32_t registrar, struct ua_writer *out);
/* An answer as the stack is to have it. As above. */
int fo_wire_answer_text(const struct fo_wire_request *of, const struct ua_raw *raw,
			struct ua_part bytes, char *out, size_t size);

/* ---- request.c ---------------------------------------------------------------------------- */

/* The stack sends this; not ACK, not CANCEL. Returns 0 or a negative error. */
int fo_wire_request_take(struct failover_wire *wire, struct fo_wire_line *line,
			 const struct ua_message *message, struct ua_part bytes);
/* That of the line with this branch (or what RFC 2543 has) and method, or NULL. */
struct fo_wire_request *fo_wire_request_find(const struct failover_wire *wire,
					     const struct fo_wire_line *line,
					     const struct ua_message *message, const char *method);
struct fo_wire_request *fo_wire_request_of(const struct failover_wire *wire, uint64_t cookie);
void fo_wire_request_cancel(struct fo_wire_request *of);
/* This answer to an emergency call, which is stored, is for the stack: it calls anew (B36). */
void fo_wire_request_challenged(struct fo_wire_request *of, uint32_t status);
/* Hand the stack this answer; a final one ends the request for it. */
void fo_wire_request_answer(struct fo_wire_request *of, uint32_t status, struct ua_part bytes);
/* The core has ended it. */
void fo_wire_request_result(struct failover_wire *wire, const struct failover_result *result);
/* Submit what waits, as long as the core has room. Returns 0, or FAILOVER_ERR_FULL: again, when its
 * outputs have been taken. */
int fo_wire_request_next(struct fo_wire_line *line);
/* It waits for room: in the order in which they came; but what ends a call waits for nothing else.
 * Returns 0 or FAILOVER_ERR_MEMORY. */
int fo_wire_line_wait(struct fo_wire_line *line, struct fo_wire_request *of);
void fo_wire_line_wait_no_more(struct fo_wire_line *line, struct fo_wire_request *of);
/* A request has come to wait, or a place in the core may be free: next is called soon. */
void fo_wire_line_due(struct failover_wire *wire, struct fo_wire_line *line);
void fo_wire_line_not_due(struct failover_wire *wire, struct fo_wire_line *line);
void fo_wire_request_ref(struct fo_wire_request *of);
void fo_wire_request_unref(struct fo_wire_request *of);
/* All of a line, answered 503; line 0: all, without a word. */
void fo_wire_requests_drop(struct failover_wire *wire, uint32_t line);

/* ---- made.c ------------------------------------------------------------------------------- */

/* An answer of our own to this request, with these header lines, which may be "". */
void fo_wire_made(struct fo_wire_request *of, uint32_t status, const char *lines);
/* The same to a request that is not kept: CANCEL. */
void fo_wire_made_to(struct failover_wire *wire, uint32_t line, const struct ua_message *message,
		     uint32_t status, const char *lines);

/* 400 and the like to a peer, whose request cannot be read (B22d). */
void fo_wire_made_refusal(struct failover_wire *wire, const struct ua_message *message);

/* ---- leg.c -------------------------------------------------------------------------------- */

extern const struct ua_stack fo_wire_stack;
/* Functions of it: the client begins, and goes. */
int fo_wire_leg_start(struct ua_client *client);
int fo_wire_leg_stop(struct ua_client *client);
void fo_wire_leg_heard(struct ua_client *client, const struct ua_view *view);
/* Has this response the Vias of its request, in number? What is ours has one. */
int fo_wire_leg_has_vias(const struct ua *ua, const struct ua_message *response);
/* Its connection has ended, or there has been none. */
void fo_wire_leg_lost(struct ua_client *client, uint32_t reason);
/* Hook `send`, for the requests of the stack. */
int fo_wire_leg_send(struct failover_wire *wire, const struct failover_attempt *attempt);

/* ---- registration.c ----------------------------------------------------------------------- */

int fo_wire_register(struct failover_wire *wire, struct fo_wire_line *line,
		     struct fo_wire_request *of, const struct ua_message *message);
/* What the stack is told where a REGISTER of ours has ended so. */
uint32_t fo_wire_status_for_stack(uint32_t status);
/* A 2xx or another final answer to our REGISTER has come. */
void fo_wire_register_heard(struct failover_wire *wire, const struct ua_client *client,
			    const struct ua_view *view);
void fo_wire_register_result(struct failover_wire *wire, const struct failover_result *result);

/* ---- dialog.c ----------------------------------------------------------------------------- */

/* NULL = it is not known. It becomes the one used last. */
struct fo_wire_dialog *fo_wire_dialog_find(struct failover_wire *wire,
					   const struct fo_wire_names *names);
void fo_wire_dialog_set(struct failover_wire *wire, uint32_t line,
			const struct fo_wire_names *names, const struct failover_target *target);
/* The same, but another line's is not known. */
struct fo_wire_dialog *fo_wire_dialog_of(struct failover_wire *wire, uint32_t line,
					 const struct fo_wire_names *names);
/* Of this line; 0 = of any. */
/* A 2xx to INVITE has come through it: it is a call of this line (B32). */
void fo_wire_dialog_up(struct failover_wire *wire, uint32_t line,
		       const struct fo_wire_names *names);
void fo_wire_dialog_end(struct failover_wire *wire, uint32_t line,
			const struct fo_wire_names *names);
/* Of a line, or all (0). */
void fo_wire_dialogs_free(struct failover_wire *wire, uint32_t line);

/* ---- peer.c, ack.c ------------------------------------------------------------------------ */

void fo_wire_peer_request(struct failover_wire *wire, struct ua_message *message);
/* An ACK of the stack's that belongs to no failure. Returns 0 or a negative error. */
int fo_wire_ack(struct failover_wire *wire, struct fo_wire_line *line,
		const struct ua_message *message, struct ua_part bytes);

/* ---- line.c ------------------------------------------------------------------------------- */

struct fo_wire_line *fo_wire_line_find(const struct failover_wire *wire, uint32_t line);
void fo_wire_lines_free(struct failover_wire *wire);
/* Credentials for this nonce were asked for there. */
void fo_wire_line_challenged(const struct failover_wire *wire, struct fo_wire_line *line,
			     const struct ua_view *response, uint8_t registrar);
/* The registrar whose nonce is in these credentials; FO_WIRE_NOBODY = none that is known. */
uint32_t fo_wire_line_nonce_of(const struct failover_wire *wire, const struct fo_wire_line *line,
			       const char *credentials);
/* The stack sends credentials: for a nonce that a server of the line has given it. */
void fo_wire_line_answered(struct failover_wire *wire, const struct fo_wire_line *line,
			   const struct ua_raw *raw);
/* May these credentials (the value of the header) go to this registrar? */
int fo_wire_line_may_send(const struct failover_wire *wire, const struct fo_wire_line *line,
			  const char *credentials, uint8_t registrar);

#endif
