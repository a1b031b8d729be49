/* SPDX-License-Identifier: MIT */
/*
 * policy.c - what the two source documents say, as rows. S is the SIP Server document, P the SIP
 * Proxy document; rules (B...) are those of doc/behaviour.md, which is generated from this file.
 * V2 and V3 appear nowhere else in the core: a further profile is a further row.
 */
#include "config.h"
#include "policy.h"

/* A test that changes cells has the tables in writable memory. */
#ifdef FO_POLICY_TEST
#define TABLE static
#else
#define TABLE static const
#endif

/* clang-format off */

/* B4: why an attempt brings no answer that counts, and what follows. */
#define CAUSES(ROW) \
	/*  cause            what follows     transport level / told as */ \
	ROW(STATUS,          AS_ANSWERED,     0, STATUS,          "B22", "S 1.2, P 2.2") \
	ROW(ICMP,            UNAVAILABLE,     1, ICMP,            "B4",  "S 1.2, P 2.2") \
	ROW(REFUSED,         UNAVAILABLE,     1, REFUSED,         "B4",  "RFC 3263 4.3") \
	ROW(RESET,           UNAVAILABLE,     1, RESET,           "B4",  "RFC 3263 4.3") \
	ROW(CONNECT_TIMEOUT, UNAVAILABLE,     1, CONNECT_TIMEOUT, "B4",  "S 1.2, P 2.2") \
	ROW(TLS,             UNAVAILABLE,     1, TLS,             "B4",  "RFC 3263 4.3") \
	ROW(LOCAL,           ENDS,            0, LOCAL,           "B4",  "ours") \
	ROW(NO_ANSWER,       UNAVAILABLE,     0, NO_ANSWER,       "B4",  "S 2.2.1, P 3.2.1") \
	ROW(TRYING_TIMEOUT,  UNAVAILABLE,     0, NO_ANSWER,       "B4a", "ours") \
	ROW(ONLY_TRYING,     AS_ONLY_TRYING,  0, NO_ANSWER,       "B22", "ours") \
	ROW(NO_FINAL,        ENDS,            0, NO_ANSWER,       "B4a", "RFC 4321")

/* B22: what a final response says about the server. Nothing else moves a line. */
#define ANSWERS(ROW) \
	ROW(REGISTER, CODES,        UNAVAILABLE,  "B22", "S 1.2, P 2.2") \
	ROW(REGISTER, MOVED,        UNAVAILABLE,  "B22", "ours") \
	ROW(REGISTER, TAKEN,        UNAVAILABLE,  "B22e", "ours") \
	ROW(REGISTER, UNBOUND,      UNAVAILABLE,  "B24", "ours") \
	ROW(REGISTER, ANY,          ENDS,         "B4",  "S 1.2") \
	ROW(VISIT,    CODES,        UNAVAILABLE,  "B22", "S 1.2, P 2.2") \
	ROW(VISIT,    MOVED,        UNAVAILABLE,  "B22", "ours") \
	ROW(VISIT,    TAKEN,        UNAVAILABLE,  "B22e", "ours") \
	ROW(VISIT,    UNBOUND,      UNAVAILABLE,  "B24", "ours") \
	ROW(VISIT,    ANY,          ENDS,         "B4",  "S 1.2") \
	ROW(RELEASE,  ANY,          ENDS,         "B11b", "ours") \
	ROW(PROBE,    ANY,          UNAVAILABLE,  "B11", "S 2.3") \
	ROW(INVITE,   CALLEE,       ENDS,         "B22", "RFC 3326") \
	ROW(INVITE,   CODES_INVITE, CALL_GOES_ON, "B22", "P 2.2") \
	ROW(INVITE,   ANY,          ENDS,         "B22", "S 1.2") \
	ROW(REINVITE, ANY,          ENDS,         "B22", "RFC 3261 12.2") \
	ROW(BYE,      ANY,          ENDS,         "B22", "RFC 3261 15.1.1") \
	ROW(OPTIONS,  ANY,          ENDS,         "B22", "S 1.2") \
	ROW(CANCEL,   ANY,          ENDS,         "B22", "RFC 3261 9.1") \
	ROW(OTHER,    ANY,          ENDS,         "B22", "S 2.2")

/* B5: what is done when a target is unavailable, and what follows in the end. */
#define REQUESTS(ROW) \
	/*  request   proxy move  server move         all failed       only 100 */ \
	ROW(REGISTER, SEND,       SEND,               RETRY,           UNAVAILABLE,  "B5", \
	    "P 3.2.1, S 2.2.1") \
	ROW(VISIT,    FAIL,       FAIL,               CALL,            ENDS,         "B22", \
	    "S 2.2.2") \
	ROW(RELEASE,  FAIL,       FAIL,               REMOVED,         ENDS,         "B11b", \
	    "ours") \
	ROW(PROBE,    BY_PROFILE, SEND,               REST,            UNAVAILABLE,  "B11", \
	    "S 2.3, P 3.3") \
	ROW(INVITE,   SEND,       REGISTER_THEN_SEND, REGISTER_SIGNAL, CALL_GOES_ON, "B5", \
	    "P 3.2.2, S 2.2.2") \
	ROW(REINVITE, SEND,       REGISTER_THEN_SEND, REGISTER_SIGNAL, ENDS,         "B5", \
	    "P 3.2.2, S 2.2.2") \
	ROW(BYE,      SEND,       REGISTER_THEN_SEND, REGISTER_SIGNAL, ENDS,         "B5", \
	    "P 3.2.3, S 2.2.3") \
	ROW(OPTIONS,  FAIL,       FAIL,               REGISTER,        ENDS,         "B5b", \
	    "S 2.2.1, P 3.2.1") \
	ROW(CANCEL,   FAIL,       FAIL,               REGISTER,        ENDS,         "B5b", \
	    "S 2.2.1, P 3.2.1") \
	ROW(OTHER,    FAIL,       FAIL,               NOTHING,         ENDS,         "B5", \
	    "S 2.2, P 3.2")

/* B3, B11a: the ordinary budget, and whether a probe may go back at a proxy move. A profile is a
 * row here and its number in enum failover_profile; configure finds it by the #ifdef. */
#define PROFILES_NONE(ROW)
#ifdef FO_PROFILE_V2
#define PROFILE_V2(ROW) \
	ROW(FAILOVER_PROFILE_V2, "v2", TIME, 0, TIME, 0, FAIL, "B3d, B11a", "S 2.2.1, P 3.2.1, S 2.3")
#else
#define PROFILE_V2 PROFILES_NONE
#endif
#ifdef FO_PROFILE_V3
#define PROFILE_V3(ROW) \
	ROW(FAILOVER_PROFILE_V3, "v3", TRANSMISSIONS, 0, TRANSMISSIONS, 0, SEND, "B3a, B11a", \
	    "P figure 2, P 3.3")
#else
#define PROFILE_V3 PROFILES_NONE
#endif
#ifdef FO_POLICY_FURTHER /* that a further profile is a further row: tests/profile */
#define PROFILE_FURTHER(ROW) \
	ROW(100, "further", TRANSMISSIONS, 2, TRANSMISSIONS, 5, FAIL, "B3a", "a test")
#else
#define PROFILE_FURTHER PROFILES_NONE
#endif
#define PROFILES(ROW) PROFILE_V2(ROW) PROFILE_V3(ROW) PROFILE_FURTHER(ROW)

/* B3: where 64*T1 counts instead of the ordinary budget. */
#define PLACES(ROW) \
	ROW(NOT_LAST,      0, "B3",  "S 2.2.1, P 3.2.1") \
	ROW(LAST,          1, "B3",  "S 2.2.4, P 3.2.4") \
	ROW(LAST_ANSWERED, 0, "B22", "ours") \
	ROW(PROBE,         1, "B11", "S 2.3")

/* Where a request starts: B6, B9, B12, B16, B17. */
#define STARTS(ROW) \
	/*  trigger    as a rule  with signal failback */ \
	ROW(MANUAL,    INDEX0,    INDEX0,  1, "B17",  "S 2.2.1, P 3.2.1") \
	ROW(EXPIRY,    SERVING,   INDEX0,  0, "B12",  "P 3.3.1") \
	ROW(RETRY,     INDEX0,    INDEX0,  0, "B16",  "S 2.2.4, P 3.2.4") \
	ROW(TIMEOUT,   SERVING,   INDEX0,  0, "B12",  "P 3.3.1") \
	ROW(ASK,       SERVING,   SERVING, 1, "B22",  "ours") \
	ROW(DIAL,      SERVING,   INDEX0,  0, "B12",  "P 3.3.2") \
	ROW(HANGUP,    DIALOG,    INDEX0,  0, "B12a", "P 2.2, P 4.1") \
	ROW(IN_DIALOG, DIALOG,    DIALOG,  0, "B9",   "RFC 3261 12.2")

TABLE struct fo_cause_row causes[FO_CAUSES] = {
#define ROW(cause, effect, transport, reason, rule, source) \
	[FO_CAUSE_##cause] = { FO_EFFECT_##effect, transport, FAILOVER_REASON_##reason, rule, source },
	CAUSES(ROW)
#undef ROW
};

TABLE struct fo_answer_row answers[] = {
#define ROW(kind, when, effect, rule, source) \
	{ FO_KIND_##kind, FO_WHEN_##when, FO_EFFECT_##effect, rule, source },
	ANSWERS(ROW)
#undef ROW
};

TABLE struct fo_request_row requests[FO_KINDS] = {
#define ROW(kind, proxy_move, server_move, failed, only_trying, rule, source) \
	[FO_KIND_##kind] = { { FO_ACTION_##proxy_move, FO_ACTION_##server_move }, \
			     FO_FAILED_##failed, FO_EFFECT_##only_trying, rule, source },
	REQUESTS(ROW)
#undef ROW
};

TABLE struct fo_profile_row profiles[] = {
#define ROW(profile, name, invite, invite_count, other, other_count, probe, rule, source) \
	{ profile, name, { FO_UNIT_##invite, invite_count }, \
	  { FO_UNIT_##other, other_count }, FO_ACTION_##probe, rule, source },
	PROFILES(ROW)
#undef ROW
};

TABLE struct fo_place_row places[FO_PLACES] = {
#define ROW(place, whole, rule, source) [FO_PLACE_##place] = { whole, rule, source },
	PLACES(ROW)
#undef ROW
};

TABLE struct fo_start_row starts[FO_TRIGGERS] = {
#define ROW(trigger, start, start_signal, ignores_health, rule, source) \
	[FO_TRIGGER_##trigger] = { FO_START_##start, FO_START_##start_signal, ignores_health, \
				   rule, source },
	STARTS(ROW)
#undef ROW
};

/* A look-up finds one row: 1, 2, 4 ... add up to all bits only if each is there once. */
#define CAUSE_BIT(cause, ...) +(1ull << FO_CAUSE_##cause)
#define KIND_BIT(kind, ...) +(1ull << FO_KIND_##kind)
#define PLACE_BIT(place, ...) +(1ull << FO_PLACE_##place)
#define TRIGGER_BIT(trigger, ...) +(1ull << FO_TRIGGER_##trigger)
#define ANY_BIT(kind, when, ...) +(FO_WHEN_##when == FO_WHEN_ANY ? 1ull << FO_KIND_##kind : 0)
_Static_assert(0 CAUSES(CAUSE_BIT) == (1ull << FO_CAUSES) - 1, "a row for each cause");
_Static_assert(0 REQUESTS(KIND_BIT) == (1ull << FO_KINDS) - 1, "a row for each kind of request");
_Static_assert(0 PLACES(PLACE_BIT) == (1ull << FO_PLACES) - 1, "a row for each place");
_Static_assert(0 STARTS(TRIGGER_BIT) == (1ull << FO_TRIGGERS) - 1, "a row for each trigger");
_Static_assert(0 ANSWERS(ANY_BIT) == (1ull << FO_KINDS) - 1, "a last row of answers for each kind");

/* clang-format on */

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

const struct fo_profile_row *fo_policy_profile(uint32_t profile)
{
	size_t i;

	if (profile == FAILOVER_PROFILE_DEFAULT)
		profile = FO_PROFILE_DEFAULT;
	for (i = 0; i < COUNT(profiles); i++)
		if (profiles[i].profile == profile)
			return &profiles[i];
	return NULL;
}

const struct fo_cause_row *fo_policy_cause(enum fo_cause cause)
{
	return &causes[cause];
}

const struct fo_request_row *fo_policy_request(enum fo_kind kind)
{
	return &requests[kind];
}

enum fo_action fo_policy_action(const struct fo_profile_row *profile, enum fo_kind kind,
				enum fo_move move)
{
	enum fo_action action = requests[kind].next[move];

	return action == FO_ACTION_BY_PROFILE ? profile->probe : action;
}

const struct fo_answer_row *fo_policy_answer(enum fo_kind kind, uint32_t whens)
{
	const struct fo_answer_row *row = answers;

	while (row->kind != kind || !(whens & (1u << row->when))) /* ends: each kind has ANY */
		row++;
	return row;
}

struct fo_budget fo_policy_budget(const struct fo_profile_row *profile, enum fo_kind kind,
				  enum fo_place place)
{
	static const struct fo_budget whole = { FO_UNIT_64T1, 0 };

	if (places[place].whole)
		return whole;
	return kind == FO_KIND_INVITE || kind == FO_KIND_REINVITE ? profile->invite
								  : profile->other;
}

const struct fo_start_row *fo_policy_start(enum fo_trigger trigger)
{
	return &starts[trigger];
}

void fo_policy_tables(struct fo_policy_tables *out)
{
	*out = (struct fo_policy_tables){
		.causes = causes,
		.answers = answers,
		.requests = requests,
		.profiles = profiles,
		.places = places,
		.starts = starts,
		.answers_count = COUNT(answers),
		.profiles_count = COUNT(profiles),
	};
}
