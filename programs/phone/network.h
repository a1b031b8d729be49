/* SPDX-License-Identifier: MIT */
/* network.h - the device's network changes: links, addresses, routes (Linux: NETLINK_ROUTE). */
#ifndef PHONE_NETWORK_H
#define PHONE_NETWORK_H

#include <stdint.h>

struct phone_network;

/* NULL where the system does not tell: no change is noticed then. */
struct phone_network *phone_network_open(void);
void phone_network_close(struct phone_network *network);
/* To be read; -1 when there is none. Allowed on NULL, like all that follow. */
int phone_network_fd(const struct phone_network *network);
/* There is something to read. */
void phone_network_read(struct phone_network *network, uint64_t now);
/* When to ask phone_network_changed(); UINT64_MAX = not at all. */
uint64_t phone_network_deadline(const struct phone_network *network);
/* Has it settled, and is it another one than before? Tells each change once. */
int phone_network_changed(struct phone_network *network, uint64_t now);

#endif
