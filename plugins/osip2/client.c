/* SPDX-License-Identifier: MIT */
/* client.c - client transactions: libosip2's state machines, our tables and timers. The timers of
 * libosip2 are not used: intervals come with the attempt, and the N+1st packet never leaves. */
#include <stdlib.h>
#include <string.h>
#include "account.h"
#include "answer.h"
#include "client.h"
#include "message.h"
#include "request.h"
#include "transport.h"

#define CONNECT_MARGIN_MS 5u
#define DATAGRAM_LONG 1300u

/* ---- tables ------------------------------------------------------------------------------- */

static uint64_t branch_hash(const struct fo_osip *ua, const char *branch, int is_cancel)
{
	return fo_map_hash_text(&ua->clients, branch) + (uint64_t)is_cancel;
}

static uint64_t peer_hash(const struct fo_osip *ua, const struct failover_target *to)
{
	return fo_map_hash(&ua->peers, to->address, sizeof(to->address)) + to->port;
}

static int is_cancel(const osip_message_t *message)
{
	return !strcmp(message->cseq->method, "CANCEL");
}

/* RFC 3261 17.1.3: branch and CSeq method; Call-ID and CSeq number guard against confusion. */
static int is_response_to(const struct fo_client *client, const osip_message_t *response)
{
	const osip_message_t *request = client->fsm->orig_request;
	char mine[256], theirs[256];

	return request && !strcmp(client->branch, fo_message_branch_of(response)) &&
	       !strcmp(request->cseq->method, response->cseq->method) &&
	       !strcmp(request->cseq->number, response->cseq->number) &&
	       !fo_message_call_id(request, mine, sizeof(mine)) &&
	       !fo_message_call_id(response, theirs, sizeof(theirs)) && !strcmp(mine, theirs);
}

static struct fo_client *find(const struct fo_osip *ua, const osip_message_t *response)
{
	uint64_t hash = branch_hash(ua, fo_message_branch_of(response), is_cancel(response));
	struct fo_map_node *node;

	for (node = fo_map_find(&ua->clients, hash); node; node = fo_map_again(node)) {
		struct fo_client *client = FO_CONTAINER(node, struct fo_client, by_branch);

		if (is_response_to(client, response))
			return client;
	}
	return NULL;
}

struct fo_client *fo_osip_client_of(const struct fo_osip *ua, uint64_t attempt)
{
	uint64_t hash = fo_map_hash_number(&ua->attempts, attempt);
	struct fo_map_node *node;

	for (node = fo_map_find(&ua->attempts, hash); node; node = fo_map_again(node)) {
		struct fo_client *client = FO_CONTAINER(node, struct fo_client, by_attempt);

		if (client->attempt.id == attempt)
			return client;
	}
	return NULL;
}

/* ---- life --------------------------------------------------------------------------------- */

void fo_osip_client_detach(struct fo_client *client)
{
	fo_map_remove(&client->ua->attempts, &client->by_attempt);
	client->attempt.id = 0;
}

void fo_osip_client_free(struct fo_client *client)
{
	struct fo_osip *ua = client->ua;
	size_t i;

	fo_map_remove(&ua->clients, &client->by_branch);
	fo_map_remove(&ua->attempts, &client->by_attempt);
	fo_map_remove(&ua->peers, &client->by_peer);
	fo_timer_stop(&ua->timers, &client->retransmit);
	fo_timer_stop(&ua->timers, &client->end);
	fo_timers_release(&ua->timers, 2);
	fo_stream_leave(&client->user);
	osip_transaction_free2(client->fsm);
	for (i = 0; i < FO_LEG_FORKS_MAX; i++)
		osip_free(client->acks[i]);
	free(client);
}

void fo_osip_clients_free(struct fo_osip *ua)
{
	struct fo_map_node *node = fo_map_walk(&ua->clients, NULL), *next;

	for (; node; node = next) {
		next = fo_map_walk(&ua->clients, node);
		fo_osip_client_free(FO_CONTAINER(node, struct fo_client, by_branch));
	}
}

int fo_osip_client_answered(const struct fo_client *client, uint64_t credentials)
{
	size_t i;

	for (i = 0; i < FO_ANSWERED_MAX; i++)
		if (client->answered[i] == credentials)
			return 1;
	return 0;
}

void fo_osip_client_set_answered(struct fo_client *client, uint64_t credentials)
{
	size_t i;

	for (i = 0; i + 1 < FO_ANSWERED_MAX && client->answered[i]; i++)
		if (client->answered[i] == credentials)
			return;
	client->answered[i] = credentials;
}

static uint64_t life_ms(const struct fo_client *client)
{
	return (uint64_t)FO_64T1 * client->attempt.t1_ms;
}

/* ---- the state machine -------------------------------------------------------------------- */

static void count_packet(struct fo_client *client)
{
	struct fo_osip *ua = client->ua;

	if (!client->packets++)
		client->first_at = fo_osip_now(ua);
	if (client->attempt.id && ua->host->sent)
		ua->host->sent(ua->host->ctx, client->attempt.id);
}

/* The request, or an ACK, has left on a connection. */
static void on_sent(struct fo_stream_user *user)
{
	struct fo_client *client = FO_CONTAINER(user, struct fo_client, user);

	if (!client->packets)
		count_packet(client);
}

/* RFC 3261 18.1.1: TCP that was chosen for the length only, and is refused, gives way to UDP. */
static int goes_by_udp(struct fo_client *client, uint32_t reason)
{
	struct fo_osip *ua = client->ua;
	uint64_t id = client->attempt.id;

	if (!client->by_size || client->packets ||
	    (reason != FAILOVER_REASON_REFUSED && reason != FAILOVER_REASON_RESET))
		return 0;
	client->no_tcp = 1;
	client->attempt.target = client->udp;
	if (!fo_osip_request_by_udp(client))
		id = 0; /* a transaction of its own has it */
	fo_osip_client_free(client);
	if (id)
		ua->host->unreachable(ua->host->ctx, id, reason);
	return 1;
}

/* An INVITE that has left may be answered yet, on another connection (B7a). */
static void on_lost(struct fo_stream_user *user, uint32_t reason)
{
	struct fo_client *client = FO_CONTAINER(user, struct fo_client, user);
	const struct failover_host *host = client->ua->host;

	if (client->fsm->state == NICT_COMPLETED || client->leg.final ||
	    goes_by_udp(client, reason))
		return;
	if (!client->is_invite || !client->packets) {
		fo_osip_answer_failed(client, reason);
		return;
	}
	if (!client->end.place)
		fo_osip_client_keep_for(client, life_ms(client));
	if (client->attempt.id && !client->leg.abandoned)
		host->unreachable(host->ctx, client->attempt.id, reason);
}

static int use_stream(struct fo_client *client)
{
	const struct fo_account *account = fo_osip_account(client->ua, client->line);
	struct fo_stream_peer peer = { .target = client->attempt.target, .name = "" };

	if (client->user.stream)
		return FAILOVER_OK;
	if (!account)
		return FAILOVER_ERR_STALE;
	if (peer.target.transport == FAILOVER_TLS)
		peer.name = fo_osip_account_name(account, &peer.target);
	peer.keepalive_s = account->crlf_s;
	return fo_stream_use(client->ua, &peer, &client->user);
}

int fo_osip_client_put(struct fo_client *client, const char *text, size_t length)
{
	struct fo_osip *ua = client->ua;
	int error;

	if (fo_osip_client_is_reliable(client)) {
		error = use_stream(client);
		if (!error)
			error = fo_stream_send(&client->user, text, length);
	} else {
		error = fo_transport_send(ua->transport, &client->attempt.target, text, length);
	}
	if (!error)
		ua->counters.sent++;
	return error;
}

/* Called by libosip2 for each packet, the ACK of a failure included. */
int fo_osip_client_send(struct fo_client *client, osip_message_t *message)
{
	char *text = NULL;
	size_t length = 0;
	int error;

	if (osip_message_to_str(message, &text, &length))
		return -1;
	error = fo_osip_client_put(client, text, length);
	osip_free(text);
	if (error)
		return -1;
	if (!MSG_IS_ACK(message) && !fo_osip_client_is_reliable(client))
		count_packet(client);
	return 0;
}

static void on_response(int type, osip_transaction_t *fsm, osip_message_t *response)
{
	struct fo_client *client = osip_transaction_get_your_instance(fsm);

	(void)type;
	client->news = response;
}

static void on_error(int type, osip_transaction_t *fsm, int error)
{
	struct fo_client *client = osip_transaction_get_your_instance(fsm);

	(void)type, (void)error;
	client->failed = 1;
}

void fo_osip_client_callbacks(osip_t *stack)
{
	int type;

	for (type = OSIP_ICT_STATUS_1XX_RECEIVED; type <= OSIP_ICT_STATUS_6XX_RECEIVED; type++)
		if (type != OSIP_ICT_STATUS_2XX_RECEIVED_AGAIN)
			osip_set_message_callback(stack, type, on_response);
	for (type = OSIP_NICT_STATUS_1XX_RECEIVED; type <= OSIP_NICT_STATUS_6XX_RECEIVED; type++)
		if (type != OSIP_NICT_STATUS_2XX_RECEIVED_AGAIN)
			osip_set_message_callback(stack, type, on_response);
	osip_set_transport_error_callback(stack, OSIP_ICT_TRANSPORT_ERROR, on_error);
	osip_set_transport_error_callback(stack, OSIP_NICT_TRANSPORT_ERROR, on_error);
}

/* ---- timers ------------------------------------------------------------------------------- */

void fo_osip_client_keep_for(struct fo_client *client, uint64_t ms)
{
	fo_timer_set(&client->ua->timers, &client->end, fo_osip_now(client->ua) + ms);
}

static void set_retransmit(struct fo_client *client, uint64_t from)
{
	const struct failover_attempt *attempt = &client->attempt;

	if (fo_osip_client_is_reliable(client)) /* RFC 3261 17.1.1.2, 17.1.2.2 */
		return;
	if (attempt->transmissions && client->packets >= attempt->transmissions)
		return;
	fo_timer_set(&client->ua->timers, &client->retransmit, from + client->interval_ms);
	client->interval_ms *= 2;
	if (!client->is_invite && client->interval_ms > attempt->t2_ms)
		client->interval_ms = attempt->t2_ms;
}

/* B3c: a connection that is not up when the time ends, has failed for this attempt. */
static void on_connect_end(struct fo_client *client)
{
	uint32_t missing = fo_stream_missing(&client->user);
	char text[FO_ADDRESS_TEXT];

	if (missing == FAILOVER_REASON_TLS)
		fo_osip_log(client->ua, FAILOVER_LOG_WARNING,
			    "TLS with %s failed: no answer to the handshake in time",
			    fo_address_text(&client->attempt.target, text));
	if (missing)
		fo_osip_answer_failed(client, missing);
}

/* Timers A and E. */
static void on_retransmit(struct fo_timer *timer)
{
	struct fo_client *client = FO_CONTAINER(timer, struct fo_client, retransmit);
	osip_event_t *event;

	if (fo_osip_client_is_reliable(client)) {
		on_connect_end(client);
		return;
	}
	event = fo_osip_event(client->is_invite ? TIMEOUT_A : TIMEOUT_E, NULL);
	if (event)
		osip_transaction_execute(client->fsm, event);
	if (client->failed)
		fo_osip_answer_failed(client, FAILOVER_REASON_ICMP);
	else
		set_retransmit(client, timer->at);
}

/* Timers B and F end in silence: that nobody answered is the core's to say (B18). */
static void on_end(struct fo_timer *timer)
{
	fo_osip_client_free(FO_CONTAINER(timer, struct fo_client, end));
}

/* The core's own time for this attempt began a moment earlier, and whichever ends first names the
 * reason: end a little before it, so that the user reads connect-timeout. */
static void set_connect_end(struct fo_client *client)
{
	uint32_t budget = client->attempt.budget_ms;
	uint32_t margin = budget / 10 < CONNECT_MARGIN_MS ? budget / 10 : CONNECT_MARGIN_MS;

	if (budget && !client->packets)
		fo_timer_set(&client->ua->timers, &client->retransmit,
			     client->first_at + budget - margin);
}

/* ---- start -------------------------------------------------------------------------------- */

static void replace(struct fo_client *client, struct fo_client *before)
{
	client->rounds = before->rounds + 1;
	client->no_tcp = before->no_tcp;
	memcpy(client->answered, before->answered, sizeof(client->answered));
	fo_osip_client_detach(before);
}

static void list(struct fo_client *client, const osip_message_t *message)
{
	struct fo_osip *ua = client->ua;

	fo_map_add(&ua->clients, &client->by_branch,
		   branch_hash(ua, client->branch, is_cancel(message)));
	if (!fo_osip_client_is_reliable(client))
		fo_map_add(&ua->peers, &client->by_peer, peer_hash(ua, &client->attempt.target));
	if (client->attempt.id)
		fo_map_add(&ua->attempts, &client->by_attempt,
			   fo_map_hash_number(&ua->attempts, client->attempt.id));
}

static struct fo_client *create(struct fo_osip *ua, const struct failover_attempt *attempt,
				osip_message_t *message)
{
	struct fo_client *client = calloc(1, sizeof(*client));

	if (!client || fo_timers_reserve(&ua->timers, 2)) {
		free(client);
		return NULL;
	}
	client->ua = ua;
	client->attempt = *attempt;
	client->line = attempt->line;
	client->is_invite = MSG_IS_INVITE(message);
	client->interval_ms = attempt->t1_ms;
	client->retransmit.fire = on_retransmit;
	client->end.fire = on_end;
	client->user.sent = on_sent;
	client->user.lost = on_lost;
	client->first_at = fo_osip_now(ua);
	strncpy(client->branch, fo_message_branch_of(message), sizeof(client->branch) - 1);
	client->fsm = fo_osip_transaction(ua, client->is_invite ? ICT : NICT, message, client);
	if (!client->fsm) {
		fo_timers_release(&ua->timers, 2);
		free(client);
		return NULL;
	}
	return client;
}

/* RFC 3261 18.1.1: what may be too long for a path's datagrams goes by TCP, where the registrar has
 * a TCP target at the same address. Only the Via says so: the Contact stays what is registered.
 * Returns 1 if it goes by TCP now. */
static int avoid_long_datagram(struct fo_osip *ua, struct failover_attempt *attempt,
			       osip_message_t *message)
{
	const struct fo_account *account = fo_osip_account(ua, attempt->line);
	const struct failover_target *tcp;
	osip_via_t *via = osip_list_get(&message->vias, 0);
	char *text = NULL, *protocol;
	size_t length = 0;

	if (attempt->target.transport != FAILOVER_UDP || !account || !via)
		return 0;
	tcp = fo_osip_account_tcp(account, &attempt->target);
	if (!tcp || osip_message_to_str(message, &text, &length))
		return 0;
	osip_free(text);
	protocol = length > DATAGRAM_LONG ? osip_strdup("TCP") : NULL;
	if (!protocol)
		return 0;
	osip_free(via->protocol);
	via->protocol = protocol;
	osip_message_force_update(message);
	attempt->target = *tcp;
	return 1;
}

int fo_osip_client_start(struct fo_osip *ua, const struct failover_attempt *wanted,
			 osip_message_t *message, struct fo_client *before, struct fo_client **out)
{
	struct failover_attempt attempt = *wanted;
	struct fo_client *client;
	osip_event_t *event;
	int by_size = 0;

	if (!before || !before->no_tcp)
		by_size = avoid_long_datagram(ua, &attempt, message);
	client = create(ua, &attempt, message);
	event = client ? fo_osip_event(client->is_invite ? SND_REQINVITE : SND_REQUEST, message)
		       : NULL;
	if (!event) {
		osip_message_free(message);
		if (client)
			fo_osip_client_free(client);
		return FAILOVER_ERR_MEMORY;
	}
	client->by_size = by_size != 0;
	client->udp = wanted->target;
	if (before)
		replace(client, before);
	list(client, message);
	osip_transaction_execute(client->fsm, event);
	if (client->failed) {
		fo_osip_client_free(client);
		return FAILOVER_ERR_IO;
	}
	if (fo_osip_client_is_reliable(client))
		set_connect_end(client);
	set_retransmit(client, client->first_at);
	fo_osip_client_keep_for(client, life_ms(client));
	if (out)
		*out = client;
	return FAILOVER_OK;
}

/* ---- news --------------------------------------------------------------------------------- */

static type_t type_of(const osip_message_t *response)
{
	if (MSG_IS_STATUS_1XX(response))
		return RCV_STATUS_1XX;
	return MSG_IS_STATUS_2XX(response) ? RCV_STATUS_2XX : RCV_STATUS_3456XX;
}

/* Timers after a response. RFC 3261 17.1: E goes on with T2, A stops; D, K; RFC 6026: M. */
static void restart_timers(struct fo_client *client, const osip_message_t *response)
{
	struct fo_timers *timers = &client->ua->timers;

	if (MSG_IS_STATUS_1XX(response)) {
		if (client->is_invite) {
			fo_timer_stop(timers, &client->retransmit);
			if (!client->leg.abandoned)
				fo_timer_stop(timers, &client->end); /* rings as long as it rings */
		} else {
			client->attempt.transmissions = 0; /* it was for silence (B4a) */
			client->interval_ms = client->attempt.t2_ms;
			set_retransmit(client, fo_osip_now(client->ua));
		}
		return;
	}
	fo_timer_stop(timers, &client->retransmit);
	if (client->is_invite)
		fo_osip_client_keep_for(client, life_ms(client));
	else /* K */
		fo_osip_client_keep_for(
			client, fo_osip_client_is_reliable(client) ? 0 : client->attempt.t4_ms);
}

void fo_osip_client_receive(struct fo_osip *ua, osip_message_t *response)
{
	struct fo_client *client = find(ua, response);
	osip_event_t *event;

	if (!client) {
		ua->counters.unmatched++;
		osip_message_free(response);
		return;
	}
	/* After the first 2xx libosip2's transaction is over, ours takes the others (RFC 6026). */
	if (client->fsm->state == ICT_TERMINATED) {
		if (MSG_IS_STATUS_2XX(response))
			fo_osip_answer(client, response);
		osip_message_free(response);
		return;
	}
	event = fo_osip_event(type_of(response), response);
	if (!event) {
		osip_message_free(response);
		return;
	}
	client->news = NULL;
	osip_transaction_execute(client->fsm, event);
	if (!client->news)
		return;
	fo_map_remove(&ua->peers, &client->by_peer); /* it is not silent: no ICMP error counts */
	restart_timers(client, client->news);
	fo_osip_answer(client, client->news);
}

void fo_osip_client_abandon(struct fo_client *client, uint32_t reason)
{
	uint64_t window = client->first_at + life_ms(client), now = fo_osip_now(client->ua);

	if (reason == FAILOVER_ABANDON_BUDGET)
		fo_stream_suspect(&client->user);
	/* An INVITE that waits for its connection has not been sent and never will be. */
	if (!client->is_invite || !client->packets) {
		fo_osip_client_free(client);
		return;
	}
	if (client->leg.final)
		return;
	fo_timer_stop(&client->ua->timers, &client->retransmit);
	fo_osip_client_keep_for(client, window > now ? window - now : 0);
	if (client->leg.provisional)
		fo_osip_client_keep_for(client, life_ms(client)); /* RFC 3261 9.1 */
	if (fo_leg_abandon(&client->leg, reason) & FO_LEG_CANCEL)
		fo_osip_answer_cancel(client);
}

void fo_osip_client_unreachable(struct fo_osip *ua, const struct failover_target *to)
{
	uint64_t hash = peer_hash(ua, to);
	struct fo_map_node *node = fo_map_find(&ua->peers, hash);

	while (node) {
		struct fo_client *client = FO_CONTAINER(node, struct fo_client, by_peer);

		node = fo_map_again(node);
		if (fo_address_same(&client->attempt.target, to))
			fo_osip_answer_failed(client, FAILOVER_REASON_ICMP);
	}
}
