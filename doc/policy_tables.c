/* SPDX-License-Identifier: MIT */
/* policy_tables.c - prints the rows of core/policy.c as the tables of doc/behaviour.md. */
#include <stdio.h>
#include "../libfailover/core/policy.h"

static const char *profile_text(enum failover_profile profile)
{
	switch (profile) {
	case FAILOVER_PROFILE_DEFAULT:
		return "every";
	case FAILOVER_PROFILE_V2:
		return "V2";
	case FAILOVER_PROFILE_V3:
		return "V3";
	}
	return "?";
}

static const char *cause_text(enum fo_cause cause)
{
	switch (cause) {
	case FO_CAUSE_STATUS:
		return "final response in unavailable_codes (500, 503)";
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
	case FO_CAUSE_LOCAL:
		return "the request cannot leave this device";
	case FO_CAUSE_NO_ANSWER:
		return "budget used up without any response";
	case FO_CAUSE_ONLY_TRYING:
		return "only 100 for trying_timeout";
	case FO_CAUSE_NO_FINAL:
		return "no final response 64*T1 after the start, but a provisional one";
	case FO_CAUSES:
		break;
	}
	return "?";
}

static const char *budget_text(enum fo_budget budget)
{
	switch (budget) {
	case FO_BUDGET_TRANSMISSIONS:
		return "signal_retry_counts transmissions";
	case FO_BUDGET_TIME:
		return "signal_retry_time";
	case FO_BUDGET_64T1:
		return "64*T1";
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
	case FO_PLACE_PROBE:
		return "probe";
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
	case FO_ACTION_FAIL_THEN_REGISTER:
		return "fails; the line registers anew";
	case FO_ACTION_FAIL:
		return "fails";
	}
	return "?";
}

static const char *method_text(enum failover_method method)
{
	switch (method) {
	case FAILOVER_REGISTER:
		return "REGISTER";
	case FAILOVER_INVITE:
		return "INVITE";
	case FAILOVER_BYE:
		return "BYE";
	case FAILOVER_OPTIONS:
		return "OPTIONS";
	case FAILOVER_CANCEL:
		return "CANCEL";
	case FAILOVER_OTHER:
		return "any other";
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
	case FO_TRIGGER_DIAL:
		return "request outside a dialog";
	case FO_TRIGGER_HANGUP:
		return "BYE";
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

int main(void)
{
	struct fo_policy_tables is;
	size_t i;

	fo_policy_tables(&is);
	printf("### What is unavailable (B4)\n\n"
	       "| what happens | next target? | transport level? | rule | source "
	       "|\n|---|---|---|---|---|\n");
	for (i = 0; i < is.causes_count; i++)
		printf("| %s | %s | %s | %s | %s |\n", cause_text(is.causes[i].cause),
		       yes(is.causes[i].unavailable), yes(is.causes[i].transport),
		       is.causes[i].rule, is.causes[i].source);
	printf("\n### How long one target is tried (B3)\n\n"
	       "| profile | where | budget | rule | source |\n|---|---|---|---|---|\n");
	for (i = 0; i < is.budgets_count; i++)
		printf("| %s | %s | %s | %s | %s |\n", profile_text(is.budgets[i].profile),
		       place_text(is.budgets[i].place), budget_text(is.budgets[i].budget),
		       is.budgets[i].rule, is.budgets[i].source);
	printf("\n### What is sent when a target is unavailable (B5)\n\n"
	       "| request | proxy move | server move | rule | source |\n|---|---|---|---|---|\n");
	for (i = 0; i < is.nexts_count; i++)
		printf("| %s | %s | %s | %s | %s |\n", method_text(is.nexts[i].method),
		       action_text(is.nexts[i].proxy_move), action_text(is.nexts[i].server_move),
		       is.nexts[i].rule, is.nexts[i].source);
	printf("\n### Where a request starts (B6, B9, B12, B17)\n\n"
	       "| what makes it start | as a rule | with signal failback for the method | rule | "
	       "source |\n"
	       "|---|---|---|---|---|\n");
	for (i = 0; i < is.starts_count; i++)
		printf("| %s | %s | %s | %s | %s |\n", trigger_text(is.starts[i].trigger),
		       start_text(is.starts[i].start), start_text(is.starts[i].start_signal),
		       is.starts[i].rule, is.starts[i].source);
	printf("\n### After which failed request the line registers anew (B5b, B12)\n\n"
	       "| request | always | with signal failback | rule | source "
	       "|\n|---|---|---|---|---|\n");
	for (i = 0; i < is.timeouts_count; i++)
		printf("| %s | %s | %s | %s | %s |\n", method_text(is.timeouts[i].method),
		       yes(is.timeouts[i].registers), yes(is.timeouts[i].registers_signal),
		       is.timeouts[i].rule, is.timeouts[i].source);
	printf("\n### Which moves back a probe may make (B11a)\n\n"
	       "| profile | proxy move | server move | rule | source |\n|---|---|---|---|---|\n");
	for (i = 0; i < is.probes_count; i++)
		printf("| %s | %s | %s | %s | %s |\n", profile_text(is.probes[i].profile),
		       yes(is.probes[i].proxy_moves), yes(is.probes[i].server_moves),
		       is.probes[i].rule, is.probes[i].source);
	return 0;
}
