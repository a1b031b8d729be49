/* SPDX-License-Identifier: MIT */
/* answer.h - what a final response says about the server, and does to its request (B22). */
#ifndef FO_ANSWER_H
#define FO_ANSWER_H

#include "policy.h"
#include "state.h"

/* What this final response does; flags: enum failover_answer_flag. */
enum fo_effect fo_answer_effect(const struct fo_line *line, const struct fo_request *request,
				uint32_t status, uint32_t flags);
/* 1 if the response, final or not, is a sign of its target's life. */
int fo_answer_shows_life(const struct fo_line *line, const struct fo_request *request,
			 const struct failover_answer *answer);

#endif
