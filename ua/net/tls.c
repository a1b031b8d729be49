/* SPDX-License-Identifier: MIT */
/* tls.c - a TLS connection on two memory BIOs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include "tls.h"
#include "tls_identity.h"

#define SESSIONS_MAX 64u
#define NAME_MAX_LENGTH 256u

/* The session of a place, to go on with (RFC 8446 2.2, RFC 5246 7.3). */
struct session {
	char *key; /* name and place: a session proves nothing about another name */
	SSL_SESSION *session;
};

struct ua_tls_context {
	SSL_CTX *ssl;
	int verify, is_server;
	struct session sessions[SESSIONS_MAX];
	unsigned next; /* the one to be replaced */
};

struct ua_tls {
	struct ua_tls_context *context;
	SSL *ssl;
	BIO *in, *out; /* owned by ssl */
	enum ua_tls_state state;
	char *key;
	char name[NAME_MAX_LENGTH];
	char why[UA_TLS_WHY];
};

/* ---- sessions ----------------------------------------------------------------------------- */

static struct session *session_of(struct ua_tls_context *context, const char *key)
{
	unsigned i;

	for (i = 0; i < SESSIONS_MAX; i++)
		if (context->sessions[i].key && !strcmp(context->sessions[i].key, key))
			return &context->sessions[i];
	return NULL;
}

static void session_drop(struct session *session)
{
	SSL_SESSION_free(session->session);
	free(session->key);
	memset(session, 0, sizeof(*session));
}

/* Returns 1: the session is ours to free. */
static int on_session(SSL *ssl, SSL_SESSION *made)
{
	struct ua_tls *tls = SSL_get_app_data(ssl);
	struct ua_tls_context *context = tls->context;
	struct session *session = tls->key ? session_of(context, tls->key) : NULL;
	char *key;

	if (!tls->key)
		return 0;
	if (session) {
		SSL_SESSION_free(session->session);
		session->session = made;
		return 1;
	}
	key = strdup(tls->key);
	if (!key)
		return 0;
	session = &context->sessions[context->next++ % SESSIONS_MAX];
	session_drop(session);
	*session = (struct session){ .key = key, .session = made };
	return 1;
}

/* ---- certificate -------------------------------------------------------------------------- */

static int on_certificate(X509_STORE_CTX *store, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct ua_tls *tls = ssl ? SSL_get_app_data(ssl) : NULL;

	(void)arg;
	if (!tls || X509_verify_cert(store) <= 0)
		return 0;
	if (ua_tls_identity(X509_STORE_CTX_get0_cert(store), tls->name))
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
	return 0;
}

/* ---- context ------------------------------------------------------------------------------ */

static const char *reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	return text ? text : "not usable";
}

static int load_files(SSL_CTX *ssl, const struct ua_tls_settings *settings, char why[UA_TLS_WHY])
{
	const char *key = settings->key_file ? settings->key_file : settings->cert_file;
	const char *file = settings->ca_file;

	ERR_clear_error();
	if (file && SSL_CTX_load_verify_file(ssl, file) != 1)
		goto bad;
	if (!file && settings->verify && SSL_CTX_set_default_verify_paths(ssl) != 1)
		goto bad;
	file = settings->cert_file;
	if (file && SSL_CTX_use_certificate_chain_file(ssl, file) != 1)
		goto bad;
	file = key;
	if (file && (SSL_CTX_use_PrivateKey_file(ssl, file, SSL_FILETYPE_PEM) != 1 ||
		     SSL_CTX_check_private_key(ssl) != 1))
		goto bad;
	return 0;
bad:
	snprintf(why, UA_TLS_WHY, "%s: %s", file ? file : "the system's certificates", reason());
	ERR_clear_error();
	return -1;
}

static void set_client(SSL_CTX *ssl, const struct ua_tls_settings *settings)
{
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ssl, on_session);
	if (!settings->verify)
		return;
	SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ssl, on_certificate, NULL);
}

struct ua_tls_context *ua_tls_context_new(const struct ua_tls_settings *settings,
					  char why[UA_TLS_WHY])
{
	static const unsigned char id[] = "sip";
	struct ua_tls_context *context = calloc(1, sizeof(*context));

	snprintf(why, UA_TLS_WHY, "no memory");
	if (!context)
		return NULL;
	context->is_server = settings->is_server;
	context->verify = settings->verify;
	context->ssl = SSL_CTX_new(settings->is_server ? TLS_server_method() : TLS_client_method());
	if (!context->ssl || load_files(context->ssl, settings, why)) {
		ua_tls_context_free(context);
		return NULL;
	}
	SSL_CTX_set_min_proto_version(context->ssl, TLS1_2_VERSION);
	SSL_CTX_set_options(context->ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(context->ssl, SSL_MODE_RELEASE_BUFFERS);
	if (settings->is_server)
		SSL_CTX_set_session_id_context(context->ssl, id, sizeof(id) - 1);
	else
		set_client(context->ssl, settings);
	why[0] = '\0';
	return context;
}

void ua_tls_context_free(struct ua_tls_context *context)
{
	unsigned i;

	if (!context)
		return;
	for (i = 0; i < SESSIONS_MAX; i++)
		session_drop(&context->sessions[i]);
	SSL_CTX_free(context->ssl);
	free(context);
}

/* ---- connection --------------------------------------------------------------------------- */

static int set_name(struct ua_tls *tls, const char *name, const char *place)
{
	struct session *session;
	size_t size = strlen(name) + strlen(place) + 2;

	tls->key = malloc(size);
	if (!tls->key || strlen(name) >= sizeof(tls->name))
		return -1;
	snprintf(tls->name, sizeof(tls->name), "%s", name);
	snprintf(tls->key, size, "%s %s", name, place);
	/* RFC 6066 3: a numeric address is no server name. */
	if (!ua_tls_is_numeric(name) && SSL_set_tlsext_host_name(tls->ssl, name) != 1)
		return -1;
	session = session_of(tls->context, tls->key);
	if (session)
		(void)SSL_set_session(tls->ssl, session->session);
	return 0;
}

struct ua_tls *ua_tls_new(struct ua_tls_context *context, const char *name, const char *place)
{
	struct ua_tls *tls = calloc(1, sizeof(*tls));

	if (!tls)
		return NULL;
	tls->context = context;
	tls->ssl = SSL_new(context->ssl);
	tls->in = BIO_new(BIO_s_mem());
	tls->out = BIO_new(BIO_s_mem());
	if (!tls->ssl || !tls->in || !tls->out) {
		BIO_free(tls->in);
		BIO_free(tls->out);
		tls->in = tls->out = NULL;
		goto fail;
	}
	BIO_set_mem_eof_return(tls->in, -1);
	BIO_set_mem_eof_return(tls->out, -1);
	SSL_set_bio(tls->ssl, tls->in, tls->out);
	SSL_set_app_data(tls->ssl, tls);
	if (context->is_server) {
		SSL_set_accept_state(tls->ssl);
		return tls;
	}
	SSL_set_connect_state(tls->ssl);
	if (!set_name(tls, name, place))
		return tls;
fail:
	ua_tls_free(tls);
	return NULL;
}

void ua_tls_free(struct ua_tls *tls)
{
	if (!tls)
		return;
	/* Otherwise OpenSSL takes a connection that was reset for an attack on its session. */
	if (tls->ssl && tls->state != UA_TLS_FAILED)
		SSL_set_shutdown(tls->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(tls->ssl);
	free(tls->key);
	free(tls);
}

/* ---- working ------------------------------------------------------------------------------ */

void ua_tls_input(struct ua_tls *tls, const char *bytes, size_t count)
{
	/* A memory BIO takes all, unless there is no memory; then the record is broken. */
	(void)BIO_write(tls->in, bytes, (int)count);
}

static void describe(struct ua_tls *tls)
{
	long verify = SSL_get_verify_result(tls->ssl);

	if (verify == X509_V_ERR_HOSTNAME_MISMATCH)
		snprintf(tls->why, sizeof(tls->why), "the certificate is not for %.200s",
			 tls->name);
	else if (tls->context->verify && !tls->context->is_server && verify != X509_V_OK)
		snprintf(tls->why, sizeof(tls->why), "certificate: %s",
			 X509_verify_cert_error_string(verify));
	else
		snprintf(tls->why, sizeof(tls->why), "%s", reason());
}

/* A session that led to a failure is not tried again. */
static void forget_session(struct ua_tls *tls)
{
	struct session *session = tls->key ? session_of(tls->context, tls->key) : NULL;

	if (session)
		session_drop(session);
}

/* What a call of OpenSSL that did not succeed means. */
static void conclude(struct ua_tls *tls, int result)
{
	int error = SSL_get_error(tls->ssl, result);

	if (error == SSL_ERROR_ZERO_RETURN) {
		tls->state = UA_TLS_CLOSED;
	} else if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
		describe(tls);
		forget_session(tls);
		tls->state = UA_TLS_FAILED;
	}
	ERR_clear_error();
}

enum ua_tls_state ua_tls_step(struct ua_tls *tls)
{
	int result;

	if (tls->state != UA_TLS_HANDSHAKE)
		return tls->state;
	ERR_clear_error();
	result = SSL_do_handshake(tls->ssl);
	if (result == 1)
		tls->state = UA_TLS_UP;
	else
		conclude(tls, result);
	return tls->state;
}

size_t ua_tls_read(struct ua_tls *tls, char *bytes, size_t room)
{
	int got;

	if (tls->state != UA_TLS_UP)
		return 0;
	ERR_clear_error();
	got = SSL_read(tls->ssl, bytes, (int)room);
	if (got > 0)
		return (size_t)got;
	conclude(tls, got);
	return 0;
}

int ua_tls_write(struct ua_tls *tls, const char *bytes, size_t count)
{
	int sent;

	if (tls->state != UA_TLS_UP)
		return -1;
	ERR_clear_error();
	sent = SSL_write(tls->ssl, bytes, (int)count);
	if (sent == (int)count)
		return 0;
	conclude(tls, sent);
	tls->state = UA_TLS_FAILED;
	return -1;
}

void ua_tls_shutdown(struct ua_tls *tls)
{
	if (tls->state == UA_TLS_UP)
		(void)SSL_shutdown(tls->ssl);
	ERR_clear_error();
}

size_t ua_tls_output(const struct ua_tls *tls, const char **bytes)
{
	char *data = NULL;
	long count = BIO_get_mem_data(tls->out, &data);

	*bytes = data;
	return count > 0 ? (size_t)count : 0;
}

void ua_tls_took(struct ua_tls *tls, size_t count)
{
	char gone[256];
	int part;

	for (; count; count -= (size_t)part) {
		part = BIO_read(tls->out, gone, (int)(count < sizeof(gone) ? count : sizeof(gone)));
		if (part <= 0)
			return;
	}
}

enum ua_tls_state ua_tls_state(const struct ua_tls *tls)
{
	return tls->state;
}

const char *ua_tls_why(const struct ua_tls *tls)
{
	return tls->why;
}

int ua_tls_resumed(const struct ua_tls *tls)
{
	return SSL_session_reused(tls->ssl);
}
