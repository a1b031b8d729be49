/* SPDX-License-Identifier: MIT */
/* name.h - what is known of one name: asked for again when its time ends, shared by its watches. */
#ifndef FO_DNS_NAME_H
#define FO_DNS_NAME_H

#include "agenda.h"
#include "walk.h"

#include <sys/queue.h>

/* Names that are asked for at a time; the others wait. Bounds memory and what servers get. Those
 * that have been silent for long hold up nobody (B25), up to a bound of their own. */
#define FO_WALKS_MOST 16u
#define FO_WALKS_LATE_MOST 48u

struct failover_dns_watch {
	TAILQ_ENTRY(failover_dns_watch) entries; /* of its name */
	TAILQ_ENTRY(failover_dns_watch) news_entries;
	struct fo_name *name;
	uint64_t cookie;
	uint32_t transport;
	uint16_t port;	  /* of targets without one of their own */
	uint8_t has_news; /* on the list */
	uint8_t changed;  /* the targets, since the last news */
};

TAILQ_HEAD(fo_watches, failover_dns_watch);

struct fo_name {
	struct fo_agenda_item due;   /* of the next walk */
	struct fo_agenda_item timer; /* of the walk under way */
	TAILQ_ENTRY(fo_name) entries;
	struct failover_dns *dns;
	struct fo_watches watches;
	struct fo_walk *walk;	  /* NULL = none under way */
	int walk_late;		  /* it holds up nobody any more */
	uint32_t mute;		  /* hints without an answer the last time */
	int partly;		  /* nor was all answered then */
	int own_first;		  /* its addresses were not found beside the hints */
	int answered;		  /* the DNS has given addresses, once at least */
	uint64_t found_at;	  /* the last good answer */
	uint64_t contradicted_at; /* the last time; 0 = never */
	struct fo_records *good;  /* of the last good answer; NULL = none */
	uint32_t mode, transport;
	uint32_t state, reason;
	uint32_t failures; /* in a row */
	uint32_t targets_count;
	struct failover_target targets[FAILOVER_LIMIT_TARGETS]; /* without transport */
	char question[FO_QUESTION_BYTES];			/* what `reason` is about */
	char text[FO_NAME_BYTES];
};

/* B38: what the configuration says of a name. */
struct fo_fixed {
	char name[FO_NAME_BYTES];
	struct failover_target address; /* without port */
};

struct failover_dns {
	struct failover_dns_params params; /* without zeros */
	struct fo_random random;
	struct fo_resolver *resolver;
	struct fo_agenda agenda; /* of names */
	struct fo_agenda timers; /* of walks */
	void *tree;		 /* of names, by tsearch() */
	TAILQ_HEAD(fo_names, fo_name) names;
	struct fo_watches news;
	struct fo_fixed *hosts;
	uint32_t hosts_count;
	uint64_t now;
	uint32_t names_count, walks_count, late_count; /* late ones are not among the walks */
};

/* Lower case, without the last dot. Returns 0, or FAILOVER_ERR_ARGUMENT for what is no name. */
int fo_name_normal(const char *text, char out[FO_NAME_BYTES]);
/* Find the name or make it. */
int fo_name_get(struct failover_dns *dns, const struct failover_dns_query *query,
		struct fo_name **out);
/* Its last watch has gone. */
void fo_name_free(struct fo_name *name);
/* Ask for it now, and cancel what is under way. */
void fo_name_renew(struct fo_name *name);
/* Its time has come: start a walk. */
void fo_name_due(struct fo_name *name);
/* May one start? */
int fo_names_have_room(const struct failover_dns *dns);
/* Do what walks have to do by now. */
void fo_names_tick(struct failover_dns *dns);

#endif
