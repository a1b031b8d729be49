/* SPDX-License-Identifier: MIT */
/* auth.c - which challenge is answered, with whose credentials, and which never again. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "writer.h"
#include "auth.h"
#include "call.h"
#include "client.h"
#include "digest_param.h"
#include "raw.h"

#define VALUE_MAX 16384u
#define HELPER_MAX 200u /* longest texts that stacks' helpers get */

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

static uint64_t realm_hash(const struct ua *ua, const char *realm)
{
	return ua_map_hash_text(&ua->accounts, realm);
}

/* B22e: what one registrar refuses, another may take. */
static uint64_t credentials_hash(const struct ua *ua, uint64_t realm, const char *user,
				 uint8_t registrar)
{
	return (realm * 31 + ua_map_hash_text(&ua->accounts, user)) * 31 + registrar + 1;
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

/* ---- realms (B21c) ------------------------------------------------------------------------ */

static int is_realm_known(const struct ua_account *account, uint64_t realm)
{
	uint32_t i;

	for (i = 0; i < account->realms_count; i++)
		if (account->realms[i] == realm)
			return 1;
	return 0;
}

/* More realms than that are nobody's. */
static void learn_realm(struct ua_account *account, uint64_t realm)
{
	if (!is_realm_known(account, realm) && account->realms_count < UA_REALMS_MAX)
		account->realms[account->realms_count++] = realm;
}

/* Is this a request in a dialog that the other side began? */
static int is_in_strangers_dialog(const struct ua_client *client)
{
	const struct ua_call *call = ua_call_find(client->ua, client->attempt.cookie);

	return client->in_strangers_dialog || (call && call->incoming);
}

/* Whose realm is this? A registration is our servers' affair alone. An INVITE may be challenged
 * from behind the proxy, by anybody: a realm that no server of ours has used is answered only where
 * none is known yet and nothing says that the INVITE went on, or where it asks for the proxy's own
 * credentials. */
static int is_of_our_servers(struct ua_account *account, const struct ua_client *client,
			     uint64_t realm, int of_proxy)
{
	if (is_realm_known(account, realm))
		return 1;
	if (client->attempt.method == FAILOVER_REGISTER) {
		learn_realm(account, realm);
		return 1;
	}
	if (client->attempt.method != FAILOVER_INVITE || client->leg.provisional ||
	    (account->realms_count && !of_proxy))
		return 0;
	learn_realm(account, realm);
	return 1;
}

/* ---- challenges kept ---------------------------------------------------------------------- */

/* A 401 is the registrar's, whatever way it came; a 407 is of one proxy (B10). */
static int is_for(const struct ua_auth *auth, const struct failover_target *target)
{
	return auth->in_use && auth->registrar == target->registrar &&
	       (!auth->by_proxy || auth->hop == target->hop);
}

static struct ua_auth *find(const struct ua_account *account, const struct failover_target *target,
			    uint64_t realm, int by_proxy)
{
	uint32_t i;

	for (i = 0; account->auths && i < UA_AUTHS_MAX; i++) {
		struct ua_auth *auth = &account->auths[i];

		if (is_for(auth, target) && !auth->by_proxy == !by_proxy && auth->realm == realm)
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

static void drop(struct ua_auth *auth)
{
	free(auth->challenge);
	free(auth->nonce);
	memset(auth, 0, sizeof(*auth));
}

void ua_auth_forget(struct ua_account *account)
{
	uint32_t i;

	for (i = 0; account->auths && i < UA_AUTHS_MAX; i++)
		drop(&account->auths[i]);
	free(account->auths);
	account->auths = NULL;
}

static int keep(struct ua_account *account, const struct failover_target *target, uint64_t realm,
		const struct ua_challenge *challenge)
{
	struct ua_auth *auth = find(account, target, realm, challenge->by_proxy);
	char *text = strdup(challenge->value);

	if (!auth)
		auth = place(account);
	if (!auth || !text) {
		free(text);
		return 0;
	}
	drop(auth);
	*auth = (struct ua_auth){ .challenge = text,
				  .realm = realm,
				  .in_use = 1,
				  .by_proxy = challenge->by_proxy,
				  .registrar = target->registrar,
				  .hop = target->hop,
				  .used_at = ua_now(account->ua) };
	return 1;
}

/* ---- sending ------------------------------------------------------------------------------ */

static int is_plain(const char *text)
{
	return strlen(text) <= HELPER_MAX && !strpbrk(text, "\"\\");
}

/* The stack's own helper first; what it cannot do the shared digest can. Helpers differ in what
 * they make of quotes, backslashes and long texts. */
static int make_value(struct ua *ua, const struct ua_authorization *what, char *out, size_t size)
{
	const struct ua_digest_challenge *challenge = what->challenge;
	int length = -1;

	if (ua->stack->authorize && is_plain(challenge->realm) && is_plain(challenge->nonce) &&
	    is_plain(challenge->opaque) && is_plain(what->request.user) &&
	    is_plain(what->request.uri))
		length = ua->stack->authorize(ua, what, out, size);
	if (length > 0 && !ua_text_has_control(out))
		return length;
	return ua_digest_authorization(challenge, &what->request, out, size);
}

/* The challenge with the nonce that is to be used now. */
static int read_kept(const struct ua_auth *auth, struct ua_digest_challenge *out)
{
	int error = ua_digest_challenge_parse(auth->challenge, out);

	if (!error && auth->nonce)
		error = ua_digest_param_copy(out->nonce, sizeof(out->nonce), auth->nonce);
	return error;
}

static int add_line(const struct ua_account *account, struct ua_auth *auth,
		    const struct ua_request *request, struct ua_writer *writer)
{
	struct credentials who = credentials_for(account, auth->hop, auth->by_proxy);
	char cnonce[UA_TOKEN], value[VALUE_MAX];
	struct ua_digest_challenge challenge;
	struct ua_authorization what = { .challenge = &challenge,
					 .request = { .method = request->method,
						      .uri = request->uri,
						      .user = who.user,
						      .password = who.password,
						      .cnonce = cnonce,
						      .nc = auth->nc + 1 } };
	int error = read_kept(auth, &challenge);

	if (!error)
		error = ua_token(account->ua, cnonce);
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
	const struct ua_call *call = ua_call_find(account->ua, attempt->cookie);
	struct ua_writer writer;
	uint32_t i;
	int error = FAILOVER_OK;

	ua_writer_init(&writer, out, size);
	if (call && call->incoming) /* B21c */
		return FAILOVER_OK;
	for (i = 0; !error && account->auths && i < UA_AUTHS_MAX; i++) {
		struct ua_auth *auth = &account->auths[i];
		struct credentials who = credentials_for(account, auth->hop, auth->by_proxy);

		if (!is_for(auth, &attempt->target) ||
		    is_rejected(
			    account, attempt->request,
			    credentials_hash(account->ua, auth->realm, who.user, auth->registrar)))
			continue;
		error = add_line(account, auth, request, &writer);
	}
	return error;
}

/* ---- learning ----------------------------------------------------------------------------- */

/* What one challenge asks for. */
struct asked {
	struct ua_digest_challenge challenge;
	struct credentials who;
	uint64_t realm, credentials;
};

/* Credentials that this attempt has made for a fresh nonce of the realm were wrong, unless the
 * server says that only the nonce was old. A kept nonce that is not known any more, after a restart
 * of the server, is no rejection. */
static int is_refused(struct ua_account *account, struct ua_client *client,
		      const struct asked *asked, int by_proxy)
{
	const struct failover_target *target = &client->attempt.target;
	struct ua_auth *auth;

	if (asked->challenge.stale)
		return 0;
	if (ua_client_answered(client, asked->credentials)) {
		reject(account, client->attempt.request, asked->credentials);
		auth = find(account, target, asked->realm, by_proxy);
		if (auth)
			drop(auth);
		return 1;
	}
	return is_rejected(account, client->attempt.request, asked->credentials);
}

static uint32_t flags_of(const struct ua_account *account, const struct ua_client *client,
			 const struct asked *asked)
{
	const struct ua_registrar *registrar =
		&account->registrars[client->attempt.target.registrar];

	return FAILOVER_ANSWER_REJECTED |
	       (registrar->taken == asked->credentials ? FAILOVER_ANSWER_TAKEN_BEFORE : 0);
}

/* Who is asked may answer: is there a password, and is the realm ours (B21c)? */
static int may_answer(struct ua_account *account, struct ua_client *client,
		      const struct asked *asked)
{
	if (!asked->who.user[0] || !asked->who.password[0] || is_in_strangers_dialog(client))
		return 0;
	if (!asked->who.of_proxy && account->realm[0])
		return !strcmp(account->realm, asked->challenge.realm);
	return is_of_our_servers(account, client, asked->realm, asked->who.of_proxy);
}

/* RFC 8760 2.4: for each realm the strongest algorithm that is offered. */
static int is_strongest(const struct ua_view *response, uint32_t pos,
			const struct ua_digest_challenge *challenge)
{
	struct ua_digest_challenge other;
	uint32_t i;

	for (i = 0; i < response->challenges_count; i++) {
		if (i == pos ||
		    response->challenges[i].by_proxy != response->challenges[pos].by_proxy ||
		    ua_digest_challenge_parse(response->challenges[i].value, &other) ||
		    strcmp(other.realm, challenge->realm) != 0)
			continue;
		if (other.algorithm > challenge->algorithm ||
		    (other.algorithm == challenge->algorithm && i < pos))
			return 0;
	}
	return 1;
}

static int learn(struct ua_account *account, struct ua_client *client,
		 const struct ua_view *response, uint32_t pos, uint32_t *flags)
{
	const struct ua_challenge *challenge = &response->challenges[pos];
	const struct failover_target *target = &client->attempt.target;
	struct asked asked;

	if (ua_digest_challenge_parse(challenge->value, &asked.challenge) ||
	    !is_strongest(response, pos, &asked.challenge))
		return 0;
	asked.who = credentials_for(account, target->hop, challenge->by_proxy);
	asked.realm = realm_hash(account->ua, asked.challenge.realm);
	asked.credentials =
		credentials_hash(account->ua, asked.realm, asked.who.user, target->registrar);
	if (!may_answer(account, client, &asked))
		return 0;
	if (is_refused(account, client, &asked, challenge->by_proxy)) {
		*flags |= flags_of(account, client, &asked);
		return 0;
	}
	if (!keep(account, target, asked.realm, challenge))
		return 0;
	ua_client_set_answered(client, asked.credentials);
	return 1;
}

int ua_auth_take_challenges(struct ua_account *account, struct ua_client *client,
			    const struct ua_view *response, uint32_t *flags)
{
	char text[UA_ADDRESS_TEXT];
	int learned = 0;
	uint32_t pos;

	for (pos = 0; pos < response->challenges_count; pos++)
		learned |= learn(account, client, response, pos, flags);
	if (!learned && !*flags)
		ua_log(account->ua, FAILOVER_LOG_WARNING,
		       "%u of %s for %s is not answered: no password, a realm of nobody here, or a "
		       "challenge that is not understood",
		       (unsigned)response->status, ua_address_text(&client->attempt.target, text),
		       client->request->method);
	return learned;
}

void ua_auth_begin_again(struct ua_client *client)
{
	memset(client->answered, 0, sizeof(client->answered));
}

/* ---- success ------------------------------------------------------------------------------ */

/* Authentication-Info names no realm: it is of the credentials that were sent, if those are one. */
static void take_next_nonce(struct ua_account *account, const struct failover_target *target,
			    const char *info, int by_proxy)
{
	struct ua_auth *only = NULL;
	struct ua_digest_param param;
	uint32_t i, count = 0;

	for (i = 0; account->auths && i < UA_AUTHS_MAX; i++)
		if (is_for(&account->auths[i], target) &&
		    !account->auths[i].by_proxy == !by_proxy) {
			only = &account->auths[i];
			count++;
		}
	while (info && count == 1 && ua_digest_param_next(&info, &param) > 0) {
		char *nonce = strcasecmp(param.name, "nextnonce") ? NULL : strdup(param.value);

		if (!nonce || !nonce[0]) {
			free(nonce);
			continue;
		}
		free(only->nonce);
		only->nonce = nonce;
		only->nc = 0;
	}
}

void ua_auth_taken(struct ua_account *account, const struct ua_client *client,
		   const struct ua_view *response)
{
	const struct failover_target *target = &client->attempt.target;
	struct credentials who = credentials_for(account, target->hop, 0);
	uint32_t i;

	if (!client->request->credentials[0] || !response->raw)
		return;
	take_next_nonce(account, target, ua_raw_first(response->raw, UA_RAW_AUTHENTICATION_INFO),
			0);
	take_next_nonce(account, target,
			ua_raw_first(response->raw, UA_RAW_PROXY_AUTHENTICATION_INFO), 1);
	if (client->attempt.method != FAILOVER_REGISTER)
		return;
	for (i = 0; account->auths && i < UA_AUTHS_MAX; i++)
		if (is_for(&account->auths[i], target) && !account->auths[i].by_proxy)
			account->registrars[target->registrar].taken = credentials_hash(
				account->ua, account->auths[i].realm, who.user, target->registrar);
}
