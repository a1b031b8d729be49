/* SPDX-License-Identifier: MIT */
/* caller.h - the calling party that the server plays on command, one call at a time. */
#ifndef SERVER_CALLER_H
#define SERVER_CALLER_H

#include "exchange.h"
#include "registrar.h"

#include <event2/event.h>
#include <stdbool.h>

enum caller_state {
	CALLER_IDLE,
	CALLER_CALLING,	  /* INVITE sent, nothing heard */
	CALLER_RINGING,	  /* a provisional response has come */
	CALLER_CANCELING, /* given up; the INVITE's final response is awaited */
	CALLER_UP,
	CALLER_ENDING, /* BYE sent */
};

struct caller {
	enum caller_state state;
	struct server *server;
	struct event *timer;
	unsigned interval_ms;
	unsigned waited_ms;
	struct peer to, local;
	char target[REGISTRAR_URI_MAX]; /* Request-URI inside the dialog */
	char uri[REGISTRAR_URI_MAX];	/* the registered contact */
	char call_id[33];
	char tag[17];
	char to_tag[SIP_TOKEN_MAX];
	char branch[24];
	unsigned cseq;
};

/* Calls a registered contact of the user, or of anybody when user is "". NULL or what is wrong. */
const char *caller_ring(struct server *server, const char *user);
const char *caller_hang_up(struct server *server);
/* A response; false: none of this call. */
bool caller_response(struct server *server, const struct sip_msg *response);
/* A BYE of the other side; false: none of this call. */
bool caller_bye(struct server *server, const struct exchange *x);
void caller_free(struct caller *caller);

#endif
