/* SPDX-License-Identifier: MIT */
/* plugin_message_test.c - the same messages for every stack, and the same answers and values from
 * each (B22d, B24). The tables are in message_rows.c. */
#include "plugin_bench.h"
#include "message_rows.h"

/* What $letters stand for. */
struct words {
	char via[512], from[512], to[512], call_id[512], number[16];
	char host[64], port[16], branch[512], contact[512], instance[512];
	char others[8192], lines[8192];
};

static void cut(const char *text, const char *after, const char *end, char *out, size_t size)
{
	const char *at = strstr(text, after);

	ck_assert_ptr_nonnull(at);
	at += strlen(after);
	snprintf(out, size, "%.*s", (int)strcspn(at, end), at);
}

static void read_words(const char *request, struct words *out)
{
	size_t at;
	int i;

	header_of(request, "Via", out->via);
	header_of(request, "From", out->from);
	header_of(request, "To", out->to);
	strcat(out->to, ";tag=peer");
	header_of(request, "Call-ID", out->call_id);
	snprintf(out->number, sizeof(out->number), "%u", cseq_of(request));
	cut(out->via, "SIP/2.0/UDP ", ":", out->host, sizeof(out->host));
	cut(out->via, "127.0.0.1:", ";", out->port, sizeof(out->port));
	branch_of(request, out->branch);
	cut(request, "Contact: <", ">", out->contact, sizeof(out->contact));
	out->instance[0] = '\0';
	if (strstr(request, "+sip.instance=\"<"))
		cut(request, "+sip.instance=\"<", ">", out->instance, sizeof(out->instance));
	out->others[0] = out->lines[0] = '\0';
	for (i = 0, at = 0; i < 100; i++)
		at += (size_t)snprintf(out->others + at, sizeof(out->others) - at,
				       "Contact: <sip:x%d@192.0.2.8>;expires=7\r\n", i);
	for (i = 0, at = 0; i < 300; i++)
		at += (size_t)snprintf(out->lines + at, sizeof(out->lines) - at, "X-%d: y\r\n", i);
}

static const char *word(const struct words *words, char letter)
{
	static const char letters[] = "VFTINHPBCGLU";
	const char *const texts[] = { words->via,      words->from,   words->to,
				      words->call_id,  words->number, words->host,
				      words->port,     words->branch, words->contact,
				      words->instance, words->others, words->lines };
	const char *at = letter ? strchr(letters, letter) : NULL;

	ck_assert_msg(at != NULL, "no word $%c", letter);
	return texts[at - letters];
}

/* One place of a plain message changed, and the words put in. */
static void make(const char *plain, const char *from, const char *to, const struct words *words,
		 char out[BENCH_TEXT])
{
	char text[BENCH_TEXT];
	const char *at = strstr(plain, from), *read;
	size_t length = 0;

	ck_assert_msg(at != NULL, "\"%s\" is not in the plain message", from);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - plain), plain, to, at + strlen(from));
	for (read = text; *read; read++) {
		const char *value = read[0] == '$' ? word(words, *++read) : NULL;

		if (value)
			length += (size_t)snprintf(out + length, BENCH_TEXT - length, "%s", value);
		else
			out[length++] = *read;
		ck_assert_uint_lt(length, BENCH_TEXT - 1);
	}
	out[length] = '\0';
}

/* Answers that could not be read. */
static struct {
	unsigned count;
	char first_line[128], why[64];
} bad;

static void on_bad_answer(void *ctx, const struct failover_bad_answer *news)
{
	(void)ctx;
	ck_assert_uint_eq(news->size, sizeof(*news));
	ck_assert_uint_eq(news->attempt, 1);
	ck_assert_uint_eq(news->line, 1);
	ck_assert_uint_eq(news->method, FAILOVER_REGISTER);
	ck_assert_uint_ne(news->target.port, 0);
	bad.count++;
	snprintf(bad.first_line, sizeof(bad.first_line), "%s", news->first_line);
	snprintf(bad.why, sizeof(bad.why), "%s", news->why);
}

START_TEST(B24_zero_seconds_are_no_registration_unless_they_were_asked_for)
{
	struct failover_attempt attempt;
	struct bench bench;
	char text[BENCH_TEXT], filled[512];
	uint32_t asked_s;

	for (asked_s = 0; asked_s <= 3600; asked_s += 3600) {
		bench_open(&bench);
		attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
		attempt.expires_s = asked_s;
		bench_send(&bench, &attempt);
		peer_expect(&bench, 0, "REGISTER", text);
		snprintf(filled, sizeof(filled), "Contact: <sip:1001@127.0.0.1:%u>;expires=0\r\n",
			 bench.local.port);
		peer_answer(&bench, 0, text, "200 OK", filled);
		ck_assert_uint_eq(bench_last(&bench)->answer.flags & FAILOVER_ANSWER_UNBOUND,
				  asked_s ? FAILOVER_ANSWER_UNBOUND : 0);
		bench_close(&bench);
	}
}
END_TEST

START_TEST(B24_B22d_an_answer_to_register_means_the_same_to_every_stack)
{
	const struct register_row *row = &register_rows[_i];
	struct bench bench;
	struct words words;
	struct failover_attempt attempt;
	char request[BENCH_TEXT], text[BENCH_TEXT];

	memset(&bad, 0, sizeof(bad));
	bench_open(&bench);
	bench.host.bad_answer = on_bad_answer;
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", request);
	read_words(request, &words);
	make(register_plain, row->from, row->to, &words, text);
	peer_say(&bench, 0, text);
	ck_assert_msg(bench.answers_count == (row->status != 0), "%s: %u answers", row->what,
		      bench.answers_count);
	ck_assert_msg(bad.count == !row->status, "%s: %u bad answers", row->what, bad.count);
	if (row->status) {
		ck_assert_msg(bench_last(&bench)->answer.status == row->status &&
				      bench_last(&bench)->answer.expires_s == row->expires_s,
			      "%s: %u for %u s", row->what, bench_last(&bench)->answer.status,
			      bench_last(&bench)->answer.expires_s);
		ck_assert_msg(!(bench_last(&bench)->answer.flags & FAILOVER_ANSWER_UNBOUND) ==
				      (row->status / 100 != 2 || row->expires_s),
			      "%s: 0 s for ours, and only that, is no registration", row->what);
	} else {
		ck_assert_int_eq(strncmp(bad.first_line, "SIP/", 4), 0);
		ck_assert_str_ne(bad.why, "");
		peer_say(&bench, 0, text); /* told once */
		ck_assert_uint_eq(bad.count, 1);
	}
	bench_close(&bench);
}
END_TEST

START_TEST(B22d_an_answer_to_invite_means_the_same_to_every_stack)
{
	const struct invite_row *row = &invite_rows[_i];
	struct bench bench;
	struct words words;
	struct failover_attempt attempt;
	char request[BENCH_TEXT], text[BENCH_TEXT], line[512];
	uint64_t call;

	bench_open(&bench);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "1002", NULL, &call), 0);
	attempt = bench_attempt(&bench, FAILOVER_INVITE, 0, 1);
	attempt.cookie = call;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "INVITE", request);
	read_words(request, &words);
	make(invite_plain, row->from, row->to, &words, text);
	peer_say(&bench, 0, text);
	snprintf(line, sizeof(line), "ACK %s SIP/2.0\r\n", row->uri);
	ck_assert_msg(peer_take(&bench, 0, text), "%s: no ACK", row->what);
	ck_assert_msg(!strncmp(text, line, strlen(line)), "%s: %.*s", row->what,
		      (int)strcspn(text, "\r"), text);
	ck_assert_uint_eq(headers_in(text, "Route"),
			  (unsigned)(row->routes[0] != '\0') +
				  (strstr(row->routes, "\r\nRoute") != NULL) +
				  (row->routes[0] == 'R' && strstr(row->routes, "\"c,\"")));
	ck_assert_msg(strstr(text, row->routes) != NULL, "%s: %s", row->what, text);
	bench_close(&bench);
}
END_TEST

/* The plain request with another method, which is told by "$M" before what is changed. */
static void make_request(const struct request_row *row, const struct words *words,
			 char out[BENCH_TEXT])
{
	char plain[BENCH_TEXT];
	const char *from = row->from, *to = row->to, *method = "OPTIONS", *at = request_plain;
	size_t length = 0;

	if (!strcmp(from, "$M")) {
		method = to;
		from = to = "";
	} else if (!strncmp(from, "$MINVITE", 8)) {
		method = "INVITE";
		from += from[8] == '\r' ? 8 : 2;
	}
	for (; *at; at++) {
		if (!strncmp(at, "OPTIONS", 7)) {
			length += (size_t)snprintf(plain + length, sizeof(plain) - length, "%s",
						   method);
			at += 6;
		} else {
			plain[length++] = *at;
		}
	}
	plain[length] = '\0';
	make(plain, from, to, words, out);
}

static unsigned status_of(const char *text)
{
	return (unsigned)strtoul(text + strlen("SIP/2.0 "), NULL, 10);
}

START_TEST(B22d_a_request_gets_the_same_answer_from_every_stack)
{
	const struct request_row *row = &request_rows[_i];
	struct bench bench;
	struct words words;
	struct failover_attempt attempt;
	char text[BENCH_TEXT], other[BENCH_TEXT];

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER", text);
	read_words(text, &words);
	make_request(row, &words, text);
	peer_say(&bench, 0, text);
	if (strstr(row->from, "rport")) { /* the answer goes to another port then */
		bench_close(&bench);
		return;
	}
	ck_assert_msg(peer_take(&bench, 0, other), "%s: no answer", row->what);
	ck_assert_msg(status_of(other) == (row->status == 180 ? 100 : row->status), "%s: %u",
		      row->what, status_of(other));
	ck_assert_uint_eq(bench.incoming, row->status == 180);
	ck_assert_msg(!row->has || strstr(other, row->has), "%s: %s", row->what, other);
	bench_close(&bench);
}
END_TEST

/* B22d: a BYE ends its call whatever stands in its Contact. */
START_TEST(B22d_a_bye_with_a_broken_line_ends_its_call)
{
	static const char *const lines[] = { "Contact: <sip:1001@A>;;expires=30\r\n",
					     "Contact: \"\r\n", "Reason: \"\r\nUser-Agent: ((\r\n",
					     "Route: <\r\nRecord-Route: ;;\r\n" };
	struct bench bench;
	struct failover_attempt attempt;
	char request[BENCH_TEXT], text[BENCH_TEXT], from[512], call_id[512];
	uint64_t call;

	bench_open(&bench);
	ck_assert_int_eq(bench.calls->call_new(bench.inst, 1, "1002", NULL, &call), 0);
	attempt = bench_attempt(&bench, FAILOVER_INVITE, 0, 1);
	attempt.cookie = bench.call = call;
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "INVITE", request);
	peer_answer(&bench, 0, request, "200 OK", "Contact: <sip:bob@192.0.2.9>\r\n");
	peer_expect(&bench, 0, "ACK", text);
	snprintf(text, sizeof(text),
		 "BYE sip:1001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP h;rport;branch=z9hG4bKb\r\n"
		 "From: <sip:1002@primary.example:5060>;tag=peer\r\nTo: %s\r\nCall-ID: %s\r\n"
		 "CSeq: 9 BYE\r\n%sContent-Length: 0\r\n\r\n",
		 header_of(request, "From", from), header_of(request, "Call-ID", call_id),
		 lines[_i]);
	peer_say(&bench, 0, text);
	peer_expect(&bench, 0, "SIP/2.0 200", text);
	ck_assert_uint_eq(bench.ended, 1);
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B24_zero_seconds_are_no_registration_unless_they_were_asked_for);
	tcase_add_loop_test(tcase, B24_B22d_an_answer_to_register_means_the_same_to_every_stack, 0,
			    (int)register_rows_count);
	tcase_add_loop_test(tcase, B22d_an_answer_to_invite_means_the_same_to_every_stack, 0,
			    (int)invite_rows_count);
	tcase_add_loop_test(tcase, B22d_a_request_gets_the_same_answer_from_every_stack, 0,
			    (int)request_rows_count);
	tcase_add_loop_test(tcase, B22d_a_bye_with_a_broken_line_ends_its_call, 0, 4);
}

int main(void)
{
	return bench_main("message", add);
}
