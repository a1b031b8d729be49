/* SPDX-License-Identifier: MIT */
/* wire_register_test.c - REGISTER of a stack that answers its challenges itself, since the line has
 * no password; and what of a registration reaches the stack. */
#include "wire_world.h"

static struct world world;

static struct transaction *send_register(const char *lines)
{
	char text[TEXT];

	world.numbers++;
	snprintf(text, sizeof(text),
		 "REGISTER sip:example.com SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKone-%u-abcdefghijklmnopq\r\n"
		 "From: <sip:1001@example.com>;tag=r\r\nTo: <sip:1001@example.com>\r\n"
		 "Call-ID: reg@192.0.2.99\r\nCSeq: %u REGISTER\r\n"
		 "Contact: <sip:1001@192.0.2.99:5060>;+sip.instance=\"<urn:x:1>\"\r\n"
		 "Expires: 600\r\n%sContent-Length: 0\r\n\r\n",
		 world.numbers, world.numbers, lines);
	return stack_send(&world, "REGISTER", text);
}

/* What the stack makes of the nonce of a server. */
static const char *credentials(int server, unsigned count)
{
	static char text[300];

	snprintf(text, sizeof(text),
		 "Authorization: Digest username=\"1001\", realm=\"%s\", nonce=\"n%u\", "
		 "uri=\"sip:example.com\", qop=auth, nc=%08x, cnonce=\"c\", response=\"0\"\r\n",
		 world.server[server].wants, server + 1, count);
	return text;
}

static void open_challenged(void)
{
	world_open_without_password(&world);
	world.server[PRIMARY].wants = "one";
	world.server[BACKUP].wants = "two";
}

static void register_at(int server, unsigned count)
{
	const struct transaction *is = send_register(credentials(server, count));

	world_run(&world, 200);
	ck_assert_uint_eq(is->status, 200);
}

START_TEST(a_challenge_reaches_the_stack_and_its_credentials_the_server)
{
	const struct transaction *is;
	const char *request;

	open_challenged();
	is = send_register("");
	world_run(&world, 200);
	ck_assert_uint_eq(is->status, 401);
	ck_assert_ptr_nonnull(strstr(is->answer, "\r\nWWW-Authenticate: Digest realm=\"one\", "
						 "nonce=\"n1\", algorithm=MD5\r\n"));
	is = send_register(credentials(PRIMARY, 1));
	world_run(&world, 200);
	ck_assert_uint_eq(is->status, 200);
	request = world_request(&world, PRIMARY, "REGISTER");
	ck_assert_ptr_nonnull(strstr(request, credentials(PRIMARY, 1)));
	ck_assert_int_eq(strncmp(request, "REGISTER sip:example.com SIP/2.0\r\n", 34), 0);
	world_run(&world, 60000);
	world_close(&world);
}
END_TEST

/* The library could not renew it: the stack comes first. */
START_TEST(B15_the_stack_is_told_half_of_the_time_and_renews_where_the_line_is)
{
	const struct transaction *is;
	unsigned seen;

	open_challenged();
	(void)send_register("");
	world_run(&world, 200);
	is = send_register(credentials(PRIMARY, 1));
	world_run(&world, 200);
	ck_assert_ptr_nonnull(strstr(is->answer, ";expires=1800\r\n"));
	world_run(&world, 1790000);
	seen = world_seen(&world, PRIMARY, "REGISTER");
	register_at(PRIMARY, 2);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "REGISTER"), seen + 1);
	ck_assert_ptr_nonnull(strstr(world_request(&world, PRIMARY, "REGISTER"), "nc=00000002"));
	world_run(&world, 1790000);
	register_at(PRIMARY, 3);
	world_run(&world, 1000);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "REGISTER"), seen + 2);
	ck_assert_uint_eq(world_seen(&world, BACKUP, "REGISTER"), 0);
	world_close(&world);
}
END_TEST

START_TEST(B10_the_stack_answers_the_challenge_of_the_backup_when_the_primary_is_silent)
{
	const struct transaction *is;
	const char *request;

	open_challenged();
	(void)send_register("");
	world_run(&world, 200);
	register_at(PRIMARY, 1);
	world_run(&world, 1790000);
	world.server[PRIMARY].is_silent = 1;
	is = send_register(credentials(PRIMARY, 2));
	world_run(&world, 5000);
	ck_assert_uint_eq(is->status, 401);
	ck_assert_ptr_nonnull(strstr(is->answer, "realm=\"two\", nonce=\"n2\""));
	request = world_request(&world, BACKUP, "REGISTER");
	ck_assert_ptr_null(strstr(request, "\r\nAuthorization: "));
	is = send_register(credentials(BACKUP, 1));
	world_run(&world, 5000);
	ck_assert_uint_eq(is->status, 200);
	request = world_request(&world, BACKUP, "REGISTER");
	ck_assert_ptr_nonnull(strstr(request, "nonce=\"n2\""));
	ck_assert_uint_ge(world.moves, 1);
	world_run(&world, 60000);
	world_close(&world);
}
END_TEST

static void move_to_backup(void)
{
	const struct transaction *is;

	(void)send_register("");
	world_run(&world, 200);
	register_at(PRIMARY, 1);
	world.server[PRIMARY].is_silent = 1;
	(void)send_register(credentials(PRIMARY, 2));
	world_run(&world, 5000);
	is = send_register(credentials(BACKUP, 1));
	world_run(&world, 5000);
	ck_assert_uint_eq(is->status, 200);
	world.server[PRIMARY].is_silent = 0;
}

/* The library's probe can answer no challenge: it tells nothing, and the registration that there is
 * stays. The stack's next REGISTER is asked for its credentials there. */
START_TEST(B11_the_line_goes_back_with_the_stacks_next_REGISTER)
{
	struct failover_line_state state = { .size = sizeof(state) };
	const struct transaction *is;
	unsigned before;

	open_challenged();
	move_to_backup();
	before = world_seen(&world, PRIMARY, "REGISTER");
	ck_assert_int_eq(failover_probe(world.engine, world.line, world.now), 0);
	world_run(&world, 1790000);
	ck_assert_uint_gt(world_seen(&world, PRIMARY, "REGISTER"), before);
	failover_line_state(world.engine, world.line, &state);
	ck_assert_uint_eq(state.registered, 1);
	ck_assert_uint_eq(state.serving_index, 1);
	is = send_register(credentials(BACKUP, 2));
	world_run(&world, 200);
	ck_assert_uint_eq(is->status, 401);
	ck_assert_ptr_nonnull(strstr(is->answer, "realm=\"one\""));
	failover_line_state(world.engine, world.line, &state);
	ck_assert_uint_eq(state.serving_index, 1);
	register_at(PRIMARY, 3);
	failover_line_state(world.engine, world.line, &state);
	ck_assert_uint_eq(state.serving_index, 0);
	(void)stack_request(&world, "INVITE", 0, "");
	world_run(&world, 200);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "INVITE"), 1);
	world_run(&world, 60000);
	world_close(&world);
}
END_TEST

START_TEST(a_nonce_that_is_old_is_asked_for_again)
{
	const struct transaction *is;

	open_challenged();
	is = send_register("Authorization: Digest username=\"1001\", realm=\"one\", nonce=\"old\", "
			   "uri=\"sip:example.com\", response=\"0\"\r\n");
	world_run(&world, 200);
	ck_assert_uint_eq(is->status, 401); /* a nonce of nobody's goes nowhere */
	register_at(PRIMARY, 1);
	world_run(&world, 60000);
	world_close(&world);
}
END_TEST

/* RFC 5627 4.2, RFC 3608, RFC 3327, RFC 7315. */
START_TEST(what_the_registrar_says_of_the_registration_reaches_the_stack)
{
	static const char gruu[] = ";pub-gruu=\"sip:1001@example.com;gr=urn:x:1\""
				   ";temp-gruu=\"sip:tgruu.7hs==jd7vnzga5w7fajsc7@example.com;gr\"";
	static const char extra[] = "Service-Route: <sip:edge.example;lr>\r\n"
				    "Path: <sip:p1.example;lr>\r\n"
				    "P-Associated-URI: <sip:+15551001@example.com>\r\n";
	const struct transaction *is;

	world_open(&world);
	world.server[PRIMARY].gruu = gruu;
	world.server[PRIMARY].extra = extra;
	is = send_register("Supported: gruu, path\r\n");
	world_run(&world, 200);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_ptr_nonnull(strstr(is->answer, gruu));
	ck_assert_ptr_nonnull(strstr(is->answer, "+sip.instance=\"<urn:x:1>\""));
	ck_assert_ptr_nonnull(strstr(is->answer, extra));
	ck_assert_ptr_nonnull(strstr(world_request(&world, PRIMARY, "REGISTER"),
				     "\r\nSupported: gruu, path\r\n"));
	is = send_register("Supported: gruu, path\r\n");
	ck_assert_uint_eq(is->status, 200); /* from what is known */
	ck_assert_ptr_nonnull(strstr(is->answer, gruu));
	world_run(&world, 60000);
	world_close(&world);
}
END_TEST

/* It has sent no REGISTER, and could answer nothing without a challenge. */
START_TEST(B4b_a_call_whose_REGISTER_is_refused_is_told_403)
{
	const struct transaction *is;

	world_open_without_password(&world);
	world.server[BACKUP].wants = "two";
	world_register(&world);
	world.server[PRIMARY].is_silent = 1;
	is = stack_request(&world, "INVITE", 0, "");
	world_run(&world, 40000);
	ck_assert_uint_gt(world_seen(&world, BACKUP, "REGISTER"), 0);
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_uint_eq(is->status, 403);
	world_close(&world);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, a_challenge_reaches_the_stack_and_its_credentials_the_server);
	tcase_add_test(tcase, B15_the_stack_is_told_half_of_the_time_and_renews_where_the_line_is);
	tcase_add_test(
		tcase,
		B10_the_stack_answers_the_challenge_of_the_backup_when_the_primary_is_silent);
	tcase_add_test(tcase, B11_the_line_goes_back_with_the_stacks_next_REGISTER);
	tcase_add_test(tcase, a_nonce_that_is_old_is_asked_for_again);
	tcase_add_test(tcase, B4b_a_call_whose_REGISTER_is_refused_is_told_403);
	tcase_add_test(tcase, what_the_registrar_says_of_the_registration_reaches_the_stack);
}

int main(void)
{
	return tap_main("wire_register", add);
}
