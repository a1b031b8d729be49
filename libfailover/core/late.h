/* SPDX-License-Identifier: MIT */
/* late.h - responses to INVITEs that were abandoned (B7a, B7b). */
#ifndef FO_LATE_H
#define FO_LATE_H

#include "state.h"

uint32_t fo_late_response(struct failover_engine *engine, struct fo_line *line,
			  struct fo_request *request, struct fo_attempt *attempt,
			  const struct failover_answer *answer);
/* The same while the outputs are full: nothing is adopted, and the attempt is dealt with. */
uint32_t fo_late_deferred(struct failover_engine *engine, struct fo_line *line,
			  struct fo_request *request, struct fo_attempt *attempt,
			  const struct failover_answer *answer);

#endif
