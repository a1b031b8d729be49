/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * channel.h - belle-sip's side of a connection: its channel, in its event loop.
 *
 * This is the place of belle_sip_provider_t, which would answer CANCEL by itself, add headers, and
 * choose the next hop out of Route and Request-URI.
 */
#ifndef FO_BELLESIP_CHANNEL_H
#define FO_BELLESIP_CHANNEL_H

#include "stream.h"

/* belle-sip's stack, with its listening points that do not listen. Returns 0 or an error. */
int fo_belle_channels_open(struct fo_belle *ua, const struct failover_open_params *params);
void fo_belle_channels_close(struct fo_belle *ua);
/* Are there calls of belle-sip that wait for its loop? */
int fo_belle_channels_are_due(const struct fo_belle *ua);
/* One round of belle-sip's loop; never blocks. */
void fo_belle_channels_run(struct fo_belle *ua);

/* Begin to connect to stream->peer. Returns 0 or an error; what fails later is told from the loop.
 */
int fo_belle_channel_open(struct fo_belle_stream *stream);
/* Take a connection that has come in. Returns 0 or an error: then the descriptor is still ours. */
int fo_belle_channel_accept(struct fo_belle_stream *stream, int fd);
/* Send a message, as soon as the connection is up. Returns 0 or an error. */
int fo_belle_channel_send(struct fo_belle_stream *stream, const char *text, size_t length);
/* CRLF: two are a ping, one is a pong (RFC 5626 3.5.1). */
void fo_belle_channel_crlf(struct fo_belle_stream *stream, uint32_t times);
/* Its descriptor; -1 = none. */
int fo_belle_channel_fd(const struct fo_belle_stream *stream);
/* No more news. */
void fo_belle_channel_close(struct fo_belle_stream *stream);

#endif
