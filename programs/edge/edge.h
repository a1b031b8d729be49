/* SPDX-License-Identifier: MIT */
/*
 * edge.h - a proxy on the phone's side of the wire: clients inside, servers outside.
 *
 *   edge.c       life, the loop                 token.c    what a message carries for us
 *   lines.c      lines, and their clients       text.c     what is changed in a message
 *   register.c   REGISTER of clients            inside.c   sockets inside
 *   client.c     what comes from clients        exchange.c requests of clients under way
 *   server.c     what comes from servers        credentials.c challenges for phones without
 *
 * Outside each line is the wire's: registered with a Contact of the edge, and moved as the rules
 * say. To a server the edge is a user agent, to a client the next hop of every dialog: its
 * Record-Route. Nothing of a dialog is kept here: a request from outside names the client in the
 * Request-URI, which is a Contact of ours with a token.
 */
#ifndef EDGE_EDGE_H
#define EDGE_EDGE_H

#include <sys/queue.h>
#include <failover/wire_net.h>
#include <failover/ext/line.h>
#include "inside.h"
#include "text.h"
#include "token.h"

#define EDGE_CLIENTS_OF_LINE_MAX 16u
#define EDGE_EXCHANGES_MAX 4096u
#define EDGE_CLIENT_EXPIRES_S                                                                      \
	60u		/* a client is asked to register so often: a restart forgets it            \
			 */
#define EDGE_PARAM "fo" /* of URIs that are ours */
#define EDGE_CSEQ "fc"	/* and by how much the CSeq of that dialog is higher outside */

/* What was dropped or refused, and why. */
struct edge_counters {
	uint64_t up, down;	/* requests that went through */
	uint64_t garbage;	/* from inside: not SIP, or it cannot be read */
	uint64_t no_line;	/* from inside: of a user that no line has */
	uint64_t looped;	/* a request of ours came back from inside */
	uint64_t too_many_hops; /* Max-Forwards, both ways */
	uint64_t no_client;	/* from outside: nobody is there */
	uint64_t unmatched;	/* responses to nothing, both ways */
	uint64_t refused;	/* over a limit, or the wire did not take it */
	uint64_t forgotten;	/* exchanges that had to make room */
	uint64_t answered;	/* challenges, with the line's password */
};

/* A phone that has registered here. */
struct edge_client {
	TAILQ_ENTRY(edge_client) entries; /* the newest first */
	struct failover_target at;
	uint64_t until; /* ms */
	char *waiting;	/* its REGISTER, until that of the line has ended; or NULL */
	size_t waiting_count;
	struct failover_target from; /* its last REGISTER */
	char uri[EDGE_URI_MAX];	     /* of its Contact */
};

TAILQ_HEAD(edge_clients, edge_client);

struct edge_line {
	struct ua_map_node by_id;
	TAILQ_ENTRY(edge_line) entries; /* in the order in which they came */
	uint32_t id;			/* the engine's */
	char *user, *domain;
	uint8_t has_password;	      /* else its phones answer what REGISTER is challenged for */
	struct failover_target first; /* its most preferred target; family 0 = none is known */
	struct edge_clients clients;
	uint32_t clients_count;
};

/* A request of a client that goes up. */
struct edge_exchange {
	struct ua_map_node by_id;
	TAILQ_ENTRY(edge_exchange) entries; /* the one used last at the end */
	uint64_t id;
	uint64_t at;		       /* ms: when it was used */
	struct failover_target client; /* where its answers go */
	uint8_t sets_up;	       /* a dialog: its answers get our Record-Route */
	uint8_t rounds;		       /* it has been sent again so often */
	uint32_t line;
	uint32_t more; /* its CSeq is so much higher outside, beside the rounds */
	char *sent;    /* as it went up first, while it may be sent again; or NULL */
	size_t sent_count;
	char vias[]; /* header lines */
};

struct edge_params {
	struct failover_engine *engine;
	struct failover_wire_net_params outside; /* without engine, user, event, result, log */
	struct edge_inside_params inside;
	void *user;
	uint64_t (*now)(void *user);
	void (*event)(void *user, const struct failover_event *event);
	void (*result)(void *user, const struct failover_result *result);
	void (*log)(void *user, uint32_t level, const char *text);
};

struct edge {
	struct failover_engine *engine;
	struct failover_wire_net *outside;
	struct failover_wire *wire;
	struct edge_inside inside;
	struct ua_map keys; /* its key is that of tokens; empty */
	struct ua_map lines_by_id, exchanges;
	TAILQ_HEAD(, edge_line) lines;
	TAILQ_HEAD(, edge_exchange) exchanges_by_age;
	uint32_t exchanges_count;
	size_t kept; /* bytes of exchanges that may be sent again */
	struct edge_counters counters;
	struct edge_params params;
	char out[EDGE_MESSAGE_MAX + 1]; /* the message that is being made */
};

/* ---- edge.c ------------------------------------------------------------------------------- */

/* Returns 0 or a negative error (errno says why). */
int edge_new(const struct edge_params *params, struct edge **out);
void edge_free(struct edge *edge);
uint32_t edge_fds(struct edge *edge, struct failover_io_fd *out, uint32_t max);
uint64_t edge_deadline(struct edge *edge);
void edge_process(struct edge *edge, const struct failover_io_fd *ready, uint32_t count);
/* Messages from inside that are no SIP, or cannot be read. */
uint64_t edge_garbage(const struct edge *edge);
/* Do what the engine has to say, and hand on what has come of it. */
void edge_turn(struct edge *edge);
void edge_network_changed(struct edge *edge);

static inline uint64_t edge_now(const struct edge *edge)
{
	return edge->params.now(edge->params.user);
}

static inline struct edge_text_out edge_out(struct edge *edge)
{
	return (struct edge_text_out){ edge->out, sizeof(edge->out) };
}

__attribute__((format(printf, 2, 3))) void edge_say(struct edge *edge, const char *format, ...);
/* An answer of our own to a client's request; lines: further header lines. */
void edge_answer(struct edge *edge, const struct ua_message *request, uint32_t status,
		 const char *lines);
/* The same to a request from outside. */
void edge_answer_outside(struct edge *edge, const struct ua_message *request, uint32_t status);

/* ---- lines.c ------------------------------------------------------------------------------ */

/* failover.line/1; inst is the edge. */
extern const struct failover_ext_line edge_ext_line;
struct edge_line *edge_line_of(const struct edge *edge, uint32_t id);
/* Whose user this is, as a URI has it; NULL = no line's. domain may be empty. */
struct edge_line *edge_line_of_user(const struct edge *edge, struct ua_part user,
				    struct ua_part domain);
/* The line of a request of a client: that of its Route, of From, of the place that it comes from,
 * or in a dialog the only one. NULL = none. */
struct edge_line *edge_line_for(struct edge *edge, const struct ua_message *request);
/* Those whose time is over go. */
void edge_line_expire(struct edge *edge, struct edge_line *line);
/* The phone that registered last, or NULL. */
struct edge_client *edge_line_client(struct edge *edge, struct edge_line *line);
void edge_client_drop(struct edge_line *line, struct edge_client *client);
void edge_lines_free(struct edge *edge);

/* ---- register.c --------------------------------------------------------------------------- */

void edge_register(struct edge *edge, const struct ua_message *request, struct ua_part bytes);
/* An answer to a REGISTER that went up: of a 2xx the value of Contact that the client is to hear,
 * in out; else "". */
void edge_register_heard(struct edge *edge, const struct edge_exchange *exchange,
			 const struct ua_message *answer, struct ua_writer *out);
/* Answer those whose line has come to something. */
void edge_register_turn(struct edge *edge);

/* ---- exchange.c --------------------------------------------------------------------------- */

/* Remember it, or use it again. NULL = no memory. */
struct edge_exchange *edge_exchange_put(struct edge *edge, uint64_t id,
					const struct ua_message *request);
struct edge_exchange *edge_exchange_of(const struct edge *edge, uint64_t id);
void edge_exchanges_free(struct edge *edge);

/* ---- credentials.c ------------------------------------------------------------------------ */

/* Whose answer has this in its branch. NULL = nobody's, or that of a round that is over. */
struct edge_exchange *edge_exchange_of_round(const struct edge *edge, uint64_t id);
uint64_t edge_round_id(uint64_t id, uint32_t round);
/* It has gone up as it is in edge->out, and may have to once more. */
void edge_exchange_keep(struct edge *edge, struct edge_exchange *exchange,
			const struct edge_line *line, const struct ua_message *request);
/* It may not, any more. */
void edge_exchange_forget(struct edge *edge, struct edge_exchange *exchange);
/* Returns 1 if it has been sent again with the line's credentials: the phone hears nothing. */
int edge_answer_challenge(struct edge *edge, struct edge_exchange *exchange,
			  const struct ua_message *answer, struct ua_part bytes);

/* ---- client.c, server.c ------------------------------------------------------------------- */

/* Send a client's request to the line's server; of REGISTER the Contact is the line's. Returns 0,
 * or a negative error, and it has been answered. */
int edge_send_up(struct edge *edge, const struct edge_line *line, const struct ua_message *request,
		 struct ua_part bytes);
/* A message of a client; text[count] is zero. */
void edge_from_client(void *user, const char *text, size_t count,
		      const struct failover_target *from);
/* What the wire has for its stack. */
void edge_from_server(struct edge *edge, const struct failover_wire_output *output);

/* How many of its first values of this header are URIs of ours; *user: of the line that the first
 * one is for, or not there. */
uint32_t edge_own_values(const struct edge *edge, const struct ua_message *message,
			 enum ua_raw_name name, struct ua_part *user);
/* Does a request like this set up a dialog? */
int edge_sets_up(const struct ua_message *message);
/* Our Record-Route for a client at this place; `more`: its CSeqs are so much higher outside.
 * Returns 0 or a negative error. */
int edge_record_route(const struct edge *edge, const struct failover_target *client,
		      const char *user, uint32_t more, struct ua_writer *out);
/* The same of the line, for no client in particular. */
int edge_line_contact(const struct edge *edge, const struct edge_line *line,
		      const struct failover_target *peer, struct ua_writer *out);
/* Our Contact for this client of this line, where `peer` is asked to send: a URI. Returns 0 or a
 * negative error. */
int edge_contact(const struct edge *edge, const struct edge_line *line,
		 const struct edge_token *client, const struct failover_target *peer,
		 struct ua_writer *out);
/* Where the answer to a request that went down goes, as our Via has it. Returns 0, or
 * FAILOVER_ERR_ARGUMENT: none of ours. */
int edge_token_of_via(const struct edge *edge, const char *value, struct edge_token *out);
/* Where a client is that sends from there and has this Contact. */
struct failover_target edge_client_at(const struct failover_target *from, const char *uri);

#endif
