/* SPDX-License-Identifier: MIT */
/*
 * names.h - the domain names of the configuration's lines. Made twice: names_dns.c asks by
 * libfailover-dns and never blocks; names_system.c, for builds without it, has the system's
 * resolver answer at once.
 */
#ifndef PHONE_NAMES_H
#define PHONE_NAMES_H

#include <failover/config.h>
#include <failover/dns.h>

struct phone_resolver;
struct phone_names; /* all names of one line */

struct phone_names_news {
	struct phone_names *names; /* whose */
	struct failover_dns_news dns;
	const char *state, *reason; /* texts of `dns` */
	uint32_t targets_count;
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
};

struct phone_resolver_params {
	const char *servers;				/* "ADDR:PORT", NULL = the system's */
	uint32_t families;				/* enum failover_dns_families */
	const struct failover_config_texts *static_dns; /* B38; copied */
};
/* Returns 0 or a negative error. */
int phone_resolver_new(const struct phone_resolver_params *params, struct phone_resolver **out);
void phone_resolver_free(struct phone_resolver *resolver);
/* Ask for all names anew. */
void phone_resolver_refresh(struct phone_resolver *resolver, uint64_t now);
/* Takes the next news; returns 1, or 0 when there are none. */
int phone_resolver_poll(struct phone_resolver *resolver, uint64_t now,
			struct phone_names_news *out);
/* As in failover_ext_io. */
uint32_t phone_resolver_fds(const struct phone_resolver *resolver, struct failover_io_fd *out,
			    uint32_t max);
uint64_t phone_resolver_deadline(const struct phone_resolver *resolver, uint64_t now);
void phone_resolver_process(struct phone_resolver *resolver, const struct failover_io_fd *ready,
			    uint32_t count, uint64_t now);

/* So many names a line may have: one for each next hop. */
static inline uint32_t phone_names_most(const struct failover_config_line *line)
{
	return line->servers_count * (line->proxies_count ? line->proxies_count : 1);
}

/* NULL = no memory. `line` stays as long as the names. */
struct phone_names *phone_names_new(struct phone_resolver *resolver,
				    const struct failover_config_line *line, uint64_t now);
void phone_names_free(struct phone_names *names);
const struct failover_config_line *phone_names_line(const struct phone_names *names);
/* The line's targets, as far as its names are known; returns how many. */
uint32_t phone_names_targets(struct phone_names *names,
			     struct failover_target out[FAILOVER_LIMIT_TARGETS]);
/* 1 while the first answer of some name is awaited. */
int phone_names_asking(const struct phone_names *names);
/* How name number `index` stands; returns 0 if there are not so many. */
int phone_names_state(const struct phone_names *names, uint32_t index, uint64_t now,
		      struct phone_names_news *out);

#endif
