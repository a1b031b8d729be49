/* SPDX-License-Identifier: MIT */
/* serving.c - server transactions: see serving.h. */
#include <stdlib.h>
#include <string.h>
#include "writer.h"
#include "incoming.h"
#include "serving.h"

#define LIFE_MS (UA_64T1 * UA_T1_MS)
#define SIP_PORT 5060u
#define BRANCH_PROOF 24u       /* ";branch=z9hG4bK" and some of what nobody guesses */
#define TRANSACTIONS_MAX 1024u /* at a time, and four a line */

static struct ua_served *served_of(struct ua_server *base)
{
	return (struct ua_served *)(void *)base;
}

/* ---- table -------------------------------------------------------------------------------- */

/* 17.2.3: branch, sent-by and method; for peers of RFC 2543 what else stays the same. */
static int key_of(const struct ua_serving_message *request, const char *method, char *out,
		  size_t size)
{
	const struct ua_view *view = request->view;
	struct ua_writer writer;

	ua_writer_init(&writer, out, size);
	ua_writer_add(&writer, "%s %s ", method, request->sent_by);
	if (view->branch && !strncmp(view->branch, "z9hG4bK", 7) && view->branch[7])
		ua_writer_add(&writer, "%s", view->branch);
	else
		ua_writer_add(&writer, "%s %u %s", view->call_id, (unsigned)view->cseq,
			      view->from_tag ? view->from_tag : "");
	return ua_writer_error(&writer);
}

static struct ua_served *find(const struct ua_serving *serving,
			      const struct ua_serving_message *request, const char *method)
{
	char key[1024];
	struct ua_map_node *node;

	if (key_of(request, method, key, sizeof(key)))
		return NULL;
	node = ua_map_find(&serving->transactions, ua_map_hash_text(&serving->transactions, key));
	for (; node; node = ua_map_again(node)) {
		struct ua_served *server = UA_CONTAINER(node, struct ua_served, by_key);

		if (!strcmp(server->key, key))
			return server;
	}
	return NULL;
}

/* ---- sending ------------------------------------------------------------------------------ */

/* The port of sent-by as text, NULL = none is given. */
static const char *port_of(const char *sent_by)
{
	const char *bracket = strrchr(sent_by, ']');
	const char *colon = strchr(bracket ? bracket : sent_by, ':');

	return colon ? colon + 1 : NULL;
}

/* RFC 3261 18.2.2, RFC 3581 4: on a connection, back the way it came; else to the port of sent-by,
 * unless rport asks for the one it came from. */
struct failover_target ua_serving_peer(const struct ua_serving_message *request)
{
	struct failover_target peer = request->view->source;
	const char *text = port_of(request->sent_by);
	uint32_t port = SIP_PORT;

	if (peer.transport != FAILOVER_UDP || request->has_rport)
		return peer;
	if (text && (ua_text_number(text, UINT16_MAX, &port) || !port))
		port = SIP_PORT;
	peer.port = (uint16_t)port;
	return peer;
}

/* Where a new connection to who asked goes (RFC 3261 18.2.2). */
static uint32_t sent_by_port(const struct ua_served *server)
{
	const char *text = port_of(server->sent_by);
	uint32_t port = server->peer.transport == FAILOVER_TLS ? SIP_PORT + 1 : SIP_PORT;

	return text && ua_text_number(text, UINT16_MAX, &port) ? 0 : port;
}

/* Some stack may have server transactions of its own. */
static int is_ours(const struct ua_server *base)
{
	return base->ua->stack->reply == ua_serving_reply;
}

int ua_serving_is_over(struct ua_server *base, const struct failover_target *at)
{
	const struct ua_served *server = served_of(base);

	return is_ours(base) && server->peer.transport == at->transport &&
	       ua_address_same_host(&server->peer, at) &&
	       (server->peer.port == at->port || sent_by_port(server) == at->port);
}

int ua_serving_is_quoted(struct ua_server *base, const struct ua_icmp *error)
{
	const struct ua_served *server = served_of(base);
	const char *last = is_ours(base) ? server->last : NULL;
	const char *branch = last ? strstr(last, ";branch=") : NULL;
	size_t needed = branch ? (size_t)(branch - last) + BRANCH_PROOF : 0;

	return needed && server->peer.transport == FAILOVER_UDP &&
	       ua_address_same(&server->peer, &error->to) && error->quoted >= needed &&
	       !strncmp(last, error->quote, error->quoted);
}

/* A failure is no end of the transaction: the peer repeats its request. */
static int transmit(struct ua *ua, const struct failover_target *peer, const char *sent_by,
		    const char *text)
{
	const struct ua_stack *stack = ua->stack;
	size_t length = strlen(text);
	int error;

	if (peer->transport != FAILOVER_UDP && stack->answer)
		error = stack->answer(ua, peer, port_of(sent_by), text, length);
	else
		error = stack->send(ua, peer, text, length);
	if (!error)
		ua->counters.sent++;
	return error;
}

static int send_last(const struct ua_served *server)
{
	return server->last
		       ? transmit(server->base.ua, &server->peer, server->sent_by, server->last)
		       : FAILOVER_OK;
}

static void keep_for(struct ua_served *server, uint64_t ms)
{
	ua_timer_set(&server->base.ua->timers, &server->end, ua_now(server->base.ua) + ms);
}

/* Timer G: a failure of an INVITE, until its ACK comes. */
static void on_resend(struct ua_timer *timer)
{
	struct ua_served *server = UA_CONTAINER(timer, struct ua_served, resend);

	(void)send_last(server);
	server->interval_ms *= 2;
	if (server->interval_ms > UA_T2_MS)
		server->interval_ms = UA_T2_MS;
	ua_timer_set(&server->base.ua->timers, timer, timer->at + server->interval_ms);
}

/* ---- life --------------------------------------------------------------------------------- */

static void server_free(struct ua_served *server)
{
	struct ua_serving *serving = server->serving;
	struct ua_timers *timers = &serving->ua->timers;

	ua_server_gone(&server->base);
	ua_map_remove(&serving->transactions, &server->by_key);
	ua_timer_stop(timers, &server->resend);
	ua_timer_stop(timers, &server->end);
	ua_timers_clear(timers, 2);
	ua_response_head_free(&server->head);
	free(server->key);
	free(server->sent_by);
	free(server->last);
	free(server);
}

/* An INVITE waits for its call. One whose call was forgotten is answered by nobody any more (B24e).
 */
static void on_end(struct ua_timer *timer)
{
	struct ua_served *server = UA_CONTAINER(timer, struct ua_served, end);

	if (server->status < 200 && server->base.call)
		keep_for(server, LIFE_MS);
	else
		server_free(server);
}

int ua_serving_init(struct ua_serving *serving, struct ua *ua)
{
	uint64_t key[2];
	int error = ua->host->random(ua->host->ctx, key, sizeof(key));

	serving->ua = ua;
	return error ? error : ua_map_init(&serving->transactions, key);
}

void ua_serving_clear(struct ua_serving *serving)
{
	struct ua_map_node *node = ua_map_walk(&serving->transactions, NULL), *next;

	for (; node; node = next) {
		next = ua_map_walk(&serving->transactions, node);
		server_free(UA_CONTAINER(node, struct ua_served, by_key));
	}
	ua_map_free(&serving->transactions);
}

/* ---- new ones ----------------------------------------------------------------------------- */

static int has_room(const struct ua_serving *serving)
{
	return serving->transactions.count < TRANSACTIONS_MAX + 4 * serving->ua->accounts.count;
}

static int start(struct ua_served *server, const struct ua_serving_message *request)
{
	if (!server->key || !server->sent_by)
		return FAILOVER_ERR_MEMORY;
	return ua_response_head_init(&server->head, request);
}

static struct ua_served *server_new(struct ua_serving *serving,
				    const struct ua_serving_message *request)
{
	struct ua_served *server;
	char key[1024];

	if (!has_room(serving) || key_of(request, request->view->method, key, sizeof(key)))
		return NULL;
	server = calloc(1, sizeof(*server));
	if (!server || ua_timers_reserve(&serving->ua->timers, 2)) {
		free(server);
		return NULL;
	}
	server->base.ua = serving->ua;
	server->serving = serving;
	server->peer = ua_serving_peer(request);
	server->is_invite = !strcmp(request->view->method, "INVITE");
	server->interval_ms = UA_T1_MS;
	server->resend.fire = on_resend;
	server->end.fire = on_end;
	server->key = strdup(key);
	server->sent_by = strdup(request->sent_by);
	if (start(server, request)) {
		server_free(server);
		return NULL;
	}
	ua_map_add(&serving->transactions, &server->by_key,
		   ua_map_hash_text(&serving->transactions, key));
	keep_for(server, LIFE_MS);
	return server;
}

/* Without keeping anything. */
static void refuse(struct ua_serving *serving, const struct ua_serving_message *request)
{
	struct failover_target peer = ua_serving_peer(request);
	struct ua *ua = serving->ua;
	struct ua_response_head head;
	char tag[UA_TOKEN], *text;
	struct ua_reply reply = { .status = 503, .tag = tag };

	ua->counters.refused++;
	if (ua_token(ua, tag))
		return;
	if (ua_response_head_init(&head, request))
		return;
	text = ua_response_text(&head, &reply, ua->user_agent);
	if (text)
		(void)transmit(ua, &peer, request->sent_by, text);
	free(text);
	ua_response_head_free(&head);
}

static struct ua_served *open_new(struct ua_serving *serving,
				  const struct ua_serving_message *request)
{
	struct ua_served *server = server_new(serving, request);

	if (!server)
		refuse(serving, request);
	return server;
}

/* ---- responses ---------------------------------------------------------------------------- */

static void replied(struct ua_served *server, uint32_t status)
{
	struct ua *ua = server->base.ua;

	server->status = status;
	if (status < 200)
		return;
	keep_for(server, LIFE_MS);
	if (status >= 300 && server->is_invite && server->peer.transport == FAILOVER_UDP)
		ua_timer_set(&ua->timers, &server->resend, ua_now(ua) + server->interval_ms);
}

int ua_serving_reply(struct ua_server *base, const struct ua_reply *reply)
{
	struct ua_served *server = served_of(base);
	char *text;

	if (server->status >= 200)
		return FAILOVER_ERR_STATE;
	text = ua_response_text(&server->head, reply, base->ua->user_agent);
	if (!text)
		return FAILOVER_ERR_MEMORY;
	free(server->last);
	server->last = text;
	(void)send_last(server);
	replied(server, reply->status);
	return FAILOVER_OK;
}

int ua_serving_reply_again(struct ua_server *base)
{
	return send_last(served_of(base));
}

/* ---- requests ----------------------------------------------------------------------------- */

static int is_accepted(const struct ua_served *server)
{
	return server->is_invite && server->status / 100 == 2;
}

/* The ACK of a failure belongs to its INVITE's transaction, that of a 2xx to the call. */
static void on_ack(struct ua_serving *serving, const struct ua_serving_message *ack)
{
	struct ua_served *server = find(serving, ack, "INVITE");

	if (!server || is_accepted(server)) {
		ua_ack(serving->ua, ack->view);
		return;
	}
	if (server->status < 300 || server->is_acked)
		return;
	server->is_acked = 1;
	ua_timer_stop(&serving->ua->timers, &server->resend);
	keep_for(server, UA_T4_MS);
}

static void on_again(struct ua_served *server)
{
	if (is_accepted(server)) /* its sender has not seen the 2xx */
		ua_repeated(&server->base);
	else if (!server->is_acked)
		(void)send_last(server);
}

/* RFC 3261 9.2: a CANCEL has the branch of its INVITE. */
static void on_cancel(struct ua_serving *serving, const struct ua_serving_message *cancel)
{
	struct ua_served *invite = find(serving, cancel, "INVITE"), *server;

	ua_heard(serving->ua, cancel->view);
	server = open_new(serving, cancel);
	if (!server)
		return;
	(void)ua_incoming_status(&server->base, invite ? 200 : 481);
	if (invite)
		ua_cancelled(&invite->base);
}

/* Is it a part of what was welcome when it began? A dialog may have ended meanwhile (B21). */
static int is_known(const struct ua_serving *serving, const struct ua_serving_message *request)
{
	const struct failover_target *from = &request->view->source;
	const char *method = request->view->method;
	int of_invite = !strcmp(method, "ACK") || !strcmp(method, "CANCEL");
	const struct ua_served *server = find(serving, request, of_invite ? "INVITE" : method);

	return server && server->peer.transport == from->transport &&
	       ua_address_same_host(&server->peer, from);
}

void ua_serving_request(struct ua_serving *serving, const struct ua_serving_message *request)
{
	const char *method = request->view->method;
	struct ua_served *server;

	if (!is_known(serving, request) && !ua_welcome(serving->ua, request->view))
		return;
	if (!strcmp(method, "ACK")) {
		on_ack(serving, request);
		return;
	}
	server = find(serving, request, method);
	if (server) {
		on_again(server);
		return;
	}
	if (!strcmp(method, "CANCEL")) {
		on_cancel(serving, request);
		return;
	}
	server = open_new(serving, request);
	if (server)
		ua_request_arrived(&server->base, request->view);
}
