/* SPDX-License-Identifier: MIT */
/* redirect.c - redirections of a call (RFC 3261 8.1.3.4): see redirect.h. */
#include <stdlib.h>
#include <string.h>
#include "hop.h"
#include "raw.h"
#include "redirect.h"
#include "send.h"

#define Q_MOST 1000u

int ua_redirect_is(const struct ua_view *response)
{
	return response->status >= 300 && response->status <= 302;
}

const char *ua_redirect_now(const struct ua_redirects *redirects)
{
	return redirects->tried ? redirects->uris[redirects->tried - 1] : NULL;
}

const char *ua_redirect_next(struct ua_redirects *redirects)
{
	if (redirects->tried == redirects->count)
		return NULL;
	redirects->tried++;
	return ua_redirect_now(redirects);
}

void ua_redirect_clear(struct ua_redirects *redirects)
{
	uint32_t i;

	for (i = 0; i < redirects->count; i++)
		free(redirects->uris[i]);
	free(redirects->dialled);
	memset(redirects, 0, sizeof(*redirects));
}

/* RFC 3261 20.10: 0 to 1 with three digits, 1 if not given. In thousandths. */
static uint32_t preference(const struct ua_value_address *address)
{
	struct ua_part q;
	uint32_t value = 0, weight = Q_MOST / 10;
	size_t i;

	if (!ua_value_param(address->params, "q", &q) || !q.length || q.text[0] != '0')
		return Q_MOST;
	for (i = 2; i < q.length && q.text[i] >= '0' && q.text[i] <= '9'; i++, weight /= 10)
		value += (uint32_t)(q.text[i] - '0') * weight;
	return value;
}

/* RFC 3261 19.1.5: neither method nor headers go into a Request-URI. */
static int write_uri(const struct ua_value_address *address, char out[UA_URI_MAX])
{
	struct ua_value_uri uri;
	struct ua_writer writer;

	if (ua_value_uri(address->uri, &uri) || !uri.host.length ||
	    !ua_part_like(uri.scheme, "sip"))
		return FAILOVER_ERR_UNSUPPORTED;
	ua_writer_init(&writer, out, UA_URI_MAX);
	ua_hop_write_uri(&uri, &writer);
	return ua_text_has_control(out) ? FAILOVER_ERR_ARGUMENT : ua_writer_error(&writer);
}

static int is_known(const struct ua_redirects *redirects, const char *uri)
{
	uint32_t i;

	for (i = 0; i < redirects->count; i++)
		if (!strcmp(redirects->uris[i], uri))
			return 1;
	return !strcmp(redirects->dialled, uri);
}

/* Behind those of this response that are preferred as much. */
static void insert(struct ua_redirects *redirects, uint32_t *preferences, char *uri, uint32_t q)
{
	uint32_t at = redirects->count;

	for (; at > redirects->tried && preferences[at - 1] < q; at--) {
		redirects->uris[at] = redirects->uris[at - 1];
		preferences[at] = preferences[at - 1];
	}
	redirects->uris[at] = uri;
	preferences[at] = q;
	redirects->count++;
}

void ua_redirect_take(struct ua_redirects *redirects, const struct ua_view *response,
		      const char *called)
{
	uint32_t preferences[UA_REDIRECTS_MAX], i, at = 0;
	struct ua_value_address address;
	char uri[UA_URI_MAX], *kept;
	const char *value;

	if (!redirects->dialled)
		redirects->dialled = strdup(called);
	if (!redirects->dialled)
		return;
	for (i = 0; i < redirects->count; i++)
		preferences[i] = Q_MOST; /* what is left of an earlier one comes first */
	while (response->raw && redirects->count < UA_REDIRECTS_MAX &&
	       (value = ua_raw_next(response->raw, UA_RAW_CONTACT, &at))) {
		if (ua_value_address(value, &address) || write_uri(&address, uri) ||
		    is_known(redirects, uri))
			continue;
		kept = strdup(uri);
		if (kept)
			insert(redirects, preferences, kept, preference(&address));
	}
}
