/* SPDX-License-Identifier: MIT */
/* Two configurations are the same, or one item makes the difference: whichever it is. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "config_support.h"
#include "libfailover/config/value.h"

static void *object_of(struct failover_config *config, int scope)
{
	struct failover_config_line *line = config->lines[0];
	void *objects[FO_SCOPES] = { config, line, &line->servers[1], &line->proxies[0] };

	return objects[scope];
}

static int all_equal(const struct failover_config *a, const struct failover_config *b)
{
	return failover_config_global_equal(a, b) &&
	       failover_config_line_equal(a->lines[0], b->lines[0]);
}

/* full.conf has every option off its default, in line 12, its backup server and primary proxy. */
static void check_option(const struct fo_option *option, int scope)
{
	struct reading first, second;
	void *object;

	if (!fo_option_in(option, (enum fo_scope)scope) || option->of_file)
		return;
	reading_of_data(&first, "full.conf");
	reading_of_data(&second, "full.conf");
	ck_assert_int_eq(all_equal(first.config, second.config), 1);
	object = object_of(second.config, scope);
	ck_assert_int_eq(
		fo_value_set_initial(option, fo_option_field(option, (enum fo_scope)scope, object)),
		FAILOVER_OK);
	if (scope == FO_SERVER && strcmp(option->key, "port") == 0)
		second.config->lines[0]->servers[1].port = 5099; /* it has none of its own */
	ck_assert_msg(!all_equal(first.config, second.config), "%s makes no difference",
		      option->key);
	reading_end(&first);
	reading_end(&second);
}

START_TEST(every_option_makes_a_difference)
{
	for (int scope = FO_GLOBAL; scope < FO_SCOPES; scope++)
		check_option(&fo_options[_i], scope);
}
END_TEST

START_TEST(servers_and_proxies_make_a_difference)
{
	struct failover_config_line *line;
	struct reading first, second;

	reading_of_data(&first, "full.conf");
	reading_of_data(&second, "full.conf");
	line = second.config->lines[0];
	line->servers_count--;
	ck_assert_int_eq(all_equal(first.config, second.config), 0);
	line->servers_count++;
	line->proxies_count--;
	ck_assert_int_eq(all_equal(first.config, second.config), 0);
	line->proxies_count++;
	ck_assert_int_eq(all_equal(first.config, second.config), 1);
	line->servers[2].name[0] = 'x';
	ck_assert_int_eq(all_equal(first.config, second.config), 0);
	line->servers[2].name[0] = 't';
	line->proxies[1].transport_set = 0; /* udp either way, but given */
	ck_assert_int_eq(all_equal(first.config, second.config), 0);
	reading_end(&first);
	reading_end(&second);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_equal");
	TCase *tcase = tcase_create("equal");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, every_option_makes_a_difference, 0, (int)fo_options_count);
	tcase_add_test(tcase, servers_and_proxies_make_a_difference);
	return suite_main(suite);
}
