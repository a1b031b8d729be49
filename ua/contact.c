/* SPDX-License-Identifier: MIT */
/* contact.c - one binding at a registrar: when the device's address or the connection is another
 * one, the REGISTER that makes the new binding ends the old one (B24b). */
#include <stdlib.h>
#include <string.h>
#include "account.h"
#include "contact.h"
#include "request.h"
#include "send.h"
#include "writer.h"

int ua_contact_local(struct ua *ua, const struct failover_target *peer,
		     struct failover_target *local)
{
	const struct ua_stack *stack = ua->stack;

	if (peer->transport != FAILOVER_UDP && stack->flow_local &&
	    !stack->flow_local(ua, peer, local))
		return FAILOVER_OK;
	return stack->local(ua, peer, local);
}

static int replace(struct ua_request **request, const struct ua_request *parts)
{
	struct ua_request *copy = ua_request_copy(parts);

	if (!copy)
		return FAILOVER_ERR_MEMORY;
	free(*request);
	*request = copy;
	return FAILOVER_OK;
}

int ua_contact_move(struct ua_request **request, const struct failover_target *local)
{
	struct ua_request parts = **request;
	char from[UA_ADDRESS_TEXT], to[UA_ADDRESS_TEXT];
	struct ua_writer contact;
	const char *at;
	int error;

	if (ua_address_same(&parts.contact_at, local))
		return FAILOVER_OK;
	ua_address_text(&parts.contact_at, from);
	ua_address_text(local, to);
	at = strstr(parts.contact, from);
	if (!at || !strcmp(from, to))
		return FAILOVER_OK;
	ua_writer_open(&contact, UA_CONTACT_MAX + 256u);
	ua_writer_put(&contact, parts.contact, (size_t)(at - parts.contact));
	ua_writer_add(&contact, "%s%s", to, at + strlen(from));
	parts.contact = contact.text;
	parts.contact_at = *local;
	error = ua_writer_error(&contact);
	if (!error)
		error = replace(request, &parts);
	ua_writer_close(&contact);
	return error;
}

/* ---- bindings ----------------------------------------------------------------------------- */

static struct ua_registrar *registrar_of(const struct ua_client *client)
{
	struct ua_account *account = ua_account_find(client->ua, client->line);

	if (!account || client->attempt.target.registrar >= account->registrars_count)
		return NULL;
	return &account->registrars[client->attempt.target.registrar];
}

/* "<sip:...>" of a Contact, without what follows. */
static size_t uri_length(const char *contact)
{
	size_t length = strcspn(contact, ">");

	return contact[length] ? length + 1 : length;
}

static int is_same(const char *contact, const char *uri)
{
	return uri_length(contact) == strlen(uri) && !strncmp(contact, uri, strlen(uri));
}

int ua_contact_replace(struct ua_client *client)
{
	const struct ua_registrar *registrar = registrar_of(client);
	struct ua_request parts = *client->request;
	const char *old = registrar && registrar->contact ? registrar->contact : NULL;

	parts.old_contact = "";
	if (old && !is_same(parts.contact, old)) {
		if (client->attempt.expires_s)
			parts.old_contact = old;
		else
			parts.contact = old;
	}
	if (parts.contact == client->request->contact && !parts.old_contact[0] &&
	    !client->request->old_contact[0])
		return FAILOVER_OK;
	return replace(&client->request, &parts);
}

/* One text is enough for a stack's Contact without parameters. */
static int is_given(const struct ua_account *account, const char *contact)
{
	return account->contact && !strcmp(account->contact, contact) &&
	       uri_length(contact) == strlen(contact);
}

void ua_contact_registered(struct ua_client *client, uint32_t expires_s)
{
	struct ua_registrar *registrar = registrar_of(client);
	const struct ua_account *account = ua_account_find(client->ua, client->line);
	const char *contact = client->request->contact;
	char *now = NULL;

	if (!registrar)
		return;
	if (client->attempt.expires_s && expires_s)
		now = is_given(account, contact) ? account->contact
						 : strndup(contact, uri_length(contact));
	if (registrar->contact != account->contact)
		free(registrar->contact);
	registrar->contact = now;
}
