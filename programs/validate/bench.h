/* SPDX-License-Identifier: MIT */
/*
 * bench.h - the plugin under test between a host and three SIP servers, all played here.
 *
 *   bench.c     life, failing and skipping       host.c    the host table, and what it heard
 *   loop.c      the event loop of the host       wire.c    the servers: what came, what is answered
 *   places.c    every address the process sends to
 *
 * A check calls these functions one after another; the first thing that is not as it must be ends
 * it (bench_fail does not return).
 */
#ifndef VALIDATE_BENCH_H
#define VALIDATE_BENCH_H

#include <pthread.h>
#include <setjmp.h>
#include <stdbool.h>
#include <failover/failover.h>
#include <failover/ext/call.h>
#include <failover/ext/io.h>
#include <failover/ext/line.h>
#include <failover/ext/test.h>
#include <failover/ext/wakeup.h>
#include "../../programs/server/sip.h"
#include "../../ua/net/frame.h"
#include "check.h"

#define BENCH_SERVERS 3 /* 0 and 1: registrars of that number; 2: a proxy of registrar 0 */
#define BENCH_T1_MS 40u
#define BENCH_COME_MS 3000u /* for what must come; much more than it takes */
#define BENCH_NEWS 512u
#define BENCH_TEXT 512u
#define BENCH_TIMES 64u
#define BENCH_WIRES 4u /* connections of one server */

#define BENCH_USER "1001"
#define BENCH_AUTH_USER "auth1001"
#define BENCH_PASSWORD "pAssw0rd-of-1001"
#define BENCH_REALM "validate"
#define BENCH_HOST "primary.invalid" /* names that lead nowhere: nobody may look them up */
#define BENCH_HOST_2 "backup.invalid"
#define BENCH_PROXY "proxy.invalid"
#define BENCH_PORT 5070 /* of registrar 0, as configured */

/* One thing that a server has received; the same bytes again are counted, not listed. */
struct packet_in {
	struct packet_in *next;
	struct sip_msg sip;
	char *text;
	size_t length;
	struct peer from;
	int wire; /* index of the connection, -1 = UDP */
	int server;
	bool taken;
	unsigned count;
	uint64_t at[BENCH_TIMES]; /* of each time, microseconds */
};

struct server {
	int fd, listener;
	struct failover_target target; /* UDP */
	struct {
		int fd; /* -1 = closed by the plugin, or by us */
		struct ua_frame *frame;
	} wires[BENCH_WIRES];
	unsigned wires_count;
	bool raw;		 /* what comes on connections is kept as bytes, not as messages */
	unsigned char first[16]; /* raw: the first bytes */
	size_t raw_count;
	unsigned closed; /* connections that the plugin has closed */
};

enum news_kind { NEWS_RESPONSE, NEWS_UNREACHABLE };

/* What the plugin has told about an attempt. */
struct news {
	enum news_kind kind;
	bool taken;
	uint64_t attempt;
	struct failover_answer answer;
	uint32_t reason;
	uint64_t at_ms;
};

enum call_event { CALL_INCOMING, CALL_PROGRESS, CALL_UP, CALL_ENDED };

struct call_news {
	enum call_event kind;
	bool taken;
	uint64_t call;
	uint32_t line, status;
	struct failover_target target;
};

struct bench {
	const char *path;
	uint64_t seed;
	bool in_process;
	const struct failover_plugin *plugin;
	void *handle;
	const struct failover_ext_line *lines;
	const struct failover_ext_io *io;
	const struct failover_ext_call *calls;
	/* Made of failover.test/1 where the plugin has not got the extension itself. */
	struct failover_ext_line test_lines;
	struct failover_ext_io test_io;
	struct failover_ext_call test_calls;

	struct failover_host host;
	struct failover_ext_call_events events;
	struct failover_ext_wakeup wakeup;
	int wakeup_fd;			    /* written to by wake(), from any thread */
	bool no_wakeup;			    /* it is not offered */
	struct failover_open_params params; /* for bench_open() */
	void *inst;
	bool open, closing;
	pthread_t thread;

	uint64_t clock_ms, real_ms, slept_ms; /* of host_now_ms() */

	/* Told by the plugin. */
	struct news news[BENCH_NEWS];
	unsigned news_count;
	struct call_news call_news[BENCH_NEWS];
	unsigned call_news_count;
	unsigned sent, heard;
	struct failover_target heard_from;
	unsigned wrong_thread, after_close; /* calls that may not be */
	bool newline_logged, secret_logged, bad_log;
	/* How the host answers. */
	uint64_t late_until; /* attempts up to this id get LATE */
	unsigned stop_after; /* the n-th challenge that is retried gets STOP; 0 = never */
	unsigned challenges;
	/* Inside `incoming`: answer with this status at once; inside `up`: free the call. */
	uint32_t answer_inside;
	bool free_inside;
	int inside_rc;

	struct server servers[BENCH_SERVERS];
	struct packet_in *packets, **packets_end;
	unsigned marked_packets, marked_news;
	uint64_t attempts; /* ids given out */
	uint64_t requests;

	/* Where a failed check ends. */
	jmp_buf end;
	char verdict; /* 'o'k, 'n'ot ok, 's'kipped */
	char why[BENCH_TEXT];
};

/* ---- bench.c ------------------------------------------------------------------------------ */

/* Run one check from beginning to end; verdict and why say how it went. */
void bench_run(struct bench *bench, const struct check *check);
void bench_fail(struct bench *bench, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
void bench_skip(struct bench *bench, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
#define BENCH_WANT(bench, condition, ...)                                                          \
	do {                                                                                       \
		if (!(condition))                                                                  \
			bench_fail(bench, __VA_ARGS__);                                            \
	} while (0)

int bench_try_open(struct bench *bench);
void bench_open(struct bench *bench);
void bench_close(struct bench *bench);
/* Give line 1 (or `line`) its identity and targets; realm NULL = answer any. */
void bench_line(struct bench *bench, uint32_t line, const char *realm);
struct failover_line_identity bench_identity(uint32_t line, const char *realm);

/* An attempt of line 1 with a new id; a new request too. */
struct failover_attempt bench_attempt(struct bench *bench, uint32_t method, int server);
/* The next attempt of the same request, there. */
struct failover_attempt bench_next(struct bench *bench, const struct failover_attempt *before,
				   int server);
/* The hook `send`, which must succeed. */
void bench_send(struct bench *bench, const struct failover_attempt *attempt);
/* The hook `timeout`; the attempt's answers are LATE from now on. Returns what it returned. */
int bench_timeout(struct bench *bench, const struct failover_attempt *attempt, uint32_t reason);
/* A number made of seed and counter, the same in every run with that seed. */
uint64_t bench_random(struct bench *bench);
/* Open file descriptors of this process. */
unsigned bench_fds(void);

/* ---- host.c ------------------------------------------------------------------------------- */

void host_init(struct bench *bench);
/* The time as the plugin is told it. It stands still while this process waits for a processor, so a
 * busy machine makes no timer late. */
uint64_t host_now_ms(struct bench *bench);
uint64_t host_real_ms(void);

/* ---- loop.c ------------------------------------------------------------------------------- */

/* One turn; waits at most so long. */
void loop_turn(struct bench *bench, uint64_t most_ms);
/* Let this time pass. */
void loop_run(struct bench *bench, uint64_t ms);
/* The answer to this attempt must come, with this status. */
const struct news *loop_answer(struct bench *bench, const struct failover_attempt *attempt,
			       uint32_t status);
/* The attempt must be told unreachable for this reason within so long. */
void loop_unreachable(struct bench *bench, const struct failover_attempt *attempt, uint32_t reason,
		      uint64_t within_ms);
/* The next message to this server must be this method (a request) or status (a response; 0 = any).
 */
struct packet_in *loop_request(struct bench *bench, int server, const char *method);
struct packet_in *loop_response(struct bench *bench, int server, int status);
struct call_news *loop_call(struct bench *bench, enum call_event kind);
/* What comes from now on counts for loop_quiet(): call it before what must have no effect. */
void loop_mark(struct bench *bench);
/* From the mark until so long from now no packet may come and no news be told but what was asked
 * for by the functions above; `when` ends the sentence. */
void loop_quiet(struct bench *bench, uint64_t ms, const char *when);
/* Packets of any kind so far, repeated ones counted. */
unsigned loop_packets(const struct bench *bench);
/* News of this attempt that no check has taken yet. */
unsigned loop_news(const struct bench *bench, const struct failover_attempt *attempt);

/* ---- wire.c ------------------------------------------------------------------------------- */

void wire_open(struct bench *bench);
void wire_close(struct bench *bench);
/* Real time, as in packet_in.at. */
uint64_t wire_now_us(void);
/* Take in what has arrived; fds_add names what to wait for. */
void wire_read(struct bench *bench);
struct pollfd;
unsigned wire_fds(const struct bench *bench, struct pollfd *out, unsigned max);
/* Answer a request; headers are whole lines with their CRLF, or "". */
void wire_answer(struct bench *bench, const struct packet_in *request, int status,
		 const char *headers);
/* The same, as text to be sent in one's own way. Returns its length. */
size_t wire_answer_text(struct bench *bench, const struct packet_in *request, int status,
			const char *headers, char out[4096]);
/* Bytes back the way that this came. */
void wire_send(struct bench *bench, const struct packet_in *request, const char *bytes,
	       size_t count);
/* A text from a server to the plugin's UDP socket; a %s stands for nothing: it is sent as it is. */
void wire_say(struct bench *bench, int server, const char *text);
void wire_say_bytes(struct bench *bench, int server, const void *bytes, size_t count);
/* A TCP connection of this server must have come; returns its index. */
int wire_accepted(struct bench *bench, int server);
/* End the connection; reset = by RST. */
void wire_end(struct bench *bench, int server, int wire, bool reset);
/* Nobody listens there any more: UDP and TCP are refused. */
void wire_refuse(struct bench *bench, int server);

/* The value of the header in the text of a message, "" if there is none. */
const char *wire_header(const struct packet_in *packet, const char *name, char out[BENCH_TEXT]);
unsigned wire_headers(const struct packet_in *packet, const char *name);
/* "sip:..." of a request's first line. */
const char *wire_uri(const struct packet_in *packet, char out[BENCH_TEXT]);
const char *wire_body(const struct packet_in *packet);
bool wire_same_header(const struct packet_in *a, const struct packet_in *b, const char *name);
/* Everything RFC 3261 8.1.1 asks of a request; fails the check otherwise. */
void wire_check_request(struct bench *bench, const struct packet_in *packet);

/* ---- places.c ----------------------------------------------------------------------------- */

/* From now on remember where the process sends to. */
void places_watch(void);
/* A place that is not one of these servers, as text; NULL = none. Names asked for count too. */
const char *places_foreign(const struct bench *bench, uint32_t servers);
const char *places_asked(void);
/* sendto() that is not remembered. */
long places_send(int fd, const void *bytes, size_t count, const struct peer *to);

#endif
