/* SPDX-License-Identifier: MIT */
/* message.h - messages that libre has parsed, read as views. */
#ifndef FO_RE_MESSAGE_H
#define FO_RE_MESSAGE_H

#include "../../ua/response.h"
#include "re.h"

struct fo_re_view {
	struct ua_view view;		   /* its `message` is this */
	struct ua_serving_message serving; /* of a request */
	const char *vias[UA_VIAS_MAX];
	struct sip_msg *message;
	char *texts; /* libre's texts have a length, a view's a zero byte: copies */
	size_t room, used;
};

/* Has it what every message must have (RFC 3261 8.1.1), once? */
int fo_re_message_is_complete(const struct sip_msg *message);
/* Takes a reference. Returns 0 or FAILOVER_ERR_MEMORY; fo_re_view_free() is right after either. */
int fo_re_view_init(struct fo_re_view *out, struct sip_msg *message,
		    const struct failover_target *from);
void fo_re_view_free(struct fo_re_view *view);

#endif
