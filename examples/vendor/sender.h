/* SPDX-License-Identifier: MIT */
/*
 * sender.h - the phone's own SIP sender, and its three hooks for libfailover. UDP, one line.
 *
 *   sip.c          messages as text             transaction.c  retransmission, responses, late legs
 *   request.c      what each attempt sends      sender.c       descriptor, socket, peers' requests
 *   test.c         for failover-validate
 */
#ifndef SENDER_H
#define SENDER_H

#include <failover/plugin.h>
#include "sip.h"

#define SENDER_NEVER UINT64_MAX
#define SENDER_REGISTRARS 2u
#define SENDER_TARGETS 4u
#define SENDER_CALLS 4u
#define SENDER_TRANSACTIONS 24u
#define SENDER_REGISTRATIONS 4u
#define SENDER_FORKS 4u

/* ---- for the phone ------------------------------------------------------------------------ */

struct sender;

struct sender_account {
	uint32_t line; /* id of failover_line_add() */
	char user[64], domain[64];
	char registrars[SENDER_REGISTRARS][64]; /* host and port of the Request-URIs (B1a) */
	struct failover_target targets[SENDER_TARGETS]; /* requests come from these only */
};

/* What failover_open_params.user points to; NULL: nobody is told. */
struct sender_app {
	void *app;
	void (*ended)(void *app, uint64_t call); /* the other side has hung up */
};

/* The descriptor: handed to failover_stack_open(), there is nothing to load. */
extern const struct failover_plugin sender_plugin;

/* `sender` is failover_stack_instance(). */
void sender_account_set(struct sender *sender, const struct sender_account *account);
/* Prepare a call; its number is the cookie of its INVITE and BYE. 0 = no room. */
uint64_t sender_call(struct sender *sender, const char *user);
int sender_fd(const struct sender *sender);
uint64_t sender_deadline(const struct sender *sender);
/* Packets, ICMP errors and timers. */
void sender_process(struct sender *sender);

/* ---- inside ------------------------------------------------------------------------------- */

struct registration {
	uint32_t dialog; /* failover_attempt.dialog; 0 = free */
	uint32_t cseq;
	uint64_t used_at;
	char call_id[SIP_VALUE], tag[SIP_VALUE];
};

struct call {
	uint64_t number;	    /* 0 = free */
	int up;			    /* answered; then `request` makes its BYE */
	struct sip_request request; /* the INVITE: the same at every target (B7) */
};

/* A client transaction (RFC 3261 17.1): one request at one target. */
struct transaction {
	struct failover_attempt attempt; /* id 0: the sender's own, nothing is reported */
	struct sip_request request;	 /* method NULL = free */
	uint64_t call;
	uint64_t first_at, again_at, end_at;
	uint32_t interval_ms, packets;
	/* INVITE: */
	uint8_t provisional, abandoned, cancelled, final;
	uint32_t forks[SENDER_FORKS], forks_count; /* To tags of the 2xx seen, hashed */
};

struct sender {
	const struct failover_host *host;
	const struct sender_app *app;
	struct sender_account account;
	int fd;
	uint16_t port;
	uint64_t calls_made;
	struct call calls[SENDER_CALLS];
	struct registration registrations[SENDER_REGISTRATIONS];
	struct transaction transactions[SENDER_TRANSACTIONS];
};

static inline uint64_t sender_now(const struct sender *sender)
{
	return sender->host->now(sender->host->ctx);
}

/* test.c */
const void *sender_get_extension(const char *id);

/* sender.c */
int sender_token(const struct sender *sender, const char *prefix, char out[SIP_VALUE]);
struct call *sender_call_find(struct sender *sender, uint64_t number);
/* Our address as this target sees it, "192.0.2.7:5060". Returns 0 or a negative error. */
int sender_local(const struct sender *sender, const struct failover_target *target,
		 char out[SIP_VALUE]);
int sender_write(const struct sender *sender, const struct failover_target *target,
		 const char *text, size_t length);
uint32_t sender_hash(const char *text);

/* request.c */
int request_for_attempt(struct sender *sender, const struct failover_attempt *attempt,
			struct sip_request *out);
/* The request again after a 423: next CSeq, new branch (B4b). */
int request_renew(struct sender *sender, struct transaction *transaction);
/* ACK or BYE inside the dialog that this 2xx made. */
int request_in_dialog(const struct sip_request *invite, const struct sip_message *response,
		      const char *method, struct sip_request *out);

/* transaction.c */
int transaction_start(struct sender *sender, const struct failover_attempt *attempt,
		      const struct sip_request *request);
struct transaction *transaction_of(struct sender *sender, uint64_t attempt);
void transaction_abandon(struct sender *sender, struct transaction *transaction, uint32_t reason);
void transaction_response(struct sender *sender, const struct sip_message *response);
void transaction_unreachable(struct sender *sender, const struct failover_target *target);
void transaction_timers(struct sender *sender);

#endif
