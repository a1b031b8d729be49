/* SPDX-License-Identifier: MIT */
/*
 * metrics.c - from events to counts. A count is a family and its labels; there are only so many,
 * and what comes when all are taken goes into one with the target "other".
 */
#include "metrics_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *event, const char *name)
{
	const char *text = json_string_value(json_object_get(event, name));

	return text ? text : "";
}

/* Label values come from configuration and DNS: quotes, backslashes and newlines are escaped. */
void web_label_add(char *labels, size_t size, const char *name, const char *value)
{
	size_t used = strlen(labels);

	used += (size_t)snprintf(labels + used, size - used, "%s%s=\"", used ? "," : "", name);
	for (; *value && used + 4 < size; value++) {
		if (*value == '"' || *value == '\\' || *value == '\n')
			labels[used++] = '\\';
		labels[used++] = *value == '\n' ? 'n' : *value;
	}
	labels[used++] = '"';
	labels[used] = '\0';
}

static void count(struct web_metrics *metrics, enum web_family family, const char *labels)
{
	struct web_count *free_one = NULL;

	for (size_t i = 0; i < WEB_COUNTS; i++) {
		struct web_count *one = &metrics->counts[i];

		if (!one->labels) {
			free_one = one;
			break;
		}
		if (one->family == family && strcmp(one->labels, labels) == 0) {
			one->value++;
			return;
		}
	}
	if (free_one)
		free_one->labels = strdup(labels);
	if (!free_one || !free_one->labels) {
		metrics->dropped++;
		return;
	}
	free_one->family = family;
	free_one->value = 1;
}

/* Labels are names and values in turn, ended by NULL. */
static void count_with(struct web_metrics *metrics, enum web_family family,
		       const char *const *labels)
{
	char text[320] = "";

	for (; *labels; labels += 2)
		web_label_add(text, sizeof(text), labels[0], labels[1]);
	count(metrics, family, text);
}

static struct web_walk *walk_of(struct web_metrics *metrics, uint64_t request)
{
	for (size_t i = 0; i < WEB_WALKS; i++) {
		if (metrics->walks[i].request == request)
			return &metrics->walks[i];
	}
	return NULL;
}

static struct web_walk *walk_new(struct web_metrics *metrics, const json_t *event, uint64_t request)
{
	struct web_walk *walk = &metrics->walks[metrics->walk_next++ % WEB_WALKS];

	*walk = (struct web_walk){
		.request = request,
		.began = json_number_value(json_object_get(event, "t")),
		.probe = json_is_true(json_object_get(event, "probe")),
	};
	return walk;
}

static void on_attempt(struct web_metrics *metrics, const json_t *event)
{
	uint64_t request = (uint64_t)json_integer_value(json_object_get(event, "request"));
	const char *labels[] = { "method", text_of(event, "method"), "target",
				 text_of(event, "target"), NULL };
	struct web_walk *walk = walk_of(metrics, request);

	count_with(metrics, FAMILY_ATTEMPTS, labels);
	if (request == 0)
		return;
	if (!walk)
		walk = walk_new(metrics, event, request);
	snprintf(walk->target, sizeof(walk->target), "%s", text_of(event, "target"));
}

/* A target that was left answers after all (B7a, B7b). */
static void late_count(struct web_metrics *metrics, const struct web_walk *walk,
		       const json_t *event)
{
	const char *labels[] = { "target", text_of(event, "target"), NULL };

	if (strncmp(walk->target, text_of(event, "target"), sizeof(walk->target) - 1) != 0)
		count_with(metrics, FAMILY_LATE_ANSWERS, labels);
}

static void service_add(struct web_metrics *metrics, const char *method, double seconds)
{
	struct web_histogram *histogram = NULL;

	for (size_t i = 0; i < WEB_METHODS; i++) {
		if (!*metrics->service[i].method)
			snprintf(metrics->service[i].method, sizeof(metrics->service[i].method),
				 "%s", method);
		if (strcmp(metrics->service[i].method, method) == 0) {
			histogram = &metrics->service[i];
			break;
		}
	}
	if (!histogram || seconds < 0)
		return;
	for (size_t i = 0; i < WEB_BUCKETS; i++)
		histogram->buckets[i] += seconds <= web_bucket_bounds[i];
	histogram->count++;
	histogram->sum += seconds;
}

/* A request is served by its first answer that says yes. */
static void on_response(struct web_metrics *metrics, const json_t *event)
{
	uint64_t request = (uint64_t)json_integer_value(json_object_get(event, "request"));
	json_int_t status = json_integer_value(json_object_get(event, "status"));
	struct web_walk *walk = request ? walk_of(metrics, request) : NULL;
	const char *labels[] = { "result", "answered", "reason", "", NULL };

	if (!walk)
		return;
	late_count(metrics, walk, event);
	if (status < 200 || status > 299)
		return;
	if (walk->probe)
		count_with(metrics, FAMILY_PROBES, labels);
	else
		service_add(metrics, text_of(event, "method"),
			    json_number_value(json_object_get(event, "t")) - walk->began);
	walk->request = 0;
}

static void on_unavailable(struct web_metrics *metrics, const json_t *event)
{
	const char *labels[] = { "method", text_of(event, "method"),
				 "target", text_of(event, "target"),
				 "reason", text_of(event, "reason"),
				 NULL };

	count_with(metrics, FAMILY_FAILURES, labels);
}

static void on_probe_failed(struct web_metrics *metrics, const json_t *event)
{
	const char *labels[] = { "result", "failed", "reason", text_of(event, "reason"), NULL };

	count_with(metrics, FAMILY_PROBES, labels);
}

static void on_moved(struct web_metrics *metrics, const json_t *event)
{
	const char *labels[] = { "kind", text_of(event, "kind"), "method", text_of(event, "method"),
				 NULL };

	count_with(metrics, FAMILY_MOVES, labels);
}

static void on_request_failed(struct web_metrics *metrics, const json_t *event)
{
	const char *labels[] = { "method", text_of(event, "method"), NULL };

	count_with(metrics, FAMILY_REQUESTS_FAILED, labels);
}

static void on_call(struct web_metrics *metrics, const json_t *event)
{
	const char *labels[] = { "state", text_of(event, "state"), NULL };

	count_with(metrics, FAMILY_CALLS, labels);
}

static void on_bad_answer(struct web_metrics *metrics, const json_t *event)
{
	const char *labels[] = { "target", text_of(event, "target"), NULL };

	count_with(metrics, FAMILY_BAD_ANSWERS, labels);
}

static void on_connection_lost(struct web_metrics *metrics, const json_t *event)
{
	const char *labels[] = { "target", text_of(event, "target"), NULL };

	count_with(metrics, FAMILY_CONNECTIONS_LOST, labels);
}

static const struct {
	const char *name;
	void (*take)(struct web_metrics *metrics, const json_t *event);
} takers[] = {
	{ "attempt", on_attempt },
	{ "response", on_response },
	{ "unavailable", on_unavailable },
	{ "probe-failed", on_probe_failed },
	{ "moved", on_moved },
	{ "request-failed", on_request_failed },
	{ "call", on_call },
	{ "bad-answer", on_bad_answer },
	{ "connection-lost", on_connection_lost },
};

void web_metrics_event(struct web_metrics *metrics, const json_t *event)
{
	const char *name = text_of(event, "event");

	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
		if (strcmp(takers[i].name, name) == 0)
			takers[i].take(metrics, event);
	}
}

void web_metrics_login(struct web_metrics *metrics, int right)
{
	const char *labels[] = { "result", right ? "right" : "wrong", NULL };

	count_with(metrics, FAMILY_LOGINS, labels);
}

struct web_metrics *web_metrics_new(void)
{
	return calloc(1, sizeof(struct web_metrics));
}

void web_metrics_free(struct web_metrics *metrics)
{
	if (!metrics)
		return;
	for (size_t i = 0; i < WEB_COUNTS; i++)
		free(metrics->counts[i].labels);
	free(metrics);
}
