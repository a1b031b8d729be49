/* SPDX-License-Identifier: MIT */
/* trace.h - one line a packet on standard output, for people, tests and the demo's ladder. */
#ifndef SERVER_TRACE_H
#define SERVER_TRACE_H

#include "peer.h"
#include "sip.h"

#include <stdbool.h>
#include <stdint.h>

#define TRACE_WORD_MAX 256

struct trace {
	int64_t started_ms;
	bool quiet;
};

/* Milliseconds of the monotonic clock. */
int64_t clock_ms(void);
void trace_start(struct trace *trace, bool quiet);
/* A word of a hostile packet, cut and made harmless for a terminal. Returns buf, or "-". */
const char *trace_word(const char *text, char buf[TRACE_WORD_MAX]);
/* arrow is "<-" or "->"; note may be NULL. What came from the network is printed harmlessly. */
void trace_packet(const struct trace *trace, const char *arrow, const struct sip_msg *msg,
		  const struct peer *peer, const char *note);
/* "T -- note": a command has taken effect. */
void trace_note(const struct trace *trace, const char *note);

#endif
