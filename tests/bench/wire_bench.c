/* SPDX-License-Identifier: MIT */
/*
 * wire_bench.c - LINES registered lines of libfailover-wire, then COUNT exchanges spread over them:
 *
 *   message    a MESSAGE of the stack and its 200             2 messages
 *   peer       a MESSAGE of a server, and the stack's 200     2 messages
 *   call       INVITE, 180, 200, ACK, BYE, 200                6 messages
 *   move       the same, and nobody is at the primary         6 messages, an ICMP error
 *
 * Prints the bytes that a line takes on top of the core's, and the microseconds of the library for
 * a message. Only what happens inside failover_wire_...() counts, for instruction counts too
 * (tests/bench/tables.py).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <failover/wire.h>
#include "../allocated.h"

#define TEXT 2000u

static struct failover_engine *engine;
static struct failover_wire *wire;
static struct failover_target targets[2];
static uint64_t now = 1000, core_bytes, numbers;
static double spent_us;
static unsigned messages;
static int is_passing;	/* time */
static char sent[TEXT]; /* the last request to the network */
static struct failover_target sent_to;

static double clock_us(void)
{
	struct timespec is;

	clock_gettime(CLOCK_MONOTONIC, &is);
	return (double)is.tv_sec * 1e6 + (double)is.tv_nsec / 1e3;
}

/* The REGISTERs of the library that nobody waits for. */
static char *registers[64];
static unsigned registers_count;

/* What a host does after each call. */
static void drain(void)
{
	struct failover_wire_output output = { .size = sizeof(output) };
	double since = clock_us();
	int more;

	while ((more = failover_wire_poll(wire, &output))) {
		spent_us += clock_us() - since;
		if (output.kind == FAILOVER_WIRE_TO_NETWORK && output.count < TEXT) {
			memcpy(sent, output.bytes, output.count + 1);
			sent_to = output.peer;
			if (is_passing && registers_count < 64 && !strncmp(sent, "REGISTER", 8))
				registers[registers_count++] = strdup(sent);
		}
		since = clock_us();
	}
	spent_us += clock_us() - since;
}

static void stack_says(uint32_t line, const char *text)
{
	double since = clock_us();
	int error = failover_wire_send(wire, line, text, strlen(text), now);

	spent_us += clock_us() - since;
	messages++;
	if (error) {
		fprintf(stderr, "failover_wire_send: %d\n", error);
		exit(1);
	}
	drain();
}

static void server_says(const char *text)
{
	double since = clock_us();

	(void)failover_wire_received(wire, &sent_to, text, strlen(text), now);
	spent_us += clock_us() - since;
	messages++;
	drain();
}

static void add_line_of(const char *text, const char *name, char *out)
{
	const char *at = strstr(text, name);

	if (at)
		sprintf(out + strlen(out), "%.*s\r\n", (int)strcspn(at + 2, "\r"), at + 2);
}

static void answer(const char *status, const char *lines)
{
	static const char *const names[] = { "\r\nVia: ", "\r\nFrom: ", "\r\nCall-ID: ",
					     "\r\nCSeq: ", "\r\nTo: " };
	char text[TEXT];
	size_t i;

	sprintf(text, "SIP/2.0 %s\r\n", status);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		add_line_of(sent, names[i], text);
	if (!strstr(text, ";tag=s"))
		strcpy(text + strlen(text) - 2, ";tag=s\r\n");
	sprintf(text + strlen(text), "%sContent-Length: 0\r\n\r\n", lines);
	server_says(text);
}

static void answer_registers(void)
{
	char contact[200];

	while (registers_count) {
		char *text = registers[--registers_count];

		strcpy(sent, text);
		contact[0] = '\0';
		add_line_of(text, "\r\nContact: ", contact);
		strcpy(contact + strlen(contact) - 2, ";expires=3600\r\n");
		free(text);
		answer("200 OK", contact);
	}
}

/* Every timer that is due, one after the other. */
static void pass(uint64_t ms)
{
	uint64_t until = now + ms, next;
	double since;

	is_passing = 1;
	do {
		next = failover_wire_next_deadline(wire);
		now = next > until ? until : next > now ? next : now;
		since = clock_us();
		failover_wire_handle_timeout(wire, now);
		spent_us += clock_us() - since;
		drain();
		answer_registers();
	} while (next < until);
	is_passing = 0;
}

static void request(uint32_t line, const char *method, const char *tag, const char *id,
		    unsigned cseq)
{
	char text[TEXT];

	snprintf(text, sizeof(text),
		 "%s sip:1002@%s SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.99:5060;rport;branch=z9hG4bK%010llu-abcdefghij\r\n"
		 "Max-Forwards: 70\r\nFrom: <sip:1001@example.com>;tag=own\r\n"
		 "To: <sip:1002@example.com>%s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n"
		 "Contact: <sip:1001@192.0.2.99:5060>\r\nUser-Agent: bench\r\n"
		 "Content-Type: application/sdp\r\nContent-Length: 6\r\n\r\nv=0\r\n\n",
		 method, tag[0] ? "192.0.2.1" : "example.com", (unsigned long long)++numbers, tag,
		 id, cseq, method);
	stack_says(line, text);
}

/* ---- exchanges ---------------------------------------------------------------------------- */

static void exchange_message(uint32_t line)
{
	char id[40];

	snprintf(id, sizeof(id), "m%llu", (unsigned long long)numbers);
	request(line, "MESSAGE", "", id, 1);
	answer("200 OK", "");
}

static void exchange_peer(uint32_t line)
{
	char text[TEXT];
	double since;

	(void)line;
	snprintf(text, sizeof(text),
		 "MESSAGE sip:1000@192.0.2.99 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%llu\r\nMax-Forwards: 60\r\n"
		 "From: <sip:1002@example.com>;tag=p\r\nTo: <sip:1000@example.com>\r\n"
		 "Call-ID: p\r\nCSeq: 1 MESSAGE\r\nContent-Length: 2\r\n\r\nhi",
		 (unsigned long long)++numbers);
	sent_to = targets[0];
	server_says(text);
	snprintf(text, sizeof(text),
		 "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%llu\r\n"
		 "From: <sip:1002@example.com>;tag=p\r\nTo: <sip:1000@example.com>;tag=o\r\n"
		 "Call-ID: p\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n",
		 (unsigned long long)numbers);
	since = clock_us();
	(void)failover_wire_respond(wire, &targets[0], text, strlen(text), now);
	spent_us += clock_us() - since;
	messages++;
	drain();
}

static void exchange_call(uint32_t line)
{
	char id[40];

	snprintf(id, sizeof(id), "c%llu", (unsigned long long)numbers);
	request(line, "INVITE", "", id, 1);
	answer("180 Ringing", "Contact: <sip:1002@192.0.2.1>\r\n");
	answer("200 OK", "Contact: <sip:1002@192.0.2.1>\r\n");
	request(line, "ACK", ";tag=s", id, 1);
	request(line, "BYE", ";tag=s", id, 2);
	answer("200 OK", "");
}

/* The INVITE meets an ICMP error, goes to the backup, and the line has a binding there. */
static void exchange_move(uint32_t line)
{
	struct failover_wire_trouble trouble = { .size = sizeof(trouble),
						 .reason = FAILOVER_REASON_ICMP,
						 .peer = targets[0],
						 .quoted = sent };
	char id[40];
	double since;

	snprintf(id, sizeof(id), "c%llu", (unsigned long long)numbers);
	request(line, "INVITE", "", id, 1);
	if (!memcmp(&sent_to, &targets[0], sizeof(sent_to))) {
		trouble.quoted_count = strlen(sent);
		since = clock_us();
		(void)failover_wire_trouble(wire, &trouble, now);
		spent_us += clock_us() - since;
		messages++;
		drain();
	}
	if (!strncmp(sent, "REGISTER", 8))
		answer("200 OK", "Contact: <sip:1000@192.0.2.99:5060>;expires=3600\r\n");
	answer("200 OK", "Contact: <sip:1002@192.0.2.2>\r\n");
	request(line, "ACK", ";tag=s", id, 1);
	request(line, "BYE", ";tag=s", id, 2);
	answer("200 OK", "");
}

/* ---- lines -------------------------------------------------------------------------------- */

static uint32_t add_line(unsigned number)
{
	const struct failover_registrar_identity registrars[] = {
		{ .size = sizeof(registrars[0]), .address = "192.0.2.1" },
		{ .size = sizeof(registrars[0]), .address = "192.0.2.2" },
	};
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 2,
					       .targets = targets,
					       .settings = FAILOVER_LINE_SETTINGS_INIT };
	char user[20], text[TEXT];
	struct failover_line_identity identity = { .size = sizeof(identity),
						   .user = user,
						   .domain = "example.com",
						   .auth_user = user,
						   .auth_password = "secret",
						   .registrars = registrars,
						   .registrars_count = 2 };

	params.settings.keepalive = FAILOVER_KEEPALIVE_OFF;
	snprintf(user, sizeof(user), "%u", 1000 + number);
	if (failover_line_add(engine, &params, now, &identity.line) ||
	    failover_wire_line_set(wire, &identity, now) ||
	    failover_wire_line_targets(wire, identity.line, targets, 2, now))
		exit(1);
	snprintf(text, sizeof(text),
		 "REGISTER sip:example.com SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.99:5060;rport;branch=z9hG4bKr%u-abcdefghijklmnopq\r\n"
		 "From: <sip:%s@example.com>;tag=r\r\nTo: <sip:%s@example.com>\r\n"
		 "Call-ID: %s@192.0.2.99\r\nCSeq: 1 REGISTER\r\n"
		 "Contact: <sip:%s@192.0.2.99:5060>\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n",
		 number, user, user, user, user);
	stack_says(identity.line, text);
	snprintf(text, sizeof(text), "Contact: <sip:%s@192.0.2.99:5060>;expires=3600\r\n", user);
	answer("200 OK", text);
	return identity.line;
}

static void open_wire(void)
{
	const struct failover_engine_params params = { .size = sizeof(params),
						       .seed = 1,
						       .memory = { &core_bytes, allocated_give,
								   allocated_take } };
	struct failover_wire_params wire_params = { .size = sizeof(wire_params) };

	failover_target_set(&targets[0], "192.0.2.1", 5060, FAILOVER_UDP);
	failover_target_set(&targets[1], "192.0.2.2", 5060, FAILOVER_UDP);
	targets[1].registrar = 1;
	failover_target_set(&wire_params.local, "192.0.2.99", 5060, FAILOVER_UDP);
	if (failover_engine_new(&params, &engine))
		exit(1);
	wire_params.engine = engine;
	if (failover_wire_new(&wire_params, now, &wire))
		exit(1);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(uint32_t line);
	} kinds[] = { { "message", exchange_message },
		      { "peer", exchange_peer },
		      { "call", exchange_call },
		      { "move", exchange_move } };
	unsigned lines = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000;
	unsigned count = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1000, i, kind = 0;
	uint32_t *ids = calloc(lines ? lines : 1, sizeof(*ids));
	uint64_t before;

	while (argc > 2 && kind < 3 && strcmp(kinds[kind].name, argv[2]) != 0)
		kind++;
	if (!ids || !lines)
		return 1;
	open_wire();
	ids[0] = add_line(0);
	before = allocated_bytes() - core_bytes;
	for (i = 1; i < lines; i++) {
		ids[i] = add_line(i);
		pass(i % 10 ? 1 : 40000);
	}
	pass(40000);
	if (lines > 1)
		printf("%u lines, %llu bytes each on top of the core's\n", lines,
		       (unsigned long long)(allocated_bytes() - core_bytes - before) / (lines - 1));
	spent_us = 0;
	messages = 0;
	for (i = 0; i < count; i++) {
		pass(3);
		kinds[kind].run(ids[(uint64_t)i * 7919 % lines]);
	}
	if (messages)
		printf("%s: %u messages, %.2f us each\n", kinds[kind].name, messages,
		       spent_us / messages);
	failover_wire_free(wire);
	failover_engine_free(engine);
	free(ids);
	return 0;
}
