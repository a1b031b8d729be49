/* SPDX-License-Identifier: MIT */
/*
 * stream.h - libre's TCP and TLS connections as a driver of ../../ua/net/stream.h.
 *
 * Whatever goes wrong with one is told from a timer, so libre's handlers never free the connection
 * that they are called for.
 */
#ifndef FO_RE_STREAM_H
#define FO_RE_STREAM_H

#include "re.h"

/* Files that cannot be used are told at once; without any, the system's certificates are read when
 * the first TLS connection is made. Returns 0 or a negative error. */
int fo_re_streams_open(struct fo_re *ua, const struct failover_open_params *params);
/* At close, and after an open that failed. */
void fo_re_streams_close(struct fo_re *ua);
/* A connection of a peer has come in on the listening socket; arg is the instance. */
void fo_re_stream_accept(const struct sa *from, void *arg);

#endif
