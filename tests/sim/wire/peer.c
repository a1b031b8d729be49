/* SPDX-License-Identifier: MIT */
/* peer.c - the server side of the stack: it rings, answers, repeats its 2xx until the ACK comes, is
 * cancelled and hung up. */
#include "plans.h"

static struct call *call_of(struct sim *sim, const char *call_id)
{
	uint32_t i;

	for (i = 0; i < sim->calls; i++)
		if (!strcmp(sim->call[i].call_id, call_id))
			return &sim->call[i];
	return NULL;
}

static void respond(struct sim *sim, const char *request, uint32_t status, const char *tag,
		    const struct failover_target *peer)
{
	char via[420], from[160], to[160], id[80], cseq[60], route[160];
	struct head head;
	int error;

	head_read(&head, request);
	copy_vias(request, via, sizeof(via));
	copy_line(request, "\r\nFrom: ", from, sizeof(from));
	copy_line(request, "\r\nTo: ", to, sizeof(to));
	copy_line(request, "\r\nCall-ID: ", id, sizeof(id));
	copy_line(request, "\r\nCSeq: ", cseq, sizeof(cseq));
	copy_line(request, "\r\nRecord-Route: ", route, sizeof(route));
	if (!head.to_tag[0])
		to[strcspn(to, "\r")] = '\0';
	snprintf(sim->responded, TEXT,
		 "SIP/2.0 %u Said\r\n%s%s%s%s%s%s%s%s%sContact: <sip:10%u1@192.0.2.99:5060>\r\n"
		 "Content-Length: 0\r\n\r\n",
		 status, via, route, from, to,
		 head.to_tag[0] ? "" : ";tag=", head.to_tag[0] ? "" : tag,
		 head.to_tag[0] ? "" : "\r\n", id, cseq, line_of_user(request, ""));
	trace(sim, "   stack -> wire %.60s", sim->responded);
	error = failover_wire_respond(sim->wire, peer, sim->responded, strlen(sim->responded),
				      sim->now);
	if (error)
		fail(sim, "failover_wire_respond: %d", error);
	network_drain(sim);
}

static void say(struct sim *sim, struct call *call, uint32_t status)
{
	call->status = status;
	respond(sim, call->text, status, call->tag, &call->peer);
	memcpy(call->last, sim->responded, TEXT);
}

/* 13.3.1.4: the 2xx again; without an ACK the call is ended. */
static void on_timer(struct sim *sim, struct event *event)
{
	struct call *call = &sim->call[event->what];
	struct dialog *dialog = &call->dialogs[0];

	if (call->answer_at && call->answer_at <= sim->now) {
		call->answer_at = 0;
		say(sim, call, call->will_answer);
		if (call->will_answer >= 300)
			return;
		dialog->state = DIALOG_UP;
		call->interval = T1;
		call->again_at = sim->now + T1;
		call->give_up_at = sim->now + LIFE;
		at(sim, call->again_at, on_timer, event->what, NULL);
		at(sim, call->give_up_at, on_timer, event->what, NULL);
		return;
	}
	if (call->give_up_at && call->give_up_at <= sim->now) {
		call->again_at = call->give_up_at = 0;
		if (dialog->state == DIALOG_UP)
			stack_in_dialog(sim, call, dialog, "BYE");
	}
	if (!call->again_at || call->again_at > sim->now)
		return;
	call->interval = call->interval * 2 > T2 ? T2 : call->interval * 2;
	call->again_at = sim->now + call->interval;
	at(sim, call->again_at, on_timer, event->what, NULL);
	say(sim, call, call->status);
}

static void invited(struct sim *sim, const char *text, const struct head *head,
		    const struct failover_target *peer)
{
	struct call *call = &sim->call[sim->calls];
	struct dialog *dialog = &call->dialogs[0];
	char from[160];

	if (sim->calls == CALLS) {
		respond(sim, text, 486, "busy", peer);
		return;
	}
	memset(call, 0, sizeof(*call));
	sim->calls++;
	call->is_incoming = 1;
	call->line = line_of_user(text, "");
	call->peer = *peer;
	call->cseq = 100;
	snprintf(call->text, sizeof(call->text), "%s", text);
	snprintf(call->call_id, sizeof(call->call_id), "%s", head->call_id);
	snprintf(call->tag, sizeof(call->tag), "i%u", sim->calls);
	copy_line(text, "\r\nFrom: <", from, sizeof(from));
	from[strcspn(from, ">")] = '\0';
	snprintf(call->remote, sizeof(call->remote), "%.59s", from + 7);
	dialog->state = DIALOG_EARLY;
	memcpy(dialog->remote_tag, head->from_tag, sizeof(dialog->remote_tag));
	memcpy(dialog->contact, head->contact, sizeof(dialog->contact));
	memcpy(dialog->route, head->route, sizeof(dialog->route));
	call->will_answer = chance(sim, 75) ? 200 : 486;
	call->answer_at = sim->now + draw(sim, 5000);
	at(sim, call->answer_at, on_timer, sim->calls - 1, NULL);
	say(sim, call, 180);
}

static void cancelled(struct sim *sim, const char *text, struct call *call,
		      const struct failover_target *peer)
{
	respond(sim, text, call ? 200 : 481, "c", peer);
	if (!call || call->status >= 200)
		return;
	call->answer_at = 0;
	call->dialogs[0].state = DIALOG_ENDED;
	say(sim, call, 487);
}

static void in_dialog(struct sim *sim, const char *text, const struct head *head,
		      const struct failover_target *peer)
{
	struct call *call = call_of(sim, head->call_id);
	struct dialog *dialog = call ? dialog_of(call, head->from_tag, 0) : NULL;

	if (!strcmp(head->method, "ACK")) {
		if (call && call->is_incoming)
			call->again_at = call->give_up_at = 0;
		return;
	}
	if (!dialog || dialog->state == DIALOG_ENDED) {
		respond(sim, text, 481, "none", peer);
		return;
	}
	if (!strcmp(head->method, "BYE"))
		dialog->state = DIALOG_ENDED;
	respond(sim, text, 200, call->tag, peer);
}

/* What comes up is what the network has brought, to the byte, and names who has sent it. */
static void check(struct sim *sim, const char *text, const struct failover_target *peer)
{
	if (!sim->delivered || strcmp(sim->delivered, text) != 0)
		fail(sim, "a request comes up changed: %.60s", text);
	else if (!failover_target_same_address(peer, &sim->server[sim->delivered_from].at))
		fail(sim, "a request comes up as another peer's: %.60s", text);
}

void peer_hear(struct sim *sim, const char *text, const struct failover_target *peer)
{
	struct call *call;
	struct head head;

	check(sim, text, peer);
	head_read(&head, text);
	call = call_of(sim, head.call_id);
	if (!strcmp(head.method, "CANCEL"))
		cancelled(sim, text, call, peer);
	else if (head.to_tag[0])
		in_dialog(sim, text, &head, peer);
	else if (!strcmp(head.method, "ACK"))
		return;
	else if (!strcmp(head.method, "INVITE") && !call)
		invited(sim, text, &head, peer);
	else if (!strcmp(head.method, "INVITE"))
		say(sim, call, call->status); /* 17.2.1 */
	else
		respond(sim, text, 200, "other", peer);
}
