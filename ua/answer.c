/* SPDX-License-Identifier: MIT */
/* answer.c - responses: told to the core, challenges answered (B4b), late legs tidied up (B7a). */
#include <stdlib.h>
#include <string.h>
#include "account.h"
#include "answer.h"
#include "auth.h"
#include "binding.h"
#include "call.h"
#include "contact.h"
#include "nat.h"
#include "registration.h"
#include "send.h"
#include "raw.h"
#include "value.h"
#include "source.h"
#include "subscription.h"

#define RETRY_AFTER_MAX_S 86400u
#define EXPIRES_MAX_S 604800u
/* Has the application this event, which came later? */
#define EVENTS_HAVE(events, member)                                                                \
	((events)->size >=                                                                         \
		 offsetof(struct failover_ext_call_events, member) + sizeof((events)->member) &&   \
	 (events)->member)
#define EXPIRES_DOUBLED_MAX_S 86400u

/* ---- telling the core --------------------------------------------------------------------- */

static int is_2xx(const struct ua_view *response)
{
	return response->status >= 200 && response->status < 300;
}

static void note_flow(struct ua_client *client, uint32_t expires_s)
{
	struct ua_account *account = ua_account_find(client->ua, client->line);
	const struct ua_stack *stack = client->ua->stack;
	uint64_t number;

	if (!account)
		return;
	if (client->attempt.expires_s && expires_s) {
		number = stack->keep_flow ? stack->keep_flow(client) : 0;
		account->crlf_asked = (client->attempt.flags & FAILOVER_ATTEMPT_CRLF) != 0;
		ua_account_flow(account, &client->attempt.target, number);
	} else if (client->attempt.expires_s ||
		   ua_address_same(&account->flow, &client->attempt.target)) {
		ua_account_flow(account, NULL, 0);
	}
	ua_binding_set(account, &client->attempt.target, client->attempt.expires_s ? expires_s : 0);
}

/* RFC 3326: why, in the words of the telephone network. */
static int has_q850(const struct ua_view *response)
{
	const char *value;
	uint32_t at = 0;

	while (response->raw && (value = ua_raw_next(response->raw, UA_RAW_REASON, &at))) {
		struct ua_part protocol = { value, ua_value_token(value) };

		if (ua_part_like(protocol, "Q.850"))
			return 1;
	}
	return 0;
}

static uint32_t flags_of(const struct ua_client *client, const struct ua_view *response)
{
	uint32_t flags = client->elsewhere ? FAILOVER_ANSWER_ELSEWHERE : 0;

	if (response->status >= 300 && has_q850(response))
		flags |= FAILOVER_ANSWER_Q850;
	return flags;
}

/* B22e: a registrar that does not say how long is asked for twice the time. */
static uint32_t least_expires(const struct ua_client *client, const struct ua_view *response)
{
	uint32_t least = ua_text_seconds(response->min_expires, EXPIRES_MAX_S);

	if (least)
		return least;
	return client->attempt.expires_s < EXPIRES_DOUBLED_MAX_S / 2 ? client->attempt.expires_s * 2
								     : EXPIRES_DOUBLED_MAX_S;
}

static uint32_t report(struct ua_client *client, const struct ua_view *response, uint32_t retrying,
		       uint32_t flags)
{
	const struct failover_host *host = client->ua->host;
	struct failover_answer answer = { .size = sizeof(answer),
					  .status = response->status,
					  .retrying = retrying,
					  .flags = flags | flags_of(client, response) };

	if (!client->attempt.id) /* the plugin's own request */
		return client->is_invite ? FAILOVER_VERDICT_LATE : FAILOVER_VERDICT_KEEP;
	if (response->status >= 300) /* B22c */
		answer.retry_after_s = ua_text_seconds(response->retry_after, RETRY_AFTER_MAX_S);
	if (response->status == 423)
		answer.min_expires_s =
			retrying ? client->attempt.expires_s : least_expires(client, response);
	if (is_2xx(response) && ua_account_find(client->ua, client->line))
		ua_auth_taken(ua_account_find(client->ua, client->line), client, response);
	if (client->attempt.method == FAILOVER_REGISTER && is_2xx(response)) {
		answer.expires_s = ua_binding_granted(client, response);
		if (!answer.expires_s && client->attempt.expires_s)
			answer.flags |= FAILOVER_ANSWER_UNBOUND; /* B24 */
		ua_registration_route(client, response);
		note_flow(client, answer.expires_s);
		ua_contact_registered(client, answer.expires_s);
	}
	ua_nat_heard(client, response);
	return host->response(host->ctx, client->attempt.id, &answer);
}

/* Who waits for it beside the core: the giver of the request, or of the line's Contact. */
static void hand_over(struct ua_client *client, const struct ua_view *response, uint32_t verdict)
{
	const struct ua_stack *stack = client->ua->stack;

	if (stack->heard && client->attempt.id && verdict == FAILOVER_VERDICT_KEEP)
		stack->heard(client, response);
}

/* ---- provisional -------------------------------------------------------------------------- */

void ua_answer_cancel(struct ua_client *client)
{
	ua_client_keep_for(client, ua_client_life_ms(client));
	(void)ua_send_cancel(client, NULL); /* when it cannot leave, the 2xx gets its BYE */
}

static void provisional(struct ua_client *client, const struct ua_view *response)
{
	const struct failover_ext_call_events *events = client->ua->events;
	uint32_t verdict = report(client, response, 0, 0), actions;

	hand_over(client, response, verdict);
	if (!client->is_invite)
		return;
	actions = ua_leg_provisional(&client->leg, verdict);
	if (actions & UA_LEG_CANCEL) {
		ua_answer_cancel(client);
		return;
	}
	if (actions & UA_LEG_TAKEN_UP)
		ua_timer_stop(&client->ua->timers, &client->end);
	if (verdict == FAILOVER_VERDICT_KEEP && response->status > 100 && events &&
	    events->progress && ua_call_find(client->ua, client->call))
		events->progress(events->app, client->call, response->status,
				 &client->attempt.target);
}

/* ---- final -------------------------------------------------------------------------------- */

/* May the same attempt go on after this 401, 407 or 423? */
static int can_go_on(struct ua_client *client, const struct ua_view *response, uint32_t *flags)
{
	struct ua_account *account = ua_account_find(client->ua, client->line);
	uint32_t least;

	if (!account || client->request->given || client->leg.abandoned ||
	    client->rounds >= UA_ROUNDS_MAX ||
	    client->attempt.method == FAILOVER_CANCEL) /* RFC 3261 22.1 */
		return 0;
	if (ua_auth_is_challenge(response->status))
		return ua_auth_take_challenges(account, client, response, flags);
	if (response->status != 423 || client->attempt.method != FAILOVER_REGISTER)
		return 0;
	least = least_expires(client, response);
	if (least <= client->attempt.expires_s || !client->attempt.expires_s)
		return 0;
	client->attempt.expires_s = least;
	ua_auth_begin_again(client);
	return 1;
}

/* B36: who made this request answers it in a new one; the race does not go on without. */
static int is_answered_above(const struct ua_client *client, const struct ua_view *response)
{
	return client->request->given && (client->attempt.flags & FAILOVER_ATTEMPT_EMERGENCY) &&
	       ua_auth_is_challenge(response->status);
}

/* Another request in the same attempt could not leave. */
static void give_up(struct ua_client *client, uint64_t id, int error)
{
	const struct failover_host *host = client->ua->host;

	ua_client_detach(client);
	if (id)
		host->unreachable(host->ctx, id, ua_reason_of(error));
}

/* The application hears where a call is sent. */
static void tell_redirect(struct ua_client *client, const struct ua_view *response)
{
	const struct failover_ext_call_events *events = client->ua->events;
	struct ua_redirects redirects = { .count = 0 };
	const char *uri;

	ua_redirect_take(&redirects, response, client->request->uri);
	while ((uri = ua_redirect_next(&redirects)))
		if (events && EVENTS_HAVE(events, redirected))
			events->redirected(events->app, client->call, uri);
	ua_redirect_clear(&redirects);
}

/* RFC 3261 8.1.3.4: after a redirection, or a failure of where one has led, except those that are
 * about the server or final everywhere. */
static int is_followed(const struct ua_call *call, const struct ua_view *response)
{
	if (ua_redirect_is(response))
		return 1;
	return ua_redirect_now(&call->redirects) && response->status >= 400 &&
	       response->status < 600 && response->status != 487 && response->status != 503;
}

/* B22f: call the next Contact, in the same attempt: to the core the server is at work on it.
 * Returns 1 if that is so. */
static int follow(struct ua_client *client, const struct ua_view *response)
{
	const struct ua_account *account = ua_account_find(client->ua, client->line);
	struct ua_call *call = client->is_invite ? ua_call_find(client->ua, client->call) : NULL;
	const struct ua_view trying = { .status = 100, .method = "INVITE" };
	uint64_t id = client->attempt.id;
	const char *uri;
	int error;

	if (!account || !call || !id || client->leg.abandoned || !is_followed(call, response))
		return 0;
	if (ua_redirect_is(response))
		tell_redirect(client, response);
	if (account->redirect == FAILOVER_REDIRECT_REPORT)
		return 0;
	ua_redirect_take(&call->redirects, response, client->request->uri);
	uri = ua_redirect_next(&call->redirects);
	if (!uri || report(client, &trying, 0, 0) != FAILOVER_VERDICT_KEEP)
		return 0;
	error = ua_send_redirected(client, uri);
	if (error)
		give_up(client, id, error);
	return 1;
}

/* A BYE that went another way than its dialog may have ended nothing there (B23a). */
static void tell_doubt(struct ua_client *client, const struct ua_view *response)
{
	if (client->attempt.method == FAILOVER_BYE && response->status == 408 &&
	    client->attempt.flags & FAILOVER_ATTEMPT_RESENT)
		ua_log(client->ua, FAILOVER_LOG_WARNING,
		       "call %llu: BYE was answered 408: the other side may not know that it has "
		       "ended",
		       (unsigned long long)client->attempt.cookie);
}

static void final(struct ua_client *client, const struct ua_view *response)
{
	uint64_t id = client->attempt.id;
	uint32_t flags = 0, go_on = can_go_on(client, response, &flags) != 0;
	uint32_t retrying = go_on || is_answered_above(client, response), verdict;
	int error;

	if (client->is_invite)
		ua_leg_failure(&client->leg);
	if (!go_on && follow(client, response))
		return;
	tell_doubt(client, response);
	verdict = report(client, response, retrying, flags);
	if (!go_on || verdict != FAILOVER_VERDICT_KEEP) {
		hand_over(client, response, verdict);
		if (verdict == FAILOVER_VERDICT_KEEP)
			ua_subscription_answered(client, response);
		ua_client_detach(client);
		return;
	}
	error = ua_send_again(client);
	if (error)
		give_up(client, id, error);
}

/* ---- 2xx to INVITE ------------------------------------------------------------------------ */

static void send_ack(struct ua_client *client, const struct ua_view *response, const char *tag,
		     int is_repeated)
{
	struct ua_leg *leg = &client->leg;
	char *once = NULL;
	uint32_t fork;

	for (fork = 0; fork < leg->forks; fork++)
		if (!strncmp(leg->tags[fork], tag, UA_LEG_TAG - 1))
			break;
	if (fork < leg->forks)
		ua_send_ack(client, response, &client->acks[fork], is_repeated);
	else
		ua_send_ack(client, response, &once, 1);
	free(once);
}

static void success(struct ua_client *client, const struct ua_view *response)
{
	const char *tag = response->to_tag;
	struct ua_call *call = ua_call_find(client->ua, client->call);
	uint32_t verdict = FAILOVER_VERDICT_LATE, actions;
	int is_repeated, takes_call = client->request->given || (call && !ua_call_is_up(call));

	if (!tag)
		tag = "";
	is_repeated = ua_leg_knows(&client->leg, tag);
	if (!is_repeated && !client->leg.call)
		verdict = report(client, response, 0, 0);
	ua_client_keep_for(client, ua_client_life_ms(client));
	actions = ua_leg_success(&client->leg, tag, verdict, takes_call);
	if (client->request->in_dialog)
		actions &= ~(uint32_t)UA_LEG_BYE; /* a late 2xx of a re-INVITE is no ghost call */
	if (client->request->given && client->leg.call) { /* RFC 3261 13.2.2.4: all forks are its */
		hand_over(client, response, FAILOVER_VERDICT_KEEP);
		return;
	}
	if (actions & UA_LEG_CALL)
		ua_call_established(call, client, response);
	if (actions & UA_LEG_ACK)
		send_ack(client, response, tag, is_repeated);
	if (actions & UA_LEG_BYE)
		ua_send_bye_ghost(client, response);
}

void ua_answer(struct ua_client *client, const struct ua_view *response)
{
	if (response->status < 200)
		provisional(client, response);
	else if (client->is_invite && is_2xx(response))
		success(client, response);
	else
		final(client, response);
}
