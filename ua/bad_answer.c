/* SPDX-License-Identifier: MIT */
/* bad_answer.c - answers that cannot be read (B22d): whose they may be, and telling it. */
#include <stdio.h>
#include <string.h>
#include "net/address.h"
#include "client.h"

#define FIRST_LINE_MAX 128u /* with its end */

/* Its host is told once (B22d). */
static void tell_bad(struct ua_client *client, const char *first_line, const char *why)
{
	const struct failover_host *host = client->ua->host;
	char line[FIRST_LINE_MAX], *at;
	struct failover_bad_answer bad = { .size = sizeof(bad),
					   .line = client->line,
					   .attempt = client->attempt.id,
					   .target = client->attempt.target,
					   .method = client->attempt.method,
					   .first_line = line,
					   .why = why };

	if (client->is_final || client->told_bad || !client->attempt.id)
		return;
	client->told_bad = 1;
	if (!FAILOVER_HOST_HAS(host, bad_answer))
		return;
	snprintf(line, sizeof(line), "%s", first_line);
	for (at = line; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	host->bad_answer(host->ctx, &bad);
}

static void tell_those_by_branch(const struct ua *ua, const struct ua_view *view,
				 const char *method, const char *first_line, const char *why)
{
	struct ua_map_node *node =
		ua_map_find(&ua->clients, ua_client_branch_hash(ua, view->branch, method));

	while (node) {
		struct ua_client *client = UA_CONTAINER(node, struct ua_client, by_branch);

		node = ua_map_again(node);
		if (!strcmp(client->branch, view->branch) &&
		    ua_address_same(&client->attempt.target, &view->source))
			tell_bad(client, first_line, why);
	}
}

void ua_bad_answer(struct ua *ua, const struct ua_view *view, const char *first_line,
		   const char *why)
{
	struct ua_map_node *node;

	if (view->branch) {
		tell_those_by_branch(ua, view, "", first_line, why);
		tell_those_by_branch(ua, view, "CANCEL", first_line, why);
		return;
	}
	node = ua_map_find(&ua->peers, ua_client_peer_hash(ua, &view->source));
	while (node) {
		struct ua_client *client = UA_CONTAINER(node, struct ua_client, by_peer);

		node = ua_map_again(node);
		if (ua_address_same(&client->attempt.target, &view->source))
			tell_bad(client, first_line, why);
	}
}
