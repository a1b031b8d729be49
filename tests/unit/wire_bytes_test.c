/* SPDX-License-Identifier: MIT */
/* wire_bytes_test.c - what an idle line of the wire takes, in bytes as the allocator counts them,
 * and that nothing stays of what has come and gone. */
#include <stdlib.h>
#include "../allocated.h"
#include "wire_world.h"

#define LINES 500u
/* For a line with two servers, on top of the core's; doc/design.md names them. */
#define MOST_BYTES 1024u
#define MOST_BYTES_CHALLENGED 1240u

static uint64_t core_bytes;

static uint64_t bytes_in_use(void)
{
	return allocated_bytes() - core_bytes;
}

struct lines {
	struct failover_engine *engine;
	struct failover_wire *wire;
	struct failover_target targets[SERVERS];
	uint64_t now;
	int wants; /* credentials for each REGISTER */
	unsigned registered;
};

static void lines_open(struct lines *lines)
{
	struct failover_engine_params engine = { .size = sizeof(engine),
						 .seed = 1,
						 .memory = { &core_bytes, allocated_give,
							     allocated_take } };
	struct failover_wire_params params = { .size = sizeof(params) };

	memset(lines, 0, sizeof(*lines));
	lines->now = 1000;
	failover_target_set(&lines->targets[0], "192.0.2.1", 5060, FAILOVER_UDP);
	failover_target_set(&lines->targets[1], "192.0.2.2", 5060, FAILOVER_UDP);
	lines->targets[1].registrar = 1;
	ck_assert_int_eq(failover_engine_new(&engine, &lines->engine), 0);
	params.engine = lines->engine;
	failover_target_set(&params.local, "192.0.2.99", 5060, FAILOVER_UDP);
	ck_assert_int_eq(failover_wire_new(&params, lines->now, &lines->wire), 0);
}

static uint32_t line_add(struct lines *lines, unsigned number)
{
	const struct failover_registrar_identity registrars[] = {
		{ .size = sizeof(registrars[0]), .address = "192.0.2.1" },
		{ .size = sizeof(registrars[0]), .address = "192.0.2.2" },
	};
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = SERVERS,
					       .targets_count = SERVERS,
					       .targets = lines->targets,
					       .settings = FAILOVER_LINE_SETTINGS_INIT };
	char user[20];
	struct failover_line_identity identity = { .size = sizeof(identity),
						   .user = user,
						   .domain = "example.com",
						   .auth_user = user,
						   .auth_password = "secret",
						   .registrars = registrars,
						   .registrars_count = SERVERS };

	params.settings.keepalive = FAILOVER_KEEPALIVE_OFF;
	snprintf(user, sizeof(user), "%u", number);
	ck_assert_int_eq(failover_line_add(lines->engine, &params, lines->now, &identity.line), 0);
	ck_assert_int_eq(failover_wire_line_set(lines->wire, &identity, lines->now), 0);
	ck_assert_int_eq(failover_wire_line_targets(lines->wire, identity.line, lines->targets,
						    SERVERS, lines->now),
			 0);
	return identity.line;
}

/* The server's answer to a REGISTER. */
static void answer(struct lines *lines, const char *request, const struct failover_target *from)
{
	int wanted = lines->wants && !strstr(request, "\r\nAuthorization: ");
	char text[TEXT], via[300], sender[300], to[300], id[300], cseq[80], contact[300];

	part_of(request, "\r\nVia: ", "\r", via, sizeof(via));
	part_of(request, "\r\nFrom: ", "\r", sender, sizeof(sender));
	part_of(request, "\r\nTo: ", "\r", to, sizeof(to));
	part_of(request, "\r\nCall-ID: ", "\r", id, sizeof(id));
	part_of(request, "\r\nCSeq: ", "\r", cseq, sizeof(cseq));
	part_of(request, "\r\nContact: ", "\r", contact, sizeof(contact));
	snprintf(text, sizeof(text),
		 "SIP/2.0 %s\r\nVia: %s\r\nFrom: %s\r\nTo: %s;tag=s\r\nCall-ID: %s\r\n"
		 "CSeq: %s\r\nContact: %s;expires=600\r\n%sContent-Length: 0\r\n\r\n",
		 wanted ? "401 Who" : "200 OK", via, sender, to, id, cseq, contact,
		 wanted ? "WWW-Authenticate: Digest realm=\"example.com\", "
			  "nonce=\"YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=\", algorithm=MD5\r\n"
			: "");
	ck_assert_int_eq(failover_wire_received(lines->wire, from, text, strlen(text), lines->now),
			 0);
}

static void exchange(struct lines *lines)
{
	struct failover_wire_output output = { .size = sizeof(output) };

	while (failover_wire_poll(lines->wire, &output)) {
		char *text = strdup(output.bytes);
		struct failover_target peer = output.peer;

		if (output.kind == FAILOVER_WIRE_TO_NETWORK)
			answer(lines, text, &peer);
		else
			lines->registered += !strncmp(text, "SIP/2.0 200", 11);
		free(text);
	}
}

static void line_register(struct lines *lines, uint32_t line, unsigned number)
{
	char text[TEXT];

	snprintf(text, sizeof(text),
		 "REGISTER sip:example.com SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.99:5060;rport;branch=z9hG4bK%u-abcdefghijklm\r\n"
		 "From: <sip:%u@example.com>;tag=r\r\nTo: <sip:%u@example.com>\r\n"
		 "Call-ID: %u@192.0.2.99\r\nCSeq: 1 REGISTER\r\n"
		 "Contact: <sip:%u@192.0.2.99:5060>\r\nExpires: 600\r\n"
		 "Content-Length: 0\r\n\r\n",
		 number, number, number, number, number);
	ck_assert_int_eq(failover_wire_send(lines->wire, line, text, strlen(text), lines->now), 0);
	exchange(lines);
}

/* All REGISTERs of the stack are over, none of the library's is due. */
static void rest(struct lines *lines)
{
	lines->now += 40000;
	while (failover_wire_next_deadline(lines->wire) <= lines->now) {
		failover_wire_handle_timeout(lines->wire, lines->now);
		exchange(lines);
	}
}

static uint64_t bytes_a_line(int wants)
{
	static struct lines lines;
	uint64_t before;
	unsigned i;

	lines_open(&lines);
	lines.wants = wants;
	line_register(&lines, line_add(&lines, 1), 1); /* tables and heaps have their first size */
	rest(&lines);
	before = bytes_in_use();
	for (i = 0; i < LINES;
	     i++) { /* not all at once: tables and heaps are those of idle lines */
		line_register(&lines, line_add(&lines, 100000 + i), 100000 + i);
		if (i % 20 == 19)
			rest(&lines);
	}
	rest(&lines);
	ck_assert_uint_eq(lines.registered, LINES + 1);
	before = bytes_in_use() - before;
	failover_wire_free(lines.wire);
	failover_engine_free(lines.engine);
	return before / LINES;
}

START_TEST(an_idle_line_takes_no_more_than_is_said)
{
	uint64_t bytes = bytes_a_line(0);

	printf("# an idle line takes %llu bytes\n", (unsigned long long)bytes);
	ck_assert_uint_le(bytes, MOST_BYTES);
}
END_TEST

START_TEST(an_idle_line_with_a_kept_challenge_takes_no_more_than_is_said)
{
	uint64_t bytes = bytes_a_line(1);

	printf("# an idle line with a kept challenge takes %llu bytes\n",
	       (unsigned long long)bytes);
	ck_assert_uint_le(bytes, MOST_BYTES_CHALLENGED);
}
END_TEST

/* Freed blocks that the allocator keeps at hand count as in use: up to seven of a size, whenever
 * that size comes. 200 bytes a call would be more. */
START_TEST(nothing_stays_of_calls_that_have_come_and_gone)
{
	static struct world world;
	size_t before = 0;
	unsigned i;

	world_open(&world);
	world_register(&world);
	for (i = 0; i < 55; i++) {
		if (i == 10)
			before = allocated_bytes();
		world_call(&world);
		(void)stack_request(&world, "BYE", 1, "");
		world_run(&world, 100000);
	}
	ck_assert_uint_le(allocated_bytes(), before + 9000);
	world_close(&world);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, an_idle_line_takes_no_more_than_is_said);
	tcase_add_test(tcase, an_idle_line_with_a_kept_challenge_takes_no_more_than_is_said);
	tcase_add_test(tcase, nothing_stays_of_calls_that_have_come_and_gone);
}

int main(int count, char **arguments)
{
	(void)count;
	allocated_exactly(arguments);
	return tap_main("wire_bytes", add);
}
