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

/* Where a line begins after a start of the program (B37). */
enum failover_start_at {
	FAILOVER_START_AT_PRIMARY = 0,
	FAILOVER_START_AT_LAST = 1, /* failover_begin_at(), if the program knows where */
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
	struct failover_config_texts subscribe;	     /* as failover.subscription/1 has them */
	uint32_t start_at;			     /* enum failover_start_at */
	uint32_t overload_control;		     /* RFC 7339 */
	char *group; /* of lines that move together (B39); "" = none. settings.group is of it */
	struct failover_config_texts emergency; /* failover_line_identity.emergency */
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
	char *device;
	struct failover_config_texts empty; /* sentences about items written without a value */
	char *include;		   /* folder or file with more of the lines, as the file says it */
	uint32_t moves_per_second; /* failover_move_limit() */
	uint32_t boot_spread_s;
	struct failover_config_texts static_dns; /* "NAME=ADDRESS": hosts of failover_dns_params */
	uint32_t dead_time_s;			 /* failover_dead_time() */
	uint32_t reserved; /* no gap at the end, which a later member would read */
};

/* One thing wrong; line and column count from 1, 0 = not known. Never holds a secret. */
struct failover_config_error {
	const char *file;
	uint32_t line, column;
	const char *text; /* what is wrong, and what is accepted */
	/* The item or section: "line.1.server.backup.port" (failover_config_get); NULL = the file.
	 */
	const char *path;
	/* The same as `text` in Chinese; NULL where it is about the grammar of a file. */
	const char *text_zh;
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

/* ---- forms: what there is to set ------------------------------------------------------------ */

#define FAILOVER_CONFIG_CHOICES_MOST 16u

/* The kinds of section that take an item: bits. */
enum failover_config_scope {
	FAILOVER_CONFIG_GLOBAL = 1, /* the file itself */
	FAILOVER_CONFIG_LINE = 2,   /* of an item with both bits: the line's own value goes first */
	FAILOVER_CONFIG_SERVER = 4,
	FAILOVER_CONFIG_PROXY = 8,
};

enum failover_config_type {
	FAILOVER_CONFIG_BOOL, /* "true", "false" */
	FAILOVER_CONFIG_NUMBER,
	FAILOVER_CONFIG_CHOICE,
	FAILOVER_CONFIG_TEXT,
	FAILOVER_CONFIG_SECRET, /* text that is never shown */
	FAILOVER_CONFIG_HOST,	/* IPv4, IPv6, domain name */
	FAILOVER_CONFIG_LIST,	/* its items with commas between; texts one a line */
};

/* A row of the option table. All strings are constant; those in Chinese have _zh. */
struct failover_config_item {
	uint32_t size;	 /* of this struct; set it before the call */
	uint32_t scopes; /* enum failover_config_scope */
	uint32_t type;	 /* enum failover_config_type */
	uint32_t minimum,
		maximum; /* of a number; of a text its bytes, of a list its items; 0 = none */
	uint32_t choices_count;
	const char *choices[FAILOVER_CONFIG_CHOICES_MOST]; /* those of this build */
	const char *key;
	const char *unit, *unit_zh;   /* NULL = none */
	const char *initial;	      /* default, as written in a file; "" = not set */
	const char *unset, *unset_zh; /* what not set means; NULL where `initial` says all */
	const char *label, *label_zh;
	const char *help, *help_zh;
	const char *group; /* id of a struct failover_config_group */
	/* Where a form calls the backup's item otherwise; NULL = as `label`. */
	const char *label_backup, *label_backup_zh;
};

/* A part of a form, in the order of the form. "server" and "proxy" hold the items of such sections;
 * "server.primary", "server.backup", "proxy.primary", "proxy.backup" are the titles of one each. */
struct failover_config_group {
	uint32_t size;
	const char *id;
	const char *label, *label_zh;
	const char *note, *note_zh; /* what it does, one or two sentences */
};

/* The n-th item, or group, from 0. ERR_ARGUMENT past the last. Any thread. */
FAILOVER_API int failover_config_item(uint32_t n, struct failover_config_item *out);
FAILOVER_API int failover_config_group(uint32_t n, struct failover_config_group *out);
/*
 * What holds for an item of a line with this profile (enum failover_profile) where a file does not
 * say it: the profile's value (B29), else the default; as written in a file, "" = not set. NULL: a
 * line has no such item. The string is static. Any thread.
 */
FAILOVER_API const char *failover_config_initial(uint32_t profile, const char *key);
/*
 * A value as a file would say it, what holds where nothing is said included; "" = not set. A secret
 * is "set" or "". `path` is "sip_port", "line.1.user", "line.1.server.primary.address",
 * "line.1.proxy.backup.port". ERR_ARGUMENT: there is no such item, line or section. ERR_FULL: it is
 * longer than `size`; nothing is ever longer than FAILOVER_CONFIG_VALUE_SIZE.
 */
#define FAILOVER_CONFIG_VALUE_SIZE 8192u
FAILOVER_API int failover_config_get(const struct failover_config *config, const char *path,
				     char *text, size_t size);

/* Which contents the file has now: 16 hexadecimal digits of a hash of its bytes. ERR_IO with errno;
 * ERR_ARGUMENT: it is too long to be a configuration; ERR_MEMORY. */
FAILOVER_API int failover_config_revision(const char *file, char text[17]);

/* ---- forms: changing a file -------------------------------------------------------------------
 */

/*
 * One change. `path` is as for failover_config_get(); a value as it would give it, NULL = back to
 * the default. A path without an item is a section: "line.1.server.backup" with NULL removes it,
 * "line.7" with NULL removes that line, with "new" adds one. A server or proxy is added with its
 * first item.
 */
struct failover_config_change {
	const char *path;
	const char *value;
};
/*
 * Change a file in place: comments, layout, order and all that is not understood stay; what is new
 * goes to where a person would write it; what is removed takes the comments in it along. The
 * changes, at most 1000, are made in order, all or none. The new text is read and compared with
 * what is wanted before it is written; it takes the old one's place when it is complete, with its
 * mode and owner; a symbolic link stays one.
 *
 * `revision` is of the file that the changes were made for (NULL = any). *config is the new
 * configuration, to be freed (`config` may be NULL). On any error nothing is written and *config is
 * NULL: ERR_ARGUMENT: something is wrong, and reported with its path; ERR_STATE: the file is
 * another one by now, or is just being changed; ERR_UNSUPPORTED: the file cannot say this, which
 * is reported; ERR_IO with errno: a full disk, no permission; ERR_MEMORY. Not re-entrant for .conf.
 */
FAILOVER_API int failover_config_edit(const char *file, const char *revision,
				      const struct failover_config_change *changes, uint32_t count,
				      failover_config_report *report, void *user,
				      struct failover_config **config);

/* A configuration of these changes alone, beside which all is at its default: no file is read or
 * written, and errors are of the file "". Errors as above. Any thread. */
FAILOVER_API int failover_config_make(const struct failover_config_change *changes, uint32_t count,
				      failover_config_report *report, void *user,
				      struct failover_config **config);

/* What to know of a file before it is edited, by its suffix. */
struct failover_config_format {
	uint32_t size;		    /* of this struct; set it before the call */
	uint32_t keeps_comments;    /* 1: an edit keeps what the file says beside its items */
	const char *name;	    /* "conf", "yaml", "vendor-text", "vendor-xml" */
	const char *note, *note_zh; /* what an edit cannot do; NULL = nothing */
};
/* ERR_ARGUMENT: no such suffix. Any thread. */
FAILOVER_API int failover_config_format(const char *file, struct failover_config_format *out);

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
/* A `resolve` that asks nobody: it stands one address in for each name, of a range that leads
 * nowhere (100::/64, RFC 6666). */
FAILOVER_API int failover_config_stand_in(void *user, const char *name, uint32_t port,
					  uint32_t transport, struct failover_target *out,
					  uint32_t max);
#define FAILOVER_CONFIG_PLAN_EMERGENCY 0x100u /* beside FAILOVER_INVITE: a call for help (B36) */
/* What a REGISTER, INVITE, BYE or OPTIONS of this line at these targets comes to in the worst case:
 * the line is at rest at the first one, and no server answers any more (failover_plan()). */
FAILOVER_API int failover_config_plan(const struct failover_config_line *line,
				      const struct failover_target *targets, uint32_t count,
				      uint32_t method, struct failover_plan *plan);
/* "primary", "primary via backup proxy": the server of one of its targets, for people. Returns
 * buffer; 192 bytes are enough. */
FAILOVER_API const char *failover_config_where(const struct failover_config_line *line,
					       const struct failover_target *target, char *buffer,
					       size_t size);
/* Host of the address of record: domain, or the address of server 1 (S 3.1); IPv6 without brackets.
 * "" for a line without either. */
FAILOVER_API const char *failover_config_domain(const struct failover_config_line *line);

#ifdef __cplusplus
}
#endif
#endif
