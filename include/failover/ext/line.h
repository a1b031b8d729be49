/* SPDX-License-Identifier: MIT */
/* failover.line/1 - identities and credentials of lines, given to a plugin. */
#ifndef FAILOVER_EXT_LINE_H
#define FAILOVER_EXT_LINE_H

#include <failover/plugin.h>

#define FAILOVER_EXT_LINE "failover.line/1"

/* One configured server (registrar), index = failover_target.registrar. */
struct failover_registrar_identity {
	uint32_t size;
	uint32_t port;	     /* as configured; 0 = not given, the Request-URI then has none */
	const char *address; /* host of the REGISTER Request-URI (B1a); IPv6 without brackets */
	uint32_t transport;  /* enum failover_transport */
	uint32_t reserved;
};

/* One outbound proxy, index + 1 = failover_target.hop. */
struct failover_proxy_identity {
	uint32_t size;
	uint32_t port;
	const char *address;
	const char *user; /* credentials for its 407, NULL or "" = the line's */
	const char *password;
};

/* Where a request goes inside a dialog without a route set (B23a). */
enum failover_in_dialog {
	FAILOVER_IN_DIALOG_AUTO = 0,	/* the outbound proxy, else the Contact, else the target */
	FAILOVER_IN_DIALOG_CONTACT = 1, /* the Contact (RFC 3261 12.2.1.1), else the target */
	FAILOVER_IN_DIALOG_TARGET = 2,	/* the target that the dialog was set up through */
};

/* What becomes of a 302 to an INVITE (B22f). */
enum failover_redirect {
	FAILOVER_REDIRECT_FOLLOW = 0, /* its Contacts are tried at the line's targets */
	FAILOVER_REDIRECT_REPORT = 1, /* it is told, and the call ends */
};

/* Strings are copied by line_set; NULL and "" are the same. Secrets are never logged. */
struct failover_line_identity {
	uint32_t size;
	uint32_t line; /* the id used in attempts */
	const char *user;
	const char *display_name;
	const char *domain;    /* host of the address of record */
	const char *auth_user; /* already defaulted to user */
	const char *auth_password;
	const char *realm; /* answer challenges of this realm only; empty = any */
	const struct failover_registrar_identity *registrars;
	const struct failover_proxy_identity *proxies;
	uint32_t registrars_count;
	uint32_t proxies_count;
	/* Of a caller whose `size` covers them; else 0. */
	uint32_t keepalive; /* 0 = off; 1 = send CRLF (RFC 5626 3.5.1); 2 = OPTIONS, the core's */
	uint32_t keepalive_interval_s;
	uint32_t in_dialog; /* enum failover_in_dialog */
	uint32_t redirect;  /* enum failover_redirect */
	uint32_t
		domain_follows; /* 1: no domain is configured, so Request-URI, From and To carry the
				   registrar that a request is sent to (B23); 0: `domain` always */
	uint32_t incoming_users_count;
	const char *const *incoming_users; /* further user parts that are this line's (B24e) */
	uint32_t overload_control;	   /* 1: heed what overloaded servers say (B41, RFC 7339) */
	uint32_t emergency_count;
	/* Numbers and URNs (RFC 5031) whose calls are for help (B36); none = 112, 911,
	 * urn:service:sos. */
	const char *const *emergency;
};

struct failover_ext_line {
	uint32_t size;
	uint32_t reserved;
	/* Add or replace the identity of a line. Returns 0 or a negative error, old one kept. */
	int (*line_set)(void *inst, const struct failover_line_identity *identity);
	/* Forget a line and everything of it; its calls are dropped. Unknown: nothing happens. */
	void (*line_remove)(void *inst, uint32_t line);
	/* The line's targets: requests are accepted from these (open parameters say of which
	 * others). */
	int (*line_targets)(void *inst, uint32_t line, const struct failover_target *targets,
			    uint32_t count);
};

#endif
