/* SPDX-License-Identifier: MIT */
/* client.c - the life of client transactions: tables, timers, limits. Intervals come with the
 * attempt, and the N+1st packet never leaves (B3a). */
#include <stdlib.h>
#include <string.h>
#include "account.h"
#include "answer.h"
#include "auth.h"
#include "client.h"
#include "contact.h"
#include "overload.h"
#include "send.h"

#define CONNECT_MARGIN_MS 5u
#define DATAGRAM_LONG 1300

/* ---- life --------------------------------------------------------------------------------- */

void ua_client_detach(struct ua_client *client)
{
	ua_map_remove(&client->ua->attempts, &client->by_attempt);
	client->attempt.id = 0;
}

int ua_client_free(struct ua_client *client)
{
	struct ua *ua = client->ua;
	int answer = ua->stack->stop ? ua->stack->stop(client) : FAILOVER_OK;
	size_t i;

	ua_map_remove(&ua->clients, &client->by_branch);
	ua_map_remove(&ua->attempts, &client->by_attempt);
	ua_map_remove(&ua->peers, &client->by_peer);
	ua_timer_stop(&ua->timers, &client->retransmit);
	ua_timer_stop(&ua->timers, &client->end);
	ua_timers_clear(&ua->timers, 2);
	for (i = 0; i < UA_LEG_FORKS_MAX; i++)
		free(client->acks[i]);
	free(client->request);
	free(client);
	return answer;
}

void ua_clients_free(struct ua *ua)
{
	struct ua_map_node *node = ua_map_walk(&ua->clients, NULL), *next;

	for (; node; node = next) {
		next = ua_map_walk(&ua->clients, node);
		(void)ua_client_free(UA_CONTAINER(node, struct ua_client, by_branch));
	}
}

int ua_client_answered(const struct ua_client *client, uint64_t credentials)
{
	size_t i;

	for (i = 0; i < UA_ANSWERED_MAX; i++)
		if (client->answered[i] == credentials)
			return 1;
	return 0;
}

void ua_client_set_answered(struct ua_client *client, uint64_t credentials)
{
	size_t i;

	for (i = 0; i + 1 < UA_ANSWERED_MAX && client->answered[i]; i++)
		if (client->answered[i] == credentials)
			return;
	client->answered[i] = credentials;
}

uint64_t ua_client_life_ms(const struct ua_client *client)
{
	return (uint64_t)UA_64T1 * client->attempt.t1_ms;
}

/* ---- sending ------------------------------------------------------------------------------ */

void ua_client_sent(struct ua_client *client)
{
	struct ua *ua = client->ua;

	if (!client->packets++)
		client->first_at = ua_now(ua);
	if (client->attempt.id && ua->host->sent && !client->elsewhere)
		ua->host->sent(ua->host->ctx, client->attempt.id);
}

int ua_client_put(struct ua_client *client, const char *text, size_t length)
{
	struct ua *ua = client->ua;
	int error = ua->stack->put ? ua->stack->put(client, text, length)
				   : ua->stack->send(ua, &client->attempt.target, text, length);

	if (!error)
		ua->counters.sent++;
	return error;
}

/* Are the packets of this one counted and repeated here? On a connection nothing is repeated: RFC
 * 3261 17.1.1.2, 17.1.2.2. */
static int has_our_timers(const struct ua_client *client)
{
	return !ua_client_is_reliable(client) && !client->stack_timers && client->ua->stack->again;
}

/* ---- bad news ----------------------------------------------------------------------------- */

/* The first Route or the Contact does not answer, or cannot be reached: on to the core's target. */
static void go_straight(struct ua_client *client)
{
	const struct failover_host *host = client->ua->host;
	uint64_t id = client->attempt.id;
	int error;

	client->waits = 0;
	client->heir = id;
	error = ua_send_straight(client);
	if (error && id) {
		ua_client_detach(client);
		host->unreachable(host->ctx, id, ua_reason_of(error));
	}
}

void ua_client_failed(struct ua_client *client, uint32_t reason)
{
	const struct failover_host *host = client->ua->host;
	uint64_t id;

	if (client->waits)
		go_straight(client);
	id = client->attempt.id;
	(void)ua_client_free(client);
	if (id)
		host->unreachable(host->ctx, id, reason);
}

/* RFC 3261 18.1.1: TCP that was chosen for the length only, and is refused, gives way to UDP. */
static int goes_by_udp(struct ua_client *client, uint32_t reason)
{
	if (!client->by_size || client->packets ||
	    (reason != FAILOVER_REASON_REFUSED && reason != FAILOVER_REASON_RESET))
		return 0;
	client->no_tcp = 1;
	if (ua_send_by_udp(client)) {
		ua_client_failed(client, reason);
		return 1;
	}
	(void)ua_client_free(client); /* its attempt is another one's now */
	return 1;
}

/* The new transaction has the attempt. An INVITE that has left may be answered yet (B7a). */
int ua_client_once_more(struct ua_client *client)
{
	if (client->is_final || client->is_resent || client->elsewhere ||
	    client->attempt.method == FAILOVER_CANCEL || ua_send_once_more(client))
		return FAILOVER_ERR_STATE;
	if (!client->is_invite || !client->packets) {
		(void)ua_client_free(client);
		return FAILOVER_OK;
	}
	(void)ua_leg_abandon(&client->leg, FAILOVER_ABANDON_UNAVAILABLE);
	ua_client_keep_for(client, ua_client_life_ms(client));
	return FAILOVER_OK;
}

/* No more packets of it; and what is heard of its target does not concern it. */
static void fall_silent(struct ua_client *client)
{
	struct ua *ua = client->ua;

	ua_timer_stop(&ua->timers, &client->retransmit);
	ua_map_remove(&ua->peers, &client->by_peer);
	if (client->stack_timers && ua->stack->quiet)
		ua->stack->quiet(client);
}

/* An INVITE that has left may be answered yet (B7a), on another connection too. */
void ua_client_lost(struct ua_client *client, uint32_t reason)
{
	const struct failover_host *host = client->ua->host;

	if (client->is_final || goes_by_udp(client, reason))
		return;
	if (!client->is_invite || !client->packets || client->waits) {
		ua_client_failed(client, reason);
		return;
	}
	fall_silent(client);
	if (!client->end.place)
		ua_client_keep_for(client, ua_client_life_ms(client));
	if (client->attempt.id && !client->leg.abandoned)
		host->unreachable(host->ctx, client->attempt.id, reason);
}

/* ---- timers ------------------------------------------------------------------------------- */

void ua_client_keep_for(struct ua_client *client, uint64_t ms)
{
	ua_timer_set(&client->ua->timers, &client->end, ua_now(client->ua) + ms);
}

static void set_retransmit(struct ua_client *client, uint64_t from)
{
	const struct failover_attempt *attempt = &client->attempt;

	if (!has_our_timers(client))
		return;
	if (attempt->transmissions && client->packets >= attempt->transmissions)
		return;
	ua_timer_set(&client->ua->timers, &client->retransmit, from + client->interval_ms);
	client->interval_ms *= 2;
	if (!client->is_invite && client->interval_ms > attempt->t2_ms)
		client->interval_ms = attempt->t2_ms;
}

/* B3c: a connection that is not up when the time ends, has failed for this attempt. */
static void on_connect_end(struct ua_client *client)
{
	struct ua *ua = client->ua;
	uint32_t missing = ua->stack->missing(client);
	char text[UA_ADDRESS_TEXT];

	if (missing == FAILOVER_REASON_TLS)
		ua_log(ua, FAILOVER_LOG_WARNING,
		       "TLS with %s failed: no answer to the handshake in time",
		       ua_address_text(&client->attempt.target, text));
	if (missing)
		ua_client_failed(client, missing);
}

/* Timers A and E. */
static void on_retransmit(struct ua_timer *timer)
{
	struct ua_client *client = UA_CONTAINER(timer, struct ua_client, retransmit);

	if (ua_client_is_reliable(client)) {
		on_connect_end(client);
		return;
	}
	if (client->ua->stack->again(client)) {
		ua_client_failed(client, FAILOVER_REASON_ICMP);
		return;
	}
	ua_client_sent(client);
	set_retransmit(client, timer->at);
}

/* Timers B and F end in silence: that nobody answered is the core's to say (B18). A connection that
 * was silent all the time is dead, also at the only target (B23c). */
static void on_end(struct ua_timer *timer)
{
	struct ua_client *client = UA_CONTAINER(timer, struct ua_client, end);

	if (!client->waits) {
		if (!client->is_final && client->ua->stack->suspect)
			client->ua->stack->suspect(client);
		(void)ua_client_free(client);
		return;
	}
	ua_client_keep_for(client, ua_client_life_ms(client)); /* a late answer counts */
	go_straight(client);
}

/* The core's own time for this attempt began a moment earlier, and whichever ends first names the
 * reason: end a little before it, so that the user reads connect-timeout. */
static void set_connect_end(struct ua_client *client)
{
	uint32_t budget = client->attempt.budget_ms;
	uint32_t margin = budget / 10 < CONNECT_MARGIN_MS ? budget / 10 : CONNECT_MARGIN_MS;

	if (budget && !client->packets && client->ua->stack->missing)
		ua_timer_set(&client->ua->timers, &client->retransmit,
			     client->first_at + budget - margin);
}

/* ---- start -------------------------------------------------------------------------------- */

static void replace(struct ua_client *client, struct ua_client *before)
{
	client->rounds = before->rounds + 1;
	client->no_tcp = before->no_tcp;
	client->is_resent = before->is_resent;
	memcpy(client->answered, before->answered, sizeof(client->answered));
	ua_client_detach(before);
}

/* RFC 3261 18.1.1: what may be too long for a path's datagrams goes by TCP, where the registrar has
 * a TCP target at the same address. Only the Via says so: the Contact stays what is registered. */
static void avoid_long_datagram(struct ua_client *client)
{
	const struct ua_account *account = ua_account_find(client->ua, client->line);
	const struct failover_target *tcp;
	char *text;
	int length;

	if (ua_client_is_reliable(client) || client->no_tcp || !account)
		return;
	tcp = ua_account_tcp(account, &client->attempt.target);
	if (!tcp)
		return;
	text = ua_request_text_new(client->request, UA_TEXT_WHOLE, &length);
	free(text);
	if (length <= DATAGRAM_LONG)
		return;
	client->request->local.transport = FAILOVER_TCP;
	client->by_size = 1;
	client->udp = client->attempt.target;
	client->attempt.target = *tcp;
}

/* B23a: one packet, which the core does not count; its target has the rest of the time. */
static void turn_aside(struct ua_client *client, const struct failover_target *hop)
{
	client->elsewhere = 1;
	client->waits = 1;
	client->straight = client->attempt.target;
	client->straight_transmissions = client->attempt.transmissions;
	client->attempt.target = *hop;
	client->attempt.transmissions = 1;
}

static struct ua_client *create(struct ua *ua, const struct ua_client_start *start)
{
	struct ua_client *client = calloc(1, ua->stack->client_size);

	if (!client || ua_timers_reserve(&ua->timers, 2)) {
		free(client);
		return NULL;
	}
	client->ua = ua;
	client->request = start->request;
	client->attempt = *start->attempt;
	client->line = start->attempt->line;
	client->call = start->call;
	client->in_strangers_dialog = start->in_strangers_dialog;
	client->is_invite = !strcmp(start->request->method, "INVITE");
	client->interval_ms = start->attempt->t1_ms;
	client->retransmit.fire = on_retransmit;
	client->end.fire = on_end;
	client->first_at = ua_now(ua);
	if (start->hop && !ua_address_same(start->hop, &client->attempt.target))
		turn_aside(client, start->hop);
	return client;
}

/* B24b: Contact names the connection, so that a server finds it again, and ends the binding of the
 * one before. What goes by TCP for its length keeps the Contact that is registered. */
static int set_contact(struct ua_client *client)
{
	struct failover_target local = client->request->contact_at;
	int (*connect)(struct ua_client * client, struct failover_target * local) =
		client->ua->stack->connect;
	int error = FAILOVER_OK;

	if (ua_client_is_reliable(client) && connect)
		error = connect(client, &local);
	if (!error && !client->by_size)
		error = ua_contact_move(&client->request, &local);
	if (!error && client->attempt.method == FAILOVER_REGISTER)
		error = ua_contact_replace(client);
	return error;
}

static int begin(struct ua_client *client)
{
	int error = set_contact(client);

	return error ? error : client->ua->stack->start(client);
}

static int start_straight(struct ua_client *client)
{
	int error = ua_send_straight(client);

	(void)ua_client_free(client);
	return error;
}

int ua_client_start(struct ua *ua, const struct ua_client_start *start)
{
	struct ua_client *client = create(ua, start);
	int error;

	if (!client) {
		free(start->request);
		return FAILOVER_ERR_MEMORY;
	}
	if (start->before)
		replace(client, start->before);
	avoid_long_datagram(client);
	ua_client_list(client);
	client->invite = start->invite;
	error = begin(client);
	if (error && client->waits)
		return start_straight(client);
	if (error) {
		(void)ua_client_free(client);
		return error;
	}
	client->invite = NULL;
	if (has_our_timers(client))
		ua_client_sent(client);
	else if (ua_client_is_reliable(client))
		set_connect_end(client);
	set_retransmit(client, client->first_at);
	ua_client_keep_for(client,
			   client->waits ? client->attempt.t1_ms : ua_client_life_ms(client));
	return FAILOVER_OK;
}

/* ---- news --------------------------------------------------------------------------------- */

/* Timers after a response. RFC 3261 17.1: E goes on with T2, A stops; D; RFC 6026: M. K is 0 on
 * UDP, too: it would keep a transaction for repeated responses, which are dropped without one as
 * well, and ten thousand lines have five seconds of them. */
static void restart_timers(struct ua_client *client, const struct ua_view *response)
{
	struct ua_timers *timers = &client->ua->timers;

	if (response->status < 200) {
		if (client->is_invite) {
			ua_timer_stop(timers, &client->retransmit);
			if (!client->leg.abandoned)
				ua_timer_stop(timers, &client->end); /* rings as long as it rings */
		} else {
			client->attempt.transmissions = 0; /* it was for silence (B4a) */
			client->interval_ms = client->attempt.t2_ms;
			set_retransmit(client, ua_now(client->ua));
		}
		return;
	}
	ua_timer_stop(timers, &client->retransmit);
	if (client->is_invite)
		ua_client_keep_for(client, ua_client_life_ms(client));
	else
		ua_client_keep_for(client, 0);
}

static int is_2xx_to_invite(const struct ua_client *client, const struct ua_view *response)
{
	return client->is_invite && response->status >= 200 && response->status < 300;
}

/* B23a: the place that was asked first has answered at last. Its answer is as good as that of the
 * target, which need not give one any more. */
static void take_back(struct ua_client *client)
{
	struct ua_client *heir = client->heir ? ua_client_of(client->ua, client->heir) : NULL;

	if (!heir || heir->is_final)
		return;
	(void)ua_client_free(heir);
	client->attempt.id = client->heir;
	ua_map_add(&client->ua->attempts, &client->by_attempt,
		   ua_map_hash_number(&client->ua->attempts, client->attempt.id));
}

/* It wants credentials, which only servers of the line get. */
static int is_strange_challenge(const struct ua_client *client, const struct ua_view *view)
{
	return client->elsewhere && ua_auth_is_challenge(view->status);
}

void ua_client_response(struct ua_client *client, const struct ua_view *view)
{
	if (client->is_final && !is_2xx_to_invite(client, view))
		return;
	if (is_strange_challenge(client, view)) {
		if (client->waits)
			go_straight(client);
		return;
	}
	if (client->waits)
		ua_client_keep_for(client, ua_client_life_ms(client));
	client->waits = 0;
	if (view->status >= 200)
		take_back(client);
	if (view->status >= 200)
		client->is_final = 1;
	/* It is not silent: no ICMP error counts. */
	ua_map_remove(&client->ua->peers, &client->by_peer);
	restart_timers(client, view);
	ua_answer(client, view);
}

void ua_response(struct ua *ua, const struct ua_view *view)
{
	struct ua_client *client = ua_client_find(ua, view);

	if (!client) {
		ua->counters.unmatched++;
		return;
	}
	ua_overload_heard(client, view);
	/* After the first 2xx the stack's transaction is over, ours takes the others (RFC 6026). */
	if (client->leg.forks) {
		if (is_2xx_to_invite(client, view))
			ua_answer(client, view);
		return;
	}
	if (!ua->stack->response || ua->stack->response(client, view))
		ua_client_response(client, view);
}

int ua_client_abandon(struct ua_client *client, uint32_t reason)
{
	struct ua *ua = client->ua;
	uint64_t window = client->first_at + ua_client_life_ms(client), now = ua_now(ua);

	if (reason == FAILOVER_ABANDON_BUDGET && ua->stack->suspect)
		ua->stack->suspect(client);
	/* An INVITE that waits for its connection has not been sent and never will be. */
	if (!client->is_invite || !client->packets)
		return ua_client_free(client);
	if (client->leg.final)
		return FAILOVER_OK;
	fall_silent(client);
	ua_client_keep_for(client, window > now ? window - now : 0);
	if (client->leg.provisional)
		ua_client_keep_for(client, ua_client_life_ms(client)); /* RFC 3261 9.1 */
	if (ua_leg_abandon(&client->leg, reason) & UA_LEG_CANCEL)
		ua_answer_cancel(client);
	return FAILOVER_OK;
}
