/* SPDX-License-Identifier: MIT */
/* picture.h - the ladder of --ladder: messages and decisions as they come, a file at the end. */
#ifndef PHONE_PICTURE_H
#define PHONE_PICTURE_H

#include <failover/ext/trace.h>
#include <failover/failover.h>

struct picture;

/* NULL = no memory. */
struct picture *picture_new(const char *title);
void picture_free(struct picture *picture);
void picture_message(struct picture *picture, uint64_t t_ms,
		     const struct failover_trace_message *message);
/* `where` names the server of event->target. */
void picture_event(struct picture *picture, uint64_t t_ms, const char *where,
		   const struct failover_event *event);
/* A sentence of something else. */
void picture_say(struct picture *picture, uint64_t t_ms, const char *sentence);
/* Returns 0, or -1 with errno set. */
int picture_save(const struct picture *picture, const char *path);

#endif
