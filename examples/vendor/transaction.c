/* SPDX-License-Identifier: MIT */
/*
 * transaction.c - the sender's client transactions: retransmission (RFC 3261 17.1), the limit of
 * transmissions (B3a), and INVITEs that the core has left behind (B7a, B7b). That nobody answered
 * in time is the core's to say: timers here only end packets.
 */
#include <stdio.h>
#include <string.h>
#include "sender.h"

#define T1_64(transaction) (64u * (transaction)->attempt.t1_ms)
#define EXPIRES_MAX_S 604800u
#define RETRY_AFTER_MAX_S 86400u

static int is_invite(const struct transaction *transaction)
{
	return transaction->request.method && !strcmp(transaction->request.method, "INVITE");
}

static void forget(struct transaction *transaction)
{
	memset(transaction, 0, sizeof(*transaction));
}

struct transaction *transaction_of(struct sender *sender, uint64_t attempt)
{
	struct transaction *at = sender->transactions;

	for (; attempt && at < sender->transactions + SENDER_TRANSACTIONS; at++)
		if (at->request.method && at->attempt.id == attempt)
			return at;
	return NULL;
}

/* ---- sending ------------------------------------------------------------------------------ */

static int write_request(struct sender *sender, const struct failover_target *target,
			 const struct sip_request *request)
{
	char text[SIP_TEXT];
	int length = sip_request_text(request, text, sizeof(text));

	return length < 0 ? FAILOVER_ERR_FULL : sender_write(sender, target, text, (size_t)length);
}

/* One packet; then timer A or E, unless that was the last one wanted. */
static int transmit(struct sender *sender, struct transaction *at)
{
	uint64_t now = sender_now(sender);
	int error = write_request(sender, &at->attempt.target, &at->request);

	if (error)
		return error;
	at->packets++;
	if (at->attempt.id)
		sender->host->sent(sender->host->ctx, at->attempt.id);
	at->again_at = at->attempt.transmissions && at->packets >= at->attempt.transmissions
			       ? SENDER_NEVER
			       : now + at->interval_ms;
	at->interval_ms *= 2;
	if (!is_invite(at) && at->interval_ms > at->attempt.t2_ms)
		at->interval_ms = at->attempt.t2_ms;
	return FAILOVER_OK;
}

static int begin(struct sender *sender, struct transaction *at)
{
	at->first_at = sender_now(sender);
	at->end_at = at->first_at + T1_64(at);
	at->interval_ms = at->attempt.t1_ms;
	at->packets = 0;
	return transmit(sender, at);
}

int transaction_start(struct sender *sender, const struct failover_attempt *attempt,
		      const struct sip_request *request)
{
	struct transaction *at = sender->transactions;
	int error;

	while (at->request.method)
		if (++at == sender->transactions + SENDER_TRANSACTIONS)
			return FAILOVER_ERR_FULL;
	at->attempt = *attempt;
	at->request = *request;
	at->call = attempt->cookie;
	error = begin(sender, at);
	if (error)
		forget(at);
	return error;
}

/* A request that the core does not know of: it tidies up after an INVITE. */
static void start_own(struct sender *sender, const struct transaction *invite,
		      const struct sip_request *request)
{
	struct failover_attempt attempt = { .size = sizeof(attempt),
					    .target = invite->attempt.target,
					    .t1_ms = invite->attempt.t1_ms,
					    .t2_ms = invite->attempt.t2_ms };

	(void)transaction_start(sender, &attempt, request);
}

/* RFC 3261 9.1: the server has 64*T1 for the 487. */
static void cancel(struct sender *sender, struct transaction *invite)
{
	struct sip_request request = invite->request;

	invite->cancelled = 1;
	invite->end_at = sender_now(sender) + T1_64(invite);
	request.method = "CANCEL";
	request.body[0] = request.contact[0] = '\0';
	start_own(sender, invite, &request);
}

/* Hook `timeout`. An INVITE may have been heard although nobody answered: it stays, silent, so
 * that its late answers are seen (B7a). All else ends here, at once. */
void transaction_abandon(struct sender *sender, struct transaction *at, uint32_t reason)
{
	if (!is_invite(at)) {
		forget(at);
		return;
	}
	if (at->final)
		return;
	at->abandoned = 1;
	at->again_at = SENDER_NEVER;
	at->end_at = at->first_at + T1_64(at);
	if (!at->provisional || at->cancelled)
		return;
	if (reason == FAILOVER_ABANDON_GIVEN_UP) { /* a CANCEL attempt of the core's follows */
		at->cancelled = 1;
		at->end_at = sender_now(sender) + T1_64(at);
		return;
	}
	cancel(sender, at);
}

/* ---- responses ---------------------------------------------------------------------------- */

/* RFC 3261 10.2.4: our own binding's time counts, then the Expires header, then what was asked. */
static uint32_t granted(const struct transaction *at, const struct sip_message *response)
{
	char value[SIP_VALUE], number[16];
	unsigned n, seconds;

	for (n = 0; n < 32 && sip_value(response, "Contact", n, value, sizeof(value)); n++)
		if (strstr(value, at->request.contact) &&
		    sip_param(value, "expires", number, sizeof(number)) &&
		    sscanf(number, "%9u", &seconds) == 1)
			return seconds < EXPIRES_MAX_S ? seconds : EXPIRES_MAX_S;
	seconds = sip_number(response, "Expires", EXPIRES_MAX_S);
	return seconds ? seconds : at->attempt.expires_s;
}

static uint32_t report(struct sender *sender, const struct failover_attempt *attempt,
		       const struct failover_answer *answer)
{
	if (!attempt->id)
		return FAILOVER_VERDICT_KEEP;
	return sender->host->response(sender->host->ctx, attempt->id, answer);
}

static void provisional(struct sender *sender, struct transaction *at, uint32_t status)
{
	const struct failover_answer answer = { .size = sizeof(answer), .status = status };
	uint32_t verdict = report(sender, &at->attempt, &answer);

	at->attempt.transmissions = 0; /* the limit is for silence (B4a) */
	at->provisional = 1;
	if (!is_invite(at)) {
		at->interval_ms = at->attempt.t2_ms; /* RFC 3261 17.1.2.2 */
		at->again_at = sender_now(sender) + at->interval_ms;
		return;
	}
	at->again_at = SENDER_NEVER;
	if (!at->abandoned && !at->cancelled)
		at->end_at = SENDER_NEVER; /* it rings for as long as it rings */
	if (verdict == FAILOVER_VERDICT_LATE && !at->cancelled)
		cancel(sender, at);
}

/* 423, answered inside the attempt (B4b). Digest goes the same way: on a 401 or 407 that can be
 * answered report it with retrying = 1, then send again with credentials. */
static int goes_on(struct sender *sender, struct transaction *at, struct failover_answer *answer)
{
	uint64_t id = at->attempt.id;
	int error;

	if (answer->status != 423 || at->attempt.method != FAILOVER_REGISTER ||
	    !at->attempt.expires_s || answer->min_expires_s <= at->attempt.expires_s)
		return 0;
	answer->retrying = 1;
	if (report(sender, &at->attempt, answer) != FAILOVER_VERDICT_KEEP) {
		forget(at);
		return 1;
	}
	at->attempt.expires_s = at->request.expires_s = answer->min_expires_s;
	error = request_renew(sender, at);
	if (!error)
		error = begin(sender, at);
	if (error) {
		forget(at);
		sender->host->unreachable(sender->host->ctx, id,
					  error == FAILOVER_ERR_IO ? FAILOVER_REASON_ICMP
								   : FAILOVER_REASON_LOCAL);
	}
	return 1;
}

/* RFC 3261 17.1.1.3: the ACK of a 3xx-6xx belongs to the INVITE's transaction. */
static void acknowledge_failure(struct sender *sender, const struct transaction *at,
				const struct sip_message *response)
{
	struct sip_request ack = at->request;

	ack.method = "ACK";
	ack.body[0] = ack.contact[0] = '\0';
	memcpy(ack.to, response->to, sizeof(ack.to));
	(void)write_request(sender, &at->attempt.target, &ack);
}

static void final(struct sender *sender, struct transaction *at, const struct sip_message *response)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = response->status };
	struct failover_attempt attempt = at->attempt;

	if (answer.status == 503)
		answer.retry_after_s = sip_number(response, "Retry-After", RETRY_AFTER_MAX_S);
	if (answer.status == 423)
		answer.min_expires_s = sip_number(response, "Min-Expires", EXPIRES_MAX_S);
	if (attempt.method == FAILOVER_REGISTER && answer.status / 100 == 2)
		answer.expires_s = granted(at, response);
	if (goes_on(sender, at, &answer))
		return;
	if (is_invite(at)) {
		acknowledge_failure(sender, at, response);
		at->final = 1;
		at->again_at = SENDER_NEVER;
		at->end_at = sender_now(sender) + T1_64(at); /* timer D */
	} else {
		forget(at); /* what comes again belongs to nobody, and is harmless */
	}
	(void)report(sender, &attempt, &answer);
}

/* ---- 2xx to INVITE ------------------------------------------------------------------------ */

/* Is this 2xx of a callee that has answered before? If not, remember it (forking, RFC
 * 3261 13.2.2.4). */
static int knows(struct transaction *at, const char *to)
{
	uint32_t mark = sender_hash(to), i;

	for (i = 0; i < at->forks_count; i++)
		if (at->forks[i] == mark)
			return 1;
	if (at->forks_count == SENDER_FORKS)
		return 1;
	at->forks[at->forks_count++] = mark;
	return 0;
}

/* Nobody wants this call: end it, so that no ghost call stays (B7a). */
static void hang_up(struct sender *sender, const struct transaction *at, struct sip_request *bye)
{
	if (!sender_token(sender, "z9hG4bK", bye->branch))
		start_own(sender, at, bye);
}

static void success(struct sender *sender, struct transaction *at,
		    const struct sip_message *response)
{
	const struct failover_answer answer = { .size = sizeof(answer),
						.status = response->status };
	struct call *call = sender_call_find(sender, at->call);
	int is_new = !knows(at, response->to);
	struct sip_request ack, bye;

	at->final = 1;
	at->again_at = SENDER_NEVER;
	at->end_at = sender_now(sender) + T1_64(at); /* as long as the 2xx may come again */
	if (request_in_dialog(&at->request, response, "ACK", &ack) ||
	    request_in_dialog(&at->request, response, "BYE", &bye))
		return; /* not a dialog that can be used; the callee gives it up without ACK */
	if (is_new && report(sender, &at->attempt, &answer) == FAILOVER_VERDICT_KEEP && call &&
	    !call->up) {
		call->up = 1; /* also when an older target answers: it is adopted (B7b) */
		call->request = bye;
		is_new = 0;
	}
	(void)write_request(sender, &at->attempt.target, &ack);
	if (is_new)
		hang_up(sender, at, &bye);
}

void transaction_response(struct sender *sender, const struct sip_message *response)
{
	struct transaction *at = sender->transactions;

	for (; at < sender->transactions + SENDER_TRANSACTIONS; at++)
		if (at->request.method && !strcmp(at->request.branch, response->branch) &&
		    !strcmp(at->request.method, response->method))
			break;
	if (at == sender->transactions + SENDER_TRANSACTIONS)
		return; /* late, of a transaction that has ended (B7c); or no answer to us */
	if (is_invite(at) && response->status / 100 == 2)
		success(sender, at, response);
	else if (at->final && !at->forks_count && response->status >= 300)
		acknowledge_failure(sender, at, response);
	else if (!at->final && response->status < 200)
		provisional(sender, at, response->status);
	else if (!at->final)
		final(sender, at, response);
}

/* ---- ICMP and time ------------------------------------------------------------------------ */

void transaction_unreachable(struct sender *sender, const struct failover_target *target)
{
	struct transaction *at = sender->transactions;

	for (; at < sender->transactions + SENDER_TRANSACTIONS; at++) {
		uint64_t id = at->attempt.id;

		if (!at->request.method || at->provisional || at->final || at->abandoned ||
		    at->attempt.target.port != target->port ||
		    memcmp(at->attempt.target.address, target->address, 4))
			continue;
		forget(at);
		if (id)
			sender->host->unreachable(sender->host->ctx, id, FAILOVER_REASON_ICMP);
	}
}

void transaction_timers(struct sender *sender)
{
	struct transaction *at = sender->transactions;
	uint64_t now = sender_now(sender);

	for (; at < sender->transactions + SENDER_TRANSACTIONS; at++) {
		uint64_t id = at->attempt.id;

		if (!at->request.method)
			continue;
		if (now >= at->end_at) {
			forget(at);
		} else if (now >= at->again_at && transmit(sender, at)) {
			forget(at);
			if (id)
				sender->host->unreachable(sender->host->ctx, id,
							  FAILOVER_REASON_ICMP);
		}
	}
}
