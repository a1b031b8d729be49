/* SPDX-License-Identifier: MIT */
/* source.c - the table of sources: see source.h. */
#include <stdlib.h>
#include <string.h>
#include "call.h"
#include "hop.h"
#include "source.h"

#define BINDINGS_MAX 16u
#define TOLD_EVERY_MS 60000u

/* What a dialog's peer may say, is of dialogs only: such sources are in a table row of their own.
 */
#define OF_DIALOG 8u

/* A live binding of the line at a target that may have gone from its list. */
struct ua_binding {
	LIST_ENTRY(ua_binding) link;
	struct ua_source source;
	uint64_t until; /* ms */
	struct ua_timer timer;
};

/* ---- table -------------------------------------------------------------------------------- */

static uint64_t hash(const struct ua *ua, const struct failover_target *from, uint32_t row)
{
	return ua_map_hash(&ua->sources, from->address, sizeof(from->address)) + row;
}

static struct ua_source *of_node(struct ua_map_node *node, const struct failover_target *host)
{
	for (; node; node = ua_map_again(node)) {
		struct ua_source *source = UA_CONTAINER(node, struct ua_source, by_host);

		if (ua_address_same_host(&source->target, host))
			return source;
	}
	return NULL;
}

static struct ua_source *first(const struct ua *ua, const struct failover_target *from,
			       uint32_t row)
{
	return of_node(ua_map_find(&ua->sources, hash(ua, from, row)), from);
}

/* A server of UDP sends what is long by TCP (RFC 3261 18.1.1). */
struct ua_source *ua_source_next(const struct ua *ua, const struct failover_target *from,
				 const struct ua_source *source)
{
	struct ua_source *next = source ? of_node(ua_map_again(&source->by_host), from)
					: first(ua, from, from->transport);

	if (next || from->transport != FAILOVER_TCP ||
	    (source && source->target.transport == FAILOVER_UDP))
		return next;
	return first(ua, from, FAILOVER_UDP);
}

static void add(struct ua *ua, struct ua_source *source, struct ua_account *account,
		const struct failover_target *target, uint32_t kind)
{
	ua_map_remove(&ua->sources, &source->by_host);
	source->account = account;
	source->target = *target;
	ua_map_add(&ua->sources, &source->by_host, hash(ua, target, target->transport | kind));
}

void ua_source_add(struct ua *ua, struct ua_source *source, struct ua_account *account,
		   const struct failover_target *target)
{
	add(ua, source, account, target, 0);
}

void ua_source_drop(struct ua *ua, struct ua_source *source)
{
	ua_map_remove(&ua->sources, &source->by_host);
}

/* ---- who ---------------------------------------------------------------------------------- */

/* B21a: datagrams count where a UDP target has that host. A server of UDP sends what is long by TCP
 * (RFC 3261 18.1.1); one of TLS never in the clear. */
static int is_source(const struct ua *ua, const struct failover_target *from, uint32_t kind)
{
	if (first(ua, from, from->transport | kind))
		return 1;
	return from->transport == FAILOVER_TCP && first(ua, from, FAILOVER_UDP | kind);
}

int ua_is_source(const struct ua *ua, const struct failover_target *from)
{
	return is_source(ua, from, 0);
}

static int is_in_network(const struct failover_network *network, const struct failover_target *from)
{
	size_t whole = network->prefix / 8;
	unsigned rest = network->prefix % 8;

	if (network->family != from->family || whole > sizeof(from->address) ||
	    memcmp(network->address, from->address, whole) != 0)
		return 0;
	return !rest || whole == sizeof(from->address) ||
	       !((network->address[whole] ^ from->address[whole]) >> (8 - rest));
}

int ua_is_accepted(const struct ua *ua, const struct failover_target *from)
{
	uint32_t i;

	if (ua->accept_any)
		return 1;
	for (i = 0; i < ua->accept_count; i++)
		if (is_in_network(&ua->accept[i], from))
			return 1;
	return 0;
}

int ua_may_connect(const struct ua *ua, const struct failover_target *from)
{
	return ua_is_accepted(ua, from) || is_source(ua, from, 0) || is_source(ua, from, OF_DIALOG);
}

static const char *transport_text(uint32_t transport)
{
	switch ((enum failover_transport)transport) {
	case FAILOVER_UDP:
		return "UDP";
	case FAILOVER_TCP:
		return "TCP";
	case FAILOVER_TLS:
		return "TLS";
	}
	return "";
}

void ua_turn_away(struct ua *ua, const struct failover_target *from)
{
	uint64_t now = ua_now(ua);
	char text[UA_ADDRESS_TEXT];

	ua->counters.foreign++;
	if (ua->foreign_told && now - ua->foreign_told_at < TOLD_EVERY_MS)
		return;
	ua_log(ua, FAILOVER_LOG_WARNING,
	       "turned away: %s by %s is no target of a line and not in accept_from (%llu so far)",
	       ua_address_text(from, text), transport_text(from->transport),
	       (unsigned long long)ua->counters.foreign);
	ua->foreign_told = 1;
	ua->foreign_told_at = now;
}

int ua_welcome(struct ua *ua, const struct ua_view *request)
{
	const struct failover_target *from = &request->source;

	if (ua_is_accepted(ua, from) || is_source(ua, from, 0) ||
	    (request->to_tag && is_source(ua, from, OF_DIALOG)))
		return 1;
	ua_turn_away(ua, from);
	return 0;
}

/* ---- bindings ----------------------------------------------------------------------------- */

static int same_place(const struct failover_target *a, const struct failover_target *b)
{
	return a->transport == b->transport && ua_address_same(a, b);
}

static void drop(struct ua_account *account, struct ua_binding *binding)
{
	LIST_REMOVE(binding, link);
	ua_source_drop(account->ua, &binding->source);
	ua_timer_stop(&account->ua->timers, &binding->timer);
	ua_timers_clear(&account->ua->timers, 1);
	account->bindings_count--;
	free(binding);
}

/* The serving target stays although its time is over: it may be late only. */
void ua_bindings_lapse(struct ua_account *account)
{
	struct ua_binding *binding = LIST_FIRST(&account->bindings), *after;

	for (; binding; binding = after) {
		after = LIST_NEXT(binding, link);
		if (same_place(&binding->source.target, &account->flow))
			ua_timer_stop(&account->ua->timers, &binding->timer);
		else if (binding->until <= ua_now(account->ua))
			drop(account, binding);
		else
			ua_timer_set(&account->ua->timers, &binding->timer, binding->until);
	}
}

static void on_timer(struct ua_timer *timer)
{
	ua_bindings_lapse(UA_CONTAINER(timer, struct ua_binding, timer)->source.account);
}

static struct ua_binding *find(struct ua_account *account, const struct failover_target *target)
{
	struct ua_binding *binding;

	LIST_FOREACH(binding, &account->bindings, link)
	if (same_place(&binding->source.target, target))
		return binding;
	return NULL;
}

/* The one that ends first makes room. NULL = no memory: then it is a listed target only. */
static struct ua_binding *make(struct ua_account *account)
{
	struct ua_binding *binding, *least = NULL;

	if (account->bindings_count < BINDINGS_MAX) {
		binding = calloc(1, sizeof(*binding));
		if (!binding || ua_timers_reserve(&account->ua->timers, 1)) {
			free(binding);
			return NULL;
		}
		binding->timer.fire = on_timer;
		LIST_INSERT_HEAD(&account->bindings, binding, link);
		account->bindings_count++;
		return binding;
	}
	LIST_FOREACH(binding, &account->bindings, link)
	if (!least || binding->until < least->until)
		least = binding;
	return least;
}

static void hold(struct ua_account *account, const struct failover_target *target, uint64_t until)
{
	struct ua_binding *binding = find(account, target);

	if (!binding)
		binding = make(account);
	if (!binding)
		return;
	ua_source_add(account->ua, &binding->source, account, target);
	binding->until = until;
}

static int is_listed(const struct ua_account *account, const struct failover_target *target)
{
	uint32_t i;

	for (i = 0; i < account->sources_count; i++)
		if (same_place(&account->sources[i].target, target))
			return 1;
	return 0;
}

/* That of the flow needs no memory of its own while its target is listed. */
void ua_binding_set(struct ua_account *account, const struct failover_target *target,
		    uint32_t expires_s)
{
	uint64_t until = ua_now(account->ua) + UINT64_C(1000) * expires_s;
	struct ua_binding *binding = find(account, target);
	int is_flow = same_place(&account->flow, target) && is_listed(account, target);

	if (binding && (!expires_s || is_flow))
		drop(account, binding);
	if (is_flow)
		account->flow_until = expires_s ? until : 0;
	else if (expires_s)
		hold(account, target, until);
	ua_bindings_lapse(account);
}

void ua_binding_leave_flow(struct ua_account *account, const struct failover_target *next)
{
	uint64_t until = account->flow_until;

	if (next && same_place(&account->flow, next))
		return;
	account->flow_until = 0;
	if (account->flow.family && until > ua_now(account->ua))
		hold(account, &account->flow, until);
}

void ua_binding_unlist_flow(struct ua_account *account)
{
	if (!account->flow.family || !account->flow_until || is_listed(account, &account->flow))
		return;
	hold(account, &account->flow, account->flow_until);
	account->flow_until = 0;
}

const struct failover_target *ua_source_of_line(const struct ua_account *account, uint32_t which)
{
	const struct ua_binding *binding;

	if (which < account->sources_count)
		return &account->sources[which].target;
	which -= account->sources_count;
	LIST_FOREACH(binding, &account->bindings, link)
	if (!which--)
		return &binding->source.target;
	return NULL;
}

void ua_bindings_inherit(struct ua_account *account, struct ua_account *old)
{
	struct ua_binding *binding;

	while ((binding = LIST_FIRST(&old->bindings))) {
		LIST_REMOVE(binding, link);
		LIST_INSERT_HEAD(&account->bindings, binding, link);
		binding->source.account = account;
	}
	account->bindings_count = old->bindings_count;
	old->bindings_count = 0;
	ua_bindings_lapse(account);
}

void ua_bindings_drop(struct ua_account *account)
{
	struct ua_binding *binding;

	while ((binding = LIST_FIRST(&account->bindings)))
		drop(account, binding);
}

/* ---- dialogs ------------------------------------------------------------------------------ */

/* B21a: by the transport of the dialog only. */
static void add_peer(struct ua_call *call, struct ua_source *source,
		     const struct failover_target *peer)
{
	struct failover_target at = *peer;

	at.transport = call->target.transport;
	add(call->ua, source, NULL, &at, OF_DIALOG);
}

static void add_peer_of(struct ua_call *call, struct ua_source *source,
			const struct ua_value_uri *uri)
{
	struct failover_target peer = { .family = 0 };

	if (!ua_hop_number(uri->host, &peer))
		add_peer(call, source, &peer);
}

void ua_call_sources_set(struct ua_call *call)
{
	struct ua_call_sources *sources = &call->sources;
	struct ua_value_uri uri;

	ua_call_sources_drop(call);
	if (call->target.family) /* what it says outside of the dialog is heard, too */
		ua_source_add(call->ua, &sources->target, NULL, &call->target);
	if (call->peer.family)
		add_peer(call, &sources->peer, &call->peer);
	if (call->dialog.target && !ua_hop_read_uri(call->dialog.target, &uri))
		add_peer_of(call, &sources->contact, &uri);
	if (call->dialog.routes_count && !ua_hop_read_route(call->dialog.routes[0], &uri))
		add_peer_of(call, &sources->route, &uri);
}

void ua_call_sources_drop(struct ua_call *call)
{
	struct ua_call_sources *sources = &call->sources;

	ua_source_drop(call->ua, &sources->target);
	ua_source_drop(call->ua, &sources->peer);
	ua_source_drop(call->ua, &sources->contact);
	ua_source_drop(call->ua, &sources->route);
}
