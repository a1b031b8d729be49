/* SPDX-License-Identifier: MIT */
/*
 * tls.h - TLS for SIP (RFC 3261 26.3, RFC 5922) on OpenSSL, without sockets: what arrived goes in,
 * what is to leave comes out. TLS 1.2 and later, no renegotiation, no compression.
 */
#ifndef UA_TLS_H
#define UA_TLS_H

#include <stddef.h>

#define UA_TLS_WHY 256u

struct ua_tls_context;
struct ua_tls;

struct ua_tls_settings {
	const char *ca_file;   /* whom to believe; NULL = the system's */
	const char *cert_file; /* our certificate, with its chain; NULL = none */
	const char *key_file;  /* NULL = in cert_file */
	int verify;	       /* of the server's certificate and name */
	int is_server;
};

/* NULL: `why` says which file and what about it. */
struct ua_tls_context *ua_tls_context_new(const struct ua_tls_settings *settings,
					  char why[UA_TLS_WHY]);
void ua_tls_context_free(struct ua_tls_context *context);

/* One connection. A client names who must be there, a domain or a numeric address, and the place,
 * under which its session is kept for the next time. NULL = no memory. */
struct ua_tls *ua_tls_new(struct ua_tls_context *context, const char *name, const char *place);
void ua_tls_free(struct ua_tls *tls);

enum ua_tls_state {
	UA_TLS_HANDSHAKE,
	UA_TLS_UP,
	UA_TLS_CLOSED, /* by the peer, properly */
	UA_TLS_FAILED, /* ua_tls_why() says why */
};

/* Bytes of the network; then read until there is nothing. */
void ua_tls_input(struct ua_tls *tls, const char *bytes, size_t count);
/* Go on with the handshake; at the start too. */
enum ua_tls_state ua_tls_step(struct ua_tls *tls);
/* What the peer says; returns its length, 0 = nothing (more). The state may have changed. */
size_t ua_tls_read(struct ua_tls *tls, char *bytes, size_t room);
/* Say something, whole; only while UP. Returns 0, or -1 and the state is FAILED. */
int ua_tls_write(struct ua_tls *tls, const char *bytes, size_t count);
/* Say goodbye. */
void ua_tls_shutdown(struct ua_tls *tls);
/* Bytes for the network, none = 0; ua_tls_took() takes those away that could be sent. */
size_t ua_tls_output(const struct ua_tls *tls, const char **bytes);
void ua_tls_took(struct ua_tls *tls, size_t count);
enum ua_tls_state ua_tls_state(const struct ua_tls *tls);
/* One sentence, for people. */
const char *ua_tls_why(const struct ua_tls *tls);
/* Was a session resumed (no certificates sent, a round trip less with TLS 1.2)? */
int ua_tls_resumed(const struct ua_tls *tls);

#endif
