/* SPDX-License-Identifier: MIT */
/* overload.c - see overload.h. The loss-based algorithm (RFC 7339 7), which every server knows. */
#include <stdlib.h>
#include <string.h>
#include "overload.h"
#include "raw.h"
#include "value.h"

#define VALIDITY_MS 500u	 /* RFC 7339 4.3: where none is given */
#define VALIDITY_MOST_MS 600000u /* no server silences a phone for long */
#define SEQ_DIGITS 6u
#define SEQ_MOST UINT32_MAX

/* ---- what is said ------------------------------------------------------------------------- */

/* "1282321615.782" in millionths (RFC 7339 4.4). Returns 0, or -1 if it cannot be read. */
static int read_seq(struct ua_part text, uint64_t *out)
{
	uint64_t seconds = 0, rest = 0;
	size_t at = 0, digits = 0;

	for (; at < text.length && text.text[at] >= '0' && text.text[at] <= '9'; at++)
		if (seconds <= SEQ_MOST)
			seconds = seconds * 10 + (uint64_t)(text.text[at] - '0');
	if (!at || seconds > SEQ_MOST)
		return -1;
	if (at < text.length && text.text[at++] != '.')
		return -1;
	for (; at < text.length && text.text[at] >= '0' && text.text[at] <= '9'; at++)
		if (digits < SEQ_DIGITS) {
			rest = rest * 10 + (uint64_t)(text.text[at] - '0');
			digits++;
		}
	for (; digits < SEQ_DIGITS; digits++)
		rest *= 10;
	*out = seconds * 1000000 + rest;
	return at == text.length ? 0 : -1;
}

/* Returns 0 if it says something that is understood: a server that knows nothing of it gives `oc`
 * back as it was, without a value. */
static int read_said(const char *params, struct ua_overload *out, uint32_t *validity_ms)
{
	struct ua_part part;

	memset(out, 0, sizeof(*out));
	*validity_ms = VALIDITY_MS;
	if (!ua_value_param(params, "oc", &part) || !part.text ||
	    ua_part_number(part, 101, &out->percent) || out->percent > 100)
		return -1;
	if (ua_value_param(params, "oc-algo", &part) && part.text && !ua_part_like(part, "loss"))
		return -1;
	if (ua_value_param(params, "oc-validity", &part) && part.text &&
	    ua_part_number(part, VALIDITY_MOST_MS, validity_ms))
		return -1;
	if (ua_value_param(params, "oc-seq", &part) && part.text && read_seq(part, &out->seq))
		return -1;
	return 0;
}

/* ---- what is kept ------------------------------------------------------------------------- */

static int is_of(const struct ua_overload *is, const struct failover_target *target)
{
	return is->target.family && is->target.transport == target->transport &&
	       ua_address_same(&is->target, target);
}

/* Its place, or NULL. */
static struct ua_overload *find(const struct ua *ua, const struct failover_target *target)
{
	uint32_t i;

	for (i = 0; ua->overloads && i < UA_OVERLOADS_MAX; i++)
		if (is_of(&ua->overloads[i], target))
			return &ua->overloads[i];
	return NULL;
}

/* The same, or the one that ends first makes room. NULL = no memory: then nothing is left out. */
static struct ua_overload *place(struct ua *ua, const struct failover_target *target)
{
	struct ua_overload *is = find(ua, target);
	uint32_t i;

	if (is)
		return is;
	if (!ua->overloads)
		ua->overloads = calloc(UA_OVERLOADS_MAX, sizeof(*ua->overloads));
	if (!ua->overloads)
		return NULL;
	is = ua->overloads;
	for (i = 1; i < UA_OVERLOADS_MAX; i++)
		if (ua->overloads[i].until < is->until)
			is = &ua->overloads[i];
	memset(is, 0, sizeof(*is));
	return is;
}

void ua_overload_heard(const struct ua_client *client, const struct ua_view *response)
{
	const char *via = response->raw ? ua_raw_first(response->raw, UA_RAW_VIA) : NULL;
	struct ua_overload said, *is;
	struct ua_value_via value;
	uint32_t validity_ms;

	if (!client->request->overload || !via || ua_value_via(via, &value) ||
	    read_said(value.params, &said, &validity_ms))
		return;
	is = find(client->ua, &client->attempt.target);
	if (!is && (!said.percent || !validity_ms)) /* there is nothing to end */
		return;
	if (is && said.seq && said.seq <= is->seq) /* RFC 7339 4.4: an older one was overtaken */
		return;
	is = place(client->ua, &client->attempt.target);
	if (!is)
		return;
	said.target = client->attempt.target;
	said.until = ua_now(client->ua) + validity_ms;
	*is = said;
}

/* ---- what is left out --------------------------------------------------------------------- */

/* RFC 7339 5.10.1: a call for help (B36), what is in a dialog, and what keeps the line there, go.
 */
static int is_spared(const struct failover_attempt *attempt)
{
	return (attempt->method != FAILOVER_INVITE && attempt->method != FAILOVER_OTHER) ||
	       (attempt->flags & (FAILOVER_ATTEMPT_IN_DIALOG | FAILOVER_ATTEMPT_EMERGENCY));
}

int ua_overload_holds(struct ua *ua, const struct ua_account *account,
		      const struct failover_attempt *attempt)
{
	const struct ua_overload *is = find(ua, &attempt->target);
	uint32_t number = 0;
	char text[UA_ADDRESS_TEXT];

	if (!is || !account->overload || is->until <= ua_now(ua) || is_spared(attempt) ||
	    ua->host->random(ua->host->ctx, &number, sizeof(number)) ||
	    (uint64_t)number * 100 >> 32 >= is->percent)
		return 0;
	ua_log(ua, FAILOVER_LOG_INFO, "%s is overloaded and leaves out %u %% of the requests",
	       ua_address_text(&attempt->target, text), (unsigned)is->percent);
	return 1;
}
