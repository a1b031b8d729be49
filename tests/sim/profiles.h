/* SPDX-License-Identifier: MIT */
/*
 * profiles.h - what a profile does, read from the rules a second time (B3a, B3d, B11a, B29): for
 * the oracle, the fleets and exploration, which know profiles by these facts only.
 */
#ifndef SIM_PROFILES_H
#define SIM_PROFILES_H

#include <failover/failover.h>
#include <stdio.h>
#include <stdlib.h>

struct profile_facts {
	uint32_t profile;
	uint8_t by_time;	/* signal_retry_time, not transmissions */
	uint8_t by_timers;	/* neither: 64*T1 at each target */
	uint8_t probes_proxies; /* a probe may go back to a proxy of the serving registrar */
};

static const struct profile_facts profiles_known[] = {
	{ .profile = FAILOVER_PROFILE_V2, .by_time = 1 },
	{ .profile = FAILOVER_PROFILE_V3, .probes_proxies = 1 },
	{ .profile = FAILOVER_PROFILE_YEALINK, .probes_proxies = 1 },
	{ .profile = FAILOVER_PROFILE_POLY, .probes_proxies = 1 },
	{ .profile = FAILOVER_PROFILE_CISCO, .by_timers = 1, .probes_proxies = 1 },
	{ .profile = FAILOVER_PROFILE_GRANDSTREAM, .probes_proxies = 1 },
};
#define PROFILES_KNOWN (sizeof(profiles_known) / sizeof(profiles_known[0]))

static inline const struct profile_facts *profile_facts(uint32_t profile)
{
	size_t i;

	for (i = 0; i < PROFILES_KNOWN; i++)
		if (profiles_known[i].profile == profile)
			return &profiles_known[i];
	fprintf(stderr, "profiles.h does not know profile %u\n", (unsigned)profile);
	abort();
}

/* This build has them all. */
static inline int profiles_all_in(void)
{
	size_t i;

	for (i = 0; i < PROFILES_KNOWN; i++)
		if (failover_profile_available(profiles_known[i].profile))
			return 0;
	return 1;
}

#endif
