/* SPDX-License-Identifier: MIT */
/* resolve.h - domain names of the configuration to addresses. */
#ifndef PHONE_RESOLVE_H
#define PHONE_RESOLVE_H

#include <failover/config.h>

/* failover_config_resolve by the system's resolver: A and AAAA records. Blocks while it asks. */
int phone_resolve(void *user, const char *name, uint32_t port, uint32_t transport,
		  struct failover_target *out, uint32_t max);

#endif
