/* SPDX-License-Identifier: MIT */
/* phone_status_test.c - how a line stands, and what would happen to it, as JSON: against an engine
 * whose servers answer as the test says. */
#include "../../programs/phone/phone.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const text = "profile = v3\n"
				"line 1 {\n"
				"  user = \"1001\"\n"
				"  display_name = \"Desk\"\n"
				"  auth_password = \"hush-hush\"\n"
				"  server primary { address = \"192.0.2.1\" }\n"
				"  server backup { address = \"192.0.2.2\" }\n"
				"  jitter = 0\n"
				"  keepalive = off\n"
				"}\n"
				"line 3 { enable = false }\n";

static struct phone phone;
static struct phone_line line;
static uint64_t now;

/* What status.c asks of the rest of the phone. */
uint64_t phone_now(const struct phone *of)
{
	(void)of;
	return now;
}

static void setup(void)
{
	const struct failover_engine_params params = {
		.size = sizeof(params),
		.memory = failover_memory_default(),
	};
	struct failover_target targets[4];
	struct failover_line_params line_params = { .size = sizeof(line_params),
						    .targets = targets };
	char path[] = "/tmp/phone-status-XXXXXX.conf";
	int fd = mkstemps(path, 5);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	memset(&phone, 0, sizeof(phone));
	memset(&line, 0, sizeof(line));
	now = 100000;
	ck_assert_int_eq(failover_config_read(path, NULL, NULL, &phone.config), 0);
	unlink(path);
	ck_assert_int_eq(failover_engine_new(&params, &phone.engine), 0);
	line.config = phone.config->lines[0];
	line.number = 1;
	TAILQ_INIT(&line.calls);
	line_params.targets_count =
		(uint32_t)failover_config_targets(line.config, NULL, NULL, targets, 4);
	line_params.registrars = 2;
	line_params.settings = line.config->settings;
	ck_assert_int_eq(failover_line_add(phone.engine, &line_params, now, &line.id), 0);
	ck_assert_int_eq(phone_map_put(&phone.lines_by_number, 1, &line), 0);
}

static void teardown(void)
{
	failover_engine_free(phone.engine);
	failover_config_free(phone.config);
	phone_map_clear(&phone.lines_by_number);
}

/* Hand out what the engine says, as the phone does; returns the last attempt. */
static uint64_t drain(void)
{
	struct failover_output out;
	uint64_t attempt = 0;

	while (failover_poll(phone.engine, &out)) {
		if (out.kind == FAILOVER_OUTPUT_ATTEMPT)
			attempt = out.u.attempt.id;
		if (out.kind == FAILOVER_OUTPUT_EVENT)
			phone_status_event(&line, &out.u.event);
	}
	return attempt;
}

/* The first server answers 503, the second 200. */
static void serve_at_backup(void)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = 503 };

	failover_register(phone.engine, line.id, now);
	failover_response(phone.engine, drain(), &answer, now);
	answer.status = 200;
	answer.expires_s = 600;
	failover_response(phone.engine, drain(), &answer, now);
	drain();
}

static const char *string_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static json_int_t number_of(const json_t *object, const char *key)
{
	ck_assert_msg(json_is_integer(json_object_get(object, key)), "%s is no number", key);
	return json_integer_value(json_object_get(object, key));
}

static int is_null(const json_t *object, const char *key)
{
	return json_is_null(json_object_get(object, key));
}

START_TEST(a_line_that_is_served_by_its_backup)
{
	json_t *status, *target;
	char *all;

	serve_at_backup();
	now += 10000;
	status = phone_status_line(&phone, 1);
	ck_assert_str_eq(string_of(status, "state"), "registered");
	ck_assert_str_eq(string_of(status, "user"), "1001");
	ck_assert_str_eq(string_of(status, "display_name"), "Desk");
	ck_assert_int_eq(number_of(status, "serving"), 1);
	ck_assert_int_eq(number_of(status, "expires"), 600);
	ck_assert_int_eq(number_of(status, "registered_for"), 590);
	ck_assert_int_eq(number_of(status, "next_refresh"), 530);
	ck_assert_int_eq(number_of(status, "next_probe"), 1790);
	ck_assert_int_ge(number_of(status, "serving_since"), 1000000);
	ck_assert(json_is_false(json_object_get(status, "pinned")));
	target = json_array_get(json_object_get(status, "targets"), 0);
	ck_assert_int_eq(number_of(target, "index"), 0);
	ck_assert_str_eq(string_of(target, "target"), "192.0.2.1:5060;transport=udp");
	ck_assert_str_eq(string_of(target, "name"), "primary");
	ck_assert_str_eq(string_of(target, "health"), "dead");
	ck_assert_str_eq(string_of(target, "reason"), "status-503");
	ck_assert(is_null(target, "until"));
	target = json_array_get(json_object_get(status, "targets"), 1);
	ck_assert_str_eq(string_of(target, "health"), "serving");
	ck_assert(is_null(target, "reason"));
	all = json_dumps(status, 0);
	ck_assert_ptr_null(strstr(all, "hush"));
	free(all);
	json_decref(status);
}
END_TEST

START_TEST(a_pinned_line_has_no_next_probe)
{
	json_t *status;

	serve_at_backup();
	ck_assert_int_eq(failover_pin(phone.engine, line.id, 1, now), 0);
	status = phone_status_line(&phone, 1);
	ck_assert(json_is_true(json_object_get(status, "pinned")));
	ck_assert(is_null(status, "next_probe"));
	json_decref(status);
}
END_TEST

START_TEST(who_asks_to_be_left_alone_says_until_when)
{
	struct failover_answer answer = { .size = sizeof(answer),
					  .status = 503,
					  .retry_after_s = 120 };
	json_t *status, *target;

	failover_register(phone.engine, line.id, now);
	failover_response(phone.engine, drain(), &answer, now);
	drain();
	now += 2000;
	failover_handle_timeout(phone.engine, now);
	drain();
	status = phone_status_line(&phone, 1);
	ck_assert_str_eq(string_of(status, "state"), "registering");
	ck_assert(is_null(status, "serving"));
	ck_assert(is_null(status, "registered_for"));
	target = json_array_get(json_object_get(status, "targets"), 0);
	ck_assert_str_eq(string_of(target, "health"), "asked-to-wait");
	ck_assert_int_eq(number_of(target, "until"), 118);
	json_decref(status);
}
END_TEST

START_TEST(calls_are_listed)
{
	struct phone_call call = { .line = &line, .id = 7, .state = CALL_UP, .target_known = 1 };
	json_t *status, *one;

	serve_at_backup();
	failover_target_set(&call.target, "192.0.2.2", 5060, FAILOVER_UDP);
	TAILQ_INSERT_HEAD(&line.calls, &call, entries);
	status = phone_status_line(&phone, 1);
	one = json_array_get(json_object_get(status, "calls"), 0);
	ck_assert_int_eq(number_of(one, "id"), 7);
	ck_assert_str_eq(string_of(one, "state"), "up");
	ck_assert_str_eq(string_of(one, "target"), "192.0.2.2:5060;transport=udp");
	json_decref(status);
}
END_TEST

START_TEST(lines_that_are_off_are_there_too)
{
	json_t *list = phone_status_lines(&phone), *off = json_array_get(list, 1);

	ck_assert_uint_eq(json_array_size(list), 2);
	ck_assert_str_eq(string_of(json_array_get(list, 0), "state"), "unregistered");
	ck_assert_int_eq(number_of(off, "number"), 3);
	ck_assert_str_eq(string_of(off, "state"), "off");
	ck_assert(json_is_false(json_object_get(off, "enabled")));
	ck_assert_uint_eq(json_array_size(json_object_get(off, "targets")), 0);
	ck_assert_uint_eq(json_object_size(off), json_object_size(json_array_get(list, 0)));
	ck_assert_ptr_null(phone_status_line(&phone, 2));
	ck_assert_ptr_null(phone_status_plan(&phone, 3));
	json_decref(list);
}
END_TEST

/* At the primary, so the call needs a REGISTER at the backup (B5). */
START_TEST(B20a_the_plan_of_a_call)
{
	static const char *const words[] = { "send", "move", "register", "give-up" };
	static const double times[] = { 0, 3.5, 3.5, 35.5 };
	struct failover_answer answer = { .size = sizeof(answer), .status = 200 };
	json_t *plan, *invite, *steps;
	size_t i;

	failover_register(phone.engine, line.id, now);
	failover_response(phone.engine, drain(), &answer, now);
	drain();
	plan = phone_status_plan(&phone, 1);
	ck_assert_int_eq(number_of(plan, "line"), 1);
	invite = json_array_get(json_object_get(plan, "methods"), 1);
	ck_assert_str_eq(string_of(invite, "method"), "INVITE");
	steps = json_object_get(invite, "steps");
	ck_assert_uint_eq(json_array_size(steps), 4);
	for (i = 0; i < 4; i++) {
		const json_t *step = json_array_get(steps, i);

		ck_assert_str_eq(string_of(step, "what"), words[i]);
		ck_assert(json_real_value(json_object_get(step, "at")) == times[i]);
		ck_assert_int_eq(number_of(step, "target"), (json_int_t)i / 2);
	}
	ck_assert_str_eq(string_of(json_array_get(steps, 0), "text"),
			 "INVITE to primary: 3 packets, 3.5 s for an answer");
	ck_assert_str_eq(string_of(json_array_get(steps, 2), "text"),
			 "REGISTER to backup first: 11 packets, 32 s for an answer; on 200 the "
			 "request follows");
	ck_assert_str_eq(string_of(json_array_get(steps, 3), "text"),
			 "no answer from backup: the request fails");
	ck_assert(json_real_value(json_object_get(invite, "service_at")) == 3.5);
	ck_assert(json_real_value(json_object_get(invite, "fails_at")) == 35.5);
	json_decref(plan);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("phone_status");
	TCase *tcase = tcase_create("status");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_line_that_is_served_by_its_backup);
	tcase_add_test(tcase, a_pinned_line_has_no_next_probe);
	tcase_add_test(tcase, who_asks_to_be_left_alone_says_until_when);
	tcase_add_test(tcase, calls_are_listed);
	tcase_add_test(tcase, lines_that_are_off_are_there_too);
	tcase_add_test(tcase, B20a_the_plan_of_a_call);
	if (failover_profile_available(FAILOVER_PROFILE_V3) != 0) {
		printf("1..0 # SKIP V3 is left out of this build\n");
		return 0;
	}
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
