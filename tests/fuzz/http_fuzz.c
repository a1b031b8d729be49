/* SPDX-License-Identifier: MIT */
/*
 * http_fuzz.c - what browsers, and those who are none, send to the page. An input is the bytes of
 * some connections. Six of them are words: cookie and token of a session, the cookie alone, the
 * next connection, a pause, an event of the program, the end of a line.
 */
#include "../../programs/web/server.h"
#include "fuzz.h"

#include <event2/listener.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char fuzz_target[] = "http";

#define CONNECTIONS 4u
#define SECRET "sip-secret"

enum word { SESSION = 1, NEXT, PAUSE, EVENT, LINE_END, COOKIE };

extern const struct web_module failover_web_module;

static struct bench {
	struct event_base *base;
	struct web *web;
	struct sockaddr_in address;
	uint32_t asked, told;	      /* of the program: to tell, to do */
	int session_used, token_used; /* by this input */
	char cookie[WEB_TOKEN_TEXT];
	int fds[CONNECTIONS];
	uint32_t fds_count;
	size_t answered; /* bytes of the last connection */
	char answer[65536];
} bench;

/* No password is ever right: only a session opens anything. */
int __wrap_web_hash_is(const struct web_hash *hash, const char *password);
int __wrap_web_hash_is(const struct web_hash *hash, const char *password)
{
	(void)hash;
	(void)password;
	return 0;
}

int __wrap_web_password_load(const char *file, struct web_hash *out, char made[24], char *why,
			     size_t why_size);
int __wrap_web_password_load(const char *file, struct web_hash *out, char made[24], char *why,
			     size_t why_size)
{
	(void)file;
	(void)why;
	(void)why_size;
	memset(out, 0, sizeof(*out));
	*made = '\0';
	return 0;
}

static json_t *on_status(void *user)
{
	((struct bench *)user)->asked++;
	return json_pack("{s:[{s:i, s:s, s:s, s:i}]}", "lines", "number", 1, "user", "1001",
			 "state", "registered", "serving", 0);
}

static json_t *on_line(void *user, uint32_t number)
{
	((struct bench *)user)->asked++;
	return number == 1 ? json_pack("{s:i}", "number", 1) : NULL;
}

static int on_command(void *user, const char *text, char *why, size_t why_size)
{
	((struct bench *)user)->told++;
	fuzz_require(!strpbrk(text, "\r\n"), "a command is one line");
	snprintf(why, why_size, "not now");
	return strlen(text) % 2 ? 409 : 0;
}

static json_t *on_config(void *user)
{
	((struct bench *)user)->asked++;
	return json_pack("{s:s}", "revision", "0");
}

static struct web_reply on_apply(void *user, const json_t *patch)
{
	((struct bench *)user)->told++;
	return (struct web_reply){ 200, json_pack("{s:I}", "changes",
						  (json_int_t)json_array_size(
							  json_object_get(patch, "changes"))) };
}

static void on_revision(void *user, char text[32])
{
	(void)user;
	strcpy(text, "0");
}

static void on_say(void *user, const char *sentence)
{
	(void)user;
	(void)sentence;
}

static void bench_open(void)
{
	struct web_host host = {
		.size = sizeof(host),
		.user = &bench,
		.program = "fuzz",
		.version = "0",
		.status = on_status,
		.line = on_line,
		.plan = on_line,
		.command = on_command,
		.config = on_config,
		.apply = on_apply,
		.revision = on_revision,
		.say = on_say,
	};
	struct web_params params = { .size = sizeof(params), .listen_size = sizeof(bench.address) };
	struct sockaddr_in *at = (struct sockaddr_in *)&params.listen;
	socklen_t size = sizeof(bench.address);
	char why[256] = "";

	signal(SIGPIPE, SIG_IGN);
	bench.base = host.base = event_base_new();
	at->sin_family = AF_INET;
	at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bench.web = failover_web_module.open(&params, &host, why, sizeof(why));
	fuzz_require(bench.web != NULL, "the page opens");
	fuzz_require(getsockname(evconnlistener_get_fd(bench.web->listener),
				 (struct sockaddr *)&bench.address, &size) == 0,
		     "it has a port");
}

static void turn(void)
{
	for (int i = 0; i < 4; i++)
		event_base_loop(bench.base, EVLOOP_NONBLOCK);
	for (int i = 0; !TAILQ_EMPTY(&bench.web->jobs) && i < 100; i++)
		event_base_loop(bench.base, EVLOOP_ONCE);
	event_base_loop(bench.base, EVLOOP_NONBLOCK);
}

static void answers_read(void)
{
	char *from = bench.answer + bench.answered;
	size_t room = sizeof(bench.answer) - 1 - bench.answered;
	ssize_t got = recv(bench.fds[bench.fds_count - 1], from, room, MSG_DONTWAIT);

	if (got <= 0)
		return;
	if (bench.answered == 0)
		fuzz_require(strncmp(bench.answer, "HTTP/", 5) == 0, "an answer is HTTP");
	bench.answered += (size_t)got;
	bench.answer[bench.answered] = '\0';
	fuzz_require(!strstr(bench.answer, SECRET), "no secret is told");
}

static void connection_open(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	fuzz_require(fd >= 0 && connect(fd, (struct sockaddr *)&bench.address,
					sizeof(bench.address)) == 0,
		     "the page takes a connection");
	bench.fds[bench.fds_count++] = fd;
	bench.answered = 0;
	turn();
}

static void bytes_send(const void *bytes, size_t count)
{
	const char *at = bytes;

	while (count > 0) {
		ssize_t sent = send(bench.fds[bench.fds_count - 1], at, count,
				    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		at += sent;
		count -= (size_t)sent;
	}
}

static void session_send(int with_token)
{
	char text[400];

	bench.session_used = 1;
	bench.token_used |= with_token;
	snprintf(text, sizeof(text), "Cookie: %s=%s\r\n%s%s%s", bench.web->cookie, bench.cookie,
		 with_token ? "X-CSRF-Token: " : "",
		 with_token ? bench.web->sessions.list[0].csrf : "", with_token ? "\r\n" : "");
	bytes_send(text, strlen(text));
}

static void event_tell(void)
{
	json_t *event = json_pack("{s:f, s:i, s:s, s:i, s:s, s:s}", "t", 1.0, "line", 1, "event",
				  "attempt", "request", 7, "method", "INVITE", "target", "x");

	failover_web_module.event(bench.web, event, "line 1: INVITE");
	failover_web_module.line_changed(bench.web, 1);
	web_lines_tell(-1, 0, bench.web);
	web_streams_beat(bench.web);
	json_decref(event);
}

static void word_do(unsigned word)
{
	switch ((enum word)word) {
	case SESSION:
	case COOKIE:
		session_send(word == SESSION);
		return;
	case NEXT:
		turn();
		answers_read();
		if (bench.fds_count < CONNECTIONS)
			connection_open();
		return;
	case PAUSE:
		turn();
		answers_read();
		return;
	case EVENT:
		event_tell();
		return;
	case LINE_END:
		bytes_send("\r\n", 2);
		return;
	}
}

/* An orderly end keeps its port busy for a minute, so that most ends are none: a fast machine uses
 * more ports than there are, and its other tests find none. */
static void connection_close(int is_orderly)
{
	struct linger at_once = { .l_onoff = 1 };
	int fd = bench.fds[--bench.fds_count];

	if (!is_orderly)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

/* The page is as it was. */
static void serves_still(int is_orderly)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

	connection_close(is_orderly); /* of the last place there is always one more */
	turn();
	connection_open();
	bytes_send(request, sizeof(request) - 1);
	turn();
	answers_read();
	fuzz_require(strncmp(bench.answer, "HTTP/1.1 200 ", 13) == 0 && bench.answered > 20,
		     "the page is served afterwards");
}

static void connections_close(int is_orderly)
{
	while (bench.fds_count > 0)
		connection_close(is_orderly);
	for (int i = 0; bench.web->peers_count > 0 && i < 1000; i++) {
		event_tell(); /* who only watches is found by writing */
		turn();
	}
	fuzz_require(bench.web->peers_count == 0 && bench.web->streams_count == 0,
		     "connections end with their peers");
}

static void bench_begin(void)
{
	if (!bench.base)
		bench_open();
	memset(&bench.web->limiter, 0, sizeof(bench.web->limiter));
	memset(&bench.web->sessions, 0, sizeof(bench.web->sessions));
	fuzz_require(web_session_new(&bench.web->sessions, web_now_ms(), bench.cookie) != NULL,
		     "there is a session");
	bench.asked = bench.told = 0;
	bench.session_used = bench.token_used = 0;
	connection_open();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	size_t plain;
	uint32_t asked;
	int is_orderly = count % 16 == 0;

	bench_begin();
	for (size_t i = 0; i < count; i++) {
		for (plain = i; plain < count && (bytes[plain] == 0 || bytes[plain] > COOKIE);)
			plain++;
		bytes_send(bytes + i, plain - i);
		i = plain;
		if (i < count)
			word_do(bytes[i]);
	}
	turn();
	answers_read();
	asked = bench.asked;
	serves_still(is_orderly);
	fuzz_require(bench.session_used || asked == 0, "without a session nothing is told");
	fuzz_require(bench.token_used || bench.told == 0, "without a token nothing is done");
	connections_close(is_orderly);
	return 0;
}
