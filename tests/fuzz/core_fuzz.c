/* SPDX-License-Identifier: MIT */
/*
 * core_fuzz.c - an input is a program for the engine: lines come and go, users ask, the stack tells
 * its news, also of what is stale or invented, and time passes. What must always hold is checked
 * after each step; at the end silence comes, and everything must come to its end (B18).
 */
#include <stdlib.h>
#include <string.h>
#include <failover/failover.h>
#include "tests/runner/settings.h"
#include "fuzz.h"

const char fuzz_target[] = "core";

#define LINES 3u
#define OPEN 256u	/* requests at a time: more than LINES * FAILOVER_LIMIT_REQUESTS */
#define ENDED 256u	/* results remembered */
#define ATTEMPTS 64u	/* attempts remembered */
#define STEPS_MOST 4096 /* of one input */
#define OUTPUTS 128u
#define SILENCE_MS 25000000u /* 8 targets, a call and its REGISTERs at each, 64*T1 of 10 s */
#define LATEST UINT64_C(1000000000000000) /* 30000 years: nothing here overflows */

struct open_request {
	uint64_t id;
	uint64_t cookie;
	uint32_t method;
	int proceeding; /* it was told of a 1xx (B4a), or calls for help (B36d): no end of itself */
};

struct seen_attempt {
	uint64_t id, request;
};

struct run {
	struct fuzz_input *input;
	struct failover_engine *engine;
	uint64_t now;
	uint64_t settled; /* the latest time that the engine was told in settle() */
	uint64_t latest;  /* that it ever was, perhaps: a clock that goes back stands still */
	uint32_t lines[LINES], line_requests[LINES]; /* 0 = not there */
	uint32_t only_registered[LINES];	     /* B28 */
	struct open_request open[OPEN];
	unsigned open_count;
	uint64_t ended[ENDED];
	unsigned ended_count;
	struct seen_attempt attempts[ATTEMPTS];
	unsigned attempts_count;
	uint64_t cookie;
	long blocks;
	int may_allocate;
};

/* ---- memory: constructors only (B19) ------------------------------------------------------ */

static void *take_memory(void *user, size_t bytes)
{
	struct run *run = user;

	fuzz_require(run->may_allocate, "nothing is allocated for an event");
	run->blocks++;
	return malloc(bytes);
}

static void release_memory(void *user, void *block)
{
	struct run *run = user;

	run->blocks -= block != NULL;
	free(block);
}

/* ---- outputs ------------------------------------------------------------------------------ */

static void on_attempt(struct run *run, const struct failover_attempt *attempt)
{
	struct seen_attempt *seen = &run->attempts[run->attempts_count++ % ATTEMPTS];

	fuzz_require(attempt->id && attempt->request && attempt->ordinal, "an attempt has its ids");
	fuzz_require(attempt->transmissions <= 21, "B3a: 20 at most, and the free first one");
	fuzz_require(attempt->budget_ms > 0 && attempt->budget_ms <= 64 * attempt->t1_ms,
		     "B3b: a budget is at most 64*T1");
	fuzz_require(!attempt->transmissions || !(attempt->flags & FAILOVER_ATTEMPT_LAST) ||
			     attempt->ordinal > 1,
		     "B3, B22: the last target has a count only after others have answered");
	fuzz_require(attempt->target.family == 4 && attempt->target.port,
		     "an attempt goes to a target");
	fuzz_require((attempt->method == FAILOVER_CANCEL) == (attempt->related != 0),
		     "B5b: a CANCEL belongs to an INVITE");
	*seen = (struct seen_attempt){ attempt->id, attempt->request };
}

static void on_result(struct run *run, const struct failover_result *result)
{
	unsigned i;

	for (i = 0; i < run->ended_count && i < ENDED; i++)
		fuzz_require(run->ended[i] != result->request, "B18: a request ends once");
	run->ended[run->ended_count++ % ENDED] = result->request;
	fuzz_require(result->outcome >= FAILOVER_OUTCOME_ANSWERED &&
			     result->outcome <= FAILOVER_OUTCOME_GIVEN_UP,
		     "a result has an outcome");
	fuzz_require(result->outcome != FAILOVER_OUTCOME_ANSWERED || result->status >= 200,
		     "what is answered has a final status");
	fuzz_require(result->reports_count <= FAILOVER_LIMIT_TARGETS, "B6: reports are bounded");
	if (!result->cookie)
		return;
	for (i = 0; i < run->open_count && run->open[i].id != result->request; i++)
		continue;
	if (result->method == FAILOVER_CANCEL && i == run->open_count)
		return;
	fuzz_require(i < run->open_count, "B18: a result is of a request that is open");
	fuzz_require(run->open[i].cookie == result->cookie && run->open[i].method == result->method,
		     "a result is of its request");
	run->open[i] = run->open[--run->open_count];
}

static unsigned take(struct run *run, unsigned most)
{
	struct failover_output output;
	char text[256];
	unsigned count = 0;

	while (count < most && failover_poll(run->engine, &output)) {
		count++;
		switch ((enum failover_output_kind)output.kind) {
		case FAILOVER_OUTPUT_ATTEMPT:
			on_attempt(run, &output.u.attempt);
			break;
		case FAILOVER_OUTPUT_ABANDON:
			fuzz_require(output.abandoned && output.reason >= FAILOVER_ABANDON_BUDGET &&
					     output.reason <= FAILOVER_ABANDON_REMOVED,
				     "an attempt is abandoned for a reason");
			break;
		case FAILOVER_OUTPUT_RESULT:
			on_result(run, &output.u.result);
			break;
		case FAILOVER_OUTPUT_EVENT:
			fuzz_require(failover_event_text(&output.u.event, text, sizeof(text)) > 0,
				     "B20: an event can be read");
			break;
		}
	}
	return count;
}

/* Everything that is due now is done, and the next thing is later. */
static void settle(struct run *run)
{
	unsigned rounds = 0;

	if (run->now > run->settled)
		run->settled = run->now;
	do {
		failover_handle_timeout(run->engine, run->now);
		fuzz_require(rounds++ < 1000, "what is due at one time comes to an end");
	} while (take(run, UINT32_MAX) > 0);
	fuzz_require(failover_next_deadline(run->engine) > run->settled,
		     "B19: after a drain the next deadline is later");
}

static void check(struct run *run)
{
	struct failover_statistics statistics;
	struct failover_line_state state;
	unsigned i;

	failover_engine_statistics(run->engine, &statistics);
	fuzz_require(statistics.outputs_most <= OUTPUTS, "outputs are bounded");
	for (i = 0; i < LINES; i++) {
		if (!run->lines[i])
			continue;
		state.size = sizeof(state);
		fuzz_require(failover_line_state(run->engine, run->lines[i], &state) == 0,
			     "a line that was added is there");
		fuzz_require(state.serving_index <= state.targets_count, "a line has one serving");
		fuzz_require(state.requests <= run->line_requests[i], "requests are bounded");
	}
}

static void set_time(struct run *run, uint64_t at)
{
	run->now = at;
	if (run->now > run->latest)
		run->latest = run->now;
}

/* Pass time with timers at their times; then it is `until`, however many there are. */
static void pass(struct run *run, uint64_t until)
{
	unsigned steps = 0;
	uint64_t next;

	settle(run);
	while ((next = failover_next_deadline(run->engine)) <= until && steps++ < 100000) {
		set_time(run, next);
		settle(run);
	}
	set_time(run, until);
	settle(run);
}

/* ---- lines -------------------------------------------------------------------------------- */

static struct failover_target some_target(struct run *run, uint32_t registrars)
{
	unsigned byte = fuzz_byte(run->input);
	struct failover_target target = { .family = 4, .port = 5060, .address = { 192, 0, 2 } };

	target.address[3] = (uint8_t)(1 + (byte & 7));
	target.transport = byte & 8 ? FAILOVER_TCP : FAILOVER_UDP;
	target.registrar = (uint8_t)((byte >> 4 & 3) % registrars);
	target.hop = (uint8_t)(byte >> 6);
	return target;
}

static uint32_t some_targets(struct run *run, uint32_t registrars, struct failover_target *targets)
{
	uint32_t count = 1 + fuzz_byte(run->input) % 8, i;

	for (i = 0; i < count; i++)
		targets[i] = some_target(run, registrars);
	return count;
}

static uint32_t below(void *run, uint32_t bound)
{
	struct fuzz_input *input = ((struct run *)run)->input;

	return (uint32_t)(bound > 256 ? fuzz_number(input, 4) : fuzz_byte(input)) % bound;
}

static struct failover_line_settings some_settings(struct run *run)
{
	struct failover_line_settings settings;

	settings_vary(&settings, below, run);
	return settings;
}

static void configure(struct run *run, unsigned n)
{
	struct failover_target targets[8];
	unsigned byte = fuzz_byte(run->input);
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 1 + (byte & 3),
					       .max_requests = 1 + (byte >> 2) % 4,
					       .max_targets = byte & 64 ? 8 : 0,
					       .targets = targets };
	int error;

	params.settings = some_settings(run);
	params.targets_count = some_targets(run, params.registrars, targets);
	run->may_allocate = 1;
	if (run->lines[n]) {
		error = failover_line_update(run->engine, run->lines[n], &params, run->now);
	} else {
		error = failover_line_add(run->engine, &params, run->now, &run->lines[n]);
		fuzz_require(!error == (run->lines[n] != 0), "a line is added, or an error");
		run->line_requests[n] = params.max_requests;
	}
	if (!error)
		run->only_registered[n] = params.settings.only_registered;
	run->may_allocate = 0;
}

static void remove_line(struct run *run, unsigned n)
{
	if (failover_line_remove(run->engine, run->lines[n], run->now) == 0)
		run->lines[n] = 0;
}

/* ---- requests and news -------------------------------------------------------------------- */

static void submit(struct run *run, uint32_t line)
{
	static const uint32_t methods[] = { FAILOVER_INVITE,  FAILOVER_BYE,
					    FAILOVER_OPTIONS, FAILOVER_OTHER,
					    FAILOVER_INVITE,  FAILOVER_REGISTER,
					    FAILOVER_CANCEL,  99 };
	unsigned byte = fuzz_byte(run->input);
	struct failover_target dialog;
	struct failover_request_params params = { .size = sizeof(params),
						  .method = methods[byte & 7],
						  .cookie = ++run->cookie };
	struct open_request *request = &run->open[run->open_count];
	unsigned n;
	int error;

	if (byte & 8) {
		dialog = some_target(run, 4);
		params.dialog = &dialog;
	}
	if (byte & 16)
		params.flags = FAILOVER_REQUEST_EMERGENCY;
	if (run->open_count == OPEN)
		return;
	run->may_allocate = params.flags != 0; /* B36f */
	error = failover_submit(run->engine, line, &params, run->now, &request->id);
	run->may_allocate = 0;
	if (error)
		return;
	for (n = 0; params.flags && n < LINES; n++)
		if (run->lines[n] == line && run->line_requests[n] < FAILOVER_LIMIT_REQUESTS)
			run->line_requests[n]++; /* the line's room has grown, at most by one */
	fuzz_require((byte & 7) < 5, "what is no request of a user is refused");
	fuzz_require(!params.flags || (params.method == FAILOVER_INVITE && !params.dialog),
		     "B36: only a new INVITE calls for help");
	request->cookie = params.cookie;
	request->method = params.method;
	request->proceeding = params.flags != 0; /* B36d */
	run->open_count++;
}

/* One of the last attempts; or one that never was. */
static struct seen_attempt some_attempt(struct run *run)
{
	unsigned byte = fuzz_byte(run->input);
	struct seen_attempt invented = { 0 };

	if (byte == 255 || !run->attempts_count) {
		invented.id = fuzz_number(run->input, 8);
		return invented;
	}
	if (byte % ATTEMPTS >= run->attempts_count)
		byte = 0;
	return run->attempts[(run->attempts_count - 1 - byte % ATTEMPTS) % ATTEMPTS];
}

static void respond(struct run *run)
{
	static const uint16_t statuses[] = { 100, 180, 200, 200, 401, 407, 403, 404,
					     423, 481, 482, 486, 500, 503, 600, 302 };
	struct seen_attempt attempt = some_attempt(run);
	unsigned byte = fuzz_byte(run->input), i;
	struct failover_answer answer = { .size = sizeof(answer), .status = statuses[byte & 15] };

	answer.retrying = byte >> 4 & 1;
	if (answer.retrying && (byte & 96) == 64)
		answer.retrying = FAILOVER_RETRYING_LATER;
	if (byte & 32)
		answer.retry_after_s = (uint32_t)fuzz_number(run->input, byte & 64 ? 4 : 1);
	if (answer.status == 200)
		answer.expires_s = (uint32_t)fuzz_number(run->input, byte & 128 ? 4 : 1);
	if (answer.status == 423)
		answer.min_expires_s = (uint32_t)fuzz_number(run->input, byte & 128 ? 4 : 2);
	for (i = 0; i < run->open_count; i++)
		if (run->open[i].id == attempt.request && answer.status < 200)
			run->open[i].proceeding = 1;
	fuzz_require(failover_response(run->engine, attempt.id, &answer, run->now) <=
			     FAILOVER_VERDICT_STOP,
		     "a response has a verdict");
}

static void give_up(struct run *run)
{
	unsigned byte = fuzz_byte(run->input);
	uint64_t id = byte < run->open_count ? run->open[byte].id : fuzz_number(run->input, 8);

	(void)failover_give_up(run->engine, id, run->now);
}

/* Of some attempt: it cannot get through, or what has become of its challenge. */
static void outcome(struct run *run)
{
	uint64_t attempt = some_attempt(run).id;
	unsigned byte = fuzz_byte(run->input);

	if (byte >= 240)
		failover_retrying(run->engine, attempt, byte & 1, run->now);
	else
		failover_unreachable(run->engine, attempt, byte % 11, run->now);
}

static void news(struct run *run, unsigned kind, uint32_t line)
{
	struct failover_target target;

	switch (kind) {
	case 0:
	case 1:
	case 2:
		respond(run);
		break;
	case 3:
		outcome(run);
		break;
	case 4:
		failover_sent(run->engine, some_attempt(run).id, run->now);
		break;
	default:
		target = some_target(run, 4);
		failover_heard(run->engine, line, &target, run->now);
		break;
	}
}

/* ---- time --------------------------------------------------------------------------------- */

static void jump(struct run *run, uint64_t at)
{
	set_time(run, at < LATEST ? at : LATEST);
}

static void time_passes(struct run *run)
{
	unsigned byte = fuzz_byte(run->input);
	uint64_t back = byte >= 240 && byte < 250 ? fuzz_number(run->input, 3) : 0;

	if (byte < 100)
		pass(run, run->now + byte * 40);
	else if (byte < 200)
		jump(run, run->now + (byte - 100) * 1000);
	else if (byte < 240) /* to the next deadline, but not through a long silence */
		jump(run, failover_next_deadline(run->engine));
	else if (byte < 250)
		jump(run, back < run->now ? run->now - back : 0);
	else
		jump(run, run->now + fuzz_number(run->input, 6));
}

/* ---- an input ----------------------------------------------------------------------------- */

static void targets_change(struct run *run, uint32_t line)
{
	struct failover_target targets[8];
	uint32_t count = some_targets(run, 4, targets);

	(void)failover_line_targets(run->engine, line, targets, count, run->now);
}

/* B28: nothing may be sent for a line that its user has unregistered. */
static int may_go_nowhere(const struct run *run, uint32_t line)
{
	unsigned n;

	for (n = 0; n < LINES; n++)
		if (run->lines[n] == line)
			return run->only_registered[n] != 0;
	return 0;
}

/* B20a: a plan ends, and changes nothing. */
static void plan(struct run *run, uint32_t line, unsigned byte)
{
	static const uint32_t methods[] = { FAILOVER_REGISTER, FAILOVER_INVITE, FAILOVER_BYE,
					    FAILOVER_OPTIONS };
	struct failover_request_params params = { .size = sizeof(params),
						  .method = methods[byte & 3] };
	struct failover_plan_step steps[4];
	struct failover_plan plan = { .size = sizeof(plan), .steps_max = 4, .steps = steps };
	uint64_t deadline = failover_next_deadline(run->engine);
	long blocks = run->blocks;

	run->may_allocate = 1;
	if (failover_plan(run->engine, line, &params, run->now, &plan) == 0)
		fuzz_require((plan.steps_count > 0 ||
			      (may_go_nowhere(run, line) && !plan.fails_ms)) &&
				     plan.service_ms <= plan.fails_ms &&
				     plan.fails_ms < SILENCE_MS,
			     "B20a: a plan begins and ends");
	run->may_allocate = 0;
	fuzz_require(run->blocks == blocks, "B20a: a plan gives its memory back");
	fuzz_require(failover_next_deadline(run->engine) == deadline, "B20a: it changes nothing");
}

/* What a person asks for (B17a to B17c). */
static void person(struct run *run)
{
	unsigned byte = fuzz_byte(run->input);
	uint32_t line = run->lines[(byte >> 3) % LINES];
	struct failover_target target;

	switch (byte & 7) {
	case 0:
		(void)failover_probe(run->engine, line, run->now);
		break;
	case 1:
		(void)failover_failback(run->engine, line, run->now);
		break;
	case 2:
	case 3:
		(void)failover_pin(run->engine, line, byte & 1, run->now);
		break;
	case 4:
		target = some_target(run, 4);
		(void)failover_begin_at(run->engine, line, &target, run->now);
		break;
	default:
		plan(run, line, byte);
		break;
	}
}

static void step(struct run *run)
{
	unsigned byte = fuzz_byte(run->input), n = byte >> 4 & 3;
	uint32_t line = n < LINES ? run->lines[n] : (uint32_t)fuzz_number(run->input, 4);

	switch (byte & 15) {
	case 0:
		if (n < LINES)
			configure(run, n);
		break;
	case 1:
		if (n < LINES && byte & 128)
			remove_line(run, n);
		break;
	case 2:
		(void)failover_register(run->engine, line, run->now);
		break;
	case 3:
		(void)failover_unregister(run->engine, line, run->now);
		break;
	case 4:
		if (byte >> 4 == 15)
			person(run);
		else
			(void)failover_network_changed(run->engine, run->now);
		break;
	case 5:
		targets_change(run, line);
		break;
	case 6:
		submit(run, line);
		break;
	case 7:
		give_up(run);
		break;
	case 8:
	case 9:
		time_passes(run);
		break;
	default:
		news(run, (byte & 15) - 10, line);
		break;
	}
	if (byte & 64)
		settle(run);
	else if (byte & 128)
		(void)take(run, byte >> 4);
	check(run);
}

/* Requests that must end by themselves: all but an INVITE that was told to wait. */
static unsigned must_end(const struct run *run)
{
	unsigned i, count = 0;

	for (i = 0; i < run->open_count; i++)
		count += run->open[i].method != FAILOVER_INVITE || !run->open[i].proceeding;
	return count;
}

/* Nobody answers any more: what is open ends by itself, or was told to wait. */
static void silence(struct run *run)
{
	uint64_t end = run->latest + SILENCE_MS;
	unsigned i;

	settle(run);
	while (must_end(run) > 0 && run->latest < end)
		pass(run, run->latest + SILENCE_MS / 100);
	fuzz_require(!must_end(run), "B18: a request ends within the sum of its budgets");
	for (i = run->open_count; i-- > 0;)
		fuzz_require(failover_give_up(run->engine, run->open[i].id, run->now) == 0,
			     "B6c: a request can be given up");
	settle(run);
	fuzz_require(!run->open_count, "B6c: what is given up ends");
	for (i = 0; i < LINES; i++)
		if (run->lines[i])
			remove_line(run, i);
	(void)take(run, UINT32_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct fuzz_input input = { bytes, bytes + count };
	struct run run = { .input = &input, .may_allocate = 1 };
	unsigned first = fuzz_byte(&input), steps = 0;
	const struct failover_engine_params params = {
		.size = sizeof(params),
		.max_addresses = first & 4 ? 8 : 0,
		.max_outputs = OUTPUTS,
		.shared_health = first & 3,
		.seed = first,
		.memory = { &run, take_memory, release_memory },
	};

	fuzz_require(failover_engine_new(&params, &run.engine) == 0, "an engine is made");
	configure(&run, 0);
	while (!fuzz_is_over(&input) && steps++ < STEPS_MOST)
		step(&run);
	silence(&run);
	failover_engine_free(run.engine);
	fuzz_require(run.blocks == 0, "all memory comes back");
	return 0;
}
