/* SPDX-License-Identifier: MIT */
/* metrics_text.c - the counts in the format of OpenMetrics 1.0, or in the older one of Prometheus.
 * They differ in the name of a counter's family and in the end. */
#include "metrics_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is documented: nothing by ICMP, 3.5 s by the V3 default, 32 s by the last target. */
const double web_bucket_bounds[WEB_BUCKETS] = { 0.05, 0.2, 1, 2, 4, 8, 16, 32, 64 };

static const struct {
	const char *name, *help;
} families[FAMILY_COUNT] = {
	[FAMILY_ATTEMPTS] = { "failover_attempts", "Requests sent to a target." },
	[FAMILY_FAILURES] = { "failover_failures", "Attempts that ended without service." },
	[FAMILY_MOVES] = { "failover_moves", "Moves of a line to another target." },
	[FAMILY_PROBES] = { "failover_probes", "Probes of a better target, by their result." },
	[FAMILY_REQUESTS_FAILED] = { "failover_requests_failed",
				     "Requests that no target served." },
	[FAMILY_BAD_ANSWERS] = { "failover_bad_answers", "Answers that could not be read." },
	[FAMILY_CONNECTIONS_LOST] = { "failover_connections_lost",
				      "Connections to a target that were lost." },
	[FAMILY_LATE_ANSWERS] = { "failover_late_answers",
				  "Answers of a target that had been left." },
	[FAMILY_CALLS] = { "failover_calls", "Calls that came to this state." },
	[FAMILY_LOGINS] = { "failover_logins", "Passwords that were compared." },
};

static void family_head(FILE *out, const struct web_metrics_scrape *scrape, const char *name,
			const char *type, const char *help)
{
	const char *total = strcmp(type, "counter") == 0 && !scrape->openmetrics ? "_total" : "";

	fprintf(out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, total, help, name, total, type);
}

static void counts_write(FILE *out, const struct web_metrics *metrics,
			 const struct web_metrics_scrape *scrape)
{
	for (int family = 0; family < FAMILY_COUNT; family++) {
		family_head(out, scrape, families[family].name, "counter", families[family].help);
		for (size_t i = 0; i < WEB_COUNTS; i++) {
			const struct web_count *one = &metrics->counts[i];

			if (one->labels && (int)one->family == family)
				fprintf(out, "%s_total{%s} %llu\n", families[family].name,
					one->labels, (unsigned long long)one->value);
		}
	}
	family_head(out, scrape, "failover_counts_dropped", "counter",
		    "Counts that found no room; there are so many targets.");
	fprintf(out, "failover_counts_dropped_total %llu\n", (unsigned long long)metrics->dropped);
}

static void service_write(FILE *out, const struct web_metrics *metrics,
			  const struct web_metrics_scrape *scrape)
{
	family_head(out, scrape, "failover_time_to_service_seconds", "histogram",
		    "From the first packet of a request to the first answer that grants it.");
	for (size_t i = 0; i < WEB_METHODS && *metrics->service[i].method; i++) {
		const struct web_histogram *one = &metrics->service[i];

		for (size_t k = 0; k < WEB_BUCKETS; k++)
			fprintf(out,
				"failover_time_to_service_seconds_bucket{method=\"%s\",le=\"%.*f\"}"
				" "
				"%llu\n",
				one->method, web_bucket_bounds[k] < 1 ? 2 : 1, web_bucket_bounds[k],
				(unsigned long long)one->buckets[k]);
		fprintf(out,
			"failover_time_to_service_seconds_bucket{method=\"%s\",le=\"+Inf\"} %llu\n"
			"failover_time_to_service_seconds_count{method=\"%s\"} %llu\n"
			"failover_time_to_service_seconds_sum{method=\"%s\"} %.3f\n",
			one->method, (unsigned long long)one->count, one->method,
			(unsigned long long)one->count, one->method, one->sum);
	}
}

static void line_labels(const json_t *line, const struct web_metrics_scrape *scrape, char *labels,
			size_t size)
{
	const char *user = json_string_value(json_object_get(line, "user"));
	char number[16];

	snprintf(number, sizeof(number), "%lld",
		 (long long)json_integer_value(json_object_get(line, "number")));
	*labels = '\0';
	web_label_add(labels, size, "line", number);
	if (scrape->users && user)
		web_label_add(labels, size, "user", user);
}

static void lines_write(FILE *out, const struct web_metrics_scrape *scrape)
{
	const json_t *lines = json_object_get(scrape->status, "lines");
	char labels[600]; /* a user of 255 bytes, each escaped */

	family_head(out, scrape, "failover_line_registered", "gauge",
		    "1 while the line is registered.");
	for (size_t i = 0; i < json_array_size(lines); i++) {
		const json_t *line = json_array_get(lines, i);
		const char *state = json_string_value(json_object_get(line, "state"));

		line_labels(line, scrape, labels, sizeof(labels));
		fprintf(out, "failover_line_registered{%s} %d\n", labels,
			state && strcmp(state, "registered") == 0);
	}
	family_head(out, scrape, "failover_line_serving_index", "gauge",
		    "Place of the serving target in the line's list; 0 is the most preferred one.");
	for (size_t i = 0; i < json_array_size(lines); i++) {
		const json_t *line = json_array_get(lines, i);
		const json_t *serving = json_object_get(line, "serving");

		if (!json_is_integer(serving))
			continue;
		line_labels(line, scrape, labels, sizeof(labels));
		fprintf(out, "failover_line_serving_index{%s} %lld\n", labels,
			(long long)json_integer_value(serving));
	}
}

static void news_write(FILE *out, const struct web_metrics_scrape *scrape)
{
	const json_t *stale = json_object_get(scrape->status, "stale_news");

	if (!json_is_integer(stale))
		return;
	family_head(out, scrape, "failover_stale_news", "counter",
		    "News of requests that are over.");
	fprintf(out, "failover_stale_news_total %lld\n", (long long)json_integer_value(stale));
}

/* What the program counts beside its lines. */
static void counters_write(FILE *out, const struct web_metrics_scrape *scrape)
{
	json_t *counters = json_object_get(scrape->status, "counters"), *value;
	const char *name;

	if (!counters)
		return;
	family_head(out, scrape, "failover_messages", "counter",
		    "Messages that passed or were dropped, by what became of them.");
	json_object_foreach(json_object_get(counters, "counted"), name, value)
		fprintf(out, "failover_messages_total{what=\"%s\"} %lld\n", name,
			(long long)json_integer_value(value));
	family_head(out, scrape, "failover_kept", "gauge",
		    "Requests, client transactions and dialogs that are kept now.");
	json_object_foreach(json_object_get(counters, "now"), name, value)
		fprintf(out, "failover_kept{what=\"%s\"} %lld\n", name,
			(long long)json_integer_value(value));
}

static void page_write(FILE *out, const struct web_metrics_scrape *scrape)
{
	char labels[200] = "";

	web_label_add(labels, sizeof(labels), "program", scrape->program);
	web_label_add(labels, sizeof(labels), "version", scrape->version);
	family_head(out, scrape, "failover_build_info", "gauge", "What runs here.");
	fprintf(out, "failover_build_info{%s} 1\n", labels);
	family_head(out, scrape, "failover_page_browsers", "gauge", "Browsers that watch.");
	fprintf(out, "failover_page_browsers %u\n", (unsigned)scrape->browsers);
	family_head(out, scrape, "failover_page_connections", "gauge", "Connections to the page.");
	fprintf(out, "failover_page_connections %u\n", (unsigned)scrape->connections);
}

char *web_metrics_text(const struct web_metrics *metrics, const struct web_metrics_scrape *scrape)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	counts_write(out, metrics, scrape);
	service_write(out, metrics, scrape);
	lines_write(out, scrape);
	news_write(out, scrape);
	counters_write(out, scrape);
	page_write(out, scrape);
	if (scrape->openmetrics)
		fputs("# EOF\n", out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
