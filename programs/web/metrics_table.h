/* SPDX-License-Identifier: MIT */
/* metrics_table.h - the counts themselves, between metrics.c that counts and metrics_text.c that
 * writes. */
#ifndef WEB_METRICS_TABLE_H
#define WEB_METRICS_TABLE_H

#include "metrics.h"

#include <stddef.h>

#define WEB_COUNTS 1024u
#define WEB_WALKS 128u
#define WEB_METHODS 6u
#define WEB_BUCKETS 9u

enum web_family {
	FAMILY_ATTEMPTS,
	FAMILY_FAILURES,
	FAMILY_MOVES,
	FAMILY_PROBES,
	FAMILY_REQUESTS_FAILED,
	FAMILY_BAD_ANSWERS,
	FAMILY_CONNECTIONS_LOST,
	FAMILY_LATE_ANSWERS,
	FAMILY_CALLS,
	FAMILY_LOGINS,
	FAMILY_COUNT,
};

struct web_count {
	enum web_family family;
	char *labels; /* NULL = free */
	uint64_t value;
};

/* A request under way. */
struct web_walk {
	uint64_t request; /* 0 = free */
	double began;	  /* s since start */
	char target[72];  /* of its latest attempt */
	int probe;
};

struct web_histogram {
	char method[16]; /* "" = free */
	uint64_t buckets[WEB_BUCKETS], count;
	double sum;
};

struct web_metrics {
	struct web_count counts[WEB_COUNTS];
	struct web_walk walks[WEB_WALKS];
	uint32_t walk_next;
	struct web_histogram service[WEB_METHODS];
	uint64_t dropped; /* for want of room */
};

extern const double web_bucket_bounds[WEB_BUCKETS];
/* Add name="value" to labels. */
void web_label_add(char *labels, size_t size, const char *name, const char *value);

#endif
