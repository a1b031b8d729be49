/* SPDX-License-Identifier: MIT */
/* Are two configurations the same? By the option table, so that no item is forgotten. */
#include <string.h>

#include "value.h"

static bool item_equal(const struct fo_option *option, enum fo_scope scope, const void *a,
		       const void *b)
{
	char left[FO_VALUE_SIZE], right[FO_VALUE_SIZE];
	const void *own = fo_option_value(option, scope, a);
	const void *other = fo_option_value(option, scope, b);

	if (fo_option_is_given(option, a) != fo_option_is_given(option, b))
		return false;
	return strcmp(fo_value_text(option, own, left), fo_value_text(option, other, right)) == 0;
}

static bool section_equal(enum fo_scope scope, const void *a, const void *b)
{
	for (size_t i = 0; i < fo_options_count; i++) {
		if (fo_option_in(&fo_options[i], scope) && !fo_options[i].of_file &&
		    !item_equal(&fo_options[i], scope, a, b))
			return false;
	}
	return true;
}

static bool servers_equal(const struct failover_config_line *a,
			  const struct failover_config_line *b)
{
	if (a->servers_count != b->servers_count)
		return false;
	for (uint32_t i = 0; i < a->servers_count; i++) {
		if (strcmp(a->servers[i].name, b->servers[i].name) != 0 ||
		    !section_equal(FO_SERVER, &a->servers[i], &b->servers[i]))
			return false;
	}
	return true;
}

static bool proxies_equal(const struct failover_config_line *a,
			  const struct failover_config_line *b)
{
	if (a->proxies_count != b->proxies_count)
		return false;
	for (uint32_t i = 0; i < a->proxies_count; i++) {
		if (strcmp(a->proxies[i].name, b->proxies[i].name) != 0 ||
		    !section_equal(FO_PROXY, &a->proxies[i], &b->proxies[i]))
			return false;
	}
	return true;
}

int failover_config_line_equal(const struct failover_config_line *a,
			       const struct failover_config_line *b)
{
	return section_equal(FO_LINE, a, b) && servers_equal(a, b) && proxies_equal(a, b);
}

int failover_config_global_equal(const struct failover_config *a, const struct failover_config *b)
{
	return section_equal(FO_GLOBAL, a, b);
}
