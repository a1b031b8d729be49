/* SPDX-License-Identifier: MIT */
/* call.h - the called party that the server plays itself. */
#ifndef SERVER_CALL_H
#define SERVER_CALL_H

#include "exchange.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/queue.h>

#define CALLS_MAX 256
#define CALL_ALLOW "REGISTER, INVITE, ACK, BYE, CANCEL, OPTIONS"

struct call;

struct calls {
	LIST_HEAD(, call) list;
	unsigned count;
	unsigned ring_ms; /* between 180 and 200 */
	/* False: a server shares its peer's dialogs (S 1.1), so it knows dialogs it did not see. */
	bool strict;
};

void call_invite(struct server *server, struct exchange *x);
void call_ack(struct server *server, struct exchange *x);
void call_bye(struct server *server, struct exchange *x);
void call_cancel(struct server *server, struct exchange *x);
void call_options(struct server *server, struct exchange *x);
void calls_show(const struct calls *calls, FILE *out);
void calls_free(struct calls *calls);

#endif
