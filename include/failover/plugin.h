/* SPDX-License-Identifier: MIT */
/*
 * plugin.h - the contract between libfailover and a SIP stack.
 *
 * Stand-alone: a plugin includes this header (and headers of ext/ it wants) and needs no symbol of
 * libfailover; it calls back through the host table it is handed at open. The same object works
 * dlopened or linked into static firmware.
 *
 * Rules that hold for everything here:
 *   - Threads: the library calls every hook on one thread, the engine's thread; a plugin calls
 *     the host table on that thread only. Stacks with threads of their own marshal first
 *     (ext/wakeup.h).
 *   - A hook may call any function of the host table, also while it runs. No function of the host
 *     table runs a hook before it returns: what follows from news is made later, by the host's
 *     failover_dispatch(). So no state of a plugin changes behind a call into the host.
 *   - Pointers handed to a hook are valid until that hook returns.
 *   - Layout: fixed-width fields, `size` first where the struct may grow, append only, zero is the
 *     default. A reader uses no field beyond the `size` it finds.
 *   - Times are milliseconds of the host's monotonic clock, suffix _ms; seconds have suffix _s.
 *   - Rule ids (B4, B7a ...) are those of doc/behaviour.md.
 */
#ifndef FAILOVER_PLUGIN_H
#define FAILOVER_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of this contract. A plugin with another number is refused. */
#define FAILOVER_PLUGIN_ABI 1u
/* The one symbol a plugin exports: `const struct failover_plugin failover_plugin_entry`. */
#define FAILOVER_PLUGIN_SYMBOL "failover_plugin_entry"

/* Return values: 0 is success, errors are negative. failover_strerror() has their texts. */
enum failover_error {
	FAILOVER_OK = 0,
	FAILOVER_ERR_ARGUMENT = -1,    /* an argument is out of its documented range */
	FAILOVER_ERR_MEMORY = -2,      /* no memory; the old state is intact */
	FAILOVER_ERR_FULL = -3,	       /* no room now: drain the outputs, and ask again */
	FAILOVER_ERR_STALE = -4,       /* the id names nothing that is alive; nothing changed */
	FAILOVER_ERR_STATE = -5,       /* not possible now; nothing changed */
	FAILOVER_ERR_PLUGIN = -6,      /* a plugin is not usable; the message says why */
	FAILOVER_ERR_UNSUPPORTED = -7, /* left out of this build, or not known to this plugin */
	FAILOVER_ERR_IO = -8,	       /* the operating system refused; errno says why */
	FAILOVER_ERR_LIMIT = -9,       /* a limit is reached, and draining does not help: wait until
					  something ends, or configure more */
};

/* Values of the vendor's configuration (S 3.1): 2 does not exist. */
enum failover_transport {
	FAILOVER_UDP = 0,
	FAILOVER_TCP = 1,
	FAILOVER_TLS = 3,
};

enum failover_method {
	FAILOVER_REGISTER = 1,
	FAILOVER_INVITE = 2,
	FAILOVER_BYE = 3,
	FAILOVER_OPTIONS = 4,
	FAILOVER_CANCEL = 5,
	FAILOVER_OTHER = 6, /* any other request: one attempt, never failed over (S 2.2) */
};

/* Why an attempt was unavailable (B4). FAILOVER_REASON_STATUS comes with the status code. */
enum failover_reason {
	FAILOVER_REASON_NONE = 0,
	FAILOVER_REASON_NO_ANSWER = 1, /* the budget was used up */
	FAILOVER_REASON_STATUS = 2,    /* 500, 503, or what unavailable_codes says */
	FAILOVER_REASON_ICMP = 3,      /* unreachable: ICMP, or no route from here */
	FAILOVER_REASON_REFUSED = 4,   /* TCP connect refused (a refused UDP packet is ICMP) */
	FAILOVER_REASON_RESET = 5,     /* the connection was reset or closed */
	FAILOVER_REASON_CONNECT_TIMEOUT = 6, /* the connection did not come up in time */
	FAILOVER_REASON_TLS = 7,	     /* handshake or certificate failed */
	FAILOVER_REASON_LOCAL = 8, /* it could not leave this device (no memory, an unknown cookie):
				      no target is to blame, so the request fails here */
	FAILOVER_REASON_BAD_ANSWER = 9,	  /* nothing but answers that cannot be read (B22d) */
	FAILOVER_REASON_UNSUPPORTED = 10, /* the stack lacks its transport or address family:
					     nothing was sent, and no server is to blame */
};

/* Why `timeout` is called. For every reason but GIVEN_UP an INVITE that has had a provisional
 * response is cancelled by the plugin at once; one that gets its first later, then (B7a) - unless
 * the verdict on that is KEEP: then the core waits for it again (B7b), and may call `timeout` for
 * it a second time. */
enum failover_abandon {
	FAILOVER_ABANDON_BUDGET = 1,	  /* unavailable: the budget is spent (B3) */
	FAILOVER_ABANDON_UNAVAILABLE = 2, /* unavailable for another reason; no packet may follow */
	FAILOVER_ABANDON_GIVEN_UP = 3,	  /* the user gave up (B6c). An INVITE that has had a
					     provisional response is cancelled by a CANCEL attempt
					     of the core's that follows; do not CANCEL it yourself */
	FAILOVER_ABANDON_ADOPTED = 4,	  /* an older leg was answered instead (B7b) */
	FAILOVER_ABANDON_REMOVED = 5,	  /* the line is going */
};

/* What to do with a response just reported. */
enum failover_verdict {
	FAILOVER_VERDICT_KEEP =
		0, /* it belongs to the running request; a 2xx to INVITE is the call */
	FAILOVER_VERDICT_LATE = 1, /* nobody waits for it (B7a): CANCEL a 1xx, ACK then BYE a 2xx */
	FAILOVER_VERDICT_STOP = 2, /* do not answer this challenge again: too many in one attempt */
};

/* How a request ended. */
enum failover_outcome {
	FAILOVER_OUTCOME_ANSWERED = 1, /* a final response, in `status`; 2xx or not */
	FAILOVER_OUTCOME_FAILED = 2,   /* every target was unavailable, or the time was up */
	FAILOVER_OUTCOME_GIVEN_UP = 3, /* by the user, or the line was removed */
};

/* A place a request can be sent: numeric, so that no stack does DNS behind our back. */
struct failover_target {
	uint8_t address[16]; /* network order; IPv4 uses the first four bytes, the rest is zero */
	uint32_t scope_id;   /* IPv6 link-local only, else 0 */
	uint16_t port;	     /* host order */
	uint8_t family;	     /* 4 or 6 */
	uint8_t transport;   /* enum failover_transport */
	uint8_t registrar;   /* index of the configured server, 0 = primary */
	uint8_t hop;	     /* 0 = the registrar itself, n = the n-th outbound proxy */
	uint8_t reserved[6];
};

enum failover_attempt_flag {
	FAILOVER_ATTEMPT_LAST = 1u << 0,      /* no other candidate is left (B3e) */
	FAILOVER_ATTEMPT_PROBE = 1u << 1,     /* a failback probe: new registration dialog (B11) */
	FAILOVER_ATTEMPT_IN_DIALOG = 1u << 2, /* inside the dialog that `cookie` names (B9) */
	FAILOVER_ATTEMPT_KEEPALIVE = 1u << 3, /* the library's own OPTIONS (B15a) */
	FAILOVER_ATTEMPT_RESENT = 1u << 4,  /* an earlier attempt of this request went elsewhere */
	FAILOVER_ATTEMPT_RELEASE = 1u << 5, /* REGISTER with Expires 0 */
	FAILOVER_ATTEMPT_VISIT = 1u << 6,   /* REGISTER for a call alone: the line stays (B22) */
	FAILOVER_ATTEMPT_CRLF = 1u << 7, /* REGISTER: the server answers no OPTIONS; once registered
					    by this one, keep the way to it open by CRLF (B24c) */
	FAILOVER_ATTEMPT_EMERGENCY = 1u << 8, /* a call for help (B36): further attempts of this
						 INVITE begin beside this one, which stays at work
						 until `timeout` */
};

/* One request at one target: one client transaction (B7), answered challenges included (B4b). */
struct failover_attempt {
	uint32_t size;
	uint32_t line;
	uint64_t id;
	uint64_t request; /* the same for all attempts of a request: same Call-ID, From tag, CSeq
			     (B7) */
	uint64_t cookie;  /* what the host gave to failover_submit(); 0 for the library's own */
	uint64_t related; /* CANCEL: the attempt id of the INVITE; else 0 */
	struct failover_target target;
	uint32_t method;    /* enum failover_method */
	uint32_t flags;	    /* enum failover_attempt_flag */
	uint32_t dialog;    /* REGISTER: number of the registration dialog: the same number means
			       the same Call-ID with CSeq + 1; a new number a new Call-ID (B7, B10) */
	uint32_t expires_s; /* REGISTER: what to ask for; 0 removes the binding */
	uint32_t transmissions; /* UDP: at most so many packets while nothing has answered (B3a); 0
				   = no limit. After a provisional response RFC 3261 17.1 goes on */
	uint32_t budget_ms;	/* for information: the core calls `timeout` when it is used up */
	uint32_t t1_ms, t2_ms, t4_ms;
	uint32_t ordinal; /* 1 = the first attempt of its request */
};

/* What more the stack knows of a response. */
enum failover_answer_flag {
	FAILOVER_ANSWER_Q850 = 1u << 0, /* with a Q.850 Reason: the called side has said why, so
					   a 503 ends the call (B22) */
	FAILOVER_ANSWER_ELSEWHERE = 1u << 1,	/* another place than the target has answered (its
						   first Route, the Contact): no sign of the target's
						   life, and it moves nothing (B21a, B23a) */
	FAILOVER_ANSWER_REJECTED = 1u << 2,	/* 401, 407: refused with a fresh nonce (B22e) */
	FAILOVER_ANSWER_TAKEN_BEFORE = 1u << 3, /* and this registrar has taken the same credentials
						   before */
	FAILOVER_ANSWER_UNBOUND = 1u << 4, /* 2xx to REGISTER that grants 0 s to our Contact, or
					      does not name it: we are not registered there (B24) */
};

/* Does the stack answer this challenge inside the attempt (B4b)? */
enum failover_retrying {
	FAILOVER_RETRYING_NO = 0,
	FAILOVER_RETRYING_YES = 1,
	FAILOVER_RETRYING_LATER = 2, /* not known yet: failover_host.retrying says it. Ask
					FAILOVER_HOST_HAS(host, retrying) first */
};

/* A response as reported by the stack. */
struct failover_answer {
	uint32_t size;
	uint32_t status;	/* 100..699 */
	uint32_t retrying;	/* enum failover_retrying; counts for 401, 407 and 423 only */
	uint32_t retry_after_s; /* of any final response, 0 = none (B22c) */
	uint32_t expires_s;	/* of a 2xx to REGISTER: the granted time (B15) */
	uint32_t min_expires_s; /* of a 423, else 0 (B15) */
	uint32_t flags;		/* enum failover_answer_flag; of a stack whose `size` covers it */
};

/* How one attempt went, inside a result. */
struct failover_attempt_report {
	struct failover_target target;
	uint32_t reason; /* enum failover_reason; NONE = this one was answered, or given up */
	uint32_t status; /* the response it ended with, 0 = none */
};

/* The end of a request. Exactly one for each request (B18). */
struct failover_result {
	uint32_t size;
	uint32_t line;
	uint64_t request;
	uint64_t cookie;
	uint64_t attempt;	       /* the one that was answered, or 0 */
	struct failover_target target; /* of that attempt; the dialog remembers it (B9) */
	uint32_t method;
	uint32_t outcome; /* enum failover_outcome */
	uint32_t status;  /* final status if answered; if failed, what the last target said, or 0 */
	uint32_t flags;	  /* enum failover_attempt_flag of the request's last attempt */
	uint32_t reports_count;
	uint32_t reserved;
	const struct failover_attempt_report *reports; /* one for each attempt, in order */
};

/* What a stack can do; the core is right without any of them. */
enum failover_capability {
	FAILOVER_CAP_COUNTS_TRANSMISSIONS = 1u << 0, /* calls `sent` for every packet */
	FAILOVER_CAP_LIMITS_TRANSMISSIONS = 1u << 1, /* keeps to attempt.transmissions */
	FAILOVER_CAP_REPORTS_ICMP = 1u << 2,	     /* reports ICMP errors at once */
	FAILOVER_CAP_OWNS_RETRANSMISSION = 1u << 3,  /* retransmits by itself (RFC 3261 17.1) */
	FAILOVER_CAP_STOPS = 1u << 4,		     /* `timeout` really stops REGISTER and BYE */
	FAILOVER_CAP_TCP = 1u << 5,
	FAILOVER_CAP_TLS = 1u << 6,
	FAILOVER_CAP_OWN_THREAD = 1u << 7, /* it needs failover.wakeup/1 of the application: `open`
					      is ERR_UNSUPPORTED without (ext/wakeup.h) */
	FAILOVER_CAP_VIRTUAL_TIME = 1u << 8, /* brings its own clock: the simulated stack */
};

enum failover_log_level {
	FAILOVER_LOG_ERROR = 0,
	FAILOVER_LOG_WARNING = 1,
	FAILOVER_LOG_INFO = 2,
	FAILOVER_LOG_DEBUG = 3,
};

/* An answer that cannot be read (B22d). */
struct failover_bad_answer {
	uint32_t size;
	uint32_t line;
	uint64_t attempt;
	struct failover_target target; /* that it came from */
	uint32_t method;	       /* enum failover_method, of the attempt */
	uint32_t reserved;
	const char *first_line; /* without control characters */
	const char *why;	/* the part that is wrong: "CSeq" */
};

/* What the library offers to a plugin, from open to close. `ctx` is its first argument. */
struct failover_host {
	uint32_t size;
	uint32_t reserved;
	void *ctx;
	/* The time now, in ms. */
	uint64_t (*now)(void *ctx);
	/* One packet of this attempt has left (the first and each retransmission). Optional. */
	void (*sent)(void *ctx, uint64_t attempt);
	/* A response has arrived for this attempt, also a late one; returns enum failover_verdict.
	 */
	uint32_t (*response)(void *ctx, uint64_t attempt, const struct failover_answer *answer);
	/* This attempt cannot reach its target; reason is enum failover_reason, no later news. */
	void (*unreachable)(void *ctx, uint64_t attempt, uint32_t reason);
	/* The line's target was heard in another way (incoming request, keep-alive pong): B15a. */
	void (*heard)(void *ctx, uint32_t line, const struct failover_target *from);
	/* One line of text for a person, no newline, no secrets. */
	void (*log)(void *ctx, uint32_t level, const char *text);
	/* Unpredictable bytes, for branches, tags and Call-IDs. Returns 0 or FAILOVER_ERR_IO. */
	int (*random)(void *ctx, void *bytes, size_t count);
	/* Extensions of the application, or NULL. */
	const void *(*get_extension)(void *ctx, const char *id);
	/* Came later: ask FAILOVER_HOST_HAS() first. The connection over which this line is
	 * registered at this target has ended or been found dead, whoever closed it: calls cannot
	 * come in any more (RFC 5626 4.2). Not for a connection that the plugin closes because the
	 * line has left it. A request that waits on it is told by `unreachable`, too. */
	void (*lost)(void *ctx, uint32_t line, const struct failover_target *target);
	/* Came later, too. An answer has arrived that cannot be read: it is no answer, and no
	 * silence either (B22d). */
	void (*bad_answer)(void *ctx, const struct failover_bad_answer *bad);
	/* Came later. Something says that this line's binding at this target may not lead here any
	 * more: ICMP for an empty keep-alive (B21b), another rport or received than before (B24c).
	 * If the target serves, the line registers anew soon. */
	void (*refresh)(void *ctx, uint32_t line, const struct failover_target *target);
	/* Came later. What has become of a challenge that was reported with RETRYING_LATER: YES,
	 * another request with credentials leaves now, and the budget begins anew; NO, nobody
	 * answers it, so it is the answer. A further response of the attempt says YES, too; nothing
	 * said until the budget is used up says NO. Too late, and then nothing changes: after an
	 * answer reported with NO, after the verdicts LATE and STOP, after `timeout`. */
	void (*retrying)(void *ctx, uint64_t attempt, uint32_t retrying);
};

/* Does this host have a function that came later? */
#define FAILOVER_HOST_HAS(host, member)                                                            \
	((host)->size >= offsetof(struct failover_host, member) + sizeof((host)->member) &&        \
	 (host)->member)

/* Addresses that begin with the same `prefix` bits. */
struct failover_network {
	uint8_t address[16]; /* as in a target; the bits after the prefix are zero */
	uint8_t family;	     /* 4 or 6 */
	uint8_t prefix;	     /* 0..32, 0..128 */
	uint8_t reserved[6];
};

/* What a plugin is opened with. Pointers are valid until open returns. */
struct failover_open_params {
	uint32_t size;
	uint32_t accept_any; /* 0: requests from configured targets only (accept_from) */
	struct failover_target
		listen;		/* local address; port 0 = any; all zero address = the route's. That
				 * of IPv6 serves IPv4 too; ERR_UNSUPPORTED where the stack cannot */
	const char *user_agent; /* NULL = the plugin's own */
	const char *tls_ca_file, *tls_cert_file, *tls_key_file; /* NULL = none */
	uint32_t tls_verify;
	uint32_t reserved;
	/* Of a caller whose `size` covers them; else none. */
	const struct failover_network *accept; /* requests from there too (accept_from, B21) */
	uint32_t accept_count;
	uint32_t reserved2;
	/* Came later, too: what names this device for good, a serial number: its instance (RFC 5626
	 * 4.1) is made of it. NULL = of the system's machine-id. */
	const char *device;
	/* Came later: of the program that opens the stack, for a plugin of its own; its endpoint,
	 * say. The library hands it on and looks at nothing of it. NULL = none. */
	void *user;
};

/* Do these parameters have a member that came later? The first version ends with `reserved`. */
#define FAILOVER_OPEN_HAS(params, member)                                                          \
	((params)->size >= offsetof(struct failover_open_params, member) + sizeof((params)->member))

struct failover_plugin {
	uint32_t abi;	       /* FAILOVER_PLUGIN_ABI */
	uint32_t size;	       /* sizeof(struct failover_plugin) */
	const char *id;	       /* short name, as in `stack = osip2` */
	const char *version;   /* of the plugin */
	const char *stack;     /* the stack and its version */
	const char *license;   /* SPDX */
	uint64_t capabilities; /* enum failover_capability */
	/* Make an instance. Required. Returns 0 and *inst, or a negative error and nothing kept. */
	int (*open)(const struct failover_host *host, const struct failover_open_params *params,
		    void **inst);
	/* End it: no call to the host table after this. Required. */
	void (*close)(void *inst);
	/* Start this request at exactly this target. Required. Returns 0 or a negative error.
	 * ERR_IO (no way out to there) counts as unreachable (ICMP), and ERR_UNSUPPORTED (a family
	 * or transport that the stack lacks) has its own reason; with both the next target is
	 * tried. Any other error is not the target's fault: the request fails with REASON_LOCAL, no
	 * move, nothing learnt. A reason that the plugin has reported before it returns stands. */
	int (*send)(void *inst, const struct failover_attempt *attempt);
	/* Stop this attempt; reason is enum failover_abandon. Required. An INVITE is kept as late
	 * until 64*T1 after its first packet (B7a). An unknown id is no error. Returns 0, or 1 when
	 * the stack cannot stop it: its packets and answers are then ignored. */
	int (*timeout)(void *inst, uint64_t attempt, uint32_t reason);
	/* The request has ended. Required. */
	void (*response)(void *inst, const struct failover_result *result);
	/* A further interface of the plugin (ext/), or NULL. May itself be NULL. */
	const void *(*get_extension)(const char *id);
};

#if defined(__GNUC__)
#define FAILOVER_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define FAILOVER_PLUGIN_EXPORT
#endif

#ifdef __cplusplus
}
#endif
#endif
