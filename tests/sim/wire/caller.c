/* SPDX-License-Identifier: MIT */
/* caller.c - what servers send to the device: calls, what happens in calls, and their end. */
#include "plans.h"

static void on_timer(struct sim *sim, struct event *event)
{
	struct served *served = &sim->served[event->what];

	if (served->end_at && served->end_at <= sim->now) {
		served->at = served->end_at = 0;
		if (!served->status && is_good_since(sim, served->server, sim->now - LIFE - 1))
			fail(sim, "nobody answers a server's %s", served->method);
	}
	if (!served->at || served->at > sim->now)
		return;
	served->interval *= 2;
	if (strcmp(served->method, "INVITE") != 0 && served->interval > T2)
		served->interval = T2;
	served->at = sim->now + served->interval;
	at(sim, served->at, on_timer, event->what, NULL);
	network_up(sim, served->server, served->request);
}

static struct served *send(struct sim *sim, uint32_t server, const char *text)
{
	struct served *served = served_add(sim, server, text);
	uint32_t place;

	if (!served)
		return NULL;
	place = (uint32_t)(served - sim->served);
	served->is_ours = 1;
	served->interval = T1;
	served->end_at = sim->now + LIFE;
	at(sim, served->end_at, on_timer, place, NULL);
	if (sim->transport == FAILOVER_UDP) {
		served->at = sim->now + T1;
		at(sim, served->at, on_timer, place, NULL);
	}
	network_up(sim, server, text);
	return served;
}

struct parts {
	const char *method, *from, *from_tag, *to_tag, *call_id, *lines;
	uint32_t cseq, line;
};

static void write_request(struct sim *sim, uint32_t server, const struct parts *parts, char *out)
{
	unsigned host = server + 1, n = (unsigned)++sim->numbers;
	const char *transport = sim->transport == FAILOVER_UDP ? "UDP" : "TCP";

	snprintf(out, TEXT,
		 "%s sip:10%u1@192.0.2.99:5060 SIP/2.0\r\n"
		 "Via: SIP/2.0/%s 192.0.2.%u:5060;branch=z9hG4bKpeer%u\r\n%sMax-Forwards: 60\r\n"
		 "%sFrom: <sip:%s@192.0.2.%u>;tag=%s\r\nTo: <sip:10%u1@%s>%s%s\r\n"
		 "Call-ID: %s\r\nCSeq: %u %s\r\nContact: <sip:%s@192.0.2.%u:5060%s>\r\n"
		 "Content-Length: 4\r\n\r\nbody",
		 parts->method, parts->line, transport, host, n,
		 sim->kind == KIND_VIAS ? "Via: SIP/2.0/UDP 10.1.0.1;branch=z9hG4bKcaller\r\n" : "",
		 parts->lines, parts->from, host, parts->from_tag, parts->line, sim->domain,
		 parts->to_tag[0] ? ";tag=" : "", parts->to_tag, parts->call_id, parts->cseq,
		 parts->method, parts->from, host,
		 sim->transport == FAILOVER_UDP ? "" : ";transport=tcp");
}

/* RFC 3261 9.1, 17.1.1.3. */
static void send_of_invite(struct sim *sim, struct served *invite, const char *method,
			   const char *response)
{
	char via[200], from[160], to[160], id[80], text[TEXT];

	copy_line(invite->request, "\r\nVia: ", via, sizeof(via));
	copy_line(invite->request, "\r\nFrom: ", from, sizeof(from));
	copy_line(response ? response : invite->request, "\r\nTo: ", to, sizeof(to));
	copy_line(invite->request, "\r\nCall-ID: ", id, sizeof(id));
	snprintf(text, TEXT,
		 "%s sip:10%u1@192.0.2.99:5060 SIP/2.0\r\n%sMax-Forwards: 60\r\n%s%s%sCSeq: %u "
		 "%s\r\n"
		 "Content-Length: 0\r\n\r\n",
		 method, line_of_user(invite->request, ""), via, from, to, id, invite->head.cseq,
		 method);
	if (strcmp(method, "ACK") != 0)
		(void)send(sim, invite->server, text);
	else
		network_up(sim, invite->server, text);
}

static void on_cancel(struct sim *sim, struct event *event)
{
	struct served *invite = &sim->served[event->what];

	if (invite->status / 100 == 1)
		send_of_invite(sim, invite, "CANCEL", NULL);
}

void caller_call(struct sim *sim, uint32_t server)
{
	char text[TEXT], id[48], tag[40], route[80] = "";
	const struct parts parts = { "INVITE", "1003", tag, "", id, route, 1, sim->current };
	struct served *served;

	snprintf(id, sizeof(id), "in%u@192.0.2.%u", (unsigned)++sim->numbers, server + 1);
	snprintf(tag, sizeof(tag), "p%u", (unsigned)sim->numbers);
	if (sim->does_record_route)
		snprintf(route, sizeof(route), "Record-Route: <sip:192.0.2.%u;lr%s>\r\n",
			 server + 1, sim->transport == FAILOVER_UDP ? "" : ";transport=tcp");
	write_request(sim, server, &parts, text);
	served = send(sim, server, text);
	if (served && chance(sim, 30))
		at(sim, sim->now + draw(sim, 4000), on_cancel, (uint32_t)(served - sim->served),
		   NULL);
}

void caller_in_dialog(struct sim *sim, struct held *held, const char *method)
{
	char text[TEXT];
	const struct parts parts = { method,
				     held->is_incoming ? "1003" : "1002",
				     held->tag,
				     held->device_tag,
				     held->call_id,
				     "",
				     200 + ++held->cseq,
				     held->line };

	write_request(sim, held->server, &parts, text);
	if (!strcmp(method, "BYE"))
		held->is_up = 0;
	(void)send(sim, held->server, text);
}

/* Each of its calls that is not up yet. */
void caller_ends(struct sim *sim)
{
	uint32_t i, count = sim->served_count;

	for (i = 0; i < count; i++)
		if (sim->served[i].is_ours && !strcmp(sim->served[i].method, "INVITE") &&
		    sim->served[i].status / 100 == 1)
			send_of_invite(sim, &sim->served[i], "CANCEL", NULL);
}

static void take_2xx(struct sim *sim, struct served *invite, const struct head *head)
{
	struct held *held = held_find(sim, head->call_id, head->from_tag);

	if (held)
		return;
	if (sim->held_count == HELD) {
		fail(sim, "too many dialogs");
		return;
	}
	held = &sim->held[sim->held_count++];
	memset(held, 0, sizeof(*held));
	held->server = invite->server;
	held->line = line_of_user(invite->request, "");
	held->is_up = held->is_acked = held->is_incoming = 1;
	memcpy(held->call_id, head->call_id, sizeof(held->call_id));
	memcpy(held->tag, head->from_tag, sizeof(held->tag));
	memcpy(held->device_tag, head->to_tag, sizeof(held->device_tag));
}

static void acknowledge(struct sim *sim, struct served *invite, const struct head *head,
			const char *text)
{
	char ack[TEXT];
	const struct parts parts = {
		"ACK",	       "1003", head->from_tag,	  head->to_tag,
		head->call_id, "",     invite->head.cseq, line_of_user(invite->request, "")
	};

	if (head->status >= 300) {
		send_of_invite(sim, invite, "ACK", text);
		return;
	}
	write_request(sim, invite->server, &parts, ack);
	network_up(sim, invite->server, ack);
	if (!invite->head.to_tag[0])
		take_2xx(sim, invite, head);
}

void caller_hear(struct sim *sim, uint32_t server, const char *text, const struct head *head)
{
	uint32_t i;

	for (i = sim->served_count; i-- > 0;) {
		struct served *served = &sim->served[i];

		if (!served->is_ours || served->server != server ||
		    strcmp(served->branch, head->branch) != 0 ||
		    strcmp(served->method, head->method) != 0)
			continue;
		if (served->status < 200)
			served->status = head->status;
		if (head->status >= 200 || !strcmp(served->method, "INVITE"))
			served->at = served->end_at = 0;
		if (!strcmp(served->method, "INVITE") && head->status >= 200)
			acknowledge(sim, served, head, text);
		return;
	}
	fail(sim, "server %u hears an answer to nothing: %.60s", server, text);
}
