/* SPDX-License-Identifier: MIT */
/* account.h - what is known of one line: identity, credentials, registrations, targets. */
#ifndef UA_ACCOUNT_H
#define UA_ACCOUNT_H

#include <sys/queue.h>
#include "ua.h"
#include "digest.h"

#define UA_AUTHS_MAX 8u	    /* challenges kept for later requests of a line */
#define UA_REALMS_MAX 8u    /* of servers of a line */
#define UA_REJECTED_MAX 16u /* credentials that were just rejected */
#define UA_SERVERS_OF_LINE_MAX 16u
#define UA_TARGETS_OF_LINE_MAX 64u
#define UA_USERS_MAX 64u /* further user parts of a line */
#define UA_TEXT_MAX 255u /* length of a configured text */

/* One registration dialog: Call-ID, From tag and the CSeq last used (B10). */
struct ua_registration {
	uint32_t dialog; /* the core's number, 0 = none */
	uint32_t cseq;
	unsigned char call_id[UA_TOKEN_BYTES];
	unsigned char tag[UA_TOKEN_BYTES];
};

/* What a stack above us has made for a challenge of this registrar. */
struct ua_given_credentials {
	uint32_t registrar;
	const char *uri; /* of the REGISTER that they are in */
	char lines[];	 /* Authorization, Proxy-Authorization; and `uri` behind */
};

/* Route lines out of Service-Route (RFC 3608). */
struct ua_routes {
	struct failover_target of; /* that gave them: used nowhere else (B10) */
	char lines[];
};

/* Its registration dialogs are there when they have been used; NULL = not. */
struct ua_registrar {
	const char *address; /* in the account's texts */
	struct ua_registration *current;
	struct ua_registration *probe;	  /* becomes current when an attempt uses it (B11) */
	struct ua_registration *previous; /* to remove its binding (B11b) */
	char *contact;			  /* "<sip:...>" that it has as our binding, or NULL */
	struct ua_routes *routes;	  /* or NULL */
	uint64_t taken; /* the credentials that it has taken last, 0 = none (B22e) */
	uint16_t port;
	uint8_t transport;
};

struct ua_proxy {
	const char *address; /* "" = not known */
	const char *user, *password;
};

/* A challenge that was answered, to go on with its nonce (B10). */
struct ua_auth {
	char *challenge; /* its value, as it came (B24a) */
	char *nonce;	 /* a newer one, of nextnonce; NULL = the challenge's */
	uint64_t realm;	 /* hash */
	uint32_t nc;	 /* uses so far */
	uint8_t in_use;
	uint8_t by_proxy; /* of a 407 */
	uint8_t registrar, hop;
	uint64_t used_at; /* ms */
};

/* Credentials that this request may not send again (B4b) to this registrar (B22e). */
struct ua_rejected {
	uint64_t request;
	uint64_t credentials; /* hash of realm, user and registrar */
};

/* Where requests of peers may come from (source.h). */
struct ua_source {
	struct ua_map_node by_host;
	struct ua_account *account; /* whose target it is; NULL = of a dialog */
	struct failover_target target;
};

/* The UDP keep-alive of a line. */
struct ua_ping {
	struct ua_timer crlf;	    /* to `flow` of the account */
	struct ua_map_node by_flow; /* one is under way there */
	struct ua_account *account;
	uint8_t is_doubted; /* an ICMP error came that proves nothing */
};

struct ua_subscriptions;

struct ua_account {
	struct ua_map_node by_line, by_user;
	struct ua *ua;
	struct ua_ping *ping; /* CRLF by UDP; NULL = the line has sent none */
	LIST_HEAD(, ua_binding) bindings;
	struct failover_target flow;	/* where it is registered; family 0 = nowhere */
	uint64_t flow_number;		/* of the connection over which it is, 0 = none */
	uint64_t flow_until;		/* its binding there ends, 0 = it has one in `bindings` */
	struct failover_target seen_at; /* by that target (B24c); family 0 = not known */
	uint32_t line;
	uint32_t keepalive_s;
	uint8_t crlf_configured;     /* send CRLF so often */
	uint8_t crlf_asked;	     /* by the core, since the server answers no OPTIONS (B24c) */
	uint8_t in_dialog, redirect; /* enum failover_in_dialog, failover_redirect */
	uint8_t overload;	     /* RFC 7339 */
	/* What REGISTER says in the place of our own Contact and capabilities: those of a stack
	 * above us, in one block; NULL = it has said none. */
	char *contact;
	const char *headers;
	struct ua_given_credentials *credentials; /* for one REGISTER, or NULL */
	struct ua_subscriptions *subscriptions;	  /* or NULL */
	char **incoming_users; /* further user parts that are this line's (B24e) */
	uint8_t incoming_users_count, bindings_count;
	uint8_t domain_follows; /* B23: `domain` is that of the first registrar only */
	uint8_t registrars_count, proxies_count, sources_count;
	char *texts; /* behind the account: what follows, of registrars and proxies too */
	uint32_t texts_size;
	const char *user, *display_name, *domain, *auth_user, *auth_password, *realm;
	const char *emergency; /* whose calls are for help (B36), one a line; "" = as usual */
	struct ua_registrar *registrars;
	struct ua_proxy *proxies;
	struct ua_source *sources;
	/* An idle line has as many of these as it needs, and most need none. */
	struct ua_auth *auths;
	struct ua_rejected *rejected; /* UA_REJECTED_MAX, allocated with the first */
	uint64_t *realms;	      /* hashes of those that servers of this line use (B21c) */
	uint8_t auths_count, realms_count, rejected_next;
};

struct ua_account *ua_account_find(const struct ua *ua, uint32_t line);
/* The line that a request for this user, from this host, is meant for; NULL = none. */
struct ua_account *ua_account_for(const struct ua *ua, const char *user,
				  const struct failover_target *from);
/* The only line that requests from this host can be meant for, or NULL. */
struct ua_account *ua_account_alone(const struct ua *ua, const struct failover_target *from);
/* The target of this line where messages from there come from: that of this very place, or one that
 * has this host and may send so (B21a); NULL = none. */
const struct failover_target *ua_account_source(const struct ua_account *account,
						const struct failover_target *from);
/* The target of this line at exactly this address, port and transport, or NULL (B21a). */
const struct failover_target *ua_account_exact(const struct ua_account *account,
					       const struct failover_target *from);
/* The target of the same registrar at this one's address that is TCP, or NULL. */
const struct failover_target *ua_account_tcp(const struct ua_account *account,
					     const struct failover_target *target);
/* What the configuration calls this target: who TLS must find there (RFC 5922), never what DNS made
 * of it. */
const char *ua_account_name(const struct ua_account *account, const struct failover_target *target);
/* The line is registered through this target, NULL = no more: keep the way open. `number` is that
 * of the connection, kept by stack->keep_flow(), or 0. */
void ua_account_flow(struct ua_account *account, const struct failover_target *target,
		     uint64_t number);
/* Calls may not come in to the line any more where it is registered: the core hears of it. */
void ua_account_refresh(struct ua_account *account);
/* CRLF so often, 0 = never. */
uint32_t ua_account_crlf_s(const struct ua_account *account);
/* An ICMP error for the CRLF of one line that is registered at this place by UDP; is_proof = it
 * quotes the CRLF (B21b). */
void ua_account_ping_failed(struct ua *ua, const struct failover_target *at, int is_proof);
/* At close: connections may end, which is no news any more. */
void ua_accounts_leave_flows(struct ua *ua);
/* At close. */
void ua_accounts_free(struct ua *ua);

extern const struct failover_ext_line ua_ext_line;

#endif
