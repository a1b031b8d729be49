/* SPDX-License-Identifier: MIT */
/*
 * profiles.c - what the profiles of other phones say where a file does not (B29): one row an item,
 * with its source, the phone's own name of it. Where its manual is silent the row says "ours". How
 * long a target is tried is a row of core/policy.c.
 */
#include "config.h"
#include "profiles.h"

#include <string.h>

/* clang-format off */

#define PROFILE_NONE(ROW)
#ifdef FO_PROFILE_YEALINK
#define PROFILE_YEALINK(ROW) \
	ROW(YEALINK, "signal_retry_counts",      "3",     "retry_counts") \
	ROW(YEALINK, "invite_retry_counts",      "3",     "invite_retry_counts") \
	ROW(YEALINK, "failback",                 "true",  "failback_mode 0, failback_timeout") \
	ROW(YEALINK, "failback_interval",        "3600",  "failback_timeout") \
	ROW(YEALINK, "signal_failback",          "true",  "failback_mode 0") \
	ROW(YEALINK, "signal_failback_methods",  "register,invite", "ours") \
	ROW(YEALINK, "register_before",          "never", "register_on_enable 0") \
	ROW(YEALINK, "only_registered",          "false", "only_signal_with_registered 0") \
	ROW(YEALINK, "unavailable_codes",        "",      "redundancy_with_reg_fail.enable 0") \
	ROW(YEALINK, "unavailable_codes_invite", "503",   "ours") \
	ROW(YEALINK, "reg_fail_interval",        "30",    "reg_fail_retry_interval") \
	ROW(YEALINK, "keepalive",                "options", "ours")
#else
#define PROFILE_YEALINK PROFILE_NONE
#endif
#ifdef FO_PROFILE_POLY
#define PROFILE_POLY(ROW) \
	ROW(POLY, "signal_retry_counts",      "3",     "retryMaxCount") \
	ROW(POLY, "invite_retry_counts",      "0",     "retryMaxCount") \
	ROW(POLY, "failback",                 "true",  "failBack.mode newRequests, failBack.timeout") \
	ROW(POLY, "failback_interval",        "3600",  "failBack.timeout") \
	ROW(POLY, "signal_failback",          "true",  "failBack.mode newRequests") \
	ROW(POLY, "signal_failback_methods",  "register,invite", "ours") \
	ROW(POLY, "register_before",          "never", "failOver.reRegisterOn 0") \
	ROW(POLY, "only_registered",          "true",  "failOver.onlySignalWithRegistered 1") \
	ROW(POLY, "unavailable_codes",        "",      "no answer, ICMP, TCP: no response counts") \
	ROW(POLY, "unavailable_codes_invite", "503",   "ours") \
	ROW(POLY, "reg_fail_interval",        "60",    "RFC 5626 4.5 with base 60, most 60") \
	ROW(POLY, "keepalive",                "options", "ours")
#else
#define PROFILE_POLY PROFILE_NONE
#endif
#ifdef FO_PROFILE_CISCO
#define PROFILE_CISCO(ROW) \
	ROW(CISCO, "signal_retry_counts",      "3",     "ours; the SIP timers count") \
	ROW(CISCO, "invite_retry_counts",      "0",     "ours; the SIP timers count") \
	ROW(CISCO, "failback",                 "true",  "Proxy Fallback Intvl") \
	ROW(CISCO, "failback_interval",        "3600",  "Proxy Fallback Intvl") \
	ROW(CISCO, "signal_failback",          "false", "Auto Register When Failover No") \
	ROW(CISCO, "signal_failback_methods",  "register,invite", "ours") \
	ROW(CISCO, "register_before",          "never", "Auto Register When Failover No") \
	ROW(CISCO, "only_registered",          "false", "ours") \
	ROW(CISCO, "unavailable_codes",        "",      "Try Backup RSC") \
	ROW(CISCO, "unavailable_codes_invite", "",      "Try Backup RSC") \
	ROW(CISCO, "reg_fail_interval",        "30",    "Reg Retry Intvl") \
	ROW(CISCO, "keepalive",                "options", "ours")
#else
#define PROFILE_CISCO PROFILE_NONE
#endif
#ifdef FO_PROFILE_GRANDSTREAM
#define PROFILE_GRANDSTREAM(ROW) \
	ROW(GRANDSTREAM, "signal_retry_counts",      "2",     "P60055") \
	ROW(GRANDSTREAM, "invite_retry_counts",      "0",     "P60055") \
	ROW(GRANDSTREAM, "failback",                 "true",  "P60056") \
	ROW(GRANDSTREAM, "failback_interval",        "3600",  "P60056") \
	ROW(GRANDSTREAM, "signal_failback",          "false", "P4567 0") \
	ROW(GRANDSTREAM, "signal_failback_methods",  "register,invite", "ours") \
	ROW(GRANDSTREAM, "register_before",          "never", "P29095 0") \
	ROW(GRANDSTREAM, "only_registered",          "false", "ours") \
	ROW(GRANDSTREAM, "unavailable_codes",        "",      "no response counts") \
	ROW(GRANDSTREAM, "unavailable_codes_invite", "503",   "ours") \
	ROW(GRANDSTREAM, "reg_fail_interval",        "20",    "P138") \
	ROW(GRANDSTREAM, "keepalive",                "off",   "P2397 0")
#else
#define PROFILE_GRANDSTREAM PROFILE_NONE
#endif

#ifdef FO_POLICY_TEXT
#define SOURCE(source) , source
#else
#define SOURCE(source)
#endif

static const struct fo_profile_item items[] = {
#define ROW(profile, key, value, source) { FAILOVER_PROFILE_##profile, key, value SOURCE(source) },
	PROFILE_YEALINK(ROW) PROFILE_POLY(ROW) PROFILE_CISCO(ROW) PROFILE_GRANDSTREAM(ROW)
#undef ROW
	{ FAILOVER_PROFILE_DEFAULT, "", "" SOURCE("") }, /* the end */
};

/* clang-format on */

const struct fo_profile_item *fo_profile_item(size_t n)
{
	return n + 1 < sizeof(items) / sizeof(items[0]) ? &items[n] : NULL;
}

const char *fo_profile_value(uint32_t profile, const char *key)
{
	for (const struct fo_profile_item *item = items; item->profile; item++) {
		if (item->profile == profile && strcmp(item->key, key) == 0)
			return item->value;
	}
	return NULL;
}
