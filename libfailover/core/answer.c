/* SPDX-License-Identifier: MIT */
/* answer.c - what a final response says about the server, and does to its request (B22). */
#include "answer.h"
#include "attempt.h"
#include "target.h"

/* B22: all that this final response is, as bits of enum fo_when. */
static uint32_t whens_of(const struct failover_line_settings *is, uint32_t status, uint32_t flags)
{
	uint32_t whens = 1u << FO_WHEN_ANY;

	if (status == 503 && (flags & FAILOVER_ANSWER_Q850))
		whens |= 1u << FO_WHEN_CALLEE;
	if (failover_codes_has(is->unavailable, status))
		whens |= 1u << FO_WHEN_CODES;
	if (failover_codes_has(is->unavailable_codes_invite, status))
		whens |= 1u << FO_WHEN_CODES_INVITE;
	if (status == 301 || status == 302 || status == 305)
		whens |= 1u << FO_WHEN_MOVED;
	if (status / 100 == 2)
		whens |= 1u << FO_WHEN_UNBOUND;
	if (status == 404 || status == 410 || status == 484 || status == 486 || status / 100 == 6)
		whens |= 1u << FO_WHEN_CALLED;
	if ((status == 401 || status == 407) && (flags & FAILOVER_ANSWER_TAKEN_BEFORE))
		whens |= 1u << FO_WHEN_TAKEN;
	return whens;
}

static enum fo_effect effect_of(const struct fo_line *line, enum fo_kind kind, uint32_t status,
				uint32_t flags)
{
	if (status / 100 == 2 && !(flags & FAILOVER_ANSWER_UNBOUND))
		return FO_EFFECT_ENDS;
	return fo_policy_answer(kind, whens_of(&line->settings->is, status, flags))->effect;
}

static int is_by_callee(uint32_t method, uint32_t status)
{
	return method == FAILOVER_INVITE && (status == 486 || status / 100 == 6);
}

enum fo_effect fo_answer_effect(const struct fo_line *line, const struct fo_request *request,
				uint32_t status, uint32_t flags)
{
	enum fo_effect effect = effect_of(line, fo_request_kind(request), status, flags);

	/* B22b: whatever the server says; but what the callee says, no other server can better */
	if (effect == FO_EFFECT_ENDS && status / 100 != 2 && fo_target_goes_up(line, request) &&
	    !is_by_callee(request->method, status))
		return FO_EFFECT_UNAVAILABLE;
	return effect;
}

/* B22: what makes the server of a REGISTER unavailable is no sign of its life, whatever kind of
 * REGISTER it is; nor is what another place has answered (B21a). */
int fo_answer_shows_life(const struct fo_line *line, const struct fo_request *request,
			 const struct failover_answer *answer)
{
	if (answer->flags & FAILOVER_ANSWER_ELSEWHERE)
		return 0;
	return answer->status < 200 || request->method != FAILOVER_REGISTER ||
	       effect_of(line, FO_KIND_REGISTER, answer->status, 0) == FO_EFFECT_ENDS;
}
