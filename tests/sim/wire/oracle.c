/* SPDX-License-Identifier: MIT */
/*
 * oracle.c - what must hold, whatever happens: the stack hears what RFC 3261 17.1 lets a server
 * say, and one final answer to each request; what leaves is what the stack has said (B7), on a
 * branch of its own, with credentials for nobody else (B10); no call stays up that the stack does
 * not know (B7a), and a BYE ends its call wherever a server can be asked (B5, B9).
 */
#include "plans.h"

#define SETTLED_MS 100000u
#define WALK_MS 64000u /* of a REGISTER that a request may have to wait for (B6b) */
#define BASIS 14695981039346656037u

/* ---- what leaves -------------------------------------------------------------------------- */

static uint64_t hash(const char *text, uint64_t hash)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t key_of(const struct head *head)
{
	return hash(head->method, hash(head->branch, BASIS));
}

uint64_t oracle_sent_at(const struct sim *sim, const struct head *head)
{
	uint64_t key = key_of(head);
	uint32_t i;

	for (i = 0; i < sim->branches; i++)
		if (sim->branch[i].key == key)
			return sim->branch[i].at;
	return sim->now;
}

/* One that was seen: it goes where it went, the same to the byte. Returns 1 if it is new. */
static int check_branch(struct sim *sim, uint32_t server, const char *text, const struct head *head,
			const char *below)
{
	uint64_t key = key_of(head), bytes = hash(text, BASIS);
	uint32_t i;

	if (strncmp(head->branch, "z9hG4bK", 7) != 0 || strlen(head->branch) < 23 ||
	    strcmp(head->below, below) != 0)
		fail(sim, "a request without a branch of its own: %.60s", text);
	for (i = 0; i < sim->branches; i++) {
		if (sim->branch[i].key != key)
			continue;
		if (sim->branch[i].server != server)
			fail(sim, "one branch at two servers: %.60s", text);
		else if (sim->branch[i].bytes != bytes)
			fail(sim, "a repetition is another: %.60s", text);
		return 0;
	}
	if (sim->branches == BRANCHES)
		fail(sim, "too many branches");
	else
		sim->branch[sim->branches++] = (struct branch){ key, bytes, sim->now, server };
	return 1;
}

/* The wire's own BYE of another fork may have the same number. */
static struct transaction *of_request(struct sim *sim, const struct head *head)
{
	int is_bye = !strcmp(head->method, "BYE");
	uint32_t i;

	for (i = sim->transactions; i-- > 0;) {
		struct transaction *is = &sim->transaction[i];

		if (is->sent.cseq == head->cseq && !strcmp(is->method, head->method) &&
		    !strcmp(is->sent.call_id, head->call_id) &&
		    (!is_bye || !strcmp(is->sent.to_tag, head->to_tag)))
			return is;
	}
	return NULL;
}

/* B7: what is the same at each server. */
static void check_given(struct sim *sim, const char *text, const struct head *head,
			const struct transaction *is)
{
	const char *body = strstr(text, "\r\n\r\n"), *own = strstr(is->text, "\r\n\r\n");

	if (strcmp(is->sent.from_tag, head->from_tag) != 0 ||
	    strcmp(is->sent.to_tag, head->to_tag) != 0 ||
	    strcmp(is->sent.contact, head->contact) != 0 || !body || strcmp(body, own) != 0)
		fail(sim, "B7: it leaves changed: %.60s", text);
	if (!strcmp(is->branch, head->branch))
		fail(sim, "it leaves with the stack's branch: %.60s", text);
	if (!strcmp(is->method, "INVITE") && is->status)
		fail(sim, "an INVITE leaves after its answer %u", is->status);
}

/* Since then somebody could be asked all the time, and when a walk began that the request may have
 * found under way (B6b). The BYE of a late leg is for its server alone. */
static int could_be_asked(const struct sim *sim, const struct held *held, uint64_t since)
{
	uint64_t before = since > WALK_MS ? since - WALK_MS : 0;
	uint32_t i;

	for (i = 0; sim->kind == KIND_NO_PASSWORD && i < sim->servers; i++)
		if (sim->server[i].wants)
			return 0; /* what the library sends by itself may be challenged in vain */
	if (held->is_by_wire)
		return is_good_since(sim, held->server, since);
	if (sim->lines > 1 && !sim->is_shared)
		return 0; /* B4e: what another line has found dead comes last */
	if (sim->allowed_since > before || (sim->released_at && sim->released_at >= before))
		return 0; /* what waits for a REGISTER ends with it */
	for (i = 0; i < sim->servers; i++)
		if ((sim->is_shared || i == held->server) && is_good_since(sim, i, before))
			return 1;
	return 0;
}

static void check_hung_up(struct sim *sim, struct event *event)
{
	const struct held *held = &sim->held[event->what];

	if (held->is_up && could_be_asked(sim, held, sim->now - SETTLED_MS))
		fail(sim, "a BYE of %s;%s is lost", held->call_id, held->tag);
}

/* The stack is told that its BYE has failed: then nobody could take it. */
static void check_failed_bye(struct sim *sim, const struct transaction *is)
{
	struct held *held = held_find(sim, is->sent.call_id, is->sent.to_tag);

	if (!held || !held->is_up || is->status < 300 || is->status == 481)
		return;
	held->is_told = 1;
	if ((is->status == 408 || is->status == 503) && could_be_asked(sim, held, is->started_at))
		fail(sim, "a BYE of %s;%s fails", held->call_id, held->tag);
}

static void check_bye(struct sim *sim, const struct head *head, int is_stacks)
{
	struct held *held = held_find(sim, head->call_id, head->to_tag);

	if (!held || held->was_hung_up)
		return;
	held->was_hung_up = 1;
	held->is_by_wire = !is_stacks;
	at(sim, sim->now + SETTLED_MS, check_hung_up, (uint32_t)(held - sim->held), NULL);
}

void oracle_leaves(struct sim *sim, uint32_t server, const char *text, const struct head *head)
{
	const struct transaction *is;
	int is_new;

	if (head->status) {
		if (strcmp(sim->responded, text) != 0)
			fail(sim, "a response leaves changed: %.60s", text);
		return;
	}
	if (text[0] == '\r' || !strcmp(head->method, "ACK"))
		return;
	is = of_request(sim, head);
	is_new = check_branch(sim, server, text, head, is ? is->sent.below : "");
	if (head->nonce && head->nonce != (sim->is_proxies ? 1 : server + 1))
		fail(sim, "B10: credentials for n%u at server %u", head->nonce, server);
	if (!strcmp(head->method, "BYE") && is_new)
		check_bye(sim, head, is != NULL);
	if (!strcmp(head->method, "REGISTER") || !strcmp(head->method, "CANCEL"))
		return;
	if (is)
		check_given(sim, text, head, is);
	else if (strcmp(head->method, "BYE") != 0 && strcmp(head->method, "OPTIONS") != 0)
		fail(sim, "the stack has not sent this: %.60s", text);
}

/* ---- what the stack hears ----------------------------------------------------------------- */

static void check_head(struct sim *sim, const struct transaction *is, const char *text,
		       const struct head *head)
{
	const struct head *sent = &is->sent;

	/* RFC 3581: `rport` may have a value, and `received` may be there. */
	if (strcmp(head->below, sent->below) != 0 ||
	    strcspn(head->via, ";") != strcspn(sent->via, ";") ||
	    strncmp(head->via, sent->via, strcspn(sent->via, ";")) != 0)
		fail(sim, "another Via than the stack's: %.60s: %s, not %s", text, head->via,
		     sent->via);
	else if (strcmp(head->call_id, sent->call_id) != 0 || head->cseq != sent->cseq ||
		 strcmp(head->from_tag, sent->from_tag) != 0)
		fail(sim, "another Call-ID, CSeq or From tag than the stack's: %.60s", text);
	else if (sent->to_tag[0] && strcmp(head->to_tag, sent->to_tag) != 0)
		fail(sim, "another To tag than the dialog's: %.60s", text);
	else if (head->status > 100 && !head->to_tag[0])
		fail(sim, "no To tag: %.60s", text);
}

void oracle_answer(struct sim *sim, struct transaction *is, const char *text,
		   const struct head *head)
{
	int is_2xx = head->status / 100 == 2 && !strcmp(is->method, "INVITE");

	check_head(sim, is, text, head);
	if (is->state == COMPLETED && (!is_2xx || is->status / 100 != 2))
		fail(sim, "%u after the final answer %u to %s", head->status, is->status,
		     is->method);
	if (is->state == COMPLETED && sim->now - is->ended_at > 2 * LIFE)
		fail(sim, "a 2xx long after the transaction's time");
	if (head->status < 200 || is->state == COMPLETED)
		return;
	is->state = COMPLETED;
	is->finals++;
	is->status = head->status;
	is->ended_at = sim->now;
	if (!strcmp(is->method, "BYE"))
		check_failed_bye(sim, is);
}

/* ---- in the end --------------------------------------------------------------------------- */

/* The stack's view of this dialog. */
static const struct dialog *view_of(struct sim *sim, const struct held *held)
{
	uint32_t i;

	for (i = 0; i < sim->calls; i++)
		if (!strcmp(sim->call[i].call_id, held->call_id))
			return dialog_of(&sim->call[i], held->tag, 0);
	return NULL;
}

static void check_calls(struct sim *sim)
{
	uint32_t i;

	for (i = 0; i < sim->held_count; i++) {
		const struct held *held = &sim->held[i];
		const struct dialog *dialog = view_of(sim, held);

		if (held->is_up && !held->was_hung_up && !held->is_told)
			fail(sim,
			     "B7a: a ghost call: %s;%s is up at server %u, for the stack it is %d",
			     held->call_id, held->tag, held->server, dialog ? dialog->state : 0);
	}
}

void oracle_end(struct sim *sim)
{
	struct failover_wire_statistics is = { .size = sizeof(is) };
	uint32_t i;

	for (i = 0; i < sim->transactions; i++)
		if (sim->transaction[i].finals != 1)
			fail(sim, "%s of %s was answered %u times", sim->transaction[i].method,
			     sim->transaction[i].sent.call_id, sim->transaction[i].finals);
	check_calls(sim);
	failover_wire_statistics(sim->wire, &is);
	if (is.requests || is.legs > sim->keeps_alive * sim->lines || is.lost || is.garbage ||
	    is.refused)
		fail(sim,
		     "%u requests and %u legs are left, %u outputs lost, %u garbage, %u refused",
		     is.requests, is.legs, (unsigned)is.lost, (unsigned)is.garbage,
		     (unsigned)is.refused);
}
