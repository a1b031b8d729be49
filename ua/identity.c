/* SPDX-License-Identifier: MIT */
/* identity.c - who a line is: one block of memory for the account, its registrars, its proxies and
 * all their texts, since thousands of them are idle most of the time. */
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include "identity.h"

/* Callers of the contract's first edition have so much. */
#define IDENTITY_LEAST offsetof(struct failover_line_identity, keepalive)
#define IDENTITY_WITH_KEEPALIVE offsetof(struct failover_line_identity, in_dialog)
#define IDENTITY_WITH_DIALOGS                                                                      \
	(offsetof(struct failover_line_identity, incoming_users) + sizeof(const char *const *))
#define IDENTITY_WITH_OVERLOAD                                                                     \
	(offsetof(struct failover_line_identity, overload_control) + sizeof(uint32_t))
#define IDENTITY_WITH_EMERGENCY                                                                    \
	(offsetof(struct failover_line_identity, emergency) + sizeof(const char *const *))
#define KEEPALIVE_CRLF 1u

/* The texts of an identity, one behind the other: counted first, then copied. */
struct pack {
	char *at; /* NULL = they are counted */
	size_t size;
	int error; /* one could break a header */
};

static const char *pack(struct pack *pack, const char *text)
{
	size_t size;

	if (!text || !text[0])
		return "";
	size = strnlen(text, UA_TEXT_MAX + 1) + 1;
	if (size > UA_TEXT_MAX + 1 || ua_text_has_control(text)) {
		pack->error = FAILOVER_ERR_ARGUMENT;
		return "";
	}
	pack->size += size;
	if (!pack->at)
		return "";
	text = memcpy(pack->at, text, size);
	pack->at += size;
	return text;
}

/* A host goes into URIs as it is. */
static const char *pack_host(struct pack *packed, const char *host)
{
	if (host && strpbrk(host, " \t<>\"@;?/\\%,"))
		packed->error = FAILOVER_ERR_ARGUMENT;
	return pack(packed, host);
}

/* B36: one a line; "" = none is given. */
static const char *pack_emergency(struct pack *packed,
				  const struct failover_line_identity *identity)
{
	char *first = packed->at, *at;
	uint32_t i;

	if (identity->size < IDENTITY_WITH_EMERGENCY || !identity->emergency_count)
		return "";
	if (identity->emergency_count > UA_USERS_MAX || !identity->emergency) {
		packed->error = FAILOVER_ERR_ARGUMENT;
		return "";
	}
	for (i = 0; i < identity->emergency_count; i++) {
		at = packed->at;
		(void)pack(packed, identity->emergency[i]);
		if (at != first && at != packed->at)
			at[-1] = '\n'; /* in the place of the last one's end */
	}
	return packed->at != first ? first : "";
}

static void pack_all(struct ua_account *account, const struct failover_line_identity *identity,
		     struct pack *packed)
{
	const char *domain = identity->domain;
	uint32_t i;

	for (i = 0; i < identity->registrars_count; i++)
		account->registrars[i].address = pack_host(packed, identity->registrars[i].address);
	for (i = 0; i < identity->proxies_count; i++) {
		account->proxies[i].user = pack(packed, identity->proxies[i].user);
		account->proxies[i].address = pack_host(packed, identity->proxies[i].address);
		account->proxies[i].password = pack(packed, identity->proxies[i].password);
	}
	account->domain_follows = !domain || !domain[0];
	if (account->domain_follows) /* S 3.1 */
		domain = identity->registrars[0].address;
	account->domain = pack_host(packed, domain);
	account->user = pack(packed, identity->user);
	account->display_name = pack(packed, identity->display_name);
	account->auth_user = pack(packed, identity->auth_user);
	account->auth_password = pack(packed, identity->auth_password);
	account->realm = pack(packed, identity->realm);
	account->emergency = pack_emergency(packed, identity);
}

/* In the URIs of REGISTER no port is more than one of 16 bits. */
static int set_registrars(struct ua_account *account, const struct failover_line_identity *identity)
{
	uint32_t i;

	account->registrars_count = (uint8_t)identity->registrars_count;
	account->proxies_count = (uint8_t)identity->proxies_count;
	for (i = 0; i < identity->registrars_count; i++) {
		const struct failover_registrar_identity *from = &identity->registrars[i];

		if (from->port > UINT16_MAX || !from->address || !from->address[0])
			return FAILOVER_ERR_ARGUMENT;
		account->registrars[i].port = (uint16_t)from->port;
		account->registrars[i].transport = (uint8_t)from->transport;
	}
	return FAILOVER_OK;
}

/* With its arrays and texts behind it. NULL = no memory, or what is in *error. */
static struct ua_account *create(const struct failover_line_identity *identity, int *error)
{
	struct ua_registrar registrars[UA_SERVERS_OF_LINE_MAX];
	struct ua_proxy proxies[UA_SERVERS_OF_LINE_MAX];
	struct ua_account counted = { .registrars = registrars, .proxies = proxies };
	struct pack packed = { .at = NULL };
	struct ua_account *account;
	size_t size = sizeof(*account) + identity->registrars_count * sizeof(registrars[0]) +
		      identity->proxies_count * sizeof(proxies[0]);

	*error = set_registrars(&counted, identity);
	if (!*error)
		pack_all(&counted, identity, &packed);
	if (*error || packed.error) {
		*error = *error ? *error : packed.error;
		return NULL;
	}
	*error = FAILOVER_ERR_MEMORY;
	account = calloc(1, size + packed.size);
	if (!account)
		return NULL;
	account->registrars = (struct ua_registrar *)(account + 1);
	account->proxies = (struct ua_proxy *)(account->registrars + identity->registrars_count);
	account->texts = packed.at = (char *)account + size;
	account->texts_size = (uint32_t)packed.size;
	(void)set_registrars(account, identity);
	pack_all(account, identity, &packed);
	*error = FAILOVER_OK;
	return account;
}

/* A further user of the line's. */
static int copy_text(char **out, const char *text)
{
	if (!text)
		text = "";
	if (strnlen(text, UA_TEXT_MAX + 1) > UA_TEXT_MAX || ua_text_has_control(text))
		return FAILOVER_ERR_ARGUMENT;
	*out = strdup(text);
	return *out ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

/* What came later than the first edition of the contract. */
static int copy_later(struct ua_account *account, const struct failover_line_identity *identity)
{
	uint32_t i, count;
	int error = FAILOVER_OK;

	if (identity->size < IDENTITY_WITH_DIALOGS)
		return FAILOVER_OK;
	account->in_dialog = (uint8_t)identity->in_dialog;
	account->redirect = (uint8_t)identity->redirect;
	account->domain_follows |= identity->domain_follows != 0;
	account->overload =
		identity->size >= IDENTITY_WITH_OVERLOAD && identity->overload_control != 0;
	count = identity->incoming_users_count;
	if (!count)
		return FAILOVER_OK;
	if (count > UA_USERS_MAX || !identity->incoming_users)
		return FAILOVER_ERR_ARGUMENT;
	account->incoming_users = calloc(count, sizeof(*account->incoming_users));
	if (!account->incoming_users)
		return FAILOVER_ERR_MEMORY;
	account->incoming_users_count = (uint8_t)count;
	for (i = 0; !error && i < count; i++)
		error = copy_text(&account->incoming_users[i], identity->incoming_users[i]);
	return error;
}

int ua_identity_take(const struct failover_line_identity *identity, struct ua_account **out)
{
	struct ua_account *account;
	int error;

	if (!identity || identity->size < IDENTITY_LEAST || !identity->line ||
	    !identity->registrars_count || identity->registrars_count > UA_SERVERS_OF_LINE_MAX ||
	    identity->proxies_count > UA_SERVERS_OF_LINE_MAX)
		return FAILOVER_ERR_ARGUMENT;
	account = create(identity, &error);
	if (!account)
		return error;
	account->line = identity->line;
	if (identity->size >= IDENTITY_WITH_KEEPALIVE && identity->keepalive) {
		account->crlf_configured = identity->keepalive == KEEPALIVE_CRLF;
		account->keepalive_s = identity->keepalive_interval_s;
	}
	error = copy_later(account, identity);
	if (error) {
		ua_identity_free(account);
		return error;
	}
	*out = account;
	return FAILOVER_OK;
}

void ua_identity_free(struct ua_account *account)
{
	uint32_t i;

	for (i = 0; account->incoming_users && i < account->incoming_users_count; i++)
		free(account->incoming_users[i]);
	free(account->incoming_users);
	OPENSSL_cleanse(account->texts, account->texts_size);
	free(account);
}
