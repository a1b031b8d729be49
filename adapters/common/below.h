/* SPDX-License-Identifier: MIT */
/*
 * below.h - the inside of failover_below.h:
 *
 *   failover_below.c  the thread, what other threads want, the door
 *   below_line.c      the line, and the names of its servers
 *   below_text.c      a message on its way
 */
#ifndef FAILOVER_BELOW_PRIVATE_H
#define FAILOVER_BELOW_PRIVATE_H

#include "failover_below.h"

#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/queue.h>

#define WATCHES_MAX (FAILOVER_LIMIT_REGISTRARS * (FAILOVER_CONFIG_LIMIT_PROXIES + 1u))
#define PLACE_MAX 64u

/* What another thread wants. */
enum order_kind { SEND, REGISTER, NETWORK_CHANGED };

struct order {
	STAILQ_ENTRY(order) entries;
	enum order_kind kind;
	size_t count;
	char bytes[];
};

STAILQ_HEAD(orders, order);

struct name_watch {
	const char *name;
	uint32_t port, transport;
	struct failover_dns_watch *watch;
};

struct failover_below {
	struct failover_below_params params;
	const struct failover_config_line *config;
	struct failover_engine *engine;
	struct failover_wire_net *net;
	struct failover_wire *wire;
	struct failover_dns *dns;
	struct name_watch watches[WATCHES_MAX];
	uint32_t watches_count;
	uint32_t line; /* 0 = its names are not known yet */
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	uint32_t targets_count;
	int door; /* -1 = none */
	char door_place[PLACE_MAX];
	struct sockaddr_in stack; /* behind the door */
	pthread_t thread;
	sem_t opened;
	int open_error, open_errno;
	int wake;
	pthread_mutex_t mutex; /* of the following */
	struct orders orders;
	uint32_t orders_count;
	char stack_place[PLACE_MAX];
	uint64_t ends_at; /* 0 = it does not */
};

uint64_t below_now(void);
void below_say(struct failover_below *below, const char *what, int error);
/* "host:port" of a target. */
void below_place(const struct failover_target *target, char out[PLACE_MAX]);
/* `a`, unless it is NULL or empty. */
const char *below_first_of(const char *a, const char *b);

/* B1b: a line starts when its names are known, and follows them. */
void below_line_follow(struct failover_below *below);
void below_names_step(struct failover_below *below);

/* What the stack sends, and what is for the stack. */
int below_from_stack(struct failover_below *below, const char *bytes, size_t count);
void below_to_stack(struct failover_below *below, const struct failover_wire_output *message);

#endif
