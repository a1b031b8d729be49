/* SPDX-License-Identifier: MIT */
/* send.c - builds what attempts send; identity comes from the line, place from the target (B1a). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../writer.h"
#include "auth.h"
#include "call.h"
#include "registration.h"
#include "send.h"

#define SIP_PORT 5060u
#define SIPS_PORT 5061u
#define CREDENTIALS_TEXT 8192

/* ---- texts -------------------------------------------------------------------------------- */

/* The configured port; a numeric address always has one, a name without one means SRV. */
static void add_host_port(struct fo_writer *writer, const struct fo_registrar *registrar)
{
	uint32_t port = registrar->port;

	if (!port && fo_address_family(registrar->address))
		port = registrar->transport == FAILOVER_TLS ? SIPS_PORT : SIP_PORT;
	fo_writer_add_host(writer, registrar->address);
	if (port)
		fo_writer_add(writer, ":%u", (unsigned)port);
}

static void add_aor(struct fo_writer *writer, const struct fo_account *account)
{
	if (account->display_name[0]) {
		fo_writer_add_quoted(writer, account->display_name);
		fo_writer_add(writer, " ");
	}
	fo_writer_add(writer, "<sip:");
	fo_writer_add_user(writer, account->user);
	fo_writer_add(writer, account->user[0] ? "@" : "");
	fo_writer_add_host(writer, account->domain);
	fo_writer_add(writer, ">");
}

int fo_send_contact(const struct fo_account *account, const struct failover_target *local,
		    char *out, size_t size)
{
	char address[FO_ADDRESS_TEXT];
	struct fo_writer writer;

	fo_writer_init(&writer, out, size);
	fo_writer_add(&writer, "<sip:");
	if (account && account->user[0]) {
		fo_writer_add_user(&writer, account->user);
		fo_writer_add(&writer, "@");
	}
	fo_writer_add(&writer, "%s%s>", fo_address_text(local, address),
		      fo_transport_param(local->transport));
	return fo_writer_error(&writer);
}

int fo_send_prepare(struct fo_ua *ua, const struct failover_attempt *attempt, const char *tag,
		    struct fo_send_texts *texts, struct fo_request *parts)
{
	const struct fo_account *account = fo_account_find(ua, attempt->line);
	struct fo_writer writer;
	int error = account ? FAILOVER_OK : FAILOVER_ERR_STALE;

	if (!error)
		error = ua->stack->local(ua, &attempt->target, &parts->local);
	if (!error)
		error = fo_ua_branch(ua, texts->branch);
	if (!error)
		error = fo_send_contact(account, &parts->local, texts->contact,
					sizeof(texts->contact));
	if (error)
		return error;
	fo_writer_init(&writer, texts->registrar, sizeof(texts->registrar));
	fo_writer_add(&writer, "sip:");
	add_host_port(&writer, &account->registrars[attempt->target.registrar]);
	error = fo_writer_error(&writer);
	fo_writer_init(&writer, texts->aor, sizeof(texts->aor));
	add_aor(&writer, account);
	if (!error)
		error = fo_writer_error(&writer);
	fo_writer_init(&writer, texts->from, sizeof(texts->from));
	fo_writer_add(&writer, "%s;tag=%s", texts->aor, tag);
	parts->branch = texts->branch;
	parts->from = texts->from;
	parts->contact = texts->contact;
	parts->user_agent = ua->user_agent;
	return error ? error : fo_writer_error(&writer);
}

int fo_send_uri(const struct fo_account *account, const char *dialled, char *out, size_t size)
{
	const struct fo_registrar *first = &account->registrars[0];
	struct fo_writer writer;

	if (!dialled[0] || fo_text_has_control(dialled) || strpbrk(dialled, " <>\""))
		return FAILOVER_ERR_ARGUMENT;
	fo_writer_init(&writer, out, size);
	if (!strncasecmp(dialled, "sips:", 5) || !strncasecmp(dialled, "tel:", 4))
		return FAILOVER_ERR_UNSUPPORTED;
	if (!strncasecmp(dialled, "sip:", 4)) {
		fo_writer_add(&writer, "%s", dialled);
	} else if (strchr(dialled, '@')) {
		fo_writer_add(&writer, "sip:%s", dialled);
	} else {
		fo_writer_add(&writer, "sip:");
		fo_writer_add_user(&writer, dialled);
		fo_writer_add(&writer, "@");
		if (!strcmp(account->domain, first->address))
			add_host_port(&writer, first);
		else
			fo_writer_add_host(&writer, account->domain);
	}
	return fo_writer_error(&writer) ? FAILOVER_ERR_ARGUMENT : FAILOVER_OK;
}

/* ---- attempts ----------------------------------------------------------------------------- */

/* Add credentials for what this target has asked for before; *request is replaced. */
static int add_credentials(struct fo_ua *ua, const struct failover_attempt *attempt,
			   struct fo_request **request)
{
	struct fo_account *account = fo_account_find(ua, attempt->line);
	struct fo_request parts = **request, *with;
	char lines[CREDENTIALS_TEXT];
	int error;

	if (!account)
		return FAILOVER_OK;
	error = fo_auth_lines(account, attempt, *request, lines, sizeof(lines));
	if (error || !lines[0])
		return error;
	parts.credentials = lines;
	with = fo_request_copy(&parts);
	if (!with)
		return FAILOVER_ERR_MEMORY;
	free(*request);
	*request = with;
	return FAILOVER_OK;
}

static struct fo_request *options(struct fo_ua *ua, struct fo_account *account,
				  const struct failover_attempt *attempt, int *error)
{
	struct fo_request parts = { .method = "OPTIONS",
				    .cseq = 1,
				    .headers = "Accept: application/sdp\r\n" };
	struct fo_send_texts texts;
	char call_id[FO_TOKEN], tag[FO_TOKEN], to[sizeof(texts.registrar) + 2];
	struct fo_writer writer;

	*error = fo_ua_token(ua, call_id);
	if (!*error)
		*error = fo_ua_token(ua, tag);
	if (!*error)
		*error = fo_send_prepare(ua, attempt, tag, &texts, &parts);
	if (*error)
		return NULL;
	fo_writer_init(&writer, to, sizeof(to));
	fo_writer_add(&writer, "<%s>", texts.registrar);
	parts.uri = texts.registrar;
	parts.to = to;
	parts.call_id = call_id;
	parts.routes = fo_registration_routes(account, &attempt->target);
	return fo_request_copy(&parts);
}

static struct fo_request *build(struct fo_ua *ua, struct fo_account *account,
				const struct failover_attempt *attempt, int *error)
{
	struct fo_call *call = fo_call_find(ua, attempt->cookie);

	switch ((enum failover_method)attempt->method) {
	case FAILOVER_REGISTER:
		return fo_registration_request(ua, account, attempt, error);
	case FAILOVER_OPTIONS:
		return options(ua, account, attempt, error);
	case FAILOVER_INVITE:
		if (call && !call->incoming && !call->up)
			return fo_call_invite(call, account, attempt, error);
		break;
	case FAILOVER_BYE:
		if (call)
			return fo_call_bye(call, attempt, error);
		break;
	case FAILOVER_CANCEL:
	case FAILOVER_OTHER:
		*error = FAILOVER_ERR_UNSUPPORTED;
		return NULL;
	}
	*error = FAILOVER_ERR_STALE;
	return NULL;
}

/* A CANCEL whose INVITE has ended meanwhile: what a server would say, without asking one. */
static int cancel_nothing(struct fo_ua *ua, const struct failover_attempt *attempt)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = 481 };

	(void)ua->host->response(ua->host->ctx, attempt->id, &answer);
	return FAILOVER_OK;
}

static int send_cancel(struct fo_ua *ua, const struct failover_attempt *attempt)
{
	struct fo_client *invite = fo_client_of(ua, attempt->related);

	if (!invite || !invite->is_invite || !invite->leg.provisional || invite->leg.final)
		return cancel_nothing(ua, attempt);
	fo_leg_cancelled(&invite->leg);
	return fo_send_cancel(invite, attempt);
}

int fo_ua_send(void *inst, const struct failover_attempt *attempt)
{
	struct fo_ua *ua = inst;
	struct fo_account *account = fo_account_find(ua, attempt->line);
	struct fo_client_start start = { .attempt = attempt };
	int error = FAILOVER_ERR_ARGUMENT;

	if (!account)
		return FAILOVER_ERR_STALE;
	if (attempt->size < sizeof(*attempt) ||
	    attempt->target.registrar >= account->registrars_count || !attempt->t1_ms)
		return FAILOVER_ERR_ARGUMENT;
	if (attempt->method == FAILOVER_CANCEL)
		return send_cancel(ua, attempt);
	start.request = build(ua, account, attempt, &error);
	if (!start.request)
		return error ? error : FAILOVER_ERR_MEMORY;
	error = add_credentials(ua, attempt, &start.request);
	if (error) {
		free(start.request);
		return error;
	}
	if (attempt->method == FAILOVER_INVITE)
		start.call = attempt->cookie;
	return fo_client_start(ua, &start);
}

/* ---- once more ---------------------------------------------------------------------------- */

/* What follows the CSeq of this request; the owner of the numbers remembers it. */
static uint32_t next_cseq(struct fo_client *client)
{
	struct fo_ua *ua = client->ua;
	struct fo_call *call = fo_call_find(ua, client->attempt.cookie);
	uint32_t number = client->request->cseq + 1;

	if (client->attempt.method == FAILOVER_REGISTER) {
		uint32_t registration = fo_registration_cseq(ua, &client->attempt);

		return registration ? registration : number;
	}
	if (call && client->attempt.id && call->dialog.local_cseq < number)
		call->dialog.local_cseq = number;
	return number;
}

int fo_send_again(struct fo_client *client)
{
	struct fo_ua *ua = client->ua;
	struct failover_attempt attempt = client->attempt;
	struct fo_client_start start = { .attempt = &attempt,
					 .before = client,
					 .call = client->call };
	struct fo_request parts = *client->request;
	char branch[FO_BRANCH];
	int error = fo_ua_branch(ua, branch);

	if (error)
		return error;
	parts.branch = branch;
	parts.credentials = "";
	parts.cseq = next_cseq(client);
	if (parts.has_expires)
		parts.expires_s = attempt.expires_s;
	start.request = fo_request_copy(&parts);
	if (!start.request)
		return FAILOVER_ERR_MEMORY;
	error = add_credentials(ua, &attempt, &start.request);
	if (error) {
		free(start.request);
		return error;
	}
	return fo_client_start(ua, &start);
}

int fo_send_by_udp(struct fo_client *client)
{
	struct failover_attempt attempt = client->attempt;
	struct fo_client_start start = { .attempt = &attempt,
					 .before = client,
					 .call = client->call };
	struct fo_request parts = *client->request;
	char branch[FO_BRANCH];
	int error = fo_ua_branch(client->ua, branch);

	if (error)
		return error;
	attempt.target = client->udp;
	parts.branch = branch;
	parts.local.transport = FAILOVER_UDP;
	client->rounds--; /* no challenge was answered */
	start.request = fo_request_copy(&parts);
	return start.request ? fo_client_start(client->ua, &start) : FAILOVER_ERR_MEMORY;
}

/* ---- legs of an INVITE -------------------------------------------------------------------- */

/* The plugin's own attempt beside this leg: same place and timers, nothing to report. */
static struct failover_attempt own_attempt(const struct fo_client *invite, uint32_t method)
{
	struct failover_attempt attempt = invite->attempt;

	attempt.id = 0;
	attempt.cookie = 0;
	attempt.method = method;
	attempt.transmissions = 0;
	return attempt;
}

/* RFC 3261 9.1: everything as in the INVITE, the branch too. */
int fo_send_cancel(struct fo_client *invite, const struct failover_attempt *attempt)
{
	struct failover_attempt own = own_attempt(invite, FAILOVER_CANCEL);
	struct fo_client_start start = { .attempt = &own, .invite = invite };
	struct fo_request parts = *invite->request;

	parts.method = "CANCEL";
	parts.branch = invite->branch;
	parts.contact = "";
	parts.credentials = "";
	parts.headers = "";
	parts.body = "";
	if (attempt) {
		own = *attempt;
		own.target = invite->attempt.target; /* a long INVITE may have gone by TCP */
	}
	start.request = fo_request_copy(&parts);
	return start.request ? fo_client_start(invite->ua, &start) : FAILOVER_ERR_MEMORY;
}

/* A request in the dialog that this 2xx has made. NULL = it made none, or no memory. */
static struct fo_request *in_new_dialog(struct fo_client *invite, const struct fo_view *response,
					const char *method, uint32_t cseq)
{
	struct fo_dialog_request request = { .method = method,
					     .cseq = cseq,
					     .next_hop = &invite->attempt.target };
	struct fo_request *built;
	struct fo_dialog dialog;

	if (fo_dialog_of_caller(&dialog, invite->request, response))
		return NULL;
	built = fo_dialog_request(invite->ua, &dialog, &request);
	fo_dialog_clear(&dialog);
	return built;
}

static char *ack_text(struct fo_client *invite, const struct fo_view *response)
{
	struct fo_request *ack = in_new_dialog(invite, response, "ACK", invite->request->cseq);
	char text[FO_MESSAGE_MAX];
	int length;

	if (!ack)
		return NULL;
	/* RFC 3261 13.2.2.4: the same credentials as in the INVITE. */
	ack->credentials = invite->request->credentials;
	length = fo_request_text(ack, FO_TEXT_WHOLE, text, sizeof(text));
	free(ack);
	return length < 0 ? NULL : strdup(text);
}

void fo_send_ack(struct fo_client *invite, const struct fo_view *response, char **kept)
{
	if (!*kept)
		*kept = ack_text(invite, response);
	if (*kept)
		(void)fo_client_put(invite, *kept, strlen(*kept));
}

void fo_send_bye_ghost(struct fo_client *invite, const struct fo_view *response)
{
	struct failover_attempt own = own_attempt(invite, FAILOVER_BYE);
	struct fo_client_start start = { .attempt = &own };

	start.request = in_new_dialog(invite, response, "BYE", invite->request->cseq + 1);
	if (!start.request)
		return;
	if (add_credentials(invite->ua, &own, &start.request))
		free(start.request);
	else
		(void)fo_client_start(invite->ua, &start);
}
