/* SPDX-License-Identifier: MIT */
/*
 * hop.h - where the URI of a Route or a Contact sends a request (RFC 3261 8.1.2, RFC 3263). Nothing
 * is asked of DNS here: a number is its own address, a name is known if the configuration has it.
 */
#ifndef UA_HOP_H
#define UA_HOP_H

#include "account.h"
#include "value.h"
#include "writer.h"

/* Read the sip: or sips: URI of a value of Route, or one that stands alone. Each returns 0, or -1:
 * it is none. */
int ua_hop_read_route(const char *value, struct ua_value_uri *uri);
int ua_hop_read_uri(const char *text, struct ua_value_uri *uri);
/* As a Request-URI: without method and headers (RFC 3261 19.1.5). */
void ua_hop_write_uri(const struct ua_value_uri *uri, struct ua_writer *writer);
/* A host that is a number, IPv6 with brackets or without: address and family of *out. Returns 0 or
 * FAILOVER_ERR_UNSUPPORTED. */
int ua_hop_number(struct ua_part host, struct failover_target *out);
/* Is this target meant: by its number, or by the name that the configuration has for it? */
int ua_hop_is(const struct ua_account *account, const struct ua_value_uri *uri,
	      const struct failover_target *target);
/* The place that it names, which may be `target` itself; caller: who began the dialog by a request
 * from there, or NULL. Returns 0; or FAILOVER_ERR_UNSUPPORTED and `target`: it is not known, or not
 * to be reached beside that. */
int ua_hop_find(const struct ua_account *account, const struct ua_value_uri *uri,
		const struct failover_target *target, const struct failover_target *caller,
		struct failover_target *out);

#endif
