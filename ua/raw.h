/* SPDX-License-Identifier: MIT */
/*
 * raw.h - a message as it came: start line and headers, cut and unfolded, before any stack's parser
 * has made something else of them. Bounded by the length of the message; hostile bytes end in an
 * error, or in a header that is left out (B22d).
 *
 * Folds and TABs become blanks, compact names whole ones, lists single values. Values are texts
 * with an end and have no control characters but those that were inside. No value is moved: one
 * that is at texts + n was at byte n of the message (ua_raw_place()).
 */
#ifndef UA_RAW_H
#define UA_RAW_H

#include <stddef.h>
#include <stdint.h>

/* The headers that some rule reads; all others are passed over. */
enum ua_raw_name {
	UA_RAW_VIA,
	UA_RAW_FROM,
	UA_RAW_TO,
	UA_RAW_CALL_ID,
	UA_RAW_CSEQ,
	UA_RAW_CONTACT,
	UA_RAW_RECORD_ROUTE,
	UA_RAW_SERVICE_ROUTE,
	UA_RAW_CONTENT_LENGTH,
	UA_RAW_CONTENT_TYPE,
	UA_RAW_CONTENT_ENCODING,
	UA_RAW_CONTENT_DISPOSITION,
	UA_RAW_EXPIRES,
	UA_RAW_MIN_EXPIRES,
	UA_RAW_RETRY_AFTER,
	UA_RAW_REQUIRE,
	UA_RAW_REASON,
	UA_RAW_WWW_AUTHENTICATE,
	UA_RAW_PROXY_AUTHENTICATE,
	UA_RAW_AUTHENTICATION_INFO,
	UA_RAW_PROXY_AUTHENTICATION_INFO,
	UA_RAW_ROUTE,
	UA_RAW_PATH,
	UA_RAW_P_ASSOCIATED_URI,
	UA_RAW_AUTHORIZATION,
	UA_RAW_PROXY_AUTHORIZATION,
	UA_RAW_MAX_FORWARDS,
	UA_RAW_RACK,
	UA_RAW_EVENT,
	UA_RAW_SUBSCRIPTION_STATE,
	UA_RAW_NAMES,
};

struct ua_raw_value {
	enum ua_raw_name name;
	const char *text;
};

struct ua_raw {
	const char *first_line;
	const char *method, *uri; /* of a request, else NULL */
	uint32_t status;	  /* of a response, 0 = a request, or it cannot be read */
	uint8_t is_response;
	const char *broken;	  /* what is wrong with start line or boundaries, NULL = nothing */
	uint8_t is_other_version; /* of SIP than 2.0 */
	const char *body;	  /* what follows the headers, with an end */
	size_t body_count; /* what Content-Length leaves of it, once that is read (message.h) */
	struct ua_raw_value *values; /* in the order of the message */
	uint32_t values_count, values_room;
	char *texts; /* all texts; room for more behind them */
	size_t used, room;
};

/* Read bytes[count]. Returns 0, FAILOVER_ERR_ARGUMENT (no SIP message at all) or
 * FAILOVER_ERR_MEMORY; ua_raw_free() is right after either. */
int ua_raw_read(struct ua_raw *out, const char *bytes, size_t count);
void ua_raw_free(struct ua_raw *raw);

/* The next value of this header; *at starts with 0. NULL = no more. */
const char *ua_raw_next(const struct ua_raw *raw, enum ua_raw_name name, uint32_t *at);
/* The first, or NULL. */
const char *ua_raw_first(const struct ua_raw *raw, enum ua_raw_name name);
uint32_t ua_raw_count(const struct ua_raw *raw, enum ua_raw_name name);
/* "Content-Length" */
const char *ua_raw_name_text(enum ua_raw_name name);

/* At which byte of the message this part of a value was. */
static inline uint32_t ua_raw_place(const struct ua_raw *raw, const char *text)
{
	return (uint32_t)(text - raw->texts);
}

/* A copy of a part that lives as long as the message; NULL = no room: no text is copied more often
 * than a message may say. */
const char *ua_raw_keep(struct ua_raw *raw, const char *text, size_t length);

#endif
