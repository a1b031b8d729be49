/* SPDX-License-Identifier: MIT */
/*
 * phone.h - what the test programs of the adapters have in common: options and events of
 * failover-phone, so that the matrix can drive them in its place. The stack's own calls are theirs.
 */
#ifndef ADAPTERS_PHONE_H
#define ADAPTERS_PHONE_H

#include <pthread.h>
#include <stdio.h>
#include <failover/config.h>

struct phone {
	FILE *events; /* --events FILE; else standard output */
	const char *dns;
	struct failover_target listen; /* --listen ADDR:PORT */
	struct failover_config *config;
	/* What the stack says of a call is told with the target that the line says. */
	pthread_mutex_t mutex;
	struct failover_target call_target, bye_target;
	const char *call_state; /* waits for its target */
	unsigned call_status;
	int is_incoming; /* no request of the line has brought it about */
};

/* Returns 0, or 2 after a sentence on standard error. */
int phone_options(struct phone *phone, int count, char **arguments);
void phone_event(void *user, const struct failover_event *event);
void phone_result(void *user, const struct failover_result *result);
void phone_log(void *user, uint32_t level, const char *text);
void phone_dns_news(void *user, const struct failover_dns_news *news);
/* state: "up", "ended", "failed", "incoming", "held" ... */
void phone_call(struct phone *phone, const char *state, unsigned status);
/* The next call is a peer's, or one of ours. */
void phone_incoming(struct phone *phone, int is_incoming);
/* "call callee" -> "callee", or NULL if it is another command. */
const char *phone_argument(const char *line, const char *command);

#endif
