/* SPDX-License-Identifier: MIT */
/* stack.c - the client side of the stack: transactions of RFC 3261 17.1 and as much of a user agent
 * as places calls. It knows nothing of libfailover. */
#include "plans.h"

#define OWN "192.0.2.99:5060"
#define ROUNDS_MOST 4u

/* ---- transactions ------------------------------------------------------------------------- */

static int is_invite(const struct transaction *is)
{
	return !strcmp(is->method, "INVITE");
}

static void transmit(struct sim *sim, uint32_t line, const char *text)
{
	int error = failover_wire_send(sim->wire, sim->line[line], text, strlen(text), sim->now);

	trace(sim, "   stack -> wire %.60s (%d)", text, error);
	if (error)
		fail(sim, "failover_wire_send: %d for %.60s", error, text);
}

/* Timers B and F must never fire; A and E repeat. */
static void on_timer(struct sim *sim, struct event *event)
{
	struct transaction *is = &sim->transaction[event->what];

	if (is->end_at && is->end_at <= sim->now)
		fail(sim, "timer %c of the stack fires: %s %s", is_invite(is) ? 'B' : 'F',
		     is->method, is->sent.call_id);
	if (!is->again_at || is->again_at > sim->now)
		return;
	is->interval *= 2;
	if (!is_invite(is) && is->interval > T2)
		is->interval = T2;
	is->again_at = sim->now + is->interval;
	at(sim, is->again_at, on_timer, event->what, NULL);
	transmit(sim, is->line, is->text);
	network_drain(sim);
}

static void on_cancel(struct sim *sim, struct event *event)
{
	stack_cancel(sim, event->what);
}

static struct transaction *send(struct sim *sim, const char *text, uint32_t call)
{
	struct transaction *is = &sim->transaction[sim->transactions];

	if (sim->transactions == TRANSACTIONS) {
		fail(sim, "the stack has too many transactions");
		return &sim->transaction[0];
	}
	memset(is, 0, sizeof(*is));
	snprintf(is->text, sizeof(is->text), "%s", text);
	head_read(&is->sent, text);
	memcpy(is->method, is->sent.method, sizeof(is->method));
	memcpy(is->branch, is->sent.branch, sizeof(is->branch));
	is->call = call;
	is->line = sim->current;
	is->interval = T1;
	is->started_at = sim->now;
	is->end_at = sim->now + LIFE;
	at(sim, is->end_at, on_timer, sim->transactions, NULL);
	if (sim->transport == FAILOVER_UDP) { /* what the stack believes to use */
		is->again_at = sim->now + T1;
		at(sim, is->again_at, on_timer, sim->transactions, NULL);
	}
	sim->transactions++;
	transmit(sim, is->line, is->text);
	network_drain(sim);
	return is;
}

/* ---- requests ----------------------------------------------------------------------------- */

/* RFC 3261 16.6: who is behind the stack, where it is a proxy. Hop by hop there is nobody. */
static const char *below(const struct sim *sim, unsigned n)
{
	static const char *const lines[] = {
		"",
		"Via: SIP/2.0/UDP 10.0.0.9:5071;branch=z9hG4bKbelow\r\n",
		("Via: SIP/2.0/TCP phone.example;branch=z9hG4bKfar;received=10.0.0.7\r\n"
		 "Via: SIP/2.0/UDP 10.0.0.8\r\n"),
	};

	return sim->kind == KIND_VIAS ? lines[n % 3] : "";
}

struct parts {
	const char *method, *uri, *route, *lines, *body;
	const char *from_tag, *to, *to_tag, *call_id;
	uint32_t cseq;
};

static void write_request(struct sim *sim, const struct parts *parts, char *out)
{
	const char *transport = sim->transport == FAILOVER_UDP ? "UDP" : "TCP";
	unsigned n = (unsigned)++sim->numbers;
	int is_register = !strcmp(parts->method, "REGISTER");

	snprintf(out, TEXT,
		 "%s %s SIP/2.0\r\n"
		 "Via: SIP/2.0/%s " OWN ";rport;branch=z9hG4bKstack%06u-abcdefghijkl\r\n"
		 "%sMax-Forwards: 70\r\n%s%s%s"
		 "From: \"A\" <sip:10%u1@%s>;tag=%s\r\nTo: <%s>%s%s\r\n"
		 "Call-ID: %s\r\nCSeq: %u %s\r\nContact: <sip:10%u1@" OWN "%s>\r\n%s"
		 "Content-Length: %zu\r\n\r\n%s",
		 parts->method, parts->uri, transport, n, below(sim, n),
		 parts->route[0] ? "Route: " : "", parts->route, parts->route[0] ? "\r\n" : "",
		 sim->current, sim->domain, parts->from_tag, parts->to,
		 parts->to_tag[0] ? ";tag=" : "", parts->to_tag, parts->call_id, parts->cseq,
		 parts->method, sim->current, is_register && sim->contact % 2 ? ";ob" : "",
		 parts->lines, strlen(parts->body), parts->body);
}

void stack_register(struct sim *sim, uint32_t expires_s)
{
	char text[TEXT], uri[60], own[60], lines[80];
	struct parts parts = { "REGISTER", uri, "", lines, "", "r", own, "", "reg@192.0.2.99", 0 };

	snprintf(uri, sizeof(uri), "sip:%s", sim->domain);
	snprintf(own, sizeof(own), "sip:10%u1@%s", sim->current, sim->domain);
	snprintf(lines, sizeof(lines), "Expires: %u\r\nSupported: path\r\n", expires_s);
	parts.cseq = ++sim->register_cseq;
	if (!expires_s)
		sim->released_at = sim->now;
	write_request(sim, &parts, text);
	(void)send(sim, text, 0);
}

void stack_outside(struct sim *sim, const char *method)
{
	char text[TEXT], uri[60], id[48];
	struct parts parts = { method, uri, "", "", "hello", "own", uri, "", id, 7 };

	snprintf(uri, sizeof(uri), "sip:1002@%s", sim->domain);
	snprintf(id, sizeof(id), "%s%u@192.0.2.99", method, (unsigned)++sim->numbers);
	write_request(sim, &parts, text);
	(void)send(sim, text, 0);
}

void stack_call(struct sim *sim)
{
	struct call *call = &sim->call[sim->calls];
	char text[TEXT];
	struct parts parts = { "INVITE", call->remote,	"", "", "v=0\r\n", call->tag, call->remote,
			       "",	 call->call_id, 1 };
	struct transaction *is;

	if (sim->calls == CALLS)
		return;
	memset(call, 0, sizeof(*call));
	sim->calls++;
	call->cseq = 1;
	call->line = sim->current;
	snprintf(call->call_id, sizeof(call->call_id), "call%u@192.0.2.99", sim->calls);
	snprintf(call->tag, sizeof(call->tag), "l%u", sim->calls);
	snprintf(call->remote, sizeof(call->remote), "sip:1002@%s", sim->domain);
	write_request(sim, &parts, text);
	call->invite = sim->transactions + 1;
	is = send(sim, text, sim->calls);
	if (chance(sim, 35))
		at(sim, sim->now + draw(sim, 9000), on_cancel, (uint32_t)(is - sim->transaction),
		   NULL);
}

void stack_in_dialog(struct sim *sim, struct call *call, struct dialog *dialog, const char *method)
{
	char text[TEXT];
	const struct parts parts = { method,
				     dialog->contact[0] ? dialog->contact : call->remote,
				     dialog->route,
				     "",
				     strcmp(method, "BYE") ? "v=1\r\n" : "",
				     call->tag,
				     call->remote,
				     dialog->remote_tag,
				     call->call_id,
				     ++call->cseq };

	sim->current = call->line;
	write_request(sim, &parts, text);
	if (!strcmp(method, "BYE"))
		dialog->state = DIALOG_ENDED;
	(void)send(sim, text, (uint32_t)(call - sim->call) + 1);
}

/* RFC 3261 9.1, 17.1.1.3: as the INVITE, on its branch. */
static void write_of_invite(const char *invite, const char *method, const char *to, char *out)
{
	const char *uri = strchr(invite, ' ') + 1;
	char via[200], from[160], id[80], own_to[160], route[160];
	struct head head;

	head_read(&head, invite);
	copy_line(invite, "\r\nVia: ", via, sizeof(via));
	copy_line(invite, "\r\nFrom: ", from, sizeof(from));
	copy_line(invite, "\r\nTo: ", own_to, sizeof(own_to));
	copy_line(invite, "\r\nCall-ID: ", id, sizeof(id));
	copy_line(invite, "\r\nRoute: ", route, sizeof(route));
	snprintf(out, TEXT,
		 "%s %.*s SIP/2.0\r\n%sMax-Forwards: 70\r\n%s%s%s%sCSeq: %u %s\r\n"
		 "Content-Length: 0\r\n\r\n",
		 method, (int)strcspn(uri, " "), uri, via, route, from, to ? to : own_to, id,
		 head.cseq, method);
}

/* RFC 3261 9.1: not before a 1xx; not after a final answer. */
void stack_cancel(struct sim *sim, uint32_t transaction)
{
	struct transaction *is = &sim->transaction[transaction];
	char text[TEXT];

	if (is->state == CALLING)
		at(sim, sim->now + 100, on_cancel, transaction, NULL);
	if (is->state != PROCEEDING || is->cancel_at)
		return;
	is->cancel_at = sim->now;
	sim->current = is->line;
	write_of_invite(is->text, "CANCEL", NULL, text);
	(void)send(sim, text, is->call);
}

/* ---- answers ------------------------------------------------------------------------------ */

struct dialog *dialog_of(struct call *call, const char *tag, int make)
{
	uint32_t i;

	for (i = 0; i < FORKS && call->dialogs[i].state; i++)
		if (!strcmp(call->dialogs[i].remote_tag, tag))
			return &call->dialogs[i];
	if (i == FORKS || !make)
		return NULL;
	snprintf(call->dialogs[i].remote_tag, sizeof(call->dialogs[i].remote_tag), "%s", tag);
	return &call->dialogs[i];
}

/* The ACK of a 2xx: a branch of its own, to the Contact. */
static void ack_2xx(struct sim *sim, const struct call *call, const struct dialog *dialog,
		    uint32_t cseq)
{
	char text[TEXT];
	const struct parts parts = {
		"ACK",	      dialog->contact,	  dialog->route, "",  "", call->tag,
		call->remote, dialog->remote_tag, call->call_id, cseq
	};

	sim->current = call->line;
	write_request(sim, &parts, text);
	transmit(sim, call->line, text);
}

static void take_dialog(struct dialog *dialog, const struct head *head)
{
	if (head->contact[0])
		snprintf(dialog->contact, sizeof(dialog->contact), "%s", head->contact);
	if (!dialog->state || dialog->state == DIALOG_EARLY)
		snprintf(dialog->route, sizeof(dialog->route), "%s", head->route);
}

static int is_another_up(const struct call *call, const struct dialog *but)
{
	uint32_t i;

	for (i = 0; i < FORKS; i++)
		if (&call->dialogs[i] != but && call->dialogs[i].state == DIALOG_UP)
			return 1;
	return 0;
}

static void on_2xx(struct sim *sim, struct transaction *is, const struct head *head)
{
	struct call *call = &sim->call[is->call - 1];
	struct dialog *dialog = dialog_of(call, head->to_tag, 1);
	int is_new;

	if (!dialog) { /* 13.2.2.4: each is acknowledged, so each needs a place */
		fail(sim, "the stack has too many forks");
		return;
	}
	is_new = dialog->state < DIALOG_UP;
	take_dialog(dialog, head);
	if (is_new)
		dialog->state = DIALOG_UP;
	ack_2xx(sim, call, dialog, head->cseq);
	/* One call is enough; and who cancels in vain hangs up (RFC 3261 9.1). */
	if (is_new && (is_another_up(call, dialog) || is->cancel_at))
		stack_in_dialog(sim, call, dialog, "BYE");
}

/* The same request once more, with credentials: RFC 3261 22.2. */
static void send_again(struct sim *sim, const struct transaction *before, unsigned nonce)
{
	struct call *call = before->call ? &sim->call[before->call - 1] : NULL;
	struct transaction *is;
	char text[TEXT], lines[200], uri[120];
	const char *at_uri = strchr(before->text, ' ') + 1,
		   *body = strstr(before->text, "\r\n\r\n");
	struct parts parts = { .method = before->method,
			       .uri = uri,
			       .route = "",
			       .lines = lines,
			       .body = body + 4,
			       .from_tag = before->sent.from_tag,
			       .to_tag = before->sent.to_tag,
			       .call_id = before->sent.call_id,
			       .cseq = before->sent.cseq + 1 };
	char to[60], route[160], expires[40] = "";

	copy_line(before->text, "\r\nTo: <", to, sizeof(to));
	to[strcspn(to, ">")] = '\0';
	parts.to = to + 5;
	copy_line(before->text, "\r\nRoute: ", route, sizeof(route));
	if (route[0]) {
		route[strcspn(route, "\r")] = '\0';
		parts.route = route + 7;
	}
	snprintf(uri, sizeof(uri), "%.*s", (int)strcspn(at_uri, " "), at_uri);
	sim->current = before->line;
	copy_line(before->text, "\r\nExpires: ", expires, sizeof(expires));
	snprintf(lines, sizeof(lines),
		 "%sProxy-Authorization: Digest username=\"1001\", realm=\"r%u\", nonce=\"n%u\", "
		 "uri=\"x\", response=\"0\"\r\n",
		 expires, nonce, nonce);
	if (expires[0])
		parts.cseq = ++sim->register_cseq;
	if (call)
		parts.cseq = ++call->cseq;
	write_request(sim, &parts, text);
	if (call && !before->sent.to_tag[0] && !strcmp(before->method, "INVITE"))
		call->invite = sim->transactions + 1;
	is = send(sim, text, before->call);
	is->rounds = before->rounds + 1;
}

static void on_final(struct sim *sim, struct transaction *is, const char *text,
		     const struct head *head)
{
	char ack[TEXT], to[160];

	is->again_at = is->end_at = 0;
	if (is_invite(is) && head->status < 300) {
		on_2xx(sim, is, head);
		return;
	}
	if (is_invite(is)) {
		copy_line(text, "\r\nTo: ", to, sizeof(to));
		write_of_invite(is->text, "ACK", to, ack);
		transmit(sim, is->line, ack);
	}
	if ((head->status == 407 || head->status == 401) && is->rounds < ROUNDS_MOST &&
	    !is->cancel_at && strcmp(is->method, "CANCEL") != 0 &&
	    (sim->kind == KIND_NO_PASSWORD || strcmp(is->method, "REGISTER") != 0))
		send_again(sim, is, head->nonce);
}

static struct transaction *of_answer(struct sim *sim, const struct head *head)
{
	uint32_t i;

	for (i = sim->transactions; i-- > 0;)
		if (!strcmp(sim->transaction[i].branch, head->branch) &&
		    !strcmp(sim->transaction[i].method, head->method))
			return &sim->transaction[i];
	return NULL;
}

void stack_hear(struct sim *sim, const char *text, const struct failover_target *peer)
{
	struct head head;
	struct transaction *is;
	struct dialog *dialog;

	head_read(&head, text);
	if (!head.status) {
		peer_hear(sim, text, peer);
		return;
	}
	is = of_answer(sim, &head);
	if (!is) {
		fail(sim, "an answer to nothing: %.60s %s", text, head.branch);
		return;
	}
	oracle_answer(sim, is, text, &head);
	if (head.status >= 200) {
		on_final(sim, is, text, &head);
		return;
	}
	is->state = PROCEEDING;
	if (!is_invite(is))
		return;
	is->again_at = is->end_at = 0;
	if (head.status == 100 || is->sent.to_tag[0])
		return;
	dialog = dialog_of(&sim->call[is->call - 1], head.to_tag, 1);
	if (dialog && dialog->state < DIALOG_UP) {
		take_dialog(dialog, &head);
		dialog->state = DIALOG_EARLY;
	}
}
