/* SPDX-License-Identifier: MIT */
/* phone_json_test.c - failover-phone's JSON events, each kind against its exact text (B20). */
#include "../../programs/phone/json.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST "192.0.2.1:5060;transport=udp"
#define SECOND "[2001:db8::2]:5061;transport=tls"

static struct failover_target first, second;

static void targets_make(void)
{
	ck_assert_int_eq(failover_target_set(&first, "192.0.2.1", 5060, FAILOVER_UDP), 0);
	ck_assert_int_eq(failover_target_set(&second, "2001:db8::2", 5061, FAILOVER_TLS), 0);
}

static struct failover_event event_of(uint32_t kind, uint32_t method)
{
	return (struct failover_event){
		.size = sizeof(struct failover_event),
		.kind = kind,
		.line = 77, /* the engine's id: never shown */
		.method = method,
		.request = 9,
		.attempt = 10,
		.target = first,
	};
}

static void event_is(const struct failover_event *event, const char *expected)
{
	char *text = phone_json_text(phone_json_event(12345, 1, event));

	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(B20_attempt)
{
	struct failover_event event = event_of(FAILOVER_EVENT_ATTEMPT, FAILOVER_REGISTER);

	event_is(&event, "{\"t\":12.345,\"line\":1,\"event\":\"attempt\",\"request\":9,"
			 "\"method\":\"REGISTER\",\"target\":\"" FIRST "\",\"last\":false,"
			 "\"probe\":false}");
	event.flags = FAILOVER_ATTEMPT_LAST | FAILOVER_ATTEMPT_PROBE;
	event_is(&event, "{\"t\":12.345,\"line\":1,\"event\":\"attempt\",\"request\":9,"
			 "\"method\":\"REGISTER\",\"target\":\"" FIRST "\",\"last\":true,"
			 "\"probe\":true}");
}
END_TEST

START_TEST(B20_response)
{
	struct failover_event event = event_of(FAILOVER_EVENT_RESPONSE, FAILOVER_OPTIONS);

	event.status = 200;
	event_is(&event, "{\"t\":12.345,\"line\":1,\"event\":\"response\",\"request\":9,"
			 "\"method\":\"OPTIONS\",\"target\":\"" FIRST "\",\"status\":200}");
}
END_TEST

START_TEST(B20_unavailable)
{
	struct failover_event event = event_of(FAILOVER_EVENT_UNAVAILABLE, FAILOVER_BYE);

	event.reason = FAILOVER_REASON_NO_ANSWER;
	event.transmissions = 3;
	event.elapsed_ms = 3500;
	event_is(&event, "{\"t\":12.345,\"line\":1,\"event\":\"unavailable\",\"method\":\"BYE\","
			 "\"target\":\"" FIRST "\",\"reason\":\"no-answer\",\"transmissions\":3,"
			 "\"elapsed\":3.5}");
}
END_TEST

static const struct reason_row {
	uint32_t reason, status;
	const char *text;
} reasons[] = {
	{ FAILOVER_REASON_NO_ANSWER, 0, "no-answer" },
	{ FAILOVER_REASON_STATUS, 503, "status-503" },
	{ FAILOVER_REASON_STATUS, 500, "status-500" },
	{ FAILOVER_REASON_ICMP, 0, "icmp" },
	{ FAILOVER_REASON_REFUSED, 0, "refused" },
	{ FAILOVER_REASON_RESET, 0, "reset" },
	{ FAILOVER_REASON_CONNECT_TIMEOUT, 0, "connect-timeout" },
	{ FAILOVER_REASON_TLS, 0, "tls" },
	{ FAILOVER_REASON_LOCAL, 0, "local" },
	{ FAILOVER_REASON_BAD_ANSWER, 0, "bad-answer" },
	{ FAILOVER_REASON_UNSUPPORTED, 0, "unsupported" },
};

START_TEST(B4_every_reason_has_its_word)
{
	struct failover_event event = event_of(FAILOVER_EVENT_PROBE_FAILED, FAILOVER_REGISTER);
	char expected[160];

	event.reason = reasons[_i].reason;
	event.status = reasons[_i].status;
	snprintf(expected, sizeof(expected),
		 "{\"t\":12.345,\"line\":1,\"event\":\"probe-failed\",\"target\":\"" FIRST "\","
		 "\"reason\":\"%s\"}",
		 reasons[_i].text);
	event_is(&event, expected);
}
END_TEST

START_TEST(B20_registered)
{
	struct failover_event event = event_of(FAILOVER_EVENT_REGISTERED, 0);

	event.target = second;
	event.seconds = 3600;
	event_is(&event, "{\"t\":12.345,\"line\":1,\"event\":\"registered\",\"target\":\"" SECOND
			 "\",\"expires\":3600}");
}
END_TEST

START_TEST(B20_unregistered)
{
	struct failover_event event = event_of(FAILOVER_EVENT_UNREGISTERED, 0);

	event_is(&event, "{\"t\":12.345,\"line\":1,\"event\":\"unregistered\","
			 "\"reason\":\"request\"}");
	event.reason = FAILOVER_REASON_NO_ANSWER;
	event_is(&event, "{\"t\":12.345,\"line\":1,\"event\":\"unregistered\","
			 "\"reason\":\"no-answer\"}");
}
END_TEST

START_TEST(B8_moved_down_is_failover_B11_moved_up_is_failback)
{
	struct failover_event event = event_of(FAILOVER_EVENT_MOVED, FAILOVER_INVITE);

	event.from = second;
	event.direction = FAILOVER_FAILOVER;
	event_is(&event, "{\"t\":12.345,\"line\":1,\"event\":\"moved\",\"from\":\"" SECOND "\","
			 "\"to\":\"" FIRST "\",\"kind\":\"failover\",\"method\":\"INVITE\"}");
	event.direction = FAILOVER_FAILBACK;
	event_is(&event, "{\"t\":12.345,\"line\":1,\"event\":\"moved\",\"from\":\"" SECOND "\","
			 "\"to\":\"" FIRST "\",\"kind\":\"failback\",\"method\":\"INVITE\"}");
}
END_TEST

START_TEST(B6_request_failed_names_the_reason_of_each_attempt)
{
	struct failover_event event = event_of(FAILOVER_EVENT_REQUEST_FAILED, FAILOVER_INVITE);
	const struct failover_attempt_report reports[] = {
		{ .target = first, .reason = FAILOVER_REASON_ICMP },
		{ .target = second, .reason = FAILOVER_REASON_STATUS, .status = 503 },
	};

	event_is(&event, "{\"t\":12.345,\"line\":1,\"event\":\"request-failed\","
			 "\"method\":\"INVITE\",\"reasons\":[]}");
	event.reports = reports;
	event.reports_count = 2;
	event_is(&event, "{\"t\":12.345,\"line\":1,\"event\":\"request-failed\","
			 "\"method\":\"INVITE\",\"reasons\":[\"icmp\",\"status-503\"]}");
}
END_TEST

START_TEST(B6c_given_up)
{
	struct failover_event event = event_of(FAILOVER_EVENT_GIVEN_UP, FAILOVER_INVITE);

	event_is(&event, "{\"t\":12.345,\"line\":1,\"event\":\"given-up\",\"request\":9,"
			 "\"method\":\"INVITE\"}");
}
END_TEST

START_TEST(B17c_pinned_and_unpinned)
{
	char *text = phone_json_text(phone_json_pin(12345, 1, &second));

	ck_assert_str_eq(text, "{\"t\":12.345,\"line\":1,\"event\":\"pinned\",\"target\":\"" SECOND
			       "\"}");
	free(text);
	text = phone_json_text(phone_json_pin(12345, 1, NULL));
	ck_assert_str_eq(text, "{\"t\":12.345,\"line\":1,\"event\":\"unpinned\"}");
	free(text);
}
END_TEST

START_TEST(B17_network_changed)
{
	char *text = phone_json_text(phone_json_network(12345));

	ck_assert_str_eq(text, "{\"t\":12.345,\"line\":0,\"event\":\"network-changed\"}");
	free(text);
}
END_TEST

START_TEST(B15a_connection_lost)
{
	struct failover_event event = event_of(FAILOVER_EVENT_CONNECTION_LOST, 0);

	event.seconds = 3;
	event_is(&event, "{\"t\":12.345,\"line\":1,\"event\":\"connection-lost\","
			 "\"target\":\"192.0.2.1:5060;transport=udp\",\"again\":3}");
}
END_TEST

START_TEST(B22d_bad_answer)
{
	struct failover_event event = event_of(FAILOVER_EVENT_BAD_ANSWER, FAILOVER_REGISTER);

	event.first_line = "SIP/2.0 200 \"";
	event.why = "CSeq";
	event_is(&event,
		 "{\"t\":12.345,\"line\":1,\"event\":\"bad-answer\",\"method\":\"REGISTER\","
		 "\"target\":\"192.0.2.1:5060;transport=udp\","
		 "\"first_line\":\"SIP/2.0 200 \\\"\",\"reason\":\"CSeq\"}");
	event.first_line = "SIP/2.0 200 \xff"; /* no UTF-8 */
	event_is(&event,
		 "{\"t\":12.345,\"line\":1,\"event\":\"bad-answer\",\"method\":\"REGISTER\","
		 "\"target\":\"192.0.2.1:5060;transport=udp\",\"first_line\":null,"
		 "\"reason\":\"CSeq\"}");
}
END_TEST

START_TEST(call_with_and_without_a_target)
{
	const struct phone_call_news up = { .state = "up", .target = &first, .status = 200 };
	const struct phone_call_news failed = { .state = "failed" };
	const struct phone_call_news emergency = { .state = "calling", .is_emergency = 1 };
	char *text = phone_json_text(phone_json_call(5000, 12, &up));

	ck_assert_str_eq(text, "{\"t\":5.0,\"line\":12,\"event\":\"call\",\"state\":\"up\","
			       "\"target\":\"" FIRST "\",\"status\":200}");
	free(text);
	text = phone_json_text(phone_json_call(0, 12, &emergency));
	ck_assert_str_eq(text, "{\"t\":0.0,\"line\":12,\"event\":\"call\",\"state\":\"calling\","
			       "\"target\":null,\"status\":0,\"emergency\":true}");
	free(text);
	text = phone_json_text(phone_json_call(0, 12, &failed));
	ck_assert_str_eq(text, "{\"t\":0.0,\"line\":12,\"event\":\"call\",\"state\":\"failed\","
			       "\"target\":null,\"status\":0}");
	free(text);
}
END_TEST

START_TEST(B1b_dns_names_what_has_failed)
{
	struct phone_names_news news = {
		.dns = { .name = "v.test", .question = "SRV _sip._udp.v.test", .seconds = 30 },
		.state = "stale",
		.reason = "no DNS server answers",
		.targets_count = 1,
		.targets = { first }
	};
	char *text = phone_json_text(phone_json_dns(5000, 12, &news));

	ck_assert_str_eq(text, "{\"t\":5.0,\"line\":12,\"event\":\"dns\",\"name\":\"v.test\","
			       "\"state\":\"stale\",\"targets\":[\"" FIRST "\"],"
			       "\"reason\":\"no DNS server answers\","
			       "\"question\":\"SRV _sip._udp.v.test\",\"again\":30}");
	free(text);
}
END_TEST

/* Milliseconds as they are, not as a binary fraction has them, also after weeks. */
static void subscription_is(const struct failover_subscription_news *news, const char *expected)
{
	char *text = phone_json_text(phone_json_subscription(12345, 1, news));

	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(B40_subscription_and_notify)
{
	struct failover_subscription_news news = { .size = sizeof(news),
						   .line = 77,
						   .subscription = 9,
						   .what = "message-summary",
						   .kind = FAILOVER_SUBSCRIPTION_ACTIVE,
						   .status = 202,
						   .expires_s = 600,
						   .target = first,
						   .state = "",
						   .type = "",
						   .body = "" };

	subscription_is(&news, "{\"t\":12.345,\"line\":1,\"event\":\"subscription\","
			       "\"subscription\":\"message-summary\",\"state\":\"active\","
			       "\"target\":\"" FIRST "\",\"status\":202,\"expires\":600,"
			       "\"again\":0}");
	news.kind = FAILOVER_SUBSCRIPTION_REFUSED;
	news.status = 489;
	news.expires_s = 0;
	news.again_s = UINT32_MAX;
	subscription_is(&news, "{\"t\":12.345,\"line\":1,\"event\":\"subscription\","
			       "\"subscription\":\"message-summary\",\"state\":\"refused\","
			       "\"target\":\"" FIRST "\",\"status\":489,\"expires\":0,"
			       "\"again\":null}");
	news.kind = FAILOVER_SUBSCRIPTION_NOTIFY;
	news.state = "active";
	news.type = "application/simple-message-summary";
	news.body = "Messages-Waiting: yes\r\n";
	subscription_is(&news, "{\"t\":12.345,\"line\":1,\"event\":\"notify\","
			       "\"subscription\":\"message-summary\",\"target\":\"" FIRST "\","
			       "\"state\":\"active\","
			       "\"type\":\"application/simple-message-summary\","
			       "\"body\":\"Messages-Waiting: yes\\r\\n\"}");
	news.body = "\xff";
	subscription_is(&news, "{\"t\":12.345,\"line\":1,\"event\":\"notify\","
			       "\"subscription\":\"message-summary\",\"target\":\"" FIRST "\","
			       "\"state\":\"active\","
			       "\"type\":\"application/simple-message-summary\",\"body\":null}");
}
END_TEST

START_TEST(time_has_three_places_at_most)
{
	struct failover_event event = event_of(FAILOVER_EVENT_REGISTERED, 0);
	char *text = phone_json_text(phone_json_event(UINT64_C(4000000000001), 1, &event));

	ck_assert_int_eq(strncmp(text, "{\"t\":4000000000.001,", 20), 0);
	free(text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("phone_json");
	TCase *tests = tcase_create("events");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, targets_make, NULL);
	tcase_add_test(tests, B20_attempt);
	tcase_add_test(tests, B20_response);
	tcase_add_test(tests, B20_unavailable);
	tcase_add_loop_test(tests, B4_every_reason_has_its_word, 0,
			    sizeof(reasons) / sizeof(reasons[0]));
	tcase_add_test(tests, B20_registered);
	tcase_add_test(tests, B20_unregistered);
	tcase_add_test(tests, B8_moved_down_is_failover_B11_moved_up_is_failback);
	tcase_add_test(tests, B6_request_failed_names_the_reason_of_each_attempt);
	tcase_add_test(tests, B6c_given_up);
	tcase_add_test(tests, B15a_connection_lost);
	tcase_add_test(tests, B22d_bad_answer);
	tcase_add_test(tests, B17c_pinned_and_unpinned);
	tcase_add_test(tests, B17_network_changed);
	tcase_add_test(tests, call_with_and_without_a_target);
	tcase_add_test(tests, B1b_dns_names_what_has_failed);
	tcase_add_test(tests, B40_subscription_and_notify);
	tcase_add_test(tests, time_has_three_places_at_most);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
