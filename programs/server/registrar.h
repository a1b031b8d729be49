/* SPDX-License-Identifier: MIT */
/* registrar.h - bindings of addresses of record to contacts (RFC 3261 10.3). */
#ifndef SERVER_REGISTRAR_H
#define SERVER_REGISTRAR_H

#include "exchange.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/queue.h>

#define REGISTRAR_BINDINGS_MAX 1024
#define REGISTRAR_URI_MAX 512
#define REGISTRAR_EXPIRES_DEFAULT_S 3600
#define REGISTRAR_EXPIRES_MIN_S 10
#define REGISTRAR_EXPIRES_MAX_S 86400

struct binding;

struct registrar {
	LIST_HEAD(, binding) bindings;
	unsigned count;
};

void registrar_register(struct server *server, struct exchange *x);
/* A live contact of that user, or of anybody when user is "", and where its REGISTER came from.
 * uri has room for REGISTRAR_URI_MAX. */
bool registrar_find(struct registrar *registrar, const char *user, char *uri, struct peer *source);
void registrar_show(struct registrar *registrar, FILE *out);
void registrar_free(struct registrar *registrar);

#endif
