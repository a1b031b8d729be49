/* SPDX-License-Identifier: MIT */
/* lookup.c - names of lines: a line starts when its names are known, and follows them (B1b). */
#include "phone.h"

#include <string.h>

/* Those that it listens with. IPv4 comes first: more devices have it, and a server of IPv6 alone is
 * found all the same (B25). */
static uint32_t families_of(const struct phone *phone)
{
	static const uint8_t any[sizeof(phone->options.listen.address)];
	const struct failover_target *listen = &phone->options.listen;

	if (!phone->options.listen_set)
		return phone->only_ipv4 ? FAILOVER_DNS_IPV4_ONLY : FAILOVER_DNS_IPV4_FIRST;
	if (listen->family != 6)
		return FAILOVER_DNS_IPV4_ONLY;
	return memcmp(listen->address, any, sizeof(any)) == 0 ? FAILOVER_DNS_IPV4_FIRST
							      : FAILOVER_DNS_IPV6_ONLY;
}

int phone_lookup_open(struct phone *phone)
{
	const struct phone_resolver_params params = {
		.servers = phone->options.dns,
		.families = families_of(phone),
		.static_dns = &phone->config->static_dns,
	};
	int error = phone_resolver_new(&params, &phone->resolver);

	if (error != 0)
		fprintf(stderr, PHONE_PROGRAM ": DNS: %s\n", failover_strerror(error));
	return error;
}

void phone_lookup_close(struct phone *phone)
{
	for (size_t i = 0; i < phone->names.size; i++)
		phone_names_free(phone->names.slots[i].value);
	phone_map_clear(&phone->names);
	phone_resolver_free(phone->resolver);
	phone->resolver = NULL;
}

void phone_lookup_keep(struct phone *phone, uint32_t number, struct phone_names *names)
{
	struct phone_names *old = phone_map_get(&phone->names, number);

	phone_map_take(&phone->names, number);
	phone_names_free(old);
	if (names && phone_map_put(&phone->names, number, names) != 0)
		phone_names_free(names); /* the line goes on with what it has */
}

int phone_plan_ready(const struct phone_line_plan *plan)
{
	const struct failover_config_line *config = plan->config;
	const struct failover_target *first = &plan->targets[0];

	if (plan->targets_count == 0)
		return 0;
	if (!plan->names || !phone_names_asking(plan->names))
		return 1;
	return first->registrar == 0 && first->hop == (config->proxies_count > 0);
}

/* A name of a line that is in use, or waits to be. */
static void line_follow(struct phone *phone, struct phone_names *names, int changed)
{
	struct phone_line_plan plan = { .config = phone_names_line(names), .names = names };
	struct phone_line *line = phone_map_get(&phone->lines_by_number, plan.config->number);
	int error;

	plan.targets_count = phone_names_targets(names, plan.targets);
	if (!phone_plan_ready(&plan))
		return; /* not yet; or gone, and the line has nothing better than what it had */
	if (line && !changed)
		return;
	error = line ? phone_line_retarget(phone, line, &plan) : phone_line_add(phone, &plan, 1);
	if (error != 0)
		fprintf(stderr, PHONE_PROGRAM ": line %u: %s\n", (unsigned)plan.config->number,
			failover_strerror(error));
}

int phone_lookup_step(struct phone *phone)
{
	struct phone_names_news news;
	int stepped = 0;

	while (!phone->quitting && phone_resolver_poll(phone->resolver, phone_now(phone), &news)) {
		uint32_t number = phone_names_line(news.names)->number;

		stepped = 1;
		if (phone_map_get(&phone->names, number) != news.names)
			continue; /* of a configuration that does not hold yet */
		phone_report_dns(&phone->report, phone_now(phone), number, &news);
		line_follow(phone, news.names, news.dns.changed != 0);
	}
	if (stepped)
		phone_config_continue(phone);
	return stepped;
}

static void name_say(struct phone *phone, const struct phone_names_news *news)
{
	char again[48] = "";

	if (news->dns.seconds)
		snprintf(again, sizeof(again), ", asked again in %u s",
			 (unsigned)news->dns.seconds);
	phone_say(&phone->report, phone_now(phone), "  %s: %s, %u targets%s%s%s", news->dns.name,
		  news->state, (unsigned)news->targets_count, again, *news->reason ? ", " : "",
		  news->reason);
}

void phone_lookup_say(struct phone *phone, uint32_t number)
{
	const struct phone_names *names = phone_map_get(&phone->names, number);
	struct phone_names_news news;

	for (uint32_t i = 0; names && phone_names_state(names, i, phone_now(phone), &news); i++)
		name_say(phone, &news);
}
