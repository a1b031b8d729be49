/* SPDX-License-Identifier: MIT */
/* policy_tables.c - prints the rows of core/policy.c as the tables of doc/behaviour.md. */
#include <stdio.h>
#include <string.h>
#include "../libfailover/config/profiles.h"
#include "../libfailover/core/policy.h"

static const char *cause_text(enum fo_cause cause)
{
	switch (cause) {
	case FO_CAUSE_STATUS:
		return "final response but a 2xx";
	case FO_CAUSE_ICMP:
		return "ICMP unreachable";
	case FO_CAUSE_REFUSED:
		return "connection refused";
	case FO_CAUSE_RESET:
		return "connection reset";
	case FO_CAUSE_CONNECT_TIMEOUT:
		return "connect timeout";
	case FO_CAUSE_TLS:
		return "TLS handshake or certificate";
	case FO_CAUSE_UNSUPPORTED:
		return "the stack lacks the transport or address family";
	case FO_CAUSE_LOCAL:
		return "the request cannot leave this device";
	case FO_CAUSE_NO_ANSWER:
		return "budget used up without any response";
	case FO_CAUSE_TRYING_TIMEOUT:
		return "only 100 for trying_timeout";
	case FO_CAUSE_ONLY_TRYING:
		return "only 100 for 64*T1";
	case FO_CAUSE_NO_FINAL:
		return "no final response 64*T1 after the start, but another provisional one";
	case FO_CAUSES:
		break;
	}
	return "?";
}

static const char *effect_text(enum fo_effect effect)
{
	switch (effect) {
	case FO_EFFECT_ENDS:
		return "the request ends";
	case FO_EFFECT_UNAVAILABLE:
		return "unavailable: next target, and the line may move";
	case FO_EFFECT_CALL_GOES_ON:
		return "the call alone goes on; the line stays, and asks the server itself";
	case FO_EFFECT_AS_ANSWERED:
		return "see *What an answer says*";
	case FO_EFFECT_AS_ONLY_TRYING:
		return "see *What is sent*";
	}
	return "?";
}

static const char *kind_text(enum fo_kind kind)
{
	switch (kind) {
	case FO_KIND_REGISTER:
		return "REGISTER";
	case FO_KIND_VISIT:
		return "REGISTER for a call alone";
	case FO_KIND_RELEASE:
		return "REGISTER that removes a binding";
	case FO_KIND_PROBE:
		return "probe";
	case FO_KIND_INVITE:
		return "INVITE";
	case FO_KIND_EMERGENCY:
		return "INVITE of an emergency call";
	case FO_KIND_REINVITE:
		return "INVITE in a dialog";
	case FO_KIND_BYE:
		return "BYE";
	case FO_KIND_OPTIONS:
		return "OPTIONS, keep-alive";
	case FO_KIND_CANCEL:
		return "CANCEL";
	case FO_KIND_OTHER:
		return "any other";
	case FO_KINDS:
		break;
	}
	return "?";
}

static const char *when_text(enum fo_when when)
{
	switch (when) {
	case FO_WHEN_CALLEE:
		return "503 with a Q.850 Reason";
	case FO_WHEN_CODES:
		return "unavailable_codes";
	case FO_WHEN_CODES_INVITE:
		return "unavailable_codes_invite";
	case FO_WHEN_MOVED:
		return "301, 302, 305";
	case FO_WHEN_TAKEN:
		return "401 or 407 to credentials taken before";
	case FO_WHEN_CALLED:
		return "404, 410, 484, 486, 6xx";
	case FO_WHEN_UNBOUND:
		return "2xx that has not registered us";
	case FO_WHEN_ANY:
		return "every other one but a 2xx";
	case FO_WHENS:
		break;
	}
	return "?";
}

static const char *action_text(enum fo_action action)
{
	switch (action) {
	case FO_ACTION_SEND:
		return "the request at the next target";
	case FO_ACTION_REGISTER_THEN_SEND:
		return "REGISTER there, on 200 the request";
	case FO_ACTION_FAIL:
		return "fails";
	case FO_ACTION_BY_BINDING:
		return "as bindings say";
	case FO_ACTION_BY_PROFILE:
		return "as the profile says";
	}
	return "?";
}

static const char *failed_text(enum fo_failed failed)
{
	switch (failed) {
	case FO_FAILED_NOTHING:
		return "nothing";
	case FO_FAILED_REGISTER_SIGNAL:
		return "with signal failback the line registers anew";
	case FO_FAILED_REGISTER:
		return "the line registers anew";
	case FO_FAILED_RETRY:
		return "unregistered, and tried again";
	case FO_FAILED_CALL:
		return "the call looks for another target";
	case FO_FAILED_REMOVED:
		return "it counts as removed";
	case FO_FAILED_REST:
		return "the timer of probes starts again";
	}
	return "?";
}

static const char *place_text(enum fo_place place)
{
	switch (place) {
	case FO_PLACE_NOT_LAST:
		return "not the last target";
	case FO_PLACE_LAST:
		return "the last target";
	case FO_PLACE_LAST_ANSWERED:
		return "the last target, and every one before has answered";
	case FO_PLACE_PROBE:
		return "probe";
	case FO_PLACES:
		break;
	}
	return "?";
}

static const char *unit_text(struct fo_budget budget, int call)
{
	static char text[2][40];
	static unsigned which;

	switch (budget.unit) {
	case FO_UNIT_TRANSMISSIONS:
		if (!budget.count)
			return call ? "invite_retry_counts, 0 = signal_retry_counts transmissions"
				    : "signal_retry_counts transmissions";
		which = !which;
		snprintf(text[which], sizeof(text[which]), "%u transmissions",
			 (unsigned)budget.count);
		return text[which];
	case FO_UNIT_TIME:
		return "signal_retry_time";
	case FO_UNIT_64T1:
		return "64*T1";
	}
	return "?";
}

static const char *trigger_text(enum fo_trigger trigger)
{
	switch (trigger) {
	case FO_TRIGGER_MANUAL:
		return "manual registration, changed configuration or network";
	case FO_TRIGGER_EXPIRY:
		return "registration expiry";
	case FO_TRIGGER_RETRY:
		return "retry after every target failed";
	case FO_TRIGGER_TIMEOUT:
		return "REGISTER after a request of the line timed out";
	case FO_TRIGGER_ASK:
		return "REGISTER after a call alone has gone on";
	case FO_TRIGGER_DIAL:
		return "request outside a dialog";
	case FO_TRIGGER_HANGUP:
		return "BYE";
	case FO_TRIGGER_EMERGENCY:
		return "a new INVITE of an emergency call";
	case FO_TRIGGER_IN_DIALOG:
		return "other request in a dialog";
	case FO_TRIGGERS:
		break;
	}
	return "?";
}

static const char *start_text(enum fo_start start)
{
	switch (start) {
	case FO_START_SERVING:
		return "serving";
	case FO_START_INDEX0:
		return "index 0";
	case FO_START_DIALOG:
		return "the dialog's target";
	}
	return "?";
}

static const char *yes(int is)
{
	return is ? "yes" : "no";
}

static void print_causes(const struct fo_policy_tables *is)
{
	int i;

	printf("### Why an attempt brings no answer that counts (B4)\n\n"
	       "| what happens | what follows | transport level? | rule | source "
	       "|\n|---|---|---|---|---|\n");
	for (i = 0; i < FO_CAUSES; i++)
		printf("| %s | %s | %s | %s | %s |\n", cause_text((enum fo_cause)i),
		       effect_text(is->causes[i].effect), yes(is->causes[i].transport),
		       is->causes[i].rule, is->causes[i].source);
}

static void print_answers(const struct fo_policy_tables *is)
{
	size_t i;

	printf("\n### What an answer says (B22)\n\n"
	       "| request | final response | what follows | rule | source "
	       "|\n|---|---|---|---|---|\n");
	for (i = 0; i < is->answers_count; i++)
		printf("| %s | %s | %s | %s | %s |\n", kind_text(is->answers[i].kind),
		       when_text(is->answers[i].when), effect_text(is->answers[i].effect),
		       is->answers[i].rule, is->answers[i].source);
}

static void print_requests(const struct fo_policy_tables *is)
{
	int i;

	printf("\n### What is sent when a target is unavailable (B5)\n\n"
	       "| request | proxy move | server move | when all have failed | only 100 for 64*T1 | "
	       "rule | source |\n|---|---|---|---|---|---|---|\n");
	for (i = 0; i < FO_KINDS; i++)
		printf("| %s | %s | %s | %s | %s | %s | %s |\n", kind_text((enum fo_kind)i),
		       action_text(is->requests[i].next[FO_MOVE_PROXY]),
		       action_text(is->requests[i].next[FO_MOVE_SERVER]),
		       failed_text(is->requests[i].failed),
		       effect_text(is->requests[i].only_trying), is->requests[i].rule,
		       is->requests[i].source);
}

static const char *bound_text(enum fo_bound bound)
{
	switch (bound) {
	case FO_BOUND_REGISTRAR:
		return "with the target's registrar";
	case FO_BOUND_TARGET:
		return "with its registrar, through this target";
	case FO_BOUND_ANY:
		return "with any registrar";
	}
	return "?";
}

static const char *binding_text(enum fo_binding binding)
{
	switch (binding) {
	case FO_BINDING_REGISTRAR:
		return "`register_before = registrar`";
	case FO_BINDING_ALWAYS:
		return "`register_before = always`";
	case FO_BINDING_NEVER:
		return "`register_before = never`";
	case FO_BINDING_REMOVED:
		return "unregistered by the user";
	case FO_BINDING_ONLY_REGISTRAR:
		return "the same with `only_registered`: registrar";
	case FO_BINDING_ONLY_ALWAYS:
		return "always";
	case FO_BINDING_ONLY_NEVER:
		return "never";
	case FO_BINDING_ONLY_REMOVED:
		return "unregistered by the user";
	case FO_BINDINGS:
		break;
	}
	return "?";
}

static void print_bindings(const struct fo_policy_tables *is)
{
	int i;

	printf("\n### What \"as bindings say\" means (B5, B27, B28)\n\n"
	       "| the line | first attempt | first of what is not failed over | in its dialog, at "
	       "the "
	       "dialog's target | proxy move | server move | it counts as registered | "
	       "rule | source |\n|---|---|---|---|---|---|---|---|---|\n");
	for (i = 0; i < FO_BINDINGS; i++)
		printf("| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n",
		       binding_text((enum fo_binding)i),
		       action_text(is->bindings[i].next[FO_STEP_FIRST]),
		       action_text(is->bindings[i].next[FO_STEP_ALONE]),
		       action_text(is->bindings[i].next[FO_STEP_DIALOG]),
		       action_text(is->bindings[i].next[FO_STEP_PROXY]),
		       action_text(is->bindings[i].next[FO_STEP_SERVER]),
		       bound_text(is->bindings[i].bound), is->bindings[i].rule,
		       is->bindings[i].source);
}

static void print_budgets(const struct fo_policy_tables *is)
{
	size_t i;

	printf("\n### How long one target is tried (B3)\n\n"
	       "| where | budget | rule | source |\n|---|---|---|---|\n");
	for (i = 0; i < FO_PLACES; i++)
		printf("| %s | %s | %s | %s |\n", place_text((enum fo_place)i),
		       is->places[i].whole ? "64*T1" : "ordinary", is->places[i].rule,
		       is->places[i].source);
	printf("\n### Profiles: the ordinary budget (B3), and where a probe may go (B11a)\n\n"
	       "| profile | INVITE | other requests | proxy move back | rule | source "
	       "|\n|---|---|---|---|---|---|\n");
	for (i = 0; i < is->profiles_count; i++)
		printf("| %s | %s | %s | %s | %s | %s |\n", is->profiles[i].name,
		       unit_text(is->profiles[i].invite, 1), unit_text(is->profiles[i].other, 0),
		       yes(is->profiles[i].probe == FO_ACTION_SEND), is->profiles[i].rule,
		       is->profiles[i].source);
}

/* A cell that is empty says so. */
static void print_value(const struct fo_profile_item *item)
{
	if (item->value[0])
		printf(" `%s`: %s |", item->value, item->source);
	else
		printf(" none: %s |", item->source);
}

static int has_items(uint32_t profile)
{
	const struct fo_profile_item *item;
	size_t i;

	for (i = 0; (item = fo_profile_item(i)); i++)
		if (item->profile == profile)
			return 1;
	return 0;
}

/* A column for each profile that has any; the rows of all are in the same order. */
static void print_profile_items(const struct fo_policy_tables *is)
{
	const struct fo_profile_item *first = fo_profile_item(0), *item;
	size_t i, k;

	printf("\n### What profiles of other phones say where a file does not (B29)\n\n"
	       "Each value, and the phone's own name for it; *ours* where its manual is silent.\n\n"
	       "| item |");
	for (i = 0; i < is->profiles_count; i++)
		if (has_items(is->profiles[i].profile))
			printf(" %s |", is->profiles[i].name);
	printf("\n|---|");
	for (i = 0; i < is->profiles_count; i++)
		if (has_items(is->profiles[i].profile))
			printf("---|");
	printf("\n");
	for (i = 0; (item = fo_profile_item(i)) && item->profile == first->profile; i++) {
		const char *key = item->key;

		printf("| `%s` |", key);
		for (k = 0; (item = fo_profile_item(k)); k++)
			if (strcmp(item->key, key) == 0)
				print_value(item);
		printf("\n");
	}
}

static void print_starts(const struct fo_policy_tables *is)
{
	int i;

	printf("\n### Where a request starts (B6, B9, B12, B17)\n\n"
	       "| what makes it start | as a rule | with signal failback for the method | whatever "
	       "other lines found dead | rule | source |\n|---|---|---|---|---|---|\n");
	for (i = 0; i < FO_TRIGGERS; i++)
		printf("| %s | %s | %s | %s | %s | %s |\n", trigger_text((enum fo_trigger)i),
		       start_text(is->starts[i].start), start_text(is->starts[i].start_signal),
		       yes(is->starts[i].ignores_health), is->starts[i].rule, is->starts[i].source);
}

int main(void)
{
	struct fo_policy_tables is;

	fo_policy_tables(&is);
	print_causes(&is);
	print_answers(&is);
	print_requests(&is);
	print_bindings(&is);
	print_budgets(&is);
	print_profile_items(&is);
	print_starts(&is);
	return 0;
}
