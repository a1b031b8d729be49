/* SPDX-License-Identifier: MIT */
/* target.h - a line's target list (B1, B1b) and who is next for a request (B6). */
#ifndef FO_TARGET_H
#define FO_TARGET_H

#include "policy.h"
#include "state.h"

void fo_target_public(const struct failover_engine *engine, const struct fo_line *line,
		      uint8_t slot, struct failover_target *out);
/* Is this the target in the slot, listed or gone? */
int fo_target_is(const struct failover_engine *engine, const struct fo_line *line, uint8_t slot,
		 const struct failover_target *target);
/* Slot of a listed target, FO_NONE if it is not listed. */
uint8_t fo_target_find(const struct failover_engine *engine, const struct fo_line *line,
		       const struct failover_target *target);
/* Slot of a target at this address, under whatever registrar: the serving one before others. */
uint8_t fo_target_at(const struct failover_engine *engine, const struct fo_line *line,
		     const struct failover_target *from);
/* Place in the list, 0 = most preferred; line->listed if it has gone. */
uint8_t fo_target_index(const struct fo_line *line, uint8_t slot);
/* Which row of the policy's bindings rules the line (B27). */
enum fo_binding fo_line_binding(const struct fo_line *line);
/* Until when the line counts as registered with this target's registrar (B5a, B27), 0 = not. */
uint64_t fo_target_held_until(const struct fo_line *line, uint8_t slot);
/* The line counts as registered at this target, as its bindings' row says. */
int fo_target_bound(const struct failover_engine *engine, const struct fo_line *line, uint8_t slot);
/* Replace the list; identity is (registrar, address, port, transport) (B1b). All or nothing. */
int fo_target_replace(struct failover_engine *engine, struct fo_line *line,
		      const struct failover_target *targets, uint32_t count);
void fo_target_drop_all(struct failover_engine *engine, struct fo_line *line);
int fo_target_valid(const struct failover_target *target, uint32_t registrars);
/* Where a request goes that is not failed over: to `start`, if that need not be skipped (B4c). */
uint8_t fo_target_alone(const struct failover_engine *engine, const struct fo_line *line,
			uint8_t start);
/* A person wants an answer now: that they asked to be left alone is forgotten (B22c). */
void fo_target_ask_all(struct failover_engine *engine, const struct fo_line *line);
/* The same, and that any was found dead (B17b). */
void fo_target_forget_all(struct failover_engine *engine, const struct fo_line *line);
/* All listed targets ask to be left alone, and the first until then (B4c); a time that has passed
 * if one does not. */
uint64_t fo_target_quiet_until(const struct failover_engine *engine, const struct fo_line *line);
/* When a probe may go to the first of its targets, if none may be asked now (B22c, B4e). */
uint64_t fo_target_probe_at(const struct failover_engine *engine, struct fo_line *line);
/* A probe may go to this target above serving (B11a). */
int fo_target_probed(const struct fo_line *line, uint8_t slot);
/* Signal failback is on for the method, and probes are not to find out first (B12, B30). */
int fo_target_signal(const struct fo_line *line, uint32_t method);
/* It started above serving on purpose (B12), and that is the attempt that it is at. */
/* A call is up, of the line or of its group, so it does not go up there by itself (B32). */
int fo_target_held(const struct failover_engine *engine, const struct fo_line *line, uint8_t slot);
int fo_target_goes_up(const struct fo_line *line, const struct fo_request *request);
/* Who is next for this request (B4c, B4e, B6, B6a) when it is through with those tried; FO_NONE =
 * nobody. */
uint8_t fo_target_next(const struct failover_engine *engine, const struct fo_line *line,
		       const struct fo_request *request, uint32_t tried);

/* Where a request starts that this makes start; dialog: the listed target of its dialog, FO_NONE.
 */
uint8_t fo_request_start_slot(const struct failover_engine *engine, struct fo_line *line,
			      enum fo_trigger trigger, uint32_t method, uint8_t dialog);

#endif
