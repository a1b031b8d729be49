/* SPDX-License-Identifier: MIT */
/* pjsip_log_test.c - PJSIP's log is the process's: never on standard output while the plugin is
 * open, and the program's own again afterwards. */
#include <pjlib.h>
#include <unistd.h>
#include "plugin_bench.h"

#define LEVEL 4
#define TEXT_MOST 4096

/* What goes to a descriptor from here on, goes to a file. */
struct caught {
	FILE *file;
	int fd, before;
};

static void catch (struct caught *caught, int fd)
{
	fflush(NULL);
	caught->file = tmpfile();
	ck_assert_ptr_nonnull(caught->file);
	caught->fd = fd;
	caught->before = dup(fd);
	ck_assert_int_ge(dup2(fileno(caught->file), fd), 0);
}

static void let_go(struct caught *caught, char text[TEXT_MOST])
{
	size_t count;

	fflush(NULL);
	ck_assert_int_ge(dup2(caught->before, caught->fd), 0);
	close(caught->before);
	rewind(caught->file);
	count = fread(text, 1, TEXT_MOST - 1, caught->file);
	text[count] = '\0';
	fclose(caught->file);
}

/* An error, a warning, and what PJSIP itself has to say of itself and of a message. */
static void log_much(struct bench *bench)
{
	char got[BENCH_TEXT];

	PJ_LOG(1, ("test", "an error"));
	PJ_LOG(2, ("test", "a warning"));
	if (!bench)
		return;
	peer_say(bench, 0,
		 "OPTIONS sip:1001:secret@[::1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;rport;"
		 "branch=z9hG4bK1\r\nFrom: <sip:b@c>;tag=1\r\nTo: <sip:1001@primary.example>\r\n"
		 "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
	peer_expect(bench, 0, "SIP/2.0 ", got);
}

START_TEST(log_never_reaches_standard_output)
{
	struct caught out, err;
	char out_text[TEXT_MOST], err_text[TEXT_MOST];
	struct bench first, second;

	pj_log_set_level(LEVEL);
	catch (&out, STDOUT_FILENO);
	catch (&err, STDERR_FILENO);
	bench_open(&first);
	bench_open(&second);
	log_much(&first);
	bench_close(&first);
	log_much(&second);
	bench_close(&second);
	let_go(&err, err_text);
	let_go(&out, out_text);
	ck_assert_str_eq(out_text, "");
	ck_assert_ptr_nonnull(strstr(err_text, "an error"));
	ck_assert_ptr_null(strstr(err_text, "a warning"));
	ck_assert_ptr_null(strstr(err_text, "secret"));
}
END_TEST

START_TEST(log_is_given_back_with_the_last_instance)
{
	struct bench first, second;

	pj_log_set_level(LEVEL);
	bench_open(&first);
	bench_open(&second);
	ck_assert_int_eq(pj_log_get_level(), 1);
	bench_close(&first);
	ck_assert_int_eq(pj_log_get_level(), 1);
	ck_assert(pj_log_get_log_func() != pj_log_write);
	bench_close(&second);
	ck_assert_int_eq(pj_log_get_level(), LEVEL);
	ck_assert(pj_log_get_log_func() == pj_log_write);
	/* And again. */
	bench_open(&first);
	ck_assert_int_eq(pj_log_get_level(), 1);
	bench_close(&first);
	ck_assert_int_eq(pj_log_get_level(), LEVEL);
}
END_TEST

START_TEST(log_that_the_program_changes_meanwhile_stays)
{
	struct bench bench;

	pj_log_set_level(LEVEL);
	bench_open(&bench);
	pj_log_set_level(3);
	bench_close(&bench);
	ck_assert_int_eq(pj_log_get_level(), 3);
	ck_assert(pj_log_get_log_func() == pj_log_write);
}
END_TEST

static char own_text[TEXT_MOST];

static void own_log(int level, const char *text, int length)
{
	(void)level;
	snprintf(own_text, sizeof(own_text), "%.*s", length, text);
}

START_TEST(log_of_a_program_with_its_own_function_stays_its_own)
{
	struct bench bench;

	pj_log_set_level(LEVEL);
	pj_log_set_log_func(own_log);
	bench_open(&bench);
	ck_assert_int_eq(pj_log_get_level(), LEVEL);
	PJ_LOG(2, ("test", "a warning"));
	ck_assert_ptr_nonnull(strstr(own_text, "a warning"));
	bench_close(&bench);
	ck_assert(pj_log_get_log_func() == own_log);
	ck_assert_int_eq(pj_log_get_level(), LEVEL);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, log_never_reaches_standard_output);
	tcase_add_test(tcase, log_is_given_back_with_the_last_instance);
	tcase_add_test(tcase, log_that_the_program_changes_meanwhile_stays);
	tcase_add_test(tcase, log_of_a_program_with_its_own_function_stays_its_own);
}

int main(void)
{
	return bench_main("log", add);
}
