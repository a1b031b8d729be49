/* SPDX-License-Identifier: MIT */
/* auth.c - which challenge is answered, with whose credentials, and which never again. */
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include "auth.h"
#include "client.h"
#include "message.h"

#define CHALLENGES_LOOKED_AT 8 /* of one response */
#define VALUE_MAX 2048

struct credentials {
	const char *user, *password;
	int of_proxy; /* the proxy's own, not the line's */
};

/* P 4.1: a proxy may have a user and password of its own; else the line's serve. */
static struct credentials credentials_for(const struct fo_account *account, uint8_t hop,
					  int by_proxy)
{
	const struct fo_proxy *proxy;

	if (by_proxy && hop && hop <= account->proxies_count) {
		proxy = &account->proxies[hop - 1];
		if (proxy->user[0])
			return (struct credentials){ proxy->user, proxy->password, 1 };
	}
	return (struct credentials){ account->auth_user, account->auth_password, 0 };
}

/* ---- what was rejected -------------------------------------------------------------------- */

static uint64_t credentials_hash(const struct fo_osip *ua, const char *realm, const char *user)
{
	return fo_map_hash_text(&ua->accounts, realm) * 31 + fo_map_hash_text(&ua->accounts, user);
}

static int is_rejected(const struct fo_account *account, uint64_t request, uint64_t credentials)
{
	uint32_t i;

	for (i = 0; request && i < FO_REJECTED_MAX; i++)
		if (account->rejected[i].request == request &&
		    account->rejected[i].credentials == credentials)
			return 1;
	return 0;
}

static void reject(struct fo_account *account, uint64_t request, uint64_t credentials)
{
	uint32_t slot = account->rejected_next++ % FO_REJECTED_MAX;

	account->rejected[slot] = (struct fo_rejected){ request, credentials };
}

/* ---- challenges kept ---------------------------------------------------------------------- */

/* A 401 is the registrar's, whatever way it came; a 407 is of one proxy (B10). */
static int is_for(const struct fo_auth *auth, const struct failover_target *target)
{
	return auth->in_use && auth->registrar == target->registrar &&
	       (!auth->by_proxy || auth->hop == target->hop);
}

static struct fo_auth *find(const struct fo_account *account, const struct failover_target *target,
			    const char *realm, int by_proxy)
{
	uint32_t i;

	for (i = 0; account->auths && i < FO_AUTHS_MAX; i++) {
		struct fo_auth *auth = &account->auths[i];

		if (is_for(auth, target) && !auth->by_proxy == !by_proxy &&
		    !strcmp(auth->challenge.realm, realm))
			return auth;
	}
	return NULL;
}

/* A free place, or the one not used for longest. */
static struct fo_auth *place(struct fo_account *account)
{
	struct fo_auth *oldest;
	uint32_t i;

	if (!account->auths)
		account->auths = calloc(FO_AUTHS_MAX, sizeof(*account->auths));
	if (!account->auths)
		return NULL;
	oldest = &account->auths[0];
	for (i = 0; i < FO_AUTHS_MAX && oldest->in_use; i++)
		if (!account->auths[i].in_use || account->auths[i].used_at < oldest->used_at)
			oldest = &account->auths[i];
	return oldest;
}

static int keep(struct fo_osip *ua, struct fo_account *account,
		const struct failover_target *target, int by_proxy,
		const struct fo_digest_challenge *challenge)
{
	struct fo_auth *auth = find(account, target, challenge->realm, by_proxy);

	if (!auth)
		auth = place(account);
	if (!auth)
		return 0;
	if (!auth->in_use || strcmp(auth->challenge.nonce, challenge->nonce) != 0)
		auth->nc = 0;
	auth->challenge = *challenge;
	auth->in_use = 1;
	auth->by_proxy = by_proxy != 0;
	auth->registrar = target->registrar;
	auth->hop = target->hop;
	auth->used_at = fo_osip_now(ua);
	return 1;
}

/* ---- sending ------------------------------------------------------------------------------ */

static int add_header(struct fo_osip *ua, const struct fo_account *account, struct fo_auth *auth,
		      osip_message_t *message)
{
	struct credentials who = credentials_for(account, auth->hop, auth->by_proxy);
	struct fo_digest_request request = { .method = message->sip_method,
					     .user = who.user,
					     .password = who.password,
					     .nc = auth->nc + 1 };
	char cnonce[FO_TOKEN], value[VALUE_MAX];
	char *uri = NULL;
	int error = fo_osip_token(ua, cnonce);

	if (!error && osip_uri_to_str(message->req_uri, &uri))
		error = FAILOVER_ERR_MEMORY;
	if (error)
		return error;
	request.uri = uri;
	request.cnonce = cnonce;
	error = fo_digest_authorization(&auth->challenge, &request, value, sizeof(value));
	osip_free(uri);
	if (error < 0)
		return error;
	auth->nc++;
	auth->used_at = fo_osip_now(ua);
	if (auth->by_proxy)
		error = osip_message_set_proxy_authorization(message, value);
	else
		error = osip_message_set_authorization(message, value);
	return error ? FAILOVER_ERR_MEMORY : FAILOVER_OK;
}

int fo_osip_auth_apply(struct fo_osip *ua, struct fo_account *account,
		       const struct failover_attempt *attempt, osip_message_t *message)
{
	uint32_t i;
	int error = FAILOVER_OK;

	for (i = 0; !error && account->auths && i < FO_AUTHS_MAX; i++) {
		struct fo_auth *auth = &account->auths[i];
		struct credentials who = credentials_for(account, auth->hop, auth->by_proxy);

		if (!is_for(auth, &attempt->target) ||
		    is_rejected(account, attempt->request,
				credentials_hash(ua, auth->challenge.realm, who.user)))
			continue;
		error = add_header(ua, account, auth, message);
	}
	return error;
}

/* ---- learning ----------------------------------------------------------------------------- */

/* May this challenge be answered? Credentials that this attempt has made for a fresh nonce of the
 * realm were wrong, unless the server says that only the nonce was old. A kept nonce that is not
 * known any more, after a restart of the server, is no rejection. */
static int may_answer(struct fo_osip *ua, struct fo_account *account, struct fo_client *client,
		      const struct fo_digest_challenge *challenge, int by_proxy)
{
	struct credentials who = credentials_for(account, client->attempt.target.hop, by_proxy);
	uint64_t hash = credentials_hash(ua, challenge->realm, who.user);
	struct fo_auth *auth;

	if (!who.user[0] || !who.password[0])
		return 0;
	if (!who.of_proxy && account->realm[0] && strcmp(account->realm, challenge->realm) != 0)
		return 0;
	if (!challenge->stale && fo_osip_client_answered(client, hash)) {
		reject(account, client->attempt.request, hash);
		auth = find(account, &client->attempt.target, challenge->realm, by_proxy);
		if (auth)
			OPENSSL_cleanse(auth, sizeof(*auth));
		return 0;
	}
	if (!challenge->stale && is_rejected(account, client->attempt.request, hash))
		return 0;
	return 1;
}

/* The pos-th challenge of a response; -1 past the last. */
static int read_challenge(const osip_message_t *response, int pos, int by_proxy,
			  struct fo_digest_challenge *out)
{
	osip_www_authenticate_t *header;
	char *value = NULL;
	int error;

	header = osip_list_get(
		by_proxy ? &response->proxy_authenticates : &response->www_authenticates, pos);
	if (!header)
		return -1;
	if (osip_www_authenticate_to_str(header, &value))
		return 0;
	error = fo_digest_challenge_parse(value, out);
	osip_free(value);
	return error ? 0 : 1;
}

/* RFC 8760 2.4: for each realm the strongest algorithm that is offered. */
static int is_strongest(const osip_message_t *response, int pos, int by_proxy,
			const struct fo_digest_challenge *challenge)
{
	struct fo_digest_challenge other;
	int i, got;

	for (i = 0; i < CHALLENGES_LOOKED_AT; i++) {
		got = read_challenge(response, i, by_proxy, &other);
		if (got < 0)
			break;
		if (got && i != pos && !strcmp(other.realm, challenge->realm) &&
		    (other.algorithm > challenge->algorithm ||
		     (other.algorithm == challenge->algorithm && i < pos)))
			return 0;
	}
	return 1;
}

int fo_osip_auth_learn(struct fo_osip *ua, struct fo_account *account, struct fo_client *client,
		       const osip_message_t *response)
{
	int by_proxy = response->status_code == 407;
	const struct failover_target *target = &client->attempt.target;
	struct fo_digest_challenge challenge;
	int pos, got, learned = 0;

	for (pos = 0; pos < CHALLENGES_LOOKED_AT; pos++) {
		got = read_challenge(response, pos, by_proxy, &challenge);
		if (got < 0)
			break;
		if (!got || !is_strongest(response, pos, by_proxy, &challenge))
			continue;
		if (!may_answer(ua, account, client, &challenge, by_proxy) ||
		    !keep(ua, account, target, by_proxy, &challenge))
			continue;
		fo_osip_client_set_answered(
			client,
			credentials_hash(ua, challenge.realm,
					 credentials_for(account, target->hop, by_proxy).user));
		learned = 1;
	}
	return learned;
}
