/* SPDX-License-Identifier: MIT */
/*
 * dns.h - libfailover-dns: domain names to targets by RFC 3263 (NAPTR, SRV, A, AAAA), kept fresh.
 *
 * A host asks for a name with a watch and goes on; nothing here ever blocks. Watches of the same
 * name share one set of queries. The answer is asked for again when its TTL ends; while the DNS
 * fails, the last good answer serves on (B1b, RFC 8767).
 *
 * The loop of a host, as with failover.io/1:
 *     wait for failover_dns_fds() until failover_dns_deadline(), call failover_dns_process(),
 *     take what is new with failover_dns_poll(), give failover_dns_targets() to the line
 *
 * Rules: one struct failover_dns = one thread. `now` is milliseconds of a monotonic clock; one that
 * goes back counts as standing still. Names are complete: no search list is applied. The file of
 * host names (/etc/hosts) comes before the DNS. Every function returns 0 or a negative enum
 * failover_error if nothing else is said, and an error leaves everything as it was.
 */
#ifndef FAILOVER_DNS_H
#define FAILOVER_DNS_H

#include <failover/ext/io.h>
#include <failover/failover.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAILOVER_DNS_LIMIT_NAMES 4096u
#define FAILOVER_DNS_LIMIT_SERVERS 8u
#define FAILOVER_DNS_LIMIT_HOSTS 256u

struct failover_dns;
struct failover_dns_watch;

/* In the place of a transport: the one that the zone offers (B25, RFC 3263 4.1); of a numeric
 * address UDP. */
#define FAILOVER_TRANSPORT_AUTO 255u

/* Where the expansion of a name begins (dns_mode); without records it goes on with the next. */
enum failover_dns_mode {
	FAILOVER_DNS_A = 0, /* A and AAAA only */
	FAILOVER_DNS_SRV = 1,
	FAILOVER_DNS_NAPTR = 2,
};

enum failover_dns_families {
	FAILOVER_DNS_IPV6_FIRST = 0, /* the order of RFC 6724 */
	FAILOVER_DNS_IPV4_FIRST = 1,
	FAILOVER_DNS_IPV4_ONLY = 2,
	FAILOVER_DNS_IPV6_ONLY = 3,
};

struct failover_dns_params {
	uint32_t size;
	uint32_t families;	 /* enum failover_dns_families */
	const char *servers;	 /* "192.0.2.53,[2001:db8::53]:5353"; NULL = the system's */
	uint32_t timeout_ms;	 /* of the first try, doubled for each further one; 0 = 1000 */
	uint32_t tries;		 /* of each server; 0 = 3 */
	uint32_t ttl_least_s;	 /* a shorter TTL counts as this; 0 = 5 */
	uint32_t ttl_most_s;	 /* a longer one as this; 0 = 86400 */
	uint32_t negative_ttl_s; /* "there is none" holds so long at most; 0 = 300 */
	uint32_t stale_retry_s;	 /* ask again, while an old answer serves on; 0 = 30 (RFC 8767 5) */
	uint32_t max_names;	 /* different ones; 0 = 1024 */
	uint32_t reserved;
	void *user; /* first argument of `random` */
	/* A number from 0 to limit, both included, for weights (RFC 2782) and retries; NULL = from
	 * the operating system. */
	uint32_t (*random)(void *user, uint32_t limit);
	/* Addresses for names of which the DNS has never given any (B38), "NAME=ADDRESS" each;
	 * several of a name are in order. Copied. */
	const char *const *hosts;
	uint32_t hosts_count; /* at most FAILOVER_DNS_LIMIT_HOSTS */
	uint32_t reserved_too;
};

/* Make a resolver. ERR_ARGUMENT for a list of servers that is none, or a host that is none, ERR_IO
 * if the system's configuration cannot be read. */
FAILOVER_API int failover_dns_new(const struct failover_dns_params *params,
				  struct failover_dns **dns);
/* Free it with all its watches; queries under way are given up. NULL is allowed. */
FAILOVER_API void failover_dns_free(struct failover_dns *dns);

struct failover_dns_query {
	uint32_t size;
	uint32_t mode;	    /* enum failover_dns_mode */
	const char *name;   /* a domain name; a numeric address stands for itself */
	uint32_t port;	    /* 0 = not given; given: A and AAAA only (RFC 3263 4.2) */
	uint32_t transport; /* enum failover_transport, never changed for another one; or AUTO */
};

/* Want a name. What is known of it already can be had at once. `cookie` comes back in the news.
 * ERR_ARGUMENT for what cannot be a name, ERR_FULL for too many names. */
FAILOVER_API int failover_dns_watch_new(struct failover_dns *dns,
					const struct failover_dns_query *query, uint64_t cookie,
					uint64_t now, struct failover_dns_watch **watch);
/* Want it no more: no news of this watch from now on. The last watch of a name cancels its
 * queries. NULL is allowed. */
FAILOVER_API void failover_dns_watch_free(struct failover_dns_watch *watch);
/* The targets in order (RFC 2782, RFC 3263), with port and transport; registrar and hop are zero.
 * Returns how many there are (may exceed max, at most FAILOVER_LIMIT_TARGETS). */
FAILOVER_API uint32_t failover_dns_targets(const struct failover_dns_watch *watch,
					   struct failover_target *out, uint32_t max);

enum failover_dns_state {
	FAILOVER_DNS_ASKING = 1,   /* the first answer is awaited */
	FAILOVER_DNS_RESOLVED = 2, /* there are targets */
	FAILOVER_DNS_STALE = 3,	   /* the DNS fails; the targets of the last good answer serve on */
	FAILOVER_DNS_GONE = 4,	   /* the DNS says that there is none; no targets */
	FAILOVER_DNS_FAILED = 5,   /* the DNS fails, and there was no answer before; no targets */
	FAILOVER_DNS_FROM_CONFIGURATION =
		6, /* the same, but there are `hosts`; or it says "none" */
};

enum failover_dns_reason {
	FAILOVER_DNS_REASON_NONE = 0,
	FAILOVER_DNS_REASON_NO_SERVER = 1,   /* no DNS server answers */
	FAILOVER_DNS_REASON_SERVFAIL = 2,    /* it answers that it cannot, or will not */
	FAILOVER_DNS_REASON_MALFORMED = 3,   /* its answer is not to be understood */
	FAILOVER_DNS_REASON_NO_NAME = 4,     /* NXDOMAIN */
	FAILOVER_DNS_REASON_NO_RECORDS = 5,  /* the name has no records that could be used */
	FAILOVER_DNS_REASON_NOT_OFFERED = 6, /* SRV with the target "." (RFC 2782) */
	FAILOVER_DNS_REASON_MEMORY = 7,
};

/* How a watched name stands. */
struct failover_dns_news {
	uint32_t size;
	uint32_t state; /* enum failover_dns_state */
	uint64_t cookie;
	const struct failover_dns_watch *watch;
	const char *name;     /* in lower case; valid as long as the watch */
	const char *question; /* "SRV _sip._udp.example.net": what `reason` is about, "" = none */
	uint32_t reason;      /* enum failover_dns_reason; not RESOLVED */
	uint32_t changed;     /* 0/1: the targets are others than at the last news */
	uint32_t targets_count;
	uint32_t seconds; /* until it is asked for again; 0 = now, or never (numeric) */
};

/* Take the next news: once for each watch whose state or targets have changed since the last.
 * Returns 1, or 0 when there are none. */
FAILOVER_API int failover_dns_poll(struct failover_dns *dns, uint64_t now,
				   struct failover_dns_news *out);
/* The same at any time, and without taking the news. */
FAILOVER_API void failover_dns_state(const struct failover_dns_watch *watch, uint64_t now,
				     struct failover_dns_news *out);
/* Ask for every name anew, of the servers that the system has now: the network has changed, or the
 * user wishes it. Targets serve on meanwhile. */
FAILOVER_API int failover_dns_refresh(struct failover_dns *dns, uint64_t now);

/* Write at most max descriptors (32 are enough); returns how many there are. */
FAILOVER_API uint32_t failover_dns_fds(const struct failover_dns *dns, struct failover_io_fd *out,
				       uint32_t max);
/* When failover_dns_process() is wanted next; FAILOVER_NO_DEADLINE = never. */
FAILOVER_API uint64_t failover_dns_deadline(const struct failover_dns *dns, uint64_t now);
/* Read, write, do what is due. ready may be empty: then it is the deadline. */
FAILOVER_API void failover_dns_process(struct failover_dns *dns, const struct failover_io_fd *ready,
				       uint32_t count, uint64_t now);

/* "resolved", "stale" ... */
FAILOVER_API const char *failover_dns_state_text(uint32_t state);
/* "no DNS server answers" ... */
FAILOVER_API const char *failover_dns_reason_text(uint32_t reason);

#ifdef __cplusplus
}
#endif
#endif
