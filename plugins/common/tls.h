/* SPDX-License-Identifier: MIT */
/*
 * tls.h - TLS for SIP (RFC 3261 26.3, RFC 5922) on OpenSSL, without sockets: what arrived goes in,
 * what is to leave comes out. TLS 1.2 and later, no renegotiation, no compression.
 */
#ifndef FO_TLS_H
#define FO_TLS_H

#include <stddef.h>

#define FO_TLS_WHY 256u

struct fo_tls_context;
struct fo_tls;

struct fo_tls_settings {
	const char *ca_file;   /* whom to believe; NULL = the system's */
	const char *cert_file; /* our certificate, with its chain; NULL = none */
	const char *key_file;  /* NULL = in cert_file */
	int verify;	       /* of the server's certificate and name */
	int is_server;
};

/* NULL: `why` says which file and what about it. */
struct fo_tls_context *fo_tls_context_new(const struct fo_tls_settings *settings,
					  char why[FO_TLS_WHY]);
void fo_tls_context_free(struct fo_tls_context *context);

/* One connection. A client names who must be there, a domain or a numeric address, and the place,
 * under which its session is kept for the next time. NULL = no memory. */
struct fo_tls *fo_tls_new(struct fo_tls_context *context, const char *name, const char *place);
void fo_tls_free(struct fo_tls *tls);

enum fo_tls_state {
	FO_TLS_HANDSHAKE,
	FO_TLS_UP,
	FO_TLS_CLOSED, /* by the peer, properly */
	FO_TLS_FAILED, /* fo_tls_why() says why */
};

/* Bytes of the network; then read until there is nothing. */
void fo_tls_input(struct fo_tls *tls, const char *bytes, size_t count);
/* Go on with the handshake; at the start too. */
enum fo_tls_state fo_tls_step(struct fo_tls *tls);
/* What the peer says; returns its length, 0 = nothing (more). The state may have changed. */
size_t fo_tls_read(struct fo_tls *tls, char *bytes, size_t room);
/* Say something, whole; only while UP. Returns 0, or -1 and the state is FAILED. */
int fo_tls_write(struct fo_tls *tls, const char *bytes, size_t count);
/* Say goodbye. */
void fo_tls_shutdown(struct fo_tls *tls);
/* Bytes for the network, none = 0; fo_tls_took() takes those away that could be sent. */
size_t fo_tls_output(const struct fo_tls *tls, const char **bytes);
void fo_tls_took(struct fo_tls *tls, size_t count);
enum fo_tls_state fo_tls_state(const struct fo_tls *tls);
/* One sentence, for people. */
const char *fo_tls_why(const struct fo_tls *tls);
/* Was a session resumed (no certificates sent, a round trip less with TLS 1.2)? */
int fo_tls_resumed(const struct fo_tls *tls);

#endif
