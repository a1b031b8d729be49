/* SPDX-License-Identifier: MIT */
/*
 * policy.c - what the two source documents say, as rows. S is the SIP Server document, P the SIP
 * Proxy document; rules (B...) are those of doc/behaviour.md, which is generated from this file.
 * V2 and V3 appear nowhere else in the core; a further profile is further rows.
 */
#include "config.h"
#include "policy.h"

/* B4: what ends an attempt in favour of the next target. Nothing else does: any other final
 * response is an answer. */
static const struct fo_cause_row causes[] = {
	/* cause                  next target / transport level / told as */
	{ FO_CAUSE_STATUS, 1, 0, FAILOVER_REASON_STATUS, "B4", "S 1.2, P 2.2" },
	{ FO_CAUSE_ICMP, 1, 1, FAILOVER_REASON_ICMP, "B4", "S 1.2, P 2.2" },
	{ FO_CAUSE_REFUSED, 1, 1, FAILOVER_REASON_REFUSED, "B4", "RFC 3263 4.3" },
	{ FO_CAUSE_RESET, 1, 1, FAILOVER_REASON_RESET, "B4", "RFC 3263 4.3" },
	{ FO_CAUSE_CONNECT_TIMEOUT, 1, 1, FAILOVER_REASON_CONNECT_TIMEOUT, "B4", "S 1.2, P 2.2" },
	{ FO_CAUSE_TLS, 1, 1, FAILOVER_REASON_TLS, "B4", "RFC 3263 4.3" },
	{ FO_CAUSE_LOCAL, 0, 0, FAILOVER_REASON_LOCAL, "B4", "ours" },
	{ FO_CAUSE_NO_ANSWER, 1, 0, FAILOVER_REASON_NO_ANSWER, "B4", "S 2.2.1, P 3.2.1" },
	{ FO_CAUSE_ONLY_TRYING, 1, 0, FAILOVER_REASON_NO_ANSWER, "B4a", "ours" },
	{ FO_CAUSE_NO_FINAL, 0, 0, FAILOVER_REASON_NO_ANSWER, "B4a", "RFC 4321" },
};

/* B3: how long one target is tried. */
static const struct fo_budget_row budgets[] = {
#ifdef FO_PROFILE_V2
	{ FAILOVER_PROFILE_V2, FO_PLACE_NOT_LAST, FO_BUDGET_TIME, "B3d", "S 2.2.1, P 3.2.1" },
#endif
#ifdef FO_PROFILE_V3
	{ FAILOVER_PROFILE_V3, FO_PLACE_NOT_LAST, FO_BUDGET_TRANSMISSIONS, "B3a", "P figure 2" },
#endif
	{ FAILOVER_PROFILE_DEFAULT, FO_PLACE_LAST, FO_BUDGET_64T1, "B3", "S 2.2.4, P 3.2.4" },
	{ FAILOVER_PROFILE_DEFAULT, FO_PLACE_PROBE, FO_BUDGET_64T1, "B11", "S 2.3" },
};

/* B5: what is sent when a target is unavailable. */
static const struct fo_next_row nexts[] = {
	{ FAILOVER_REGISTER, FO_ACTION_SEND, FO_ACTION_SEND, 1, "B5", "P 3.2.1, S 2.2.1" },
	{ FAILOVER_INVITE, FO_ACTION_SEND, FO_ACTION_REGISTER_THEN_SEND, 1, "B5",
	  "P 3.2.2, S 2.2.2" },
	{ FAILOVER_BYE, FO_ACTION_SEND, FO_ACTION_REGISTER_THEN_SEND, 1, "B5", "P 3.2.3, S 2.2.3" },
	{ FAILOVER_OPTIONS, FO_ACTION_FAIL_THEN_REGISTER, FO_ACTION_FAIL_THEN_REGISTER, 0, "B5b",
	  "S 2.2.1, P 3.2.1" },
	{ FAILOVER_CANCEL, FO_ACTION_FAIL_THEN_REGISTER, FO_ACTION_FAIL_THEN_REGISTER, 0, "B5b",
	  "S 2.2.1, P 3.2.1" },
	{ FAILOVER_OTHER, FO_ACTION_FAIL, FO_ACTION_FAIL, 1, "B5", "S 2.2, P 3.2" },
};

/* Where a request starts: B6, B9, B12, B16, B17. */
static const struct fo_start_row starts[] = {
	/* trigger              as a rule         with signal failback */
	{ FO_TRIGGER_MANUAL, FO_START_INDEX0, FO_START_INDEX0, 1, "B17", "S 2.2.1, P 3.2.1" },
	{ FO_TRIGGER_EXPIRY, FO_START_SERVING, FO_START_INDEX0, 0, "B12", "P 3.3.1" },
	{ FO_TRIGGER_RETRY, FO_START_INDEX0, FO_START_INDEX0, 0, "B16", "S 2.2.4, P 3.2.4" },
	{ FO_TRIGGER_TIMEOUT, FO_START_SERVING, FO_START_INDEX0, 0, "B12", "P 3.3.1" },
	{ FO_TRIGGER_DIAL, FO_START_SERVING, FO_START_INDEX0, 0, "B12", "P 3.3.2" },
	{ FO_TRIGGER_HANGUP, FO_START_DIALOG, FO_START_INDEX0, 0, "B12a", "P 2.2, P 4.1" },
	{ FO_TRIGGER_IN_DIALOG, FO_START_DIALOG, FO_START_DIALOG, 0, "B9", "RFC 3261 12.2" },
};

/* B5, B12: after which failed requests the line registers anew. */
static const struct fo_timeout_row timeouts[] = {
	{ FAILOVER_REGISTER, 0, 0, "B16", "S 2.2.4" },
	{ FAILOVER_INVITE, 0, 1, "B12", "P 3.3.1" },
	{ FAILOVER_BYE, 0, 1, "B12", "P 3.3.1" },
	{ FAILOVER_OPTIONS, 1, 1, "B5b", "S 2.2.1, P 3.2.1" },
	{ FAILOVER_CANCEL, 1, 1, "B5b", "S 2.2.1, P 3.2.1" },
	{ FAILOVER_OTHER, 0, 0, "B5", "S 2.2" },
};

/* B11a: which moves back a probe may make. */
static const struct fo_probe_row probes[] = {
#ifdef FO_PROFILE_V2
	{ FAILOVER_PROFILE_V2, 0, 1, "B11a", "S 2.3" },
#endif
#ifdef FO_PROFILE_V3
	{ FAILOVER_PROFILE_V3, 1, 1, "B11a", "S 2.3, P 3.3" },
#endif
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

const struct fo_cause_row *fo_policy_cause(enum fo_cause cause)
{
	return &causes[cause];
}

const struct fo_budget_row *fo_policy_budget(uint32_t profile, enum fo_place place)
{
	const struct fo_budget_row *row = budgets;

	while (row->place != place ||
	       (row->profile != FAILOVER_PROFILE_DEFAULT && row->profile != profile))
		row++;
	return row;
}

const struct fo_next_row *fo_policy_next(uint32_t method)
{
	const struct fo_next_row *row = nexts;

	while (row->method != method)
		row++;
	return row;
}

const struct fo_start_row *fo_policy_start(enum fo_trigger trigger)
{
	return &starts[trigger];
}

const struct fo_probe_row *fo_policy_probe(uint32_t profile)
{
	const struct fo_probe_row *row = probes;

	while (row->profile != profile)
		row++;
	return row;
}

const struct fo_timeout_row *fo_policy_timeout(uint32_t method)
{
	const struct fo_timeout_row *row = timeouts;

	while (row->method != method)
		row++;
	return row;
}

int fo_policy_has(uint32_t profile)
{
	size_t i;

	if (profile == FAILOVER_PROFILE_DEFAULT)
		return 1;
	for (i = 0; i < COUNT(probes); i++)
		if (probes[i].profile == profile)
			return 1;
	return 0;
}

uint32_t fo_policy_default(void)
{
	return FO_PROFILE_DEFAULT;
}

void fo_policy_tables(struct fo_policy_tables *out)
{
	*out = (struct fo_policy_tables){
		.causes = causes,
		.budgets = budgets,
		.nexts = nexts,
		.starts = starts,
		.probes = probes,
		.timeouts = timeouts,
		.causes_count = COUNT(causes),
		.budgets_count = COUNT(budgets),
		.nexts_count = COUNT(nexts),
		.starts_count = COUNT(starts),
		.probes_count = COUNT(probes),
		.timeouts_count = COUNT(timeouts),
	};
}
