/* SPDX-License-Identifier: MIT */
/* send.c - builds what attempts send; identity comes from the line, place from the target (B1a). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "writer.h"
#include "auth.h"
#include "call.h"
#include "registration.h"
#include "send.h"
#include "subscription.h"
#include "hop.h"
#include "overload.h"

#define CREDENTIALS_TEXT UA_MESSAGE_MAX

/* ---- texts -------------------------------------------------------------------------------- */

/* As configured: without a port there is none, for a registrar may compare texts (RFC 3261 19.1.4:
 * 5060 is not the same as none). */
static void add_host_port(struct ua_writer *writer, const struct ua_registrar *registrar)
{
	ua_writer_add_host(writer, registrar->address);
	if (registrar->port)
		ua_writer_add(writer, ":%u", (unsigned)registrar->port);
}

/* B23: where no domain is configured, each registrar is its own. */
static const char *domain_of(const struct ua_account *account, uint32_t registrar)
{
	return account->domain_follows ? account->registrars[registrar].address : account->domain;
}

static void add_aor(struct ua_writer *writer, const struct ua_account *account, uint32_t registrar)
{
	if (account->display_name[0]) {
		ua_writer_add_quoted(writer, account->display_name);
		ua_writer_add(writer, " ");
	}
	ua_writer_add(writer, "<sip:");
	ua_writer_add_user(writer, account->user);
	ua_writer_add(writer, account->user[0] ? "@" : "");
	ua_writer_add_host(writer, domain_of(account, registrar));
	ua_writer_add(writer, ">");
}

int ua_send_contact(const struct ua_account *account, const struct failover_target *local,
		    char *out, size_t size)
{
	char address[UA_ADDRESS_TEXT];
	struct ua_writer writer;

	ua_writer_init(&writer, out, size);
	ua_writer_add(&writer, "<sip:");
	if (account && account->user[0]) {
		ua_writer_add_user(&writer, account->user);
		ua_writer_add(&writer, "@");
	}
	ua_writer_add(&writer, "%s%s>", ua_address_text(local, address),
		      ua_transport_param(local->transport));
	return ua_writer_error(&writer);
}

int ua_send_prepare(struct ua *ua, const struct failover_attempt *attempt, const char *tag,
		    struct ua_send_texts *texts, struct ua_request *parts)
{
	const struct ua_account *account = ua_account_find(ua, attempt->line);
	struct ua_writer writer;
	int error = account ? FAILOVER_OK : FAILOVER_ERR_STALE;

	if (!error)
		error = ua->stack->local(ua, &attempt->target, &parts->local);
	parts->contact_at = parts->local;
	if (!error)
		error = ua_branch(ua, texts->branch);
	if (!error)
		error = ua_send_contact(account, &parts->local, texts->contact,
					sizeof(texts->contact));
	if (error)
		return error;
	ua_writer_init(&writer, texts->registrar, sizeof(texts->registrar));
	ua_writer_add(&writer, "sip:");
	add_host_port(&writer, &account->registrars[attempt->target.registrar]);
	error = ua_writer_error(&writer);
	ua_writer_init(&writer, texts->aor, sizeof(texts->aor));
	add_aor(&writer, account, attempt->target.registrar);
	if (!error)
		error = ua_writer_error(&writer);
	ua_writer_init(&writer, texts->from, sizeof(texts->from));
	ua_writer_add(&writer, "%s;tag=%s", texts->aor, tag);
	parts->branch = texts->branch;
	parts->from = texts->from;
	parts->contact = texts->contact;
	parts->user_agent = ua->user_agent;
	parts->overload = account->overload;
	return error ? error : ua_writer_error(&writer);
}

void ua_send_add_registrar(struct ua_writer *writer, const struct ua_account *account,
			   uint32_t registrar)
{
	add_host_port(writer, &account->registrars[registrar]);
}

uint32_t ua_send_names_registrar(const struct ua_account *account, const struct ua_value_uri *uri)
{
	uint32_t i;

	for (i = 0; account->domain_follows && i < account->registrars_count; i++)
		if (ua_part_like(uri->host, account->registrars[i].address) &&
		    (!uri->port || uri->port == account->registrars[i].port))
			return i + 1;
	return 0;
}

static void add_dialled_uri(struct ua_writer *writer, const struct ua_account *account,
			    uint32_t registrar, const char *text)
{
	struct ua_value_uri uri;
	const char *at = text;

	if (!ua_hop_read_uri(text, &uri) && uri.user.length &&
	    ua_send_names_registrar(account, &uri)) {
		ua_writer_add(writer, "%.*s", (int)(uri.host.text - text), text);
		add_host_port(writer, &account->registrars[registrar]);
		at = uri.params.text;
	}
	ua_writer_add(writer, "%s", at);
}

/* RFC 5031: it names no host, and whoever is asked knows who that is. */
static int add_service(const char *dialled, char *out, size_t size)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-.";
	const char *service = dialled + strlen("urn:service:");
	struct ua_writer writer;

	if (!*service || service[strspn(service, allowed)])
		return FAILOVER_ERR_ARGUMENT;
	ua_writer_init(&writer, out, size);
	ua_writer_add(&writer, "%s", dialled);
	return ua_writer_error(&writer) ? FAILOVER_ERR_ARGUMENT : FAILOVER_OK;
}

int ua_send_uri(const struct ua_account *account, uint32_t registrar, const char *dialled,
		char *out, size_t size)
{
	const struct ua_registrar *to =
		&account->registrars[account->domain_follows ? registrar : 0];
	struct ua_writer writer;
	char text[UA_URI_MAX];

	if (!dialled[0] || ua_text_has_control(dialled) || strpbrk(dialled, " <>\""))
		return FAILOVER_ERR_ARGUMENT;
	if (!strncasecmp(dialled, "urn:service:", 12))
		return add_service(dialled, out, size);
	if (!strncasecmp(dialled, "sips:", 5) || !strncasecmp(dialled, "tel:", 4))
		return FAILOVER_ERR_UNSUPPORTED;
	ua_writer_init(&writer, text, sizeof(text));
	if (strncasecmp(dialled, "sip:", 4) != 0)
		ua_writer_add(&writer, "sip:");
	if (!strncasecmp(dialled, "sip:", 4) || strchr(dialled, '@'))
		ua_writer_add(&writer, "%s", dialled);
	else
		ua_writer_add_user(&writer, dialled);
	if (ua_writer_error(&writer))
		return FAILOVER_ERR_ARGUMENT;
	ua_writer_init(&writer, out, size);
	add_dialled_uri(&writer, account, registrar, text);
	if (strncasecmp(dialled, "sip:", 4) != 0 && !strchr(dialled, '@')) {
		ua_writer_add(&writer, "@");
		if (account->domain_follows || !strcmp(account->domain, to->address))
			add_host_port(&writer, to);
		else
			ua_writer_add_host(&writer, account->domain);
	}
	return ua_writer_error(&writer) ? FAILOVER_ERR_ARGUMENT : FAILOVER_OK;
}

/* ---- attempts ----------------------------------------------------------------------------- */

/* Add credentials for what this target has asked for before; *request is replaced. */
static int add_credentials(struct ua *ua, const struct failover_attempt *attempt,
			   struct ua_request **request)
{
	struct ua_account *account = ua_account_find(ua, attempt->line);
	struct ua_request parts = **request, *with = NULL;
	struct ua_writer lines;
	int error;

	if (!account || !account->auths_count || (*request)->given)
		return FAILOVER_OK;
	ua_writer_open(&lines, CREDENTIALS_TEXT);
	error = ua_auth_lines(account, attempt, *request, &lines);
	if (!error && lines.length) {
		parts.credentials = lines.text;
		with = ua_request_copy(&parts);
		error = with ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
	}
	ua_writer_close(&lines);
	if (with) {
		free(*request);
		*request = with;
	}
	return error;
}

static struct ua_request *options_with(struct ua *ua, const struct ua_account *account,
				       const struct failover_attempt *attempt,
				       struct ua_send_texts *texts, int *error)
{
	struct ua_request parts = { .method = "OPTIONS",
				    .cseq = 1,
				    .headers = "Accept: application/sdp\r\n" };
	char call_id[UA_TOKEN], tag[UA_TOKEN], to[sizeof(texts->registrar) + 2];
	struct ua_writer writer;

	*error = ua_token(ua, call_id);
	if (!*error)
		*error = ua_token(ua, tag);
	if (!*error)
		*error = ua_send_prepare(ua, attempt, tag, texts, &parts);
	if (*error)
		return NULL;
	ua_writer_init(&writer, to, sizeof(to));
	ua_writer_add(&writer, "<%s>", texts->registrar);
	parts.uri = texts->registrar;
	parts.to = to;
	parts.call_id = call_id;
	parts.routes = ua_registration_routes(account, &attempt->target);
	return ua_request_copy(&parts);
}

static struct ua_request *options(struct ua *ua, const struct ua_account *account,
				  const struct failover_attempt *attempt, int *error)
{
	struct ua_send_texts *texts = malloc(sizeof(*texts));
	struct ua_request *request;

	*error = FAILOVER_ERR_MEMORY;
	request = texts ? options_with(ua, account, attempt, texts, error) : NULL;
	free(texts);
	return request;
}

/* *hop is where it goes first, which may be another place inside a dialog (B23a). */
static struct ua_request *build(struct ua *ua, struct ua_account *account,
				const struct failover_attempt *attempt, struct failover_target *hop,
				int *error)
{
	struct ua_call *call = ua_call_find(ua, attempt->cookie);

	switch ((enum failover_method)attempt->method) {
	case FAILOVER_REGISTER:
		return ua_registration_request(ua, account, attempt, error);
	case FAILOVER_OPTIONS:
		return options(ua, account, attempt, error);
	case FAILOVER_INVITE:
		if (call && !call->incoming && !call->up)
			return ua_call_invite(call, account, attempt, error);
		break;
	case FAILOVER_BYE:
		if (call)
			return ua_call_bye(call, attempt, hop, error);
		break;
	case FAILOVER_OTHER:
		return ua_subscription_request(ua, account, attempt, hop, error);
	case FAILOVER_CANCEL:
		*error = FAILOVER_ERR_UNSUPPORTED;
		return NULL;
	}
	*error = FAILOVER_ERR_STALE;
	return NULL;
}

/* A CANCEL whose INVITE has ended meanwhile: what a server would say, without asking one. */
static int cancel_nothing(struct ua *ua, const struct failover_attempt *attempt)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = 481 };

	(void)ua->host->response(ua->host->ctx, attempt->id, &answer);
	return FAILOVER_OK;
}

/* B41: as if the target had said so; a call goes on at the next one (B22). */
static int leave_out(struct ua *ua, const struct ua_account *account,
		     const struct failover_attempt *attempt)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = 503 };

	(void)ua->host->response(ua->host->ctx, attempt->id, &answer);
	if (attempt->method == FAILOVER_OTHER)
		ua_subscription_left_out(account, attempt);
	return FAILOVER_OK;
}

static int send_cancel(struct ua *ua, const struct failover_attempt *attempt)
{
	struct ua_client *invite = ua_client_of(ua, attempt->related);

	if (!invite || !invite->is_invite || !invite->leg.provisional || invite->leg.final)
		return cancel_nothing(ua, attempt);
	ua_leg_cancelled(&invite->leg);
	return ua_send_cancel(invite, attempt);
}

int ua_send(void *inst, const struct failover_attempt *attempt)
{
	struct ua *ua = inst;
	struct ua_account *account = ua_account_find(ua, attempt->line);
	struct failover_target hop = attempt->target;
	struct ua_client_start start = { .attempt = attempt, .hop = &hop };
	int error = FAILOVER_ERR_ARGUMENT;

	if (!account)
		return FAILOVER_ERR_STALE;
	if (attempt->size < sizeof(*attempt) ||
	    attempt->target.registrar >= account->registrars_count || !attempt->t1_ms)
		return FAILOVER_ERR_ARGUMENT;
	if (attempt->method == FAILOVER_CANCEL)
		return send_cancel(ua, attempt);
	if (ua_overload_holds(ua, account, attempt))
		return leave_out(ua, account, attempt);
	start.request = build(ua, account, attempt, &hop, &error);
	if (!start.request)
		return error ? error : FAILOVER_ERR_MEMORY;
	if (ua_address_same(&hop, &attempt->target))
		error = add_credentials(ua, attempt, &start.request);
	if (error) {
		free(start.request);
		return error;
	}
	if (attempt->method == FAILOVER_INVITE)
		start.call = attempt->cookie;
	return ua_client_start(ua, &start);
}

/* ---- once more ---------------------------------------------------------------------------- */

/* What follows the CSeq of this request; the owner of the numbers remembers it. */
static uint32_t next_cseq(struct ua_client *client)
{
	struct ua *ua = client->ua;
	struct ua_call *call = ua_call_find(ua, client->attempt.cookie);
	uint32_t number = client->request->cseq + 1;

	if (client->attempt.method == FAILOVER_REGISTER) {
		uint32_t registration = ua_registration_cseq(ua, &client->attempt);

		return registration ? registration : number;
	}
	if (call && client->attempt.id && call->dialog.local_cseq < number)
		call->dialog.local_cseq = number;
	return number;
}

/* In a new transaction of the same attempt, to this URI. */
static int start_anew(struct ua_client *client, const char *uri, uint32_t cseq)
{
	struct ua *ua = client->ua;
	struct failover_attempt attempt = client->attempt;
	struct ua_client_start start = { .attempt = &attempt,
					 .before = client,
					 .call = client->call };
	struct ua_request parts = *client->request;
	char branch[UA_BRANCH];
	int error = ua_branch(ua, branch);

	if (error)
		return error;
	parts.uri = uri;
	parts.branch = branch;
	parts.credentials = "";
	parts.cseq = cseq;
	if (parts.has_expires)
		parts.expires_s = attempt.expires_s;
	start.request = ua_request_copy(&parts);
	if (!start.request)
		return FAILOVER_ERR_MEMORY;
	error = add_credentials(ua, &attempt, &start.request);
	if (error) {
		free(start.request);
		return error;
	}
	return ua_client_start(ua, &start);
}

int ua_send_again(struct ua_client *client)
{
	return start_anew(client, client->request->uri, next_cseq(client));
}

int ua_send_redirected(struct ua_client *client, const char *uri)
{
	client->rounds--; /* no challenge was answered */
	return start_anew(client, uri, next_cseq(client));
}

/* B7: CSeq stays, but for a REGISTER. */
int ua_send_once_more(struct ua_client *client)
{
	uint32_t cseq = client->request->cseq;

	if (client->attempt.method == FAILOVER_REGISTER)
		cseq = next_cseq(client);
	client->is_resent = 1;
	return start_anew(client, client->request->uri, cseq);
}

int ua_send_by_udp(struct ua_client *client)
{
	struct failover_attempt attempt = client->attempt;
	struct ua_client_start start = { .attempt = &attempt,
					 .before = client,
					 .call = client->call };
	struct ua_request parts = *client->request;
	char branch[UA_BRANCH];
	int error = ua_branch(client->ua, branch);

	if (error)
		return error;
	attempt.target = client->udp;
	parts.branch = branch;
	parts.local.transport = FAILOVER_UDP;
	client->rounds--; /* no challenge was answered */
	start.request = ua_request_copy(&parts);
	return start.request ? ua_client_start(client->ua, &start) : FAILOVER_ERR_MEMORY;
}

int ua_send_straight(struct ua_client *client)
{
	struct failover_attempt attempt = client->attempt;
	struct ua_client_start start = { .attempt = &attempt,
					 .before = client,
					 .call = client->call };
	struct ua_request parts = *client->request;
	char branch[UA_BRANCH];
	int error = ua_branch(client->ua, branch);

	attempt.target = client->straight;
	attempt.transmissions = client->straight_transmissions;
	if (!error)
		error = client->ua->stack->local(client->ua, &attempt.target, &parts.local);
	if (error)
		return error;
	parts.branch = branch;
	parts.given_registrar = (uint8_t)attempt.target.registrar;
	client->rounds--; /* no challenge was answered */
	start.request = ua_request_copy(&parts);
	if (!start.request)
		return FAILOVER_ERR_MEMORY;
	error = add_credentials(client->ua, &attempt, &start.request);
	if (error) {
		free(start.request);
		return error;
	}
	return ua_client_start(client->ua, &start);
}

/* ---- legs of an INVITE -------------------------------------------------------------------- */

/* The plugin's own attempt beside this leg: same place and timers, nothing to report. */
static struct failover_attempt own_attempt(const struct ua_client *invite, uint32_t method)
{
	struct failover_attempt attempt = invite->attempt;

	attempt.id = 0;
	attempt.cookie = 0;
	attempt.method = method;
	attempt.transmissions = 0;
	return attempt;
}

/* RFC 3261 9.1: everything as in the INVITE, the branch too. */
int ua_send_cancel(struct ua_client *invite, const struct failover_attempt *attempt)
{
	struct failover_attempt own = own_attempt(invite, FAILOVER_CANCEL);
	struct ua_client_start start = { .attempt = &own, .invite = invite };
	struct ua_request parts = *invite->request;

	parts.method = "CANCEL";
	parts.given = NULL;
	parts.branch = invite->branch;
	parts.contact = "";
	parts.credentials = "";
	parts.headers = "";
	parts.body = "";
	if (attempt) {
		own = *attempt;
		own.target = invite->attempt.target; /* a long INVITE may have gone by TCP */
	}
	start.request = ua_request_copy(&parts);
	return start.request ? ua_client_start(invite->ua, &start) : FAILOVER_ERR_MEMORY;
}

/* A request in the dialog that this 2xx has made, and where it goes first. NULL = it made none, or
 * no memory. Not inlined, so that its dialog is off the stack before the request is sent. */
__attribute__((noinline)) static struct ua_request *in_new_dialog(struct ua_client *invite,
								  const struct ua_view *response,
								  struct ua_dialog_request *request,
								  struct failover_target *hop)
{
	struct ua_request *built;
	struct ua_dialog dialog;

	request->target = &invite->attempt.target;
	if (ua_dialog_of_caller(&dialog, invite->request, response))
		return NULL;
	built = ua_dialog_request(invite->ua, &dialog, request, hop);
	ua_dialog_clear(&dialog);
	return built;
}

/* With `account` the way of B23a, which *hop says, else that of the INVITE. */
static char *ack_text(struct ua_client *invite, const struct ua_view *response,
		      const struct ua_account *account, struct failover_target *hop)
{
	struct ua_dialog_request request = { .method = "ACK",
					     .cseq = invite->request->cseq,
					     .account = account };
	struct ua_request *ack = in_new_dialog(invite, response, &request, hop);
	char *text;
	int length;

	if (!ack)
		return NULL;
	/* RFC 3261 13.2.2.4: the same credentials as in the INVITE, for the same servers only. */
	if (ua_address_same(hop, &invite->attempt.target))
		ack->credentials = invite->request->credentials;
	text = ua_request_text_new(ack, UA_TEXT_WHOLE, &length);
	free(ack);
	return text;
}

/* To the first Route or the Contact, if that is elsewhere. Returns 1 if it has gone there. */
static int ack_elsewhere(struct ua_client *invite, const struct ua_view *response)
{
	struct ua *ua = invite->ua;
	const struct ua_account *account = ua_account_find(ua, invite->line);
	struct failover_target hop;
	char *text = account ? ack_text(invite, response, account, &hop) : NULL;
	int gone = text && hop.transport == FAILOVER_UDP &&
		   !ua_address_same(&hop, &invite->attempt.target) &&
		   !ua->stack->send(ua, &hop, text, strlen(text));

	free(text);
	ua->counters.sent += gone != 0;
	return gone;
}

void ua_send_ack(struct ua_client *invite, const struct ua_view *response, char **kept,
		 int is_repeated)
{
	struct failover_target hop;

	if (ack_elsewhere(invite, response) && !is_repeated)
		return;
	if (!*kept)
		*kept = ack_text(invite, response, NULL, &hop);
	if (*kept)
		(void)ua_client_put(invite, *kept, strlen(*kept));
}

void ua_send_bye_ghost(struct ua_client *invite, const struct ua_view *response)
{
	struct failover_attempt own = own_attempt(invite, FAILOVER_BYE);
	struct failover_target hop = own.target;
	struct ua_client_start start = { .attempt = &own, .hop = &hop };
	struct ua_dialog_request request = { .method = "BYE",
					     .cseq = invite->request->cseq + 1,
					     .account = ua_account_find(invite->ua, invite->line) };

	start.request = in_new_dialog(invite, response, &request, &hop);
	if (!start.request)
		return;
	if (ua_address_same(&hop, &own.target) && add_credentials(invite->ua, &own, &start.request))
		free(start.request);
	else
		(void)ua_client_start(invite->ua, &start);
}
