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
#include "alone.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#define SLEPT_S 100000

struct scene {
	struct phone_loop *loop;
	unsigned due;
	uint64_t again_ms; /* when it is armed again */
	uint64_t slept_ms; /* as it is told */
	int answers[2];	   /* a pipe */
	unsigned heard;	   /* so many, before the first deadline */
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
	struct scene *scene = user;
	char byte;

	ck_assert_int_eq(ready->fd, scene->answers[0]);
	ck_assert_uint_eq(ready->events, FAILOVER_IO_READ);
	/* It may be named once more, after it was heard. */
	scene->heard += read(ready->fd, &byte, 1) == 1 && scene->due == 0;
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

static void on_woke(void *user, uint64_t slept_ms)
{
	struct scene *scene = user;

	scene->slept_ms += slept_ms;
}

static void open_loop(struct scene *scene)
{
	struct phone_loop_handlers handlers = { .user = scene,
						.ready = on_ready,
						.due = on_due,
						.input = on_input,
						.stop = on_stop,
						.woke = on_woke };

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
	struct scene scene;
	int status, offsets;
	pid_t child;

	ck_assert_int_eq(alone_enter(ALONE_TIME), 0);
	offsets = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(offsets, 0);
	ck_assert_int_ge(dprintf(offsets, "boottime %d 0\n", SLEPT_S), 0);
	close(offsets);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (!child) {
		open_loop(&scene);
		clock_gettime(CLOCK_MONOTONIC, &awake);
		_exit(phone_loop_clock(scene.loop) / 1000 >= (uint64_t)awake.tv_sec + SLEPT_S ? 0
											      : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* Whichever of the two the system's poll() names first: the timer is the older descriptor. */
START_TEST(B24d_an_answer_is_heard_before_the_deadline_that_is_due_with_it)
{
	struct scene scene;
	struct failover_io_fd want = { .events = FAILOVER_IO_READ };

	open_loop(&scene);
	ck_assert_int_eq(pipe2(scene.answers, O_NONBLOCK | O_CLOEXEC), 0);
	want.fd = scene.answers[0];
	ck_assert_int_eq(phone_loop_watch(scene.loop, &want, 1), 0);
	ck_assert_int_eq(write(scene.answers[1], "1", 1), 1);
	phone_loop_arm(scene.loop, 0);
	usleep(20000);
	ck_assert_int_eq(phone_loop_run(scene.loop), 0);
	ck_assert_uint_eq(scene.heard, 1);
	phone_loop_free(scene.loop);
	close(scene.answers[0]);
	close(scene.answers[1]);
}
END_TEST

START_TEST(the_timer_fires_as_often_as_it_is_armed)
{
	struct scene scene;
	uint64_t before;

	open_loop(&scene);
	before = phone_loop_clock(scene.loop);
	scene.again_ms = 5;
	phone_loop_arm(scene.loop, UINT64_MAX);
	phone_loop_arm(scene.loop, 0); /* the last call counts */
	ck_assert_int_eq(phone_loop_run(scene.loop), 0);
	ck_assert_uint_eq(scene.due, 3);
	ck_assert_uint_ge(phone_loop_clock(scene.loop) - before, 10);
	ck_assert_uint_eq(scene.slept_ms, 0);
	phone_loop_free(scene.loop);
}
END_TEST

int main(void)
{
	const struct skipped_test sleeping = { B24d_the_clock_counts_what_was_slept,
					       alone_refused(ALONE_TIME) };
	Suite *suite = suite_create("phone_loop");
	TCase *tcase = tcase_create("phone_loop");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, B24d_the_timer_goes_on_while_the_device_sleeps);
	if (!sleeping.why)
		tcase_add_test(tcase, sleeping.test);
	tcase_add_test(tcase, B24d_an_answer_is_heard_before_the_deadline_that_is_due_with_it);
	tcase_add_test(tcase, the_timer_fires_as_often_as_it_is_armed);
	suite_add_tcase(suite, tcase);
	return run_with_skips(suite, &sleeping, sleeping.why ? 1 : 0);
}
