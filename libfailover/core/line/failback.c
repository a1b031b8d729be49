/* SPDX-License-Identifier: MIT */
/* failback.c - register failback: the probe (B11), and letting go of the old binding (B11b). */
#include "../attempt.h"
#include "../random.h"
#include "../target.h"
#include "line.h"

/* There is somewhere to go back to: a target above serving that the profile lets a probe go to. */
static int has_above(const struct fo_line *line)
{
	uint8_t i;

	for (i = 0; i < line->listed && line->order[i] != line->serving; i++)
		if (fo_target_probed(line, line->order[i]))
			return 1;
	return 0;
}

void fo_failback_arm(struct failover_engine *engine, struct fo_line *line)
{
	const struct failover_line_settings *is = &line->settings->is;

	if (!is->failback || !(line->flags & FO_LINE_REGISTERED) || !has_above(line)) {
		line->probe_at = FO_NEVER;
		return;
	}
	if (line->probe_at == FO_NEVER)
		line->probe_at = fo_after(engine->wheel.now,
					  fo_random_spread(&engine->random,
							   UINT64_C(1000) * is->failback_interval_s,
							   is->jitter_percent));
}

void fo_failback_wait(struct failover_engine *engine, struct fo_line *line)
{
	line->probe_at = FO_NEVER;
	fo_failback_arm(engine, line);
}

void fo_failback_failed(struct failover_engine *engine, struct fo_line *line)
{
	line->up_after = fo_after(engine->wheel.now,
				  UINT64_C(1000) * line->settings->is.failback_interval_s);
	fo_failback_wait(engine, line);
}

void fo_failback_due(struct failover_engine *engine, struct fo_line *line)
{
	const struct failover_line_settings *is = &line->settings->is;
	struct fo_request_start start = { .method = FAILOVER_REGISTER,
					  .flags = FO_REQUEST_PROBE,
					  .start = FO_NONE };
	struct fo_request *request = fo_request_open(line, FO_SLOT_PROBE, &start);
	uint8_t target = fo_target_next(engine, line, request);

	line->probe_at = FO_NEVER;
	if (target != FO_NONE) {
		fo_attempt_start(engine, line, request, target);
		return;
	}
	line->probe_at =
		fo_after(fo_target_probe_at(engine, line),
			 fo_random_spread(&engine->random, FO_HEALTH_RETRY_MS, is->jitter_percent) -
				 FO_HEALTH_RETRY_MS);
}

void fo_failback_stop(struct failover_engine *engine, struct fo_line *line)
{
	struct fo_request *request = fo_line_own(line, FO_SLOT_PROBE);

	line->probe_at = FO_NEVER;
	if (fo_request_running(request) && (request->flags & FO_REQUEST_PROBE))
		fo_request_give_up(engine, line, request, FAILOVER_ABANDON_GIVEN_UP);
}

void fo_failback_moved(struct failover_engine *engine, struct fo_line *line, uint8_t target)
{
	const struct fo_request *probe = fo_line_own(line, FO_SLOT_PROBE);

	if (!fo_request_running(probe) || probe->target != target)
		fo_failback_stop(engine, line);
	line->up_after = 0;
	fo_failback_wait(engine, line);
}

void fo_failback_relist(struct failover_engine *engine, struct fo_line *line)
{
	const struct fo_request *request = fo_line_own(line, FO_SLOT_PROBE);

	if (fo_request_running(request) &&
	    fo_target_index(line, request->target) >= fo_target_index(line, line->serving))
		fo_failback_stop(engine, line);
	fo_failback_arm(engine, line);
}

void fo_failback_moved_up(struct fo_line *line, uint8_t registrar)
{
	if (line->settings->is.failback_release)
		line->release = registrar;
}

void fo_failback_release(struct failover_engine *engine, struct fo_line *line)
{
	uint8_t registrar = line->release;

	line->release = FO_NONE;
	if (fo_registration_live(engine, line, registrar) &&
	    line->targets[line->serving].registrar != registrar)
		(void)fo_registration_remove_at(engine, line, registrar, FO_SLOT_PROBE);
}
