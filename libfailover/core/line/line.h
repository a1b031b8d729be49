/* SPDX-License-Identifier: MIT */
/*
 * line.h - the knot: what a line does of itself and what its user wants bear on each other, so
 * these files call each other in a circle, and nobody else does.
 *
 *   request.c       the walk of one request over the targets
 *   registration.c  the line's own REGISTER: all calls may wait for it, and its end moves the line
 *   failback.c      the probe, which is a request, and ends in a registration
 *   keepalive.c     the OPTIONS, whose silence starts a REGISTER
 *   move.c          a change of the serving target, after which probe and refresh are due anew; and
 *                   that there is to be none
 *   emergency.c     a call for help, with legs beside each other
 *   pace.c          a REGISTER of many that move waits for its turn
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
/* What a final response does, once it has been told. */
void fo_request_final(struct failover_engine *engine, struct fo_line *line,
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
void fo_request_leave(struct fo_line *line, uint8_t target);
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
/* A request waits for it. */
int fo_registration_waited_for(const struct fo_line *line);
/* Its group has left the target where it is: register there soon (B39). */
void fo_registration_follow(struct failover_engine *engine, struct fo_line *line, uint16_t node);
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

/* ---- challenge.c ---------------------------------------------------------------------------- */

/* A challenge that the stack answers in the same attempt, or of which it says later whether it does
 * (B4b). */
void fo_challenge_taken(struct failover_engine *engine, struct fo_line *line,
			struct fo_request *request, const struct failover_answer *answer);
/* It has said so of the one that is held. */
void fo_challenge_retrying(struct failover_engine *engine, struct fo_request *request,
			   int retrying);
/* The one that is held is the answer. */
void fo_challenge_unanswered(struct failover_engine *engine, struct fo_line *line,
			     struct fo_request *request);

/* ---- failback.c ----------------------------------------------------------------------------- */

void fo_failback_arm(struct failover_engine *engine, struct fo_line *line);
/* An upward attempt on purpose has brought no 2xx: the next one waits (B22b). */
void fo_failback_failed(struct failover_engine *engine, struct fo_line *line);
void fo_failback_due(struct failover_engine *engine, struct fo_line *line);
/* A person asks for the probe (B17a); ERR_STATE: nobody is to be asked, ERR_FULL: not yet. */
int fo_failback_now(struct failover_engine *engine, struct fo_line *line);
/* A probe has found no target that took the line back: the timer starts again. */
void fo_failback_wait(struct failover_engine *engine, struct fo_line *line);
/* The list has changed: a probe whose target is no longer above serving is given up. */
void fo_failback_relist(struct failover_engine *engine, struct fo_line *line);
/* The line has moved to this target: what a probe looks for is found, or another one (B11). */
void fo_failback_moved(struct failover_engine *engine, struct fo_line *line, uint8_t target,
		       int down);
/* Another target than the serving one has granted this REGISTER. Returns 1 if the line stays all
 * the same: a better target has not been well for long enough (B30), or a call is up (B32). */
int fo_failback_stays(struct failover_engine *engine, struct fo_line *line,
		      const struct fo_request *request);
/* B32: the probe that would take the line back comes when no call is up. */
void fo_failback_wait_idle(struct fo_line *line);
/* So many calls of the line are up. */
void fo_failback_calls(struct failover_engine *engine, struct fo_line *line, uint32_t calls);
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

/* ---- emergency.c ---------------------------------------------------------------------------- */

/* One leg beside the current one is abandoned; 0: there is none, or it is no emergency call. */
int fo_emergency_drop(struct failover_engine *engine, const struct fo_line *line,
		      const struct fo_request *request, uint32_t reason);
/* All have been asked: a pause, then again (B36d). */
void fo_emergency_rest(struct failover_engine *engine, struct fo_line *line,
		       struct fo_request *request);
void fo_emergency_due(struct failover_engine *engine, struct fo_line *line,
		      struct fo_request *request);
/* News of another leg than the current one; no outputs. Returns the verdict. */
uint32_t fo_emergency_response(struct failover_engine *engine, struct fo_line *line,
			       struct fo_request *request, struct fo_attempt *attempt,
			       const struct failover_answer *answer);
void fo_emergency_unreachable(struct failover_engine *engine, struct fo_line *line,
			      struct fo_request *request, struct fo_attempt *attempt,
			      enum fo_cause cause);
/* What is deferred ends it, and there are legs beside the current one yet, which go first. */
int fo_emergency_through(const struct fo_line *line, const struct fo_request *request);
/* A lesser request gives way to an emergency call (B36f); 0: there is none. */
int fo_emergency_room(struct failover_engine *engine, struct fo_line *line);

/* ---- pace.c --------------------------------------------------------------------------------- */

/* The request is about to be sent to this target. Returns 1 if it waits for its turn instead, and
 * is due when that comes (B14a). */
int fo_pace_holds(struct failover_engine *engine, struct fo_line *line, struct fo_request *request,
		  uint8_t target);
/* Its attempt, if it is a move, has sent one packet that was not asked for before. */
void fo_pace_again(struct failover_engine *engine, const struct fo_line *line,
		   const struct fo_request *request);
/* A call needs it: it is due now. */
void fo_pace_hurry(const struct failover_engine *engine, struct fo_request *request);

/* ---- move.c --------------------------------------------------------------------------------- */

void fo_line_move(struct failover_engine *engine, struct fo_line *line, uint8_t target,
		  uint32_t method);
/* Another one of its group has moved from one node to the other (B39). */
void fo_line_group_moved(struct failover_engine *engine, struct fo_line *line, uint16_t from,
			 uint16_t to);
/* It stays where it is until told (B17c). */
void fo_line_pin(struct failover_engine *engine, struct fo_line *line);

#endif
