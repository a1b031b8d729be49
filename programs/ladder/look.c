/* SPDX-License-Identifier: MIT */
/* look.c - ticks off what was expected, and makes sentences of the phone's events. */
#include "demo.h"

#include <stdlib.h>
#include <string.h>

#define MEMBERS_BYTES 160
#define HELD_MS 5
#define SLACK_MS 400 /* what a busy machine may add to a budget */

/* ---- expectations ------------------------------------------------------------------------- */

static const char *value_meant(const struct demo *demo, const char *value)
{
	if (strcmp(value, "PRIMARY") == 0)
		return demo->targets[PARTY_PRIMARY];
	if (strcmp(value, "BACKUP") == 0)
		return demo->targets[PARTY_BACKUP];
	if (strcmp(value, "DEATH") == 0)
		return demo->death_kills ? "icmp" : "no-answer";
	return value;
}

static int value_is(const json_t *member, const char *expected)
{
	char number[24];

	if (json_is_boolean(member))
		return strcmp(json_is_true(member) ? "true" : "false", expected) == 0;
	if (json_is_string(member))
		return strcmp(json_string_value(member), expected) == 0;
	if (!json_is_integer(member))
		return 0;
	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(member));
	return strcmp(number, expected) == 0;
}

static int members_are(const struct demo *demo, const json_t *event, const char *members)
{
	char copy[MEMBERS_BYTES];
	char *rest = NULL, *pair, *value;

	snprintf(copy, sizeof(copy), "%s", members);
	for (pair = strtok_r(copy, " ", &rest); pair; pair = strtok_r(NULL, " ", &rest)) {
		value = strchr(pair, '=');
		if (!value)
			return 0;
		*value++ = '\0';
		if (!value_is(json_object_get(event, pair), value_meant(demo, value)))
			return 0;
	}
	return 1;
}

int profile_budget_ms(const char *profile)
{
	static const struct {
		const char *profile;
		int ms;
	} budgets[] = {
		{ "v2", 4000 }, /* signal_retry_time (B3d) */
		{ "v3", 3500 }, /* three transmissions (B3a) */
	};
	size_t i;

	for (i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++)
		if (!strcmp(budgets[i].profile, profile))
			return budgets[i].ms;
	return -1;
}

/* ICMP ends it at once (B3f). */
static int elapsed_is_in_budget(const struct demo *demo, const json_t *event)
{
	double elapsed_s = json_number_value(json_object_get(event, "elapsed"));
	int elapsed = (int)(elapsed_s * 1000 + 0.5), least = profile_budget_ms(demo->profile);

	if (demo->death_kills)
		least = 0;
	return elapsed >= least && elapsed <= least + SLACK_MS;
}

static const struct expectation *expectations(const struct demo *demo)
{
	return script[demo->step].expectations;
}

static void event_tick(struct demo *demo, const char *name, const json_t *event)
{
	const struct expectation *list = expectations(demo);

	for (unsigned i = 0; list[i].party != PARTIES; i++) {
		if (list[i].party != PARTY_PHONE || (demo->seen & 1u << i))
			continue;
		if (strcmp(list[i].what, name) != 0 || !members_are(demo, event, list[i].members))
			continue;
		if (list[i].in_budget && !elapsed_is_in_budget(demo, event))
			continue;
		demo->seen |= 1u << i;
		break;
	}
	demo_advance(demo);
}

/* Packets are ticked off in their order: only the first one not seen yet can be. */
void look_at_packet(struct demo *demo, enum party party, const char *what)
{
	const struct expectation *list = expectations(demo);

	for (unsigned i = 0; list[i].party != PARTIES; i++) {
		if (list[i].party != party || (demo->seen & 1u << i))
			continue;
		if (strcmp(list[i].what, what) == 0)
			demo->seen |= 1u << i;
		break;
	}
	demo_advance(demo);
}

const struct expectation *look_missing(const struct demo *demo)
{
	const struct expectation *list = expectations(demo);

	for (unsigned i = 0; list[i].party != PARTIES; i++) {
		if (!(demo->seen & 1u << i))
			return &list[i];
	}
	return NULL;
}

/* ---- the phone's events, as sentences ----------------------------------------------------- */

static const char *text_of(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text ? text : "";
}

static int number_of(const json_t *event, const char *key)
{
	return (int)json_integer_value(json_object_get(event, key));
}

static enum party party_of(const struct demo *demo, const json_t *event, const char *key)
{
	return strcmp(text_of(event, key), demo->targets[PARTY_BACKUP]) == 0 ? PARTY_BACKUP
									     : PARTY_PRIMARY;
}

static void unavailable_say(const struct demo *demo, const json_t *event)
{
	enum party party = party_of(demo, event, "target");
	const char *method = text_of(event, "method"), *reason = text_of(event, "reason");
	const char *next = "it is still away"; /* of a probe */
	int packets = number_of(event, "transmissions");
	double seconds = json_number_value(json_object_get(event, "elapsed"));

	if (party == demo->serving)
		next = party == PARTY_PRIMARY ? "going to the backup" : "going to the primary";
	if (strcmp(reason, "no-answer") != 0)
		draw_say(&demo->drawing, LADDER_BAD,
			 "%s: the %s is unavailable (%s) after %.3f s: %s", method,
			 party_name(party), reason, seconds, next);
	else if (packets > 0)
		draw_say(&demo->drawing, LADDER_BAD, "the %s has not answered %d %ss in %.1f s: %s",
			 party_name(party), packets, method, seconds, next);
	else
		draw_say(&demo->drawing, LADDER_BAD, "the %s has not answered the %s in %.1f s: %s",
			 party_name(party), method, seconds, next);
}

static void moved_say(const struct demo *demo, const json_t *event)
{
	const char *to = party_name(party_of(demo, event, "to"));

	if (strcmp(text_of(event, "kind"), "failback") == 0)
		draw_say(&demo->drawing, LADDER_BACK,
			 "failback: the %s has taken the registration and serves again", to);
	else
		draw_say(&demo->drawing, LADDER_AWAY,
			 "failover: from now on the %s serves the line", to);
}

static void attempt_say(const struct demo *demo, const json_t *event)
{
	enum party to = party_of(demo, event, "target");
	const char *method = text_of(event, "method");

	if (json_is_true(json_object_get(event, "probe")))
		draw_say(&demo->drawing, LADDER_CALM,
			 "failback timer: is the %s back? a probe REGISTER", party_name(to));
	/* A killed server cannot tell of a packet: the phone's word stands for it. */
	if (to == PARTY_PRIMARY && demo->drawing.primary_dead && demo->death_kills)
		draw_arrow(&demo->drawing, ARROW_LOST, to, method);
}

static void call_say(const struct demo *demo, const json_t *event)
{
	const char *state = text_of(event, "state");
	const char *server = party_name(party_of(demo, event, "target"));
	int status = number_of(event, "status");

	if (strcmp(state, "up") == 0)
		draw_say(&demo->drawing, LADDER_CALM, "the call is up, through the %s", server);
	else if (strcmp(state, "ended") == 0)
		draw_say(&demo->drawing, LADDER_CALM, "the call has ended, through the %s", server);
	else if (strcmp(state, "failed") == 0)
		draw_say(&demo->drawing, LADDER_CALM, "the call has failed (%d)", status);
}

static void registered_say(struct demo *demo, const json_t *event)
{
	demo->drawing.serving = demo->serving = party_of(demo, event, "target");
	draw_say(&demo->drawing, LADDER_CALM, "registered at the %s for %d s",
		 party_name(demo->serving), number_of(event, "expires"));
}

static void unregistered_say(struct demo *demo, const json_t *event)
{
	demo->drawing.serving = PARTY_PHONE;
	draw_say(&demo->drawing, LADDER_CALM, "not registered any more (%s)",
		 text_of(event, "reason"));
}

static void event_say(struct demo *demo, const char *name, const json_t *event)
{
	if (strcmp(name, "attempt") == 0)
		attempt_say(demo, event);
	else if (strcmp(name, "unavailable") == 0)
		unavailable_say(demo, event);
	else if (strcmp(name, "moved") == 0)
		moved_say(demo, event);
	else if (strcmp(name, "call") == 0)
		call_say(demo, event);
	else if (strcmp(name, "registered") == 0)
		registered_say(demo, event);
	else if (strcmp(name, "unregistered") == 0)
		unregistered_say(demo, event);
	else if (strcmp(name, "probe-failed") == 0)
		draw_say(&demo->drawing, LADDER_CALM,
			 "the probe failed (%s): the line stays at the backup",
			 text_of(event, "reason"));
	else if (strcmp(name, "request-failed") == 0)
		draw_say(&demo->drawing, LADDER_CALM, "%s has failed at every server",
			 text_of(event, "method"));
}

/* What follows from an answer is told a moment later, so that the server's word of the answer,
 * which comes another way, is drawn first. */
static int is_consequence(const char *name, const json_t *event)
{
	static const char *const names[] = { "registered", "unregistered", "moved" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return 1;
	}
	return strcmp(name, "call") == 0 && strcmp(text_of(event, "state"), "calling") != 0;
}

void look_at_phone(struct demo *demo, const char *text)
{
	const struct timeval moment = { .tv_usec = HELD_MS * 1000 };
	json_t *event = json_loads(text, 0, NULL);
	const char *name;

	if (!event)
		return;
	name = text_of(event, "event");
	if (!is_consequence(name, event)) {
		event_say(demo, name, event);
	} else {
		json_array_append(demo->held, event);
		evtimer_add(demo->held_timer, &moment);
	}
	event_tick(demo, name, event);
	json_decref(event);
}

void look_at_held(struct demo *demo)
{
	size_t count = json_array_size(demo->held);

	for (size_t i = 0; i < count; i++) {
		const json_t *event = json_array_get(demo->held, i);

		event_say(demo, text_of(event, "event"), event);
	}
	json_array_clear(demo->held);
}

void look_at_exit(struct demo *demo, int status)
{
	json_t *event = json_pack("{s:i}", "status", status);

	if (event)
		event_tick(demo, "exit", event);
	json_decref(event);
}
