/* SPDX-License-Identifier: MIT */
/*
 * plans.h - libfailover-wire between a stack of RFC 3261 and servers that fail, on a clock that is
 * a number. All of it comes from one seed: the same seed is the same run, to the byte.
 *
 *   plan.c      what a seed makes happen       network.c  packets: lost, doubled, late, refused
 *   stack.c     the stack's client side        server.c   registrars and callees
 *   peer.c      its server side                caller.c   calls from there, and their BYE
 *   oracle.c    what must hold                 text.c     messages
 */
#ifndef WIRE_PLANS_H
#define WIRE_PLANS_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <failover/wire.h>

#define SERVERS 3u
#define LINES 3u
#define TEXT 2600u
#define QUEUE 1024u
#define TRANSACTIONS 160u
#define SERVED 400u
#define HELD 64u
#define CALLS 24u
#define FORKS 16u
#define BRANCHES 1024u
#define T1 500u
#define T2 4000u
#define LIFE 32000u /* 64*T1 */

/* ---- text.c ------------------------------------------------------------------------------- */

struct head {
	uint32_t status, cseq; /* status 0: a request */
	char method[16];       /* of a response: that of its CSeq */
	char via[160], below[240]; /* the topmost Via; lines of the others */
	char branch[96], call_id[48], from_tag[40], to_tag[40], contact[80], route[120];
	unsigned vias; /* lines */
	int has_credentials;
	unsigned nonce; /* of its credentials or challenge: the server whose it is, from 1 on */
};

void head_read(struct head *head, const char *text);
/* The line of this user: its place in sim->line. Users are 1001, 1011, 1021. */
uint32_t line_of_user(const char *text, const char *before);
/* All lines of Via, with their ends. */
void copy_vias(const char *text, char *out, size_t size);
/* The line of this header, with its end, or "". `name` is "\r\nName: ". */
void copy_line(const char *text, const char *name, char *out, size_t size);

/* ---- stack -------------------------------------------------------------------------------- */

enum { DIALOG_NONE, DIALOG_EARLY, DIALOG_UP, DIALOG_ENDED };

/* What the stack knows of a dialog of a call. */
struct dialog {
	int state;
	char remote_tag[40], contact[80], route[120];
};

struct call {
	char call_id[48], tag[40], remote[60];
	int is_incoming;
	uint32_t line; /* its place in sim->line */
	uint32_t cseq, invite; /* of the last INVITE outside a dialog: its place + 1 */
	struct dialog dialogs[FORKS];
	/* Incoming: */
	char text[TEXT], last[TEXT]; /* its INVITE, and our last response */
	struct failover_target peer;
	uint64_t answer_at, again_at, give_up_at, interval;
	uint32_t status, will_answer;
};

enum { CALLING, PROCEEDING, COMPLETED };

struct transaction {
	int state, is_fork;
	char method[16], branch[96], text[TEXT];
	struct head sent;
	uint64_t again_at, end_at, interval, cancel_at;
	uint32_t line, call, rounds, status, finals; /* call: place + 1 */
	char tags[FORKS][40];		       /* of its 2xx */
	uint64_t started_at, ended_at;
};

/* ---- servers ------------------------------------------------------------------------------ */

enum mode { ALIVE, DEAD, REFUSING };

struct reply {
	uint32_t after_ms, status, fork; /* status 0: no more */
};

struct server {
	struct failover_target at;
	enum mode mode;
	int is_mute;			     /* hears, and its answers are lost */
	uint32_t slow_ms;		     /* its answers are so late */
	uint32_t registers, invites, others; /* what it says */
	int wants;			     /* credentials */
	uint64_t good_since;		     /* UINT64_MAX = it is not good */
	uint64_t fifo[2];		     /* of a connection: when the last packet comes */
	uint32_t flow;			     /* of a connection: the number of this one */
};

/* A request at a server, or one that a server sends. */
struct served {
	uint32_t server, status, next, call_tag;
	int is_ours; /* the server has sent it */
	char branch[96], method[16], request[TEXT], last[TEXT];
	struct head head;
	struct reply replies[5];
	uint64_t at, interval, end_at, sent_at;
};

/* A dialog at a server. */
struct held {
	uint32_t server, served; /* served: place of its INVITE */
	char call_id[48], tag[40], device_tag[40];
	int is_up, is_acked, is_incoming, was_hung_up, is_by_wire;
	uint64_t since, heard_at; /* heard_at: the device has its 2xx */
	uint32_t line;		  /* whose call it is: a place in sim->line */
	int is_told;		  /* the stack has heard that its BYE has failed */
	uint32_t cseq;
};

/* ---- everything --------------------------------------------------------------------------- */

struct sim;

struct event {
	uint64_t at, number;
	void (*fire)(struct sim *sim, struct event *event);
	char *text; /* freed afterwards */
	uint32_t what, flow;
};

struct branch {
	uint64_t key, bytes, at;
	uint32_t server;
};

/* What else there is in a world; each seed has another one then. */
enum kind {
	KIND_PLAIN,
	KIND_VIAS,	  /* the stack is a proxy: requests of others go through it, too */
	KIND_LINES,	  /* three of them share the servers */
	KIND_NO_PASSWORD, /* the stack has it, and answers what REGISTER is challenged for */
};

struct sim {
	enum kind kind;
	uint64_t seed, random, host_random, now, numbers, hash;
	int trace;
	char failure[400];
	struct failover_engine *engine;
	struct failover_wire *wire;
	uint32_t line[LINES], lines;
	uint32_t current; /* whose turn it is: a place in `line` */
	/* The world of this seed. */
	uint32_t servers, transport;
	int is_shared, is_proxies, does_record_route, does_merge;
	uint32_t keeps_alive; /* 1 = an OPTIONS may be under way at any time */
	const char *domain;
	uint32_t loss, doubles, jitter_ms, invites_most;
	uint64_t lossless_since;
	uint64_t allowed_since; /* no server says 403 to REGISTER; UINT64_MAX = one does */
	uint64_t released_at; /* the stack has ended the registration, last */
	struct server server[SERVERS];
	uint32_t queued, transactions, calls, served_count, held_count, branches;
	const char *delivered; /* by the network, just now */
	uint32_t delivered_from;
	char responded[TEXT]; /* by the stack, last */
	uint32_t register_cseq, contact;
	uint64_t messages;
	/* What follows is set when it is counted. */
	struct event queue[QUEUE];
	struct transaction transaction[TRANSACTIONS];
	struct call call[CALLS];
	struct served served[SERVED];
	struct held held[HELD];
	struct branch branch[BRANCHES];
};

/* ---- plan.c ------------------------------------------------------------------------------- */

/* Returns 0, or -1 with the reason in sim->failure. */
int plan_run(struct sim *sim, uint64_t seed);
uint32_t draw(struct sim *sim, uint32_t most);
int chance(struct sim *sim, uint32_t percent);
__attribute__((format(printf, 2, 3))) void fail(struct sim *sim, const char *format, ...);
__attribute__((format(printf, 2, 3))) void trace(struct sim *sim, const char *format, ...);

/* ---- network.c ---------------------------------------------------------------------------- */

/* `fire` is called then; `text` is copied, and may be NULL. */
void at(struct sim *sim, uint64_t when, void (*fire)(struct sim *sim, struct event *event),
	uint32_t what, const char *text);
void network_run(struct sim *sim, uint64_t until);
void network_clear(struct sim *sim);
void network_drain(struct sim *sim);
void network_up(struct sim *sim, uint32_t server, const char *text);
/* A server's connection with the device ends. */
void network_reset(struct sim *sim, uint32_t server);

/* ---- stack.c, peer.c ---------------------------------------------------------------------- */

void stack_hear(struct sim *sim, const char *text, const struct failover_target *peer);
void stack_register(struct sim *sim, uint32_t expires_s);
void stack_call(struct sim *sim);
void stack_cancel(struct sim *sim, uint32_t transaction);
/* In a dialog of this call, which may be early; `method` may be BYE. */
void stack_in_dialog(struct sim *sim, struct call *call, struct dialog *dialog, const char *method);
void stack_outside(struct sim *sim, const char *method);
struct dialog *dialog_of(struct call *call, const char *tag, int make);
void peer_hear(struct sim *sim, const char *text, const struct failover_target *peer);

/* ---- server.c, caller.c ------------------------------------------------------------------- */

void server_hear(struct sim *sim, uint32_t server, const char *text);
/* All goes well from now on, or something else does not. */
void server_note_good(struct sim *sim, uint32_t server);
struct held *held_find(struct sim *sim, const char *call_id, const char *tag);
void server_gives_up(struct sim *sim, struct event *event);
void caller_call(struct sim *sim, uint32_t server);
/* Something in a dialog that the server holds. */
void caller_in_dialog(struct sim *sim, struct held *held, const char *method);
void caller_hear(struct sim *sim, uint32_t server, const char *text, const struct head *head);
void caller_ends(struct sim *sim);
struct served *served_add(struct sim *sim, uint32_t server, const char *text);

/* ---- oracle.c ----------------------------------------------------------------------------- */

void oracle_leaves(struct sim *sim, uint32_t server, const char *text, const struct head *head);
void oracle_answer(struct sim *sim, struct transaction *transaction, const char *text,
		   const struct head *head);
/* When this request of the device has left first. */
uint64_t oracle_sent_at(const struct sim *sim, const struct head *head);
void oracle_end(struct sim *sim);
int is_good_since(const struct sim *sim, uint32_t server, uint64_t since);

#endif
