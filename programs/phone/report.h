/* SPDX-License-Identifier: MIT */
/* report.h - what the phone tells: readable lines for a person, JSON for programs. */
#ifndef PHONE_REPORT_H
#define PHONE_REPORT_H

#include "json.h"
#include "record.h"

#include <stdio.h>

/* Hears everything, the object and the sentence; both stay the report's. */
typedef void phone_report_listener(void *user, const json_t *event, const char *sentence);

struct phone_report {
	FILE *people;			 /* readable lines */
	FILE *events;			 /* JSON, or NULL */
	phone_report_listener *listener; /* NULL = none */
	void *listener_user;
	char sentence[640];	     /* what was said last */
	uint64_t started_at;	     /* ms of the host's clock */
	int broken;		     /* JSON could not be written: the program has to end */
	struct phone_record *record; /* hears of all that is told, or NULL */
};

/* events_path: NULL = none, "-" = standard output; readable lines then go to standard error.
 * Returns 0, or -1 with errno set. */
int phone_report_open(struct phone_report *report, const char *events_path);
void phone_report_close(struct phone_report *report);
/* Copy text from outside for a terminal: what is not printable ASCII becomes '?'. */
const char *phone_text_clean(const char *text, char *buffer, size_t size);
/* A readable line with the time in front. */
void phone_say(struct phone_report *report, uint64_t now, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* `where` names the server for people, as in "primary"; `line` is the number as configured. */
void phone_report_event(struct phone_report *report, uint32_t line, const char *where,
			const struct failover_event *event);
void phone_report_dns(struct phone_report *report, uint64_t now, uint32_t line,
		      const struct phone_names_news *news);
/* target: where the line stays until told; NULL = it is not pinned any more. */
void phone_report_pin(struct phone_report *report, uint64_t now, uint32_t line,
		      const struct failover_target *target, const char *where);
void phone_report_woke(struct phone_report *report, uint64_t slept_ms, uint64_t now);
void phone_report_network(struct phone_report *report, uint64_t now);
void phone_report_call(struct phone_report *report, uint64_t now, uint32_t line,
		       const struct phone_call_news *news);

/* `text` is the sentence for people. */
void phone_report_subscription(struct phone_report *report, uint64_t now, uint32_t line,
			       const struct failover_subscription_news *news, const char *text);

#endif
