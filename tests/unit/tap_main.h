/* SPDX-License-Identifier: MIT */
/* tap_main.h - the main() of a suite with one case: TAP on standard output, in a status what it
 * came to. */
#ifndef TAP_MAIN_H
#define TAP_MAIN_H

#include <check.h>
#include <stdlib.h>

#define TAP_SECONDS 120 /* for each test, where add() says nothing else */

static inline int tap_main(const char *name, void (*add)(TCase *))
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, TAP_SECONDS);
	add(tcase);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
