/* SPDX-License-Identifier: MIT */
/*
 * plugin_parser_test.c - what a stack's parser gets to see: a request with the URIs of what came,
 * never a response, another header or a body. Parsers lose memory on bodies that nobody needs.
 *
 * This program has the parsers' names, so a plugin calls them here; they look, and hand on.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <sys/types.h>
#include "plugin_bench.h"

#define CANARY "canary"

/* What parsers were given, one text behind the other. */
static struct seen {
	unsigned texts;
	size_t used;
	char text[4 * BENCH_TEXT];
} seen;

static void see(const char *text, size_t count)
{
	ck_assert_uint_lt(count, sizeof(seen.text) - seen.used);
	memcpy(seen.text + seen.used, text, count);
	seen.used += count;
	seen.text[seen.used] = '\0';
	seen.texts++;
}

/* The stack's own, of the plugin's libraries or of this program's. */
static void *own(const char *name)
{
	const char *path = getenv("FAILOVER_TEST_PLUGIN");
	void *object = path && path[0] ? dlopen(path, RTLD_NOW | RTLD_NOLOAD) : RTLD_NEXT;
	void *function = object ? dlsym(object, name) : NULL;

	ck_assert_ptr_nonnull(function);
	return function;
}

/* ---- the parsers' names ------------------------------------------------------------------- */

#define SEEN_BY_MODULES __attribute__((visibility("default")))

/* libosip2 */
SEEN_BY_MODULES int osip_message_parse(void *message, const char *text, size_t count);
int osip_message_parse(void *message, const char *text, size_t count)
{
	int (*parse)(void *, const char *, size_t);

	*(void **)&parse = own(__func__);
	see(text, count);
	return parse(message, text, count);
}

/* libre; its buffers begin so. */
struct mbuf {
	unsigned char *bytes;
	size_t size, at, end;
};
SEEN_BY_MODULES int sip_msg_decode(void *message, struct mbuf *buffer);
int sip_msg_decode(void *message, struct mbuf *buffer)
{
	int (*parse)(void *, struct mbuf *);

	*(void **)&parse = own(__func__);
	see((const char *)buffer->bytes + buffer->at, buffer->end - buffer->at);
	return parse(message, buffer);
}

/* Sofia-SIP */
SEEN_BY_MODULES void *msg_make(const void *class, int flags, const void *bytes, ssize_t count);
void *msg_make(const void *class, int flags, const void *bytes, ssize_t count)
{
	void *(*parse)(const void *, int, const void *, ssize_t);

	*(void **)&parse = own(__func__);
	see(bytes, (size_t)count);
	return parse(class, flags, bytes, count);
}

/* belle-sip */
SEEN_BY_MODULES void *belle_sip_message_parse_raw(const char *text, size_t count, size_t *done);
void *belle_sip_message_parse_raw(const char *text, size_t count, size_t *done)
{
	void *(*parse)(const char *, size_t, size_t *);

	*(void **)&parse = own(__func__);
	see(text, count);
	return parse(text, count, done);
}

/* PJSIP */
SEEN_BY_MODULES void *pjsip_parse_msg(void *pool, char *text, size_t count, void *errors);
void *pjsip_parse_msg(void *pool, char *text, size_t count, void *errors)
{
	void *(*parse)(void *, char *, size_t, void *);

	*(void **)&parse = own(__func__);
	see(text, count);
	return parse(pool, text, count, errors);
}

/* ---- tests -------------------------------------------------------------------------------- */

static int has_parser(void)
{
	static const char *const with[] = { "osip2", "re", "sofia", "bellesip", "pjsip" };
	size_t i;

	for (i = 0; i < sizeof(with) / sizeof(with[0]); i++)
		if (!strcmp(bench_plugin()->id, with[i]))
			return 1;
	return 0;
}

/* Parts of a kind that every mail program sends. */
#define BODY                                                                                       \
	"--" CANARY "\r\nContent-Type: application/sdp\r\n\r\nv=0\r\ns=" CANARY "\r\n"             \
	"--" CANARY "\r\nContent-Type: text/plain\r\n\r\n" CANARY "\r\n--" CANARY "--\r\n"
#define REST                                                                                       \
	"Subject: " CANARY "\r\nX-Header: " CANARY "\r\nSupported: " CANARY "\r\n"                 \
	"Content-Type: multipart/mixed;boundary=" CANARY "\r\nContent-Length: %zu\r\n\r\n%s"

static void say_request(struct bench *bench, const char *method)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 "%s sip:1001@127.0.0.1 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.9;rport;" CANARY ";branch=z9hG4bK" CANARY "%s\r\n"
		 "From: \"" CANARY "\" <sip:" CANARY "@example>;tag=" CANARY "\r\n"
		 "To: " CANARY " <sip:%%31001@primary.example>;" CANARY "\r\n"
		 "Call-ID: " CANARY "%s\r\nCSeq: 7 %s\r\nMax-Forwards: 9\r\n"
		 "Contact: <sip:" CANARY "@192.0.2.9>\r\nRecord-Route: <sip:" CANARY
		 ";lr>\r\n" REST,
		 method, method, method, method, strlen(BODY), BODY);
	peer_say(bench, 0, text);
}

START_TEST(B22d_a_parser_sees_the_uris_of_a_request_and_nothing_else)
{
	static const char *const methods[] = { "OPTIONS", "INVITE", "MESSAGE" };
	char got[BENCH_TEXT];
	struct bench bench;
	size_t i;

	bench_open(&bench);
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		seen = (struct seen){ .used = 0 };
		say_request(&bench, methods[i]);
		peer_expect(&bench, 0, "SIP/2.0 ", got);
		ck_assert_uint_eq(seen.texts, has_parser());
		if (!has_parser())
			continue;
		ck_assert_ptr_null(strstr(seen.text, CANARY));
		ck_assert_ptr_nonnull(strstr(seen.text, "sip:1001@127.0.0.1"));
		ck_assert_ptr_nonnull(strstr(seen.text, "sip:%31001@primary.example"));
		ck_assert_str_eq(strstr(seen.text, "\r\n\r\n"), "\r\n\r\n"); /* no body */
	}
	bench_close(&bench);
}
END_TEST

static void say_response(struct bench *bench, const char *request)
{
	char text[BENCH_TEXT], via[512], from[512], to[512], call_id[512], cseq[512];

	snprintf(text, sizeof(text),
		 "SIP/2.0 500 " CANARY "\r\nVia: %s\r\nFrom: %s\r\nTo: %s;tag=" CANARY "\r\n"
		 "Call-ID: %s\r\nCSeq: %s\r\nContact: <sip:" CANARY "@192.0.2.9>\r\n" REST,
		 header_of(request, "Via", via), header_of(request, "From", from),
		 header_of(request, "To", to), header_of(request, "Call-ID", call_id),
		 header_of(request, "CSeq", cseq), strlen(BODY), BODY);
	peer_say(bench, 0, text);
}

START_TEST(B22d_a_parser_sees_nothing_of_what_peers_answer)
{
	char got[BENCH_TEXT];
	struct bench bench;
	struct failover_attempt attempt;

	bench_open(&bench);
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	peer_expect(&bench, 0, "REGISTER ", got);
	seen = (struct seen){ .used = 0 };
	say_response(&bench, got);
	ck_assert_uint_eq(bench.answers_count, 1);
	ck_assert_uint_eq(bench_last(&bench)->answer.status, 500);
	ck_assert_ptr_null(strstr(seen.text, CANARY));
	bench_close(&bench);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, B22d_a_parser_sees_the_uris_of_a_request_and_nothing_else);
	tcase_add_test(tcase, B22d_a_parser_sees_nothing_of_what_peers_answer);
}

int main(void)
{
	return bench_main("parser", add);
}
