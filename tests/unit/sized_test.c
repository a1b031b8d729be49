/* SPDX-License-Identifier: MIT */
/* sized_test.c - programs that were compiled with an older or a newer header (doc/abi.md). */
#include <string.h>
#include "../../libfailover/core/sized.h"
#include "bench.h"

/* ---- what is taken and what is filled -------------------------------------------------------- */

/* A struct in its second version: `more` came later. */
struct grown {
	uint32_t size, first, more;
};
#define FIRST_VERSION FO_SIZE_WITH(struct grown, first)

START_TEST(a_smaller_struct_has_zero_for_what_came_later)
{
	struct grown given = { .size = FIRST_VERSION, .first = 7, .more = 9 }, own;

	ck_assert_int_eq(fo_sized_take(&own, sizeof(own), &given, FIRST_VERSION), 0);
	ck_assert_uint_eq(own.size, sizeof(own));
	ck_assert_uint_eq(own.first, 7);
	ck_assert_uint_eq(own.more, 0);
}
END_TEST

START_TEST(news_of_any_version_are_taken)
{
	struct grown given = { .size = sizeof(given), .first = 7, .more = 9 }, own;

	fo_sized_copy(&own, FIRST_VERSION, &given, FIRST_VERSION); /* newer than we are */
	ck_assert_uint_eq(own.size, FIRST_VERSION);
	ck_assert_uint_eq(own.first, 7);
	given.size = 0; /* not set: the first version's */
	fo_sized_copy(&own, sizeof(own), &given, FIRST_VERSION);
	ck_assert_uint_eq(own.first, 7);
	ck_assert_uint_eq(own.more, 0);
}
END_TEST

START_TEST(a_size_below_the_first_version_or_beyond_all_bounds_is_refused)
{
	struct grown given = { .size = FIRST_VERSION - 1 }, own = { .first = 3 };

	ck_assert_int_eq(fo_sized_take(&own, sizeof(own), &given, FIRST_VERSION),
			 FAILOVER_ERR_ARGUMENT);
	given.size = FO_SIZED_MOST + 1; /* what lies there must not be read */
	ck_assert_int_eq(fo_sized_take(&own, sizeof(own), &given, FIRST_VERSION),
			 FAILOVER_ERR_ARGUMENT);
	ck_assert_uint_eq(own.first, 3);
}
END_TEST

START_TEST(no_more_is_filled_than_the_caller_has_room_for)
{
	struct grown theirs = { .size = FIRST_VERSION, .more = 9 };
	const struct grown own = { .first = 7, .more = 8 };

	fo_sized_give(&theirs, &own, sizeof(own), FIRST_VERSION);
	ck_assert_uint_eq(theirs.size, FIRST_VERSION);
	ck_assert_uint_eq(theirs.first, 7);
	ck_assert_uint_eq(theirs.more, 9);
	theirs = (struct grown){ .more = 9 }; /* not set: the first version's */
	fo_sized_give(&theirs, &own, sizeof(own), FIRST_VERSION);
	ck_assert_uint_eq(theirs.size, FIRST_VERSION);
	ck_assert_uint_eq(theirs.more, 9);
	theirs.size = sizeof(theirs);
	fo_sized_give(&theirs, &own, sizeof(own), FIRST_VERSION);
	ck_assert_uint_eq(theirs.more, 8);
}
END_TEST

/* ---- the same through the API: structs of a newer header ------------------------------------- */

#define LATER 0xee

struct newer_engine {
	struct failover_engine_params known;
	uint8_t later[8];
};

START_TEST(a_newer_engine_params_is_taken_while_the_rest_is_zero)
{
	struct bench *bench = bench_new(0, 0);
	struct newer_engine given = { .known = { .size = sizeof(given),
						 .memory = bench_memory(bench) } };
	struct failover_engine *engine = NULL;

	ck_assert_int_eq(failover_engine_new(&given.known, &engine), 0);
	failover_engine_free(engine);
	given.later[7] = LATER;
	ck_assert_int_eq(failover_engine_new(&given.known, &engine), FAILOVER_ERR_UNSUPPORTED);
	bench_free(bench);
}
END_TEST

/* The settings are the end of the params: both have grown. */
struct newer_line {
	struct failover_line_params known;
	uint8_t later[8];
};

START_TEST(a_newer_line_params_is_taken_while_the_rest_is_zero)
{
	struct failover_target target = bench_target(0, 0);
	struct newer_line given = { .known = { .size = sizeof(given),
					       .registrars = 1,
					       .targets_count = 1,
					       .targets = &target,
					       .settings = bench_settings() } };
	struct bench *bench = bench_new(0, 0);
	uint32_t line;

	given.known.settings.size += sizeof(given.later);
	ck_assert_int_eq(failover_line_add(bench->engine, &given.known, 0, &line), 0);
	ck_assert_int_eq(failover_line_update(bench->engine, line, &given.known, 0), 0);
	given.known.settings.size += 8; /* they end behind the params */
	ck_assert_int_eq(failover_line_update(bench->engine, line, &given.known, 0),
			 FAILOVER_ERR_ARGUMENT);
	given.known.settings.size -= 8;
	given.later[0] = LATER;
	ck_assert_int_eq(failover_line_update(bench->engine, line, &given.known, 0),
			 FAILOVER_ERR_UNSUPPORTED);
	ck_assert_int_eq(failover_line_add(bench->engine, &given.known, 0, &line),
			 FAILOVER_ERR_UNSUPPORTED);
	bench_free(bench);
}
END_TEST

/* Programs of the first version knew one list of codes; 503 to a call goes on elsewhere for them,
 * too (B22). Who knows the second list and leaves it empty means that. */
START_TEST(B22_settings_of_the_first_version_have_503_for_calls)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench;

	for (int first_version = 0; first_version < 2; first_version++) {
		memset(settings.unavailable_codes_invite, 0,
		       sizeof(settings.unavailable_codes_invite));
		settings.size = first_version ? offsetof(struct failover_line_settings,
							 unavailable_codes_invite)
					      : sizeof(settings);
		bench = bench_one(&settings, "00");
		bench_register(bench);
		bench_clear(bench);
		bench_submit(bench, FAILOVER_INVITE);
		bench_answer(bench, 503);
		ck_assert_uint_eq(bench_output(bench, FAILOVER_OUTPUT_RESULT, 0) == NULL,
				  first_version);
		bench_free(bench);
	}
}
END_TEST

struct newer_request {
	struct failover_request_params known;
	uint8_t later[8];
};

START_TEST(a_newer_request_is_taken_while_the_rest_is_zero)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct newer_request given = {
		.known = { .size = sizeof(given), .method = FAILOVER_INVITE },
	};
	uint64_t request;

	ck_assert_int_eq(
		failover_submit(bench->engine, bench->line, &given.known, bench->now, &request), 0);
	given.later[0] = LATER;
	ck_assert_int_eq(
		failover_submit(bench->engine, bench->line, &given.known, bench->now, &request),
		FAILOVER_ERR_UNSUPPORTED);
	bench_free(bench);
}
END_TEST

struct newer_state {
	struct failover_line_state known;
	uint8_t later[8];
};

START_TEST(a_newer_state_is_filled_as_far_as_it_is_known)
{
	struct failover_line_settings settings = bench_settings();
	struct bench *bench = bench_one(&settings, "01");
	struct newer_state state = { .known = { .size = sizeof(state) }, .later = { LATER } };

	ck_assert_int_eq(failover_line_state(bench->engine, bench->line, &state.known), 0);
	ck_assert_uint_eq(state.known.size, sizeof(state.known));
	ck_assert_uint_eq(state.known.targets_count, 2);
	ck_assert_uint_eq(state.later[0], LATER);
	bench_free(bench);
}
END_TEST

/* ---- plugins ------------------------------------------------------------------------------ */

static struct failover_open_params opened_with;

static int plugin_open(const struct failover_host *host, const struct failover_open_params *params,
		       void **inst)
{
	opened_with = *params;
	*inst = (void *)(uintptr_t)host;
	return 0;
}

static void plugin_close(void *inst)
{
	(void)inst;
}

static int plugin_send(void *inst, const struct failover_attempt *attempt)
{
	(void)inst, (void)attempt;
	return 0;
}

static int plugin_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	(void)inst, (void)attempt, (void)reason;
	return 0;
}

static void plugin_response(void *inst, const struct failover_result *result)
{
	(void)inst, (void)result;
}

static const struct failover_plugin plugin = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(plugin),
	.id = "sized",
	.version = "1",
	.stack = "none",
	.license = "MIT",
	.open = plugin_open,
	.close = plugin_close,
	.send = plugin_send,
	.timeout = plugin_timeout,
	.response = plugin_response,
};

static int open_with(struct bench *bench, uint32_t open_size, uint8_t later)
{
	struct failover_stack_params params = { .size = sizeof(params), .engine = bench->engine };
	struct failover_stack *stack = NULL;
	int error;

	memset(params.room_for_open, 0, sizeof(params.room_for_open));
	memset(&opened_with, 0, sizeof(opened_with));
	params.open.size = open_size;
	params.open.listen.port = 5070;
	params.room_for_open[sizeof(params.open)] = later;
	error = failover_stack_open(&plugin, &params, &stack);
	if (!error)
		failover_stack_close(stack);
	return error;
}

START_TEST(open_params_of_any_version_reach_the_plugin_in_ours)
{
	struct bench *bench = bench_new(0, 0);
	const uint32_t size = sizeof(struct failover_open_params);
	const uint32_t sizes[] = { 0, size, size + 8 };
	unsigned i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		ck_assert_int_eq(open_with(bench, sizes[i], 0), 0);
		ck_assert_uint_eq(opened_with.size, size);
		ck_assert_uint_eq(opened_with.listen.port, 5070);
	}
	ck_assert_int_eq(open_with(bench, size, LATER), 0); /* not the caller's: not looked at */
	ck_assert_int_eq(open_with(bench, size + 8, LATER), FAILOVER_ERR_UNSUPPORTED);
	ck_assert_int_eq(open_with(bench, 193, 0), FAILOVER_ERR_ARGUMENT);
	ck_assert_int_eq(open_with(bench, 4, 0), FAILOVER_ERR_ARGUMENT);
	bench_free(bench);
}
END_TEST

START_TEST(a_plugin_with_a_newer_descriptor_is_taken)
{
	struct failover_plugin newer = plugin;

	newer.size += 8;
	ck_assert_int_eq(failover_plugin_check(&newer, "newer", NULL, 0), 0);
	newer.size = FO_SIZE_WITH(struct failover_plugin, get_extension) - 1;
	ck_assert_int_eq(failover_plugin_check(&newer, "short", NULL, 0), FAILOVER_ERR_PLUGIN);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sized");
	TCase *tcase = tcase_create("sized");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, a_smaller_struct_has_zero_for_what_came_later);
	tcase_add_test(tcase, news_of_any_version_are_taken);
	tcase_add_test(tcase, a_size_below_the_first_version_or_beyond_all_bounds_is_refused);
	tcase_add_test(tcase, no_more_is_filled_than_the_caller_has_room_for);
	tcase_add_test(tcase, a_newer_engine_params_is_taken_while_the_rest_is_zero);
	tcase_add_test(tcase, a_newer_line_params_is_taken_while_the_rest_is_zero);
	tcase_add_test(tcase, B22_settings_of_the_first_version_have_503_for_calls);
	tcase_add_test(tcase, a_newer_request_is_taken_while_the_rest_is_zero);
	tcase_add_test(tcase, a_newer_state_is_filled_as_far_as_it_is_known);
	tcase_add_test(tcase, open_params_of_any_version_reach_the_plugin_in_ours);
	tcase_add_test(tcase, a_plugin_with_a_newer_descriptor_is_taken);
	return bench_main(suite);
}
