/* SPDX-License-Identifier: MIT */
/* network.c - the clock and the packets. Datagrams are lost, doubled and overtake each other; what
 * goes over a connection comes in its order, or the connection ends. */
#include <stdlib.h>
#include "plans.h"

#define DELAY_MS 8u

/* ---- queue -------------------------------------------------------------------------------- */

static int is_before(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->number < b->number;
}

static void swap(struct event *a, struct event *b)
{
	struct event kept = *a;

	*a = *b;
	*b = kept;
}

static struct event *push(struct sim *sim, uint64_t when,
			  void (*fire)(struct sim *sim, struct event *event), uint32_t what,
			  const char *text)
{
	uint32_t i = sim->queued;

	if (i == QUEUE) {
		fail(sim, "the simulation's queue is full");
		return NULL;
	}
	sim->queued++;
	sim->queue[i] = (struct event){ .at = when < sim->now ? sim->now : when,
					.number = ++sim->numbers,
					.fire = fire,
					.text = text ? strdup(text) : NULL,
					.what = what };
	for (; i && is_before(&sim->queue[i], &sim->queue[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&sim->queue[i], &sim->queue[(i - 1) / 2]);
	return &sim->queue[i];
}

void at(struct sim *sim, uint64_t when, void (*fire)(struct sim *sim, struct event *event),
	uint32_t what, const char *text)
{
	(void)push(sim, when, fire, what, text);
}

static struct event pop(struct sim *sim)
{
	struct event first = sim->queue[0];
	uint32_t i = 0, least;

	sim->queue[0] = sim->queue[--sim->queued];
	for (;;) {
		least = i;
		if (2 * i + 1 < sim->queued &&
		    is_before(&sim->queue[2 * i + 1], &sim->queue[least]))
			least = 2 * i + 1;
		if (2 * i + 2 < sim->queued &&
		    is_before(&sim->queue[2 * i + 2], &sim->queue[least]))
			least = 2 * i + 2;
		if (least == i)
			return first;
		swap(&sim->queue[i], &sim->queue[least]);
		i = least;
	}
}

void network_clear(struct sim *sim)
{
	while (sim->queued)
		free(sim->queue[--sim->queued].text);
}

/* ---- what arrives ------------------------------------------------------------------------- */

static void note(struct sim *sim, const char *text)
{
	for (; *text; text++)
		sim->hash = (sim->hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	sim->hash += sim->now;
	sim->messages++;
}

/* The device has a 2xx of this dialog. */
static void note_2xx(struct sim *sim, const char *text)
{
	struct head head;
	struct held *held;

	head_read(&head, text);
	if (head.status / 100 != 2 || strcmp(head.method, "INVITE") != 0)
		return;
	held = held_find(sim, head.call_id, head.to_tag);
	if (held && !held->heard_at)
		held->heard_at = sim->now;
}

static void arrive_up(struct sim *sim, struct event *event)
{
	int error;

	if (sim->transport != FAILOVER_UDP && event->flow != sim->server[event->what].flow)
		return; /* the connection has ended */
	trace(sim, "%u -> wire    %.120s", event->what, event->text);
	note(sim, event->text);
	note_2xx(sim, event->text);
	sim->delivered = event->text;
	sim->delivered_from = event->what;
	error = failover_wire_received(sim->wire, &sim->server[event->what].at, event->text,
				       strlen(event->text), sim->now);
	if (error)
		fail(sim, "failover_wire_received: %d", error);
	network_drain(sim);
	sim->delivered = NULL;
}

static void arrive_down(struct sim *sim, struct event *event)
{
	const struct server *server = &sim->server[event->what];

	if (server->mode == ALIVE &&
	    (sim->transport == FAILOVER_UDP || event->flow == server->flow))
		server_hear(sim, event->what, event->text);
}

static void arrive_refusal(struct sim *sim, struct event *event)
{
	struct failover_wire_trouble trouble = { .size = sizeof(trouble),
						 .reason = FAILOVER_REASON_ICMP,
						 .peer = sim->server[event->what].at,
						 .quoted = event->text,
						 .quoted_count = strlen(event->text) };

	if (sim->transport != FAILOVER_UDP) {
		trouble.reason = FAILOVER_REASON_REFUSED;
		trouble.quoted = NULL;
		trouble.quoted_count = 0;
	} else if (sim->seed % 5 == 1 && trouble.quoted_count > 200) {
		trouble.quoted_count = 200; /* a router quotes so much */
	}
	if (sim->transport != FAILOVER_UDP && sim->server[event->what].mode != REFUSING)
		return; /* it would have come before what is sent over a new connection */
	trace(sim, "%u refuses", event->what);
	if (failover_wire_trouble(sim->wire, &trouble, sim->now))
		fail(sim, "failover_wire_trouble fails");
	network_drain(sim);
}

static void arrive_reset(struct sim *sim, struct event *event)
{
	const struct failover_wire_trouble trouble = { .size = sizeof(trouble),
						       .reason = FAILOVER_REASON_RESET,
						       .peer = sim->server[event->what].at };

	trace(sim, "%u resets", event->what);
	if (failover_wire_trouble(sim->wire, &trouble, sim->now))
		fail(sim, "failover_wire_trouble fails");
	network_drain(sim);
}

/* ---- what leaves -------------------------------------------------------------------------- */

static void carry(struct sim *sim, uint32_t server, int is_up, const char *text)
{
	struct server *there = &sim->server[server];
	uint64_t when = sim->now + DELAY_MS + (is_up ? there->slow_ms : 0);
	struct event *event;

	if (sim->transport != FAILOVER_UDP) {
		when += sim->jitter_ms ? draw(sim, sim->jitter_ms) : 0;
		if (when < there->fifo[is_up])
			when = there->fifo[is_up];
		there->fifo[is_up] = when;
		event = push(sim, when, is_up ? arrive_up : arrive_down, server, text);
		if (event)
			event->flow = there->flow;
		return;
	}
	if (chance(sim, sim->loss))
		return;
	when += sim->jitter_ms ? draw(sim, sim->jitter_ms) : 0;
	at(sim, when, is_up ? arrive_up : arrive_down, server, text);
	if (chance(sim, sim->doubles))
		at(sim, when + draw(sim, 400), is_up ? arrive_up : arrive_down, server, text);
}

void network_up(struct sim *sim, uint32_t server, const char *text)
{
	if (sim->server[server].mode == ALIVE && !sim->server[server].is_mute)
		carry(sim, server, 1, text);
}

void network_reset(struct sim *sim, uint32_t server)
{
	sim->server[server].flow++;
	at(sim, sim->now + DELAY_MS, arrive_reset, server, NULL);
}

static void leave(struct sim *sim, const struct failover_wire_output *output)
{
	struct head head;
	uint32_t i;

	for (i = 0; i < sim->servers; i++)
		if (failover_target_same_address(&sim->server[i].at, &output->peer))
			break;
	if (i == sim->servers) {
		fail(sim, "something leaves for nobody: %.60s", output->bytes);
		return;
	}
	head_read(&head, output->bytes);
	trace(sim, "wire -> %u    %s %s;%s %s", i, head.method, head.call_id, head.to_tag,
	      head.branch);
	note(sim, output->bytes);
	oracle_leaves(sim, i, output->bytes, &head);
	if (sim->server[i].mode == REFUSING)
		at(sim, sim->now + DELAY_MS, arrive_refusal, i, output->bytes);
	else
		carry(sim, i, 0, output->bytes);
}

/* Whose it is: a request's callee, a response's caller. */
static uint32_t line_of(const struct sim *sim, const char *text)
{
	uint32_t place = line_of_user(text, strncmp(text, "SIP/2.0 ", 8) ? "" : "\r\nFrom: ");

	return place < sim->lines ? sim->line[place] : 0;
}

void network_drain(struct sim *sim)
{
	struct failover_wire_output output = { .size = sizeof(output) };
	char text[TEXT];

	while (failover_wire_poll(sim->wire, &output)) {
		if (output.count >= TEXT || strlen(output.bytes) != output.count) {
			fail(sim, "an output has %zu bytes", output.count);
			return;
		}
		if (output.kind == FAILOVER_WIRE_TO_NETWORK) {
			leave(sim, &output);
			continue;
		}
		memcpy(text, output.bytes, output.count + 1); /* it may send from there */
		trace(sim, "   wire -> stack %.100s", text);
		note(sim, text);
		if (output.line != line_of(sim, text))
			fail(sim, "an output names line %u: %.60s", output.line, text);
		stack_hear(sim, text, &output.peer);
	}
}

/* ---- clock -------------------------------------------------------------------------------- */

void network_run(struct sim *sim, uint64_t until)
{
	uint64_t next, deadline;
	struct event event;
	unsigned still = 0;

	network_drain(sim);
	while (!sim->failure[0]) {
		deadline = failover_wire_next_deadline(sim->wire);
		next = sim->queued && sim->queue[0].at < deadline ? sim->queue[0].at : deadline;
		if (next > until)
			break;
		still = next > sim->now ? 0 : still + 1;
		if (still > 5000)
			fail(sim, "time stands still");
		sim->now = next > sim->now ? next : sim->now;
		if (deadline <= sim->now) {
			failover_wire_handle_timeout(sim->wire, sim->now);
			network_drain(sim);
		}
		if (sim->queued && sim->queue[0].at <= sim->now) {
			event = pop(sim);
			event.fire(sim, &event);
			free(event.text);
		}
	}
	if (until > sim->now)
		sim->now = until;
}
