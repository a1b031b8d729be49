/* SPDX-License-Identifier: MIT */
/* thread_test.c - right use of threads and hooks, which checks must leave alone: an engine handed
 * over, inputs from inside a hook. thread_wrong_test.c has the wrong use. */
#include "thread_scene.h"

static void worker(struct scene *scene)
{
	failover_stack_set_thread(scene->stack);
	call_dispatch(scene);
	call_response(scene);
	call_submit(scene);
	scene->dispatched += failover_dispatch(scene->stack);
	failover_stack_close(scene->stack);
}

START_TEST(a_stack_opened_here_and_run_scene_elsewhere)
{
	struct scene scene = { .bench = NULL };

	scene_begin(&scene);
	scene_elsewhere(&scene, worker);
	ck_assert_int_gt(scene.dispatched, 1);
	ck_assert_ptr_null(scene.host);
	bench_free(scene.bench);
}
END_TEST

START_TEST(a_hook_may_call_every_input_and_the_host_table)
{
	static scene_call *const calls[] = { call_submit,      call_timeout,  call_deadline,
					     call_sent,	       call_response, call_heard,
					     call_unreachable, call_log,      call_random,
					     call_now,	       call_extension };
	struct scene scene = { .bench = NULL, .in_send = calls[_i] };

	scene_begin(&scene);
	ck_assert_int_gt(failover_dispatch(scene.stack), 0);
	ck_assert_uint_ne(scene.attempt, 0);
	scene_end(&scene);
}
END_TEST

START_TEST(dispatch_from_inside_a_hook_does_nothing)
{
	struct scene scene = { .bench = NULL, .in_send = call_dispatch, .dispatched = 7 };

	scene_begin(&scene);
	call_submit(&scene);
	ck_assert_int_gt(failover_dispatch(scene.stack), 0);
	ck_assert_int_eq(scene.dispatched, 0);
	ck_assert_int_eq(failover_dispatch(scene.stack), 0);
	scene_end(&scene);
}
END_TEST

START_TEST(a_closed_stack_leaves_the_engine_to_any_thread)
{
	struct scene scene = { .bench = NULL };

	scene_begin(&scene);
	failover_stack_close(scene.stack);
	scene_elsewhere(&scene, call_poll);
	bench_free(scene.bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("thread");
	TCase *tcase = tcase_create("thread");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, a_stack_opened_here_and_run_scene_elsewhere);
	tcase_add_loop_test(tcase, a_hook_may_call_every_input_and_the_host_table, 0, 11);
	tcase_add_test(tcase, dispatch_from_inside_a_hook_does_nothing);
	tcase_add_test(tcase, a_closed_stack_leaves_the_engine_to_any_thread);
	return bench_main_any(suite);
}
