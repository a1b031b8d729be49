/* SPDX-License-Identifier: MIT */
/*
 * line.h - the knot: what a line does of itself and what its user wants bear on each other, so
 * these five files call each other in a circle, and nobody else does.
 *
 *   request.c       the walk of one request over the targets
 *   registration.c  the line's own REGISTER: all calls may wait for it, and its end moves the line
 *   failback.c      the probe, which is a request, and ends in a registration
 *   keepalive.c     the OPTIONS, whose silence starts a REGISTER
 *   move.c          a change of the serving target, after which probe and refresh are due anew
 */
#ifndef FO_LINE_H
#define FO_LINE_H

#include "../policy.h"
#include "../state.h"

/* ---- request.c ------------------------------------------------------------------------------ */

struct fo_request_start {
	uint32_t method;
	uint64_t cookie;
	uint8_t flags;
	uint8_t start; /* preferred first target slot, FO_NONE = list order */
	uint32_t tried;
	uint32_t link; /* as in struct fo_request */
};

struct fo_request *fo_request_open(struct fo_line *line, uint8_t slot,
				   const struct fo_request_start *start);
/* Try the next target, or end the request as failed. */
void fo_request_walk(struct failover_engine *engine, struct fo_line *line,
		     struct fo_request *request);
/* What a response does without any output; returns 0 if it is a final one, which does more. */
int fo_request_take_provisional(struct failover_engine *engine, struct fo_line *line,
				struct fo_request *request, const struct failover_answer *answer);
void fo_request_response(struct failover_engine *engine, struct fo_line *line,
			 struct fo_request *request, const struct failover_answer *answer);
void fo_request_unavailable(struct failover_engine *engine, struct fo_line *line,
			    struct fo_request *request, enum fo_cause cause);
void fo_request_due(struct failover_engine *engine, struct fo_line *line,
		    struct fo_request *request);
void fo_request_give_up(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request, uint32_t abandon);
/* The line's REGISTER has ended: the requests that waited for it go on (B6b), or fail with it. */
void fo_request_registered(struct failover_engine *engine, struct fo_line *line, int failed);
/* Those that wait for a REGISTER wait for another one (B23e). */
void fo_request_wait_anew(struct fo_line *line);
/* The line has gone down from this target. */
void fo_request_leave(struct failover_engine *engine, struct fo_line *line, uint8_t target);
uint64_t fo_request_deadline(const struct fo_request *request);
/* The request ends with this answer. */
void fo_request_answered(struct failover_engine *engine, struct fo_line *line,
			 struct fo_request *request, const struct failover_answer *answer);
/* This target is done with (B6), and so is its whole address if nothing of it was reached (B4d). */
void fo_request_mark_tried(struct fo_line *line, struct fo_request *request, int whole_address);
void fo_request_tell_response(struct failover_engine *engine, struct fo_line *line,
			      const struct fo_request *request, const struct fo_attempt *attempt,
			      uint32_t status);

/* ---- registration.c ------------------------------------------------------------------------- */

/* Start the line's REGISTER at `target` (FO_NONE: where the trigger says), or join the one under
 * way (B6b), or note it for when the slot is free. */
void fo_registration_start(struct failover_engine *engine, struct fo_line *line,
			   enum fo_trigger trigger, uint8_t target, uint32_t tried);
/* A REGISTER there for the calls that wait for it, or join what is under way: the line stays (B22).
 */
void fo_registration_visit(struct failover_engine *engine, struct fo_line *line, uint8_t target);
/* A call was not served there: the serving server is asked itself (B22). */
void fo_registration_ask(struct failover_engine *engine, struct fo_line *line);
/* The connection of the registration is gone: tell it, and register anew. */
void fo_registration_connection_lost(struct failover_engine *engine, struct fo_line *line);
/* No REGISTER by time. */
void fo_registration_disarm(struct fo_line *line);
/* What is under way is given up; requests that wait for it look for themselves. */
void fo_registration_drop(struct failover_engine *engine, struct fo_line *line);
/* Begin anew at index 0; what is under way is given up (B23e). */
void fo_registration_anew(struct failover_engine *engine, struct fo_line *line);
/* The network has changed: begin anew soon (B17). */
void fo_registration_network(struct failover_engine *engine, struct fo_line *line);
void fo_registration_end(struct failover_engine *engine, struct fo_line *line,
			 struct fo_request *request, const struct failover_answer *answer);
/* Its binding may not lead here any more: register anew soon (B24c). */
void fo_registration_refresh(struct failover_engine *engine, struct fo_line *line);
/* B15: another request than a REGISTER has moved the line; that registration may end earlier. */
void fo_registration_moved(struct failover_engine *engine, struct fo_line *line);
void fo_registration_granted(struct failover_engine *engine, struct fo_line *line,
			     struct fo_request *request, uint32_t expires_s);
void fo_registration_due(struct failover_engine *engine, struct fo_line *line);
/* A 423 asks for more: the registrar is asked for that from now on (B15). */
void fo_registration_min_expires(struct fo_line *line, const struct fo_request *request,
				 uint32_t min_expires_s);
int fo_registration_remove(struct failover_engine *engine, struct fo_line *line);
/* Start a REGISTER with Expires 0 at this registrar from an own slot, which is free. */
int fo_registration_remove_at(struct failover_engine *engine, struct fo_line *line,
			      uint8_t registrar, uint8_t slot);
/* A REGISTER with Expires 0 has ended. */
void fo_registration_removed(struct failover_engine *engine, struct fo_line *line,
			     const struct fo_request *request);

/* ---- failback.c ----------------------------------------------------------------------------- */

void fo_failback_arm(struct failover_engine *engine, struct fo_line *line);
/* An upward attempt on purpose has brought no 2xx: the next one waits (B22b). */
void fo_failback_failed(struct failover_engine *engine, struct fo_line *line);
void fo_failback_due(struct failover_engine *engine, struct fo_line *line);
/* A probe has found no target that took the line back: the timer starts again. */
void fo_failback_wait(struct failover_engine *engine, struct fo_line *line);
/* The list has changed: a probe whose target is no longer above serving is given up. */
void fo_failback_relist(struct failover_engine *engine, struct fo_line *line);
/* The line has moved to this target: what a probe looks for is found, or another one (B11). */
void fo_failback_moved(struct failover_engine *engine, struct fo_line *line, uint8_t target);
void fo_failback_stop(struct failover_engine *engine, struct fo_line *line);
/* The line has gone up and left `registrar`: remove the binding there if configured (B11b). */
void fo_failback_moved_up(struct fo_line *line, uint8_t registrar);
void fo_failback_release(struct failover_engine *engine, struct fo_line *line);

/* ---- keepalive.c ---------------------------------------------------------------------------- */

void fo_keepalive_arm(struct failover_engine *engine, struct fo_line *line);
void fo_keepalive_due(struct failover_engine *engine, struct fo_line *line);
int fo_keepalive_failed(struct fo_line *line, const struct fo_attempt *attempt, int heard);
void fo_keepalive_answered(struct failover_engine *engine, struct fo_line *line);
/* Another target serves: what was learnt of the one before is not true of it (B24c). */
void fo_keepalive_moved(struct failover_engine *engine, struct fo_line *line);
int fo_keepalive_learnt(struct fo_line *line);
void fo_keepalive_alive(struct failover_engine *engine, struct fo_line *line, uint8_t target);

/* ---- move.c --------------------------------------------------------------------------------- */

void fo_line_move(struct failover_engine *engine, struct fo_line *line, uint8_t target,
		  uint32_t method);

#endif
