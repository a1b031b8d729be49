/* SPDX-License-Identifier: MIT */
/* auth.c - which challenge is answered, with whose credentials, and which never again. */
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include "writer.h"
#include "auth.h"
#include "client.h"

#define VALUE_MAX 2048

struct credentials {
	const char *user, *password;
	int of_proxy; /* the proxy's own, not the line's */
};

/* P 4.1: a proxy may have a user and password of its own; else the line's serve. */
static struct credentials credentials_for(const struct ua_account *account, uint8_t hop,
					  int by_proxy)
{
	const struct ua_proxy *proxy;

	if (by_proxy && hop && hop <= account->proxies_count) {
		proxy = &account->proxies[hop - 1];
		if (proxy->user[0])
			return (struct credentials){ proxy->user, proxy->password, 1 };
	}
	return (struct credentials){ account->auth_user, account->auth_password, 0 };
}

/* ---- what was rejected -------------------------------------------------------------------- */

static uint64_t credentials_hash(const struct ua *ua, const char *realm, const char *user)
{
	return ua_map_hash_text(&ua->accounts, realm) * 31 + ua_map_hash_text(&ua->accounts, user);
}

static int is_rejected(const struct ua_account *account, uint64_t request, uint64_t credentials)
{
	uint32_t i;

	for (i = 0; request && i < UA_REJECTED_MAX; i++)
		if (account->rejected[i].request == request &&
		    account->rejected[i].credentials == credentials)
			return 1;
	return 0;
}

static void reject(struct ua_account *account, uint64_t request, uint64_t credentials)
{
	uint32_t slot = account->rejected_next++ % UA_REJECTED_MAX;

	account->rejected[slot] = (struct ua_rejected){ request, credentials };
}

/* ---- challenges kept ---------------------------------------------------------------------- */

/* A 401 is the registrar's, whatever way it came; a 407 is of one proxy (B10). */
static int is_for(const struct ua_auth *auth, const struct failover_target *target)
{
	return auth->in_use && auth->registrar == target->registrar &&
	       (!auth->by_proxy || auth->hop == target->hop);
}

static struct ua_auth *find(const struct ua_account *account, const struct failover_target *target,
			    const char *realm, int by_proxy)
{
	uint32_t i;

	for (i = 0; account->auths && i < UA_AUTHS_MAX; i++) {
		struct ua_auth *auth = &account->auths[i];

		if (is_for(auth, target) && !auth->by_proxy == !by_proxy &&
		    !strcmp(auth->challenge.realm, realm))
			return auth;
	}
	return NULL;
}

/* A free place, or the one not used for longest. */
static struct ua_auth *place(struct ua_account *account)
{
	struct ua_auth *oldest;
	uint32_t i;

	if (!account->auths)
		account->auths = calloc(UA_AUTHS_MAX, sizeof(*account->auths));
	if (!account->auths)
		return NULL;
	oldest = &account->auths[0];
	for (i = 0; i < UA_AUTHS_MAX && oldest->in_use; i++)
		if (!account->auths[i].in_use || account->auths[i].used_at < oldest->used_at)
			oldest = &account->auths[i];
	return oldest;
}

static int keep(struct ua *ua, struct ua_account *account, const struct failover_target *target,
		int by_proxy, const struct ua_digest_challenge *challenge)
{
	struct ua_auth *auth = find(account, target, challenge->realm, by_proxy);

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
	auth->used_at = ua_now(ua);
	return 1;
}

/* ---- sending ------------------------------------------------------------------------------ */

/* The stack's own helper first; what it cannot do the shared digest can. */
static int make_value(struct ua *ua, const struct ua_authorization *what, char *out, size_t size)
{
	int length = ua->stack->authorize ? ua->stack->authorize(ua, what, out, size) : -1;

	if (length > 0 && !ua_text_has_control(out))
		return length;
	return ua_digest_authorization(what->challenge, &what->request, out, size);
}

static int add_line(const struct ua_account *account, struct ua_auth *auth,
		    const struct ua_request *request, struct ua_writer *writer)
{
	struct credentials who = credentials_for(account, auth->hop, auth->by_proxy);
	char cnonce[UA_TOKEN], value[VALUE_MAX];
	struct ua_authorization what = { .challenge = &auth->challenge,
					 .request = { .method = request->method,
						      .uri = request->uri,
						      .user = who.user,
						      .password = who.password,
						      .cnonce = cnonce,
						      .nc = auth->nc + 1 } };
	int error = ua_token(account->ua, cnonce);

	if (!error)
		error = make_value(account->ua, &what, value, sizeof(value));
	if (error < 0)
		return error;
	auth->nc++;
	auth->used_at = ua_now(account->ua);
	ua_writer_add(writer, "%sAuthorization: %s\r\n", auth->by_proxy ? "Proxy-" : "", value);
	return ua_writer_error(writer);
}

int ua_auth_lines(struct ua_account *account, const struct failover_attempt *attempt,
		  const struct ua_request *request, char *out, size_t size)
{
	struct ua_writer writer;
	uint32_t i;
	int error = FAILOVER_OK;

	ua_writer_init(&writer, out, size);
	for (i = 0; !error && account->auths && i < UA_AUTHS_MAX; i++) {
		struct ua_auth *auth = &account->auths[i];
		struct credentials who = credentials_for(account, auth->hop, auth->by_proxy);

		if (!is_for(auth, &attempt->target) ||
		    is_rejected(account, attempt->request,
				credentials_hash(account->ua, auth->challenge.realm, who.user)))
			continue;
		error = add_line(account, auth, request, &writer);
	}
	return error;
}

/* ---- learning ----------------------------------------------------------------------------- */

/* May this challenge be answered? Credentials that this attempt has made for a fresh nonce of the
 * realm were wrong, unless the server says that only the nonce was old. A kept nonce that is not
 * known any more, after a restart of the server, is no rejection. */
static int may_answer(struct ua *ua, struct ua_account *account, struct ua_client *client,
		      const struct ua_digest_challenge *challenge, int by_proxy)
{
	struct credentials who = credentials_for(account, client->attempt.target.hop, by_proxy);
	uint64_t hash = credentials_hash(ua, challenge->realm, who.user);
	struct ua_auth *auth;

	if (!who.user[0] || !who.password[0])
		return 0;
	if (!who.of_proxy && account->realm[0] && strcmp(account->realm, challenge->realm) != 0)
		return 0;
	if (!challenge->stale && ua_client_answered(client, hash)) {
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

/* RFC 8760 2.4: for each realm the strongest algorithm that is offered. */
static int is_strongest(const struct ua_view *response, uint32_t pos,
			const struct ua_digest_challenge *challenge)
{
	struct ua_digest_challenge other;
	uint32_t i;

	for (i = 0; i < response->challenges_count; i++) {
		if (i == pos || ua_digest_challenge_parse(response->challenges[i].value, &other) ||
		    strcmp(other.realm, challenge->realm) != 0)
			continue;
		if (other.algorithm > challenge->algorithm ||
		    (other.algorithm == challenge->algorithm && i < pos))
			return 0;
	}
	return 1;
}

int ua_auth_learn(struct ua_account *account, struct ua_client *client,
		  const struct ua_view *response)
{
	struct ua *ua = account->ua;
	const struct failover_target *target = &client->attempt.target;
	struct ua_digest_challenge challenge;
	int by_proxy = response->status == 407, learned = 0;
	uint32_t pos;

	for (pos = 0; pos < response->challenges_count; pos++) {
		if (ua_digest_challenge_parse(response->challenges[pos].value, &challenge) ||
		    !is_strongest(response, pos, &challenge) ||
		    !may_answer(ua, account, client, &challenge, by_proxy) ||
		    !keep(ua, account, target, by_proxy, &challenge))
			continue;
		ua_client_set_answered(
			client,
			credentials_hash(ua, challenge.realm,
					 credentials_for(account, target->hop, by_proxy).user));
		learned = 1;
	}
	return learned;
}
