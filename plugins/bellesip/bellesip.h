/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bellesip.h - what the files of the belle-sip plugin share.
 *
 * belle-sip parses URIs; the rest is the shared user agent's (../../ua/net/adapter.h). Its
 * sockets, transactions and provider are not used; README.md says why.
 *
 *   plugin.c        descriptor, life               message.c     URIs of requests
 */
#ifndef FO_BELLESIP_H
#define FO_BELLESIP_H

#include <stddef.h>
#include <belle-sip/belle-sip.h>
#include <failover/plugin.h>
#include "../../ua/net/adapter.h"

#endif
