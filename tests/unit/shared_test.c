/* SPDX-License-Identifier: MIT */
/* shared_test.c - what plugins share: table, timers, texts, addresses, and the legs of an
 * INVITE. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../ua/net/address.h"
#include "../../ua/leg.h"
#include "../../ua/map.h"
#include "../../ua/timers.h"
#include "../../ua/writer.h"

#define MANY 1000u

/* ---- table -------------------------------------------------------------------------------- */

struct thing {
	struct ua_map_node node;
	uint64_t number;
};

/* Key 00..0f and bytes 00..0e: the test vector of the authors of SipHash-2-4. */
START_TEST(map_hash_is_siphash_2_4)
{
	static const uint64_t key[2] = { UINT64_C(0x0706050403020100),
					 UINT64_C(0x0f0e0d0c0b0a0908) };
	struct ua_map map;
	unsigned char bytes[15];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	ck_assert_int_eq(ua_map_init(&map, key), 0);
	ck_assert(ua_map_hash(&map, bytes, sizeof(bytes)) == UINT64_C(0xa129ca6149be45e5));
	ua_map_free(&map);
}
END_TEST

START_TEST(map_finds_all_and_only_what_is_in)
{
	static const uint64_t key[2] = { 1, 2 };
	struct thing *things = calloc(MANY, sizeof(*things));
	struct ua_map_node *node;
	struct ua_map map;
	size_t i, walked = 0;

	ck_assert_int_eq(ua_map_init(&map, key), 0);
	for (i = 0; i < MANY; i++) {
		things[i].number = i / 2; /* pairs share a hash */
		ua_map_add(&map, &things[i].node, ua_map_hash_number(&map, i / 2));
	}
	for (i = 0; i < MANY; i += 2)
		ua_map_remove(&map, &things[i].node);
	ua_map_remove(&map, &things[0].node); /* twice is harmless */
	ck_assert_uint_eq(map.count, MANY / 2);
	for (i = 0; i < MANY; i += 2) {
		node = ua_map_find(&map, ua_map_hash_number(&map, i / 2));
		ck_assert_ptr_eq(node, &things[i + 1].node);
		ck_assert_ptr_null(ua_map_again(node));
	}
	for (node = ua_map_walk(&map, NULL); node; node = ua_map_walk(&map, node))
		walked++;
	ck_assert_uint_eq(walked, MANY / 2);
	ck_assert_ptr_null(ua_map_find(&map, 12345));
	ua_map_free(&map);
	free(things);
}
END_TEST

/* ---- timers ------------------------------------------------------------------------------- */

static uint64_t last_at;
static unsigned fired;

static void fire(struct ua_timer *timer)
{
	ck_assert_uint_ge(timer->at, last_at);
	last_at = timer->at;
	fired++;
}

START_TEST(B19_timers_fire_in_order_and_never_early)
{
	struct ua_timers timers = { 0 };
	struct ua_timer all[MANY] = { 0 };
	uint64_t now;
	size_t i;

	last_at = fired = 0;
	ck_assert_int_eq(ua_timers_reserve(&timers, MANY), 0);
	for (i = 0; i < MANY; i++) {
		all[i].fire = fire;
		ua_timer_set(&timers, &all[i], (i * 7919) % 1009 + 1);
	}
	for (i = 0; i < MANY; i += 3)
		ua_timer_set(&timers, &all[i], (i * 31) % 501 + 1);
	for (i = 0; i < MANY; i += 5)
		ua_timer_stop(&timers, &all[i]);
	ua_timer_stop(&timers, &all[0]);
	for (now = 0; ua_timers_next(&timers) != UINT64_MAX; now++) {
		unsigned before = fired;

		ck_assert_uint_ge(ua_timers_next(&timers), now);
		ua_timers_run(&timers, now, MANY);
		ck_assert(fired == before || last_at == now);
	}
	ck_assert_uint_eq(fired, MANY - MANY / 5);
	ua_timers_clear(&timers, MANY);
	ck_assert_uint_eq(timers.reserved, 0);
	ua_timers_free(&timers);
}
END_TEST

/* ---- texts and addresses ------------------------------------------------------------------ */

START_TEST(writer_escapes_and_never_cuts)
{
	struct ua_writer writer;
	char text[24];

	ua_writer_init(&writer, text, sizeof(text));
	ua_writer_add_user(&writer, "a b@\xc3\xa4");
	ua_writer_add_host(&writer, "::1");
	ck_assert_int_eq(ua_writer_error(&writer), 0);
	ck_assert_str_eq(text, "a%20b%40%C3%A4[::1]");
	ua_writer_add(&writer, "%s", "123456");
	ck_assert_int_lt(ua_writer_error(&writer), 0);
	ua_writer_init(&writer, text, sizeof(text));
	ua_writer_add_quoted(&writer, "a\"\\b");
	ck_assert_str_eq(text, "\"a\\\"\\\\b\"");
}
END_TEST

START_TEST(address_both_families_round_trip)
{
	struct failover_target v4 = { .family = 4, .port = 5060, .address = { 192, 0, 2, 1 } };
	struct failover_target v6 = { .family = 6,
				      .port = 5062,
				      .address = { 0x20, 1, 0xd, 0xb8 } };
	struct failover_target back;
	struct sockaddr_storage storage;
	char text[UA_ADDRESS_TEXT];

	v6.address[15] = 1;
	ck_assert_str_eq(ua_address_text(&v4, text), "192.0.2.1:5060");
	ck_assert_str_eq(ua_address_text(&v6, text), "[2001:db8::1]:5062");
	ck_assert_int_gt(ua_address_to_socket(&v6, &storage), 0);
	ck_assert_int_eq(ua_address_from_socket(&storage, &back), 0);
	ck_assert(ua_address_same(&back, &v6));
	ck_assert(!ua_address_same_host(&v4, &v6));
	ck_assert_int_eq(ua_address_family("192.0.2.1"), 4);
	ck_assert_int_eq(ua_address_family("2001:db8::1"), 6);
	ck_assert_int_eq(ua_address_family("example.net"), 0);
}
END_TEST

/* ---- legs --------------------------------------------------------------------------------- */

#define KEEP FAILOVER_VERDICT_KEEP
#define LATE FAILOVER_VERDICT_LATE

START_TEST(B7a_leg_is_cancelled_once_and_not_before_a_provisional)
{
	struct ua_leg leg = { 0 };

	ck_assert_uint_eq(ua_leg_abandon(&leg, FAILOVER_ABANDON_BUDGET), 0);
	ck_assert_uint_eq(ua_leg_provisional(&leg, LATE), UA_LEG_CANCEL);
	ck_assert_uint_eq(ua_leg_provisional(&leg, LATE), 0);
	ck_assert_uint_eq(ua_leg_success(&leg, "a", LATE, 1), UA_LEG_ACK | UA_LEG_BYE);
	ck_assert_uint_eq(ua_leg_success(&leg, "a", LATE, 1), UA_LEG_ACK);
}
END_TEST

START_TEST(B6c_leg_given_up_after_a_provisional_is_left_to_the_core)
{
	struct ua_leg leg = { 0 };

	ck_assert_uint_eq(ua_leg_provisional(&leg, KEEP), 0);
	ck_assert_uint_eq(ua_leg_abandon(&leg, FAILOVER_ABANDON_GIVEN_UP), 0);
	ck_assert_uint_eq(ua_leg_provisional(&leg, LATE), 0);
	memset(&leg, 0, sizeof(leg));
	ua_leg_provisional(&leg, KEEP);
	ck_assert_uint_eq(ua_leg_abandon(&leg, FAILOVER_ABANDON_ADOPTED), UA_LEG_CANCEL);
}
END_TEST

START_TEST(B7b_leg_takes_the_call_once_and_forks_are_ended)
{
	struct ua_leg leg = { 0 };
	char tag[8];
	unsigned i;

	ck_assert_uint_eq(ua_leg_success(&leg, "a", KEEP, 1), UA_LEG_ACK | UA_LEG_CALL);
	ck_assert(ua_leg_knows(&leg, "a"));
	ck_assert_uint_eq(ua_leg_success(&leg, "b", KEEP, 1), UA_LEG_ACK | UA_LEG_BYE);
	for (i = 2; i < UA_LEG_FORKS_MAX; i++) {
		snprintf(tag, sizeof(tag), "%u", i);
		ck_assert_uint_eq(ua_leg_success(&leg, tag, KEEP, 1), UA_LEG_ACK | UA_LEG_BYE);
	}
	/* B22f: however many; what has no place in the table is ended each time it comes. */
	for (i = 0; i < UA_LEG_MORE_MAX; i++)
		ck_assert_uint_eq(ua_leg_success(&leg, "z", KEEP, 1), UA_LEG_ACK | UA_LEG_BYE);
	ck_assert_uint_eq(ua_leg_success(&leg, "z", KEEP, 1), UA_LEG_ACK);
	ck_assert_uint_eq(ua_leg_abandon(&leg, FAILOVER_ABANDON_REMOVED), 0);
	memset(&leg, 0, sizeof(leg));
	ck_assert_uint_eq(ua_leg_success(&leg, "a", KEEP, 0), UA_LEG_ACK | UA_LEG_BYE);
	memset(&leg, 0, sizeof(leg));
	ua_leg_provisional(&leg, KEEP);
	ua_leg_failure(&leg);
	ck_assert_uint_eq(ua_leg_abandon(&leg, FAILOVER_ABANDON_BUDGET), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("shared");
	TCase *tcase = tcase_create("shared");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, map_hash_is_siphash_2_4);
	tcase_add_test(tcase, map_finds_all_and_only_what_is_in);
	tcase_add_test(tcase, B19_timers_fire_in_order_and_never_early);
	tcase_add_test(tcase, writer_escapes_and_never_cuts);
	tcase_add_test(tcase, address_both_families_round_trip);
	tcase_add_test(tcase, B7a_leg_is_cancelled_once_and_not_before_a_provisional);
	tcase_add_test(tcase, B6c_leg_given_up_after_a_provisional_is_left_to_the_core);
	tcase_add_test(tcase, B7b_leg_takes_the_call_once_and_forks_are_ended);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
