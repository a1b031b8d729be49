/* SPDX-License-Identifier: MIT */
/*
 * core.h - the core on one page, for who sees inside (tests); its files include what they use.
 * Calls go downward only, but for the knot:
 *
 *   engine.c    the engine's life, lines, time, outputs;  input.c  its inputs
 *   schedule.c  a line's one timer, and what is due
 *   life.c      a line is made, changed, freed;  late.c  answers to INVITEs that were abandoned
 *   line/       the knot: request, emergency, registration, failback, keepalive, move, pace
 *               (line/line.h says why)
 *   answer.c    what a response says;  attempt.c  one target's try
 *   target.c    the target list and who is next
 *   state.h     what engine and lines consist of
 *   policy.c    the rows that decide;  settings.c, health.c (addresses), timer.c, queue.c,
 *   random.c, id.h, sized.h   tools that know nothing of lines
 */
#ifndef FO_CORE_H
#define FO_CORE_H

#include "answer.h"
#include "attempt.h"
#include "engine.h"
#include "late.h"
#include "life.h"
#include "line/line.h"
#include "policy.h"
#include "random.h"
#include "schedule.h"
#include "target.h"

#endif
