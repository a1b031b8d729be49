/* SPDX-License-Identifier: MIT */
/* bench.h - an engine on a clock of the test's own, with all its outputs kept in order. */
#ifndef BENCH_H
#define BENCH_H

#include <check.h>
#include <failover/failover.h>

#define BENCH_OUTPUTS 4096
#define BENCH_REPORTS 64

struct bench_output {
	uint64_t at;
	struct failover_output out;
	struct failover_attempt_report reports[FAILOVER_LIMIT_TARGETS];
};

struct bench {
	struct failover_engine *engine;
	uint64_t now;
	uint32_t line; /* the line of most tests */
	unsigned count;
	struct bench_output outputs[BENCH_OUTPUTS];
	long allocations, blocks; /* made so far; not yet released */
	long fail_at;		  /* the n-th allocation fails; 0 = none */
};

/* Settings for exact times: no jitter, no keep-alive. */
struct failover_line_settings bench_settings(void);
/* An engine without lines; end with bench_free, which checks that all memory came back. */
struct bench *bench_new(uint32_t shared_health, uint32_t max_outputs);
void bench_free(struct bench *bench);
/* The bench's counting allocator. */
struct failover_memory bench_memory(struct bench *bench);
/* Add a line of targets "registrar.hop" at 192.0.2.<n + 1>:5060 udp. map: registrar of each. */
uint32_t bench_line(struct bench *bench, const struct failover_line_settings *settings,
		    const char *map);
/* An engine with one line. */
struct bench *bench_one(const struct failover_line_settings *settings, const char *map);
struct failover_target bench_target(unsigned n, uint8_t registrar);

/* Take all outputs now. */
void bench_drain(struct bench *bench);
/* Let time pass, with timers at their exact times. */
void bench_until(struct bench *bench, uint64_t at);
/* Forget the outputs seen so far. */
void bench_clear(struct bench *bench);

/* The n-th (from 0) output of a kind since the last clear, or NULL. */
const struct bench_output *bench_output(const struct bench *bench, uint32_t kind, unsigned n);
const struct bench_output *bench_event(const struct bench *bench, uint32_t kind, unsigned n);
unsigned bench_count(const struct bench *bench, uint32_t kind);
/* No room for what one more input could make. */
int bench_full(const struct bench *bench);
unsigned bench_events(const struct bench *bench, uint32_t kind);
/* The last ATTEMPT; the test fails if there is none. */
const struct failover_attempt *bench_attempt(const struct bench *bench);
/* The n-th ATTEMPT (from 0); the test fails if there is none. */
const struct failover_attempt *bench_attempt_number(const struct bench *bench, unsigned n);
/* The n-th ATTEMPT must be this method at this target (n as in 192.0.2.n+1) at this time. */
void bench_expect(const struct bench *bench, unsigned n, uint32_t method, unsigned target,
		  uint64_t at);
/* The number of an address: 192.0.2.1 is 0. */
unsigned bench_number(const struct failover_target *target);

/* News of the last attempt (or of the one given). */
uint32_t bench_answer(struct bench *bench, uint32_t status);
uint32_t bench_answer_to(struct bench *bench, uint64_t attempt, uint32_t status);
void bench_unreachable(struct bench *bench, uint32_t reason);
/* Register and be answered 200. */
/* Another line hears from this target, by a REGISTER, that it wants to be left alone for so long.
 */
void bench_busy_elsewhere(struct bench *bench, unsigned number, uint32_t seconds);
/* A REGISTER as of a line that is new: nobody waits for it, so Retry-After counts (B22c). */
void bench_register_anew(struct bench *bench);
void bench_register(struct bench *bench);
/* Register, with every target above `serving` refused, and that one answering 200. */
void bench_register_at(struct bench *bench, unsigned serving);
uint64_t bench_submit(struct bench *bench, uint32_t method);
/* An emergency call (B36). */
uint64_t bench_emergency(struct bench *bench);
uint64_t bench_in_dialog(struct bench *bench, uint32_t method, unsigned target, uint8_t registrar);
struct failover_line_state bench_state(const struct bench *bench);

/* Run a suite and print TAP. Its figures are those of V3; without V3 it is skipped. */
int bench_main(Suite *suite);
/* The same for a suite that needs no profile. */
int bench_main_any(Suite *suite);
/* For tests of V2, which may be left out of a build. */
void bench_add_v2(TCase *tcase, const TTest *test);

#endif
