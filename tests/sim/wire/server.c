/* SPDX-License-Identifier: MIT */
/* server.c - registrars that are the callees of the stack's calls, too. What one sends and nobody
 * acknowledges, it repeats; a call that nobody acknowledges, it gives up (RFC 3261 13.3.1.4). */
#include "plans.h"

static void on_timer(struct sim *sim, struct event *event);

/* ---- health ------------------------------------------------------------------------------- */

static int is_good(const struct server *server)
{
	return server->mode == ALIVE && !server->is_mute && !server->slow_ms &&
	       (!server->registers || server->registers == 3 || server->registers == 6);
}

void server_note_good(struct sim *sim, uint32_t number)
{
	struct server *server = &sim->server[number];
	uint32_t i, forbids = 0;

	for (i = 0; i < sim->servers; i++)
		forbids |= sim->server[i].registers == 4;
	if (forbids)
		sim->allowed_since = UINT64_MAX;
	else if (sim->allowed_since == UINT64_MAX)
		sim->allowed_since = sim->now;
	if (!is_good(server))
		server->good_since = UINT64_MAX;
	else if (server->good_since == UINT64_MAX)
		server->good_since = sim->now;
}

int is_good_since(const struct sim *sim, uint32_t server, uint64_t since)
{
	return sim->lossless_since <= since && sim->server[server].good_since <= since;
}

/* ---- dialogs ------------------------------------------------------------------------------ */

struct held *held_find(struct sim *sim, const char *call_id, const char *tag)
{
	uint32_t i;

	for (i = 0; i < sim->held_count; i++)
		if (!strcmp(sim->held[i].tag, tag) && !strcmp(sim->held[i].call_id, call_id))
			return &sim->held[i];
	return NULL;
}

/* As this server knows it. */
static struct held *held_at(struct sim *sim, uint32_t server, const struct head *head)
{
	struct held *held = held_find(sim, head->call_id, head->to_tag);

	return held && (sim->is_shared || held->server == server) ? held : NULL;
}

void server_gives_up(struct sim *sim, struct event *event)
{
	struct held *held = &sim->held[event->what];

	if (held->is_acked || !held->is_up)
		return;
	held->is_up = 0;
	/* B7a: an answer later than 64*T1 after the INVITE is nobody's. */
	if (held->heard_at && held->heard_at < sim->served[held->served].sent_at + LIFE - 2000 &&
	    is_good_since(sim, held->server, held->heard_at))
		fail(sim, "a 2xx of %s;%s got no ACK", held->call_id, held->tag);
}

static void hold(struct sim *sim, uint32_t server, uint32_t served, const char *tag)
{
	const struct head *head = &sim->served[served].head;
	struct held *held = &sim->held[sim->held_count];

	if (held_find(sim, head->call_id, tag))
		return;
	if (sim->held_count == HELD) {
		fail(sim, "too many dialogs");
		return;
	}
	memset(held, 0, sizeof(*held));
	held->server = server;
	held->line = line_of_user(sim->served[served].request, "\r\nFrom: ");
	held->served = served;
	held->is_up = 1;
	held->since = sim->now;
	memcpy(held->call_id, head->call_id, sizeof(held->call_id));
	snprintf(held->tag, sizeof(held->tag), "%s", tag);
	memcpy(held->device_tag, head->from_tag, sizeof(held->device_tag));
	at(sim, sim->now + LIFE + 500, server_gives_up, sim->held_count, NULL);
	sim->held_count++;
}

/* ---- answers ------------------------------------------------------------------------------ */

static unsigned nonce_of(const struct sim *sim, uint32_t server)
{
	return sim->is_proxies ? 1 : server + 1;
}

static void write_lines(struct sim *sim, const struct served *served, uint32_t status, char *out,
			size_t size)
{
	const char *transport = sim->transport == FAILOVER_UDP ? "" : ";transport=tcp";
	unsigned host = served->server + 1, nonce = nonce_of(sim, served->server);
	char contact[160], expires[40];

	out[0] = '\0';
	if (!strcmp(served->method, "REGISTER") && status == 200) {
		copy_line(served->request, "\r\nContact: ", contact, sizeof(contact));
		copy_line(served->request, "\r\nExpires: ", expires, sizeof(expires));
		snprintf(out, size, "%s%sService-Route: <sip:192.0.2.%u;lr%s>\r\n", contact,
			 sim->server[served->server].registers == 6 ? "Expires: 60\r\n" : expires,
			 host, transport);
	} else if (!strcmp(served->method, "INVITE") && status > 100 && status < 300) {
		snprintf(out, size, "Contact: <sip:1002@192.0.2.%u:5060%s>\r\n", host, transport);
		if (sim->does_record_route)
			snprintf(out + strlen(out), size - strlen(out),
				 "Record-Route: <sip:192.0.2.%u;lr%s>\r\n", host, transport);
	} else if (status == 401 || status == 407) {
		snprintf(out, size,
			 "%s-Authenticate: Digest realm=\"r%u\", nonce=\"n%u\", algorithm=MD5\r\n",
			 status == 401 ? "WWW" : "Proxy", nonce, nonce);
	} else if (status == 423) {
		snprintf(out, size, "Min-Expires: 1800\r\n");
	} else if (status == 302) {
		snprintf(out, size, "Contact: <sip:1009@192.0.2.50>\r\n");
	} else if (status == 503 && sim->seed % 3 == 0) {
		snprintf(out, size, "Retry-After: 7\r\n");
	}
}

static void respond(struct sim *sim, struct served *served, uint32_t status, uint32_t fork)
{
	const char *request = served->request;
	char via[420], from[160], to[160], id[80], cseq[60], lines[400], tag[40] = "";

	copy_vias(request, via, sizeof(via));
	copy_line(request, "\r\nFrom: ", from, sizeof(from));
	copy_line(request, "\r\nTo: ", to, sizeof(to));
	copy_line(request, "\r\nCall-ID: ", id, sizeof(id));
	copy_line(request, "\r\nCSeq: ", cseq, sizeof(cseq));
	to[strcspn(to, "\r")] = '\0';
	if (!served->head.to_tag[0])
		snprintf(tag, sizeof(tag), "s%u-%u-%u", served->server + 1,
			 (unsigned)(served - sim->served), fork);
	write_lines(sim, served, status, lines, sizeof(lines));
	snprintf(served->last, TEXT,
		 "SIP/2.0 %u Said\r\n%s%s%s%s%s\r\n%s%s%sContent-Length: 0\r\n\r\n", status, via,
		 from, to, tag[0] && status > 100 ? ";tag=" : "", status > 100 ? tag : "", id, cseq,
		 lines);
	served->status = status;
	if (!strcmp(served->method, "INVITE") && status / 100 == 2) {
		hold(sim, served->server, (uint32_t)(served - sim->served),
		     tag[0] ? tag : served->head.to_tag);
		served->interval = T1;
		served->end_at = sim->now + LIFE;
		if (!served->replies[served->next].status) {
			served->at = sim->now + T1;
			at(sim, served->at, on_timer, (uint32_t)(served - sim->served), NULL);
		}
	}
	network_up(sim, served->server, served->last);
}

/* The next of its script, and that in time. */
static void go_on(struct sim *sim, struct served *served)
{
	const struct reply *reply = &served->replies[served->next];

	served->at = 0;
	while (reply->status && !served->at) {
		served->next++;
		respond(sim, served, reply->status, reply->fork);
		reply = &served->replies[served->next];
		if (!served->at && reply->status && reply->after_ms)
			served->at = sim->now + reply->after_ms;
	}
	if (served->at)
		at(sim, served->at, on_timer, (uint32_t)(served - sim->served), NULL);
}

static void on_timer(struct sim *sim, struct event *event)
{
	struct served *served = &sim->served[event->what];

	if (!served->at || served->at != event->at)
		return;
	if (served->status / 100 != 2 || served->replies[served->next].status) {
		go_on(sim, served);
		return;
	}
	served->interval = served->interval * 2 > T2 ? T2 : served->interval * 2;
	served->at = sim->now + served->interval;
	if (served->at > served->end_at) {
		served->at = 0;
		return;
	}
	at(sim, served->at, on_timer, event->what, NULL);
	network_up(sim, served->server, served->last);
}

/* ---- what it does with requests ----------------------------------------------------------- */

static void script_invite(struct sim *sim, struct served *served, uint32_t kind)
{
	const uint32_t soon = draw(sim, 3000), late = 2500 + draw(sim, 4000);
	const struct reply scripts[][5] = {
		{ { 0, 100, 0 }, { 50, 180, 0 }, { soon, 200, 0 } },
		{ { 0, 200, 0 } },
		{ { 0, 100, 0 }, { 30, 503, 0 } },
		{ { 0, 486, 0 } },
		{ { late, 180, 0 }, { 1500, 200, 0 } },
		{ { late, 200, 0 } },
		{ { 0, 100, 0 }, { 50, 180, 0 }, { 9000, 200, 0 } },
		{ { 0, 500, 0 } },
		{ { soon, 404, 0 } },
		{ { 0, 183, 0 }, { 10, 183, 1 }, { soon, 200, 0 }, { 30, 200, 1 } },
		{ { 0, 100, 0 }, { 20, 180, 0 } },
		{ { 0, 302, 0 } },
		{ { 0, 503, 0 } },
		{ { 0, 100, 0 }, { late, 200, 0 } },
		{ { 0, 100, 0 }, { late, 503, 0 } },
		{ { 0, 200, 1 }, { 1, 200, 0 }, { 700, 200, 2 } },
		{ { 0, 100, 0 } },
		{ { late, 486, 0 } },
	};

	memcpy(served->replies, scripts[kind % (sizeof(scripts) / sizeof(scripts[0]))],
	       sizeof(served->replies));
}

static void script_other(struct sim *sim, struct served *served)
{
	const struct server *server = &sim->server[served->server];
	static const struct reply others[][3] = {
		{ { 0, 200, 0 } },    { { 0, 503, 0 } },     { { 0, 404, 0 } },
		{ { 2000, 200, 0 } }, { { 6000, 200, 0 } },  { { 0, 100, 0 }, { 20000, 200, 0 } },
		{ { 0, 100, 0 } },    { { 40000, 200, 0 } },
	};
	static const struct reply registers[][3] = {
		{ { 0, 200, 0 } }, { { 0, 503, 0 } }, { { 0, 500, 0 } }, { { 3000, 200, 0 } },
		{ { 0, 403, 0 } }, { { 0, 423, 0 } }, { { 0, 200, 0 } }, { { 4500, 200, 0 } },
	};
	int is_register = !strcmp(served->method, "REGISTER");

	memcpy(served->replies,
	       is_register ? registers[server->registers % 8] : others[server->others % 8],
	       sizeof(others[0]));
	if (is_register && served->replies[0].status == 423 &&
	    !strstr(served->request, "\r\nExpires: 600\r\n"))
		served->replies[0].status = 200;
	if (!strcmp(served->method, "BYE"))
		served->replies[0] = (struct reply){ 0, 200, 0 };
}

/* RFC 3261 8.2.2.2: the same INVITE has come another way. */
static int is_merged(const struct sim *sim, const struct served *served)
{
	uint32_t i;

	for (i = 0; sim->does_merge && i < sim->served_count; i++) {
		const struct served *other = &sim->served[i];

		if (other != served && !strcmp(other->method, "INVITE") && other->status < 300 &&
		    other->status && other->head.cseq == served->head.cseq &&
		    !strcmp(other->head.call_id, served->head.call_id))
			return 1;
	}
	return 0;
}

static void cancel(struct sim *sim, struct served *of, const struct head *head)
{
	uint32_t i;

	for (i = 0; i < sim->served_count; i++) {
		struct served *invite = &sim->served[i];

		if (strcmp(invite->method, "INVITE") != 0 || invite->server != of->server ||
		    strcmp(invite->branch, head->branch) != 0)
			continue;
		respond(sim, of, 200, 0);
		if (invite->status >= 200)
			return;
		memset(invite->replies, 0, sizeof(invite->replies));
		invite->at = 0;
		respond(sim, invite, 487, 0);
		return;
	}
	respond(sim, of, 481, 0);
}

static void begin(struct sim *sim, struct served *served)
{
	struct server *server = &sim->server[served->server];
	const struct head *head = &served->head;
	struct held *held = head->to_tag[0] ? held_at(sim, served->server, head) : NULL;
	int is_invite = !strcmp(served->method, "INVITE");

	if (!strcmp(served->method, "CANCEL")) {
		cancel(sim, served, head);
		return;
	}
	if (server->wants && head->nonce != nonce_of(sim, served->server)) {
		respond(sim, served, strcmp(served->method, "REGISTER") ? 407 : 401, 0);
		return;
	}
	if (head->to_tag[0] && !held && strcmp(served->method, "UPDATE") != 0 &&
	    strcmp(served->method, "PRACK") != 0) {
		respond(sim, served, 481, 0);
		return;
	}
	if (held && !strcmp(served->method, "BYE"))
		held->is_up = 0;
	if (!is_invite)
		script_other(sim, served);
	else if (held)
		served->replies[0] = (struct reply){ 0, held->is_up ? 200 : 481, 0 };
	else if (is_merged(sim, served))
		served->replies[0] = (struct reply){ 0, 482, 0 };
	else
		script_invite(sim, served, server->invites);
	if (!served->replies[0].after_ms) {
		go_on(sim, served);
		return;
	}
	served->at = sim->now + served->replies[0].after_ms;
	at(sim, served->at, on_timer, (uint32_t)(served - sim->served), NULL);
}

static void acknowledged(struct sim *sim, uint32_t server, const struct head *head)
{
	struct held *held = held_at(sim, server, head);
	uint32_t i;

	if (held)
		held->is_acked = 1;
	for (i = 0; i < sim->served_count; i++) {
		struct served *served = &sim->served[i];

		if (strcmp(served->method, "INVITE") != 0 || served->is_ours ||
		    served->status / 100 != 2 || served->replies[served->next].status)
			continue;
		if (!strcmp(served->head.call_id, head->call_id) &&
		    strstr(served->last, head->to_tag))
			served->at = 0;
	}
}

struct served *served_add(struct sim *sim, uint32_t server, const char *text)
{
	struct served *served = &sim->served[sim->served_count];

	if (sim->served_count == SERVED) {
		fail(sim, "a server has too many transactions");
		return NULL;
	}
	memset(served, 0, offsetof(struct served, request));
	memset(served->replies, 0, sizeof(served->replies));
	served->last[0] = '\0';
	served->at = served->interval = served->end_at = 0;
	sim->served_count++;
	served->server = server;
	snprintf(served->request, TEXT, "%s", text);
	head_read(&served->head, text);
	served->sent_at = oracle_sent_at(sim, &served->head);
	memcpy(served->branch, served->head.branch, sizeof(served->branch));
	memcpy(served->method, served->head.method, sizeof(served->method));
	return served;
}

void server_hear(struct sim *sim, uint32_t server, const char *text)
{
	struct served *served;
	struct head head;
	uint32_t i;

	head_read(&head, text);
	trace(sim, "     at %u    %u %s %s;%s %s", server, head.status, head.method, head.call_id,
	      head.to_tag, head.branch);
	if (head.status) {
		caller_hear(sim, server, text, &head);
		return;
	}
	if (!strcmp(head.method, "ACK")) {
		acknowledged(sim, server, &head);
		return;
	}
	for (i = sim->served_count; i-- > 0;) {
		served = &sim->served[i];
		if (!served->is_ours && served->server == server &&
		    !strcmp(served->branch, head.branch) && !strcmp(served->method, head.method)) {
			if (served->last[0])
				network_up(sim, server, served->last);
			return;
		}
	}
	served = served_add(sim, server, text);
	if (served)
		begin(sim, served);
}
