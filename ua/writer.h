/* SPDX-License-Identifier: MIT */
/* writer.h - builds a text in a buffer of fixed size; what does not fit is an error, never cut. */
#ifndef UA_WRITER_H
#define UA_WRITER_H

#include <stddef.h>

struct ua_writer {
	char *text;
	size_t size, length;
	int full; /* something did not fit */
};

/* Start an empty text in text[size], size > 0. */
void ua_writer_init(struct ua_writer *writer, char *text, size_t size);
/* The same in memory of its own, for texts that are too long for the stack of a small device:
 * ua_writer_take() or ua_writer_close() follows. Without memory nothing fits. */
void ua_writer_open(struct ua_writer *writer, size_t size);
/* The text, which the caller frees, and the writer is closed. NULL if something did not fit. */
char *ua_writer_take(struct ua_writer *writer);
void ua_writer_close(struct ua_writer *writer);
__attribute__((format(printf, 2, 3))) void ua_writer_add(struct ua_writer *writer,
							 const char *format, ...);
/* text[length], as it is. */
void ua_writer_put(struct ua_writer *writer, const char *text, size_t length);
/* Two lower case digits for each byte. */
void ua_writer_add_hex(struct ua_writer *writer, const unsigned char *bytes, size_t count);
/* The user part of a URI, escaped as RFC 3261 25.1 wants it. */
void ua_writer_add_user(struct ua_writer *writer, const char *user);
/* A host: an IPv6 address gets its brackets. */
void ua_writer_add_host(struct ua_writer *writer, const char *host);
/* "text" with quotes, escaped. */
void ua_writer_add_quoted(struct ua_writer *writer, const char *text);
/* 0, or FAILOVER_ERR_FULL if something did not fit. */
int ua_writer_error(const struct ua_writer *writer);
/* The length of the text, or FAILOVER_ERR_FULL. */
int ua_writer_length(const struct ua_writer *writer);

#endif
