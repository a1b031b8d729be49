/* SPDX-License-Identifier: MIT */
/* request.c - what each attempt of the core sends. */
#include <stdio.h>
#include <string.h>
#include "sender.h"

static int put(char *out, size_t size, const char *format, const char *a, const char *b)
{
	int length = snprintf(out, size, format, a, b);

	return length >= 0 && (size_t)length < size ? FAILOVER_OK : FAILOVER_ERR_FULL;
}

/* Every attempt is a client transaction of its own: new branch, its own sent-by (B7). */
static int address(struct sender *sender, const struct failover_attempt *attempt,
		   struct sip_request *out)
{
	int error = sender_local(sender, &attempt->target, out->local);

	if (!error)
		error = sender_token(sender, "z9hG4bK", out->branch);
	if (!error && attempt->method != FAILOVER_BYE)
		error = put(out->contact, sizeof(out->contact), "sip:%s@%s", sender->account.user,
			    out->local);
	return error;
}

static int from_to(const struct sender *sender, const char *tag, struct sip_request *out)
{
	const struct sender_account *account = &sender->account;
	char aor[160];

	snprintf(aor, sizeof(aor), "<sip:%s@%s>", account->user, account->domain);
	if (put(out->to, sizeof(out->to), "%s%s", aor, "") ||
	    put(out->from, sizeof(out->from), "%s;tag=%s", aor, tag))
		return FAILOVER_ERR_FULL;
	return FAILOVER_OK;
}

/* ---- REGISTER, OPTIONS -------------------------------------------------------------------- */

/* The core numbers the dialogs: the same number is the same Call-ID with CSeq + 1 (B7, B10); a
 * probe has a number of its own (B11). The one not used for longest makes room. */
static struct registration *registration_of(struct sender *sender, uint32_t dialog)
{
	struct registration *oldest = &sender->registrations[0], *at = oldest;

	for (; at < sender->registrations + SENDER_REGISTRATIONS; at++) {
		if (at->dialog == dialog)
			break;
		if (at->used_at < oldest->used_at)
			oldest = at;
	}
	if (at == sender->registrations + SENDER_REGISTRATIONS) {
		at = oldest;
		memset(at, 0, sizeof(*at));
		if (sender_token(sender, "", at->call_id) || sender_token(sender, "", at->tag))
			return NULL;
		at->dialog = dialog;
	}
	at->used_at = sender_now(sender);
	return at;
}

static int make_register(struct sender *sender, const struct failover_attempt *attempt,
			 struct sip_request *out)
{
	struct registration *dialog = registration_of(sender, attempt->dialog);
	int error;

	if (!dialog)
		return FAILOVER_ERR_IO;
	out->method = "REGISTER";
	out->cseq = ++dialog->cseq;
	out->expires_s = attempt->expires_s;
	error = put(out->uri, sizeof(out->uri), "sip:%s%s",
		    sender->account.registrars[attempt->target.registrar], "");
	if (!error)
		error = put(out->call_id, sizeof(out->call_id), "%s%s", dialog->call_id, "");
	if (!error)
		error = from_to(sender, dialog->tag, out);
	return error ? error : address(sender, attempt, out);
}

static int make_options(struct sender *sender, const struct failover_attempt *attempt,
			struct sip_request *out)
{
	char tag[SIP_VALUE];
	int error = sender_token(sender, "", tag);

	out->method = "OPTIONS";
	out->cseq = 1;
	if (!error)
		error = sender_token(sender, "", out->call_id);
	if (!error)
		error = from_to(sender, tag, out);
	if (!error)
		error = put(out->uri, sizeof(out->uri), "sip:%s%s",
			    sender->account.registrars[attempt->target.registrar], "");
	if (!error)
		error = put(out->to, sizeof(out->to), "<%s>%s", out->uri, "");
	return error ? error : address(sender, attempt, out);
}

/* ---- calls -------------------------------------------------------------------------------- */

/* SDP of the first attempt serves all of them: the body stays the same (B7). */
static int offer(struct call *call, const char *local)
{
	char ip[SIP_VALUE];

	snprintf(ip, sizeof(ip), "%.*s", (int)strcspn(local, ":"), local);
	return put(call->request.body, sizeof(call->request.body),
		   "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
		   "m=audio 9 RTP/AVP 0\r\na=inactive\r\n",
		   ip, ip);
}

static int make_in_call(struct sender *sender, const struct failover_attempt *attempt,
			struct sip_request *out)
{
	struct call *call = sender_call_find(sender, attempt->cookie);
	int is_bye = attempt->method == FAILOVER_BYE, error;

	if (!call || call->up != is_bye)
		return FAILOVER_ERR_STALE;
	*out = call->request;
	error = address(sender, attempt, out);
	if (!error && !is_bye && !out->body[0]) {
		error = offer(call, out->local);
		memcpy(out->body, call->request.body, sizeof(out->body));
	}
	return error;
}

/* RFC 3261 9.1: all of the INVITE's, its branch too; but no body, no Contact. */
static int make_cancel(struct sender *sender, const struct failover_attempt *attempt,
		       struct sip_request *out)
{
	struct transaction *invite = transaction_of(sender, attempt->related);

	if (!invite)
		return FAILOVER_ERR_STALE;
	invite->cancelled = 1;
	*out = invite->request;
	out->method = "CANCEL";
	out->body[0] = out->contact[0] = '\0';
	return FAILOVER_OK;
}

int request_for_attempt(struct sender *sender, const struct failover_attempt *attempt,
			struct sip_request *out)
{
	if (attempt->line != sender->account.line)
		return FAILOVER_ERR_STALE;
	if (attempt->target.transport != FAILOVER_UDP || attempt->target.family != 4 ||
	    attempt->target.registrar >= SENDER_REGISTRARS)
		return FAILOVER_ERR_UNSUPPORTED;
	memset(out, 0, sizeof(*out));
	switch ((enum failover_method)attempt->method) {
	case FAILOVER_REGISTER:
		return make_register(sender, attempt, out);
	case FAILOVER_OPTIONS:
		return make_options(sender, attempt, out);
	case FAILOVER_INVITE:
	case FAILOVER_BYE:
		return make_in_call(sender, attempt, out);
	case FAILOVER_CANCEL:
		return make_cancel(sender, attempt, out);
	case FAILOVER_OTHER:
		break;
	}
	return FAILOVER_ERR_UNSUPPORTED;
}

/* ---- the same again, and what follows a 2xx -------------------------------------------------- */

int request_renew(struct sender *sender, struct transaction *transaction)
{
	struct registration *dialog = registration_of(sender, transaction->attempt.dialog);

	if (!dialog)
		return FAILOVER_ERR_IO;
	transaction->request.cseq = ++dialog->cseq;
	return sender_token(sender, "z9hG4bK", transaction->request.branch);
}

/* RFC 3261 12.1.2, 12.2.1.1. The next hop stays the target that the INVITE went to (B9). The ACK
 * of one 2xx is the same each time it is asked for: its branch is made of the INVITE's and the
 * dialog's tag. Whoever sends the BYE gives it a branch of its own. */
int request_in_dialog(const struct sip_request *invite, const struct sip_message *response,
		      const char *method, struct sip_request *out)
{
	char contact[SIP_VALUE], mark[16];

	*out = *invite;
	out->method = method;
	out->body[0] = out->contact[0] = '\0';
	memcpy(out->to, response->to, sizeof(out->to));
	if (sip_value(response, "Contact", 0, contact, sizeof(contact)) &&
	    !sip_uri(contact, out->uri, sizeof(out->uri)))
		return FAILOVER_ERR_ARGUMENT;
	if (sip_routes(response, out->routes, sizeof(out->routes)))
		return FAILOVER_ERR_FULL;
	if (!strcmp(method, "BYE"))
		out->cseq++;
	snprintf(mark, sizeof(mark), "%08x", (unsigned)sender_hash(response->to));
	return put(out->branch, sizeof(out->branch), "%.200s%s", invite->branch, mark);
}
