/* SPDX-License-Identifier: MIT */
/* wire_stack.c - the stack above the wire: client transactions of RFC 3261 17.1 over "UDP", and the
 * few things that its core does. It knows nothing of libfailover. */
#include "wire_stack.h"

#define T1 500u
#define T2 4000u

/* ---- transactions ------------------------------------------------------------------------- */

static int is_invite(const struct transaction *transaction)
{
	return !strcmp(transaction->method, "INVITE");
}

static void transmit(struct world *world, const char *text)
{
	int error = failover_wire_send(world->wire, world->line, text, strlen(text), world->now);

	ck_assert_int_eq(error, world->is_line_gone ? FAILOVER_ERR_STALE : 0);
}

struct transaction *stack_send(struct world *world, const char *method, const char *text)
{
	struct transaction *transaction = world->transaction;

	while (transaction->state != FREE)
		transaction++;
	ck_assert_ptr_ne(transaction, world->transaction + TRANSACTIONS);
	memset(transaction, 0, sizeof(*transaction));
	transaction->state = CALLING;
	snprintf(transaction->method, sizeof(transaction->method), "%s", method);
	snprintf(transaction->text, sizeof(transaction->text), "%s", text);
	part_of(text, "branch=", ";\r,", transaction->branch, sizeof(transaction->branch));
	transaction->interval = T1;
	transaction->again_at = world->now + T1;
	transaction->end_at = world->now + 64 * T1;
	transmit(world, text);
	world_drain(world);
	return transaction;
}

uint64_t stack_next(const struct world *world)
{
	uint64_t next = UINT64_MAX;
	size_t i;

	for (i = 0; i < TRANSACTIONS; i++) {
		const struct transaction *is = &world->transaction[i];

		if (is->again_at && is->again_at < next)
			next = is->again_at;
		if (is->end_at && is->end_at < next)
			next = is->end_at;
	}
	return next;
}

/* Timers B and F must never fire; A and E repeat. */
void stack_timers(struct world *world)
{
	size_t i;

	for (i = 0; i < TRANSACTIONS; i++) {
		struct transaction *is = &world->transaction[i];

		if (is->end_at && is->end_at <= world->now) {
			world->timeouts++;
			is->end_at = is->again_at = 0;
		}
		if (!is->again_at || is->again_at > world->now)
			continue;
		is->interval *= 2;
		if (!is_invite(is) && is->interval > T2)
			is->interval = T2;
		is->again_at = world->now + is->interval;
		world->retransmits++;
		transmit(world, is->text);
	}
}

/* ---- requests ----------------------------------------------------------------------------- */

static void write_request(struct world *world, const char *method, int in_dialog, const char *lines,
			  char *out)
{
	struct call *call = &world->call;
	int makes_call = !in_dialog && !strcmp(method, "INVITE");
	char own[80], uri[80];

	if (makes_call) {
		memset(call, 0, sizeof(*call));
		sprintf(call->call_id, "call%u@192.0.2.99", ++world->numbers);
		sprintf(call->tag, "l%u", world->numbers);
	}
	sprintf(own, "%s%u@192.0.2.99", method, ++world->numbers);
	if (in_dialog || makes_call)
		call->cseq++;
	if (world->callee)
		snprintf(uri, sizeof(uri), "%s", world->callee);
	else
		sprintf(uri, "sip:1002@%s", world->domain);
	sprintf(out, "%s %s SIP/2.0\r\n", method,
		in_dialog && call->contact[0] ? call->contact : uri);
	sprintf(out + strlen(out),
		"Via: SIP/2.0/UDP 192.0.2.99:5060;rport;branch=z9hG4bKstack-%06u-abcdefghijkl\r\n",
		++world->numbers);
	sprintf(out + strlen(out), "Max-Forwards: 70\r\n%s", in_dialog ? call->route : "");
	sprintf(out + strlen(out), "From: \"A\" <sip:1001@%s>;tag=%s\r\n", world->domain,
		in_dialog || makes_call ? call->tag : "own");
	sprintf(out + strlen(out), "To: <%s>%s%s\r\n", uri,
		in_dialog && call->remote_tag[0] ? ";tag=" : "", in_dialog ? call->remote_tag : "");
	sprintf(out + strlen(out), "Call-ID: %s\r\nCSeq: %u %s\r\n",
		in_dialog || makes_call ? call->call_id : own,
		in_dialog || makes_call ? call->cseq : 7, method);
	sprintf(out + strlen(out),
		"Contact: <sip:1001@192.0.2.99:5060>\r\n%sContent-Type: text/plain\r\n"
		"Content-Length: 4\r\n\r\nbody",
		lines);
}

struct transaction *stack_request(struct world *world, const char *method, int in_dialog,
				  const char *lines)
{
	char text[TEXT];

	write_request(world, method, in_dialog, lines, text);
	return stack_send(world, method, text);
}

/* RFC 3261 9.1, 17.1.1.3: as the INVITE, on its branch. */
static void write_of_invite(const char *invite, const char *method, const char *to, char *out)
{
	char value[600];

	sprintf(out, "%s %s SIP/2.0\r\n", method, part_of(invite, " ", " ", value, sizeof(value)));
	sprintf(out + strlen(out), "Via: %s\r\nMax-Forwards: 70\r\n",
		part_of(invite, "\r\nVia: ", "\r", value, sizeof(value)));
	sprintf(out + strlen(out), "From: %s\r\n",
		part_of(invite, "\r\nFrom: ", "\r", value, sizeof(value)));
	sprintf(out + strlen(out), "To: %s\r\n", to);
	sprintf(out + strlen(out), "Call-ID: %s\r\n",
		part_of(invite, "\r\nCall-ID: ", "\r", value, sizeof(value)));
	sprintf(out + strlen(out), "CSeq: %s %s\r\nContent-Length: 0\r\n\r\n",
		part_of(invite, "\r\nCSeq: ", " ", value, sizeof(value)), method);
}

void stack_cancel(struct world *world, const struct transaction *invite)
{
	char text[TEXT], to[600];

	part_of(invite->text, "\r\nTo: ", "\r", to, sizeof(to));
	write_of_invite(invite->text, "CANCEL", to, text);
	(void)stack_send(world, "CANCEL", text);
}

/* The ACK of a 2xx: a branch of its own, to the Contact. */
static void ack_2xx(struct world *world, const struct transaction *invite, const char *answer)
{
	char text[TEXT], to[600], value[180], contact[160], route[200] = "";

	part_of(answer, "\r\nTo: ", "\r", to, sizeof(to));
	part_of(answer, "\r\nContact: <", ">", contact, sizeof(contact));
	part_of(answer, "\r\nRecord-Route: ", "\r", value, sizeof(value));
	if (value[0])
		snprintf(route, sizeof(route), "Route: %s\r\n", value);
	sprintf(text, "ACK %s SIP/2.0\r\n", contact);
	sprintf(text + strlen(text),
		"Via: SIP/2.0/UDP 192.0.2.99:5060;rport;branch=z9hG4bKack-%06u-abcdefghijklm\r\n"
		"Max-Forwards: 70\r\n%sFrom: %s\r\n",
		++world->numbers, route,
		part_of(invite->text, "\r\nFrom: ", "\r", value, sizeof(value)));
	sprintf(text + strlen(text), "To: %s\r\nCall-ID: %s\r\n", to,
		part_of(invite->text, "\r\nCall-ID: ", "\r", value, sizeof(value)));
	sprintf(text + strlen(text), "CSeq: %s ACK\r\nContent-Length: 0\r\n\r\n",
		part_of(invite->text, "\r\nCSeq: ", " ", value, sizeof(value)));
	transmit(world, text);
	if (world->call.is_up || !strstr(invite->text, world->call.call_id))
		return;
	world->call.is_up = 1;
	part_of(to, ";tag=", ";", world->call.remote_tag, sizeof(world->call.remote_tag));
	strcpy(world->call.contact, contact);
	strcpy(world->call.route, route);
}

/* ---- answers ------------------------------------------------------------------------------ */

static struct transaction *of_answer(struct world *world, const char *text)
{
	char branch[80], cseq[80];
	size_t i;

	part_of(text, "branch=", ";\r,", branch, sizeof(branch));
	part_of(text, "\r\nCSeq: ", "\r", cseq, sizeof(cseq));
	for (i = 0; i < TRANSACTIONS; i++) {
		struct transaction *is = &world->transaction[i];

		if (is->state != FREE && !strcmp(is->branch, branch) && strstr(cseq, is->method))
			return is;
	}
	return NULL;
}

static void on_final(struct world *world, struct transaction *is, const char *text, uint32_t status)
{
	char ack[TEXT], to[600];

	is->again_at = is->end_at = 0;
	if (is_invite(is) && status < 300) {
		ack_2xx(world, is, text);
	} else if (is_invite(is)) {
		part_of(text, "\r\nTo: ", "\r", to, sizeof(to));
		write_of_invite(is->text, "ACK", to, ack);
		transmit(world, ack);
	}
	if (!strcmp(is->method, "BYE") && strstr(is->text, world->call.call_id))
		world->call.is_up = 0;
	if (is->state == COMPLETED && is->status / 100 == 2 && status / 100 == 2 && is_invite(is))
		return; /* a 2xx again, or of another fork */
	is->finals++;
	is->state = COMPLETED;
	is->status = status;
	strcpy(is->answer, text);
}

void stack_hear(struct world *world, const char *text, const struct failover_target *peer)
{
	struct transaction *is;
	uint32_t status;

	ck_assert_uint_lt(strlen(text), TEXT);
	if (strncmp(text, "SIP/2.0 ", 8) != 0) {
		world->requests_up++;
		strcpy(world->up, text);
		world->up_peer = *peer;
		return;
	}
	is = of_answer(world, text);
	if (!is) {
		world->strangers++;
		return;
	}
	status = (uint32_t)strtoul(text + 8, NULL, 10);
	if (status >= 200) {
		on_final(world, is, text, status);
		return;
	}
	ck_assert_int_ne(is->state, COMPLETED);
	is->state = PROCEEDING;
	is->provisionals++;
	if (is_invite(is))
		is->again_at = is->end_at = 0;
}

void stack_reply(struct world *world, uint32_t status)
{
	char text[TEXT], value[600];

	sprintf(text, "SIP/2.0 %u Said\r\nVia: %s\r\n", status,
		part_of(world->up, "\r\nVia: ", "\r", value, sizeof(value)));
	sprintf(text + strlen(text), "From: %s\r\n",
		part_of(world->up, "\r\nFrom: ", "\r", value, sizeof(value)));
	part_of(world->up, "\r\nTo: ", "\r", value, sizeof(value));
	sprintf(text + strlen(text), "To: %s%s\r\n", value,
		strstr(value, ";tag=") ? "" : ";tag=callee");
	sprintf(text + strlen(text), "Call-ID: %s\r\n",
		part_of(world->up, "\r\nCall-ID: ", "\r", value, sizeof(value)));
	sprintf(text + strlen(text),
		"CSeq: %s\r\nContact: <sip:1001@192.0.2.99:5060>\r\nContent-Length: 0\r\n\r\n",
		part_of(world->up, "\r\nCSeq: ", "\r", value, sizeof(value)));
	ck_assert_int_eq(
		failover_wire_respond(world->wire, &world->up_peer, text, strlen(text), world->now),
		0);
	world_drain(world);
}

/* ---- scenes ------------------------------------------------------------------------------- */

void world_register(struct world *world)
{
	struct transaction *is;
	char text[TEXT];

	sprintf(text,
		"REGISTER sip:example.com SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.99:5060;rport;branch=z9hG4bKreg-%06u-abcdefghijklm\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:1001@example.com>;tag=r\r\n"
		"To: <sip:1001@example.com>\r\nCall-ID: reg@192.0.2.99\r\nCSeq: %u REGISTER\r\n"
		"Contact: <sip:1001@192.0.2.99:5060;ob>;q=0.5\r\nExpires: 600\r\n"
		"Supported: path, gruu\r\nContent-Length: 0\r\n\r\n",
		world->numbers + 1, world->numbers + 1);
	world->numbers++;
	is = stack_send(world, "REGISTER", text);
	world_run(world, 200);
	ck_assert_uint_eq(is->status, 200);
}

void world_call(struct world *world)
{
	const struct transaction *is = stack_request(world, "INVITE", 0, "");

	world_run(world, 1000);
	ck_assert_uint_eq(is->status, 200);
	ck_assert(world->call.is_up);
}
