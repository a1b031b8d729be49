/* SPDX-License-Identifier: MIT */
/* tls.c - libre compares host names as HTTPS does; SIP domains are compared here (RFC 5922 7), and
 * sessions resumed. libre keeps OpenSSL's connection to itself, so what belongs to one is found by
 * the name that it has been given. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include "../../ua/net/tls_identity.h"
#include "../../ua/writer.h"
#include "tls.h"

static void set_why(struct fo_re *ua, const char *what, const char *text)
{
	struct ua_writer writer;

	ua_writer_init(&writer, ua->tls.why, sizeof(ua->tls.why));
	ua_writer_add(&writer, "%s%s", what, text);
}

static const char *reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	return text ? text : "not usable";
}

/* ---- certificate -------------------------------------------------------------------------- */

/* OpenSSL writes all eight groups of an IPv6 address. */
static void shorten(char *name, size_t size)
{
	struct in6_addr address;

	if (inet_pton(AF_INET6, name, &address) == 1)
		(void)inet_ntop(AF_INET6, &address, name, (socklen_t)size);
}

/* Takes the name that fo_re_tls_start() has set out of OpenSSL's own comparison, which knows
 * nothing of SIP URIs. "" = none, or it is too long. */
static void take_name(X509_VERIFY_PARAM *param, char *name, size_t size)
{
	const char *host = X509_VERIFY_PARAM_get0_host(param, 0);
	char *address = X509_VERIFY_PARAM_get1_ip_asc(param);
	struct ua_writer writer;

	ua_writer_init(&writer, name, size);
	if (host || address)
		ua_writer_add(&writer, "%s", host ? host : address);
	if (ua_writer_error(&writer))
		name[0] = '\0';
	OPENSSL_free(address);
	shorten(name, size);
	(void)X509_VERIFY_PARAM_set1_host(param, NULL, 0);
	(void)X509_VERIFY_PARAM_set1_ip(param, NULL, 0);
}

/* Whose certificate it must be; nobody's, if there is no name. */
static int verify_name(struct fo_re *ua, X509_STORE_CTX *store)
{
	char name[256];
	int result = 0;

	take_name(X509_STORE_CTX_get0_param(store), name, sizeof(name));
	if (X509_verify_cert(store) != 1)
		set_why(ua, "certificate: ",
			X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)));
	else if (ua_tls_identity(X509_STORE_CTX_get0_cert(store), name))
		result = 1;
	else
		set_why(ua, "the certificate is not for ", name);
	if (!result && X509_STORE_CTX_get_error(store) == X509_V_OK)
		X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
	return result;
}

static int on_verify(X509_STORE_CTX *store, void *arg)
{
	return verify_name(arg, store);
}

/* ---- sessions ----------------------------------------------------------------------------- */

/* The last session with a name (RFC 8446 2.2, RFC 5246 7.3): it proves nothing about another one.
 * Numeric names are not told to servers, so they have none. */
static struct fo_re_session *session_of(struct fo_re *ua, const char *name)
{
	unsigned i;

	for (i = 0; i < FO_SESSIONS_MAX; i++)
		if (ua->tls.sessions[i].name && !strcmp(ua->tls.sessions[i].name, name))
			return &ua->tls.sessions[i];
	return NULL;
}

static void drop_session(struct fo_re_session *session)
{
	SSL_SESSION_free(session->session);
	free(session->name);
	memset(session, 0, sizeof(*session));
}

static struct fo_re *instance_of(const SSL *ssl)
{
	return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
}

static const char *name_of(const SSL *ssl)
{
	return SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
}

/* Returns 1: the session is ours to free. */
static int on_session(SSL *ssl, SSL_SESSION *made)
{
	struct fo_re *ua = instance_of(ssl);
	const char *name = name_of(ssl);
	struct fo_re_session *session = name ? session_of(ua, name) : NULL;
	char *copy = name ? strdup(name) : NULL;

	if (!copy)
		return 0;
	if (!session)
		session = &ua->tls.sessions[ua->tls.next_session++ % FO_SESSIONS_MAX];
	drop_session(session);
	*session = (struct fo_re_session){ .name = copy, .session = made };
	return 1;
}

static void resume(SSL *ssl)
{
	const char *name = name_of(ssl);
	struct fo_re_session *session = name ? session_of(instance_of(ssl), name) : NULL;

	if (session)
		(void)SSL_set_session(ssl, session->session);
}

/* libre clears OpenSSL's errors before it says that there was one; a session that led to a failure
 * is not tried again. */
static void on_info(const SSL *ssl, int where, int result)
{
	struct fo_re *ua = instance_of(ssl);
	const char *name = name_of(ssl);
	struct fo_re_session *session = name ? session_of(ua, name) : NULL;

	if (where & SSL_CB_HANDSHAKE_START)
		resume((SSL *)(uintptr_t)ssl);
	if (!(where & SSL_CB_EXIT) || result > 0 || !ERR_peek_last_error())
		return;
	if (session)
		drop_session(session);
	if (!ua->tls.why[0])
		set_why(ua, "", reason());
}

/* ---- context ------------------------------------------------------------------------------ */

static int load_files(SSL_CTX *context, const char *ca_file, const char *cert_file,
		      const char *key_file, const char **wrong)
{
	*wrong = ca_file ? ca_file : "the system's certificates";
	if ((ca_file ? SSL_CTX_load_verify_file(context, ca_file)
		     : SSL_CTX_set_default_verify_paths(context)) != 1)
		return -1;
	*wrong = cert_file;
	if (cert_file && SSL_CTX_use_certificate_chain_file(context, cert_file) != 1)
		return -1;
	*wrong = key_file ? key_file : cert_file;
	if (*wrong && (SSL_CTX_use_PrivateKey_file(context, *wrong, SSL_FILETYPE_PEM) != 1 ||
		       SSL_CTX_check_private_key(context) != 1))
		return -1;
	return 0;
}

static void set_up(struct fo_re *ua, SSL_CTX *context)
{
	(void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	(void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	(void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	(void)SSL_CTX_set_session_cache_mode(context,
					     SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, on_session);
	SSL_CTX_set_info_callback(context, on_info);
	SSL_CTX_set_cert_verify_callback(context, on_verify, ua);
	(void)SSL_CTX_set_app_data(context, ua);
}

int fo_re_tls_open(struct fo_re *ua, const char *ca_file, const char *cert_file,
		   const char *key_file)
{
	const char *wrong = "";

	if (tls_alloc(&ua->tls.context, TLS_METHOD_SSLV23, NULL, NULL))
		return FAILOVER_ERR_MEMORY;
	set_up(ua, tls_openssl_context(ua->tls.context));
	ERR_clear_error();
	if (load_files(tls_openssl_context(ua->tls.context), ca_file, cert_file, key_file,
		       &wrong)) {
		ua_log(&ua->base, FAILOVER_LOG_ERROR, "TLS cannot be used: %s: %s", wrong,
		       reason());
		ERR_clear_error();
		ua->tls.context = mem_deref(ua->tls.context);
		return FAILOVER_ERR_ARGUMENT;
	}
	if (!ua->tls.verify)
		ua_log(&ua->base, FAILOVER_LOG_WARNING,
		       "tls_verify is 0: certificates are not verified, anybody can listen in");
	return FAILOVER_OK;
}

void fo_re_tls_close(struct fo_re *ua)
{
	unsigned i;

	for (i = 0; i < FO_SESSIONS_MAX; i++)
		drop_session(&ua->tls.sessions[i]);
	ua->tls.context = mem_deref(ua->tls.context);
}

int fo_re_tls_start(struct fo_re *ua, struct tcp_conn *tcp, const char *name, struct tls_conn **out)
{
	int error;

	if (!ua->tls.context && fo_re_tls_open(ua, NULL, NULL, NULL))
		return EINVAL;
	error = tls_start_tcp(out, ua->tls.context, tcp, 0);
	if (error)
		return error;
	/* RFC 6066 3: a numeric address is no server name. */
	if (!ua_tls_is_numeric(name))
		error = tls_set_servername(*out, name);
	if (!error && ua->tls.verify)
		error = tls_set_verify_server(*out, name);
	if (error)
		*out = mem_deref(*out);
	return error;
}
