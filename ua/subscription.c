/* SPDX-License-Identifier: MIT */
/* subscription.c - failover.subscription/1: what a line is subscribed to, and when each SUBSCRIBE
 * is due: see subscription.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "contact.h"
#include "send.h"
#include "subscription.h"
#include "value.h"

#define EXPIRES_S 3600u
#define AGAIN_MS 10000u /* between two that were set up, whatever the server says */
#define NOT_NOW_MS 1000u
#define PAUSE_FIRST_S 30u
#define PAUSE_MOST_S 1920u
#define REFRESH_BEFORE_S 5u
#define REFRESH_LEAST_MS 5000u

/* ---- random ------------------------------------------------------------------------------- */

/* 0 to most - 1 */
static uint32_t random_below(const struct ua *ua, uint32_t most)
{
	uint32_t number = 0;

	(void)ua->host->random(ua->host->ctx, &number, sizeof(number));
	return (uint32_t)((uint64_t)number * most >> 32);
}

/* ---- when --------------------------------------------------------------------------------- */

static int serves(const struct ua_subscriptions *all, const struct ua_notifier *at)
{
	return at && at->target.transport == all->serving.transport &&
	       at->target.registrar == all->serving.registrar &&
	       ua_address_same(&at->target, &all->serving);
}

void ua_subscription_plan(struct ua_subscription *is, uint64_t ms)
{
	ua_timer_set(&is->of->ua->timers, &is->timer, ua_now(is->of->ua) + ms);
}

/* One of a line at a time, so that they take no room of its calls. */
static void on_due(struct ua_timer *timer)
{
	struct ua_subscription *is = UA_CONTAINER(timer, struct ua_subscription, timer);
	struct ua_subscriptions *all = is->of;
	const struct failover_ext_subscription_events *events = all->ua->subscription_events;

	if (!all->serving.family) /* serve() plans all of them anew */
		return;
	if (all->asking) {
		is->waits = 1;
		return;
	}
	is->request = 0;
	all->asking = is;
	if (!events->due(events->app, all->line, is->number))
		return;
	all->asking = NULL;
	ua_subscription_plan(is, NOT_NOW_MS);
}

void ua_subscription_done(struct ua_subscription *is)
{
	struct ua_subscriptions *all = is->of;
	struct ua_subscription *next;

	is->request = 0;
	if (all->asking == is)
		all->asking = NULL;
	LIST_FOREACH(next, &all->list, link)
	{
		if (!next->waits)
			continue;
		next->waits = 0;
		ua_subscription_plan(next, 0);
		return;
	}
}

/* B15: at 90 %, at least 5 s before the end; of a very short time, half. */
void ua_subscription_stands(struct ua_subscription *is, uint32_t seconds)
{
	uint64_t ms = UINT64_C(900) * seconds, half = UINT64_C(500) * seconds;
	uint64_t before =
		seconds > REFRESH_BEFORE_S ? UINT64_C(1000) * (seconds - REFRESH_BEFORE_S) : 0;

	is->current->until = ua_now(is->of->ua) + UINT64_C(1000) * seconds;
	if (ms > before)
		ms = before;
	if (ms < half)
		ms = half;
	ua_subscription_plan(is, ms < REFRESH_LEAST_MS ? REFRESH_LEAST_MS : ms);
}

void ua_subscription_again(struct ua_subscription *is)
{
	uint64_t now = ua_now(is->of->ua), least = is->made_at + AGAIN_MS;

	ua_subscription_plan(is, is->made_at && least > now ? least - now : 0);
}

uint32_t ua_subscription_pause_s(const struct ua_subscription *is)
{
	uint32_t pause = PAUSE_FIRST_S, times = is->failures;

	while (times-- && pause < PAUSE_MOST_S)
		pause *= 2;
	return pause + random_below(is->of->ua, pause / 10 + 1);
}

void ua_subscription_tell(const struct ua_subscription *is, struct failover_subscription_news *news)
{
	const struct failover_ext_subscription_events *events = is->of->ua->subscription_events;

	news->size = sizeof(*news);
	news->line = is->of->line;
	news->subscription = is->number;
	news->what = is->what;
	news->state = news->state ? news->state : "";
	news->type = news->type ? news->type : "";
	news->body = news->body ? news->body : "";
	events->news(events->app, news);
}

/* ---- moves (B40) -------------------------------------------------------------------------- */

/* What stood at another server is heard until it stands here. */
static void follow(struct ua_subscription *is, uint32_t spread_ms)
{
	ua_notifier_free(is->fresh);
	is->fresh = NULL;
	is->request = 0;
	is->waits = is->rests = 0;
	is->failures = 0;
	ua_timer_stop(&is->of->ua->timers, &is->timer);
	if (is->is_refused || !is->of->serving.family)
		return;
	is->anew = !serves(is->of, is->current);
	ua_subscription_plan(is, random_below(is->of->ua, spread_ms));
}

/* Its Contact leads nowhere any more: another address, or another connection (B24b). */
static void check_contact(struct ua_subscription *is, uint32_t spread_ms)
{
	struct failover_target local;

	if (!is->current || !serves(is->of, is->current) ||
	    ua_contact_local(is->of->ua, &is->current->target, &local) ||
	    ua_address_same(&local, &is->current->local))
		return;
	is->current->local = local;
	ua_subscription_plan(is, random_below(is->of->ua, spread_ms));
}

static int serve(void *inst, uint32_t line, const struct failover_target *target,
		 uint32_t spread_ms)
{
	const struct ua_account *account = ua_account_find(inst, line);
	struct ua_subscriptions *all = account ? account->subscriptions : NULL;
	struct ua_notifier there;
	struct ua_subscription *is;

	if (!all)
		return account ? FAILOVER_OK : FAILOVER_ERR_STALE;
	there.target = target ? *target : (struct failover_target){ .family = 0 };
	if (serves(all, &there)) {
		LIST_FOREACH(is, &all->list, link)
		check_contact(is, spread_ms);
		return FAILOVER_OK;
	}
	all->serving = there.target;
	all->asking = NULL; /* what becomes of it there says nothing here */
	LIST_FOREACH(is, &all->list, link)
	follow(is, spread_ms);
	return FAILOVER_OK;
}

/* ---- life --------------------------------------------------------------------------------- */

void ua_notifier_free(struct ua_notifier *notifier)
{
	if (!notifier)
		return;
	ua_dialog_clear(&notifier->dialog);
	free(notifier);
}

static void drop(struct ua_subscription *is)
{
	ua_subscription_done(is);
	LIST_REMOVE(is, link);
	ua_timer_stop(&is->of->ua->timers, &is->timer);
	ua_timers_clear(&is->of->ua->timers, 1);
	ua_notifier_free(is->current);
	ua_notifier_free(is->fresh);
	free(is);
}

void ua_subscriptions_free(struct ua_subscriptions *all)
{
	struct ua_subscription *is;

	while (all && (is = LIST_FIRST(&all->list)))
		drop(is);
	free(all);
}

void ua_subscriptions_renew(struct ua_subscriptions *all)
{
	struct ua_subscription *is;

	if (!all)
		return;
	all->serving.family = 0;
	all->asking = NULL;
	LIST_FOREACH(is, &all->list, link)
	{
		ua_notifier_free(is->current);
		is->current = NULL;
		is->is_refused = 0;
		follow(is, 0);
	}
}

struct ua_subscription *ua_subscription_find(const struct ua_account *account, uint64_t number)
{
	struct ua_subscription *is;

	if (!account || !account->subscriptions)
		return NULL;
	LIST_FOREACH(is, &account->subscriptions->list, link)
	if (is->number == number)
		return is;
	return NULL;
}

/* ---- set ---------------------------------------------------------------------------------- */

/* "PACKAGE[;target=USER-OR-URI]": how long the package is, 0 = it is none of these. */
static size_t read_what(const struct ua_account *account, const char *what, const char **resource)
{
	size_t package = ua_value_token(what);
	char uri[UA_URI_MAX];

	*resource = "";
	if (!package || package >= UA_PACKAGE || strlen(what) >= FAILOVER_SUBSCRIPTION_TEXT)
		return 0;
	if (!what[package])
		return package;
	if (strncasecmp(what + package, ";target=", 8) != 0)
		return 0;
	*resource = what + package + 8;
	return ua_send_uri(account, 0, *resource, uri, sizeof(uri)) ? 0 : package;
}

static struct ua_subscription *find_what(const struct ua_subscriptions *all, const char *what)
{
	struct ua_subscription *is;

	LIST_FOREACH(is, &all->list, link)
	if (!strcmp(is->what, what))
		return is;
	return NULL;
}

static struct ua_subscription *create(struct ua_subscriptions *all,
				      const struct ua_account *account, const char *what)
{
	const char *resource;
	size_t package = read_what(account, what, &resource);
	struct ua_subscription *is = calloc(1, sizeof(*is) + strlen(what) + 1);

	if (!is || ua_timers_reserve(&all->ua->timers, 1)) {
		free(is);
		return NULL;
	}
	is->of = all;
	is->number = ++all->ua->calls_made;
	is->expires_s = EXPIRES_S;
	is->timer.fire = on_due;
	strcpy(is->what, what);
	is->resource = is->what + (*resource ? (size_t)(resource - what) : strlen(what));
	memcpy(is->package, what, package);
	LIST_INSERT_HEAD(&all->list, is, link);
	return is;
}

static int is_wanted(const char *const *what, uint32_t count, const char *text)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(what[i], text))
			return 1;
	return 0;
}

static int check(const struct ua_account *account, const char *const *what, uint32_t count)
{
	const char *resource;
	uint32_t i;

	if (count > FAILOVER_SUBSCRIPTIONS_OF_LINE || (count && !what))
		return FAILOVER_ERR_ARGUMENT;
	for (i = 0; i < count; i++)
		if (!what[i] || !read_what(account, what[i], &resource) ||
		    is_wanted(what, i, what[i]))
			return FAILOVER_ERR_ARGUMENT;
	return FAILOVER_OK;
}

/* The configuration was read once more: what was refused may be offered now. */
static void ask_again(struct ua_subscription *is)
{
	if (!is->is_refused && !is->rests)
		return;
	is->is_refused = 0;
	follow(is, 0);
}

static void drop_unwanted(struct ua_subscriptions *all, const char *const *what, uint32_t count)
{
	struct ua_subscription *is = LIST_FIRST(&all->list), *next;

	for (; is; is = next) {
		next = LIST_NEXT(is, link);
		if (is_wanted(what, count, is->what)) {
			ask_again(is);
			continue;
		}
		ua_subscription_end(is);
		drop(is);
	}
}

/* New ones last, so that a failure leaves the old ones: they are taken back. */
static int add_wanted(struct ua_subscriptions *all, const struct ua_account *account,
		      const char *const *what, uint32_t count)
{
	struct ua_subscription *is, *before = LIST_FIRST(&all->list);
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (find_what(all, what[i]))
			continue;
		is = create(all, account, what[i]);
		if (!is) {
			while (LIST_FIRST(&all->list) != before)
				drop(LIST_FIRST(&all->list));
			return FAILOVER_ERR_MEMORY;
		}
		follow(is, 0);
	}
	return FAILOVER_OK;
}

static struct ua_subscriptions *of_account(struct ua *ua, struct ua_account *account)
{
	struct ua_subscriptions *all = account->subscriptions;

	if (all)
		return all;
	all = calloc(1, sizeof(*all));
	if (!all)
		return NULL;
	all->ua = ua;
	all->line = account->line;
	account->subscriptions = all;
	return all;
}

static int set(void *inst, uint32_t line, const char *const *what, uint32_t count)
{
	struct ua *ua = inst;
	struct ua_account *account = ua_account_find(ua, line);
	struct ua_subscriptions *all;
	int error;

	if (!account)
		return FAILOVER_ERR_STALE;
	if (!count && !account->subscriptions)
		return FAILOVER_OK;
	if (!ua->subscription_events)
		return FAILOVER_ERR_UNSUPPORTED;
	error = check(account, what, count);
	if (error)
		return error;
	all = of_account(ua, account);
	error = all ? add_wanted(all, account, what, count) : FAILOVER_ERR_MEMORY;
	if (!error)
		drop_unwanted(all, what, count);
	return error;
}

const struct failover_ext_subscription ua_ext_subscription = {
	.size = sizeof(struct failover_ext_subscription),
	.set = set,
	.serve = serve,
};
