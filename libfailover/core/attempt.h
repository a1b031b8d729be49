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
/* It begins, in a dialog, and this is the dialog's own target (B9). */
static inline int fo_request_in_own_dialog(const struct fo_request *request, uint8_t next)
{
	return !request->ordinal && request->link && next == request->start;
}

/* What it does if its current target is left for the next one (B5). */
enum fo_action fo_request_action(const struct fo_line *line, const struct fo_request *request,
				 uint8_t next);
/* Nobody is left for it but its current target. */
int fo_attempt_is_last(const struct failover_engine *engine, const struct fo_line *line,
		       const struct fo_request *request);
/* enum failover_attempt_flag of the request's attempt with this ordinal. */
static inline uint32_t fo_attempt_flags(const struct fo_request *request, uint8_t ordinal)
{
	return (request->flags & FO_REQUEST_TOLD) | (ordinal > 1 ? FAILOVER_ATTEMPT_RESENT : 0) |
	       (fo_request_emergency(request) ? FAILOVER_ATTEMPT_EMERGENCY : 0);
}

/* How many packets leave within this time, in ms, if no answer comes (RFC 3261 17.1). */
uint32_t fo_attempt_packets(const struct fo_line *line, uint32_t method, uint32_t budget);
/* The longest that a REGISTER waits before it comes to the last target (B3). */
uint32_t fo_attempt_walk_ms(const struct fo_line *line);
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
struct fo_attempt *fo_attempt_of(const struct fo_line *line, const struct fo_request *request,
				 uint8_t ordinal);
struct fo_attempt *fo_attempt_current(const struct fo_line *line, const struct fo_request *request);
/* The user is told why: what another request met counts among this one's own attempts. */
void fo_attempt_inherit(struct fo_line *line, struct fo_request *request,
			const struct fo_request *from);
/* What this request itself has met at this target, or NULL. */
struct fo_attempt *fo_attempt_at(const struct fo_line *line, const struct fo_request *request,
				 uint8_t target);
/* The call alone has left the serving target (B22). */
int fo_request_stays(const struct fo_line *line, const struct fo_request *request);
/* A late attempt that may still be answered, or NULL. */
struct fo_attempt *fo_attempt_late(const struct fo_line *line, const struct fo_request *request);
/* The request's last attempt could not leave this device: no target is to blame. */
/* For how long it may be, at most; 0: there is none, or its time is over (B7a). */
uint32_t fo_attempt_late_for(const struct fo_line *line, const struct fo_request *request,
			     uint64_t now);
/* It may be, until 64*T1 after its transaction began. */
void fo_attempt_late_from(const struct fo_line *line, struct fo_request *request,
			  struct fo_attempt *attempt, uint64_t from);
int fo_attempt_failed_here(const struct fo_line *line, const struct fo_request *request);
/* The next output is this event of the line, or of a request at its target; the rest is to be set.
 */
struct failover_event *fo_event_add(struct failover_engine *engine, const struct fo_line *line,
				    enum failover_event_kind kind);
struct failover_event *fo_attempt_event(struct failover_engine *engine, const struct fo_line *line,
					const struct fo_request *request,
					enum failover_event_kind kind);

#endif
