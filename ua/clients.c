/* SPDX-License-Identifier: MIT */
/* clients.c - the tables of clients: by branch, by attempt, by the place that is silent. */
#include <string.h>
#include "client.h"

/* ---- tables ------------------------------------------------------------------------------- */

uint64_t ua_client_branch_hash(const struct ua *ua, const char *branch, const char *method)
{
	return ua_map_hash_text(&ua->clients, branch) + !strcmp(method, "CANCEL");
}

uint64_t ua_client_peer_hash(const struct ua *ua, const struct failover_target *to)
{
	return ua_map_hash(&ua->peers, to->address, sizeof(to->address)) + to->port;
}

/* RFC 3261 17.1.3: branch and CSeq method; Call-ID and CSeq number guard against confusion. */
static int is_response_to(const struct ua_client *client, const struct ua_view *response)
{
	const struct ua_request *request = client->request;

	return !strcmp(client->branch, response->branch) &&
	       !strcmp(request->method, response->method) && request->cseq == response->cseq &&
	       !strcmp(request->call_id, response->call_id);
}

struct ua_client *ua_client_find(const struct ua *ua, const struct ua_view *response)
{
	uint64_t hash = ua_client_branch_hash(ua, response->branch, response->method);
	struct ua_map_node *node;

	for (node = ua_map_find(&ua->clients, hash); node; node = ua_map_again(node)) {
		struct ua_client *client = UA_CONTAINER(node, struct ua_client, by_branch);

		if (is_response_to(client, response))
			return client;
	}
	return NULL;
}

struct ua_client *ua_client_of(const struct ua *ua, uint64_t attempt)
{
	uint64_t hash = ua_map_hash_number(&ua->attempts, attempt);
	struct ua_map_node *node;

	for (node = ua_map_find(&ua->attempts, hash); node; node = ua_map_again(node)) {
		struct ua_client *client = UA_CONTAINER(node, struct ua_client, by_attempt);

		if (client->attempt.id == attempt)
			return client;
	}
	return NULL;
}

void ua_client_set_branch(struct ua_client *client, const char *branch)
{
	struct ua *ua = client->ua;

	strncpy(client->branch, branch, sizeof(client->branch) - 1);
	ua_map_remove(&ua->clients, &client->by_branch);
	ua_map_add(&ua->clients, &client->by_branch,
		   ua_client_branch_hash(ua, client->branch, client->request->method));
}

void ua_client_list(struct ua_client *client)
{
	struct ua *ua = client->ua;

	ua_client_set_branch(client, client->request->branch);
	if (!ua_client_is_reliable(client))
		ua_map_add(&ua->peers, &client->by_peer,
			   ua_client_peer_hash(ua, &client->attempt.target));
	if (client->attempt.id)
		ua_map_add(&ua->attempts, &client->by_attempt,
			   ua_map_hash_number(&ua->attempts, client->attempt.id));
}

struct ua_client *ua_client_waiting(const struct ua *ua, const struct failover_target *at,
				    const struct ua_client *after)
{
	struct ua_map_node *node = after ? ua_map_again(&after->by_peer)
					 : ua_map_find(&ua->peers, ua_client_peer_hash(ua, at));

	for (; node; node = ua_map_again(node)) {
		struct ua_client *client = UA_CONTAINER(node, struct ua_client, by_peer);

		if (ua_address_same(&client->attempt.target, at))
			return client;
	}
	return NULL;
}
