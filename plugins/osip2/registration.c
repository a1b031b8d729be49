/* SPDX-License-Identifier: MIT */
/* registration.c - registration dialogs: one Call-ID for each number of the core's, CSeq rising. */
#include <stdlib.h>
#include <string.h>
#include "../common/writer.h"
#include "client.h"
#include "message.h"
#include "registration.h"
#include "request.h"
#include "transport.h"

#define EXPIRES_MAX_S 604800u
#define ROUTES_TEXT 2048

/* ---- dialogs ------------------------------------------------------------------------------ */

static int renew(struct fo_osip *ua, struct fo_registration *registration, uint32_t dialog)
{
	struct fo_registration fresh = { .dialog = dialog };
	int error = fo_osip_token(ua, fresh.call_id);

	if (!error)
		error = fo_osip_token(ua, fresh.tag);
	if (!error)
		*registration = fresh;
	return error;
}

/* B11: a probe has a dialog beside the serving one; when an ordinary attempt uses its number, the
 * probe has won and is the registration from now on. NULL = no random bytes. */
static struct fo_registration *registration_for(struct fo_osip *ua, struct fo_registrar *registrar,
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

uint32_t fo_osip_registration_cseq(const struct fo_osip *ua, const struct failover_attempt *attempt)
{
	struct fo_account *account = fo_osip_account(ua, attempt->line);
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

osip_message_t *fo_osip_registration_request(struct fo_osip *ua, struct fo_account *account,
					     const struct failover_attempt *attempt, int *error)
{
	struct fo_registrar *registrar = &account->registrars[attempt->target.registrar];
	struct fo_request_parts parts = { .method = "REGISTER", .contact_user = account->user };
	struct fo_registration *registration;
	struct fo_request_texts texts;
	char expires[32];
	struct fo_writer writer;

	registration = registration_for(ua, registrar, attempt);
	*error = registration ? fo_osip_request_texts(ua, account, attempt, &texts)
			      : FAILOVER_ERR_IO;
	if (*error)
		return NULL;
	fo_writer_init(&writer, expires, sizeof(expires));
	fo_writer_add(&writer, "Expires: %u\r\n", (unsigned)attempt->expires_s);
	parts.uri = texts.registrar;
	parts.to = texts.aor;
	fo_writer_init(&writer, texts.from, sizeof(texts.from));
	fo_writer_add(&writer, "%s;tag=%s", texts.aor, registration->tag);
	*error = fo_writer_error(&writer);
	parts.from = texts.from;
	parts.call_id = registration->call_id;
	parts.cseq = ++registration->cseq;
	parts.branch = texts.branch;
	parts.local = &texts.local;
	parts.headers = expires;
	return *error ? NULL : fo_message_request(ua, &parts);
}

/* ---- response ----------------------------------------------------------------------------- */

static int same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static int same_port(const char *a, const char *b)
{
	return !strcmp(a && a[0] ? a : "5060", b && b[0] ? b : "5060");
}

static int is_ours(const osip_contact_t *contact, const osip_contact_t *mine)
{
	return contact && contact->url && contact->url->host && mine->url->host &&
	       same_text(contact->url->username, mine->url->username) &&
	       !osip_strcasecmp(contact->url->host, mine->url->host) &&
	       same_port(contact->url->port, mine->url->port);
}

uint32_t fo_osip_registration_granted(const struct fo_client *client,
				      const osip_message_t *response)
{
	const osip_contact_t *mine = osip_list_get(&fo_osip_client_request(client)->contacts, 0);
	uint32_t granted = 0;
	const char *text;
	int i;

	for (i = 0; mine && i < osip_list_size(&response->contacts); i++) {
		const osip_contact_t *contact = osip_list_get(&response->contacts, i);

		if (!is_ours(contact, mine))
			continue;
		text = fo_message_param(&contact->gen_params, "expires");
		if (text && !fo_osip_number(text, EXPIRES_MAX_S, &granted))
			return granted;
	}
	granted = fo_message_seconds(response, "expires", EXPIRES_MAX_S);
	return granted ? granted : client->attempt.expires_s;
}

/* ---- service route ------------------------------------------------------------------------ */

static char *read_routes(const osip_message_t *response)
{
	char text[ROUTES_TEXT];
	osip_header_t *header = NULL;
	struct fo_writer writer;
	int pos = 0;

	fo_writer_init(&writer, text, sizeof(text));
	while ((pos = osip_message_header_get_byname(response, "service-route", pos, &header)) >=
	       0) {
		if (header->hvalue)
			fo_writer_add(&writer, "Route: %s\r\n", header->hvalue);
		pos++;
	}
	return text[0] && !fo_writer_error(&writer) ? strdup(text) : NULL;
}

void fo_osip_registration_route(const struct fo_client *client, const osip_message_t *response)
{
	const struct failover_attempt *attempt = &client->attempt;
	struct fo_account *account = fo_osip_account(client->ua, attempt->line);
	struct fo_registrar *registrar;

	if (!account || attempt->target.registrar >= account->registrars_count)
		return;
	registrar = &account->registrars[attempt->target.registrar];
	free(registrar->routes);
	registrar->routes = attempt->expires_s ? read_routes(response) : NULL;
	registrar->routes_of = attempt->target;
}

const char *fo_osip_registration_routes(const struct fo_account *account,
					const struct failover_target *target)
{
	const struct fo_registrar *registrar = &account->registrars[target->registrar];

	return registrar->routes && fo_address_same(&registrar->routes_of, target)
		       ? registrar->routes
		       : NULL;
}
