/* SPDX-License-Identifier: MIT */
/* The option table as text for people. */
#include <stdio.h>

#include "value.h"

static const char *scope_title(enum fo_scope scope)
{
	static const char *const titles[FO_SCOPES] = {
		"Global", "line NUMBER", "server primary, server backup, server NAME (in a line)",
		"proxy primary, proxy backup, proxy NAME (in a line)"
	};

	return titles[scope];
}

static void print_option(FILE *stream, const struct fo_option *option, enum fo_scope scope)
{
	char accepted[256];
	const char *initial = option->unset ? option->unset : option->initial;

	if (scope == FO_LINE && fo_option_in(option, FO_GLOBAL))
		initial = "the global value";
	fo_value_accepted(option, FO_ENGLISH, accepted, sizeof(accepted));
	fprintf(stream, "  %s\n", option->key);
	fprintf(stream, "      %s\n", option->help);
	fprintf(stream, "      %s%s; default: %s\n", fo_option_is_list(option) ? "list of " : "",
		accepted, initial);
}

int failover_config_help(void *stream)
{
	FILE *out = stream;

	for (int scope = FO_GLOBAL; scope < FO_SCOPES; scope++) {
		fprintf(out, "%s%s:\n", scope ? "\n" : "", scope_title((enum fo_scope)scope));
		for (size_t i = 0; i < fo_options_count; i++) {
			if (fo_option_in(&fo_options[i], (enum fo_scope)scope))
				print_option(out, &fo_options[i], (enum fo_scope)scope);
		}
	}
	return ferror(out) ? FAILOVER_ERR_IO : FAILOVER_OK;
}
