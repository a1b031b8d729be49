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

static int renew(struct ua *ua, struct ua_registration *registration, uint32_t dialog)
{
	struct ua_registration fresh = { .dialog = dialog };
	int error = ua_token(ua, fresh.call_id);

	if (!error)
		error = ua_token(ua, fresh.tag);
	if (!error)
		*registration = fresh;
	return error;
}

/* B11: a probe has a dialog beside the serving one; when an ordinary attempt uses its number, the
 * probe has won and is the registration from now on. NULL = no random bytes. */
static struct ua_registration *registration_for(struct ua *ua, struct ua_registrar *registrar,
						const struct failover_attempt *attempt)
{
	int is_probe = attempt->flags & FAILOVER_ATTEMPT_PROBE;
	struct ua_registration *slot = is_probe ? &registrar->probe : &registrar->current;

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

uint32_t ua_registration_cseq(const struct ua *ua, const struct failover_attempt *attempt)
{
	struct ua_account *account = ua_account_find(ua, attempt->line);
	struct ua_registrar *registrar;

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

struct ua_request *ua_registration_request(struct ua *ua, struct ua_account *account,
					   const struct failover_attempt *attempt, int *error)
{
	struct ua_registrar *registrar = &account->registrars[attempt->target.registrar];
	struct ua_request parts = { .method = "REGISTER",
				    .has_expires = 1,
				    .expires_s = attempt->expires_s };
	struct ua_registration *registration = registration_for(ua, registrar, attempt);
	struct ua_send_texts texts;
	char contact[sizeof(texts.contact) + UA_INSTANCE + 24], instance[UA_INSTANCE];
	struct ua_writer writer;

	*error = registration ? ua_send_prepare(ua, attempt, registration->tag, &texts, &parts)
			      : FAILOVER_ERR_IO;
	if (!*error)
		*error = ua_instance_text(ua, account->user, instance);
	if (*error)
		return NULL;
	ua_writer_init(&writer, contact, sizeof(contact));
	ua_writer_add(&writer, "%s;+sip.instance=\"<%s>\"", texts.contact, instance);
	parts.contact = contact;
	parts.headers = "Supported: path, outbound\r\n"; /* RFC 3327 5.1, RFC 5626 4.2.1 */
	parts.uri = texts.registrar;
	parts.to = texts.aor;
	parts.call_id = registration->call_id;
	parts.cseq = ++registration->cseq;
	return ua_request_copy(&parts);
}

/* ---- service route ------------------------------------------------------------------------ */

static char *read_routes(const struct ua_view *response)
{
	char text[ROUTES_TEXT];
	struct ua_writer writer;
	const char *value;
	uint32_t at = 0;

	ua_writer_init(&writer, text, sizeof(text));
	while (response->raw && (value = ua_raw_next(response->raw, UA_RAW_SERVICE_ROUTE, &at))) {
		if (ua_text_has_control(value))
			return NULL;
		ua_writer_add(&writer, "Route: %s\r\n", value);
	}
	return text[0] && !ua_writer_error(&writer) ? strdup(text) : NULL;
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
	registrar->routes = attempt->expires_s ? read_routes(response) : NULL;
	registrar->routes_of = attempt->target;
}

const char *ua_registration_routes(const struct ua_account *account,
				   const struct failover_target *target)
{
	const struct ua_registrar *registrar = &account->registrars[target->registrar];

	return registrar->routes && ua_address_same(&registrar->routes_of, target)
		       ? registrar->routes
		       : NULL;
}
