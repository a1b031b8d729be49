/* SPDX-License-Identifier: MIT */
/* subscribe.c - SUBSCRIBE: what it says (RFC 6665 4.1), and what its answers lead to (B40). */
#include <stdlib.h>
#include <string.h>
#include "auth.h"
#include "contact.h"
#include "registration.h"
#include "request.h"
#include "send.h"
#include "subscription.h"

#define EXPIRES_MAX_S 604800u
#define RETRY_AFTER_MAX_S 86400u

/* ---- request ------------------------------------------------------------------------------ */

static const char *accept_of(const char *package)
{
	static const struct {
		const char *package, *type;
	} known[] = {
		{ "message-summary", "application/simple-message-summary" },
		{ "dialog", "application/dialog-info+xml" },
		{ "presence", "application/pidf+xml" },
		{ "reg", "application/reginfo+xml" },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].package, package))
			return known[i].type;
	return NULL;
}

static int write_headers(const struct ua_subscription *is, char *out, size_t size)
{
	const char *accept = accept_of(is->package);
	struct ua_writer writer;

	ua_writer_init(&writer, out, size);
	ua_writer_add(&writer, "Event: %s\r\n", is->package);
	if (accept)
		ua_writer_add(&writer, "Accept: %s\r\n", accept);
	return ua_writer_error(&writer);
}

/* With what ua_send_prepare() has filled in. */
static struct ua_request *initial_with(struct ua_subscription *is, const struct ua_account *account,
				       const struct failover_attempt *attempt,
				       struct ua_send_texts *texts, int *error)
{
	struct ua_dialog *dialog = &is->fresh->dialog;
	struct ua_request parts = { .method = "SUBSCRIBE",
				    .call_id = dialog->call_id,
				    .has_expires = 1,
				    .expires_s = is->expires_s };
	char uri[UA_URI_MAX], to[UA_URI_MAX + 2], headers[256];
	struct ua_writer writer;

	*error = ua_send_prepare(is->of->ua, attempt, dialog->local_tag, texts, &parts);
	if (!*error)
		*error =
			ua_send_uri(account, attempt->target.registrar,
				    *is->resource ? is->resource : account->user, uri, sizeof(uri));
	if (!*error)
		*error = write_headers(is, headers, sizeof(headers));
	if (*error)
		return NULL;
	ua_writer_init(&writer, to, sizeof(to));
	ua_writer_add(&writer, "<%s>", uri);
	parts.uri = uri;
	parts.to = to;
	parts.cseq = ++dialog->local_cseq;
	parts.headers = headers;
	parts.routes = ua_registration_routes(account, &attempt->target);
	return ua_request_copy(&parts);
}

/* A dialog of its own, beside the one that stands at another server. */
static struct ua_request *initial(struct ua_subscription *is, const struct ua_account *account,
				  const struct failover_attempt *attempt, int *error)
{
	struct ua_notifier *fresh = calloc(1, sizeof(*fresh));
	struct ua_send_texts *texts = malloc(sizeof(*texts));
	struct ua_request *request = NULL;

	ua_notifier_free(is->fresh);
	is->fresh = fresh;
	*error = fresh && texts ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
	if (!*error)
		*error = ua_token(is->of->ua, fresh->dialog.call_id);
	if (!*error)
		*error = ua_token(is->of->ua, fresh->dialog.local_tag);
	if (!*error) {
		fresh->target = attempt->target;
		request = initial_with(is, account, attempt, texts, error);
	}
	free(texts);
	return request;
}

/* In the dialog that stands; expires_s 0 ends it. */
static struct ua_request *refresh(const struct ua_subscription *is,
				  const struct ua_account *account,
				  const struct failover_target *target, uint32_t expires_s,
				  struct failover_target *hop)
{
	struct ua_dialog *dialog = &is->current->dialog;
	const struct ua_dialog_request in_dialog = { .method = "SUBSCRIBE",
						     .cseq = ++dialog->local_cseq,
						     .account = account,
						     .target = target };
	struct ua_request *plain = ua_dialog_request(is->of->ua, dialog, &in_dialog, hop);
	struct ua_request *request = NULL, parts;
	char headers[256], contact[UA_CONTACT_MAX];

	if (!plain)
		return NULL;
	parts = *plain;
	parts.contact_at = parts.local;
	parts.contact = contact;
	parts.headers = headers;
	parts.has_expires = 1;
	parts.expires_s = expires_s;
	if (!write_headers(is, headers, sizeof(headers)) &&
	    !ua_send_contact(account, &parts.local, contact, sizeof(contact)))
		request = ua_request_copy(&parts);
	free(plain);
	return request;
}

static int stands_at(const struct ua_subscription *is, const struct failover_target *target)
{
	const struct ua_notifier *at = is->current;

	return at && !is->anew && at->target.transport == target->transport &&
	       ua_address_same(&at->target, target) && at->until > ua_now(is->of->ua);
}

struct ua_request *ua_subscription_request(struct ua *ua, const struct ua_account *account,
					   const struct failover_attempt *attempt,
					   struct failover_target *hop, int *error)
{
	struct ua_subscription *is = ua_subscription_find(account, attempt->cookie);

	(void)ua;
	*error = is ? FAILOVER_ERR_MEMORY : FAILOVER_ERR_UNSUPPORTED;
	if (!is)
		return NULL;
	is->request = attempt->request;
	if (stands_at(is, &attempt->target))
		return refresh(is, account, &attempt->target, is->expires_s, hop);
	return initial(is, account, attempt, error);
}

/* RFC 6665 4.1.2.3, on the plugin's own account: nobody waits for its answer. */
void ua_subscription_end(struct ua_subscription *is)
{
	const struct ua_account *account = ua_account_find(is->of->ua, is->of->line);
	struct failover_attempt own = { .size = sizeof(own),
					.line = is->of->line,
					.method = FAILOVER_OTHER,
					.t1_ms = UA_T1_MS,
					.t2_ms = UA_T2_MS,
					.t4_ms = UA_T4_MS };
	struct failover_target hop;
	struct ua_client_start start = { .attempt = &own, .hop = &hop };

	if (!account || !is->current || !stands_at(is, &is->of->serving))
		return;
	own.target = is->current->target;
	start.request = refresh(is, account, &own.target, 0, &hop);
	if (start.request)
		(void)ua_client_start(is->of->ua, &start);
}

/* ---- answers ------------------------------------------------------------------------------ */

static void note_local(struct ua_notifier *at, struct ua *ua)
{
	if (ua_contact_local(ua, &at->target, &at->local))
		at->local.family = 0;
}

/* The new dialog takes the place of the old one. What the peer has counted before the 2xx came,
 * stays. */
static int set_up(struct ua_subscription *is, const struct ua_client *client,
		  const struct ua_view *response)
{
	uint32_t heard = is->fresh->dialog.remote_cseq;
	struct ua_dialog dialog;
	int error = ua_dialog_of_caller(&dialog, client->request, response);

	if (error)
		return error;
	dialog.remote_cseq = heard;
	ua_dialog_clear(&is->fresh->dialog);
	is->fresh->dialog = dialog;
	ua_notifier_free(is->current);
	is->current = is->fresh;
	is->fresh = NULL;
	is->anew = 0;
	is->made_at = ua_now(client->ua);
	return FAILOVER_OK;
}

static void failed(struct ua_subscription *is, const struct failover_target *target,
		   uint32_t status, uint32_t again_s)
{
	struct failover_subscription_news news = { .kind = FAILOVER_SUBSCRIPTION_FAILED,
						   .status = status,
						   .again_s = again_s,
						   .target = *target };

	ua_notifier_free(is->fresh);
	is->fresh = NULL;
	if (is->failures < UINT8_MAX)
		is->failures++;
	ua_subscription_plan(is, UINT64_C(1000) * again_s);
	ua_subscription_done(is);
	ua_subscription_tell(is, &news);
}

static void granted(struct ua_subscription *is, const struct ua_client *client,
		    const struct ua_view *response)
{
	struct failover_subscription_news news = { .kind = FAILOVER_SUBSCRIPTION_ACTIVE,
						   .status = response->status,
						   .target = client->attempt.target };
	uint32_t seconds = client->request->expires_s;

	if (response->expires && ua_text_number(response->expires, EXPIRES_MAX_S, &seconds))
		seconds = client->request->expires_s;
	if ((is->fresh && set_up(is, client, response)) || !is->current || !seconds) {
		is->anew = 1;
		failed(is, &client->attempt.target, response->status, ua_subscription_pause_s(is));
		return;
	}
	is->failures = 0;
	if (is->current->dialog.local_cseq < client->request->cseq) /* challenges have raised it */
		is->current->dialog.local_cseq = client->request->cseq;
	(void)ua_dialog_refresh(&is->current->dialog, response->contact);
	note_local(is->current, client->ua);
	ua_subscription_stands(is, seconds);
	ua_subscription_done(is);
	news.expires_s = seconds;
	ua_subscription_tell(is, &news);
}

static void refused(struct ua_subscription *is, const struct ua_client *client)
{
	struct failover_subscription_news news = { .kind = FAILOVER_SUBSCRIPTION_REFUSED,
						   .status = 489,
						   .again_s = UINT32_MAX,
						   .target = client->attempt.target };

	is->is_refused = 1;
	ua_notifier_free(is->fresh);
	is->fresh = NULL;
	ua_timer_stop(&client->ua->timers, &is->timer);
	ua_subscription_done(is);
	ua_subscription_tell(is, &news);
}

/* At once, once: what the server has said is heeded in the next SUBSCRIBE. */
static int goes_on(struct ua_subscription *is, const struct ua_view *response)
{
	uint32_t least = ua_text_seconds(response->min_expires, EXPIRES_MAX_S);

	if (response->status == 423 && least > is->expires_s) {
		is->expires_s = least;
		return 1;
	}
	if (response->status != 481 || is->fresh || !is->current) /* of a refresh: it is gone */
		return 0;
	ua_notifier_free(is->current);
	is->current = NULL;
	return 1;
}

/* RFC 6665 4.1.2.2, RFC 5057: it is over there for good, whatever its time says. */
static int ends_dialog(uint32_t status)
{
	return status / 100 == 4 && !ua_auth_is_challenge(status) && status != 408 && status != 423;
}

static void refused_for_now(struct ua_subscription *is, const struct ua_client *client,
			    const struct ua_view *response)
{
	uint32_t again_s = ua_text_seconds(response->retry_after, RETRY_AFTER_MAX_S);
	uint32_t pause_s = ua_subscription_pause_s(is);

	if (ends_dialog(response->status))
		is->anew = 1;
	failed(is, &client->attempt.target, response->status,
	       again_s > pause_s ? again_s : pause_s);
}

void ua_subscription_answered(const struct ua_client *client, const struct ua_view *response)
{
	const struct ua_account *account = ua_account_find(client->ua, client->line);
	struct ua_subscription *is;

	if (client->attempt.method != FAILOVER_OTHER || !client->attempt.id)
		return;
	is = ua_subscription_find(account, client->attempt.cookie);
	if (!is || is->of->asking != is || is->request != client->attempt.request)
		return; /* the line has moved meanwhile */
	if (response->status / 100 == 2) {
		granted(is, client, response);
	} else if (response->status == 489) {
		refused(is, client);
	} else if (goes_on(is, response)) {
		ua_subscription_again(is);
		ua_subscription_done(is);
	} else {
		refused_for_now(is, client, response);
	}
}

void ua_subscription_left_out(const struct ua_account *account,
			      const struct failover_attempt *attempt)
{
	struct ua_subscription *is = ua_subscription_find(account, attempt->cookie);

	if (is && is->of->asking == is)
		failed(is, &attempt->target, 503, ua_subscription_pause_s(is));
}

void ua_subscription_result(struct ua *ua, const struct failover_result *result)
{
	struct ua_subscription *is;

	if (result->method != FAILOVER_OTHER || result->outcome == FAILOVER_OUTCOME_ANSWERED)
		return;
	is = ua_subscription_find(ua_account_find(ua, result->line), result->cookie);
	if (is && is->of->asking == is && (!is->request || is->request == result->request))
		failed(is, &is->of->serving, 0, ua_subscription_pause_s(is));
}
