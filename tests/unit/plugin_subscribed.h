/* SPDX-License-Identifier: MIT */
/* plugin_subscribed.h - a line of the bench that is subscribed to something (B40). */
#ifndef PLUGIN_SUBSCRIBED_H
#define PLUGIN_SUBSCRIBED_H

#include "plugin_bench.h"

#define MWI "message-summary"
#define SUMMARY "Messages-Waiting: yes\r\nVoice-Message: 2/8\r\n"
#define NOTIFY_HEADERS                                                                             \
	"Event: message-summary\r\nSubscription-State: active;expires=3000\r\n"                    \
	"Content-Type: application/simple-message-summary\r\n"

extern const char *const bench_mwi[1];

/* Peer `peer` serves the line from now on, -1 = nobody does. */
void bench_serve(struct bench *bench, int peer, uint32_t spread_ms);
void bench_subscribe(struct bench *bench, const char *const *what, uint32_t count);
/* What is due goes to this peer, as the core would send it; `text` is the SUBSCRIBE. */
void bench_send_due(struct bench *bench, int peer, uint64_t id, char *text);
/* A bench whose line wants to hear of messages; peer 0 serves it, and SUBSCRIBE is due. */
void bench_open_served(struct bench *bench);
/* Subscribed at peer 0 for an hour; `text` is the SUBSCRIBE. */
void bench_open_active(struct bench *bench, char *text);
/* The SUBSCRIBE whose attempt was `id` has ended without an answer. */
void bench_no_answer(struct bench *bench, uint64_t id);
/* A NOTIFY in the dialog of this SUBSCRIBE. */
void bench_notify(struct bench *bench, int peer, const char *subscribe, unsigned cseq,
		  const char *headers, const char *body);

#endif
