/* SPDX-License-Identifier: MIT */
/* phone_loop_test.c - the phone's loop: its timer and its clock. */
#define _GNU_SOURCE /* unshare */
#include <check.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../../programs/phone/loop.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#define SLEPT_S 100000

struct scene {
	struct phone_loop *loop;
	unsigned due;
	uint64_t again_ms; /* when it is armed again */
};

static void on_due(void *user)
{
	struct scene *scene = user;

	if (++scene->due == 3)
		phone_loop_end(scene->loop);
	else
		phone_loop_arm(scene->loop, scene->again_ms);
}

static void on_ready(void *user, const struct failover_io_fd *ready)
{
	(void)user, (void)ready;
}

static int on_input(void *user)
{
	(void)user;
	return 1;
}

static void on_stop(void *user)
{
	(void)user;
}

static void open_loop(struct scene *scene)
{
	struct phone_loop_handlers handlers = {
		.user = scene, .ready = on_ready, .due = on_due, .input = on_input, .stop = on_stop
	};

	memset(scene, 0, sizeof(*scene));
	scene->loop = phone_loop_new(&handlers);
	ck_assert_ptr_nonnull(scene->loop);
}

/* Of the timers of this process, those of this clock. */
static unsigned timers_of(int clock)
{
	char path[64], line[128];
	unsigned found = 0;
	int fd, is;
	FILE *file;

	for (fd = 0; fd < 256; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
		file = fopen(path, "re");
		while (file && fgets(line, sizeof(line), file))
			found += sscanf(line, "clockid: %d", &is) == 1 && is == clock;
		if (file)
			fclose(file);
	}
	return found;
}

START_TEST(B24d_the_timer_goes_on_while_the_device_sleeps)
{
	struct scene scene;

	open_loop(&scene);
	phone_loop_arm(scene.loop, 1000);
	ck_assert_uint_eq(timers_of(CLOCK_BOOTTIME), 1);
	phone_loop_free(scene.loop);
	ck_assert_uint_eq(timers_of(CLOCK_BOOTTIME), 0);
}
END_TEST

/* A clock that has gone on for a day longer than the other, as after a day's sleep. */
START_TEST(B24d_the_clock_counts_what_was_slept)
{
	struct timespec awake;
	int status, offsets;
	pid_t child;

	if (unshare(CLONE_NEWTIME))
		return; /* not permitted here */
	offsets = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(offsets, 0);
	ck_assert_int_ge(dprintf(offsets, "boottime %d 0\n", SLEPT_S), 0);
	close(offsets);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (!child) {
		clock_gettime(CLOCK_MONOTONIC, &awake);
		_exit(phone_loop_clock() / 1000 >= (uint64_t)awake.tv_sec + SLEPT_S ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(the_timer_fires_as_often_as_it_is_armed)
{
	struct scene scene;
	uint64_t before = phone_loop_clock();

	open_loop(&scene);
	scene.again_ms = 5;
	phone_loop_arm(scene.loop, UINT64_MAX);
	phone_loop_arm(scene.loop, 0); /* the last call counts */
	ck_assert_int_eq(phone_loop_run(scene.loop), 0);
	ck_assert_uint_eq(scene.due, 3);
	ck_assert_uint_ge(phone_loop_clock() - before, 10);
	phone_loop_free(scene.loop);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("phone_loop");
	TCase *tcase = tcase_create("phone_loop");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, B24d_the_timer_goes_on_while_the_device_sleeps);
	tcase_add_test(tcase, B24d_the_clock_counts_what_was_slept);
	tcase_add_test(tcase, the_timer_fires_as_often_as_it_is_armed);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
