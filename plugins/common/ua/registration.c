/* SPDX-License-Identifier: MIT */
/* registration.c - registration dialogs: one Call-ID for each number of the core's, CSeq rising. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../writer.h"
#include "registration.h"
#include "send.h"

#define EXPIRES_MAX_S 604800u
#define ROUTES_TEXT 2048
#define SIP_PORT 5060u

/* ---- dialogs ------------------------------------------------------------------------------ */

static int renew(struct fo_ua *ua, struct fo_registration *registration, uint32_t dialog)
{
	struct fo_registration fresh = { .dialog = dialog };
	int error = fo_ua_token(ua, fresh.call_id);

	if (!error)
		error = fo_ua_token(ua, fresh.tag);
	if (!error)
		*registration = fresh;
	return error;
}

/* B11: a probe has a dialog beside the serving one; when an ordinary attempt uses its number, the
 * probe has won and is the registration from now on. NULL = no random bytes. */
static struct fo_registration *registration_for(struct fo_ua *ua, struct fo_registrar *registrar,
						const struct failover_attempt *attempt)
{
	int is_probe = attempt->flags & FAILOVER_ATTEMPT_PROBE;
	struct fo_registration *slot = is_probe ? &registrar->probe : &registrar->current;

	if (slot->dialog == attempt->dialog)
		return slot;
	if (!is_probe && registrar->previous.dialog == attempt->dialog)
		return &registrar->previous;
	if (!is_probe) {
		registrar->previous = registrar->current;
		if (registrar->probe.dialog == attempt->dialog) {
			registrar->current = registrar->probe;
			memset(&registrar->probe, 0, sizeof(registrar->probe));
			return slot;
		}
	}
	return renew(ua, slot, attempt->dialog) ? NULL : slot;
}

uint32_t fo_registration_cseq(const struct fo_ua *ua, const struct failover_attempt *attempt)
{
	struct fo_account *account = fo_account_find(ua, attempt->line);
	struct fo_registrar *registrar;

	if (!account || attempt->target.registrar >= account->registrars_count)
		return 0;
	registrar = &account->registrars[attempt->target.registrar];
	if (attempt->flags & FAILOVER_ATTEMPT_PROBE && registrar->probe.dialog == attempt->dialog)
		return ++registrar->probe.cseq;
	if (registrar->current.dialog == attempt->dialog)
		return ++registrar->current.cseq;
	if (registrar->previous.dialog == attempt->dialog)
		return ++registrar->previous.cseq;
	return 0;
}

/* ---- request ------------------------------------------------------------------------------ */

struct fo_request *fo_registration_request(struct fo_ua *ua, struct fo_account *account,
					   const struct failover_attempt *attempt, int *error)
{
	struct fo_registrar *registrar = &account->registrars[attempt->target.registrar];
	struct fo_request parts = { .method = "REGISTER",
				    .has_expires = 1,
				    .expires_s = attempt->expires_s };
	struct fo_registration *registration = registration_for(ua, registrar, attempt);
	struct fo_send_texts texts;

	*error = registration ? fo_send_prepare(ua, attempt, registration->tag, &texts, &parts)
			      : FAILOVER_ERR_IO;
	if (*error)
		return NULL;
	parts.uri = texts.registrar;
	parts.to = texts.aor;
	parts.call_id = registration->call_id;
	parts.cseq = ++registration->cseq;
	return fo_request_copy(&parts);
}

/* ---- response ----------------------------------------------------------------------------- */

/* IPv6 may come with its brackets or without. */
static int same_host(const char *host, const struct failover_target *mine)
{
	char text[FO_ADDRESS_TEXT], *own = text;
	size_t length;

	fo_address_host(mine, text);
	if (text[0] == '[' && host[0] != '[') {
		own++;
		length = strlen(own);
		own[length - 1] = '\0';
	}
	return !strcasecmp(host, own);
}

/* The Contact that this line sends. */
static int is_ours(const struct fo_contact *contact, const struct fo_account *account,
		   const struct failover_target *mine)
{
	uint32_t port = contact->port ? contact->port : SIP_PORT;

	return contact->host && same_host(contact->host, mine) && port == mine->port &&
	       !strcmp(contact->user ? contact->user : "", account->user);
}

uint32_t fo_registration_granted(const struct fo_client *client, const struct fo_view *response)
{
	const struct fo_account *account = fo_account_find(client->ua, client->line);
	uint32_t i, granted = 0;

	for (i = 0; account && i < response->contacts_count; i++) {
		const struct fo_contact *contact = &response->contacts[i];

		if (is_ours(contact, account, &client->request->local) && contact->expires &&
		    !fo_text_number(contact->expires, EXPIRES_MAX_S, &granted))
			return granted;
	}
	granted = fo_text_seconds(response->expires, EXPIRES_MAX_S);
	return granted ? granted : client->attempt.expires_s;
}

/* ---- service route ------------------------------------------------------------------------ */

static char *read_routes(const struct fo_view *response)
{
	char text[ROUTES_TEXT];
	struct fo_writer writer;
	uint32_t i;

	if (response->service_routes_count > FO_ROUTES_MAX)
		return NULL;
	fo_writer_init(&writer, text, sizeof(text));
	for (i = 0; i < response->service_routes_count; i++) {
		if (fo_text_has_control(response->service_routes[i]))
			return NULL;
		fo_writer_add(&writer, "Route: %s\r\n", response->service_routes[i]);
	}
	return text[0] && !fo_writer_error(&writer) ? strdup(text) : NULL;
}

void fo_registration_route(const struct fo_client *client, const struct fo_view *response)
{
	const struct failover_attempt *attempt = &client->attempt;
	struct fo_account *account = fo_account_find(client->ua, attempt->line);
	struct fo_registrar *registrar;

	if (!account || attempt->target.registrar >= account->registrars_count)
		return;
	registrar = &account->registrars[attempt->target.registrar];
	free(registrar->routes);
	registrar->routes = attempt->expires_s ? read_routes(response) : NULL;
	registrar->routes_of = attempt->target;
}

const char *fo_registration_routes(const struct fo_account *account,
				   const struct failover_target *target)
{
	const struct fo_registrar *registrar = &account->registrars[target->registrar];

	return registrar->routes && fo_address_same(&registrar->routes_of, target)
		       ? registrar->routes
		       : NULL;
}
