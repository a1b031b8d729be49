/* SPDX-License-Identifier: MIT */
/* thread_wrong_test.c - one engine = one thread (plugin.h): builds with --enable-debug find the
 * call that breaks it, and what a hook may not do. Each must end its process by abort. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "config.h"
#include "thread_scene.h"

#ifdef FO_DEBUG
static void from_a_hook(struct scene *scene, scene_call *function)
{
	scene->in_send = function;
	failover_dispatch(scene->stack);
}

typedef void way(struct scene *scene, scene_call *function);

static void child_run(int report, way *by, scene_call *function)
{
	const struct rlimit none = { 0, 0 };
	struct scene scene = { .bench = NULL };

	dup2(report, STDERR_FILENO);
	setrlimit(RLIMIT_CORE, &none);
	signal(SIGABRT, SIG_DFL);
	scene_begin(&scene);
	by(&scene, function);
	_exit(0);
}

/* The call must end the process by abort, with a sentence that begins with its name. */
static void expect_abort(way *by, scene_call *function, const char *sentence)
{
	char said[4096];
	size_t length;
	int ends[2], status;
	FILE *stream;
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		child_run(ends[1], by, function);
	close(ends[1]);
	stream = fdopen(ends[0], "r");
	ck_assert_ptr_nonnull(stream);
	length = fread(said, 1, sizeof(said) - 1, stream);
	said[length] = '\0';
	fclose(stream);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(strstr(said, sentence) != NULL, "\"%s\" was expected in \"%s\"", sentence,
		      said);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "%s: no abort", sentence);
}

static const struct {
	scene_call *function;
	const char *sentence;
} wrong_thread[] = {
	{ call_submit, "failover_submit() called on a thread that is not the engine's" },
	{ call_timeout, "failover_handle_timeout() called on a thread that" },
	{ call_deadline, "failover_next_deadline() called on a thread that" },
	{ call_poll, "failover_poll() called on a thread that" },
	{ call_engine_free, "failover_engine_free() called on a thread that" },
	{ call_dispatch, "failover_dispatch() called on a thread that" },
	{ call_close, "failover_stack_close() called on a thread that" },
	{ call_instance, "failover_stack_instance() called on a thread that" },
	{ call_sent, "host->sent() called on a thread that" },
	{ call_response, "host->response() called on a thread that" },
	{ call_unreachable, "host->unreachable() called on a thread that" },
	{ call_heard, "host->heard() called on a thread that" },
	{ call_log, "host->log() called on a thread that" },
	{ call_random, "host->random() called on a thread that" },
	{ call_now, "host->now() called on a thread that" },
	{ call_extension, "host->get_extension() called on a thread that" },
};

START_TEST(a_call_scene_elsewhere_is_named_and_aborts)
{
	expect_abort(scene_elsewhere, wrong_thread[_i].function, wrong_thread[_i].sentence);
}
END_TEST

START_TEST(a_hook_that_takes_outputs_is_named_and_aborts)
{
	expect_abort(from_a_hook, call_poll, "failover_poll() called from inside a hook");
}
END_TEST

START_TEST(a_hook_that_closes_its_stack_is_named_and_aborts)
{
	expect_abort(from_a_hook, call_close, "failover_stack_close() called from inside a hook");
}
END_TEST

START_TEST(an_engine_freed_under_its_stack_is_named_and_aborts)
{
	expect_abort(from_a_hook, call_engine_free,
		     "failover_engine_free() called while a stack is open");
}
END_TEST

static void hand_over_and_call(struct scene *scene)
{
	failover_stack_set_thread(scene->stack);
	call_dispatch(scene);
}

static void hand_over(struct scene *scene, void (*function)(struct scene *scene))
{
	scene_elsewhere(scene, hand_over_and_call);
	function(scene);
}

START_TEST(the_old_thread_is_a_wrong_one_after_a_hand_over)
{
	expect_abort(hand_over, call_timeout, "failover_handle_timeout() called on a thread that");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("thread_wrong");
	TCase *tcase = tcase_create("wrong");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, a_call_scene_elsewhere_is_named_and_aborts, 0,
			    sizeof(wrong_thread) / sizeof(wrong_thread[0]));
	tcase_add_test(tcase, a_hook_that_takes_outputs_is_named_and_aborts);
	tcase_add_test(tcase, a_hook_that_closes_its_stack_is_named_and_aborts);
	tcase_add_test(tcase, an_engine_freed_under_its_stack_is_named_and_aborts);
	tcase_add_test(tcase, the_old_thread_is_a_wrong_one_after_a_hand_over);
	return bench_main_any(suite);
}
#else
int main(void)
{
	printf("1..0 # SKIP this build does not check threads (configure --enable-debug)\n");
	return EXIT_SUCCESS;
}
#endif
