/* SPDX-License-Identifier: MIT */
/* edits.h - a message with few bytes changed: all others stay as they came, folds, compact names
 * and order included. */
#ifndef UA_EDITS_H
#define UA_EDITS_H

#include <stddef.h>
#include <stdint.h>
#include "raw.h"
#include "value.h"

#define UA_EDITS_MAX 48u

/* Bytes at..at+length give way to both texts, which live until they are applied. */
struct ua_edit {
	uint32_t at, length;
	const char *before, *text;
};

/* In the order of their places. */
struct ua_edits {
	struct ua_edit list[UA_EDITS_MAX];
	uint32_t count;
	int is_full;
};

void ua_edits_add(struct ua_edits *edits, uint32_t at, uint32_t length, const char *before,
		  const char *text);
/* Write the message with all of them, and a zero behind it. Returns its length, or
 * FAILOVER_ERR_FULL: there is no room, there were too many, or two are for the same bytes. */
int ua_edits_apply(const struct ua_edits *edits, struct ua_part bytes, char *out, size_t size);

/* The first `gone` values of a header; `own`, one that takes their place, may be "". */
struct ua_cut {
	enum ua_raw_name name;
	uint32_t gone;
	const char *own;
};

void ua_edits_cut(struct ua_edits *edits, const struct ua_raw *raw, struct ua_part bytes,
		  const struct ua_cut *cut);

/* The message itself, without what a datagram has behind it (RFC 3261 18.3); its body has been read
 * (message.h). */
struct ua_part ua_message_bytes(const struct ua_raw *raw, struct ua_part bytes);
/* Over a connection each message says how long it is (RFC 3261 20.14): the line that comes if it
 * does not, in `text`. */
#define UA_LENGTH_LINE 40u
void ua_edits_add_length(struct ua_edits *edits, const struct ua_raw *raw, struct ua_part bytes,
			 char text[UA_LENGTH_LINE]);

/* Where the header line, folds included, that this byte is in begins, and where the next one does.
 */
uint32_t ua_line_start(struct ua_part bytes, uint32_t at);
uint32_t ua_line_end(struct ua_part bytes, uint32_t at);

#endif
