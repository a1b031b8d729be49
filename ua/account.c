/* SPDX-License-Identifier: MIT */
/* account.c - failover.line/1: identities come, change and go; registrations outlive a change. */
#include <stdlib.h>
#include <string.h>
#include "account.h"
#include "auth.h"
#include "call.h"
#include "identity.h"
#include "registration.h"
#include "ringing.h"
#include "source.h"
#include "subscription.h"

/* ---- finding ------------------------------------------------------------------------------ */

struct ua_account *ua_account_find(const struct ua *ua, uint32_t line)
{
	struct ua_map_node *node;

	for (node = ua_map_find(&ua->accounts, ua_map_hash_number(&ua->accounts, line)); node;
	     node = ua_map_again(node)) {
		struct ua_account *account = UA_CONTAINER(node, struct ua_account, by_line);

		if (account->line == line)
			return account;
	}
	return NULL;
}

/* How well messages from there fit this target: 0 = not at all (B21a). */
static int fit(const struct failover_target *target, const struct failover_target *from)
{
	if (!ua_address_same_host(target, from))
		return 0;
	if (target->transport == from->transport)
		return target->port == from->port ? 4 : 3;
	if (target->transport != FAILOVER_UDP || from->transport != FAILOVER_TCP)
		return 0;
	return target->port == from->port ? 2 : 1; /* RFC 3261 18.1.1: what is long */
}

static const struct failover_target *best(const struct ua_account *account,
					  const struct failover_target *from, int *found_fit)
{
	const struct failover_target *found = NULL, *target;
	uint32_t i = 0;

	*found_fit = 0;
	while ((target = ua_source_of_line(account, i++)))
		if (fit(target, from) > *found_fit) {
			found = target;
			*found_fit = fit(target, from);
		}
	return found;
}

const struct failover_target *ua_account_source(const struct ua_account *account,
						const struct failover_target *from)
{
	int found_fit;

	return best(account, from, &found_fit);
}

const struct failover_target *ua_account_exact(const struct ua_account *account,
					       const struct failover_target *from)
{
	int found_fit;
	const struct failover_target *found = best(account, from, &found_fit);

	return found_fit == 4 ? found : NULL;
}

const struct failover_target *ua_account_tcp(const struct ua_account *account,
					     const struct failover_target *target)
{
	uint32_t i;

	for (i = 0; i < account->sources_count; i++) {
		const struct failover_target *other = &account->sources[i].target;

		if (other->transport == FAILOVER_TCP && other->registrar == target->registrar &&
		    ua_address_same_host(other, target))
			return other;
	}
	return NULL;
}

const char *ua_account_name(const struct ua_account *account, const struct failover_target *target)
{
	if (target->hop && target->hop <= account->proxies_count)
		return account->proxies[target->hop - 1].address;
	if (target->registrar < account->registrars_count)
		return account->registrars[target->registrar].address;
	return "";
}

const char *ua_source_name(const struct ua *ua, const struct failover_target *host)
{
	struct ua_source *source = NULL;

	while ((source = ua_source_next(ua, host, source)))
		if (source->account)
			return ua_account_name(source->account, &source->target);
	return NULL;
}

static int has_user(const struct ua_account *account, const char *user)
{
	uint32_t i;

	for (i = 0; i < account->incoming_users_count; i++)
		if (!strcmp(account->incoming_users[i], user))
			return 1;
	return 0;
}

static struct ua_account *find_incoming(const struct ua *ua, const char *user,
					const struct failover_target *from)
{
	struct ua_source *source = NULL;

	while ((source = ua_source_next(ua, from, source)))
		if (source->account && has_user(source->account, user))
			return source->account;
	return NULL;
}

struct ua_account *ua_account_for(const struct ua *ua, const char *user,
				  const struct failover_target *from)
{
	struct ua_account *found = NULL;
	struct ua_map_node *node;

	for (node = ua_map_find(&ua->users, ua_map_hash_text(&ua->users, user)); node;
	     node = ua_map_again(node)) {
		struct ua_account *account = UA_CONTAINER(node, struct ua_account, by_user);

		if (strcmp(account->user, user) != 0)
			continue;
		if (ua_account_source(account, from))
			return account;
		if (!found)
			found = account;
	}
	if (found && ua_is_accepted(ua, from))
		return found;
	return find_incoming(ua, user, from);
}

struct ua_account *ua_account_alone(const struct ua *ua, const struct failover_target *from)
{
	struct ua_account *found = NULL;
	struct ua_source *source = NULL;

	while ((source = ua_source_next(ua, from, source))) {
		if (found && source->account && found != source->account)
			return NULL;
		if (source->account)
			found = source->account;
	}
	return found;
}

/* ---- keep-alive --------------------------------------------------------------------------- */

static void leave_flow(struct ua_account *account)
{
	uint64_t number = account->flow_number;

	account->flow_number = 0;
	if (number)
		account->ua->stack->leave_flow(account->ua, &account->flow, number);
}

uint32_t ua_account_crlf_s(const struct ua_account *account)
{
	return account->crlf_configured || account->crlf_asked ? account->keepalive_s : 0;
}

static uint64_t ping_hash(const struct ua *ua, const struct failover_target *at)
{
	return ua_map_hash(&ua->pings, at->address, sizeof(at->address)) + at->port;
}

static void on_crlf(struct ua_timer *timer)
{
	struct ua_ping *is = UA_CONTAINER(timer, struct ua_ping, crlf);
	struct ua_account *account = is->account;

	(void)account->ua->stack->send(account->ua, &account->flow, "\r\n\r\n", 4);
	ua_map_remove(&account->ua->pings, &is->by_flow);
	ua_map_add(&account->ua->pings, &is->by_flow, ping_hash(account->ua, &account->flow));
	ua_timer_set(&account->ua->timers, timer,
		     timer->at + UINT64_C(1000) * ua_account_crlf_s(account));
}

static int make_ping(struct ua_account *account)
{
	struct ua_ping *is;

	if (account->ping)
		return FAILOVER_OK;
	is = calloc(1, sizeof(*is));
	if (!is || ua_timers_reserve(&account->ua->timers, 1)) {
		free(is);
		return FAILOVER_ERR_MEMORY;
	}
	is->crlf.fire = on_crlf;
	is->account = account;
	account->ping = is;
	return FAILOVER_OK;
}

static void stop_ping(struct ua_account *account)
{
	if (!account->ping)
		return;
	ua_timer_stop(&account->ua->timers, &account->ping->crlf);
	ua_map_remove(&account->ua->pings, &account->ping->by_flow);
	account->ping->is_doubted = 0;
}

static void free_ping(struct ua_account *account)
{
	if (!account->ping)
		return;
	stop_ping(account);
	ua_timers_clear(&account->ua->timers, 1);
	free(account->ping);
	account->ping = NULL;
}

/* On a connection the stream sends its own, and hears the answer. */
void ua_account_flow(struct ua_account *account, const struct failover_target *target,
		     uint64_t number)
{
	stop_ping(account);
	account->seen_at.family = 0;
	leave_flow(account);
	ua_binding_leave_flow(account, target);
	account->flow = target ? *target : (struct failover_target){ .family = 0 };
	account->flow_number = number;
	if (target && ua_account_crlf_s(account) && target->transport == FAILOVER_UDP &&
	    !make_ping(account))
		ua_timer_set(&account->ua->timers, &account->ping->crlf,
			     ua_now(account->ua) + UINT64_C(1000) * ua_account_crlf_s(account));
	ua_bindings_lapse(account);
	if (target)
		ua_ringing_moved(account->ua, account->line, target);
}

static void tell_lost(struct ua_account *account)
{
	const struct failover_host *host = account->ua->host;

	if (FAILOVER_HOST_HAS(host, lost))
		host->lost(host->ctx, account->line, &account->flow);
}

/* A host of an older contract hears of a lost connection, which is as good. */
void ua_account_refresh(struct ua_account *account)
{
	const struct failover_host *host = account->ua->host;

	if (FAILOVER_HOST_HAS(host, refresh))
		host->refresh(host->ctx, account->line, &account->flow);
	else
		tell_lost(account);
}

/* Each CRLF is good for one error. */
void ua_account_ping_failed(struct ua *ua, const struct failover_target *at, int is_proof)
{
	struct ua_map_node *node = ua_map_find(&ua->pings, ping_hash(ua, at));

	for (; node; node = ua_map_again(node)) {
		struct ua_ping *is = UA_CONTAINER(node, struct ua_ping, by_flow);

		if (!ua_address_same(&is->account->flow, at))
			continue;
		ua_map_remove(&ua->pings, &is->by_flow);
		if (is_proof || is->is_doubted)
			ua_account_refresh(is->account);
		is->is_doubted = 1;
		return;
	}
}

void ua_flow_lost(struct ua *ua, const struct failover_target *peer, uint64_t flow)
{
	struct ua_source *source = ua_source_next(ua, peer, NULL), *next;

	for (; source; source = next) {
		struct ua_account *account = source->account;

		next = ua_source_next(ua, peer, source);
		if (!account || account->flow_number != flow ||
		    !ua_address_same(&account->flow, peer))
			continue;
		account->flow_number = 0;
		tell_lost(account);
	}
}

void ua_accounts_leave_flows(struct ua *ua)
{
	struct ua_map_node *node;

	for (node = ua_map_walk(&ua->accounts, NULL); node; node = ua_map_walk(&ua->accounts, node))
		leave_flow(UA_CONTAINER(node, struct ua_account, by_line));
}

/* ---- life --------------------------------------------------------------------------------- */

static void drop_sources(struct ua *ua, struct ua_account *account)
{
	uint32_t i;

	for (i = 0; i < account->sources_count; i++)
		ua_source_drop(ua, &account->sources[i]);
	free(account->sources);
	account->sources = NULL;
	account->sources_count = 0;
}

static void free_account(struct ua *ua, struct ua_account *account)
{
	uint32_t i;

	if (!account)
		return;
	ua_map_remove(&ua->accounts, &account->by_line);
	ua_map_remove(&ua->users, &account->by_user);
	free_ping(account);
	leave_flow(account);
	drop_sources(ua, account);
	ua_bindings_drop(account);
	ua_subscriptions_free(account->subscriptions);
	for (i = 0; i < account->registrars_count; i++)
		ua_registrations_free(account, &account->registrars[i]);
	ua_auth_forget(account);
	free(account->contact);
	free(account->credentials);
	ua_identity_free(account);
}

void ua_accounts_free(struct ua *ua)
{
	struct ua_map_node *node = ua_map_walk(&ua->accounts, NULL), *next;

	for (; node; node = next) {
		next = ua_map_walk(&ua->accounts, node);
		free_account(ua, UA_CONTAINER(node, struct ua_account, by_line));
	}
}

/* ---- line_set ----------------------------------------------------------------------------- */

/* A registrar that stays, keeps its registration dialogs: the CSeq must go on (RFC 3261 10.2). The
 * sources stay until new targets are given; nonces and rejections go with the old credentials. */
static void inherit(struct ua *ua, struct ua_account *account, struct ua_account *old)
{
	uint32_t i;

	for (i = 0; i < account->registrars_count && i < old->registrars_count; i++) {
		struct ua_registrar *to = &account->registrars[i], *from = &old->registrars[i];

		if (strcmp(to->address, from->address) != 0 ||
		    strcmp(account->user, old->user) != 0)
			continue;
		ua_registrations_inherit(to, from);
	}
	account->contact = old->contact;
	account->headers = old->headers;
	account->credentials = old->credentials;
	old->contact = NULL;
	old->headers = NULL;
	old->credentials = NULL;
	account->subscriptions = old->subscriptions;
	old->subscriptions = NULL;
	if (strcmp(account->user, old->user) != 0 || strcmp(account->domain, old->domain) != 0)
		ua_subscriptions_renew(account->subscriptions);
	account->crlf_asked = old->crlf_asked;
	if (old->flow.family)
		ua_account_flow(account, &old->flow, old->flow_number);
	account->flow_until = old->flow_until;
	old->flow_number = 0; /* it is the new one's */
	account->seen_at = old->seen_at;
	ua_bindings_inherit(account, old);
	account->sources = old->sources;
	account->sources_count = old->sources_count;
	for (i = 0; i < account->sources_count; i++)
		account->sources[i].account = account;
	old->sources = NULL;
	old->sources_count = 0;
	free_account(ua, old);
}

static int line_set(void *inst, const struct failover_line_identity *identity)
{
	struct ua *ua = inst;
	struct ua_account *account, *old;
	int error = ua_identity_take(identity, &account);

	if (error)
		return error;
	account->ua = ua;
	if (account->crlf_configured && make_ping(account)) {
		ua_identity_free(account);
		return FAILOVER_ERR_MEMORY;
	}
	old = ua_account_find(ua, identity->line);
	if (old)
		inherit(ua, account, old);
	ua_map_add(&ua->accounts, &account->by_line,
		   ua_map_hash_number(&ua->accounts, account->line));
	ua_map_add(&ua->users, &account->by_user, ua_map_hash_text(&ua->users, account->user));
	return FAILOVER_OK;
}

static void line_remove(void *inst, uint32_t line)
{
	struct ua *ua = inst;
	struct ua_account *account = ua_account_find(ua, line);

	if (!account)
		return;
	ua_calls_drop(ua, line);
	free_account(ua, account);
}

static int line_targets(void *inst, uint32_t line, const struct failover_target *targets,
			uint32_t count)
{
	struct ua *ua = inst;
	struct ua_account *account = ua_account_find(ua, line);
	struct ua_source *sources;
	uint32_t i;

	if (!account)
		return FAILOVER_ERR_STALE;
	if (count > UA_TARGETS_OF_LINE_MAX || (count && !targets))
		return FAILOVER_ERR_ARGUMENT;
	sources = calloc(count ? count : 1, sizeof(*sources));
	if (!sources)
		return FAILOVER_ERR_MEMORY;
	drop_sources(ua, account);
	account->sources = sources;
	account->sources_count = (uint8_t)count;
	for (i = 0; i < count; i++)
		ua_source_add(ua, &sources[i], account, &targets[i]);
	ua_binding_unlist_flow(account);
	return FAILOVER_OK;
}

const struct failover_ext_line ua_ext_line = {
	.size = sizeof(struct failover_ext_line),
	.line_set = line_set,
	.line_remove = line_remove,
	.line_targets = line_targets,
};
