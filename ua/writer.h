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
__attribute__((format(printf, 2, 3))) void ua_writer_add(struct ua_writer *writer,
							 const char *format, ...);
/* The user part of a URI, escaped as RFC 3261 25.1 wants it. */
void ua_writer_add_user(struct ua_writer *writer, const char *user);
/* A host: an IPv6 address gets its brackets. */
void ua_writer_add_host(struct ua_writer *writer, const char *host);
/* "text" with quotes, escaped. */
void ua_writer_add_quoted(struct ua_writer *writer, const char *text);
/* 0, or FAILOVER_ERR_FULL if something did not fit. */
int ua_writer_error(const struct ua_writer *writer);

#endif
