/* SPDX-License-Identifier: MIT */
/* metrics.h - counts what is decided, for Prometheus. */
#ifndef WEB_METRICS_H
#define WEB_METRICS_H

#include <jansson.h>
#include <stdint.h>

struct web_metrics;

struct web_metrics *web_metrics_new(void); /* NULL = no memory */
void web_metrics_free(struct web_metrics *metrics);
/* One event as --events writes it. */
void web_metrics_event(struct web_metrics *metrics, const json_t *event);
void web_metrics_login(struct web_metrics *metrics, int right);

/* What else is written with the counts. */
struct web_metrics_scrape {
	const json_t *status; /* as GET /status; NULL = none */
	const char *program, *version;
	uint32_t browsers, connections;
	int users;	 /* name users */
	int openmetrics; /* the format of OpenMetrics 1.0, else that of Prometheus */
};
/* To be freed; NULL = no memory. */
char *web_metrics_text(const struct web_metrics *metrics, const struct web_metrics_scrape *scrape);

#endif
