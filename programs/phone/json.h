/* SPDX-License-Identifier: MIT */
/* json.h - events as JSON objects, for --events. */
#ifndef PHONE_JSON_H
#define PHONE_JSON_H

#include "names.h"

#include <failover/ext/subscription.h>
#include <jansson.h>

/* How a call stands, for its event. */
struct phone_call_news {
	const char *state;		      /* "calling" ... "failed" */
	const struct failover_target *target; /* NULL = nothing was sent or received yet */
	uint32_t status;		      /* 0 = none */
	int is_emergency;
};

/* NULL = no memory. `line` is the number as configured, t_ms the time since start. */
json_t *phone_json_event(uint64_t t_ms, uint32_t line, const struct failover_event *event);
json_t *phone_json_dns(uint64_t t_ms, uint32_t line, const struct phone_names_news *news);
/* Of the whole device, line 0. */
json_t *phone_json_network(uint64_t t_ms);
/* target: where it is pinned to, NULL = not any more. */
json_t *phone_json_pin(uint64_t t_ms, uint32_t line, const struct failover_target *target);
json_t *phone_json_subscription(uint64_t t_ms, uint32_t line,
				const struct failover_subscription_news *news);
json_t *phone_json_call(uint64_t t_ms, uint32_t line, const struct phone_call_news *news);
/* Takes the object. One line without newline, to be freed; NULL = no memory, or no object. */
char *phone_json_text(json_t *object);

#endif
