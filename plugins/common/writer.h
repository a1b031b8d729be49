/* SPDX-License-Identifier: MIT */
/* writer.h - builds a text in a buffer of fixed size; what does not fit is an error, never cut. */
#ifndef FO_WRITER_H
#define FO_WRITER_H

#include <stddef.h>

struct fo_writer {
	char *text;
	size_t size, length;
	int full; /* something did not fit */
};

/* Start an empty text in text[size], size > 0. */
void fo_writer_init(struct fo_writer *writer, char *text, size_t size);
__attribute__((format(printf, 2, 3))) void fo_writer_add(struct fo_writer *writer,
							 const char *format, ...);
/* The user part of a URI, escaped as RFC 3261 25.1 wants it. */
void fo_writer_add_user(struct fo_writer *writer, const char *user);
/* A host: an IPv6 address gets its brackets. */
void fo_writer_add_host(struct fo_writer *writer, const char *host);
/* "text" with quotes, escaped. */
void fo_writer_add_quoted(struct fo_writer *writer, const char *text);
/* 0, or FAILOVER_ERR_FULL if something did not fit. */
int fo_writer_error(const struct fo_writer *writer);

#endif
