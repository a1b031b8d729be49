/* SPDX-License-Identifier: MIT */
/* subscription.c - what lines are subscribed to (B40): the stack keeps dialogs and times, the phone
 * submits what is due and tells what is heard. */
#include "phone.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SUMMARY_BYTES 64u
#define SPREAD_T1 64u

struct phone_subscription {
	struct phone_subscription *next;
	uint64_t number;
	enum failover_subscription_kind kind; /* of the last news but NOTIFY */
	struct failover_target target;
	char summary[SUMMARY_BYTES]; /* of the last NOTIFY */
	char what[FAILOVER_SUBSCRIPTION_TEXT];
};

/* ---- what a body says --------------------------------------------------------------------- */

/* The rest of the line that starts with this name, without blanks around it. */
static int line_value(const char *body, const char *name, char *out, size_t size)
{
	size_t length = strlen(name), value;

	for (; *body; body += strcspn(body, "\n"), body += *body == '\n') {
		if (strncasecmp(body, name, length) != 0)
			continue;
		body += length + strspn(body + length, " \t");
		value = strcspn(body, "\r\n");
		snprintf(out, size, "%.*s", (int)(value < size ? value : size - 1), body);
		return 1;
	}
	return 0;
}

/* RFC 3842 5.2 */
static void messages_say(const char *body, char *out)
{
	char waiting[16] = "", voice[24] = "";

	if (!line_value(body, "Messages-Waiting:", waiting, sizeof(waiting)))
		return;
	(void)line_value(body, "Voice-Message:", voice, sizeof(voice));
	snprintf(out, SUMMARY_BYTES, "messages waiting: %s%s%s", waiting, *voice ? ", voice " : "",
		 voice);
}

/* RFC 4235 4: the first dialog's state; none is there when nobody speaks. */
static void dialogs_say(const char *body, char *out)
{
	const char *state = strstr(body, "<state"), *end = state ? strchr(state, '>') : NULL;
	int length = end ? (int)strcspn(end + 1, "<") : 0;

	if (!state)
		snprintf(out, SUMMARY_BYTES, "idle");
	else if (length > 0 && length < 16)
		snprintf(out, SUMMARY_BYTES, "%.*s", length, end + 1);
}

static void summarize(const struct failover_subscription_news *news, char out[SUMMARY_BYTES])
{
	char text[SUMMARY_BYTES] = "";

	if (strncasecmp(news->type, "application/simple-message-summary", 34) == 0)
		messages_say(news->body, text);
	else if (strncasecmp(news->type, "application/dialog-info+xml", 27) == 0)
		dialogs_say(news->body, text);
	else
		snprintf(text, sizeof(text), "%s%s%s", news->state, *news->type ? ", " : "",
			 news->type);
	phone_text_clean(text, out, SUMMARY_BYTES);
}

/* ---- news --------------------------------------------------------------------------------- */

/* NULL = no memory: it is told, and not kept. */
static struct phone_subscription *kept(struct phone_line *line,
				       const struct failover_subscription_news *news)
{
	struct phone_subscription *is;

	for (is = line->subscriptions; is; is = is->next)
		if (is->number == news->subscription)
			return is;
	is = calloc(1, sizeof(*is));
	if (!is)
		return NULL;
	is->number = news->subscription;
	snprintf(is->what, sizeof(is->what), "%s", news->what);
	is->next = line->subscriptions;
	line->subscriptions = is;
	return is;
}

static const char *kind_text(enum failover_subscription_kind kind)
{
	switch (kind) {
	case FAILOVER_SUBSCRIPTION_ACTIVE:
		return "is active";
	case FAILOVER_SUBSCRIPTION_ENDED:
		return "was ended by the server";
	case FAILOVER_SUBSCRIPTION_FAILED:
		return "failed";
	case FAILOVER_SUBSCRIPTION_REFUSED:
		return "is nothing that the server offers";
	case FAILOVER_SUBSCRIPTION_NOTIFY:
		break;
	}
	return "is being set up";
}

static void sentence(const struct failover_subscription_news *news, const char *summary, char *out,
		     size_t size)
{
	char target[80], status[24] = "", again[48] = "";

	failover_target_text(&news->target, target, sizeof(target));
	if (news->kind == FAILOVER_SUBSCRIPTION_NOTIFY) {
		snprintf(out, size, "%s: %s (%s)", news->what, summary, target);
		return;
	}
	if (news->status)
		snprintf(status, sizeof(status), ", %u", (unsigned)news->status);
	if (news->kind == FAILOVER_SUBSCRIPTION_ACTIVE)
		snprintf(again, sizeof(again), ", %u s", (unsigned)news->expires_s);
	else if (news->again_s != UINT32_MAX)
		snprintf(again, sizeof(again), ", again in %u s", (unsigned)news->again_s);
	snprintf(out, size, "subscription to %s %s at %s%s%s", news->what,
		 kind_text((enum failover_subscription_kind)news->kind), target, status, again);
}

static void on_news(void *app, const struct failover_subscription_news *news)
{
	struct phone *phone = app;
	struct phone_line *line = phone_map_get(&phone->lines_by_id, news->line);
	struct phone_subscription *is = line ? kept(line, news) : NULL;
	char summary[SUMMARY_BYTES] = "", text[512], clean[512];

	if (!line)
		return;
	if (news->kind == FAILOVER_SUBSCRIPTION_NOTIFY)
		summarize(news, summary);
	if (is && news->kind == FAILOVER_SUBSCRIPTION_NOTIFY)
		memcpy(is->summary, summary, sizeof(summary));
	else if (is)
		is->kind = (enum failover_subscription_kind)news->kind;
	if (is)
		is->target = news->target;
	sentence(news, summary, text, sizeof(text));
	phone_report_subscription(&phone->report, phone_now(phone), line->number, news,
				  phone_text_clean(text, clean, sizeof(clean)));
	phone_web_line_changed(phone, line->number);
}

static int on_due(void *app, uint32_t line_id, uint64_t subscription)
{
	struct phone *phone = app;
	struct phone_line *line = phone_map_get(&phone->lines_by_id, line_id);
	const struct failover_request_params params = { .size = sizeof(params),
							.method = FAILOVER_OTHER,
							.cookie = subscription };
	uint64_t request;

	if (!line || !line->config || line->stage != LINE_STAYS)
		return FAILOVER_ERR_STATE;
	return phone_line_submit(phone, line, &params, &request);
}

void phone_subscription_events_set(struct phone *phone)
{
	phone->subscription_events = (struct failover_ext_subscription_events){
		.size = sizeof(phone->subscription_events),
		.app = phone,
		.due = on_due,
		.news = on_news,
	};
}

/* ---- lines -------------------------------------------------------------------------------- */

static int is_wanted(const struct failover_config_texts *wanted, const char *what)
{
	for (uint32_t i = 0; i < wanted->count; i++)
		if (strcmp(wanted->text[i], what) == 0)
			return 1;
	return 0;
}

static void forget_unwanted(struct phone_line *line, const struct failover_config_texts *wanted)
{
	struct phone_subscription **at = &line->subscriptions, *is;

	while ((is = *at)) {
		if (is_wanted(wanted, is->what)) {
			at = &is->next;
			continue;
		}
		*at = is->next;
		free(is);
	}
}

void phone_subscriptions_set(struct phone *phone, uint32_t id,
			     const struct failover_config_line *config)
{
	const struct failover_config_texts *wanted = &config->subscribe;
	struct phone_line *line = phone_map_get(&phone->lines_by_id, id);
	int error = FAILOVER_ERR_UNSUPPORTED;

	if (line)
		forget_unwanted(line, wanted);
	if (phone->ext_subscription)
		error = phone->ext_subscription->set(
			phone->inst, id, (const char *const *)wanted->text, wanted->count);
	if (error != 0 && wanted->count > 0)
		fprintf(stderr, PHONE_PROGRAM ": line %u: subscribe: %s\n",
			(unsigned)config->number, failover_strerror(error));
}

/* B14: so many percent of the time that a transaction has. */
static uint32_t spread_ms(const struct failover_line_settings *settings)
{
	return SPREAD_T1 * settings->t1_ms / 100 * settings->jitter_percent;
}

void phone_subscriptions_follow(struct phone *phone, const struct phone_line *line)
{
	struct failover_line_state state = { .size = sizeof(state) };

	if (!phone->ext_subscription || !line->config || line->stage != LINE_STAYS ||
	    failover_line_state(phone->engine, line->id, &state) != 0)
		return;
	(void)phone->ext_subscription->serve(phone->inst, line->id,
					     state.registered ? &state.serving : NULL,
					     spread_ms(&line->config->settings));
}

void phone_subscriptions_end(struct phone *phone, const struct phone_line *line)
{
	if (phone->ext_subscription)
		(void)phone->ext_subscription->set(phone->inst, line->id, NULL, 0);
}

void phone_subscriptions_say(struct phone *phone, const struct phone_line *line)
{
	const struct phone_subscription *is;
	char target[80];

	for (is = line->subscriptions; is; is = is->next)
		phone_say(&phone->report, phone_now(phone), "line %u: %s %s at %s%s%s",
			  (unsigned)line->number, is->what, kind_text(is->kind),
			  failover_target_text(&is->target, target, sizeof(target)),
			  *is->summary ? ": " : "", is->summary);
}

void phone_subscriptions_free(struct phone_line *line)
{
	struct phone_subscription *is;

	while ((is = line->subscriptions)) {
		line->subscriptions = is->next;
		free(is);
	}
}
