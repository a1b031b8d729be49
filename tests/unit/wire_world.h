/* SPDX-License-Identifier: MIT */
/*
 * wire_world.h - libfailover-wire between a stack and two servers, on a clock that is a number. The
 * stack is as small as RFC 3261 allows: client transactions with timers A, B, E and F, and a user
 * agent core that ACKs each 2xx. Everything is bytes.
 */
#ifndef WIRE_WORLD_H
#define WIRE_WORLD_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <failover/wire.h>
#include "tap_main.h"

#define TEXT 6000u
#define SERVERS 2u
#define TRANSACTIONS 128u
#define PACKETS 512u
#define DIALOGS 64u
#define DELAY_MS 10u
#define REPLIES 4u
#define PRIMARY 0
#define BACKUP 1

struct reply {
	uint32_t status, after_ms; /* status 0: no more */
};

/* What a server does with a method; without one it answers 200. */
struct script {
	const char *method;
	struct reply replies[REPLIES];
};

struct served {
	char branch[160], method[16], request[TEXT], last[TEXT];
	uint32_t status, next; /* of the script */
	uint64_t at, interval; /* of the next reply, or of the 2xx again; 0 = none */
	int acked, is_used;
};

struct held {
	char call_id[80], tag[40];
	uint64_t since;
	int is_up, is_acked;
	int was_hung_up; /* a BYE for it has left, whatever became of that */
};

struct server {
	struct failover_target at;
	int is_silent, is_icmp, does_record_route;
	const char *wants; /* "" or a realm: 401 to REGISTER, 407 to others without credentials */
	const char *extra; /* header lines of each 2xx to REGISTER */
	const char *gruu;  /* behind its Contact */
	struct script scripts[6];
	struct served served[TRANSACTIONS];
	struct held held[DIALOGS];
	unsigned packets, tags;
	char last[TEXT]; /* the last request that has come */
};

struct packet {
	uint64_t at;
	int server, is_up, is_icmp; /* is_up: to the device */
	char *text;
};

enum state { FREE, CALLING, PROCEEDING, COMPLETED };

struct transaction {
	enum state state;
	char method[16], branch[80], text[TEXT], answer[TEXT];
	uint64_t again_at, end_at, interval;
	uint32_t status; /* of the final answer */
	unsigned finals, provisionals;
	int is_first_invite;
};

/* What the stack knows of a call. */
struct call {
	char call_id[80], tag[40], remote_tag[40], contact[160], route[200];
	uint32_t cseq, is_up;
};

struct world {
	struct failover_engine *engine;
	struct failover_wire *wire;
	uint32_t line;
	uint64_t now;
	struct server server[SERVERS];
	struct packet packets[PACKETS];
	struct transaction transaction[TRANSACTIONS];
	struct call call;
	unsigned timeouts;  /* of the stack's own timers: always 0 */
	unsigned strangers; /* answers that no transaction of the stack waits for */
	unsigned requests_up, moves, retransmits;
	unsigned numbers;
	int is_line_gone, is_without_password;
	int is_shared;	    /* both servers know all dialogs (S 1.1) */
	unsigned loss;	    /* percent of packets */
	uint32_t generator; /* of the loss; a plan has its own */
	const char *domain; /* in what the stack writes */
	const char *callee; /* whom it calls; NULL = 1002 there */
	char up[TEXT];	    /* the last request of a peer that the stack has got */
	struct failover_target up_peer;
	char sent[TEXT]; /* the last packet to the network */
	struct failover_target sent_to;
};

/* Two servers that are registrars of their own; the line is not registered yet. */
void world_open(struct world *world);
/* The same; no domain is configured, and the stack writes the address of the primary (B23). */
void world_open_without_domain(struct world *world);
/* The same, and the backup has this name in the configuration. */
void world_open_with_backup(struct world *world, const char *name);
/* The first again; the library has no password. */
void world_open_without_password(struct world *world);
/* And both servers are reached by TCP. */
void world_open_tcp(struct world *world);
void world_close(struct world *world);
/* Let the time pass, and everything happen. */
void world_run(struct world *world, uint64_t ms);
/* The stack registers, and hears 200. */
void world_register(struct world *world);
/* The stack has a call up through the serving server. */
void world_call(struct world *world);
/* What a server does from now on. */
void world_script(struct world *world, int server, struct script script);
/* How many new transactions of this method it has seen. */
unsigned world_seen(const struct world *world, int server, const char *method);
/* When the first of them came; 0 = never. */
const char *world_request(const struct world *world, int server, const char *method);
/* Dialogs that are up at a server; and those that the stack knows nothing of. */
unsigned world_up(const struct world *world, int server);
unsigned world_ghosts(const struct world *world);

/* The stack sends a request: in the call if `in_dialog`, else to 1002 with a Call-ID of its own (an
 * INVITE is the call). `lines` is added to its header. */
struct transaction *stack_request(struct world *world, const char *method, int in_dialog,
				  const char *lines);
/* It sends these bytes, and runs a transaction for them. */
struct transaction *stack_send(struct world *world, const char *method, const char *text);
void stack_cancel(struct world *world, const struct transaction *invite);
/* It answers the request that has come last. */
void stack_reply(struct world *world, uint32_t status);
/* A number of this generator. */
uint32_t world_random(uint32_t *generator);
/* A server sends bytes to the device. */
void server_send(struct world *world, int server, const char *text);
/* The value between these in a text; "" = not there. */
char *part_of(const char *text, const char *after, const char *end, char *out, size_t size);

struct failover_wire_statistics world_numbers(const struct world *world);
/* After all that: the line's call works, and in the end nothing is kept. */
void world_check_and_close(struct world *world);

#endif
