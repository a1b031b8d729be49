/* SPDX-License-Identifier: MIT */
/* target.h - a line's target list (B1, B1b) and who is next for a request (B6). */
#ifndef FO_TARGET_H
#define FO_TARGET_H

#include "policy.h"
#include "state.h"

struct fo_node *fo_target_node(struct failover_engine *engine, const struct fo_line *line,
			       uint8_t slot);
void fo_target_public(struct failover_engine *engine, const struct fo_line *line, uint8_t slot,
		      struct failover_target *out);
/* Is this the target in the slot, listed or gone? */
int fo_target_is(struct failover_engine *engine, const struct fo_line *line, uint8_t slot,
		 const struct failover_target *target);
/* Slot of a listed target, FO_NONE if it is not listed. */
uint8_t fo_target_find(struct failover_engine *engine, const struct fo_line *line,
		       const struct failover_target *target);
/* Slot of a target at this address, under whatever registrar: the serving one before others. */
uint8_t fo_target_at(struct failover_engine *engine, const struct fo_line *line,
		     const struct failover_target *from);
/* Place in the list, 0 = most preferred; line->listed if it has gone. */
uint8_t fo_target_index(const struct fo_line *line, uint8_t slot);
/* Replace the list; identity is (registrar, address, port, transport) (B1b). All or nothing. */
int fo_target_replace(struct failover_engine *engine, struct fo_line *line,
		      const struct failover_target *targets, uint32_t count);
void fo_target_drop_all(struct failover_engine *engine, struct fo_line *line);
int fo_target_valid(const struct failover_target *target, uint32_t registrars);
/* Where a request goes that is not failed over: to `start`, if that need not be skipped (B4c). */
uint8_t fo_target_alone(struct failover_engine *engine, const struct fo_line *line, uint8_t start);
/* A person wants an answer now: that they asked to be left alone is forgotten (B22c). */
void fo_target_ask_all(struct failover_engine *engine, const struct fo_line *line);
/* All listed targets ask to be left alone, and the first until then (B4c); a time that has passed
 * if one does not. */
uint64_t fo_target_quiet_until(struct failover_engine *engine, const struct fo_line *line);
/* When a probe may go to the first of its targets, if none may be asked now (B22c, B4e). */
uint64_t fo_target_probe_at(struct failover_engine *engine, struct fo_line *line);
/* A probe may go to this target above serving (B11a). */
int fo_target_probed(const struct fo_line *line, uint8_t slot);
/* It started above serving on purpose (B12), and has not been back at serving. */
int fo_target_upward(const struct fo_line *line, const struct fo_request *request);
/* And that is the attempt that it is at. */
int fo_target_goes_up(const struct fo_line *line, const struct fo_request *request);
/* Who is next for this request (B4c, B4e, B6, B6a); FO_NONE = nobody. */
uint8_t fo_target_next(struct failover_engine *engine, struct fo_line *line,
		       const struct fo_request *request);

/* Where a request starts that this makes start; dialog: the listed target of its dialog, FO_NONE.
 */
uint8_t fo_request_start_slot(const struct failover_engine *engine, struct fo_line *line,
			      enum fo_trigger trigger, uint32_t method, uint8_t dialog);

#endif
