/* SPDX-License-Identifier: MIT */
/*
 * sim.h - failover.sim/1: the simulated SIP stack, network, servers and clock.
 *
 * The plugin "sim" makes no call to the operating system: its time is a number, its packets are
 * structs, its chance is one seeded generator, so a run is the same byte for byte each time. The
 * loop of a host:
 *
 *     now = min(failover_next_deadline(engine), sim->next(inst));
 *     while (sim->step(inst, now))
 *             failover_dispatch(stack);
 *     failover_handle_timeout(engine, now);
 *     failover_dispatch(stack);
 *
 * with failover_stack_params.now returning sim->now(inst). Linked in, its descriptor is
 * failover_sim_plugin; as a module it is failover_plugin_entry. Times are ms if not said otherwise;
 * every function runs on the engine's thread.
 */
#ifndef FAILOVER_SIM_H
#define FAILOVER_SIM_H

#include <failover/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAILOVER_EXT_SIM "failover.sim/1"

/* A method beyond enum failover_method: only packets have it. */
#define FAILOVER_SIM_ACK 7u
#define FAILOVER_SIM_METHODS 8u
#define FAILOVER_SIM_REPLIES 6u
#define FAILOVER_SIM_NO_STORE UINT32_MAX

enum failover_sim_packet_kind {
	FAILOVER_SIM_REQUEST = 1,
	FAILOVER_SIM_RESPONSE = 2,
	FAILOVER_SIM_UNREACHABLE = 3, /* ICMP; or what a TCP or TLS connection came to */
};

/* One packet. Ids are numbers where SIP has text; 0 = the header is not there. */
struct failover_sim_packet {
	uint32_t kind; /* enum failover_sim_packet_kind */
	uint32_t line;
	uint32_t server; /* the number server_add gave */
	uint32_t method; /* of the request; of a response its CSeq method */
	uint32_t status;
	uint32_t reason; /* UNREACHABLE: enum failover_reason */
	uint64_t call_id;
	uint64_t branch; /* a CANCEL has that of its INVITE */
	uint32_t cseq;
	uint32_t from_tag, to_tag;
	uint32_t transmission; /* of a request: 1 = the first packet of its transaction */
	uint32_t has_expires;
	uint32_t expires_s; /* asked in a REGISTER, granted in its 2xx */
	uint32_t min_expires_s, retry_after_s;
	uint32_t realm, nonce; /* a challenge, or credentials that answer one */
	uint32_t stale;
	uint32_t attempt_flags; /* of a request: enum failover_attempt_flag, for the observer */
	const char *ruri;	/* of a request; lives as long as the instance */
	struct failover_target target; /* the server's end; the other is the client */
	uint32_t q850;		       /* of a response: it has a Q.850 Reason */
	uint32_t unbound;	       /* of a 2xx to a REGISTER: without the binding */
};

enum failover_sim_mode {
	FAILOVER_SIM_ANSWERS = 0,
	FAILOVER_SIM_SILENT = 1,   /* packets arrive and nothing happens */
	FAILOVER_SIM_NO_ROUTE = 2, /* packets come back as UNREACHABLE with `reason` */
};

/* One response of a script. */
struct failover_sim_reply {
	uint32_t status;   /* 0 = end of the script */
	uint32_t after_ms; /* after the request has arrived */
};

/* What a server does from now on; all zero = it answers every request properly and at once. */
struct failover_sim_behaviour {
	uint32_t size;
	uint32_t mode;		/* enum failover_sim_mode */
	uint32_t reason;	/* NO_ROUTE: enum failover_reason */
	uint32_t delay_ms;	/* added to every answer */
	uint32_t retry_after_s; /* put into every 503 */
	uint32_t challenge;	/* 401 or 407 for requests without good credentials; 0 = none */
	uint32_t realm;		/* of the challenge */
	uint32_t nonce;		/* its current nonce; credentials with another one are stale */
	uint32_t reject;	/* 1: no credentials are good (a wrong password) */
	uint32_t min_expires_s; /* a REGISTER asking for less gets 423 */
	uint32_t max_expires_s; /* the most that is granted; 0 = what is asked */
	uint32_t q850;		/* 1: every 503 has a Q.850 Reason (B22) */
	uint32_t unbound;	/* 1: a 2xx to a REGISTER does not name the binding (B24) */
	uint32_t reserved;
	/* Script per method (enum failover_method); an empty one is a single 200. A final of 200 to
	 * a REGISTER or BYE becomes what the registrar or the dialog makes of it. */
	struct failover_sim_reply replies[FAILOVER_SIM_METHODS][FAILOVER_SIM_REPLIES];
};

/* The way to one server and back; percents are for each direction. */
struct failover_sim_link {
	uint32_t size;
	uint32_t delay_ms;  /* one way */
	uint32_t jitter_ms; /* up to so much more, so packets overtake each other */
	uint32_t loss_percent;
	uint32_t duplicate_percent;
	uint32_t reserved;
};

struct failover_sim_server_params {
	uint32_t size;
	uint32_t store; /* servers with the same number share bindings and dialogs (S 1.1);
			   FAILOVER_SIM_NO_STORE = one of its own */
	uint32_t merge; /* 1: a second leg of an INVITE under way in the store gets 482 (RFC 3261
			   8.2.2.2) */
	uint32_t reserved;
	struct failover_target address; /* address, port and transport count */
};

/* What a server has seen and holds. */
struct failover_sim_server_state {
	uint32_t size;
	uint32_t bindings;   /* that have not expired, of its store */
	uint32_t dialogs;    /* that are up, of its store */
	uint32_t unacked;    /* of these, never ACKed */
	uint64_t requests;   /* new transactions; ACK is none */
	uint64_t invites_up; /* INVITEs answered 2xx */
	uint64_t acked;	     /* of these */
	uint64_t byes;	     /* that ended a dialog */
};

/* What the simulated stack cannot do, to try the core with weak ones. */
enum failover_sim_quirk {
	FAILOVER_SIM_COUNTS_NOTHING = 1u << 0, /* never calls `sent` */
	FAILOVER_SIM_LIMITS_NOTHING = 1u << 1, /* retransmits beyond attempt.transmissions */
	FAILOVER_SIM_STOPS_NOTHING = 1u << 2,  /* `timeout` cannot stop REGISTER and BYE */
	FAILOVER_SIM_HEARS_NO_ICMP = 1u << 3,
};

/* Called for a request when it leaves the client (lost later or not), and for a response or
 * UNREACHABLE when it arrives at the client. */
typedef void failover_sim_observer(void *user, const struct failover_sim_packet *packet);

struct failover_ext_sim {
	uint32_t size;
	uint32_t reserved;
	/* Start the generator anew; before the first request. */
	void (*seed)(void *inst, uint64_t seed);
	void (*quirks)(void *inst, uint32_t quirks); /* enum failover_sim_quirk */
	void (*observe)(void *inst, failover_sim_observer *observer, void *user);

	uint64_t (*now)(void *inst);
	/* When the next event is due; UINT64_MAX = none. */
	uint64_t (*next)(void *inst);
	/* Set the clock to now (never back); do one event that is due. Returns 1, 0 = none was. */
	int (*step)(void *inst, uint64_t now);

	/* A server at an address. Returns 0 and its number, or a negative error (STATE: taken). */
	int (*server_add)(void *inst, const struct failover_sim_server_params *params,
			  uint32_t *server);
	/* Change it; requests that have arrived already are still answered as before, except that
	 * a server that is not ANSWERS sends nothing. */
	int (*server_set)(void *inst, uint32_t server,
			  const struct failover_sim_behaviour *behaviour);
	int (*server_get)(void *inst, uint32_t server, struct failover_sim_behaviour *out);
	int (*link_set)(void *inst, uint32_t server, const struct failover_sim_link *link);
	int (*server_state)(void *inst, uint32_t server, struct failover_sim_server_state *out);
	/* Its store loses bindings and dialogs, as in a restart. */
	int (*server_forget)(void *inst, uint32_t server);
	/* It sends the line a request of its own; the stack calls `heard` on arrival. */
	int (*server_calls)(void *inst, uint32_t server, uint32_t line);
	/* It closes the connection of this line (not of UDP). On arrival the stack calls `lost` for
	 * what is registered over it, and `unreachable` for the requests that wait on it. */
	int (*server_closes)(void *inst, uint32_t server, uint32_t line);

	/* Calls that are up at a server and that the client knows nothing of (B7a): should be 0
	 * whenever no packet is under way. Looks at every dialog. */
	uint32_t (*ghosts)(void *inst);
	/* Calls that are up at the client. */
	uint32_t (*calls)(void *inst);
	/* A packet as one line of text, for traces; returns buffer. */
	const char *(*text)(const struct failover_sim_packet *packet, char *buffer, size_t size);
};

/* The descriptor when it is linked in. */
extern const struct failover_plugin failover_sim_plugin;

#ifdef __cplusplus
}
#endif
#endif
