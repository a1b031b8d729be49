/* SPDX-License-Identifier: MIT */
/*
 * stack.h - the seam between the shared user agent and a SIP stack.
 *
 * The user agent (this folder) knows lines, registrations, calls, credentials, late legs and what
 * to tell the core. A stack adapter (plugins/NAME) parses and sends: it fills struct ua_stack once,
 * embeds struct ua first in its instance, and hands over what comes in as struct ua_view. No
 * type of any stack is known here.
 *
 *   core --hook--> ua_send() --> stack->start(client)       the stack sends client->request
 *   stack --> ua_response() or ua_client_response()         a response has come
 *   stack --> ua_client_sent(), ua_client_lost(), ua_undelivered()
 *   stack --> ua_request_arrived(server, view) --> stack->reply(server, reply)
 *
 * Texts in arguments are valid during the call only. Whatever calls into the user agent may end
 * with stack->stop(client) for the very client it was called for: touch it no more afterwards.
 */
#ifndef UA_STACK_H
#define UA_STACK_H

#include <stddef.h>
#include <failover/plugin.h>

#define UA_CHALLENGES_MAX 16u /* looked at in one response */
#define UA_HEADERS_MAX 4u     /* of a reply, beside those that every response has */
#define UA_MESSAGE_MAX 16384u /* longest request built here, with its end */

struct ua;
struct ua_client;
struct ua_raw;
struct ua_server;
struct ua_view;
struct ua_writer;

/* ---- a request of ours -------------------------------------------------------------------- */

struct ua_request;

/* First in what somebody else's request is kept in, which outlives every client that sends it. */
struct ua_given {
	/* Write it as it is to go out for this client. Returns the length, or FAILOVER_ERR_FULL. */
	int (*text)(const struct ua_request *request, char *out, size_t size);
};

/* Ready values, free of control characters; never NULL, "" = the header is not there. */
struct ua_request {
	const char *method;
	const char *uri;       /* Request-URI: never the next hop (B1a) */
	const char *from, *to; /* with their tags */
	const char *call_id;
	const char *branch;	 /* wanted; see ua_client_set_branch() */
	const char *routes;	 /* "Route: ...\r\n" lines */
	const char *contact;	 /* "<sip:...>" */
	const char *old_contact; /* REGISTER: one that ends with it (B24b) */
	const char *credentials; /* "Authorization: ...\r\n" and "Proxy-Authorization: ..." lines */
	const char *headers;	 /* more lines: Allow, Accept */
	const char *user_agent;
	const char *body; /* SDP */
	const char
		*sent_by; /* of Via, with the parameters behind it but `branch`; "" = of `local` */
	/* Not NULL: the request is another's, a stack's above us. The texts are what was read of
	 * it, for the ACK, CANCEL and BYE that it may need; what it is challenged for, where it is
	 * redirected to and its 2xx are for who gave it. */
	const struct ua_given *given;
	const char *own_route; /* of a given one: a Route in the place of the first ones, or "" */
	uint32_t cseq;
	uint32_t expires_s; /* if has_expires */
	uint8_t has_expires;
	uint8_t overload; /* the server may say how much is left out (RFC 7339) */
	uint8_t given_registrar;      /* of a given one: whose server it goes to */
	uint8_t in_dialog;	      /* of a given one: its call is up whatever becomes of it */
	uint8_t given_domain;	      /* and whose address stands in its From and To (B23) */
	uint32_t routes_gone;	      /* and so many of its first Routes are left out (B23a) */
	struct failover_target local; /* sent-by of Via, and its transport */
	struct failover_target contact_at; /* the address in `contact` */
};

/* How much of the text a stack wants. */
enum ua_text {
	UA_TEXT_WHOLE,	 /* a message: start line, Via, everything */
	UA_TEXT_NO_VIA,	 /* without Via, for stacks that add their own */
	UA_TEXT_HEADERS, /* without start line and Via: from Route to the body */
};

/* Write it. Returns the length, or FAILOVER_ERR_FULL. */
int ua_request_text(const struct ua_request *request, enum ua_text how, char *out, size_t size);
/* The same in memory of its own, which the caller frees; *length is its length. NULL, and *length
 * is the error, where that fails. */
char *ua_request_text_new(const struct ua_request *request, enum ua_text how, int *length);
/* The ACK of a 3xx-6xx (RFC 3261 17.1.1.3), whole, for stacks that leave it to us; `to` is the
 * response's To. Memory as above. */
char *ua_request_ack_text_new(const struct ua_request *invite, const char *to, int *length);

/* ---- a message that has come in ----------------------------------------------------------- */

/* A challenge as it came (RFC 3261 22.1). */
struct ua_challenge {
	const char *value;
	uint8_t by_proxy; /* of Proxy-Authenticate, whatever the status */
};

/* NULL = the header is not there. ua_message_read() fills it; a stack that hands over no bytes
 * fills it by itself, without `raw`. */
struct ua_view {
	uint32_t status; /* of a response; 0 = a request */
	uint32_t cseq;
	const char *method; /* of CSeq */
	const char *branch; /* of the topmost Via; NULL in requests of RFC 2543 */
	const char *call_id;
	const char *from, *from_tag; /* value as text; tag NULL = none */
	const char *to, *to_tag;
	const char *contact; /* URI of the first Contact that can be read, without <> */
	const char *const *record_routes; /* values, in order */
	uint32_t record_routes_count;
	const char *body; /* followed by a zero byte */
	/* All else that a rule reads (raw.h): Contacts, Reason, Expires ... */
	struct ua_raw *raw;
	const char *expires; /* value */
	/* Responses: */
	struct ua_challenge challenges[UA_CHALLENGES_MAX];
	uint32_t challenges_count;
	const char *retry_after, *min_expires; /* values */
	/* Requests: */
	uint32_t refusal;	/* 400, 415, 505: what a rule needs cannot be read (B22d); else 0 */
	const char *uri_scheme; /* of the Request-URI */
	const char *uri_user;	/* its user, unescaped */
	uint8_t uri_has_headers;
	const char *content_type; /* of the body: "application/sdp", or NULL */
	const char *content_encoding;
	const char *to_user;
	const char *from_uri;	       /* for a peer without Contact */
	const char *require;	       /* the values of Require, with commas */
	struct failover_target source; /* where it came from, with its transport */
};

/* ---- our response ------------------------------------------------------------------------- */

struct ua_header {
	const char *name, *value;
};

/* The stack adds Via, From, To, Call-ID, CSeq and Content-Length, Record-Route in a 1xx (not 100)
 * or 2xx to INVITE (RFC 3261 8.2.6.2, 12.1.1), and User-Agent as in ua->user_agent. */
struct ua_reply {
	uint32_t status;
	const char *tag; /* of To, where the request has none; not in a 100 */
	struct ua_header headers[UA_HEADERS_MAX]; /* Contact, Allow, Unsupported */
	uint32_t headers_count;
	const char *body; /* SDP, or NULL */
};

/* "Name: value\r\n" lines of its headers, and Content-Type if it has a body. */
void ua_reply_lines(const struct ua_reply *reply, struct ua_writer *writer);

/* ---- what a stack can do ------------------------------------------------------------------ */

struct ua_stack {
	const char *name;   /* "libfailover-osip2": the User-Agent when the host gives none */
	size_t client_size; /* of the adapter's client, which begins with a struct ua_client */

	/* The address that messages to this target come from, with the target's transport: Via and
	 * Contact. Returns 0 or a negative error (UNSUPPORTED: no such family or transport). */
	int (*local)(struct ua *ua, const struct failover_target *target,
		     struct failover_target *out);
	/* Send these bytes to this target as they are: CRLF over UDP (RFC 5626), and what put()
	 * sends if that is NULL. Returns 0, or FAILOVER_ERR_IO when it cannot be reached. */
	int (*send)(struct ua *ua, const struct failover_target *target, const char *bytes,
		    size_t count);

	/* Client transactions. */
	/* Start client->request at exactly client->attempt.target. A CANCEL is a request of its
	 * own, with its INVITE's branch (and client->invite names that client). Returns 0; or a
	 * negative error, then stop() follows. No news of the client from inside start(), but
	 * ua_client_sent() and ua_client_set_branch(). ua_transaction_start() is one for stacks
	 * without. */
	int (*start)(struct ua_client *client);
	/* Timers A and E: send it once more. NULL = the stack retransmits by itself, and so says
	 * client->stack_timers = 1 in start() for one client. Returns 0, or negative: unreachable.
	 */
	int (*again)(struct ua_client *client);
	/* Run the state machine on a response that ua_response() has found to be this client's.
	 * Returns 1 if it is new, 0 if the transaction absorbs it. NULL = all are new. A further
	 * 2xx to INVITE does not come by here (RFC 6026). */
	int (*response)(struct ua_client *client, const struct ua_view *view);
	/* Repeat this INVITE no more, but go on hearing its answers (B7a). Only for clients with
	 * stack_timers; NULL = nothing to do. */
	void (*quiet)(struct ua_client *client);
	/* The core has taken this response to a given request, or to a REGISTER, as that of the
	 * running request: all but the core and `given` know of it is in `view`. NULL = nobody
	 * asks. */
	void (*heard)(struct ua_client *client, const struct ua_view *view);
	/* The client is going: nothing more is sent or reported for it. Returns 0, or 1 = the stack
	 * cannot stop what it has started; it then ignores what comes of it. NULL = nothing to do.
	 */
	int (*stop)(struct ua_client *client);
	/* Send these bytes the way of the client's request: the ACK of a 2xx. NULL = by send(). */
	int (*put)(struct ua_client *client, const char *bytes, size_t count);
	/* TCP, TLS: what is still missing of the connection: FAILOVER_REASON_CONNECT_TIMEOUT, _TLS,
	 * or _NONE. Asked when the budget is about to end (B3c). NULL = not known. */
	uint32_t (*missing)(struct ua_client *client);
	/* TCP, TLS: the connection that this client will use, opened if there is none; the address
	 * that it has here. Asked before start(). Returns 0 or a negative error, as start(). NULL =
	 * not known, then Contact names the address of local(). */
	int (*connect)(struct ua_client *client, struct failover_target *local);
	/* The address here of the connection with this peer. Returns 0 or a negative error. NULL
	 * where connect is. */
	int (*flow_local)(struct ua *ua, const struct failover_target *peer,
			  struct failover_target *local);
	/* Nobody has answered in all its time: the connection may be dead (B23c). May be NULL. */
	void (*suspect)(struct ua_client *client);
	/* A line is registered over this client's connection (RFC 5626: its flow), which is kept
	 * open for that. Returns the connection's number, or 0 if there is none. May be NULL. */
	uint64_t (*keep_flow)(struct ua_client *client);
	/* The line needs it no more. NULL where keep_flow is. */
	void (*leave_flow)(struct ua *ua, const struct failover_target *peer, uint64_t flow);

	/* The stack's parser looks at a request: text[count], followed by a zero byte, is one of
	 * our own with the URIs of what came (ua_message_plain()). No parser of a stack sees a
	 * response, another header or a body: what is not needed is not parsed. What it reads of
	 * the URIs goes into uri_scheme, uri_user, uri_has_headers and to_user by ua_message_set();
	 * what it refuses is left as the raw reader has it. NULL = the raw reader's. */
	void (*read)(struct ua *ua, const char *text, size_t count, struct ua_view *view);

	/* Server transactions; server is the one that came with ua_request_arrived(). */
	/* ua_serving_reply(): send a response the way its request came, TCP or TLS; via_port is
	 * that of its topmost Via, or NULL. Returns 0 or a negative error. NULL = UDP only. */
	int (*answer)(struct ua *ua, const struct failover_target *peer, const char *via_port,
		      const char *bytes, size_t count);
	/* Respond. Returns 0 or a negative error. */
	int (*reply)(struct ua_server *server, const struct ua_reply *reply);
	/* Send the last response to an INVITE again: the ACK of a 2xx has not come (RFC 3261
	 * 13.3.1.4), or it rings for long (13.3.1.1). Returns 0 or a negative error. NULL = the
	 * stack does that by itself. */
	int (*reply_again)(struct ua_server *server);
};

#endif
