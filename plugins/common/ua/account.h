/* SPDX-License-Identifier: MIT */
/* account.h - what is known of one line: identity, credentials, registrations, targets. */
#ifndef FO_UA_ACCOUNT_H
#define FO_UA_ACCOUNT_H

#include "ua.h"
#include "../digest.h"

#define FO_AUTHS_MAX 8u	    /* challenges kept for later requests of a line */
#define FO_REJECTED_MAX 16u /* credentials that were just rejected */
#define FO_SERVERS_OF_LINE_MAX 16u
#define FO_TARGETS_OF_LINE_MAX 64u
#define FO_TEXT_MAX 255u /* length of a configured text */

/* One registration dialog: Call-ID, From tag and the CSeq last used (B10). */
struct fo_registration {
	uint32_t dialog; /* the core's number, 0 = none */
	uint32_t cseq;
	char call_id[FO_TOKEN];
	char tag[FO_TOKEN];
};

struct fo_registrar {
	char *address;
	uint32_t port, transport;
	struct fo_registration current;
	struct fo_registration probe;	  /* becomes current when an attempt uses it (B11) */
	struct fo_registration previous;  /* to remove its binding (B11b) */
	char *routes;			  /* Route lines out of Service-Route (RFC 3608), or NULL */
	struct failover_target routes_of; /* the target that gave them: used nowhere else (B10) */
};

struct fo_proxy {
	char *address; /* "" = not known */
	char *user, *password;
};

/* A challenge that was answered, to go on with its nonce (B10). */
struct fo_auth {
	struct fo_digest_challenge challenge;
	uint32_t nc; /* uses so far */
	uint8_t in_use;
	uint8_t by_proxy; /* of a 407 */
	uint8_t registrar, hop;
	uint64_t used_at; /* ms */
};

/* Credentials that this request may not send again (B4b). */
struct fo_rejected {
	uint64_t request;
	uint64_t credentials; /* hash of realm and user */
};

/* Where requests of peers may come from. */
struct fo_source {
	struct fo_map_node by_host;
	struct fo_account *account;
	struct failover_target target;
};

struct fo_account {
	struct fo_map_node by_line, by_user;
	struct fo_ua *ua;
	struct fo_timer crlf;	     /* UDP keep-alive to `flow` */
	struct failover_target flow; /* where it is registered; family 0 = nowhere */
	uint64_t flow_number;	     /* of the connection over which it is, 0 = none */
	uint32_t line;
	uint32_t crlf_s; /* CRLF so often, 0 = never */
	uint32_t registrars_count, proxies_count, sources_count;
	char *user, *display_name, *domain, *auth_user, *auth_password, *realm;
	struct fo_registrar *registrars;
	struct fo_proxy *proxies;
	struct fo_source *sources;
	struct fo_auth *auths; /* FO_AUTHS_MAX, allocated with the first */
	struct fo_rejected rejected[FO_REJECTED_MAX];
	uint32_t rejected_next;
};

struct fo_account *fo_account_find(const struct fo_ua *ua, uint32_t line);
/* The line that a request for this user, from this host, is meant for; NULL = none. */
struct fo_account *fo_account_for(const struct fo_ua *ua, const char *user,
				  const struct failover_target *from);
/* The target of this line that has this host (and port, if one has), or NULL. */
const struct failover_target *fo_account_source(const struct fo_account *account,
						const struct failover_target *from);
/* The target of the same registrar at this one's address that is TCP, or NULL. */
const struct failover_target *fo_account_tcp(const struct fo_account *account,
					     const struct failover_target *target);
/* What the configuration calls this target: who TLS must find there (RFC 5922), never what DNS made
 * of it. */
const char *fo_account_name(const struct fo_account *account, const struct failover_target *target);
/* The line is registered through this target, NULL = no more: keep the way open. `number` is that
 * of the connection, kept by stack->keep_flow(), or 0. */
void fo_account_flow(struct fo_account *account, const struct failover_target *target,
		     uint64_t number);
/* At close: connections may end, which is no news any more. */
void fo_accounts_leave_flows(struct fo_ua *ua);
/* At close. */
void fo_accounts_free(struct fo_ua *ua);

extern const struct failover_ext_line fo_ua_ext_line;

#endif
