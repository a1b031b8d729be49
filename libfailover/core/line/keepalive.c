/* SPDX-License-Identifier: MIT */
/* keepalive.c - OPTIONS after silence of the serving target (B15a). */
#include "../attempt.h"
#include "../random.h"
#include "../target.h"
#include "line.h"

static uint32_t interval_ms(const struct fo_line *line)
{
	return 1000u * line->settings->is.keepalive_interval_s;
}

void fo_keepalive_arm(struct failover_engine *engine, struct fo_line *line)
{
	const struct failover_line_settings *is = &line->settings->is;

	line->keepalive_at = FO_NEVER;
	if (is->keepalive == FAILOVER_KEEPALIVE_OPTIONS && (line->flags & FO_LINE_REGISTERED) &&
	    line->options != FO_OPTIONS_NEVER)
		line->keepalive_at = fo_wheel_after(
			&engine->wheel,
			fo_random_spread(&engine->random, interval_ms(line), is->jitter_percent));
}

void fo_keepalive_alive(struct failover_engine *engine, struct fo_line *line, uint8_t target)
{
	if (target == line->serving)
		line->heard_at = engine->wheel.now;
}

/* B24c: returns 1 if a REGISTER is to find out more. A provisional response is life, but it tells
 * nothing of a second one. */
int fo_keepalive_failed(struct fo_line *line, const struct fo_attempt *attempt, int heard)
{
	if (attempt->reason == FAILOVER_REASON_NO_ANSWER && line->options < FO_OPTIONS_SILENT_TWICE)
		line->options++;
	return !heard || line->options == FO_OPTIONS_SILENT_TWICE;
}

static void forget_silence(struct failover_engine *engine, struct fo_line *line,
			   enum fo_options options)
{
	int again = line->options == FO_OPTIONS_NEVER;

	line->options = (uint8_t)options;
	if (again)
		fo_keepalive_arm(engine, line);
}

/* It has answered an OPTIONS: it does so after all. */
void fo_keepalive_answered(struct failover_engine *engine, struct fo_line *line)
{
	forget_silence(engine, line, FO_OPTIONS_ANSWERED);
}

void fo_keepalive_moved(struct failover_engine *engine, struct fo_line *line)
{
	line->heard_at = engine->wheel.now;
	forget_silence(engine, line, FO_OPTIONS_UNKNOWN);
}

/* The serving target has answered a REGISTER. */
int fo_keepalive_learnt(struct fo_line *line)
{
	if (line->options != FO_OPTIONS_SILENT_TWICE)
		return 0;
	line->options = FO_OPTIONS_NEVER;
	return 1;
}

void fo_keepalive_due(struct failover_engine *engine, struct fo_line *line)
{
	struct fo_request_start start = { .method = FAILOVER_OPTIONS,
					  .flags = FO_REQUEST_KEEPALIVE,
					  .start = FO_NONE };
	struct fo_request *request = fo_line_own(line, FO_SLOT_KEEPALIVE);

	fo_keepalive_arm(engine, line); /* whatever follows, and however that ends */
	if (engine->wheel.now - line->heard_at < interval_ms(line)) {
		line->keepalive_at = fo_after(line->heard_at, interval_ms(line));
		return;
	}
	if (fo_line_registers(line))
		return;				       /* that one finds out */
	if (!fo_targets(line)[line->serving].listed) { /* B1b: left at the next request */
		fo_registration_start(engine, line, FO_TRIGGER_TIMEOUT, FO_NONE, 0);
		return;
	}
	if (fo_target_alone(engine, line, line->serving) != line->serving)
		return;			 /* B4c: it has asked to be left alone */
	if (fo_request_running(request)) /* a removal at another registrar, for which it was free */
		fo_request_give_up(engine, line, request, FAILOVER_ABANDON_GIVEN_UP);
	fo_attempt_start(engine, line, fo_request_open(line, FO_SLOT_KEEPALIVE, &start),
			 line->serving);
}
