/* SPDX-License-Identifier: MIT */
/* nat.c - see nat.h. Datagrams only: a connection has one way, and ends with it. */
#include <string.h>
#include "account.h"
#include "hop.h"
#include "nat.h"
#include "raw.h"
#include "value.h"

/* The place that the server has seen us at; 0, or -1 if it does not say. */
static int seen_at(const struct ua_client *client, const struct ua_view *response,
		   struct failover_target *out)
{
	const char *value = response->raw ? ua_raw_first(response->raw, UA_RAW_VIA) : NULL;
	struct ua_part received = { NULL, 0 }, rport = { NULL, 0 };
	struct ua_value_via via;
	uint32_t port = 0;

	if (!value || ua_value_via(value, &via))
		return -1;
	*out = client->request->local;
	(void)ua_value_param(via.params, "received", &received);
	(void)ua_value_param(via.params, "rport", &rport);
	if (received.text && ua_hop_number(received, out))
		return -1;
	if (rport.text && !ua_part_number(rport, UINT16_MAX, &port) && port)
		out->port = (uint16_t)port;
	return received.text || port ? 0 : -1;
}

void ua_nat_heard(struct ua_client *client, const struct ua_view *response)
{
	const struct failover_attempt *attempt = &client->attempt;
	struct ua_account *account = ua_account_find(client->ua, client->line);
	struct failover_target place;
	char from[UA_ADDRESS_TEXT], to[UA_ADDRESS_TEXT];

	if (!account || ua_client_is_reliable(client) || client->elsewhere ||
	    account->flow.transport != FAILOVER_UDP ||
	    !ua_address_same(&account->flow, &attempt->target) || seen_at(client, response, &place))
		return;
	if (attempt->method == FAILOVER_REGISTER) {
		if (response->status >= 200 && response->status < 300)
			account->seen_at = place;
		return;
	}
	if (!account->seen_at.family || ua_address_same(&account->seen_at, &place))
		return;
	ua_log(client->ua, FAILOVER_LOG_INFO, "line %u is seen at %s, and was at %s: it registers",
	       (unsigned)account->line, ua_address_text(&place, to),
	       ua_address_text(&account->seen_at, from));
	account->seen_at = place;
	ua_account_refresh(account);
}
