/* SPDX-License-Identifier: MIT */
/* ua_test.c - the shared user agent over a stack that can only send bytes: the client transactions
 * of RFC 3261 17.1, and what the seam promises to adapters. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../ua/raw.h"
#include "../../ua/transaction.h"

#define REGISTRAR                                                                                  \
	(struct failover_target)                                                                   \
	{                                                                                          \
		.address = { 192, 0, 2, 1 }, .port = 5060, .family = 4                             \
	}

/* The whole stack: the last packet, how many there were, and what is to fail. */
struct bench {
	struct ua ua;
	struct failover_host host;
	uint64_t now;
	unsigned packets, sent, answers, unreachable, stopped, quieted;
	uint32_t status, expires_s, verdict;
	int send_error, stop_answer, own_timers;
	char text[UA_MESSAGE_MAX];
	char own_branch[UA_BRANCH_MAX];
	uint8_t host_byte;	   /* last of our own address */
	const char *authorization; /* what the stack's helper says; NULL = it cannot */
};

#define bench_of(base) UA_CONTAINER(base, struct bench, ua)

/* ---- host --------------------------------------------------------------------------------- */

static uint64_t host_now(void *ctx)
{
	return ((struct bench *)ctx)->now;
}

static void host_sent(void *ctx, uint64_t attempt)
{
	(void)attempt;
	((struct bench *)ctx)->sent++;
}

static uint32_t host_response(void *ctx, uint64_t attempt, const struct failover_answer *answer)
{
	struct bench *bench = ctx;

	(void)attempt;
	bench->answers++;
	bench->status = answer->status;
	bench->expires_s = answer->expires_s;
	return bench->verdict;
}

static void host_unreachable(void *ctx, uint64_t attempt, uint32_t reason)
{
	(void)attempt, (void)reason;
	((struct bench *)ctx)->unreachable++;
}

static int host_random(void *ctx, void *bytes, size_t count)
{
	static unsigned char next;
	unsigned char *to = bytes;

	(void)ctx;
	while (count--)
		*to++ = next++;
	return 0;
}

/* ---- stack -------------------------------------------------------------------------------- */

static int stack_local(struct ua *ua, const struct failover_target *target,
		       struct failover_target *out)
{
	*out = REGISTRAR;
	out->address[3] = bench_of(ua)->host_byte;
	out->transport = target->transport;
	return 0;
}

static int stack_send(struct ua *ua, const struct failover_target *target, const char *bytes,
		      size_t count)
{
	struct bench *bench = bench_of(ua);

	ck_assert_uint_eq(target->port, 5060);
	ck_assert_uint_lt(count, sizeof(bench->text));
	if (bench->send_error)
		return bench->send_error;
	memcpy(bench->text, bytes, count);
	bench->text[count] = '\0';
	bench->packets++;
	return 0;
}

static int stack_start(struct ua_client *client)
{
	struct bench *bench = bench_of(client->ua);

	if (bench->own_branch[0])
		ua_client_set_branch(client, bench->own_branch);
	if (!bench->own_timers)
		return ua_transaction_start(client);
	client->stack_timers = 1;
	ua_client_sent(client);
	return 0;
}

static int stack_stop(struct ua_client *client)
{
	struct bench *bench = bench_of(client->ua);

	bench->stopped++;
	return bench->stop_answer;
}

static void stack_quiet(struct ua_client *client)
{
	bench_of(client->ua)->quieted++;
}

static int stack_authorize(struct ua *ua, const struct ua_authorization *what, char *out,
			   size_t size)
{
	struct bench *bench = bench_of(ua);

	ck_assert_str_eq(what->challenge->realm, "r");
	ck_assert_str_eq(what->request.user, "u");
	return bench->authorization ? snprintf(out, size, "%s", bench->authorization)
				    : FAILOVER_ERR_UNSUPPORTED;
}

static const struct ua_stack stack = {
	.name = "bench",
	.client_size = sizeof(struct ua_client),
	.local = stack_local,
	.send = stack_send,
	.start = stack_start,
	.again = ua_transaction_again,
	.response = ua_transaction_response,
	.stop = stack_stop,
	.quiet = stack_quiet,
	.authorize = stack_authorize,
};

/* ---- bench -------------------------------------------------------------------------------- */

static void bench_open(struct bench *bench)
{
	const struct failover_ext_line *lines = ua_extension(FAILOVER_EXT_LINE);
	struct failover_open_params params = { .size = sizeof(params) };
	struct failover_registrar_identity registrar = { .size = sizeof(registrar),
							 .address = "192.0.2.1" };
	struct failover_line_identity identity = { .size = sizeof(identity),
						   .line = 1,
						   .user = "u",
						   .auth_user = "u",
						   .auth_password = "p",
						   .registrars = &registrar,
						   .registrars_count = 1 };

	memset(bench, 0, sizeof(*bench));
	bench->now = 1000;
	bench->host_byte = 99;
	bench->host = (struct failover_host){ .size = sizeof(bench->host),
					      .ctx = bench,
					      .now = host_now,
					      .sent = host_sent,
					      .response = host_response,
					      .unreachable = host_unreachable,
					      .random = host_random };
	ck_assert_int_eq(ua_init(&bench->ua, &stack, &bench->host, &params), 0);
	ck_assert_int_eq(lines->line_set(&bench->ua, &identity), 0);
}

static void bench_close(struct bench *bench)
{
	ua_end(&bench->ua);
	ua_clear(&bench->ua);
}

static struct failover_attempt attempt_of(uint32_t method, uint64_t cookie)
{
	return (struct failover_attempt){ .size = sizeof(struct failover_attempt),
					  .line = 1,
					  .id = 7,
					  .request = 100,
					  .cookie = cookie,
					  .target = REGISTRAR,
					  .method = method,
					  .dialog = 1,
					  .expires_s = 3600,
					  .transmissions = 3,
					  .budget_ms = 3500,
					  .t1_ms = 500,
					  .t2_ms = 4000,
					  .t4_ms = 5000 };
}

static void start(struct bench *bench, uint32_t method, uint64_t cookie)
{
	struct failover_attempt attempt = attempt_of(method, cookie);

	ck_assert_int_eq(ua_send(&bench->ua, &attempt), 0);
}

static void start_invite(struct bench *bench)
{
	const struct failover_ext_call *calls = ua_extension(FAILOVER_EXT_CALL);
	uint64_t call = 0;

	ck_assert_int_eq(calls->call_new(&bench->ua, 1, "1002", NULL, &call), 0);
	start(bench, FAILOVER_INVITE, call);
}

static void advance(struct bench *bench, uint64_t ms)
{
	uint64_t until = bench->now + ms, next;

	while ((next = ua_deadline(&bench->ua)) <= until) {
		bench->now = next;
		ua_run_timers(&bench->ua);
	}
	bench->now = until;
}

static void part(const char *text, const char *after, const char *end, char out[256])
{
	const char *at = strstr(text, after);

	ck_assert_ptr_nonnull(at);
	at += strlen(after);
	snprintf(out, 256, "%.*s", (int)strcspn(at, end), at);
}

/* A response to this request, as an adapter would read it. */
struct reading {
	struct ua_view view;
	char branch[256], call_id[256], from[256], method[256], cseq[256];
};

static void read_as_response(struct reading *out, const char *request, uint32_t status)
{
	memset(out, 0, sizeof(*out));
	part(request, "branch=", ";\r", out->branch);
	part(request, "Call-ID: ", "\r", out->call_id);
	part(request, "From: ", "\r", out->from);
	part(request, "CSeq: ", " ", out->cseq);
	part(request, "", " ", out->method);
	out->view = (struct ua_view){ .status = status,
				      .cseq = (uint32_t)strtoul(out->cseq, NULL, 10),
				      .method = out->method,
				      .branch = out->branch,
				      .call_id = out->call_id,
				      .from = out->from,
				      .to = "<sip:1002@192.0.2.1>;tag=peer",
				      .to_tag = "peer",
				      .contact = "sip:1002@192.0.2.1:5060",
				      .source = REGISTRAR };
}

static void answer(struct bench *bench, const char *request, uint32_t status)
{
	struct reading reading;

	read_as_response(&reading, request, status);
	ua_response(&bench->ua, &reading.view);
}

/* ---- tests -------------------------------------------------------------------------------- */

START_TEST(B3a_three_packets_and_no_fourth_without_a_stack)
{
	static const unsigned after[][2] = { { 0, 1 },	 { 499, 1 }, { 1, 2 },
					     { 999, 2 }, { 1, 3 },   { 20000, 3 } };
	struct bench bench;
	size_t i;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	for (i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		advance(&bench, after[i][0]);
		ck_assert_uint_eq(bench.packets, after[i][1]);
		ck_assert_uint_eq(bench.sent, after[i][1]);
	}
	bench_close(&bench);
}
END_TEST

START_TEST(B7c_a_repeated_final_response_is_absorbed)
{
	struct bench bench;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	answer(&bench, bench.text, 200);
	answer(&bench, bench.text, 200);
	answer(&bench, bench.text, 403);
	ck_assert_uint_eq(bench.answers, 1);
	ck_assert_uint_eq(bench.status, 200);
	advance(&bench, 40000);
	ck_assert_uint_eq(bench.packets, 1);
	ck_assert_uint_eq(bench.stopped, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(INVITE_each_failure_gets_its_ack_on_the_branch)
{
	struct bench bench;
	char invite[UA_MESSAGE_MAX], branch[256], of_ack[256];

	bench_open(&bench);
	start_invite(&bench);
	memcpy(invite, bench.text, sizeof(invite));
	part(invite, "branch=", ";\r", branch);
	answer(&bench, invite, 486);
	ck_assert_uint_eq(bench.packets, 2);
	ck_assert_int_eq(strncmp(bench.text, "ACK sip:1002@192.0.2.1", 22), 0);
	part(bench.text, "branch=", ";\r", of_ack);
	ck_assert_str_eq(branch, of_ack);
	ck_assert_ptr_nonnull(strstr(bench.text, "To: <sip:1002@192.0.2.1>;tag=peer\r\n"));
	ck_assert_ptr_nonnull(strstr(bench.text, "CSeq: 1 ACK\r\n"));
	answer(&bench, invite, 486);
	ck_assert_uint_eq(bench.packets, 3);
	ck_assert_uint_eq(bench.answers, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B7a_a_late_200_is_acked_and_ended)
{
	struct bench bench;
	char invite[UA_MESSAGE_MAX];

	bench_open(&bench);
	start_invite(&bench);
	memcpy(invite, bench.text, sizeof(invite));
	ck_assert_int_eq(ua_timeout(&bench.ua, 7, FAILOVER_ABANDON_BUDGET), 0);
	advance(&bench, 10000);
	ck_assert_uint_eq(bench.packets, 1);
	bench.verdict = FAILOVER_VERDICT_LATE;
	answer(&bench, invite, 200);
	ck_assert_uint_eq(bench.packets, 3); /* ACK, then BYE */
	ck_assert_int_eq(strncmp(bench.text, "BYE ", 4), 0);
	answer(&bench, invite, 200);
	ck_assert_int_eq(strncmp(bench.text, "ACK ", 4), 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B7a_a_late_180_is_cancelled_on_its_branch)
{
	struct bench bench;
	char invite[UA_MESSAGE_MAX], branch[256], of_cancel[256];

	bench_open(&bench);
	start_invite(&bench);
	memcpy(invite, bench.text, sizeof(invite));
	part(invite, "branch=", ";\r", branch);
	ck_assert_int_eq(ua_timeout(&bench.ua, 7, FAILOVER_ABANDON_BUDGET), 0);
	bench.verdict = FAILOVER_VERDICT_LATE;
	answer(&bench, invite, 180);
	ck_assert_int_eq(strncmp(bench.text, "CANCEL ", 7), 0);
	part(bench.text, "branch=", ";\r", of_cancel);
	ck_assert_str_eq(branch, of_cancel);
	answer(&bench, bench.text, 200); /* to the CANCEL */
	answer(&bench, invite, 487);
	ck_assert_int_eq(strncmp(bench.text, "ACK ", 4), 0);
	bench_close(&bench);
}
END_TEST

START_TEST(a_stack_that_cannot_stop_says_so)
{
	struct bench bench;

	bench_open(&bench);
	bench.stop_answer = 1;
	start(&bench, FAILOVER_REGISTER, 0);
	ck_assert_int_eq(ua_timeout(&bench.ua, 7, FAILOVER_ABANDON_BUDGET), 1);
	ck_assert_int_eq(ua_timeout(&bench.ua, 7, FAILOVER_ABANDON_BUDGET), 0);
	answer(&bench, bench.text, 200);
	ck_assert_uint_eq(bench.answers, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(B4_what_cannot_be_sent_ends_the_attempt)
{
	struct failover_attempt attempt = attempt_of(FAILOVER_REGISTER, 0);
	struct bench bench;

	bench_open(&bench);
	bench.send_error = FAILOVER_ERR_IO;
	ck_assert_int_eq(ua_send(&bench.ua, &attempt), FAILOVER_ERR_IO);
	ck_assert_uint_eq(bench.unreachable, 0); /* the hook's own answer says it */
	bench.send_error = 0;
	ck_assert_int_eq(ua_send(&bench.ua, &attempt), 0);
	bench.send_error = FAILOVER_ERR_IO;
	advance(&bench, 500);
	ck_assert_uint_eq(bench.unreachable, 1);
	bench_close(&bench);
}
END_TEST

static void undelivered(struct bench *bench, const struct failover_target *to, const char *quote)
{
	struct ua_icmp error = { .to = *to, .quoted = strlen(quote) };

	memcpy(error.quote, quote, error.quoted);
	ua_undelivered(&bench->ua, &error);
}

START_TEST(B4_icmp_is_for_those_that_wait_for_a_first_answer)
{
	struct failover_target other = REGISTRAR;
	struct bench bench;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	other.port++;
	undelivered(&bench, &other, bench.text);
	ck_assert_uint_eq(bench.unreachable, 0);
	answer(&bench, bench.text, 100);
	undelivered(&bench, &REGISTRAR, bench.text);
	ck_assert_uint_eq(bench.unreachable, 0);
	ck_assert_int_eq(ua_timeout(&bench.ua, 7, FAILOVER_ABANDON_UNAVAILABLE), 0);
	start(&bench, FAILOVER_REGISTER, 0);
	undelivered(&bench, &REGISTRAR, bench.text);
	ck_assert_uint_eq(bench.unreachable, 1);
	bench_close(&bench);
}
END_TEST

/* Up to here of the text, and not a byte more. */
static void quoted(struct bench *bench, const char *text, size_t count)
{
	char quote[2048];

	ck_assert_uint_lt(count, sizeof(quote));
	memcpy(quote, text, count);
	quote[count] = '\0';
	undelivered(bench, &REGISTRAR, quote);
}

START_TEST(B21b_an_error_that_quotes_the_branch_counts_at_once)
{
	struct bench bench;
	char text[sizeof(bench.text)];
	size_t branch;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	memcpy(text, bench.text, sizeof(text));
	branch = (size_t)(strstr(text, ";branch=") - text) + 8;
	quoted(&bench, text, branch + 22); /* fewer bits than can be guessed */
	ck_assert_uint_eq(bench.unreachable, 0);
	quoted(&bench, text, branch + 23);
	ck_assert_uint_eq(bench.unreachable, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B21b_an_error_that_quotes_what_was_not_sent_never_counts)
{
	static const char *const quotes[] = {
		"REGISTER sip:elsewhere.example SIP/2.0\r\n",
		"OPTIONS ",
		"x",
		"SIP/2.0 200 OK\r\n",
		"REGISTER sip:primary.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;"
		"branch=z9hG4bK00000000000000000000000000000000\r\n",
	};
	struct bench bench;
	size_t i;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	for (i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		undelivered(&bench, &REGISTRAR, quotes[i]);
	advance(&bench, 500);
	for (i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		undelivered(&bench, &REGISTRAR, quotes[i]);
	ck_assert_uint_eq(bench.unreachable, 0);
	ck_assert_uint_eq(bench.ua.counters.forged, 10);
	bench_close(&bench);
}
END_TEST

START_TEST(B21b_without_a_quote_two_errors_for_two_packets_are_needed)
{
	struct bench bench;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	undelivered(&bench, &REGISTRAR, "");
	undelivered(&bench, &REGISTRAR, "");
	undelivered(&bench, &REGISTRAR, "REGISTER "); /* anybody can say so */
	ck_assert_uint_eq(bench.unreachable, 0);
	advance(&bench, 500);
	ck_assert_uint_eq(bench.unreachable, 0);
	undelivered(&bench, &REGISTRAR, "");
	ck_assert_uint_eq(bench.unreachable, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B21b_what_this_system_says_needs_no_quote)
{
	struct ua_icmp error = { .to = REGISTRAR, .is_local = 1 };
	struct bench bench;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	ua_undelivered(&bench.ua, &error);
	ck_assert_uint_eq(bench.unreachable, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(a_branch_of_the_stacks_own_is_found)
{
	struct reading reading;
	struct bench bench;

	bench_open(&bench);
	snprintf(bench.own_branch, sizeof(bench.own_branch), "z9hG4bKown");
	start(&bench, FAILOVER_REGISTER, 0);
	read_as_response(&reading, bench.text, 200);
	ua_response(&bench.ua, &reading.view); /* the branch that it did not take */
	ck_assert_uint_eq(bench.answers, 0);
	reading.view.branch = "z9hG4bKown";
	ua_response(&bench.ua, &reading.view);
	ck_assert_uint_eq(bench.answers, 1);
	bench_close(&bench);
}
END_TEST

START_TEST(B7a_a_stack_that_retransmits_is_told_to_be_quiet)
{
	struct bench bench;

	bench_open(&bench);
	bench.own_timers = 1;
	start_invite(&bench);
	advance(&bench, 3500);
	ck_assert_uint_eq(bench.packets, 0); /* the stack's affair */
	ck_assert_uint_eq(bench.sent, 1);
	ck_assert_int_eq(ua_timeout(&bench.ua, 7, FAILOVER_ABANDON_BUDGET), 0);
	ck_assert_uint_eq(bench.quieted, 1);
	ck_assert_uint_eq(bench.stopped, 0);
	advance(&bench, 32000);
	ck_assert_uint_eq(bench.stopped, 1);
	bench_close(&bench);
}
END_TEST

static void challenge(struct bench *bench, const char *value)
{
	struct reading reading;

	read_as_response(&reading, bench->text, 401);
	reading.view.challenges[0].value = value;
	reading.view.challenges_count = 1;
	ua_response(&bench->ua, &reading.view);
}

START_TEST(B4b_the_stacks_digest_comes_first_then_the_shared_one)
{
	struct bench bench;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	bench.authorization = "Digest of-the-stack";
	challenge(&bench, "Digest realm=\"r\", nonce=\"1\"");
	ck_assert_ptr_nonnull(strstr(bench.text, "\r\nAuthorization: Digest of-the-stack\r\n"));
	bench.authorization = NULL;
	challenge(&bench, "Digest realm=\"r\", nonce=\"2\", stale=true, algorithm=SHA-256");
	ck_assert_ptr_nonnull(strstr(bench.text, "algorithm=SHA-256"));
	bench.authorization = "two\r\nlines: no";
	challenge(&bench, "Digest realm=\"r\", nonce=\"3\", stale=true");
	ck_assert_ptr_null(strstr(bench.text, "lines: no"));
	ck_assert_ptr_nonnull(strstr(bench.text, "nonce=\"3\""));
	bench_close(&bench);
}
END_TEST

START_TEST(hostile_line_ends_in_a_dialog_make_no_headers)
{
	struct reading reading;
	struct bench bench;

	bench_open(&bench);
	start_invite(&bench);
	read_as_response(&reading, bench.text, 200);
	reading.view.contact = "sip:x@192.0.2.1\r\nEvil: 1";
	ua_response(&bench.ua, &reading.view);
	ck_assert_uint_eq(bench.answers, 1);
	ck_assert_uint_eq(bench.packets, 1);
	ck_assert_ptr_null(strstr(bench.text, "Evil"));
	bench_close(&bench);
}
END_TEST

START_TEST(B15_the_granted_time_is_of_our_contact_only)
{
	static const char message[] = "SIP/2.0 200 OK\r\nContact: <sip:u@192.0.2.98>;expires=11,"
				      "<sip:u@192.0.2.99>;expires=22\r\n\r\n";
	struct reading reading;
	struct ua_raw raw;
	struct bench bench;

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	read_as_response(&reading, bench.text, 200);
	ck_assert_int_eq(ua_raw_read(&raw, message, strlen(message)), 0);
	reading.view.raw = &raw;
	reading.view.expires = "33";
	ua_response(&bench.ua, &reading.view);
	ua_raw_free(&raw);
	ck_assert_uint_eq(bench.expires_s, 22);
	bench_close(&bench);
}
END_TEST

START_TEST(B24b_a_changed_address_ends_the_binding_of_the_old_one)
{
	struct bench bench;
	struct failover_attempt attempt = attempt_of(FAILOVER_REGISTER, 0);

	bench_open(&bench);
	start(&bench, FAILOVER_REGISTER, 0);
	answer(&bench, bench.text, 200);
	bench.host_byte = 98; /* the device has moved */
	start(&bench, FAILOVER_REGISTER, 0);
	ck_assert_ptr_nonnull(strstr(bench.text, "\r\nContact: <sip:u@192.0.2.98:5060>"));
	ck_assert_ptr_nonnull(
		strstr(bench.text, "\r\nContact: <sip:u@192.0.2.99:5060>;expires=0\r\n"));
	answer(&bench, bench.text, 408); /* not heard: it is there still */
	bench.host_byte = 97;
	start(&bench, FAILOVER_REGISTER, 0);
	ck_assert_ptr_nonnull(strstr(bench.text, "\r\nContact: <sip:u@192.0.2.97:5060>"));
	ck_assert_ptr_nonnull(
		strstr(bench.text, "\r\nContact: <sip:u@192.0.2.99:5060>;expires=0\r\n"));
	answer(&bench, bench.text, 200);
	start(&bench, FAILOVER_REGISTER, 0);
	ck_assert_ptr_null(strstr(bench.text, "expires=0"));
	answer(&bench, bench.text, 200);
	bench.host_byte = 96;
	attempt.expires_s = 0; /* what is removed, is what is there */
	ck_assert_int_eq(ua_send(&bench.ua, &attempt), 0);
	ck_assert_ptr_nonnull(strstr(bench.text, "\r\nContact: <sip:u@192.0.2.97:5060>\r\n"));
	ck_assert_ptr_null(strstr(bench.text, "192.0.2.96:5060>"));
	bench_close(&bench);
}
END_TEST

START_TEST(texts_in_three_lengths)
{
	struct ua_request request = { .method = "OPTIONS",
				      .uri = "sip:a",
				      .from = "<sip:b>;tag=;tag=t",
				      .to = "<sip:a>",
				      .call_id = "c",
				      .branch = "z9hG4bKd",
				      .routes = "Route: <sip:r;lr>\r\n",
				      .contact = "",
				      .credentials = "",
				      .headers = "",
				      .user_agent = "",
				      .body = "",
				      .cseq = 9,
				      .local = REGISTRAR };
	char text[1024];
	int whole, without;

	whole = ua_request_text(&request, UA_TEXT_WHOLE, text, sizeof(text));
	ck_assert_int_eq(whole, (int)strlen(text));
	ck_assert_ptr_nonnull(strstr(text, "\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;branch="));
	without = ua_request_text(&request, UA_TEXT_NO_VIA, text, sizeof(text));
	ck_assert_int_lt(without, whole);
	ck_assert_int_eq(strncmp(text, "OPTIONS sip:a SIP/2.0\r\nRoute: <sip:r;lr>\r\n", 42), 0);
	ck_assert_int_gt(ua_request_text(&request, UA_TEXT_HEADERS, text, sizeof(text)), 0);
	ck_assert_int_eq(strncmp(text, "Route: ", 7), 0);
	ck_assert_int_eq(ua_request_text(&request, UA_TEXT_WHOLE, text, 40), FAILOVER_ERR_FULL);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B3a_three_packets_and_no_fourth_without_a_stack);
	tcase_add_test(tcase, B7c_a_repeated_final_response_is_absorbed);
	tcase_add_test(tcase, INVITE_each_failure_gets_its_ack_on_the_branch);
	tcase_add_test(tcase, B7a_a_late_200_is_acked_and_ended);
	tcase_add_test(tcase, B7a_a_late_180_is_cancelled_on_its_branch);
	tcase_add_test(tcase, a_stack_that_cannot_stop_says_so);
	tcase_add_test(tcase, B4_what_cannot_be_sent_ends_the_attempt);
	tcase_add_test(tcase, B21b_an_error_that_quotes_the_branch_counts_at_once);
	tcase_add_test(tcase, B21b_an_error_that_quotes_what_was_not_sent_never_counts);
	tcase_add_test(tcase, B21b_without_a_quote_two_errors_for_two_packets_are_needed);
	tcase_add_test(tcase, B21b_what_this_system_says_needs_no_quote);
	tcase_add_test(tcase, B4_icmp_is_for_those_that_wait_for_a_first_answer);
	tcase_add_test(tcase, a_branch_of_the_stacks_own_is_found);
	tcase_add_test(tcase, B7a_a_stack_that_retransmits_is_told_to_be_quiet);
	tcase_add_test(tcase, B4b_the_stacks_digest_comes_first_then_the_shared_one);
	tcase_add_test(tcase, hostile_line_ends_in_a_dialog_make_no_headers);
	tcase_add_test(tcase, B15_the_granted_time_is_of_our_contact_only);
	tcase_add_test(tcase, B24b_a_changed_address_ends_the_binding_of_the_old_one);
	tcase_add_test(tcase, texts_in_three_lengths);
}

int main(void)
{
	Suite *suite = suite_create("ua");
	TCase *tcase = tcase_create("ua");
	SRunner *runner;
	int failed;

	add(tcase);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
