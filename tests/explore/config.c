/* SPDX-License-Identifier: MIT */
/* config.c - the configurations that are explored. */
#include <string.h>
#include "explore.h"

#define EVERY_REQUEST                                                                              \
	(EX_MAY_INVITE | EX_MAY_REINVITE | EX_MAY_BYE | EX_MAY_OPTIONS | EX_MAY_OTHER |            \
	 EX_MAY_GIVE_UP)
#define V2 FAILOVER_PROFILE_V2
#define V3 FAILOVER_PROFILE_V3

/* With lists "01", "10" and so on DNS takes targets away, brings them back and swaps them. */
const struct ex_config ex_configs[] = {
	{ .name = "v3-one-target",
	  .profile = V3,
	  .registrars = "0",
	  .addresses = "0",
	  .lists = { "0" },
	  .may = EVERY_REQUEST | EX_MAY_UNREGISTER | EX_MAY_NETWORK | EX_MAY_CHALLENGE |
		 EX_MAY_TRANSPORT,
	  .user_requests = 1,
	  .failback = 1,
	  .keepalive = 1 },
	{ .name = "v3-server-register",
	  .profile = V3,
	  .registrars = "01",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EX_MAY_UNREGISTER | EX_MAY_NETWORK | EX_MAY_RETRY_AFTER | EX_MAY_TRANSPORT |
		 EX_MAY_REGISTER_AGAIN | EX_MAY_UPDATE,
	  .user_requests = 1,
	  .failback = 1,
	  .release = 1,
	  .keepalive = 1 },
	{ .name = "v3-server-invite",
	  .profile = V3,
	  .registrars = "01",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EX_MAY_INVITE | EX_MAY_GIVE_UP | EX_MAY_MOVED,
	  .user_requests = 1,
	  .failback = 1 },
	{ .name = "v2-server-invite-signal",
	  .profile = V2,
	  .registrars = "01",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EX_MAY_INVITE | EX_MAY_BYE | EX_MAY_GIVE_UP,
	  .user_requests = 1,
	  .signal = 1 },
	{ .name = "v2-proxy-both-failbacks",
	  .profile = V2,
	  .registrars = "00",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EVERY_REQUEST,
	  .user_requests = 1,
	  .failback = 1,
	  .signal = 1,
	  .trying = 1 },
	{ .name = "v3-proxy-invite",
	  .profile = V3,
	  .registrars = "00",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EX_MAY_INVITE | EX_MAY_BYE | EX_MAY_GIVE_UP | EX_MAY_UNREGISTER,
	  .user_requests = 1,
	  .failback = 1 },
	{ .name = "v3-server-dialogs",
	  .profile = V3,
	  .registrars = "01",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EX_MAY_REINVITE | EX_MAY_BYE | EX_MAY_OPTIONS | EX_MAY_OTHER | EX_MAY_GIVE_UP,
	  .user_requests = 1,
	  .signal = 1 },
	{ .name = "v3-dns-swaps",
	  .profile = V3,
	  .registrars = "01",
	  .addresses = "01",
	  .lists = { "01", "10", "1", "0" },
	  .may = EX_MAY_INVITE | EX_MAY_DNS,
	  .user_requests = 1,
	  .failback = 1 },
	{ .name = "v3-begins-at-the-last",
	  .profile = V3,
	  .registrars = "001",
	  .addresses = "012",
	  .lists = { "012" },
	  .may = EX_MAY_INVITE | EX_MAY_GIVE_UP | EX_MAY_NETWORK,
	  .user_requests = 1,
	  .failback = 1,
	  .begins = 1,
	  .short_depth = 8 },
	{ .name = "v3-in-a-group",
	  .profile = V3,
	  .registrars = "01",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EX_MAY_INVITE | EX_MAY_GROUP | EX_MAY_NETWORK,
	  .user_requests = 1,
	  .failback = 1,
	  .short_depth = 8 },
	{ .name = "v3-three-targets",
	  .profile = V3,
	  .registrars = "001",
	  .addresses = "012",
	  .lists = { "012" },
	  .may = EX_MAY_INVITE | EX_MAY_GIVE_UP,
	  .user_requests = 1,
	  .failback = 1,
	  .short_depth = 12 },
	{ .name = "v3-emergency",
	  .profile = V3,
	  .registrars = "011",
	  .addresses = "012",
	  .lists = { "012" },
	  .may = EX_MAY_EMERGENCY | EX_MAY_GIVE_UP,
	  .user_requests = 1,
	  .failback = 1,
	  .short_depth = 12 },
	{ .name = "v2-emergency-signal",
	  .profile = V2,
	  .registrars = "01",
	  .addresses = "01",
	  .lists = { "01", "1" },
	  .may = EX_MAY_EMERGENCY | EX_MAY_GIVE_UP | EX_MAY_NETWORK | EX_MAY_DNS,
	  .user_requests = 1,
	  .signal = 1,
	  .short_depth = 10 },
	{ .name = "v3-two-servers-two-proxies",
	  .profile = V3,
	  .registrars = "0011",
	  .addresses = "0101",
	  .lists = { "0123" },
	  .may = EX_MAY_INVITE | EX_MAY_NETWORK,
	  .user_requests = 1,
	  .failback = 1,
	  .short_depth = 8 },
	{ .name = "v3-good-for-longer",
	  .profile = V3,
	  .registrars = "01",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EX_MAY_INVITE | EX_MAY_BYE | EX_MAY_GIVE_UP | EX_MAY_UNREGISTER,
	  .user_requests = 1,
	  .failback = 1,
	  .signal = 1,
	  .successes = 2,
	  .hold = 16,
	  .short_depth = 12 },
	{ .name = "v3-good-lists",
	  .profile = V3,
	  .registrars = "001",
	  .addresses = "012",
	  .lists = { "012", "02", "210" },
	  .may = EX_MAY_DNS | EX_MAY_UPDATE | EX_MAY_REGISTER_AGAIN,
	  .user_requests = 1,
	  .failback = 1,
	  .successes = 2,
	  .short_depth = 10 },
	{ .name = "v3-returns-when-idle",
	  .profile = V3,
	  .registrars = "01",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EX_MAY_INVITE | EX_MAY_CALLS | EX_MAY_UNREGISTER,
	  .user_requests = 1,
	  .failback = 1,
	  .signal = 1,
	  .idle = 1,
	  .short_depth = 12 },
	{ .name = "v3-returns-when-idle-lists",
	  .profile = V3,
	  .registrars = "001",
	  .addresses = "012",
	  .lists = { "012", "02", "210" },
	  .may = EX_MAY_CALLS | EX_MAY_DNS | EX_MAY_UPDATE | EX_MAY_REGISTER_AGAIN,
	  .user_requests = 1,
	  .failback = 1,
	  .successes = 2,
	  .idle = 1,
	  .short_depth = 10 },
	{ .name = "v3-edge-of-time",
	  .profile = V3,
	  .registrars = "01",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EX_MAY_INVITE | EX_MAY_NETWORK | EX_MAY_RETRY_AFTER,
	  .user_requests = 1,
	  .failback = 1,
	  .release = 1,
	  .keepalive = 1,
	  .real_times = 1,
	  .edge = 1,
	  .short_depth = 7,
	  .long_depth = 12 },
	{ .name = "v3-two-users-all",
	  .profile = V3,
	  .registrars = "01",
	  .addresses = "01",
	  .lists = { "01", "1", "10" },
	  .may = EVERY_REQUEST | EX_MAY_UNREGISTER | EX_MAY_NETWORK | EX_MAY_DNS | EX_MAY_UPDATE |
		 EX_MAY_RETRY_AFTER | EX_MAY_REGISTER_AGAIN | EX_MAY_LATE_TICK,
	  .user_requests = 2,
	  .failback = 1,
	  .signal = 1,
	  .release = 1,
	  .keepalive = 1,
	  .short_depth = 5,
	  .long_depth = 8 },
	{ .name = "v3-real-times-all",
	  .profile = V3,
	  .registrars = "001",
	  .addresses = "012",
	  .lists = { "012", "02", "210" },
	  .may = EVERY_REQUEST | EX_MAY_UNREGISTER | EX_MAY_NETWORK | EX_MAY_DNS | EX_MAY_UPDATE |
		 EX_MAY_RETRY_AFTER | EX_MAY_REGISTER_AGAIN | EX_MAY_LATE_TICK,
	  .user_requests = 2,
	  .failback = 1,
	  .release = 1,
	  .keepalive = 1,
	  .trying = 1,
	  .real_times = 1,
	  .short_depth = 5,
	  .long_depth = 8 },
	{ .name = "v3-always-proxy-invite",
	  .profile = V3,
	  .before = FAILOVER_BEFORE_ALWAYS,
	  .registrars = "00",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EX_MAY_INVITE | EX_MAY_BYE | EX_MAY_GIVE_UP | EX_MAY_UNREGISTER,
	  .user_requests = 1,
	  .failback = 1 },
	{ .name = "v3-always-server-invite",
	  .profile = V3,
	  .before = FAILOVER_BEFORE_ALWAYS,
	  .registrars = "001",
	  .addresses = "012",
	  .lists = { "012" },
	  .may = EX_MAY_OPTIONS | EX_MAY_INVITE,
	  .user_requests = 1,
	  .short_depth = 10 },
	{ .name = "v3-never-invite",
	  .profile = V3,
	  .before = FAILOVER_BEFORE_NEVER,
	  .registrars = "001",
	  .addresses = "012",
	  .lists = { "012" },
	  .may = EX_MAY_OPTIONS | EX_MAY_INVITE | EX_MAY_BYE | EX_MAY_GIVE_UP | EX_MAY_UNREGISTER,
	  .user_requests = 1,
	  .failback = 1,
	  .short_depth = 12 },
	{ .name = "v3-only-registered",
	  .profile = V3,
	  .only = 1,
	  .registrars = "001",
	  .addresses = "012",
	  .lists = { "012" },
	  .may = EX_MAY_INVITE | EX_MAY_REINVITE | EX_MAY_BYE | EX_MAY_OPTIONS | EX_MAY_OTHER |
		 EX_MAY_UNREGISTER,
	  .user_requests = 1,
	  .failback = 1,
	  .short_depth = 9 },
	{ .name = "v3-only-registered-always",
	  .profile = V3,
	  .before = FAILOVER_BEFORE_ALWAYS,
	  .only = 1,
	  .registrars = "001",
	  .addresses = "012",
	  .lists = { "012" },
	  .may = EX_MAY_OPTIONS | EX_MAY_INVITE | EX_MAY_BYE,
	  .user_requests = 1,
	  .short_depth = 10 },
	{ .name = "v3-only-registered-never",
	  .profile = V3,
	  .before = FAILOVER_BEFORE_NEVER,
	  .only = 1,
	  .registrars = "001",
	  .addresses = "012",
	  .lists = { "012" },
	  .may = EX_MAY_OPTIONS | EX_MAY_INVITE | EX_MAY_BYE,
	  .user_requests = 1,
	  .failback = 1,
	  .short_depth = 10 },
	/* The rows of other phones (B29): few states, each budget. */
	{ .name = "yealink-server-invite",
	  .profile = FAILOVER_PROFILE_YEALINK,
	  .before = FAILOVER_BEFORE_NEVER,
	  .registrars = "01",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EX_MAY_INVITE,
	  .user_requests = 1,
	  .failback = 1,
	  .signal = 1,
	  .short_depth = 8 },
	{ .name = "poly-server-invite",
	  .profile = FAILOVER_PROFILE_POLY,
	  .before = FAILOVER_BEFORE_NEVER,
	  .only = 1,
	  .registrars = "01",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EX_MAY_INVITE,
	  .user_requests = 1,
	  .failback = 1,
	  .signal = 1,
	  .short_depth = 8 },
	{ .name = "cisco-proxy-invite",
	  .profile = FAILOVER_PROFILE_CISCO,
	  .before = FAILOVER_BEFORE_NEVER,
	  .registrars = "00",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EX_MAY_INVITE | EX_MAY_BYE,
	  .user_requests = 1,
	  .failback = 1,
	  .short_depth = 8 },
	{ .name = "grandstream-proxy-invite",
	  .profile = FAILOVER_PROFILE_GRANDSTREAM,
	  .before = FAILOVER_BEFORE_NEVER,
	  .registrars = "00",
	  .addresses = "01",
	  .lists = { "01" },
	  .may = EX_MAY_INVITE,
	  .user_requests = 1,
	  .failback = 1,
	  .short_depth = 8 },
	{ .name = "v2-real-times-all",
	  .profile = V2,
	  .registrars = "001",
	  .addresses = "012",
	  .lists = { "012", "02", "210" },
	  .may = EVERY_REQUEST | EX_MAY_UNREGISTER | EX_MAY_NETWORK | EX_MAY_DNS | EX_MAY_UPDATE |
		 EX_MAY_RETRY_AFTER | EX_MAY_LATE_TICK,
	  .user_requests = 2,
	  .signal = 1,
	  .backoff = 1,
	  .real_times = 1,
	  .short_depth = 5,
	  .long_depth = 8 },
};
const size_t ex_configs_count = sizeof(ex_configs) / sizeof(ex_configs[0]);

/* Multiples of 4 s, so that few different distances between timers exist: 64*T1 is 8 s, V2's time
 * 4 s, V3's budget the capped 8 s; of a registration granted for 8 s half. */
static void even_times(struct failover_line_settings *is)
{
	is->t1_ms = 125;
	is->t2_ms = 8000;
	is->signal_retry_counts = 7;
	is->signal_retry_time_ms = 4000;
	is->failback_interval_s = 8;
	is->reg_fail_interval_s = 8;
	is->keepalive_interval_s = 8;
}

struct failover_line_settings ex_settings(const struct ex_config *config)
{
	struct failover_line_settings is = FAILOVER_LINE_SETTINGS_INIT;

	is.profile = config->profile;
	is.jitter_percent = 0;
	is.failback = config->failback;
	is.failback_release = config->release;
	is.signal_failback = config->signal;
	is.signal_failback_methods |= FAILOVER_METHOD_BIT(FAILOVER_BYE);
	is.keepalive = config->keepalive ? FAILOVER_KEEPALIVE_OPTIONS : FAILOVER_KEEPALIVE_OFF;
	is.register_before = config->before;
	is.only_registered = config->only;
	is.reg_fail_backoff = config->backoff;
	is.trying_timeout_s = config->trying ? 4 : 0;
	is.failback_successes = config->successes ? config->successes : 1;
	is.failback_hold_s = config->successes ? 12 : 0;
	is.failover_hold_s = config->hold;
	is.failback_when = config->idle ? FAILOVER_FAILBACK_IDLE : FAILOVER_FAILBACK_ANY;
	if (!config->real_times)
		even_times(&is);
	return is;
}

int ex_signal(const struct ex_config *config)
{
	return config->signal && !config->successes;
}

uint32_t ex_expires_s(const struct ex_config *config)
{
	return config->real_times ? 3600 : 8;
}

/* The least that a line may ask for. */
uint32_t ex_asked_s(const struct ex_config *config)
{
	return config->real_times ? 3600 : 10;
}

struct failover_target ex_target(const struct ex_config *config, unsigned place)
{
	return (struct failover_target){
		.address = { 192, 0, 2, (uint8_t)(config->addresses[place] - '0' + 1) },
		.port = 5060,
		.family = 4,
		.transport = FAILOVER_UDP,
		.registrar = (uint8_t)(config->registrars[place] - '0'),
	};
}

void ex_params(const struct ex_config *config, unsigned list, struct failover_line_params *params,
	       struct failover_target *targets, uint32_t *expires)
{
	const char *places = config->lists[list];
	uint32_t i;

	*params = (struct failover_line_params){
		.size = sizeof(*params),
		.registrars = strchr(config->registrars, '1') ? 2 : 1,
		.max_targets = (uint32_t)strlen(config->registrars),
		.max_requests = config->user_requests,
		.targets_count = (uint32_t)strlen(places),
		.targets = targets,
		.expires_s = expires,
		.settings = ex_settings(config),
	};
	for (i = 0; i < params->targets_count; i++)
		targets[i] = ex_target(config, (unsigned)(places[i] - '0'));
	for (i = 0; i < params->registrars; i++)
		expires[i] = ex_asked_s(config);
}

unsigned ex_place(const struct ex_world *world, const struct failover_target *target)
{
	unsigned place;

	for (place = 0; world->config->registrars[place]; place++) {
		struct failover_target known = ex_target(world->config, place);

		if (known.registrar == target->registrar &&
		    failover_target_same_address(&known, target))
			return place;
	}
	return EX_NOBODY;
}
