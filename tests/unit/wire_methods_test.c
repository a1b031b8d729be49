/* SPDX-License-Identifier: MIT */
/* wire_methods_test.c - each row of the table of methods in doc/design.md, "The wire": where a
 * method goes outside and inside a dialog, with a primary that serves and with one that is silent.
 */
#include "wire_world.h"

static struct world world;

struct row {
	const char *method;
	int in_dialog;
	int moves;	/* to the backup, when the primary is silent */
	uint32_t fails; /* what the stack hears if it does not; 0 = it moves */
	uint64_t after; /* so many ms, at most */
};

/* INVITE, ACK, CANCEL and REGISTER have tests of their own in wire_calls_test.c. */
static const struct row rows[] = {
	{ "INVITE", 1, 1, 0, 3800 },	 { "BYE", 1, 1, 0, 3600 },
	{ "OPTIONS", 1, 0, 408, 31600 }, { "PRACK", 1, 0, 408, 31600 },
	{ "UPDATE", 1, 0, 408, 31600 },	 { "INFO", 1, 0, 408, 31600 },
	{ "MESSAGE", 1, 0, 408, 31600 }, { "SUBSCRIBE", 1, 0, 408, 31600 },
	{ "NOTIFY", 1, 0, 408, 31600 },	 { "REFER", 1, 0, 408, 31600 },
	{ "INVITE", 0, 1, 0, 3800 },	 { "OPTIONS", 0, 0, 408, 3600 },
	{ "MESSAGE", 0, 0, 408, 31600 }, { "SUBSCRIBE", 0, 0, 408, 31600 },
	{ "NOTIFY", 0, 0, 408, 31600 },	 { "REFER", 0, 0, 408, 31600 },
	{ "PUBLISH", 0, 0, 408, 31600 }, { "X-UNHEARD-OF", 0, 0, 408, 31600 },
};
#define IN_DIALOG 10 /* the first ones */
#define ROWS (int)(sizeof(rows) / sizeof(rows[0]))

static void open_for(const struct row *row)
{
	world_open(&world);
	world_register(&world);
	if (row->in_dialog)
		world_call(&world);
}

/* What is the same at each server (B7). */
static void check_same(const char *sent, const char *came)
{
	static const char *const names[] = { "\r\nCall-ID: ", "\r\nFrom: ",    "\r\nTo: ",
					     "\r\nCSeq: ",    "\r\nContact: ", "\r\n\r\n" };
	char one[600], other[600];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_str_eq(part_of(sent, names[i], "\r", one, sizeof(one)),
				 part_of(came, names[i], "\r", other, sizeof(other)));
	ck_assert_str_eq(part_of(sent, "", "\r", one, sizeof(one)),
			 part_of(came, "", "\r", other, sizeof(other)));
}

START_TEST(B6_each_method_goes_to_the_server_that_serves)
{
	const struct row *row = &rows[_i];
	struct transaction *is;
	unsigned before;

	open_for(row);
	before = world_seen(&world, PRIMARY, row->method);
	is = stack_request(&world, row->method, row->in_dialog, "");
	world_run(&world, 1000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, row->method), before + 1);
	ck_assert_uint_eq(world_seen(&world, BACKUP, row->method), 0);
	check_same(is->text, world_request(&world, PRIMARY, row->method));
	world_run(&world, 40000);
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_uint_eq(world.strangers, 0);
	world_close(&world);
}
END_TEST

START_TEST(B5_each_method_moves_or_fails_when_the_primary_is_silent)
{
	const struct row *row = &rows[_i];
	struct transaction *is;
	uint64_t since;

	open_for(row);
	world.server[PRIMARY].is_silent = 1;
	since = world.now;
	is = stack_request(&world, row->method, row->in_dialog, "");
	while (!is->status && world.now - since < 60000)
		world_run(&world, 10);
	ck_assert_uint_le(world.now - since, row->after);
	ck_assert_uint_eq(is->status, row->fails ? row->fails : 200);
	ck_assert_uint_eq(world_seen(&world, BACKUP, row->method), row->moves);
	if (row->moves)
		check_same(is->text, world_request(&world, BACKUP, row->method));
	world_run(&world, 100000);
	ck_assert_uint_eq(is->finals, 1);
	ck_assert_uint_eq(world.strangers, 0);
	world_close(&world);
}
END_TEST

/* B4: nobody is there, which is known at once. RFC 3261 8.1.3.1. */
START_TEST(B4_each_method_moves_or_is_answered_503_at_once_when_nobody_is_there)
{
	const struct row *row = &rows[_i];
	struct transaction *is;

	open_for(row);
	world.server[PRIMARY].is_icmp = 1;
	is = stack_request(&world, row->method, row->in_dialog, "");
	world_run(&world, 400);
	ck_assert_uint_eq(is->status, row->moves ? 200 : 503);
	ck_assert_uint_eq(world_seen(&world, BACKUP, row->method), row->moves);
	world_close(&world);
}
END_TEST

START_TEST(B9_each_method_in_a_dialog_goes_where_that_lives_after_the_line_has_moved)
{
	const struct row *row = &rows[_i];
	struct transaction *is;
	unsigned before;

	ck_assert(row->in_dialog);
	open_for(row);
	world.server[PRIMARY].is_icmp = 1;
	(void)stack_request(&world, "OPTIONS", 0, "");
	world_run(&world, 5000);
	ck_assert_uint_ge(world.moves, 1);
	world.server[PRIMARY].is_icmp = 0;
	before = world_seen(&world, PRIMARY, row->method);
	is = stack_request(&world, row->method, 1, "");
	world_run(&world, 1000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, row->method), before + 1);
	ck_assert_uint_eq(world_seen(&world, BACKUP, row->method), 0);
	world_close(&world);
}
END_TEST

/* RFC 3262: its 18x is repeated until the PRACK has come; each is the stack's. */
START_TEST(PRACK_goes_to_the_server_that_has_sent_the_180)
{
	struct transaction *invite, *prack;

	world_open(&world);
	world_register(&world);
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 180, 20 }, { 200, 5000 } } });
	invite = stack_request(&world, "INVITE", 0, "Supported: 100rel\r\n");
	world_run(&world, 500);
	ck_assert_uint_eq(invite->provisionals, 2); /* 100 is the wire's */
	strcpy(world.call.remote_tag, "s11");
	prack = stack_request(&world, "PRACK", 1, "RAck: 1 1 INVITE\r\n");
	world_run(&world, 500);
	ck_assert_uint_eq(prack->status, 200);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "PRACK"), 1);
	world_run(&world, 10000);
	ck_assert_uint_eq(invite->status, 200);
	world_close(&world);
}
END_TEST

START_TEST(ACK_of_a_2xx_is_sent_again_for_each_2xx)
{
	char ok[TEXT];

	world_open(&world);
	world_register(&world);
	world_call(&world);
	strcpy(ok, world.server[PRIMARY].served[1].last);
	world.server[PRIMARY].held[0].is_acked = 0;
	server_send(&world, PRIMARY, ok);
	world_run(&world, 100);
	ck_assert(world.server[PRIMARY].held[0].is_acked);
	ck_assert_uint_eq(world.strangers, 0);
	world_close(&world);
}
END_TEST

/* RFC 3261 13.2.2.4: each fork is the stack's, which has ended the call with this one. */
START_TEST(B22f_2xx_of_a_second_fork_reaches_the_stack)
{
	char ok[TEXT], *tag;

	world_open(&world);
	world_register(&world);
	world_call(&world);
	strcpy(ok, world.server[PRIMARY].served[1].last);
	tag = strstr(strstr(ok, "\r\nTo: "), ";tag=");
	memcpy(tag, ";tag=f", 6);
	server_send(&world, PRIMARY, ok);
	world_run(&world, 100);
	ck_assert_int_eq(strncmp(world.server[PRIMARY].last, "ACK ", 4), 0);
	ck_assert_ptr_nonnull(strstr(world.server[PRIMARY].last, ";tag=f"));
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "BYE"), 0);
	world_close(&world);
}
END_TEST

START_TEST(B4b_a_challenge_is_the_stacks_and_its_credentials_are_that_servers)
{
	struct transaction *is;
	const char *request;

	world_open(&world);
	world_register(&world);
	world.server[PRIMARY].wants = "primary";
	world.server[BACKUP].wants = "backup";
	is = stack_request(&world, "MESSAGE", 0, "");
	world_run(&world, 500);
	ck_assert_uint_eq(is->status, 407);
	ck_assert_ptr_nonnull(strstr(is->answer, "\r\nProxy-Authenticate: "));
	world.server[PRIMARY].is_silent = 1;
	is = stack_request(&world, "INVITE", 0,
			   "Proxy-Authorization: Digest username=\"1001\", realm=\"primary\",\r\n"
			   " nonce=\"n1\", uri=\"sip:1002@example.com\", response=\"0\"\r\n");
	world_run(&world, 4000);
	ck_assert_uint_eq(is->status, 407);
	request = world_request(&world, BACKUP, "INVITE");
	ck_assert_ptr_null(strstr(request, "Authorization"));
	ck_assert_ptr_null(strstr(request, "n1"));
	ck_assert_ptr_nonnull(strstr(request, "\r\nContent-Type: text/plain\r\n"));
	world_close(&world);
}
END_TEST

/* ---- a proxy or B2BUA above --------------------------------------------------------------- */

#define TOP "Via: SIP/2.0/UDP 192.0.2.99:5060;rport;branch=z9hG4bKproxy-1-abcdefghijklm"

/* RFC 3261 16.7: they come back to it with the answer, from any server. */
START_TEST(the_Vias_below_the_topmost_ride_along_and_come_back)
{
	static const char *const spellings[] = {
		TOP "\r\nVia: SIP/2.0/TCP phone.example;branch=z9hG4bKphone;received=10.0.0.7\r\n"
		    "Via: SIP/2.0/UDP 10.0.0.9\r\n",
		TOP ", SIP/2.0/TCP phone.example;branch=z9hG4bKphone;received=10.0.0.7,"
		    "SIP / 2.0 / SCTP 10.0.0.9\r\n",
	};
	struct transaction *is;
	char text[TEXT], *branch;

	world_open(&world);
	world_register(&world);
	world.server[PRIMARY].is_silent = _i / 2;
	snprintf(text, sizeof(text),
		 "INVITE sip:1002@example.com SIP/2.0\r\n%sMax-Forwards: 68\r\n"
		 "From: <sip:1001@example.com>;tag=x\r\nTo: <sip:1002@example.com>\r\n"
		 "Call-ID: vias\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
		 spellings[_i % 2]);
	is = stack_send(&world, "INVITE", text);
	branch = strstr(world.sent, "branch=z9hG4bK") + 14;
	ck_assert_int_ne(strncmp(branch, "proxy-1-abcdefgh", 16), 0);
	memcpy(branch, "proxy-1-abcdefgh", 16);
	ck_assert_str_eq(world.sent, text);
	world_run(&world, 4000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_ptr_nonnull(strstr(is->answer, spellings[_i % 2]));
	ck_assert_uint_eq(world_seen(&world, BACKUP, "INVITE"), (unsigned)_i / 2);
	world_run(&world, 100000);
	world_close(&world);
}
END_TEST

/* RFC 3261 9.1, 17.1.1.3: CANCEL and ACK of the wire are hop by hop, with its Via alone. */
START_TEST(CANCEL_and_ACK_of_a_forwarded_INVITE_have_one_Via)
{
	const char *request;
	char text[TEXT];

	world_open(&world);
	world_register(&world);
	world_script(&world, PRIMARY, (struct script){ "INVITE", { { 180, 20 } } });
	snprintf(text, sizeof(text),
		 "INVITE sip:1002@example.com SIP/2.0\r\n" TOP "\r\nVia: SIP/2.0/UDP 10.0.0.9\r\n"
		 "From: <sip:1001@example.com>;tag=x\r\nTo: <sip:1002@example.com>\r\n"
		 "Call-ID: vias\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n");
	{
		struct transaction *is = stack_send(&world, "INVITE", text);

		world_run(&world, 100);
		stack_cancel(&world, is);
		world_run(&world, 100);
		ck_assert_uint_eq(is->status, 487);
	}
	request = world_request(&world, PRIMARY, "CANCEL");
	ck_assert_ptr_nonnull(strstr(request, "\r\nVia: SIP/2.0/UDP 192.0.2.99:5060;"));
	ck_assert_ptr_null(strstr(request, "10.0.0.9"));
	ck_assert_int_eq(strncmp(world.server[PRIMARY].last, "ACK ", 4), 0);
	ck_assert_ptr_null(strstr(world.server[PRIMARY].last, "10.0.0.9"));
	world_run(&world, 40000);
	world_close(&world);
}
END_TEST

/* RFC 3261 8.1.3.3: an answer with another number of them is none to this request. */
START_TEST(B22d_an_answer_without_the_Vias_below_is_not_the_stacks)
{
	struct failover_wire_statistics numbers = { .size = sizeof(numbers) };
	struct transaction *is;
	char text[TEXT], answer[TEXT], via[300];

	world_open(&world);
	world_register(&world);
	world.server[PRIMARY].is_silent = 1;
	snprintf(text, sizeof(text),
		 "MESSAGE sip:1002@example.com SIP/2.0\r\n" TOP "\r\nVia: SIP/2.0/UDP 10.0.0.9\r\n"
		 "From: <sip:1001@example.com>;tag=x\r\nTo: <sip:1002@example.com>\r\n"
		 "Call-ID: vias\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n");
	is = stack_send(&world, "MESSAGE", text);
	part_of(world.sent, "\r\nVia: ", "\r", via, sizeof(via));
	snprintf(answer, sizeof(answer),
		 "SIP/2.0 200 OK\r\nVia: %s\r\nFrom: <sip:1001@example.com>;tag=x\r\n"
		 "To: <sip:1002@example.com>;tag=y\r\nCall-ID: vias\r\nCSeq: 1 MESSAGE\r\n\r\n",
		 via);
	server_send(&world, PRIMARY, answer);
	world_run(&world, 100);
	ck_assert_uint_eq(is->status, 0);
	failover_wire_statistics(world.wire, &numbers);
	ck_assert_uint_eq(numbers.garbage, 1);
	world_run(&world, 60000);
	ck_assert_uint_eq(is->status, 408);
	world_close(&world);
}
END_TEST

/* ---- where a message ends ----------------------------------------------------------------- */

static const char *request_of(const char *method, const char *behind)
{
	static char text[TEXT];

	snprintf(text, sizeof(text),
		 "%s sip:1002@example.com SIP/2.0\r\n" TOP
		 "%s\r\nFrom: <sip:1001@example.com>;tag=x\r\n"
		 "To: <sip:1002@example.com>\r\nCall-ID: length\r\nCSeq: 1 %s\r\n%s",
		 method, method, method, behind);
	return text;
}

/* RFC 3261 20.14: by UDP a phone need not say how long it is, over a connection somebody has to. */
START_TEST(what_leaves_over_a_connection_says_how_long_it_is)
{
	static const char line[] = "\r\nContent-Length: 5\r\n";
	const char *text = request_of("MESSAGE", "\r\nhello");
	const char *response =
		"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKp\r\n"
		"From: <sip:x@y>;tag=a\r\nTo: <sip:z@y>;tag=b\r\nCall-ID: c\r\n"
		"CSeq: 1 INFO\r\n\r\nhello";

	if (_i)
		world_open_tcp(&world);
	else
		world_open(&world);
	world_register(&world);
	(void)stack_send(&world, "MESSAGE", text);
	ck_assert_int_eq(strstr(world.sent, line) != NULL, _i);
	ck_assert_int_eq(strlen(world.sent), strlen(text) + (_i ? strlen(line) - 2 : 0));
	text = request_of("ACK", "\r\nhello");
	ck_assert_int_eq(failover_wire_send(world.wire, world.line, text, strlen(text), world.now),
			 0);
	world_run(&world, 0);
	ck_assert_int_eq(strncmp(world.sent, "ACK", 3), 0);
	ck_assert_int_eq(strstr(world.sent, line) != NULL, _i);
	ck_assert_int_eq(failover_wire_respond(world.wire, &world.server[PRIMARY].at, response,
					       strlen(response), world.now),
			 0);
	world_run(&world, 0);
	ck_assert_int_eq(strstr(world.sent, line) != NULL, _i);
	ck_assert_int_eq(strlen(world.sent), strlen(response) + (_i ? strlen(line) - 2 : 0));
	world_run(&world, 100000);
	world_close(&world);
}
END_TEST

/* RFC 3261 18.3: it is no part of the message. Over a connection it would be the next one, which
 * nobody has looked at. */
START_TEST(what_a_datagram_has_behind_its_body_goes_nowhere)
{
	const char *text =
		request_of("MESSAGE", "Content-Length: 2\r\n\r\nhiBYE sip:victim SIP/2.0\r\n\r\n");

	world_open_tcp(&world);
	world_register(&world);
	(void)stack_send(&world, "MESSAGE", text);
	ck_assert_str_eq(world.sent + strlen(world.sent) - 6, "\r\n\r\nhi");
	server_send(&world, PRIMARY,
		    "OPTIONS sip:1001@192.0.2.99 SIP/2.0\r\nVia: SIP/2.0/TCP "
		    "192.0.2.1:5060;branch=z9hG4bKo\r\n"
		    "From: <sip:x@y>;tag=a\r\nTo: <sip:1001@example.com>\r\nCall-ID: o\r\nCSeq: 1 "
		    "OPTIONS\r\n"
		    "Content-Length: 0\r\n\r\nBYE sip:victim SIP/2.0\r\n\r\n");
	world_run(&world, 50);
	ck_assert_uint_eq(world.requests_up, 1);
	ck_assert_ptr_null(strstr(world.up, "victim"));
	world_run(&world, 100000);
	world_close(&world);
}
END_TEST

/* ---- requests of peers -------------------------------------------------------------------- */

static void send_up(const char *method, const char *to_tag)
{
	char text[TEXT];

	world.numbers++;
	snprintf(text, sizeof(text),
		 "%s sip:1001@192.0.2.99:5060 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKup%u\r\nMax-Forwards: 60\r\n"
		 "From: <sip:1003@example.com>;tag=peer\r\nTo: <sip:1001@example.com>%s\r\n"
		 "Call-ID: up@192.0.2.1\r\nCSeq: %u %s\r\n"
		 "Contact: <sip:1003@192.0.2.1:5060>\r\nContent-Length: 0\r\n\r\n",
		 method, world.numbers, to_tag, world.numbers, method);
	server_send(&world, PRIMARY, text);
	world_run(&world, 50);
}

START_TEST(B9_an_incoming_call_is_hung_up_where_it_came_from)
{
	struct transaction *is;

	world_open(&world);
	world_register(&world);
	send_up("INVITE", "");
	ck_assert_uint_eq(world.requests_up, 1);
	ck_assert(failover_target_same_address(&world.up_peer, &world.server[PRIMARY].at));
	stack_reply(&world, 180);
	stack_reply(&world, 200);
	ck_assert_int_eq(strncmp(world.sent, "SIP/2.0 200", 11), 0);
	ck_assert(failover_target_same_address(&world.sent_to, &world.server[PRIMARY].at));
	strcpy(world.call.call_id, "up@192.0.2.1");
	strcpy(world.call.tag, "callee");
	strcpy(world.call.remote_tag, "peer");
	strcpy(world.call.contact, "sip:1003@192.0.2.1:5060");
	world.server[PRIMARY].is_icmp = 1; /* the line moves */
	(void)stack_request(&world, "OPTIONS", 0, "");
	world_run(&world, 5000);
	world.server[PRIMARY].is_icmp = 0;
	is = stack_request(&world, "BYE", 1, "");
	world_run(&world, 500);
	ck_assert_uint_eq(is->status, 200);
	ck_assert_uint_eq(world_seen(&world, PRIMARY, "BYE"), 1);
	world_close(&world);
}
END_TEST

START_TEST(a_bye_of_the_peer_ends_what_is_remembered_of_the_dialog)
{
	struct failover_wire_statistics is = { .size = sizeof(is) };

	world_open(&world);
	world_register(&world);
	send_up("INVITE", "");
	stack_reply(&world, 200);
	failover_wire_statistics(world.wire, &is);
	ck_assert_uint_eq(is.dialogs, 1);
	send_up("BYE", ";tag=callee");
	stack_reply(&world, 200);
	failover_wire_statistics(world.wire, &is);
	ck_assert_uint_eq(is.dialogs, 0);
	world_close(&world);
}
END_TEST

static void return_when_idle(void)
{
	struct failover_target targets[SERVERS] = { world.server[PRIMARY].at,
						    world.server[BACKUP].at };
	struct failover_line_params line = { .size = sizeof(line),
					     .registrars = SERVERS,
					     .targets_count = SERVERS,
					     .targets = targets,
					     .settings = FAILOVER_LINE_SETTINGS_INIT };

	line.settings.keepalive = FAILOVER_KEEPALIVE_OFF;
	line.settings.failback_interval_s = 60;
	line.settings.failback_when = FAILOVER_FAILBACK_IDLE;
	ck_assert_int_eq(failover_line_update(world.engine, world.line, &line, world.now), 0);
}

static void talk(int is_incoming)
{
	if (is_incoming) {
		send_up("INVITE", "");
		stack_reply(&world, 180);
		stack_reply(&world, 200);
	} else {
		world_call(&world);
	}
}

static void hang_up(int is_incoming)
{
	if (is_incoming) {
		send_up("BYE", ";tag=callee");
		stack_reply(&world, 200);
	} else {
		(void)stack_request(&world, "BYE", 1, "");
	}
}

START_TEST(B32_a_call_of_the_stack_keeps_the_line_where_it_is)
{
	world_open(&world);
	return_when_idle();
	world.server[PRIMARY].is_icmp = 1;
	world_register(&world);
	world.server[PRIMARY].is_icmp = 0;
	ck_assert_uint_eq(world.moves, 1);
	talk(_i);
	world_run(&world, 300000);
	ck_assert_uint_eq(world.moves, 1);
	hang_up(_i);
	world_run(&world, 500);
	ck_assert_uint_eq(world.moves, 2);
	world_close(&world);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_loop_test(tcase, B6_each_method_goes_to_the_server_that_serves, 0, ROWS);
	tcase_add_loop_test(tcase, B5_each_method_moves_or_fails_when_the_primary_is_silent, 0,
			    ROWS);
	tcase_add_loop_test(tcase,
			    B4_each_method_moves_or_is_answered_503_at_once_when_nobody_is_there, 0,
			    ROWS);
	tcase_add_loop_test(
		tcase, B9_each_method_in_a_dialog_goes_where_that_lives_after_the_line_has_moved, 0,
		IN_DIALOG);
	tcase_add_test(tcase, PRACK_goes_to_the_server_that_has_sent_the_180);
	tcase_add_test(tcase, ACK_of_a_2xx_is_sent_again_for_each_2xx);
	tcase_add_test(tcase, B22f_2xx_of_a_second_fork_reaches_the_stack);
	tcase_add_test(tcase, B4b_a_challenge_is_the_stacks_and_its_credentials_are_that_servers);
	tcase_add_loop_test(tcase, the_Vias_below_the_topmost_ride_along_and_come_back, 0, 4);
	tcase_add_test(tcase, CANCEL_and_ACK_of_a_forwarded_INVITE_have_one_Via);
	tcase_add_test(tcase, B22d_an_answer_without_the_Vias_below_is_not_the_stacks);
	tcase_add_test(tcase, B9_an_incoming_call_is_hung_up_where_it_came_from);
	tcase_add_loop_test(tcase, what_leaves_over_a_connection_says_how_long_it_is, 0, 2);
	tcase_add_test(tcase, what_a_datagram_has_behind_its_body_goes_nowhere);
	tcase_add_test(tcase, a_bye_of_the_peer_ends_what_is_remembered_of_the_dialog);
	tcase_add_loop_test(tcase, B32_a_call_of_the_stack_keeps_the_line_where_it_is, 0, 2);
}

int main(void)
{
	return tap_main("wire_methods", add);
}
