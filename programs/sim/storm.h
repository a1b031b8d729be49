/* SPDX-License-Identifier: MIT */
/*
 * storm.h - `failover-sim fleet`: what a fleet of phones does to its registrars when one of them is
 * down for a while, and what its users notice. One engine with a line for each phone; registrars,
 * packets and calls are simulated, and a seed gives the same run again.
 */
#ifndef SIM_STORM_H
#define SIM_STORM_H

#include <failover/failover.h>
#include <stdio.h>

#define STORM_SERVERS_MOST 4u
#define STORM_OUTAGES_MOST 16u
#define STORM_PHONES_MOST 100000u
#define STORM_SECONDS_MOST (7u * 86400u)

enum storm_death {
	STORM_SILENT, /* packets go nowhere */
	STORM_ICMP,   /* the network says so */
	STORM_503,    /* it answers 503 to everything */
};

struct storm_outage {
	uint32_t server, from_s, to_s;
	enum storm_death how;
};

enum storm_jitter { STORM_WITH = 1, STORM_WITHOUT = 2, STORM_BOTH = 3 };

struct storm_options {
	uint32_t phones, servers;
	struct storm_outage outage[STORM_OUTAGES_MOST];
	uint32_t outages;
	struct failover_line_settings settings;
	uint32_t expires_s;
	uint32_t calls; /* of each phone, in an hour; as many come in */
	uint32_t talk_s, patience_s;
	uint32_t capacity; /* REGISTERs that a registrar can do in a second; 0 = any number */
	uint32_t seconds;
	uint32_t start_s; /* phones are switched on within so long */
	uint64_t seed;
	enum storm_jitter jitter;
	uint32_t show_from_s, show_to_s; /* in the picture */
	const char *svg, *csv;		 /* NULL = none */
};

/* What happened, second by second, and in all. */
struct storm_series {
	uint32_t seconds;
	uint32_t *registers[STORM_SERVERS_MOST]; /* REGISTERs that came there, repeated ones too */
	uint32_t *without;			 /* phones that nobody can call */
	uint32_t *calls, *lost;
	uint64_t registers_all[STORM_SERVERS_MOST];
	uint64_t without_all; /* phone-seconds */
	uint64_t calls_all, lost_all;
	uint64_t moves, packets;
	uint64_t dropped; /* REGISTERs that a registrar had no room for */
};

/* Called now and then; `done` of `all` seconds are over. */
typedef void storm_progress(void *user, uint32_t done, uint32_t all);

/* Returns 0, or a negative enum failover_error. series: zero, and storm_series_free() afterwards,
 * also after an error. */
int storm_run(const struct storm_options *options, int with_jitter, struct storm_series *series,
	      storm_progress *progress, void *user);
void storm_series_free(struct storm_series *series);

/* "primary", "backup", "server3" ... */
const char *storm_server_name(uint32_t server);

/* The runs, with and without jitter, either NULL. Returns 0, or -1 with errno set. */
int storm_csv(const struct storm_options *options, const struct storm_series *with,
	      const struct storm_series *without, FILE *out);
int storm_svg(const struct storm_options *options, const struct storm_series *with,
	      const struct storm_series *without, FILE *out);

/* Reads a command line; 0, or -1 when it is wrong (said on stderr), 1 = help was printed. */
int storm_options_read(int argc, char **argv, struct storm_options *out);

/* The whole command; returns the exit status. */
int storm_main(int argc, char **argv);

#endif
