/* SPDX-License-Identifier: MIT */
/*
 * config.h - libfailover-config: the configuration of a device, read from libconfuse or YAML files
 * (doc/failover.conf.5). Every item is one row of one option table; the readers, writers, range
 * checks and help texts come from it.
 */
#ifndef FAILOVER_CONFIG_H
#define FAILOVER_CONFIG_H

#include <failover/dns.h>      /* enum failover_dns_mode, FAILOVER_TRANSPORT_AUTO */
#include <failover/ext/line.h> /* enum failover_in_dialog, enum failover_redirect */
#include <failover/failover.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAILOVER_CONFIG_LIMIT_PROXIES 8u
#define FAILOVER_CONFIG_LIMIT_LINES 100000u
#define FAILOVER_CONFIG_LIMIT_BYTES (64u << 20)

/* Where incoming requests may come from, beside the targets of the lines (accept_from, B21). */
struct failover_config_sources {
	uint32_t any; /* 1: from everywhere */
	uint32_t count;
	struct failover_network *network;
};

struct failover_config_texts {
	uint32_t count;
	char **text;
};

/* Strings are never NULL; "" = not set. */
struct failover_config_server {
	char *name;    /* "primary", "backup", or the third and later one's own */
	char *address; /* numeric, IPv6 without brackets; or a domain name */
	uint32_t port; /* 0 = not set: 5060, 5061 with TLS, SRV with a domain name */
	uint32_t expires_s;
	uint32_t transport; /* enum failover_transport, or FAILOVER_TRANSPORT_AUTO */
};

struct failover_config_proxy {
	char *name;
	char *address;
	uint32_t port; /* 0 = not set */
	uint32_t transport;
	uint32_t transport_set; /* 0: the server's */
	char *user;		/* "" = primary proxy's (backup), else the line's */
	char *password;
};

struct failover_config_line {
	uint32_t number; /* as in `line 1`, 1.. */
	uint32_t enable;
	char *user, *display_name, *domain, *auth_user, *auth_password, *realm;
	uint32_t servers_count, proxies_count;
	struct failover_config_server servers[FAILOVER_LIMIT_REGISTRARS];
	struct failover_config_proxy proxies[FAILOVER_CONFIG_LIMIT_PROXIES];
	uint32_t dns_mode; /* enum failover_dns_mode */
	/* Ready for the engine. profile, reg_fail_* hold the line's own or the global value. */
	union {
		struct failover_line_settings settings;
		uint8_t room_for_settings[320]; /* it may grow without moving what follows */
	};
	uint32_t in_dialog;			     /* enum failover_in_dialog */
	uint32_t redirect;			     /* enum failover_redirect */
	struct failover_config_texts incoming_users; /* beside `user` */
};

struct failover_config {
	uint32_t profile; /* 0 = the build's default */
	uint32_t sip_port;
	uint32_t reg_fail_interval_s, reg_fail_backoff;
	uint32_t shared_health; /* enum failover_shared_health */
	struct failover_config_sources accept_from;
	char *stack;
	char *tls_ca_file, *tls_cert_file, *tls_key_file;
	uint32_t tls_verify;
	uint32_t lines_count;
	struct failover_config_line **lines; /* in file order */
};

/* One thing wrong; line and column count from 1, 0 = not known. Never holds a secret. */
struct failover_config_error {
	const char *file;
	uint32_t line, column;
	const char *text; /* what is wrong, and what is accepted */
};
typedef void failover_config_report(void *user, const struct failover_config_error *error);

/* Read a file, format by suffix (.conf, .yaml, .yml; .txt is a vendor's text,
 * doc/failover-config.1). Every error that can be found is reported; on any, *config is NULL and
 * ERR_ARGUMENT (ERR_IO, ERR_MEMORY) is returned. Not re-entrant for .conf (libconfuse). */
FAILOVER_API int failover_config_read(const char *path, failover_config_report *report, void *user,
				      struct failover_config **config);
FAILOVER_API void failover_config_free(struct failover_config *config);
/* 1 if every item of both is the same, servers and proxies included; else 0. The second one looks
 * at what is not a line's own. */
FAILOVER_API int failover_config_line_equal(const struct failover_config_line *a,
					    const struct failover_config_line *b);
FAILOVER_API int failover_config_global_equal(const struct failover_config *a,
					      const struct failover_config *b);
/* Report what is accepted and yet hardly meant, one "warning: line 1: ..." each, without a place in
 * the file. Returns how many there are, or ERR_MEMORY. */
FAILOVER_API int failover_config_warn(const struct failover_config *config, const char *file,
				      failover_config_report *report, void *user);
/* Write a file, format by suffix, mode 0600; items at their default are left out. Reading it back
 * gives an equal configuration. */
FAILOVER_API int failover_config_write(const struct failover_config *config, const char *path,
				       failover_config_report *report, void *user);
/* The same; a vendor's text (.txt) keeps what `base` has and the configuration does not say, byte
 * by byte. `base` may be `path`; NULL = a new file. Other formats leave it alone. What the vendor
 * has no word for is reported as "note: ...", which is no error. */
FAILOVER_API int failover_config_write_onto(const struct failover_config *config, const char *base,
					    const char *path, failover_config_report *report,
					    void *user);
/* All options with key, type, range, default, help: for --help and the manual page. Returns 0 or
 * ERR_IO. `stream` is a FILE *. */
FAILOVER_API int failover_config_help(void *stream);

/* Turn a domain name into addresses; called by failover_config_targets() for every next hop that
 * is not numeric. Write at most max targets: address, family, scope, port if it differs, and the
 * transport where it is FAILOVER_TRANSPORT_AUTO; the rest is filled in by the caller. Return how
 * many, or a negative error. */
typedef int failover_config_resolve(void *user, const char *name, uint32_t port, uint32_t transport,
				    struct failover_target *out, uint32_t max);

/* The target list of a line (B1, B1a): for each server in order, for each of its next hops (its
 * proxies, or itself) in order. Returns how many (at most max), or a negative error;
 * ERR_ARGUMENT when nothing could be resolved. */
FAILOVER_API int failover_config_targets(const struct failover_config_line *line,
					 failover_config_resolve *resolve, void *user,
					 struct failover_target *out, uint32_t max);
/* Host of the address of record: domain, or the address of server 1 (S 3.1); IPv6 without brackets.
 * "" for a line without either. */
FAILOVER_API const char *failover_config_domain(const struct failover_config_line *line);

#ifdef __cplusplus
}
#endif
#endif
