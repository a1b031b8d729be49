/* SPDX-License-Identifier: MIT */
/* undelivered.c - which ICMP errors count (B21b): anybody can send one that quotes nothing, or what
 * every phone sends. Nobody but who has seen the packet knows its branch. */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <string.h>
#include "client.h"
#include "writer.h"
#include "account.h"
#include "ringing.h"

#define BRANCH_PROOF                                                                               \
	(7u + 16u) /* so much of a branch is no guess: the cookie and 64 random bits               \
		    */

enum proof {
	PROOF_NONE, /* it quotes what this client has not sent */
	PROOF_WEAK, /* nothing, or what can be guessed: two errors for two packets are needed */
	PROOF_FULL,
};

static const char *find(const char *text, size_t count, const char *part)
{
	return memmem(text, count, part, strlen(part));
}

static int begins_alike(const char *a, size_t a_count, const char *b, size_t b_count)
{
	return !memcmp(a, b, a_count < b_count ? a_count : b_count);
}

static enum proof proof_of_branch(const struct ua_client *client, const char *quote, size_t count)
{
	size_t length = strlen(client->branch);

	if (!begins_alike(quote, count, client->branch, length))
		return PROOF_NONE;
	return count >= length || count >= BRANCH_PROOF ? PROOF_FULL : PROOF_WEAK;
}

static enum proof proof_of(const struct ua_client *client, const struct ua_icmp *error)
{
	static const char parameter[] = ";branch=";
	const struct ua_request *request = client->request;
	struct ua_writer line;
	enum proof proof = PROOF_NONE;
	const char *branch;

	if (error->is_local)
		return PROOF_FULL;
	branch = find(error->quote, error->quoted, parameter);
	if (branch) {
		branch += sizeof(parameter) - 1;
		return proof_of_branch(client, branch,
				       error->quoted - (size_t)(branch - error->quote));
	}
	ua_writer_open(&line, UA_MESSAGE_MAX);
	ua_writer_add(&line, "%s %s SIP/2.0\r\n", request->method, request->uri);
	if (!ua_writer_error(&line) &&
	    begins_alike(error->quote, error->quoted, line.text, line.length))
		proof = PROOF_WEAK;
	ua_writer_close(&line);
	return proof;
}

/* One that quotes a packet of one client, says of the place what all need to know. */
static int is_proven(const struct ua *ua, const struct ua_icmp *error)
{
	const struct ua_client *client = NULL;

	while ((client = ua_client_waiting(ua, &error->to, client)))
		if (proof_of(client, error) == PROOF_FULL)
			return 1;
	return 0;
}

static int counts(struct ua_client *client, const struct ua_icmp *error)
{
	if (proof_of(client, error) == PROOF_NONE)
		return 0;
	if (client->doubted && client->packets > client->doubted)
		return 1;
	client->doubted = client->packets;
	return 0;
}

/* What ends a leg that nobody waits for can go nowhere else: it is repeated as long as there is
 * time (B7a). */
static int ends_a_leg(const struct ua_client *client)
{
	return !client->is_invite && !client->attempt.id;
}

/* B7a: of an INVITE another packet may have arrived than the one that is quoted. */
static void lost(struct ua_client *client, const struct ua_icmp *error)
{
	if (client->packets <= 1 && proof_of(client, error) == PROOF_FULL)
		ua_client_failed(client, FAILOVER_REASON_ICMP);
	else
		ua_client_lost(client, FAILOVER_REASON_ICMP);
}

/* Returns 1 if anybody waits there. */
static int tell_clients(struct ua *ua, const struct ua_icmp *error)
{
	struct ua_client *client = ua_client_waiting(ua, &error->to, NULL), *next;
	int is_known = 0, all = is_proven(ua, error);

	for (; client; client = next) {
		next = ua_client_waiting(ua, &error->to, client);
		is_known |= all || proof_of(client, error) != PROOF_NONE;
		if (!ends_a_leg(client) && (all || counts(client, error)))
			lost(client, error);
	}
	return is_known;
}

static int is_crlf(const struct ua_icmp *error)
{
	return error->quoted && begins_alike(error->quote, error->quoted, "\r\n\r\n", 4);
}

void ua_undelivered(struct ua *ua, const struct ua_icmp *error)
{
	int crlf = is_crlf(error);

	if (!crlf && tell_clients(ua, error))
		return;
	ua_ringing_quoted(ua, error);
	if (crlf || !error->quoted || error->is_local)
		ua_account_ping_failed(ua, &error->to, crlf || error->is_local);
	else
		ua->counters.forged++;
}
