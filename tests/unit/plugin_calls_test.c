/* SPDX-License-Identifier: MIT */
/* plugin_calls_test.c - calls in the field: whose an incoming one is (B24e), what changes and what
 * is refused inside a dialog (B23b). */
#include "plugin_bench.h"

#define OFFER                                                                                      \
	"v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"                \
	"m=audio 5004 RTP/AVP 8 0\r\n"

/* A request of the peer; what differs from the usual ones. */
struct said {
	const char *method, *user, *branch, *to_tag, *headers, *body;
	unsigned cseq;
	const char *from_tag;
};

static const char *request(struct bench *bench, const struct said *said, char text[4096])
{
	const char *body = said->body ? said->body : "";

	snprintf(text, 4096,
		 "%s sip:%s@127.0.0.1:%u SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;rport;"
		 "branch=z9hG4bK%s\r\nMax-Forwards: 70\r\nFrom: <sip:bob@example>;tag=%s\r\n"
		 "To: <sip:%s@primary.example>%s%s\r\nCall-ID: incoming@192.0.2.9\r\n"
		 "CSeq: %u %s\r\n%s%sContent-Length: %zu\r\n\r\n%s",
		 said->method, said->user ? said->user : "1001", bench->local.port, said->branch,
		 said->from_tag ? said->from_tag : "bob", said->user ? said->user : "1001",
		 said->to_tag ? ";tag=" : "", said->to_tag ? said->to_tag : "", said->cseq,
		 said->method,
		 said->headers ? said->headers : "Contact: <sip:bob@192.0.2.9:5070>\r\n",
		 body[0] ? "Content-Type: application/sdp\r\n" : "", strlen(body), body);
	return text;
}

static void say(struct bench *bench, int peer, const struct said *said)
{
	char text[4096];

	peer_say(bench, peer, request(bench, said, text));
}

static const char *tag_of(const char *text, char out[512])
{
	char to[512];
	const char *tag = strstr(header_of(text, "To", to), ";tag=");

	ck_assert_ptr_nonnull(tag);
	snprintf(out, 512, "%s", tag + 5);
	return out;
}

static const struct said plain_invite = {
	.method = "INVITE", .branch = "inv", .cseq = 10, .body = OFFER
};

static void ring(struct bench *bench)
{
	char got[BENCH_TEXT];

	say(bench, 0, &plain_invite);
	peer_expect(bench, 0, "SIP/2.0 100 Trying", got);
	ck_assert_uint_eq(bench->incoming, 1);
}

/* A call that is up; the 200 is in `got`, our tag in `tag`. */
static void pick_up(struct bench *bench, char *got, char tag[512])
{
	struct said ack = { .method = "ACK", .branch = "ack", .cseq = 10, .to_tag = tag };

	ring(bench);
	ck_assert_int_eq(bench->calls->call_answer(bench->inst, bench->call, 200), 0);
	peer_expect(bench, 0, "SIP/2.0 200 OK", got);
	tag_of(got, tag);
	say(bench, 0, &ack);
	ck_assert_uint_eq(bench->up, 1);
}

static void hang_up(struct bench *bench, uint64_t id)
{
	struct failover_attempt bye = bench_attempt(bench, FAILOVER_BYE, 0, id);

	bye.cookie = bench->call;
	bye.request = 100 + id;
	bench_send(bench, &bye);
}

/* ---- B23b --------------------------------------------------------------------------------- */

START_TEST(B23b_a_reinvite_replaces_the_remote_target)
{
	struct bench bench;
	char got[BENCH_TEXT], tag[512];
	struct said again = { .method = "INVITE",
			      .branch = "re",
			      .cseq = 11,
			      .to_tag = tag,
			      .headers = "Contact: <sip:moved@192.0.2.77:5090>\r\n",
			      .body = OFFER };
	struct said ack = { .method = "ACK", .branch = "ack2", .cseq = 11, .to_tag = tag };

	bench_open(&bench);
	pick_up(&bench, got, tag);
	say(&bench, 0, &again);
	peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
	say(&bench, 0, &ack);
	hang_up(&bench, 1);
	peer_expect(&bench, 0, "BYE sip:moved@192.0.2.77:5090 SIP/2.0\r\n", got);
	bench_close(&bench);
}
END_TEST

START_TEST(B23b_an_update_replaces_the_remote_target)
{
	struct bench bench;
	char got[BENCH_TEXT], tag[512], value[512];
	struct said update = { .method = "UPDATE",
			       .branch = "up",
			       .cseq = 11,
			       .to_tag = tag,
			       .headers = "Contact: <sip:moved@192.0.2.77:5090>\r\n" };

	bench_open(&bench);
	pick_up(&bench, got, tag);
	ck_assert_ptr_nonnull(strstr(header_of(got, "Allow", value), "UPDATE"));
	say(&bench, 0, &update);
	peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
	ck_assert_uint_eq(headers_in(got, "Contact"), 1);
	ck_assert_str_eq(header_of(got, "Content-Length", value), "0");
	update.branch = "up2";
	update.cseq = 12;
	update.body = OFFER; /* RFC 3311 5.2: with an offer, an answer */
	update.headers = "";
	say(&bench, 0, &update);
	peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
	ck_assert_ptr_nonnull(strstr(got, "m=audio 9 RTP/AVP 8\r\na=inactive"));
	hang_up(&bench, 1);
	peer_expect(&bench, 0, "BYE sip:moved@192.0.2.77:5090 SIP/2.0\r\n", got);
	update.to_tag = "nosuch";
	update.branch = "up3";
	say(&bench, 0, &update);
	peer_expect(&bench, 0, "SIP/2.0 481 ", got);
	bench_close(&bench);
}
END_TEST

/* A request that is refused changes nothing. */
START_TEST(B23b_a_refused_reinvite_leaves_the_remote_target)
{
	struct bench bench;
	char got[BENCH_TEXT], tag[512], value[512];
	struct said again = { .method = "INVITE",
			      .branch = "re",
			      .cseq = 11,
			      .to_tag = tag,
			      .headers = "Contact: <sip:moved@192.0.2.77>\r\nRequire: timer\r\n",
			      .body = OFFER };

	bench_open(&bench);
	pick_up(&bench, got, tag);
	say(&bench, 0, &again);
	peer_expect(&bench, 0, "SIP/2.0 420 Bad Extension", got);
	ck_assert_str_eq(header_of(got, "Unsupported", value), "timer");
	hang_up(&bench, 1);
	peer_expect(&bench, 0, "BYE sip:bob@192.0.2.9:5070 SIP/2.0\r\n", got);
	bench_close(&bench);
}
END_TEST

START_TEST(B23b_a_required_extension_is_refused_inside_a_dialog_but_not_in_a_bye)
{
	static const char *const methods[] = { "INVITE", "UPDATE", "OPTIONS" };
	struct bench bench;
	char got[BENCH_TEXT], tag[512], value[512];
	struct said said = { .to_tag = tag,
			     .cseq = 11,
			     .headers = "Contact: <sip:bob@192.0.2.9>\r\nRequire: 100rel\r\n" };
	size_t i;

	bench_open(&bench);
	pick_up(&bench, got, tag);
	for (i = 0; i < 3; i++) {
		said.method = said.branch = methods[i];
		said.cseq++;
		say(&bench, 0, &said);
		peer_expect(&bench, 0, "SIP/2.0 420 ", got);
		ck_assert_str_eq(header_of(got, "Unsupported", value), "100rel");
	}
	said.method = said.branch = "BYE";
	said.cseq++;
	say(&bench, 0, &said);
	while (strncmp(got, "SIP/2.0 200", 11)) /* the 420 comes again until its ACK */
		peer_expect(&bench, 0, "SIP/2.0 ", got);
	ck_assert_uint_eq(bench.ended, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B23b_an_overlapping_invite_is_told_when_to_come_again)
{
	struct bench bench;
	char got[BENCH_TEXT], tag[512], value[512];
	struct said again = {
		.method = "INVITE", .branch = "re", .cseq = 11, .to_tag = tag, .body = OFFER
	};
	unsigned long seconds;
	char *end;

	bench_open(&bench);
	ring(&bench);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 180), 0);
	peer_expect(&bench, 0, "SIP/2.0 180", got);
	tag_of(got, tag);
	say(&bench, 0, &again); /* RFC 3261 14.2: the first has no answer yet */
	peer_expect(&bench, 0, "SIP/2.0 500 ", got);
	seconds = strtoul(header_of(got, "Retry-After", value), &end, 10);
	ck_assert(value[0] && !*end && seconds <= 10);
	ck_assert_uint_eq(bench.incoming, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B23b_the_same_invite_through_a_second_server_gets_482)
{
	struct bench bench;
	char got[BENCH_TEXT];
	struct said copy = plain_invite;

	bench_open(&bench);
	ring(&bench);
	copy.branch = "copy";
	say(&bench, 1, &copy);
	peer_expect(&bench, 1, "SIP/2.0 482 ", got);
	ck_assert_uint_eq(bench.incoming, 1);
	copy.branch = "other"; /* another caller, another attempt of this one: calls of their own */
	copy.from_tag = "carol";
	say(&bench, 1, &copy);
	for (int i = 0; i < 3 && strncmp(got, "SIP/2.0 100", 11); i++)
		peer_expect(&bench, 1, "SIP/2.0 ", got);
	ck_assert_uint_eq(bench.incoming, 2);
	copy.branch = "another";
	copy.from_tag = NULL;
	copy.cseq = 11;
	say(&bench, 1, &copy);
	ck_assert_uint_eq(bench.incoming, 3);
	bench_close(&bench);
}
END_TEST

/* One that was ended is none any more: the caller's server may try another way. */
START_TEST(B23b_the_same_invite_after_a_cancel_rings)
{
	struct bench bench;
	char got[BENCH_TEXT];
	struct said said = plain_invite;

	bench_open(&bench);
	ring(&bench);
	said.method = "CANCEL";
	said.body = NULL;
	say(&bench, 0, &said);
	peer_expect(&bench, 0, "SIP/2.0 200", got);
	said = plain_invite;
	said.branch = "copy";
	say(&bench, 1, &said);
	peer_expect(&bench, 1, "SIP/2.0 100", got);
	ck_assert_uint_eq(bench.incoming, 2);
	bench_close(&bench);
}
END_TEST

/* RFC 3264 8: the origin stays, its version rises. */
START_TEST(B23b_sdp_of_one_session_keeps_its_origin)
{
	struct bench bench;
	char got[BENCH_TEXT], tag[512];
	struct said again = { .method = "INVITE", .cseq = 11, .to_tag = tag, .body = OFFER };
	struct said ack = { .method = "ACK", .branch = "ack2", .cseq = 11, .to_tag = tag };
	char branch[8] = "re0";
	unsigned long long session, version, next, raised;

	bench_open(&bench);
	pick_up(&bench, got, tag);
	ck_assert_int_eq(sscanf(strstr(got, "\r\no="), "\r\no=- %llu %llu", &session, &version), 2);
	for (; branch[2] < '3'; branch[2]++) {
		again.branch = branch;
		say(&bench, 0, &again);
		peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
		ck_assert_int_eq(sscanf(strstr(got, "\r\no="), "\r\no=- %llu %llu", &next, &raised),
				 2);
		ck_assert_uint_eq(next, session);
		ck_assert_uint_eq(raised, ++version);
		say(&bench, 0, &ack);
		again.cseq = ++ack.cseq;
		again.body = branch[2] == '1' ? NULL : OFFER; /* then the 200 has the offer */
	}
	bench_close(&bench);
}
END_TEST

/* The offer of a host has an origin of its own. */
START_TEST(B23b_sdp_of_the_host_keeps_its_origin)
{
	static const char sdp[] =
		"v=0\r\no=host 77 18446744073709551614 IN IP4 192.0.2.50\r\ns=x\r\n"
		"c=IN IP4 192.0.2.50\r\nt=0 0\r\nm=audio 7000 RTP/AVP 8\r\n";
	struct bench bench;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], got[BENCH_TEXT], reinvite[4096], to[512], from[512], id[512];

	bench_open(&bench);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "1002", sdp, &bench.call), 0);
	attempt = bench_attempt(&bench, FAILOVER_INVITE, 0, 1);
	attempt.cookie = bench.call;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "INVITE", text);
	peer_answer(&bench, 0, text, "200 OK", "Contact: <sip:bob@192.0.2.9>\r\n");
	peer_expect(&bench, 0, "ACK", got);
	snprintf(reinvite, sizeof(reinvite),
		 "INVITE sip:1001@127.0.0.1:%u SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;rport;"
		 "branch=z9hG4bKre\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 5 INVITE\r\n"
		 "Contact: <sip:bob@192.0.2.9>\r\nContent-Type: application/sdp\r\n"
		 "Content-Length: %zu\r\n\r\n%s",
		 bench.local.port, header_of(got, "To", to), header_of(got, "From", from),
		 header_of(got, "Call-ID", id), strlen(OFFER), OFFER);
	peer_say(&bench, 0, reinvite);
	peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
	ck_assert_ptr_nonnull(
		strstr(got, "\r\no=host 77 18446744073709551615 IN IP4 192.0.2.50\r\n"));
	bench_close(&bench);
}
END_TEST

/* ---- B24e --------------------------------------------------------------------------------- */

START_TEST(B24e_any_user_is_ours_where_one_line_is_alone)
{
	struct bench bench;
	char got[BENCH_TEXT];
	struct said said = plain_invite;

	bench_open(&bench);
	said.user = "+15551234567";
	say(&bench, 0, &said);
	peer_expect(&bench, 0, "SIP/2.0 100", got);
	ck_assert_uint_eq(bench.incoming, 1);
	bench_close(&bench);

	bench_open_with(&bench, 1); /* of strangers, calls for the line's own names only */
	ck_assert_int_eq(bench.lines->line_targets(bench.inst, 1, &bench.peers[1].target, 1), 0);
	say(&bench, 0, &said);
	peer_expect(&bench, 0, "SIP/2.0 404", got);
	ck_assert_uint_eq(bench.incoming, 0);
	bench_close(&bench);
}
END_TEST

/* A second line at the same servers. */
static void add_line(struct bench *bench, const char *const *users, uint32_t count)
{
	struct failover_registrar_identity registrar = { .size = sizeof(registrar),
							 .address = "primary.example" };
	struct failover_line_identity identity = { .size = sizeof(identity),
						   .line = 2,
						   .user = "2002",
						   .registrars = &registrar,
						   .registrars_count = 1,
						   .incoming_users = users,
						   .incoming_users_count = count };

	ck_assert_int_eq(bench->lines->line_set(bench->inst, &identity), 0);
	ck_assert_int_eq(bench->lines->line_targets(bench->inst, 2, &bench->peers[0].target, 1), 0);
}

START_TEST(B24e_incoming_user_says_whose_a_call_is)
{
	static const char *const users[] = { "+15551234567", "sales" };
	struct bench bench;
	char got[BENCH_TEXT];
	struct said said = plain_invite;

	bench_open(&bench);
	add_line(&bench, NULL, 0);
	said.user = "+15551234567";
	say(&bench, 0, &said);
	peer_expect(&bench, 0, "SIP/2.0 404", got);
	bench.incoming_users = users; /* of line 1, which the bench expects */
	bench.incoming_users_count = 2;
	bench_identity(&bench, "secret", NULL);
	said.branch = "b2";
	say(&bench, 0, &said);
	for (int i = 0; i < 3 && strncmp(got, "SIP/2.0 100", 11); i++)
		peer_expect(&bench, 0, "SIP/2.0 ", got);
	ck_assert_uint_eq(bench.incoming, 1);
	said.branch = "b3";
	said.user = "sales";
	said.from_tag = "carol";
	say(&bench, 0, &said);
	ck_assert_uint_eq(bench.incoming, 2);
	said.branch = "b4";
	said.user = "nobody";
	said.from_tag = "dave";
	say(&bench, 0, &said);
	ck_assert_uint_eq(bench.incoming, 2);
	bench_close(&bench);
}
END_TEST

/* Peer 1 serves line 1 alone. */
START_TEST(B24e_any_user_is_ours_where_one_line_alone_has_that_server)
{
	struct bench bench;
	char got[BENCH_TEXT];
	struct said said = plain_invite;

	bench_open(&bench);
	add_line(&bench, NULL, 0);
	said.user = "+15551234567";
	say(&bench, 1, &said);
	peer_expect(&bench, 1, "SIP/2.0 100", got);
	ck_assert_uint_eq(bench.incoming, 1);
	bench_close(&bench);
}
END_TEST

/* ---- B24e: Expires of an INVITE ----------------------------------------------------------- */

START_TEST(B24e_an_incoming_call_rings_as_long_as_its_invite_says)
{
	struct bench bench;
	char got[BENCH_TEXT], tag[512];
	struct said said = plain_invite;

	bench_open(&bench);
	said.headers = "Contact: <sip:bob@192.0.2.9>\r\nExpires: 5\r\n";
	say(&bench, 0, &said);
	peer_expect(&bench, 0, "SIP/2.0 100", got);
	bench_advance(&bench, 4999);
	ck_assert_uint_eq(bench.ended, 0);
	bench_advance(&bench, 1);
	peer_expect(&bench, 0, "SIP/2.0 487 ", got);
	ck_assert_uint_eq(bench.ended, 1);
	ck_assert_uint_eq(bench.ended_status, 487);
	said.method = "ACK";
	said.to_tag = tag_of(got, tag);
	say(&bench, 0, &said);
	bench_close(&bench);

	bench_open(&bench); /* it is for ringing alone */
	said = plain_invite;
	said.headers = "Contact: <sip:bob@192.0.2.9>\r\nExpires: 5\r\n";
	say(&bench, 0, &said);
	peer_expect(&bench, 0, "SIP/2.0 100", got);
	ck_assert_int_eq(bench.calls->call_answer(bench.inst, bench.call, 200), 0);
	peer_expect(&bench, 0, "SIP/2.0 200 OK", got);
	said.method = said.branch = "ACK";
	said.to_tag = tag_of(got, tag);
	said.headers = said.body = NULL;
	say(&bench, 0, &said);
	ck_assert_uint_eq(bench.up, 1);
	bench_advance(&bench, 60000);
	peer_expect_none(&bench, 0);
	ck_assert_uint_eq(bench.ended, 0);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B23b_a_reinvite_replaces_the_remote_target);
	tcase_add_test(tcase, B23b_an_update_replaces_the_remote_target);
	tcase_add_test(tcase, B23b_a_refused_reinvite_leaves_the_remote_target);
	tcase_add_test(tcase,
		       B23b_a_required_extension_is_refused_inside_a_dialog_but_not_in_a_bye);
	tcase_add_test(tcase, B23b_an_overlapping_invite_is_told_when_to_come_again);
	tcase_add_test(tcase, B23b_the_same_invite_through_a_second_server_gets_482);
	tcase_add_test(tcase, B23b_the_same_invite_after_a_cancel_rings);
	tcase_add_test(tcase, B23b_sdp_of_one_session_keeps_its_origin);
	tcase_add_test(tcase, B23b_sdp_of_the_host_keeps_its_origin);
	tcase_add_test(tcase, B24e_any_user_is_ours_where_one_line_is_alone);
	tcase_add_test(tcase, B24e_incoming_user_says_whose_a_call_is);
	tcase_add_test(tcase, B24e_any_user_is_ours_where_one_line_alone_has_that_server);
	tcase_add_test(tcase, B24e_an_incoming_call_rings_as_long_as_its_invite_says);
}

int main(void)
{
	return bench_main("calls", add);
}
