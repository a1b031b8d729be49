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
	ROW(UNSUPPORTED,     UNAVAILABLE,     1, UNSUPPORTED,     "B4",  "ours") \
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
	ROW(EMERGENCY, CALLED,      ENDS,         "B36e", "ours") \
	ROW(EMERGENCY, ANY,         CALL_GOES_ON, "B36e", "ours") \
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
	ROW(INVITE,   BY_BINDING, BY_BINDING,         REGISTER_SIGNAL, CALL_GOES_ON, "B5", \
	    "P 3.2.2, S 2.2.2") \
	ROW(EMERGENCY, SEND,      SEND,               NOTHING,         CALL_GOES_ON, "B36", \
	    "ours") \
	ROW(REINVITE, BY_BINDING, BY_BINDING,         REGISTER_SIGNAL, ENDS,         "B5", \
	    "P 3.2.2, S 2.2.2") \
	ROW(BYE,      BY_BINDING, BY_BINDING,         REGISTER_SIGNAL, ENDS,         "B5", \
	    "P 3.2.3, S 2.2.3") \
	ROW(OPTIONS,  FAIL,       FAIL,               REGISTER,        ENDS,         "B5b", \
	    "S 2.2.1, P 3.2.1") \
	ROW(CANCEL,   FAIL,       FAIL,               REGISTER,        ENDS,         "B5b", \
	    "S 2.2.1, P 3.2.1") \
	ROW(OTHER,    FAIL,       FAIL,               NOTHING,         ENDS,         "B5", \
	    "S 2.2, P 3.2")

/* B5, B27, B28: what "by binding" means, and what counts as being registered at a target. */
#define BINDINGS(ROW) \
	/*  line            first attempt, one alone, in its dialog */ \
	/*                  proxy move, server move, registered */ \
	ROW(REGISTRAR,      REGISTER_THEN_SEND, SEND, SEND, \
			    SEND, REGISTER_THEN_SEND, REGISTRAR, "B5, B5a", "P 3.2.2, S 2.2.2") \
	ROW(ALWAYS,         REGISTER_THEN_SEND, SEND, SEND, \
			    REGISTER_THEN_SEND, REGISTER_THEN_SEND, TARGET, "B27", "S 2.2.2") \
	ROW(NEVER,          REGISTER_THEN_SEND, SEND, SEND, \
			    SEND, SEND, ANY, "B27", "P 3.2.2") \
	ROW(REMOVED,        SEND, SEND, SEND, \
			    SEND, SEND, REGISTRAR, "B16", "ours") \
	ROW(ONLY_REGISTRAR, REGISTER_THEN_SEND, REGISTER_THEN_SEND, REGISTER_THEN_SEND, \
			    REGISTER_THEN_SEND, REGISTER_THEN_SEND, REGISTRAR, "B28", "ours") \
	ROW(ONLY_ALWAYS,    REGISTER_THEN_SEND, REGISTER_THEN_SEND, REGISTER_THEN_SEND, \
			    REGISTER_THEN_SEND, REGISTER_THEN_SEND, TARGET, "B28", "ours") \
	ROW(ONLY_NEVER,     REGISTER_THEN_SEND, REGISTER_THEN_SEND, REGISTER_THEN_SEND, \
			    REGISTER_THEN_SEND, REGISTER_THEN_SEND, REGISTRAR, "B28", "ours") \
	ROW(ONLY_REMOVED,   FAIL, FAIL, SEND, \
			    FAIL, FAIL, REGISTRAR, "B28", "ours")

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
/* B29: profiles of other phones; what else their manuals say is in config/profiles.c. */
#ifdef FO_PROFILE_YEALINK
#define PROFILE_YEALINK(ROW) \
	ROW(FAILOVER_PROFILE_YEALINK, "yealink", TRANSMISSIONS, 0, TRANSMISSIONS, 0, SEND, \
	    "B29, B3a", "retry_counts, outbound_proxy_fallback_interval")
#else
#define PROFILE_YEALINK PROFILES_NONE
#endif
#ifdef FO_PROFILE_POLY
#define PROFILE_POLY(ROW) \
	ROW(FAILOVER_PROFILE_POLY, "poly", TRANSMISSIONS, 0, TRANSMISSIONS, 0, SEND, \
	    "B29, B3a", "retryMaxCount, reg.x.outboundProxy.failOver.failBack")
#else
#define PROFILE_POLY PROFILES_NONE
#endif
#ifdef FO_PROFILE_CISCO
#define PROFILE_CISCO(ROW) \
	ROW(FAILOVER_PROFILE_CISCO, "cisco", 64T1, 0, 64T1, 0, SEND, "B29", \
	    "SIP timers alone, Proxy Fallback Intvl")
#else
#define PROFILE_CISCO PROFILES_NONE
#endif
#ifdef FO_PROFILE_GRANDSTREAM
#define PROFILE_GRANDSTREAM(ROW) \
	ROW(FAILOVER_PROFILE_GRANDSTREAM, "grandstream", TRANSMISSIONS, 0, TRANSMISSIONS, 0, SEND, \
	    "B29, B3a", "P60055; proxies: ours")
#else
#define PROFILE_GRANDSTREAM PROFILES_NONE
#endif
#ifdef FO_POLICY_FURTHER /* that a further profile is a further row: tests/profile */
#define PROFILE_FURTHER(ROW) \
	ROW(100, "further", TRANSMISSIONS, 2, TRANSMISSIONS, 5, FAIL, "B3a", "a test")
#else
#define PROFILE_FURTHER PROFILES_NONE
#endif
#define PROFILES(ROW) \
	PROFILE_V2(ROW) PROFILE_V3(ROW) PROFILE_YEALINK(ROW) PROFILE_POLY(ROW) PROFILE_CISCO(ROW) \
	PROFILE_GRANDSTREAM(ROW) PROFILE_FURTHER(ROW)

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
	ROW(EMERGENCY, SERVING,   SERVING, 1, "B36b", "ours") \
	ROW(HANGUP,    DIALOG,    INDEX0,  0, "B12a", "P 2.2, P 4.1") \
	ROW(IN_DIALOG, DIALOG,    DIALOG,  0, "B9",   "RFC 3261 12.2")

#ifdef FO_POLICY_TEXT
#define TEXTS(rule, source) rule, source
#else
#define TEXTS(rule, source)
#endif

TABLE struct fo_cause_row causes[FO_CAUSES] = {
#define ROW(cause, effect, transport, reason, rule, source) \
	[FO_CAUSE_##cause] = { FO_EFFECT_##effect, transport, FAILOVER_REASON_##reason, \
			       TEXTS(rule, source) },
	CAUSES(ROW)
#undef ROW
};

TABLE struct fo_answer_row answers[] = {
#define ROW(kind, when, effect, rule, source) \
	{ FO_KIND_##kind, FO_WHEN_##when, FO_EFFECT_##effect, TEXTS(rule, source) },
	ANSWERS(ROW)
#undef ROW
};

TABLE struct fo_request_row requests[FO_KINDS] = {
#define ROW(kind, proxy_move, server_move, failed, only_trying, rule, source) \
	[FO_KIND_##kind] = { { FO_ACTION_##proxy_move, FO_ACTION_##server_move }, \
			     FO_FAILED_##failed, FO_EFFECT_##only_trying, \
			     TEXTS(rule, source) },
	REQUESTS(ROW)
#undef ROW
};

TABLE struct fo_binding_row bindings[FO_BINDINGS] = {
#define ROW(binding, first, alone, dialog, proxy_move, server_move, bound, rule, source) \
	[FO_BINDING_##binding] = { { [FO_STEP_FIRST] = FO_ACTION_##first, \
				     [FO_STEP_ALONE] = FO_ACTION_##alone, \
				     [FO_STEP_DIALOG] = FO_ACTION_##dialog, \
				     [FO_STEP_PROXY] = FO_ACTION_##proxy_move, \
				     [FO_STEP_SERVER] = FO_ACTION_##server_move }, \
				   FO_BOUND_##bound, TEXTS(rule, source) },
	BINDINGS(ROW)
#undef ROW
};

TABLE struct fo_profile_row profiles[] = {
#define ROW(profile, name, invite, invite_count, other, other_count, probe, rule, source) \
	{ profile, name, { FO_UNIT_##invite, invite_count }, \
	  { FO_UNIT_##other, other_count }, FO_ACTION_##probe, \
	  TEXTS(rule, source) },
	PROFILES(ROW)
#undef ROW
};

TABLE struct fo_place_row places[FO_PLACES] = {
#define ROW(place, whole, rule, source) [FO_PLACE_##place] = { whole, TEXTS(rule, source) },
	PLACES(ROW)
#undef ROW
};

TABLE struct fo_start_row starts[FO_TRIGGERS] = {
#define ROW(trigger, start, start_signal, ignores_health, rule, source) \
	[FO_TRIGGER_##trigger] = { FO_START_##start, FO_START_##start_signal, ignores_health, \
				   TEXTS(rule, source) },
	STARTS(ROW)
#undef ROW
};

/* A look-up finds one row: 1, 2, 4 ... add up to all bits only if each is there once. */
#define CAUSE_BIT(cause, ...) +(1ull << FO_CAUSE_##cause)
#define KIND_BIT(kind, ...) +(1ull << FO_KIND_##kind)
#define BINDING_BIT(binding, ...) +(1ull << FO_BINDING_##binding)
#define PLACE_BIT(place, ...) +(1ull << FO_PLACE_##place)
#define TRIGGER_BIT(trigger, ...) +(1ull << FO_TRIGGER_##trigger)
#define ANY_BIT(kind, when, ...) +(FO_WHEN_##when == FO_WHEN_ANY ? 1ull << FO_KIND_##kind : 0)
_Static_assert(0 CAUSES(CAUSE_BIT) == (1ull << FO_CAUSES) - 1, "a row for each cause");
_Static_assert(0 REQUESTS(KIND_BIT) == (1ull << FO_KINDS) - 1, "a row for each kind of request");
_Static_assert(0 BINDINGS(BINDING_BIT) == (1ull << FO_BINDINGS) - 1, "a row for each binding");
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

const struct fo_binding_row *fo_policy_binding(enum fo_binding binding)
{
	return &bindings[binding];
}

enum fo_action fo_policy_action(const struct fo_profile_row *profile, enum fo_binding binding,
				enum fo_kind kind, enum fo_step step)
{
	enum fo_action action =
		requests[kind].next[step == FO_STEP_PROXY ? FO_MOVE_PROXY : FO_MOVE_SERVER];

	if (action == FO_ACTION_BY_BINDING || step >= FO_STEP_ALONE)
		return bindings[binding].next[step];
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
		.bindings = bindings,
		.profiles = profiles,
		.places = places,
		.starts = starts,
		.answers_count = COUNT(answers),
		.profiles_count = COUNT(profiles),
	};
}
