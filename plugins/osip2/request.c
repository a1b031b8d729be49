/* SPDX-License-Identifier: MIT */
/* request.c - builds what attempts send; identity comes from the line, place from the target (B1a).
 */
#include <stdlib.h>
#include <string.h>
#include "../common/writer.h"
#include "auth.h"
#include "call.h"
#include "client.h"
#include "message.h"
#include "registration.h"
#include "request.h"
#include "transport.h"

#define SIP_PORT 5060u
#define SIPS_PORT 5061u

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

int fo_osip_request_texts(struct fo_osip *ua, const struct fo_account *account,
			  const struct failover_attempt *attempt, struct fo_request_texts *out)
{
	struct fo_writer aor, registrar;
	int error = fo_transport_local(ua->transport, &attempt->target, &out->local);

	if (!error)
		error = fo_message_branch(ua, out->branch);
	if (error)
		return error;
	fo_writer_init(&aor, out->aor, sizeof(out->aor));
	add_aor(&aor, account);
	fo_writer_init(&registrar, out->registrar, sizeof(out->registrar));
	fo_writer_add(&registrar, "sip:");
	add_host_port(&registrar, &account->registrars[attempt->target.registrar]);
	return fo_writer_error(&aor) ? fo_writer_error(&aor) : fo_writer_error(&registrar);
}

int fo_osip_request_uri(const struct fo_account *account, const char *dialled, char *out,
			size_t size)
{
	const struct fo_registrar *first = &account->registrars[0];
	struct fo_writer writer;

	if (!dialled[0] || fo_osip_has_control(dialled) || strpbrk(dialled, " <>\""))
		return FAILOVER_ERR_ARGUMENT;
	fo_writer_init(&writer, out, size);
	if (!osip_strncasecmp(dialled, "sips:", 5) || !osip_strncasecmp(dialled, "tel:", 4))
		return FAILOVER_ERR_UNSUPPORTED;
	if (!osip_strncasecmp(dialled, "sip:", 4)) {
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

static osip_message_t *options(struct fo_osip *ua, struct fo_account *account,
			       const struct failover_attempt *attempt, int *error)
{
	struct fo_request_parts parts = { .method = "OPTIONS",
					  .cseq = 1,
					  .contact_user = account->user,
					  .headers = "Accept: application/sdp\r\n" };
	struct fo_request_texts texts;
	char call_id[FO_TOKEN], tag[FO_TOKEN], to[324];
	struct fo_writer writer;

	*error = fo_osip_request_texts(ua, account, attempt, &texts);
	if (!*error)
		*error = fo_osip_token(ua, call_id);
	if (!*error)
		*error = fo_osip_token(ua, tag);
	if (*error)
		return NULL;
	fo_writer_init(&writer, texts.from, sizeof(texts.from));
	fo_writer_add(&writer, "%s;tag=%s", texts.aor, tag);
	*error = fo_writer_error(&writer);
	fo_writer_init(&writer, to, sizeof(to));
	fo_writer_add(&writer, "<%s>", texts.registrar);
	parts.uri = texts.registrar;
	parts.from = texts.from;
	parts.to = to;
	parts.call_id = call_id;
	parts.branch = texts.branch;
	parts.local = &texts.local;
	parts.routes = fo_osip_registration_routes(account, &attempt->target);
	return *error ? NULL : fo_message_request(ua, &parts);
}

static osip_message_t *build(struct fo_osip *ua, struct fo_account *account,
			     const struct failover_attempt *attempt, int *error)
{
	struct fo_call *call = fo_osip_call(ua, attempt->cookie);

	switch ((enum failover_method)attempt->method) {
	case FAILOVER_REGISTER:
		return fo_osip_registration_request(ua, account, attempt, error);
	case FAILOVER_OPTIONS:
		return options(ua, account, attempt, error);
	case FAILOVER_INVITE:
		if (call && !call->incoming && !call->up)
			return fo_osip_call_invite(call, account, attempt, error);
		break;
	case FAILOVER_BYE:
		if (call)
			return fo_osip_call_bye(call, attempt, error);
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
static int cancel_nothing(struct fo_osip *ua, const struct failover_attempt *attempt)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = 481 };

	(void)ua->host->response(ua->host->ctx, attempt->id, &answer);
	return FAILOVER_OK;
}

static int send_cancel(struct fo_osip *ua, const struct failover_attempt *attempt)
{
	struct fo_client *invite = fo_osip_client_of(ua, attempt->related);

	if (!invite || !invite->is_invite || !invite->leg.provisional || invite->leg.final)
		return cancel_nothing(ua, attempt);
	fo_leg_cancelled(&invite->leg);
	return fo_osip_request_cancel(invite, attempt);
}

int fo_osip_request_send(struct fo_osip *ua, const struct failover_attempt *attempt)
{
	struct fo_account *account = fo_osip_account(ua, attempt->line);
	struct fo_client *client;
	osip_message_t *message;
	int error = FAILOVER_ERR_ARGUMENT;

	if (!account)
		return FAILOVER_ERR_STALE;
	if (attempt->size < sizeof(*attempt) ||
	    attempt->target.registrar >= account->registrars_count || !attempt->t1_ms)
		return FAILOVER_ERR_ARGUMENT;
	if (attempt->method == FAILOVER_CANCEL)
		return send_cancel(ua, attempt);
	message = build(ua, account, attempt, &error);
	if (!message)
		return error ? error : FAILOVER_ERR_ARGUMENT;
	error = fo_osip_auth_apply(ua, account, attempt, message);
	if (error) {
		osip_message_free(message);
		return error;
	}
	error = fo_osip_client_start(ua, attempt, message, NULL, &client);
	if (!error && attempt->method == FAILOVER_INVITE)
		client->call = attempt->cookie;
	return error;
}

/* ---- once more ---------------------------------------------------------------------------- */

/* What follows the CSeq of this request; the owner of the numbers remembers it. */
static uint32_t next_cseq(struct fo_client *client, const osip_message_t *request)
{
	struct fo_osip *ua = client->ua;
	struct fo_call *call = fo_osip_call(ua, client->attempt.cookie);
	uint32_t number = fo_message_cseq(request) + 1;

	if (client->attempt.method == FAILOVER_REGISTER) {
		uint32_t registration = fo_osip_registration_cseq(ua, &client->attempt);

		return registration ? registration : number;
	}
	if (call && client->attempt.id && call->dialog.local_cseq < number)
		call->dialog.local_cseq = number;
	return number;
}

static int replace_text(char **text, const char *format, unsigned value)
{
	char number[32];
	struct fo_writer writer;

	fo_writer_init(&writer, number, sizeof(number));
	fo_writer_add(&writer, format, value);
	osip_free(*text);
	*text = osip_strdup(number);
	return *text ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

static int set_branch(struct fo_osip *ua, osip_message_t *message)
{
	osip_via_t *via = osip_list_get(&message->vias, 0);
	osip_generic_param_t *param = NULL;
	char branch[FO_BRANCH];
	int error = fo_message_branch(ua, branch);

	if (error || osip_via_param_get_byname(via, "branch", &param) < 0 || !param)
		return FAILOVER_ERR_MEMORY;
	osip_free(param->gvalue);
	param->gvalue = osip_strdup(branch);
	return param->gvalue ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

static int set_expires(osip_message_t *message, uint32_t expires_s)
{
	osip_header_t *header = NULL;

	if (osip_message_header_get_byname(message, "expires", 0, &header) < 0 || !header)
		return FAILOVER_OK;
	return replace_text(&header->hvalue, "%u", expires_s);
}

static void drop_credentials(osip_message_t *message)
{
	osip_authorization_t *header;

	while ((header = osip_list_get(&message->authorizations, 0))) {
		osip_list_remove(&message->authorizations, 0);
		osip_authorization_free(header);
	}
	while ((header = osip_list_get(&message->proxy_authorizations, 0))) {
		osip_list_remove(&message->proxy_authorizations, 0);
		osip_authorization_free(header);
	}
}

static int renew(struct fo_client *client, struct fo_account *account, osip_message_t *message)
{
	uint32_t cseq = next_cseq(client, message);
	int error = set_branch(client->ua, message);

	drop_credentials(message);
	if (!error)
		error = replace_text(&message->cseq->number, "%u", cseq);
	if (!error && client->attempt.method == FAILOVER_REGISTER)
		error = set_expires(message, client->attempt.expires_s);
	if (!error)
		error = fo_osip_auth_apply(client->ua, account, &client->attempt, message);
	osip_message_force_update(message);
	return error;
}

int fo_osip_request_again(struct fo_client *client)
{
	struct fo_osip *ua = client->ua;
	struct fo_account *account = fo_osip_account(ua, client->line);
	struct failover_attempt attempt = client->attempt;
	uint64_t call = client->call;
	struct fo_client *after;
	osip_message_t *message;
	int error;

	if (!account || osip_message_clone(fo_osip_client_request(client), &message))
		return FAILOVER_ERR_MEMORY;
	error = renew(client, account, message);
	if (error) {
		osip_message_free(message);
		return error;
	}
	error = fo_osip_client_start(ua, &attempt, message, client, &after);
	if (!error)
		after->call = call;
	return error;
}

int fo_osip_request_by_udp(struct fo_client *client)
{
	struct failover_attempt attempt = client->attempt;
	uint64_t call = client->call;
	uint8_t rounds = client->rounds;
	struct fo_client *after;
	osip_message_t *message;
	osip_via_t *via;
	int error;

	if (osip_message_clone(fo_osip_client_request(client), &message))
		return FAILOVER_ERR_MEMORY;
	via = osip_list_get(&message->vias, 0);
	osip_free(via->protocol);
	via->protocol = osip_strdup("UDP");
	error = via->protocol ? set_branch(client->ua, message) : FAILOVER_ERR_MEMORY;
	if (error) {
		osip_message_free(message);
		return error;
	}
	osip_message_force_update(message);
	error = fo_osip_client_start(client->ua, &attempt, message, client, &after);
	if (!error) {
		after->call = call;
		after->rounds = rounds; /* no challenge was answered */
	}
	return error;
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
int fo_osip_request_cancel(struct fo_client *invite, const struct failover_attempt *attempt)
{
	struct failover_attempt own = own_attempt(invite, FAILOVER_CANCEL);
	const osip_message_t *request = fo_osip_client_request(invite);
	osip_message_t *message;

	if (osip_message_clone(request, &message))
		return FAILOVER_ERR_MEMORY;
	osip_free(message->sip_method);
	osip_free(message->cseq->method);
	message->sip_method = osip_strdup("CANCEL");
	message->cseq->method = osip_strdup("CANCEL");
	drop_credentials(message);
	osip_list_special_free(&message->contacts, (void (*)(void *))osip_contact_free);
	osip_list_special_free(&message->bodies, (void (*)(void *))osip_body_free);
	osip_content_type_free(message->content_type);
	message->content_type = NULL;
	osip_content_length_free(message->content_length);
	message->content_length = NULL;
	osip_message_force_update(message);
	if (!message->sip_method || !message->cseq->method ||
	    osip_message_set_content_length(message, "0")) {
		osip_message_free(message);
		return FAILOVER_ERR_MEMORY;
	}
	if (attempt) {
		own = *attempt;
		own.target = invite->attempt.target; /* a long INVITE may have gone by TCP */
	}
	return fo_osip_client_start(invite->ua, &own, message, NULL, NULL);
}

static osip_message_t *build_ack(struct fo_client *invite, const osip_message_t *response)
{
	const osip_message_t *request = fo_osip_client_request(invite);
	char branch[FO_BRANCH];
	struct fo_dialog_request parts = { .method = "ACK",
					   .cseq = fo_message_cseq(request),
					   .next_hop = &invite->attempt.target,
					   .branch = branch };
	struct fo_dialog dialog;
	osip_message_t *ack;

	if (fo_message_branch(invite->ua, branch) ||
	    fo_dialog_of_caller(&dialog, request, response))
		return NULL;
	ack = fo_dialog_request(invite->ua, &dialog, &parts);
	fo_dialog_clear(&dialog);
	/* RFC 3261 13.2.2.4: the same credentials as in the INVITE. */
	if (ack)
		(void)osip_list_clone(&request->authorizations, &ack->authorizations,
				      (int (*)(void *, void **))osip_authorization_clone);
	if (ack)
		(void)osip_list_clone(&request->proxy_authorizations, &ack->proxy_authorizations,
				      (int (*)(void *, void **))osip_authorization_clone);
	return ack;
}

void fo_osip_request_ack(struct fo_client *invite, const osip_message_t *response, char **kept)
{
	osip_message_t *ack = *kept ? NULL : build_ack(invite, response);
	size_t length;

	if (ack) {
		osip_message_force_update(ack);
		if (osip_message_to_str(ack, kept, &length))
			*kept = NULL;
		osip_message_free(ack);
	}
	if (!*kept)
		return;
	(void)fo_osip_client_put(invite, *kept, strlen(*kept));
}

void fo_osip_request_bye_ghost(struct fo_client *invite, const osip_message_t *response)
{
	struct fo_osip *ua = invite->ua;
	struct failover_attempt own = own_attempt(invite, FAILOVER_BYE);
	struct fo_account *account = fo_osip_account(ua, invite->line);
	char branch[FO_BRANCH];
	struct fo_dialog_request parts = { .method = "BYE",
					   .next_hop = &invite->attempt.target,
					   .branch = branch };
	struct fo_dialog dialog;
	osip_message_t *bye;

	if (fo_message_branch(ua, branch) ||
	    fo_dialog_of_caller(&dialog, fo_osip_client_request(invite), response))
		return;
	parts.cseq = dialog.local_cseq + 1;
	bye = fo_dialog_request(ua, &dialog, &parts);
	fo_dialog_clear(&dialog);
	if (!bye)
		return;
	if (account && fo_osip_auth_apply(ua, account, &own, bye)) {
		osip_message_free(bye);
		return;
	}
	osip_message_force_update(bye);
	(void)fo_osip_client_start(ua, &own, bye, NULL, NULL);
}
