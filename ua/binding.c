/* SPDX-License-Identifier: MIT */
/* binding.c - finds our binding, whatever the NAT or the registrar has made of its URI (B24). */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include "binding.h"
#include "raw.h"
#include "value.h"

#define EXPIRES_MAX_S 604800u
#define SIP_PORT 5060u
#define SIPS_PORT 5061u

/* One Contact. */
struct binding {
	struct ua_value_uri uri;
	struct ua_part transport, instance;
	uint32_t expires_s;
	uint8_t has_expires;
};

/* How sure it is that a binding is ours. */
enum likeness {
	LIKENESS_NONE,
	LIKENESS_USER,	   /* the rest was rewritten */
	LIKENESS_INSTANCE, /* RFC 5626 4.1 */
	LIKENESS_URI,
};

/* ---- reading ------------------------------------------------------------------------------ */

static int read_binding(const char *value, struct binding *out)
{
	struct ua_value_address address;
	struct ua_part expires;

	memset(out, 0, sizeof(*out));
	if (ua_value_address(value, &address) || ua_value_uri(address.uri, &out->uri))
		return -1;
	if (!ua_part_like(out->uri.scheme, "sip") && !ua_part_like(out->uri.scheme, "sips"))
		return -1;
	(void)ua_value_param(address.params, "+sip.instance", &out->instance);
	(void)ua_value_param(address.params, "expires", &expires);
	out->has_expires = !ua_part_number(expires, EXPIRES_MAX_S, &out->expires_s);
	(void)ua_value_uri_param(&out->uri, "transport", &out->transport);
	return 0;
}

/* ---- comparing (RFC 3261 19.1.4) ---------------------------------------------------------- */

/* What a URI without the parameter means. */
static int is_transport(struct ua_part part, const char *name)
{
	return part.text ? ua_part_like(part, name) : !strcmp(name, "udp");
}

static int same_transport(const struct binding *a, const struct binding *b)
{
	const char *const names[] = { "udp", "tcp", "tls" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (is_transport(a->transport, names[i]) || is_transport(b->transport, names[i]))
			return is_transport(a->transport, names[i]) &&
			       is_transport(b->transport, names[i]);
	return 0;
}

static uint32_t port_of(const struct binding *binding)
{
	if (binding->uri.port)
		return binding->uri.port;
	return is_transport(binding->transport, "tls") ? SIPS_PORT : SIP_PORT;
}

/* IPv6 may be written in many ways, with its brackets or without. */
static int read_ipv6(struct ua_part host, struct in6_addr *out)
{
	char text[INET6_ADDRSTRLEN + 2];
	size_t skip = host.length && host.text[0] == '[';

	if (host.length >= sizeof(text) || host.length < 2 * skip)
		return 0;
	memcpy(text, host.text + skip, host.length - 2 * skip);
	text[host.length - 2 * skip] = '\0';
	return inet_pton(AF_INET6, text, out) == 1;
}

static int same_host(struct ua_part a, struct ua_part b)
{
	struct in6_addr one, other;

	if (read_ipv6(a, &one) && read_ipv6(b, &other))
		return !memcmp(&one, &other, sizeof(one));
	return a.length == b.length && !strncasecmp(a.text, b.text, a.length);
}

static int same_user(const struct binding *a, const struct binding *b)
{
	return ua_part_same_unescaped(a->uri.user, b->uri.user);
}

static enum likeness likeness_of(const struct binding *binding, const struct binding *own)
{
	if (same_user(binding, own) && same_host(binding->uri.host, own->uri.host) &&
	    port_of(binding) == port_of(own) && same_transport(binding, own))
		return LIKENESS_URI;
	if (binding->instance.text && own->instance.text &&
	    binding->instance.length == own->instance.length &&
	    !strncasecmp(binding->instance.text, own->instance.text, own->instance.length))
		return LIKENESS_INSTANCE;
	/* Another instance's is not ours, whoever its user is. */
	if (binding->instance.text && own->instance.text)
		return LIKENESS_NONE;
	return same_user(binding, own) && same_transport(binding, own) ? LIKENESS_USER
								       : LIKENESS_NONE;
}

/* ---- granted ------------------------------------------------------------------------------ */

/* What all bindings say together. */
struct verdict {
	enum likeness best;
	struct binding ours; /* if best is not NONE */
	uint32_t alike;	     /* so many are as good as that */
	uint32_t count;
	uint32_t least_s; /* not zero, of all; 0 = none says so */
};

static void look_at(struct verdict *verdict, const struct binding *binding,
		    const struct binding *own)
{
	enum likeness like = likeness_of(binding, own);

	verdict->count++;
	if (binding->has_expires && binding->expires_s &&
	    (!verdict->least_s || binding->expires_s < verdict->least_s))
		verdict->least_s = binding->expires_s;
	if (like > verdict->best || verdict->count == 1) {
		verdict->best = like;
		verdict->ours = *binding;
		verdict->alike = 1;
	} else if (like == verdict->best) {
		verdict->alike++;
	}
}

/* If there is one, it is ours; a user alone may be another phone's, too. */
static int is_found(const struct verdict *verdict)
{
	return verdict->count == 1 || verdict->best >= LIKENESS_INSTANCE ||
	       (verdict->best == LIKENESS_USER && verdict->alike == 1);
}

uint32_t ua_binding_granted(const struct ua_client *client, const struct ua_view *response)
{
	struct verdict verdict = { .best = LIKENESS_NONE };
	struct binding own, other;
	const char *value;
	uint32_t at = 0, seconds = 0;

	if (!response->raw || read_binding(client->request->contact, &own))
		return client->attempt.expires_s;
	while ((value = ua_raw_next(response->raw, UA_RAW_CONTACT, &at)))
		if (!read_binding(value, &other))
			look_at(&verdict, &other, &own);
	if (is_found(&verdict) && verdict.ours.has_expires)
		return verdict.ours.expires_s;
	if (response->expires && !ua_text_number(response->expires, EXPIRES_MAX_S, &seconds))
		return seconds;
	if (verdict.count && !is_found(&verdict) && verdict.least_s)
		return verdict.least_s;
	return client->attempt.expires_s;
}
