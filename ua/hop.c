/* SPDX-License-Identifier: MIT */
/* hop.c - see hop.h. */
#include <string.h>
#include <strings.h>
#include "hop.h"

#define SIP_PORT 5060u
#define SIPS_PORT 5061u

/* ---- what it says ------------------------------------------------------------------------- */

static int transport_of(const struct ua_value_uri *uri, uint8_t *out)
{
	struct ua_part value;

	*out = ua_part_like(uri->scheme, "sips") ? FAILOVER_TLS : FAILOVER_UDP;
	if (!ua_value_uri_param(uri, "transport", &value) || ua_part_like(value, "udp"))
		return FAILOVER_OK;
	if (ua_part_like(value, "tls"))
		*out = FAILOVER_TLS;
	else if (ua_part_like(value, "tcp"))
		*out = *out == FAILOVER_TLS ? FAILOVER_TLS : FAILOVER_TCP;
	else
		return FAILOVER_ERR_UNSUPPORTED;
	return FAILOVER_OK;
}

int ua_hop_number(struct ua_part host, struct failover_target *out)
{
	char text[UA_ADDRESS_TEXT];
	struct failover_target number;
	size_t bracket = host.length > 2 && host.text[0] == '[';

	if (host.length - 2 * bracket >= sizeof(text))
		return FAILOVER_ERR_UNSUPPORTED;
	memcpy(text, host.text + bracket, host.length - 2 * bracket);
	text[host.length - 2 * bracket] = '\0';
	if (ua_address_read(text, &number) || (bracket && number.family != 6))
		return FAILOVER_ERR_UNSUPPORTED;
	memcpy(out->address, number.address, sizeof(out->address));
	out->family = number.family;
	return FAILOVER_OK;
}

/* RFC 3261 19.1.1: maddr is where it is to go. */
static int read_place(const struct ua_value_uri *uri, struct failover_target *out)
{
	struct ua_part host;
	int error = transport_of(uri, &out->transport);

	if (!ua_value_uri_param(uri, "maddr", &host) || !host.length)
		host = uri->host;
	if (!error)
		error = ua_hop_number(host, out);
	out->scope_id = 0;
	out->port = (uint16_t)uri->port;
	if (!uri->port)
		out->port = out->transport == FAILOVER_TLS ? SIPS_PORT : SIP_PORT;
	return error;
}

int ua_hop_read_uri(const char *text, struct ua_value_uri *uri)
{
	struct ua_part part = { text, strlen(text) };

	return ua_value_uri(part, uri) || !uri->host.length ? -1 : 0;
}

int ua_hop_read_route(const char *value, struct ua_value_uri *uri)
{
	struct ua_value_address address;

	return ua_value_address(value, &address) || ua_value_uri(address.uri, uri) ||
			       !uri->host.length
		       ? -1
		       : 0;
}

void ua_hop_write_uri(const struct ua_value_uri *uri, struct ua_writer *writer)
{
	const char *at = uri->params.text, *end = at + uri->params.length, *next;

	ua_writer_add(writer, "%.*s", (int)(at - uri->scheme.text), uri->scheme.text);
	for (; at < end; at = next) {
		next = memchr(at + 1, ';', (size_t)(end - at - 1));
		next = next ? next : end;
		if (strncasecmp(at, ";method=", 8) != 0)
			ua_writer_add(writer, "%.*s", (int)(next - at), at);
	}
}

/* ---- what it means ------------------------------------------------------------------------ */

int ua_hop_is(const struct ua_account *account, const struct ua_value_uri *uri,
	      const struct failover_target *target)
{
	struct failover_target place = *target;

	if (!read_place(uri, &place)) {
		place.scope_id = target->scope_id; /* means nothing to the peer */
		return ua_address_same(&place, target);
	}
	return ua_part_like(uri->host, ua_account_name(account, target)) &&
	       (!uri->port || uri->port == target->port);
}

static int is_loopback(const struct failover_target *place)
{
	static const uint8_t one[16] = { [15] = 1 };

	return place->family == 4 ? place->address[0] == 127
				  : !memcmp(place->address, one, sizeof(one));
}

/* A peer's word sends no packet to where only this device, or everybody, listens. */
static int is_fit(const struct failover_target *place, const struct failover_target *target)
{
	int first = place->address[0];

	if (ua_address_is_any(place) || (is_loopback(place) && !is_loopback(target)))
		return 0;
	return place->family == 4 ? first && first < 224 : first != 0xff;
}

/* A connection is made to who has made one: it is no place that only a word names. */
static int is_open(const struct failover_target *place, const struct failover_target *caller)
{
	if (place->transport == FAILOVER_UDP)
		return 1;
	return caller && place->transport == FAILOVER_TCP && caller->transport == FAILOVER_TCP &&
	       ua_address_same_host(place, caller);
}

int ua_hop_find(const struct ua_account *account, const struct ua_value_uri *uri,
		const struct failover_target *target, const struct failover_target *caller,
		struct failover_target *out)
{
	struct failover_target place;
	uint32_t i;

	*out = *target;
	if (ua_hop_is(account, uri, target))
		return FAILOVER_OK;
	for (i = 0; i < account->sources_count; i++) {
		*out = account->sources[i].target;
		if (ua_hop_is(account, uri, out))
			return FAILOVER_OK;
	}
	/* What came by TLS goes by nothing less, and a number has no name to verify; a connection
	 * of its own to a place that nobody has configured is not made. */
	place = *target;
	if (target->transport == FAILOVER_TLS || read_place(uri, &place) ||
	    !is_open(&place, caller) || !is_fit(&place, target)) {
		*out = *target;
		return FAILOVER_ERR_UNSUPPORTED;
	}
	*out = place;
	return FAILOVER_OK;
}
