/* SPDX-License-Identifier: MIT */
/*
 * torture_test.c - the torture messages of RFC 4475, one by one, at the line "user": what is valid
 * is answered, what is not is refused or dropped, and after each of them the line goes on. The
 * messages are seeds of the target `sip` (make-torture). Each stack gives the same answer.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"
#include "sip_bench.h"

const char fuzz_target[] = "torture";

#define DROPPED ""

/* An answer "100" is a call that rings. */
static const struct expectation {
	const char *name, *status;
} expectations[] = {
	/* 3.1.1: valid. Not ours: methods of a registrar (405), dialogs that are not there (481).
	 */
	{ "wsinv", "481" },
	{ "intmeth", "501" },
	{ "esc01", "100" },
	{ "escnull", "405" },
	{ "esc02", "501" },
	{ "lwsdisp", "200" },
	{ "longreq", "100" },
	{ "dblreq", "405" },
	{ "semiuri", "200" },
	{ "transports", "200" },
	{ "mpart01", "405" },
	{ "unreason", DROPPED }, /* responses to nothing */
	{ "noreason", DROPPED },
	/* 3.1.2: invalid */
	{ "badinv01", "400" },
	{ "clerr", "400" },
	{ "ncl", "400" },
	{ "scalar02", "400" },
	{ "scalarlg", DROPPED },
	{ "quotbal", DROPPED }, /* 400, to the port that its Via names */
	{ "ltgtruri", "400" },
	{ "lwsruri", "400" },
	{ "lwsstart", "400" },
	{ "trws", "400" },
	{ "escruri", "400" },
	{ "baddate", "100" }, /* Date is of no concern to a phone: the RFC lets it be ignored */
	{ "regbadct", "405" },
	{ "badaspec", "200" },
	{ "baddn", "200" }, /* liberal, as the RFC allows */
	{ "badvers", "505" },
	{ "mismatch01", "400" },
	{ "mismatch02", "400" },
	{ "bigcode", DROPPED },
	/* 3.2: the transaction layer */
	{ "badbranch", "200" },
	/* 3.3: the application layer */
	{ "insuf", "400" },
	{ "unkscm", "416" },
	{ "novelsc", "416" },
	{ "unksm2", "405" },
	{ "bext01", "420" },
	{ "invut", "415" },
	{ "regaut01", "405" },
	{ "multi01", "400" },
	{ "mcl01", "400" },
	{ "bcast", DROPPED },
	{ "zeromf", "200" }, /* it is for us: nobody forwards it */
	{ "cparam01", "405" },
	{ "cparam02", "405" },
	{ "regescrt", "405" },
	{ "sdp01", "100" }, /* rings: whether the answer suits is found out when there is one */
	/* 3.4: RFC 2543 */
	{ "inv2543", "100" },
};
#define EXPECTATIONS (sizeof(expectations) / sizeof(expectations[0]))

static struct sip_bench bench;

static const char *folder(void)
{
	static char path[3000];
	const char *root = getenv("top_srcdir");

	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/sip", root ? root : ".");
	return path;
}

/* The text of a message; returns its length. */
static size_t load(const char *name, char text[SIP_TEXT])
{
	static uint8_t bytes[SIP_TEXT];
	char path[4000];
	size_t count;
	FILE *file;

	snprintf(path, sizeof(path), "%s/torture-%s", folder(), name);
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s is not there", path);
	count = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	ck_assert_uint_gt(count, 1);
	ck_assert_uint_lt(count, sizeof(bytes));
	ck_assert_uint_eq(bytes[0], '0'); /* a datagram of peer 0 */
	return sip_bench_text(&bench, bytes + 1, count - 1, text);
}

START_TEST(torture_message)
{
	static char text[SIP_TEXT];
	const struct expectation expected = expectations[_i];
	size_t length;

	sip_bench_open(&bench);
	length = load(expected.name, text);
	sip_bench_datagram(&bench, 0, text, length);
	ck_assert_msg(sip_bench_answers(&bench, expected.status), "%s: not \"%s\" but \"%s\"",
		      expected.name, expected.status, bench.last_status);
	ck_assert_uint_eq(bench.incoming, !strcmp(expected.status, "100"));
	sip_bench_datagram(&bench, 0, text, length); /* once more: a retransmission */
	ck_assert_uint_le(bench.incoming, 1);
	sip_bench_goes_on(&bench, 1);
	sip_bench_advance(&bench, 40000);
	sip_bench_close(&bench);
}
END_TEST

START_TEST(every_message_has_its_expectation)
{
	DIR *directory = opendir(folder());
	const struct dirent *entry;
	size_t count = 0;

	ck_assert_ptr_nonnull(directory);
	while ((entry = readdir(directory)))
		count += !strncmp(entry->d_name, "torture-", 8);
	closedir(directory);
	ck_assert_uint_eq(count, 49);
	ck_assert_uint_eq(count, EXPECTATIONS);
}
END_TEST

/* RFC 3261 17.2.3: a branch without the rest of the cookie names no transaction. */
START_TEST(requests_without_a_branch_are_told_apart)
{
	static char text[SIP_TEXT];
	size_t length;
	char *at;

	sip_bench_open(&bench);
	length = load("badbranch", text);
	sip_bench_datagram(&bench, 0, text, length);
	sip_bench_datagram(&bench, 0, text, length);
	at = strstr(text, "OPTIONS\r\nl:"); /* the method of CSeq: another request */
	ck_assert_ptr_nonnull(at);
	at[-2] = '9';
	bench.kept[6][0] = '\0';
	sip_bench_datagram(&bench, 0, text, length);
	ck_assert_ptr_nonnull(strstr(bench.kept[6], "CSeq: 9 OPTIONS"));
	sip_bench_close(&bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("torture");
	TCase *tcase = tcase_create("torture");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, torture_message, 0, EXPECTATIONS);
	tcase_add_test(tcase, every_message_has_its_expectation);
	tcase_add_test(tcase, requests_without_a_branch_are_told_apart);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
