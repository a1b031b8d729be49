/* SPDX-License-Identifier: MIT */
/*
 * scenario.h - one scenario: the world, what is done to it, what must be seen (doc/scenarios.md).
 *
 * What is seen and what is expected have the same shape, an item: a time, a head ("-> primary
 * REGISTER", "event moved") and fields of text. Matching is then nothing but comparing texts.
 */
#ifndef FO_SCENARIO_H
#define FO_SCENARIO_H

#include <stdio.h>
#include <failover/failover.h>
#include "plugins/sim/sim.h"

#define SCENARIO_WORDS 80u
#define SCENARIO_FIELDS 24u
#define SCENARIO_NODES 32u
#define SCENARIO_LINES 16u
#define SCENARIO_LIMIT_BYTES (256u * 1024u)

struct field {
	const char *key, *value;
};

struct item {
	uint64_t from_ms, to_ms; /* a seen one: both the same */
	char head[64];
	struct field fields[SCENARIO_FIELDS];
	uint32_t fields_count;
	uint32_t file_line; /* of an expected one */
	int matched;
};

struct items {
	struct item *all;
	size_t count, room;
};

/* A place in the network: a server, one more address of it, or a proxy. */
struct node {
	char name[24];
	struct failover_target target; /* registrar and hop are those of the first use */
	int proxy;
	uint32_t owner; /* index among the servers, or among the proxies */
	uint32_t store;
	uint32_t merge;
	uint32_t number; /* in the simulated network */
};

struct registrar {
	char address[64];
	uint32_t expires_s;
};

/* One line of the file, cut into words. */
struct words {
	uint32_t file_line;
	uint32_t count, next;
	const char *all[SCENARIO_WORDS];
};

struct action {
	uint64_t at_ms;
	struct words words;
};

enum scenario_watch {
	SCENARIO_WATCH_RESPONSES = 1u << 0, /* packets to the client */
	SCENARIO_WATCH_ATTEMPT = 1u << 1,   /* events that only say what packets say as well */
	SCENARIO_WATCH_RESPONSE = 1u << 2,
	SCENARIO_WATCH_RESULTS = 1u << 3, /* of REGISTERs and keep-alives: the user's always are */
};

struct scenario {
	const char *path;
	char *text; /* the file, cut up by the words */
	FILE *report;
	unsigned int errors;
	struct failover_line_settings settings;
	uint32_t shared_health, watch, quirks, lines, moves_per_second, dead_time_s;
	uint64_t seed;
	struct failover_sim_link link;
	struct registrar registrars[FAILOVER_LIMIT_REGISTRARS];
	uint32_t registrars_count, proxies_count;
	struct node nodes[SCENARIO_NODES];
	uint32_t nodes_count;
	struct action *actions; /* sorted by time, then as in the file */
	size_t actions_count, actions_room;
	struct items expected;
	struct action *finally; /* checked at the end; at_ms is not used */
	size_t finally_count, finally_room;
	uint64_t end_ms;
	int has_end;
	int anything;	 /* `expect anything`: only the checks at the end count */
	uint32_t ghosts; /* calls that nobody could end: the server was away until the end */
};

/* words.c */
/* Make room for one more thing of `size`; ends the program when there is no memory. */
void *grow(void *things, size_t count, size_t *room, size_t size);
char *text_copy(const char *text);
/* Report an error at a line of the file. */
__attribute__((format(printf, 3, 4))) void
scenario_error(struct scenario *scenario, uint32_t file_line, const char *format, ...);
/* The next word, or NULL. */
const char *word_next(struct words *words);
int word_is(struct words *words, const char *text); /* takes it if it is */
int word_number(struct scenario *scenario, struct words *words, uint32_t most, uint32_t *number);
int text_number(const char *text, uint32_t most, uint32_t *number);
/* "3.500" or "3" in seconds. */
int text_time(const char *text, uint64_t *ms);
int word_end(struct scenario *scenario, struct words *words);
struct node *node_find(struct scenario *scenario, const char *name);
struct node *node_at(struct scenario *scenario, const struct failover_target *target);
/* Target list of all lines (B1): for each server, for each next hop, for each of its addresses. */
uint32_t scenario_targets(struct scenario *scenario, struct failover_target *out, uint32_t max);

/* behaviour.c */
/* One word, or as many as belong together, of what a server does; 0 = not known. */
int behaviour_word(struct scenario *scenario, struct words *words,
		   struct failover_sim_behaviour *behaviour);
/* All words that are left are about a link; 0 or a negative error. */
int link_words(struct scenario *scenario, struct words *words, struct failover_sim_link *link);

/* parse.c: KEY VALUE (settings.h) */
int setting_set(struct scenario *scenario, struct words *words,
		struct failover_line_settings *settings);

/* parse.c */
int scenario_read(struct scenario *scenario);
void scenario_free(struct scenario *scenario);

/* item.c */
struct item *item_add(struct items *items, uint64_t from_ms, uint64_t to_ms, const char *head);
__attribute__((format(printf, 3, 4))) void item_field(struct item *item, const char *key,
						      const char *format, ...);
void items_free(struct items *items);
void item_print(FILE *file, const struct item *item);

/* expect.c */
int expect_parse(struct scenario *scenario, struct words *words);

/* match.c */
/* Pair what was expected with what was seen; every difference is reported. */
void items_match(struct scenario *scenario, struct items *seen);

/* play.c */
/* Run it; `trace` (may be NULL) gets everything seen. Differences count as errors. */
void scenario_play(struct scenario *scenario, FILE *trace);

/* run.c */
/* One file: 0 = everything was as expected, 1 = not, -1 = its profile is left out of this build.
 * *report (the caller frees it) says what was not. */
int scenario_run(const char *path, FILE *trace, char **report);

#endif
