/* SPDX-License-Identifier: MIT */
/* exchange.h - a request at hand and where its answer goes. */
#ifndef SERVER_EXCHANGE_H
#define SERVER_EXCHANGE_H

#include "peer.h"
#include "sip.h"

struct server;

struct exchange {
	struct sip_msg request; /* who keeps the exchange takes request.osip and leaves NULL */
	struct peer source;
	struct peer reply_to;
};

#endif
