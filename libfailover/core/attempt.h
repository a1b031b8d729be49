/* SPDX-License-Identifier: MIT */
/* attempt.h - one request at one target: its budget (B3), its outputs, what became of it. */
#ifndef FO_ATTEMPT_H
#define FO_ATTEMPT_H

#include "policy.h"
#include "state.h"

/* Which rows rule the request. */
enum fo_kind fo_request_kind(const struct fo_request *request);
/* It goes to one target, and is not failed over (B5). */
int fo_request_alone(const struct fo_request *request);
/* What it does if its current target is left for the next one (B5). */
enum fo_action fo_request_action(struct fo_line *line, const struct fo_request *request,
				 uint8_t next);
/* Nobody is left for it but its current target. */
int fo_attempt_is_last(struct failover_engine *engine, struct fo_line *line,
		       const struct fo_request *request);
/* enum failover_attempt_flag of the request's last attempt. */
uint32_t fo_attempt_flags(const struct fo_request *request);
/* The longest that a REGISTER waits before it comes to the last target (B3). */
uint64_t fo_attempt_walk_ms(const struct fo_line *line);
uint64_t fo_request_id(const struct fo_line *line, const struct fo_request *request);
void fo_attempt_start(struct failover_engine *engine, struct fo_line *line,
		      struct fo_request *request, uint8_t target);
/* The transaction starts anew inside the attempt: a challenge is answered (B4b). */
void fo_attempt_restart(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request);
/* The current attempt has had a provisional response (B4a, B22a). */
void fo_attempt_provisional(struct failover_engine *engine, const struct fo_line *line,
			    struct fo_request *request, uint32_t status);
void fo_attempt_abandon(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request, uint32_t reason);
struct fo_attempt *fo_attempt_of(struct fo_line *line, const struct fo_request *request,
				 uint8_t ordinal);
struct fo_attempt *fo_attempt_current(struct fo_line *line, const struct fo_request *request);
/* What this request itself has met at this target, or NULL. */
struct fo_attempt *fo_attempt_at(const struct fo_line *line, const struct fo_request *request,
				 uint8_t target);
/* The call alone has left the serving target (B22). */
int fo_request_stays(const struct fo_line *line, const struct fo_request *request);
/* A late attempt that may still be answered, or NULL. */
struct fo_attempt *fo_attempt_late(struct fo_line *line, const struct fo_request *request);
/* The request's last attempt could not leave this device: no target is to blame. */
int fo_attempt_failed_here(const struct fo_line *line, const struct fo_request *request);
void fo_attempt_event(struct failover_engine *engine, struct fo_line *line,
		      const struct fo_request *request, struct failover_event *event);
void fo_event_push(struct failover_engine *engine, const struct fo_line *line,
		   struct failover_event *event);

#endif
