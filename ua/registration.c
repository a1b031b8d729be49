/* SPDX-License-Identifier: MIT */
/* registration.c - registration dialogs: one Call-ID for each number of the core's, CSeq rising. */
#include <stdlib.h>
#include <string.h>
#include "writer.h"
#include "instance.h"
#include "raw.h"
#include "registration.h"
#include "send.h"

#define ROUTES_TEXT 8192

/* ---- dialogs ------------------------------------------------------------------------------ */

static int is_of(const struct ua_registration *registration, uint32_t dialog)
{
	return registration && registration->dialog == dialog;
}

/* NULL = no memory, or no random bytes; the old one stays. */
static struct ua_registration *renew(struct ua *ua, struct ua_registration **slot, uint32_t dialog)
{
	const struct failover_host *host = ua->host;
	struct ua_registration *fresh = calloc(1, sizeof(*fresh));

	if (!fresh || host->random(host->ctx, fresh->call_id, sizeof(fresh->call_id)) ||
	    host->random(host->ctx, fresh->tag, sizeof(fresh->tag))) {
		free(fresh);
		return NULL;
	}
	fresh->dialog = dialog;
	free(*slot);
	*slot = fresh;
	return fresh;
}

/* B11: a probe has a dialog beside the serving one; when an ordinary attempt uses its number, the
 * probe has won and is the registration from now on. */
static struct ua_registration *registration_for(struct ua *ua, struct ua_registrar *registrar,
						const struct failover_attempt *attempt)
{
	int is_probe = attempt->flags & FAILOVER_ATTEMPT_PROBE;
	struct ua_registration **slot = is_probe ? &registrar->probe : &registrar->current;

	if (is_of(*slot, attempt->dialog))
		return *slot;
	if (!is_probe && is_of(registrar->previous, attempt->dialog))
		return registrar->previous;
	if (!is_probe) {
		free(registrar->previous);
		registrar->previous = registrar->current;
		registrar->current = NULL;
		if (is_of(registrar->probe, attempt->dialog)) {
			registrar->current = registrar->probe;
			registrar->probe = NULL;
			return registrar->current;
		}
	}
	return renew(ua, slot, attempt->dialog);
}

uint32_t ua_registration_cseq(const struct ua *ua, const struct failover_attempt *attempt)
{
	struct ua_account *account = ua_account_find(ua, attempt->line);
	struct ua_registrar *registrar;

	if (!account || attempt->target.registrar >= account->registrars_count)
		return 0;
	registrar = &account->registrars[attempt->target.registrar];
	if (attempt->flags & FAILOVER_ATTEMPT_PROBE && is_of(registrar->probe, attempt->dialog))
		return ++registrar->probe->cseq;
	if (is_of(registrar->current, attempt->dialog))
		return ++registrar->current->cseq;
	if (is_of(registrar->previous, attempt->dialog))
		return ++registrar->previous->cseq;
	return 0;
}

void ua_registrations_free(const struct ua_account *account, struct ua_registrar *registrar)
{
	free(registrar->current);
	free(registrar->probe);
	free(registrar->previous);
	free(registrar->routes);
	if (registrar->contact != account->contact)
		free(registrar->contact);
}

void ua_registrations_inherit(struct ua_registrar *to, struct ua_registrar *from)
{
	to->current = from->current;
	to->probe = from->probe;
	to->previous = from->previous;
	to->contact = from->contact;
	from->current = from->probe = from->previous = NULL;
	from->contact = NULL;
}

/* What registrars have as our binding is to be removed there, though it is another one now. */
static int keep_contacts(struct ua_account *account)
{
	uint32_t i;

	for (i = 0; account->contact && i < account->registrars_count; i++) {
		struct ua_registrar *registrar = &account->registrars[i];
		char *copy;

		if (registrar->contact != account->contact)
			continue;
		copy = strdup(registrar->contact);
		if (!copy)
			return FAILOVER_ERR_MEMORY;
		registrar->contact = copy;
	}
	return FAILOVER_OK;
}

int ua_registration_give(struct ua_account *account, const char *contact, const char *headers)
{
	char *both = malloc(strlen(contact) + strlen(headers) + 2);

	if (!both || keep_contacts(account)) {
		free(both);
		return FAILOVER_ERR_MEMORY;
	}
	free(account->contact);
	account->contact = both;
	account->headers = strcpy(stpcpy(both, contact) + 1, headers);
	return FAILOVER_OK;
}

int ua_registration_give_credentials(struct ua_account *account, uint32_t registrar,
				     const char *uri, const char *lines)
{
	size_t length = strlen(lines) + 1;
	struct ua_given_credentials *is = malloc(sizeof(*is) + length + strlen(uri) + 1);

	if (!is)
		return FAILOVER_ERR_MEMORY;
	is->registrar = registrar;
	memcpy(is->lines, lines, length);
	is->uri = strcpy(is->lines + length, uri);
	free(account->credentials);
	account->credentials = is;
	return FAILOVER_OK;
}

/* ---- request ------------------------------------------------------------------------------ */

static int is_given_for(const struct ua_account *account, const struct failover_attempt *attempt)
{
	return account->credentials && account->credentials->registrar == attempt->target.registrar;
}

static struct ua_request *request_with(struct ua *ua, struct ua_account *account,
				       const struct failover_attempt *attempt,
				       struct ua_send_texts *texts, int *error)
{
	struct ua_registrar *registrar = &account->registrars[attempt->target.registrar];
	struct ua_request parts = { .method = "REGISTER",
				    .has_expires = 1,
				    .expires_s = attempt->expires_s };
	struct ua_registration *registration = registration_for(ua, registrar, attempt);
	struct ua_request *request;
	char call_id[UA_TOKEN] = "", tag[UA_TOKEN] = "";
	char contact[sizeof(texts->contact) + UA_INSTANCE + 24], instance[UA_INSTANCE];
	struct ua_writer writer;

	if (registration) {
		ua_token_text(registration->call_id, call_id);
		ua_token_text(registration->tag, tag);
	}
	*error = registration ? ua_send_prepare(ua, attempt, tag, texts, &parts) : FAILOVER_ERR_IO;
	if (!*error)
		*error = ua_instance_text(ua, account->user, instance);
	if (*error)
		return NULL;
	ua_writer_init(&writer, contact, sizeof(contact));
	ua_writer_add(&writer, "%s;+sip.instance=\"<%s>\"", texts->contact, instance);
	parts.contact = contact;
	parts.headers = "Supported: path, outbound\r\n"; /* RFC 3327 5.1, RFC 5626 4.2.1 */
	if (account->contact) {
		parts.contact = account->contact;
		parts.headers = account->headers;
	}
	parts.uri = texts->registrar;
	parts.to = texts->aor;
	parts.call_id = call_id;
	parts.cseq = ++registration->cseq;
	if (!is_given_for(account, attempt))
		return ua_request_copy(&parts);
	parts.uri = account->credentials->uri; /* what the digest says */
	parts.credentials = account->credentials->lines;
	request = ua_request_copy(&parts);
	free(account->credentials); /* its nonce count is used */
	account->credentials = NULL;
	return request;
}

struct ua_request *ua_registration_request(struct ua *ua, struct ua_account *account,
					   const struct failover_attempt *attempt, int *error)
{
	struct ua_send_texts *texts = malloc(sizeof(*texts));
	struct ua_request *request;

	*error = FAILOVER_ERR_MEMORY;
	request = texts ? request_with(ua, account, attempt, texts, error) : NULL;
	free(texts);
	return request;
}

/* ---- service route ------------------------------------------------------------------------ */

static struct ua_routes *read_routes(const struct ua_view *response,
				     const struct failover_target *of)
{
	struct ua_writer writer;
	struct ua_routes *routes = NULL;
	const char *value;
	uint32_t at = 0;
	int good = 1;

	if (!response->raw || !ua_raw_first(response->raw, UA_RAW_SERVICE_ROUTE))
		return NULL;
	ua_writer_open(&writer, ROUTES_TEXT);
	while ((value = ua_raw_next(response->raw, UA_RAW_SERVICE_ROUTE, &at))) {
		good = good && !ua_text_has_control(value);
		ua_writer_add(&writer, "Route: %s\r\n", value);
	}
	if (good && !ua_writer_error(&writer))
		routes = malloc(sizeof(*routes) + writer.length + 1);
	if (routes) {
		routes->of = *of;
		memcpy(routes->lines, writer.text, writer.length + 1);
	}
	ua_writer_close(&writer);
	return routes;
}

void ua_registration_route(const struct ua_client *client, const struct ua_view *response)
{
	const struct failover_attempt *attempt = &client->attempt;
	struct ua_account *account = ua_account_find(client->ua, attempt->line);
	struct ua_registrar *registrar;

	if (!account || attempt->target.registrar >= account->registrars_count)
		return;
	registrar = &account->registrars[attempt->target.registrar];
	free(registrar->routes);
	registrar->routes = attempt->expires_s ? read_routes(response, &attempt->target) : NULL;
}

const char *ua_registration_routes(const struct ua_account *account,
				   const struct failover_target *target)
{
	const struct ua_registrar *registrar = &account->registrars[target->registrar];

	return registrar->routes && ua_address_same(&registrar->routes->of, target)
		       ? registrar->routes->lines
		       : NULL;
}
