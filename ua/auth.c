/* SPDX-License-Identifier: MIT */
/* auth.c - which challenge is answered, with whose credentials, and which never again. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "writer.h"
#include "auth.h"
#include "call.h"
#include "client.h"
#include "digest.h"
#include "digest_param.h"
#include "raw.h"

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

	for (i = 0; request && account->rejected && i < UA_REJECTED_MAX; i++)
		if (account->rejected[i].request == request &&
		    account->rejected[i].credentials == credentials)
			return 1;
	return 0;
}

static void reject(struct ua_account *account, uint64_t request, uint64_t credentials)
{
	if (!account->rejected)
		account->rejected = calloc(UA_REJECTED_MAX, sizeof(*account->rejected));
	if (account->rejected) /* else UA_ROUNDS_MAX ends it */
		account->rejected[account->rejected_next++ % UA_REJECTED_MAX] =
			(struct ua_rejected){ request, credentials };
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
	uint64_t *more;

	if (is_realm_known(account, realm) || account->realms_count >= UA_REALMS_MAX)
		return;
	more = realloc(account->realms, (account->realms_count + 1u) * sizeof(*more));
	if (!more)
		return;
	account->realms = more;
	more[account->realms_count++] = realm;
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

	for (i = 0; i < account->auths_count; i++) {
		struct ua_auth *auth = &account->auths[i];

		if (is_for(auth, target) && !auth->by_proxy == !by_proxy && auth->realm == realm)
			return auth;
	}
	return NULL;
}

/* A place that is free, a new one, or the one not used for longest. NULL = no memory. */
static struct ua_auth *place(struct ua_account *account)
{
	struct ua_auth *oldest = account->auths, *more;
	uint32_t i, count = account->auths_count;

	for (i = 0; i < count; i++)
		if (!account->auths[i].in_use || account->auths[i].used_at < oldest->used_at)
			oldest = &account->auths[i];
	if (count && (!oldest->in_use || count == UA_AUTHS_MAX))
		return oldest;
	more = realloc(account->auths, (count + 1) * sizeof(*more));
	if (!more)
		return NULL;
	account->auths = more;
	account->auths_count++;
	memset(&more[count], 0, sizeof(*more));
	return &more[count];
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

	for (i = 0; i < account->auths_count; i++)
		drop(&account->auths[i]);
	free(account->auths);
	free(account->rejected);
	free(account->realms);
	account->auths = NULL;
	account->rejected = NULL;
	account->realms = NULL;
	account->auths_count = account->realms_count = 0;
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

/* The challenge with the nonce that is to be used now. */
static int read_kept(const struct ua_auth *auth, struct ua_digest_challenge *out)
{
	int error = ua_digest_challenge_parse(auth->challenge, out);

	if (!error && auth->nonce)
		error = ua_digest_param_copy(out->nonce, sizeof(out->nonce), auth->nonce);
	return error;
}

static int write_line(struct ua *ua, const struct ua_digest_challenge *challenge,
		      const struct ua_digest_request *with, int by_proxy, struct ua_writer *writer)
{
	struct ua_digest_request what = *with;
	char cnonce[UA_TOKEN];
	int error, length;

	ua_writer_add(writer, "%sAuthorization: ", by_proxy ? "Proxy-" : "");
	error = ua_writer_error(writer);
	if (!error)
		error = ua_token(ua, cnonce);
	if (error)
		return error;
	what.cnonce = cnonce;
	length = ua_digest_authorization(challenge, &what, writer->text + writer->length,
					 writer->size - writer->length);
	if (length < 0)
		return length;
	writer->length += (size_t)length;
	ua_writer_add(writer, "\r\n");
	return ua_writer_error(writer);
}

static int add_line(const struct ua_account *account, struct ua_auth *auth,
		    const struct ua_request *request, struct ua_writer *writer)
{
	struct credentials who = credentials_for(account, auth->hop, auth->by_proxy);
	struct ua_digest_challenge *challenge = malloc(sizeof(*challenge)); /* large for a stack */
	const struct ua_digest_request what = { .method = request->method,
						.uri = request->uri,
						.user = who.user,
						.password = who.password,
						.nc = auth->nc + 1 };
	int error = challenge ? read_kept(auth, challenge) : FAILOVER_ERR_MEMORY;

	if (!error)
		error = write_line(account->ua, challenge, &what, auth->by_proxy, writer);
	free(challenge);
	if (error)
		return error;
	auth->nc++;
	auth->used_at = ua_now(account->ua);
	return FAILOVER_OK;
}

int ua_auth_lines(struct ua_account *account, const struct failover_attempt *attempt,
		  const struct ua_request *request, struct ua_writer *writer)
{
	const struct ua_call *call = ua_call_find(account->ua, attempt->cookie);
	uint32_t i;
	int error = FAILOVER_OK;

	if (call && call->incoming) /* B21c */
		return FAILOVER_OK;
	for (i = 0; !error && i < account->auths_count; i++) {
		struct ua_auth *auth = &account->auths[i];
		struct credentials who = credentials_for(account, auth->hop, auth->by_proxy);

		if (!is_for(auth, &attempt->target) ||
		    is_rejected(
			    account, attempt->request,
			    credentials_hash(account->ua, auth->realm, who.user, auth->registrar)))
			continue;
		error = add_line(account, auth, request, writer);
	}
	return error;
}

/* ---- learning ----------------------------------------------------------------------------- */

/* What one challenge asks for; too much for the stack of a small device. */
struct asked {
	struct ua_digest_challenge challenge, other;
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
static int is_strongest(const struct ua_view *response, uint32_t pos, struct asked *asked)
{
	const struct ua_digest_challenge *challenge = &asked->challenge;
	struct ua_digest_challenge *other = &asked->other;
	uint32_t i;

	for (i = 0; i < response->challenges_count; i++) {
		if (i == pos ||
		    response->challenges[i].by_proxy != response->challenges[pos].by_proxy ||
		    ua_digest_challenge_parse(response->challenges[i].value, other) ||
		    strcmp(other->realm, challenge->realm) != 0)
			continue;
		if (other->algorithm > challenge->algorithm ||
		    (other->algorithm == challenge->algorithm && i < pos))
			return 0;
	}
	return 1;
}

static int learn(struct ua_account *account, struct ua_client *client,
		 const struct ua_challenge *challenge, struct asked *asked, uint32_t *flags)
{
	const struct failover_target *target = &client->attempt.target;

	asked->who = credentials_for(account, target->hop, challenge->by_proxy);
	asked->realm = realm_hash(account->ua, asked->challenge.realm);
	asked->credentials =
		credentials_hash(account->ua, asked->realm, asked->who.user, target->registrar);
	if (!may_answer(account, client, asked))
		return 0;
	if (is_refused(account, client, asked, challenge->by_proxy)) {
		*flags |= flags_of(account, client, asked);
		return 0;
	}
	if (!keep(account, target, asked->realm, challenge))
		return 0;
	ua_client_set_answered(client, asked->credentials);
	return 1;
}

int ua_auth_take_challenges(struct ua_account *account, struct ua_client *client,
			    const struct ua_view *response, uint32_t *flags)
{
	struct asked *asked = malloc(sizeof(*asked));
	char text[UA_ADDRESS_TEXT];
	int learned = 0;
	uint32_t pos;

	for (pos = 0; asked && pos < response->challenges_count; pos++) {
		const struct ua_challenge *challenge = &response->challenges[pos];

		if (!ua_digest_challenge_parse(challenge->value, &asked->challenge) &&
		    is_strongest(response, pos, asked))
			learned |= learn(account, client, challenge, asked, flags);
	}
	free(asked);
	if (!learned && !*flags)
		ua_log(account->ua, FAILOVER_LOG_WARNING,
		       "%u of %s for %s is not answered: no password, a realm of nobody here, or a "
		       "challenge that is not understood",
		       (unsigned)response->status, ua_address_text(&client->attempt.target, text),
		       client->request->method);
	return learned;
}

void ua_auth_trust_realm(struct ua_account *account, const char *realm)
{
	learn_realm(account, realm_hash(account->ua, realm));
}

void ua_auth_begin_again(struct ua_client *client)
{
	memset(client->answered, 0, sizeof(client->answered));
}

static int is_answerable(const struct ua_account *account, const struct credentials *who,
			 const struct ua_digest_challenge *challenge)
{
	if (!who->user[0] || !who->password[0])
		return 0;
	if (!who->of_proxy && account->realm[0])
		return !strcmp(account->realm, challenge->realm);
	return is_realm_known(account, realm_hash(account->ua, challenge->realm));
}

int ua_auth_answer(const struct ua_account *account, const struct ua_auth_asked *asked, char *out,
		   size_t size)
{
	struct asked *one = malloc(sizeof(*one));
	struct ua_writer writer;
	uint32_t pos;
	int error = one ? FAILOVER_OK : FAILOVER_ERR_MEMORY;

	ua_writer_init(&writer, out, size);
	for (pos = 0; !error && pos < asked->response->challenges_count; pos++) {
		const struct ua_challenge *of = &asked->response->challenges[pos];
		struct credentials who = credentials_for(account, asked->target->hop, of->by_proxy);
		struct ua_digest_request what = { .method = asked->method,
						  .uri = asked->uri,
						  .user = who.user,
						  .password = who.password,
						  .nc = 1 };

		if (!ua_digest_challenge_parse(of->value, &one->challenge) &&
		    is_strongest(asked->response, pos, one) &&
		    is_answerable(account, &who, &one->challenge))
			error = write_line(account->ua, &one->challenge, &what, of->by_proxy,
					   &writer);
	}
	free(one);
	return error;
}

/* ---- success ------------------------------------------------------------------------------ */

/* Authentication-Info names no realm: it is of the credentials that were sent, if those are one. */
static void take_next_nonce(struct ua_account *account, const struct failover_target *target,
			    const char *info, int by_proxy)
{
	struct ua_auth *only = NULL;
	struct ua_digest_param *param;
	uint32_t i, count = 0;

	for (i = 0; i < account->auths_count; i++)
		if (is_for(&account->auths[i], target) &&
		    !account->auths[i].by_proxy == !by_proxy) {
			only = &account->auths[i];
			count++;
		}
	param = info && count == 1 ? malloc(sizeof(*param)) : NULL;
	while (param && ua_digest_param_next(&info, param) > 0) {
		char *nonce = strcasecmp(param->name, "nextnonce") ? NULL : strdup(param->value);

		if (!nonce || !nonce[0]) {
			free(nonce);
			continue;
		}
		free(only->nonce);
		only->nonce = nonce;
		only->nc = 0;
	}
	free(param);
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
	for (i = 0; i < account->auths_count; i++)
		if (is_for(&account->auths[i], target) && !account->auths[i].by_proxy)
			account->registrars[target->registrar].taken = credentials_hash(
				account->ua, account->auths[i].realm, who.user, target->registrar);
}
