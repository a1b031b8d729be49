/* SPDX-License-Identifier: MIT */
/* option_words.c - the words of the option table as a dictionary of libFuzzer: keys and values. */
#include <stdio.h>
#include <stdlib.h>
#include <libfailover/config/options.h>

int main(void)
{
	for (int scope = FO_LINE; scope < FO_SCOPES; scope++)
		printf("\"%s\"\n", fo_scope_name((enum fo_scope)scope));
	for (size_t i = 0; i < fo_options_count; i++) {
		const struct fo_choice *choice = fo_options[i].choices;

		printf("\"%s\"\n", fo_options[i].key);
		for (; choice && choice->name; choice++)
			printf("\"%s\"\n", choice->name);
	}
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
