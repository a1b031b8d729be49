/* SPDX-License-Identifier: MIT */
/*
 * plain.h - a small SIP plugin that does everything right, for the tests of failover-validate; and,
 * when the environment variable FAILOVER_WRONG names a check, one thing wrong that this check must
 * find. Lists instead of tables, a connection for each request: it is no stack to build on.
 *
 *   plain.c          descriptor, hooks, failover.io/1    plain_net.c      sockets
 *   plain_client.c   client transactions                 plain_answer.c   responses to them
 *   plain_request.c  what attempts send                  plain_line.c     lines, digest
 *   plain_call.c     failover.call/1, incoming requests   plain_thread.c   a thread of its own
 */
#ifndef PLAIN_H
#define PLAIN_H

#include <pthread.h>
#include <stdbool.h>
#include <failover/plugin.h>
#include <failover/ext/call.h>
#include <failover/ext/io.h>
#include <failover/ext/line.h>
#include <failover/ext/test.h>
#include <failover/ext/wakeup.h>
#include "../../programs/server/sip.h"
#include "../../ua/net/address.h"
#include "../../ua/net/frame.h"

#define PLAIN_TOKEN 33u
#define PLAIN_URI 256u
#define PLAIN_LIST 8u
#define PLAIN_TEXT 8192u

struct plain_registration {
	uint32_t registrar, dialog, cseq;
	char call_id[PLAIN_TOKEN], tag[PLAIN_TOKEN];
};

struct plain_line {
	struct plain_line *next;
	uint32_t id, registrars, proxies, targets_count, registrations_next;
	char user[PLAIN_URI], name[PLAIN_URI], domain[PLAIN_URI];
	char auth_user[PLAIN_URI], password[PLAIN_URI], realm[PLAIN_URI];
	char hosts[PLAIN_LIST][PLAIN_URI];
	uint32_t ports[PLAIN_LIST];
	struct failover_target targets[PLAIN_LIST];
	struct plain_registration registrations[PLAIN_LIST];
	uint64_t rejected[PLAIN_LIST]; /* requests whose credentials a server has refused (B4b) */
	uint32_t rejected_next;
};

struct plain_call {
	struct plain_call *next;
	uint64_t number, bye_request;
	uint32_t line, local_cseq;
	bool incoming, ringing, up, dead;
	char uri[PLAIN_URI]; /* dialled, then the remote target */
	char call_id[SIP_CALL_ID_MAX], local_tag[SIP_TOKEN_MAX], remote_tag[SIP_TOKEN_MAX];
	char local[PLAIN_URI], remote[PLAIN_URI]; /* From and To without tags */
	char routes[1024], sdp[2048];
	struct failover_target target;
	struct sip_msg invite; /* incoming */
	struct peer source;
	/* Our 2xx, until it is ACKed. */
	struct packet accepted;
	uint64_t again_at, give_up_at, again_ms;
};

/* What one transaction sends; ACK, CANCEL and answers to challenges are made of it. */
struct plain_request {
	const char *method;
	char uri[PLAIN_URI], from[1024], to[1024], call_id[SIP_CALL_ID_MAX];
	char routes[1024], headers[512], credentials[1024], body[2048];
	char branch[SIP_TOKEN_MAX];
	uint32_t cseq;
};

struct plain_client {
	struct plain_client *next;
	struct failover_attempt attempt; /* id 0: the plugin's own, nothing is told */
	struct plain_request request;
	uint64_t call;
	bool invite, dead;
	bool provisional, abandoned, cancelled, answered;
	int final;
	unsigned packets;
	uint64_t first_at, again_at, interval_ms, end_at, cancel_at;
	char text[PLAIN_TEXT];
	size_t length;
	char ack[PLAIN_TEXT], tag[SIP_TOKEN_MAX]; /* of a 2xx */
	/* TCP */
	int fd;
	bool connected;
	struct ua_frame frame;
};

/* An answer that was given, for requests that come again. */
struct plain_served {
	struct plain_served *next;
	char branch[SIP_TOKEN_MAX], method[SIP_TOKEN_MAX];
	struct packet packet;
};

struct plain_thread {
	const struct failover_ext_wakeup *wakeup;
	pthread_t id;
	int epoll, stop;
	bool runs;
};

struct plain {
	const struct failover_host *host;
	const struct failover_ext_call_events *events;
	const char *wrong;
	bool accept_any, in_incoming, was_used;
	int fd;
	struct plain_thread thread;
	uint16_t port;
	uint64_t calls_made, refused_call, idle_at;
	struct plain_line *lines;
	struct plain_client *clients;
	struct plain_call *calls;
	struct plain_served *served;
};

/* ---- plain.c ------------------------------------------------------------------------------ */

/* Is this the thing that is to be done wrong? */
bool plain_wrong(const struct plain *ua, const char *what);
uint64_t plain_now(const struct plain *ua);
void plain_token(const struct plain *ua, char out[PLAIN_TOKEN]);
/* A text from the network; client = whose connection, NULL = UDP. */
void plain_receive(struct plain *ua, const char *text, size_t length, const struct peer *from,
		   struct plain_client *client);

/* ---- plain_net.c -------------------------------------------------------------------------- */

int plain_net_open(struct plain *ua, const struct failover_target *listen);
int plain_net_send(struct plain *ua, const struct failover_target *to, const char *text,
		   size_t length);
int plain_net_connect(struct plain_client *client);
/* Read, connect, and take ICMP errors. */
void plain_net_process(struct plain *ua);
/* "192.0.2.1:5060": where we are, as that target sees it. */
const char *plain_net_local(const struct plain *ua, const struct failover_target *to,
			    char out[UA_ADDRESS_TEXT]);

/* ---- plain_thread.c ----------------------------------------------------------------------- */

/* ERR_UNSUPPORTED: it is wanted, and the host has no failover.wakeup/1. */
int plain_thread_start(struct plain *ua);
void plain_thread_stop(struct plain *ua);

/* ---- plain_client.c ----------------------------------------------------------------------- */

struct plain_client *plain_client_start(struct plain *ua, const struct failover_attempt *attempt,
					const struct plain_request *request, int *error);
struct plain_client *plain_client_of(struct plain *ua, uint64_t attempt);
void plain_client_write(struct plain *ua, const struct plain_client *client, const char *method,
			char *out);
int plain_client_put(struct plain *ua, struct plain_client *client, const char *text);
void plain_client_counted(struct plain *ua, struct plain_client *client);
void plain_client_cancel(struct plain *ua, struct plain_client *client);
int plain_client_stop(struct plain *ua, uint64_t attempt, uint32_t reason);
/* This one is over, and the core is told why. */
void plain_client_lost(struct plain *ua, struct plain_client *client, uint32_t reason);
void plain_client_timers(struct plain *ua);
uint64_t plain_client_deadline(const struct plain *ua);
/* Free what is dead; never from inside a loop over the list. */
void plain_clients_sweep(struct plain *ua);
void plain_clients_free(struct plain *ua);

/* ---- plain_answer.c ----------------------------------------------------------------------- */

void plain_answer(struct plain *ua, struct sip_msg *msg, const char *text);

/* ---- plain_request.c ---------------------------------------------------------------------- */

int plain_request_send(struct plain *ua, const struct failover_attempt *attempt);
/* Credentials for this challenge go into the request; false = it must not be answered. */
bool plain_request_authorize(struct plain *ua, struct plain_client *client, const char *challenge,
			     bool by_proxy);

/* ---- plain_line.c ------------------------------------------------------------------------- */

extern const struct failover_ext_line plain_ext_line;
int plain_line_set(void *inst, const struct failover_line_identity *identity);
int plain_line_targets(void *inst, uint32_t line, const struct failover_target *targets,
		       uint32_t count);
void plain_line_remove(void *inst, uint32_t line);
struct plain_line *plain_line(const struct plain *ua, uint32_t id);
const struct failover_target *plain_line_source(const struct plain_line *line,
						const struct failover_target *from);
struct plain_registration *plain_line_registration(struct plain *ua, struct plain_line *line,
						   const struct failover_attempt *attempt);
void plain_lines_free(struct plain *ua);

/* ---- plain_call.c ------------------------------------------------------------------------- */

extern const struct failover_ext_call plain_ext_call;
int plain_call_new(void *inst, uint32_t line, const char *uri, const char *sdp, uint64_t *number);
void plain_call_free(void *inst, uint64_t number);
struct plain_call *plain_call(const struct plain *ua, uint64_t number);
void plain_call_established(struct plain *ua, struct plain_call *call,
			    const struct plain_client *client, const struct sip_msg *msg);
void plain_call_dialog(struct plain_call *call, const struct plain_client *client,
		       const struct sip_msg *msg);
void plain_calls_drop(struct plain *ua, uint32_t line);
void plain_calls_sweep(struct plain *ua, bool all);
void plain_call_timers(struct plain *ua);
uint64_t plain_call_deadline(const struct plain *ua);
void plain_incoming(struct plain *ua, struct sip_msg *msg, const struct peer *from);

#endif
