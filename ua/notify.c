/* SPDX-License-Identifier: MIT */
/* notify.c - NOTIFY of what a line is subscribed to (RFC 6665 4.1.3): answered, told, heeded. */
#include <string.h>
#include <strings.h>
#include "incoming.h"
#include "raw.h"
#include "subscription.h"
#include "value.h"

#define EXPIRES_MAX_S 604800u
#define RETRY_AFTER_MAX_S 86400u

/* What a server says of a subscription: Subscription-State. */
struct said {
	const char *state; /* one of ours */
	const char *params;
	uint32_t expires_s; /* 0 = it says nothing */
};

/* ---- whose -------------------------------------------------------------------------------- */

/* A NOTIFY may be here before the 2xx: then it is the first to name the server's tag. */
static int is_in(const struct ua_notifier *at, const struct ua_view *request)
{
	return at && !strcmp(at->dialog.call_id, request->call_id) &&
	       !strcmp(at->dialog.local_tag, request->to_tag) &&
	       (!at->dialog.remote_tag[0] || !strcmp(at->dialog.remote_tag, request->from_tag));
}

static struct ua_notifier *find(const struct ua_account *account, const struct ua_view *request,
				struct ua_subscription **out)
{
	struct ua_subscription *is;

	if (!account || !account->subscriptions || !request->from_tag)
		return NULL;
	LIST_FOREACH(is, &account->subscriptions->list, link)
	{
		*out = is;
		if (is_in(is->current, request))
			return is->current;
		if (is_in(is->fresh, request))
			return is->fresh;
	}
	return NULL;
}

/* ---- what it says ------------------------------------------------------------------------- */

static int read_state(const struct ua_view *request, struct said *out)
{
	static const char *const states[] = { "active", "pending", "terminated" };
	const char *value = ua_raw_first(request->raw, UA_RAW_SUBSCRIPTION_STATE);
	struct ua_part token, seconds;
	size_t i;

	if (!value)
		return -1;
	token = (struct ua_part){ value, ua_value_token(value) };
	*out = (struct said){ .state = "", .params = value + token.length };
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (ua_part_like(token, states[i]))
			out->state = states[i];
	if (ua_value_param(out->params, "expires", &seconds) && seconds.text)
		(void)ua_part_number(seconds, EXPIRES_MAX_S, &out->expires_s);
	return token.length ? 0 : -1;
}

static int is_of_package(const struct ua_subscription *is, const struct ua_view *request)
{
	const char *value = ua_raw_first(request->raw, UA_RAW_EVENT);

	return value && ua_part_like((struct ua_part){ value, ua_value_token(value) }, is->package);
}

static uint32_t status_for(const struct ua_subscription *is, const struct ua_notifier *at,
			   const struct ua_view *request, struct said *said)
{
	if (at->dialog.remote_cseq && request->cseq <= at->dialog.remote_cseq)
		return 500; /* RFC 3261 12.2.2 */
	if (!is_of_package(is, request))
		return 489;
	return read_state(request, said) ? 400 : 200;
}

/* ---- what follows ------------------------------------------------------------------------- */

static void tell_body(const struct ua_subscription *is, const struct ua_view *request,
		      const struct said *said)
{
	int is_plain =
		!request->content_encoding || !strcasecmp(request->content_encoding, "identity");
	struct failover_subscription_news news = {
		.kind = FAILOVER_SUBSCRIPTION_NOTIFY,
		.expires_s = said->expires_s,
		.target = request->source,
		.state = said->state,
		.type = request->content_type,
	};

	if (request->body && is_plain && strlen(request->body) <= FAILOVER_SUBSCRIPTION_BODY_MAX)
		news.body = request->body;
	ua_subscription_tell(is, &news);
}

/* RFC 6665 4.1.3: in how many seconds it may be asked for again; UINT32_MAX = not at this server.
 */
static uint32_t again_after(const struct ua_subscription *is, const struct said *said)
{
	struct ua_part reason = { "", 0 }, after;
	uint32_t seconds = 0;

	(void)ua_value_param(said->params, "reason", &reason);
	if (reason.text && (ua_part_like(reason, "deactivated") || ua_part_like(reason, "timeout")))
		return 0;
	if (reason.text &&
	    (ua_part_like(reason, "rejected") || ua_part_like(reason, "noresource") ||
	     ua_part_like(reason, "invariant")))
		return UINT32_MAX;
	if (ua_value_param(said->params, "retry-after", &after) && after.text)
		(void)ua_part_number(after, RETRY_AFTER_MAX_S, &seconds);
	return seconds ? seconds : ua_subscription_pause_s(is);
}

static void plan_again(struct ua_subscription *is, uint32_t seconds)
{
	is->anew = 1;
	if (seconds == UINT32_MAX) {
		is->rests = 1;
		ua_timer_stop(&is->of->ua->timers, &is->timer);
	} else if (seconds) {
		ua_subscription_plan(is, UINT64_C(1000) * seconds);
	} else {
		ua_subscription_again(is);
	}
}

/* Of an old server, whose place a new one is about to take, or of one whose 2xx is still to come:
 * what goes on, goes on. */
static void terminated(struct ua_subscription *is, const struct ua_notifier *at,
		       const struct said *said, const struct ua_view *request)
{
	struct failover_subscription_news news = { .kind = FAILOVER_SUBSCRIPTION_ENDED,
						   .target = request->source,
						   .state = said->state };
	int is_served = at == is->current && !is->anew && is->of->asking != is;

	if (at == is->fresh)
		return;
	ua_notifier_free(is->current);
	is->current = NULL;
	if (!is_served)
		return;
	news.again_s = again_after(is, said);
	plan_again(is, news.again_s);
	ua_subscription_tell(is, &news);
}

static void heed(struct ua_subscription *is, struct ua_notifier *at, const struct said *said,
		 const struct ua_view *request)
{
	if (!strcmp(said->state, "terminated"))
		terminated(is, at, said, request);
	else if (at == is->current && !is->anew && said->expires_s && is->of->asking != is)
		ua_subscription_stands(is, said->expires_s);
}

void ua_notify(struct ua_server *server, const struct ua_account *account,
	       const struct ua_view *request)
{
	struct ua_subscription *is = NULL;
	struct ua_notifier *at = find(account, request, &is);
	struct said said = { .state = "", .params = "" };
	uint32_t status = at ? status_for(is, at, request, &said) : 481;

	(void)ua_incoming_status(server, status);
	if (status != 200)
		return;
	at->dialog.remote_cseq = request->cseq;
	if (!at->dialog.remote_tag[0] && strlen(request->from_tag) < sizeof(at->dialog.remote_tag))
		strcpy(at->dialog.remote_tag, request->from_tag);
	(void)ua_dialog_refresh(&at->dialog, request->contact);
	tell_body(is, request, &said);
	heed(is, at, &said, request);
}
