/* SPDX-License-Identifier: MIT */
/*
 * wire.h - libfailover-wire: failover below the transactions of a SIP stack. Bytes in, bytes out.
 *
 * A stack hands over each message that it would send. A request goes to the server that the line
 * uses, is repeated, moves to the next server when that one is unavailable, and its answer comes
 * back as if the first server had given it: with the branch of the stack. Call-ID, tags, CSeq and
 * body are the same at each server (B7). Answers that come too late are tidied up (B7a) or taken
 * (B7b). The stack keeps its transactions, dialogs, credentials of calls, and media.
 *
 * The loop of a host, which has the sockets:
 *     failover_wire_handle_timeout(wire, now);
 *     while (failover_wire_poll(wire, &output))
 *             if (output.kind == FAILOVER_WIRE_TO_NETWORK) ... send it to output.peer
 *             else ... give it to the stack, as come from output.peer
 *     sleep until failover_wire_next_deadline(wire), or until a message comes
 *
 * What comes from the stack goes to failover_wire_send(), what comes from the network to
 * failover_wire_received(). After each call here, and after each call of the engine, the outputs
 * are taken. Before the stack's request failover_line_add() and failover_wire_line_set() have made
 * the line.
 *
 * REGISTER: the stack's first one tells the Contact, and the library registers by itself from then
 * on, at whichever server serves, with the credentials of the line's identity. The stack's
 * REGISTERs are answered with what it has come to; Expires 0 ends the registration. Where the
 * identity has no password, 401 and 407 reach the stack, and the library registers with the
 * credentials that the stack's next REGISTER brings: then the line moves by itself only to servers
 * that want none. Other requests pass through, and what they are challenged for the stack answers.
 *
 * Rules: one engine = one wire = one thread; no function may be called from `event`. `now` is
 * milliseconds of a monotonic clock. What is taken from failover_wire_poll() reaches the stack:
 * nothing is repeated on that way but what the network repeats. Every function returns 0 or a
 * negative enum failover_error if nothing else is said, and an error leaves everything as it was.
 */
#ifndef FAILOVER_WIRE_H
#define FAILOVER_WIRE_H

#include <failover/ext/line.h>
#include <failover/failover.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAILOVER_WIRE_MESSAGE_MAX 16000u /* longest message of a stack, in bytes */
#define FAILOVER_WIRE_LIMIT_WAITING 256u /* requests of a line that wait for room in the core */
#define FAILOVER_WIRE_LIMIT_OUTPUTS 4096u
#define FAILOVER_WIRE_LIMIT_DIALOGS 65536u

struct failover_wire;

struct failover_wire_params {
	uint32_t size;
	uint32_t max_dialogs;		/* whose targets are remembered (B9); 0 = 8192 */
	struct failover_engine *engine; /* outlives the wire; no other stack is open on it */
	/* Where others reach this device: in the Via of the library's own requests. Of the other
	 * family, or family 0 = there is none. The transport does not matter. */
	struct failover_target local, local_too;
	/* Requests of peers (accept_from, B21): 1 = from anybody, else from targets and these. */
	uint32_t accept_any;
	uint32_t accept_count;
	const struct failover_network *accept; /* copied */
	const char *device;		       /* as in failover_open_params; NULL = the system's */
	void *user; /* first argument of the following, which may be NULL */
	void (*event)(void *user, const struct failover_event *event);
	void (*log)(void *user, uint32_t level, const char *text);
};

/* Make one. Nothing is allocated for a line while nothing is under way. */
FAILOVER_API int failover_wire_new(const struct failover_wire_params *params, uint64_t now,
				   struct failover_wire **wire);
/* End it: nothing more is sent, outputs that were not taken are lost. NULL is allowed. */
FAILOVER_API void failover_wire_free(struct failover_wire *wire);

/* Who a line of the engine is: failover.line/1. `user` must not be empty. Copied. */
FAILOVER_API int failover_wire_line_set(struct failover_wire *wire,
					const struct failover_line_identity *identity,
					uint64_t now);
/* The line's targets, as the engine has them: requests are heard from there. */
FAILOVER_API int failover_wire_line_targets(struct failover_wire *wire, uint32_t line,
					    const struct failover_target *targets, uint32_t count,
					    uint64_t now);
/* Forget it, before failover_line_remove(); its requests are answered 503. */
FAILOVER_API void failover_wire_line_remove(struct failover_wire *wire, uint32_t line,
					    uint64_t now);

/* The stack sends this request, ACK and CANCEL included; one that it repeats is absorbed. The
 * bytes are copied. Of several Vias the topmost is the stack's; those of who is behind it ride
 * along. ERR_ARGUMENT: it cannot be read; ERR_UNSUPPORTED: a topmost Via transport other than UDP,
 * TCP and TLS; ERR_FULL: too many wait, or the outputs are to be taken; ERR_STALE: no such line. */
FAILOVER_API int failover_wire_send(struct failover_wire *wire, uint32_t line, const char *bytes,
				    size_t count, uint64_t now);
/* The stack sends this response to `peer`: the one of the output that brought its request. It
 * leaves unchanged, but for a Content-Length that a connection needs, and its dialog is remembered.
 */
FAILOVER_API int failover_wire_respond(struct failover_wire *wire,
				       const struct failover_target *peer, const char *bytes,
				       size_t count, uint64_t now);
/* A message has come from the network: a datagram, or a whole message of a connection. What nobody
 * waits for is counted and dropped. */
FAILOVER_API int failover_wire_received(struct failover_wire *wire,
					const struct failover_target *from, const char *bytes,
					size_t count, uint64_t now);

/* A 401 or 407 to a request of the stack, and the request that is sent again: a new branch, the
 * next CSeq (RFC 3261 22.2). */
struct failover_wire_challenge {
	uint32_t size;
	uint32_t line;
	const char *method, *uri;    /* of the request; uri: its Request-URI */
	const char *response;	     /* as failover_wire_poll() has given it */
	size_t count;		     /* its bytes */
	struct failover_target peer; /* that of its output */
};

/* For a stack that has no password, and a line that has one: header lines for that request, with an
 * end, in out. Returns their length; 0 = none: the line has no password either, or the realm is not
 * one that is configured, or that a server of the line has used for its REGISTER (B21c). What the
 * stack sends with them goes to no other registrar (B10): a server that the request moves to asks
 * anew. */
FAILOVER_API int failover_wire_credentials(struct failover_wire *wire,
					   const struct failover_wire_challenge *challenge,
					   char *out, size_t size);

/* What the host knows of a packet that did not arrive (B4). */
struct failover_wire_trouble {
	uint32_t size;
	uint32_t reason; /* UDP: ICMP. TCP, TLS: REFUSED, RESET, CONNECT_TIMEOUT, TLS */
	struct failover_target peer;
	uint32_t is_local; /* this system says so: no route, or it refuses to send */
	uint32_t reserved;
	const char *quoted; /* UDP: what the ICMP error quotes of the packet, NULL = nothing */
	size_t quoted_count;
};

/* Who waits for a first answer from there, hears of it. An ICMP error that quotes what was never
 * sent is forged, and changes nothing (B21b). A connection that ends without a request waiting is
 * told as RESET too: a line that is registered over it registers anew. */
FAILOVER_API int failover_wire_trouble(struct failover_wire *wire,
				       const struct failover_wire_trouble *trouble, uint64_t now);

enum failover_wire_output_kind {
	FAILOVER_WIRE_TO_NETWORK = 1, /* send it to exactly this peer, by its transport */
	FAILOVER_WIRE_TO_STACK = 2,   /* a response to its request, or a request of a peer */
};

struct failover_wire_output {
	uint32_t size;
	uint32_t kind; /* enum failover_wire_output_kind */
	uint32_t line; /* 0 = none is known */
	uint32_t reserved;
	struct failover_target peer; /* whereto; TO_STACK: where it has come from */
	const char *bytes;	     /* bytes[count] is zero; valid until the next call here */
	size_t count;
};

/* Take the next output; returns 1, or 0 when there is none. */
FAILOVER_API int failover_wire_poll(struct failover_wire *wire, struct failover_wire_output *out);
/* Do what is due at `now`, the engine's timers too, and what calls of the engine have left to do.
 */
FAILOVER_API void failover_wire_handle_timeout(struct failover_wire *wire, uint64_t now);
/* When that is wanted next; UINT64_MAX = never. */
FAILOVER_API uint64_t failover_wire_next_deadline(const struct failover_wire *wire);

struct failover_wire_statistics {
	uint32_t size;
	uint32_t requests;  /* of the stack, kept now */
	uint32_t legs;	    /* client transactions now, late ones too */
	uint32_t dialogs;   /* remembered now */
	uint64_t repeated;  /* requests of the stack that were absorbed */
	uint64_t refused;   /* requests of the stack that could not be taken */
	uint64_t forgotten; /* dialogs that had to make room */
	uint64_t garbage;   /* from the network: not SIP, or it cannot be read */
	uint64_t unmatched; /* from the network: answers to nothing */
	uint64_t foreign;   /* from the network: requests that nobody may send (B21) */
	uint64_t forged;    /* ICMP errors that quote what was never sent */
	uint64_t looped;    /* from the network: our own requests */
	uint64_t lost;	    /* outputs that there was no memory for */
};
FAILOVER_API void failover_wire_statistics(const struct failover_wire *wire,
					   struct failover_wire_statistics *out);

#ifdef __cplusplus
}
#endif
#endif
