/* SPDX-License-Identifier: MIT */
/* web_parts_test.c - the parts of the page's server that need no connection: sessions, tries,
 * passwords, devices, history, counts. */
#include "../../programs/web/device.h"
#include "../../programs/web/history.h"
#include "../../programs/web/limiter.h"
#include "../../programs/web/metrics.h"
#include "../../programs/web/metrics_table.h"
#include "../../programs/web/password.h"
#include "../../programs/web/session.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOUR_MS 3600000u

/* ---- history ------------------------------------------------------------------------------- */

START_TEST(history_keeps_the_last_ones)
{
	static struct web_history history;
	const struct web_decision *decision;
	char text[16];

	web_history_init(&history, 5000);
	ck_assert_ptr_null(web_history_after(&history, 0));
	for (int i = 0; i < 500; i++) {
		snprintf(text, sizeof(text), "%d", i);
		web_history_add(&history, 1, strdup(text));
	}
	decision = web_history_after(&history, 0);
	ck_assert_ptr_nonnull(decision);
	ck_assert_uint_eq(decision->id, 5300);
	ck_assert_str_eq(decision->text, "300");
	ck_assert_str_eq(web_history_after(&history, 5300)->text, "301");
	ck_assert_str_eq(web_history_after(&history, 5498)->text, "499");
	ck_assert_ptr_null(web_history_after(&history, 5499));
	ck_assert_ptr_null(web_history_after(&history, UINT64_MAX));
	web_history_clear(&history);
}
END_TEST

/* ---- tries --------------------------------------------------------------------------------- */

START_TEST(each_wrong_password_makes_its_sender_wait_longer)
{
	static const uint32_t waits[] = { 0, 0, 0, 1, 2, 4, 8, 16, 30, 30 };
	static struct web_limiter limiter;
	uint64_t now = HOUR_MS;

	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		if (waits[i] > 0)
			ck_assert_uint_eq(web_limiter_try(&limiter, 1, now), waits[i]);
		now += waits[i] * 1000;
		ck_assert_uint_eq(web_limiter_try(&limiter, 1, now), 0);
		ck_assert_uint_eq(web_limiter_try(&limiter, 2 + i, now), 0); /* nobody else does */
	}
	web_limiter_right(&limiter, 1);
	ck_assert_uint_eq(web_limiter_try(&limiter, 1, now), 0);
	ck_assert_uint_eq(web_limiter_try(&limiter, 1, now), 0);
}
END_TEST

START_TEST(ten_thousand_senders_are_bounded_and_forgotten)
{
	static struct web_limiter limiter;

	for (uint64_t key = 1; key <= 10000; key++)
		ck_assert_uint_eq(web_limiter_try(&limiter, key, HOUR_MS + key), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(web_limiter_try(&limiter, 10000, 2 * HOUR_MS), 0);
	ck_assert_uint_eq(web_limiter_try(&limiter, 10000, 2 * HOUR_MS), 1);
	/* After some quiet it begins anew. */
	ck_assert_uint_eq(web_limiter_try(&limiter, 10000, 3 * HOUR_MS), 0);
	ck_assert_uint_eq(web_limiter_try(&limiter, 10000, 3 * HOUR_MS), 0);
}
END_TEST

/* ---- sessions ------------------------------------------------------------------------------ */

START_TEST(a_session_ends_when_it_is_not_used)
{
	static struct web_sessions sessions;
	char token[WEB_TOKEN_TEXT];
	struct web_session *session = web_session_new(&sessions, HOUR_MS, token);

	ck_assert_uint_eq(strlen(token), 64);
	ck_assert_ptr_eq(web_session_find(&sessions, token, HOUR_MS + 1799000), session);
	ck_assert_ptr_eq(web_session_find(&sessions, token, HOUR_MS + 2 * 1799000), session);
	ck_assert_ptr_null(web_session_find(&sessions, token, HOUR_MS + 4 * 1799000));
	ck_assert_ptr_null(web_session_find(&sessions, "", HOUR_MS));
	ck_assert(web_session_csrf_is(session, session->csrf));
	ck_assert(!web_session_csrf_is(session, token));
	ck_assert(!web_session_csrf_is(session, ""));
	web_session_end(session);
	ck_assert_ptr_null(web_session_find(&sessions, token, HOUR_MS));
}
END_TEST

START_TEST(a_session_that_watches_ends_after_half_a_day)
{
	static struct web_sessions sessions;
	char token[WEB_TOKEN_TEXT];
	struct web_session *session = web_session_new(&sessions, 0, token);

	session->streams = 1;
	ck_assert_ptr_eq(web_session_find(&sessions, token, 11 * HOUR_MS), session);
	ck_assert_uint_eq(web_session_left_s(session, 11 * HOUR_MS), 3600);
	ck_assert_ptr_null(web_session_find(&sessions, token, 12 * HOUR_MS));
}
END_TEST

START_TEST(too_many_sessions_end_the_one_unused_longest)
{
	static struct web_sessions sessions;
	char first[WEB_TOKEN_TEXT], second[WEB_TOKEN_TEXT], token[WEB_TOKEN_TEXT];

	ck_assert_ptr_nonnull(web_session_new(&sessions, 1, first));
	ck_assert_ptr_nonnull(web_session_new(&sessions, 2, second));
	for (uint32_t i = 2; i < WEB_SESSIONS; i++)
		ck_assert_ptr_nonnull(web_session_new(&sessions, 3, token));
	ck_assert_ptr_nonnull(web_session_find(&sessions, first, 4));
	ck_assert_ptr_nonnull(web_session_new(&sessions, 5, token));
	ck_assert_ptr_nonnull(web_session_find(&sessions, first, 6));
	ck_assert_ptr_null(web_session_find(&sessions, second, 6));
	ck_assert_ptr_nonnull(web_session_find(&sessions, token, 6));
}
END_TEST

/* ---- passwords ----------------------------------------------------------------------------- */

START_TEST(a_hash_is_written_and_read)
{
	struct web_hash hash, again;
	char text[WEB_HASH_TEXT], second[WEB_HASH_TEXT];

	ck_assert_int_eq(web_hash_make("correct horse", &hash), 0);
	web_hash_text(&hash, text);
	ck_assert_int_eq(strncmp(text, "$scrypt$ln=14,r=8,p=5$", 22), 0);
	ck_assert_ptr_null(strstr(text, "correct"));
	ck_assert_int_eq(web_hash_parse(text, &again), 0);
	web_hash_text(&again, second);
	ck_assert_str_eq(second, text);
	ck_assert_int_eq(web_hash_is(&again, "correct horse"), 1);
	ck_assert_int_eq(web_hash_is(&again, "correct horse "), 0);
	ck_assert_int_eq(web_hash_is(&again, ""), 0);
}
END_TEST

/* Made with Python's hashlib.scrypt(). */
START_TEST(a_hash_of_other_costs_is_read)
{
	struct web_hash hash;

	ck_assert_int_eq(web_hash_parse("$scrypt$ln=12,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
					"ejr8dpc6D4ERp8iCpRi3mVGynVTX0sO32XWtClKy7PM",
					&hash),
			 0);
	ck_assert_int_eq(web_hash_is(&hash, "pleaseletmein"), 1);
	ck_assert_int_eq(web_hash_is(&hash, "pleaseletmeout"), 0);
}
END_TEST

static const char *const no_hashes[] = {
	"",
	"$scrypt$",
	"$scrypt$ln=14,r=8,p=5$",
	"$scrypt$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$",
	"$scrypt$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
	"$scrypt$ln=14,r=8,p=5$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	"$scrypt$ln=9,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	"$scrypt$ln=20,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	"$scrypt$ln=99,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	"$scrypt$ln=14,r=0,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	"$scrypt$ln=14,r=8,p=0$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	"$scrypt$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAA!AA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	"$scrypt$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ",
};

START_TEST(what_is_no_hash_is_refused)
{
	struct web_hash hash;

	ck_assert_int_eq(web_hash_parse(no_hashes[_i], &hash), -1);
}
END_TEST

static char folder[64], file[96], why[256];

static void folder_make(void)
{
	strcpy(folder, "/tmp/web-parts-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/password", folder);
	*why = '\0';
}

static void folder_remove(void)
{
	unlink(file);
	ck_assert_int_eq(rmdir(folder), 0); /* nothing else is left there */
}

static void file_put(const char *text, mode_t mode)
{
	FILE *stream = fopen(file, "w");

	ck_assert_ptr_nonnull(stream);
	fputs(text, stream);
	fclose(stream);
	chmod(file, mode);
}

static void file_get(char *text, int size)
{
	FILE *stream = fopen(file, "r");

	ck_assert_ptr_nonnull(stream);
	ck_assert_ptr_nonnull(fgets(text, size, stream));
	fclose(stream);
}

START_TEST(without_a_file_one_is_made)
{
	struct web_hash hash, again;
	struct stat status;
	char made[24], second[24];

	ck_assert_int_eq(web_password_load(file, &hash, made, why, sizeof(why)), 0);
	ck_assert_uint_eq(strlen(made), 19);
	ck_assert_int_eq(stat(file, &status), 0);
	ck_assert_int_eq(status.st_mode & 0777, 0600);
	ck_assert_int_eq(web_password_load(file, &again, second, why, sizeof(why)), 0);
	ck_assert_str_eq(second, "");
	ck_assert_int_eq(web_hash_is(&again, made), 1);
	ck_assert_int_eq(web_password_load(NULL, &again, second, why, sizeof(why)), 0);
	ck_assert_str_ne(second, made);
}
END_TEST

START_TEST(a_password_in_plain_text_becomes_its_hash)
{
	struct web_hash hash;
	char made[24], text[256];

	file_put("my long password\n", 0644);
	ck_assert_int_eq(web_password_load(file, &hash, made, why, sizeof(why)), 0);
	ck_assert_str_eq(made, "");
	ck_assert_int_eq(web_hash_is(&hash, "my long password"), 1);
	file_get(text, sizeof(text));
	ck_assert_int_eq(strncmp(text, "$scrypt$", 8), 0);
}
END_TEST

static const struct {
	const char *text;
	mode_t mode;
	const char *why;
} bad_files[] = {
	{ "short\n", 0600, "8 to 256 characters" },
	{ "\n", 0600, "8 to 256 characters" },
	{ "$scrypt$ln=14\n", 0600, "cannot be read" },
	{ "my long password\n", 0622, "chmod 600" },
	{ "my long password\nline 1 {\n", 0600, "more than one line" },
	{ "# my long comment\r\n\r\nsip_port = 5060\r\n", 0600, "more than one line" },
};

START_TEST(a_bad_password_file_is_refused)
{
	struct web_hash hash;
	char made[24], text[256];

	file_put(bad_files[_i].text, bad_files[_i].mode);
	ck_assert_int_eq(web_password_load(file, &hash, made, why, sizeof(why)), -1);
	ck_assert_msg(strstr(why, bad_files[_i].why), "%s", why);
	ck_assert_ptr_null(strstr(why, "my long"));
	file_get(text, sizeof(text)); /* it may be any file of somebody's */
	ck_assert_int_eq(strncmp(text, bad_files[_i].text, strlen(text)), 0);
}
END_TEST

/* Two phones that start at once with a file that is not there yet. */
START_TEST(one_of_two_makes_the_password)
{
	struct web_hash mine, other;
	char made[2][24] = { "", "" }, text[2][WEB_HASH_TEXT], error;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	if (fork() == 0) {
		error = (char)web_password_load(file, &other, made[1], why, sizeof(why));
		_exit(write(ends[1], &error, 1) != 1 || write(ends[1], made[1], 24) != 24 ||
		      write(ends[1], &other, sizeof(other)) != sizeof(other));
	}
	ck_assert_int_eq(web_password_load(file, &mine, made[0], why, sizeof(why)), 0);
	ck_assert_int_eq(read(ends[0], &error, 1), 1);
	ck_assert_int_eq(error, 0);
	ck_assert_int_eq(read(ends[0], made[1], 24), 24);
	ck_assert_int_eq(read(ends[0], &other, sizeof(other)), sizeof(other));
	wait(NULL);
	web_hash_text(&mine, text[0]);
	web_hash_text(&other, text[1]);
	ck_assert_str_eq(text[0], text[1]);
	ck_assert_int_ne(*made[0] != '\0', *made[1] != '\0'); /* printed once */
	ck_assert_int_eq(web_hash_is(&mine, *made[0] ? made[0] : made[1]), 1);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* ---- devices ------------------------------------------------------------------------------- */

START_TEST(only_our_own_devices_are_known)
{
	const unsigned char key[32] = { 1 }, other[32] = { 2 };
	char text[WEB_DEVICE_TEXT], second[WEB_DEVICE_TEXT];

	ck_assert_int_eq(web_device_new(key, text), 0);
	ck_assert_int_eq(web_device_new(key, second), 0);
	ck_assert_uint_eq(strlen(text), WEB_DEVICE_TEXT - 1);
	ck_assert_uint_ne(web_device_key(key, text), 0);
	ck_assert_uint_ne(web_device_key(key, text), web_device_key(key, second));
	ck_assert_uint_eq(web_device_key(other, text), 0);
	ck_assert_uint_eq(web_device_key(key, ""), 0);
	text[0] ^= 1;
	ck_assert_uint_eq(web_device_key(key, text), 0);
}
END_TEST

/* ---- counts -------------------------------------------------------------------------------- */

static void event_take(struct web_metrics *metrics, const char *text)
{
	json_t *event = json_loads(text, 0, NULL);

	ck_assert_ptr_nonnull(event);
	web_metrics_event(metrics, event);
	json_decref(event);
}

static char *scraped(const struct web_metrics *metrics, int openmetrics)
{
	const struct web_metrics_scrape scrape = { .program = "p",
						   .version = "1",
						   .openmetrics = openmetrics };
	char *text = web_metrics_text(metrics, &scrape);

	ck_assert_ptr_nonnull(text);
	return text;
}

#define A "192.0.2.1:5060;transport=udp"

START_TEST(a_failover_is_counted)
{
	struct web_metrics *metrics = web_metrics_new();
	char *text;

	event_take(metrics, "{\"t\":1.0,\"line\":1,\"event\":\"attempt\",\"request\":7,\"method\":"
			    "\"REGISTER\",\"target\":\"" A "\"}");
	event_take(metrics,
		   "{\"t\":4.5,\"line\":1,\"event\":\"unavailable\",\"method\":\"REGISTER\","
		   "\"target\":\"" A "\",\"reason\":\"no-answer\"}");
	event_take(metrics, "{\"t\":4.5,\"line\":1,\"event\":\"attempt\",\"request\":7,\"method\":"
			    "\"REGISTER\",\"target\":\"b\"}");
	event_take(metrics, "{\"t\":4.6,\"line\":1,\"event\":\"response\",\"request\":7,\"method\":"
			    "\"REGISTER\",\"target\":\"b\",\"status\":401}");
	event_take(metrics, "{\"t\":4.7,\"line\":1,\"event\":\"response\",\"request\":7,\"method\":"
			    "\"REGISTER\",\"target\":\"b\",\"status\":200}");
	event_take(metrics, "{\"t\":4.7,\"line\":1,\"event\":\"moved\",\"kind\":\"failover\","
			    "\"method\":\"REGISTER\"}");
	event_take(metrics, "{\"t\":5.0,\"line\":1,\"event\":\"attempt\",\"request\":8,\"method\":"
			    "\"INVITE\",\"target\":\"" A "\"}");
	event_take(metrics, "{\"t\":8.5,\"line\":1,\"event\":\"attempt\",\"request\":8,\"method\":"
			    "\"INVITE\",\"target\":\"b\"}");
	event_take(metrics, "{\"t\":8.6,\"line\":1,\"event\":\"response\",\"request\":8,\"method\":"
			    "\"INVITE\",\"target\":\"" A "\",\"status\":180}");
	text = scraped(metrics, 1);
	ck_assert_ptr_nonnull(strstr(text, "failover_late_answers_total{target=\"" A "\"} 1\n"));
	ck_assert_ptr_nonnull(
		strstr(text, "failover_attempts_total{method=\"REGISTER\",target=\"" A "\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(text, "failover_failures_total{method=\"REGISTER\",target=\"" A
					   "\",reason=\"no-answer\"} 1\n"));
	ck_assert_ptr_nonnull(
		strstr(text, "failover_moves_total{kind=\"failover\",method=\"REGISTER\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(text, "failover_time_to_service_seconds_bucket{method="
					   "\"REGISTER\",le=\"2.0\"} 0\n"));
	ck_assert_ptr_nonnull(strstr(text, "failover_time_to_service_seconds_bucket{method="
					   "\"REGISTER\",le=\"4.0\"} 1\n"));
	ck_assert_ptr_nonnull(
		strstr(text, "failover_time_to_service_seconds_sum{method=\"REGISTER\"} 3.700\n"));
	ck_assert_ptr_nonnull(strstr(text, "# TYPE failover_moves counter\n"));
	ck_assert_str_eq(text + strlen(text) - 6, "# EOF\n");
	free(text);
	text = scraped(metrics, 0);
	ck_assert_ptr_nonnull(strstr(text, "# TYPE failover_moves_total counter\n"));
	ck_assert_ptr_null(strstr(text, "# EOF"));
	free(text);
	web_metrics_free(metrics);
}
END_TEST

START_TEST(counts_are_bounded)
{
	struct web_metrics *metrics = web_metrics_new();
	char text[128], *all;

	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text),
			 "{\"event\":\"connection-lost\",\"target\":\"host-%d\"}", i);
		event_take(metrics, text);
	}
	all = scraped(metrics, 0);
	ck_assert_ptr_nonnull(strstr(all, "target=\"host-1023\"} 1\n"));
	ck_assert_ptr_null(strstr(all, "target=\"host-1024\"}"));
	ck_assert_ptr_nonnull(strstr(all, "failover_counts_dropped_total 3976\n"));
	free(all);
	web_metrics_free(metrics);
}
END_TEST

START_TEST(labels_are_escaped_and_cut)
{
	char labels[64] = "";

	web_label_add(labels, sizeof(labels), "a", "x\"y\\z\n");
	ck_assert_str_eq(labels, "a=\"x\\\"y\\\\z\\n\"");
	*labels = '\0';
	web_label_add(labels, 12, "a", "0123456789\"\"\"\"\"\"");
	ck_assert_uint_lt(strlen(labels), 12);
	ck_assert_int_eq(labels[strlen(labels) - 1], '"');
}
END_TEST

/* A user may have 255 bytes; a character that is cut would make the whole page unreadable. */
START_TEST(the_longest_user_is_a_label)
{
	struct web_metrics *metrics = web_metrics_new();
	struct web_metrics_scrape scrape = { .program = "p", .version = "1", .users = 1 };
	char user[256] = "", *text;

	for (int i = 0; i < 84; i++)
		strcat(user, "\xe4\xb8\xad");
	strcat(user, "\"\"\"");
	scrape.status = json_pack("{s:[{s:i, s:s}]}", "lines", "number", 1, "user", user);
	text = web_metrics_text(metrics, &scrape);
	ck_assert_ptr_nonnull(strstr(text, "\xe4\xb8\xad\\\"\\\"\\\"\"} 0\n"));
	free(text);
	json_decref((json_t *)scrape.status);
	web_metrics_free(metrics);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("web");
	TCase *parts = tcase_create("parts"), *files = tcase_create("password file");
	SRunner *runner;
	int failed;

	tcase_set_timeout(parts, 60);
	tcase_add_test(parts, history_keeps_the_last_ones);
	tcase_add_test(parts, each_wrong_password_makes_its_sender_wait_longer);
	tcase_add_test(parts, ten_thousand_senders_are_bounded_and_forgotten);
	tcase_add_test(parts, a_session_ends_when_it_is_not_used);
	tcase_add_test(parts, a_session_that_watches_ends_after_half_a_day);
	tcase_add_test(parts, too_many_sessions_end_the_one_unused_longest);
	tcase_add_test(parts, a_hash_is_written_and_read);
	tcase_add_test(parts, a_hash_of_other_costs_is_read);
	tcase_add_loop_test(parts, what_is_no_hash_is_refused, 0,
			    sizeof(no_hashes) / sizeof(no_hashes[0]));
	tcase_add_test(parts, only_our_own_devices_are_known);
	tcase_add_test(parts, a_failover_is_counted);
	tcase_add_test(parts, counts_are_bounded);
	tcase_add_test(parts, labels_are_escaped_and_cut);
	tcase_add_test(parts, the_longest_user_is_a_label);
	tcase_set_timeout(files, 60);
	tcase_add_checked_fixture(files, folder_make, folder_remove);
	tcase_add_test(files, without_a_file_one_is_made);
	tcase_add_test(files, a_password_in_plain_text_becomes_its_hash);
	tcase_add_test(files, one_of_two_makes_the_password);
	tcase_add_loop_test(files, a_bad_password_file_is_refused, 0,
			    sizeof(bad_files) / sizeof(bad_files[0]));
	suite_add_tcase(suite, parts);
	suite_add_tcase(suite, files);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
