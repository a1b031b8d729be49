/* SPDX-License-Identifier: MIT */
/* writer.c - bounded text, and the escapes of SIP. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <failover/plugin.h>
#include "writer.h"

void ua_writer_init(struct ua_writer *writer, char *text, size_t size)
{
	writer->text = text;
	writer->size = size;
	writer->length = 0;
	writer->full = 0;
	text[0] = '\0';
}

void ua_writer_open(struct ua_writer *writer, size_t size)
{
	*writer = (struct ua_writer){ .text = malloc(size), .size = size };
	writer->full = !writer->text;
	if (writer->text)
		writer->text[0] = '\0';
}

char *ua_writer_take(struct ua_writer *writer)
{
	char *text = writer->full ? NULL : realloc(writer->text, writer->length + 1);

	if (!text)
		free(writer->text);
	writer->text = NULL;
	return text;
}

void ua_writer_close(struct ua_writer *writer)
{
	free(writer->text);
	writer->text = NULL;
}

void ua_writer_put(struct ua_writer *writer, const char *text, size_t length)
{
	if (writer->full || length >= writer->size - writer->length) {
		writer->full = 1;
		return;
	}
	memcpy(writer->text + writer->length, text, length);
	writer->length += length;
	writer->text[writer->length] = '\0';
}

static void put_text(struct ua_writer *writer, const char *text)
{
	ua_writer_put(writer, text, strlen(text));
}

static void put_number(struct ua_writer *writer, uintmax_t number)
{
	char digits[20]; /* of 2^64 */
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	ua_writer_put(writer, digits + at, sizeof(digits) - at);
}

static void put_formatted(struct ua_writer *writer, const char *format, va_list values)
{
	size_t room = writer->size - writer->length;
	int length;

	if (writer->full)
		return;
	length = vsnprintf(writer->text + writer->length, room, format, values);
	if (length < 0 || (size_t)length >= room)
		writer->full = 1;
	else
		writer->length += (size_t)length;
}

/* A message has some forty of these, at all times the same few: printf()'s way of each takes ten
 * times as long. From the first other conversion on it is vsnprintf()'s. */
void ua_writer_add(struct ua_writer *writer, const char *format, ...)
{
	size_t plain;
	va_list values;

	va_start(values, format);
	for (;;) {
		plain = strcspn(format, "%");
		ua_writer_put(writer, format, plain);
		format += plain;
		if (format[0] == '%' && format[1] == 's')
			put_text(writer, va_arg(values, const char *));
		else if (format[0] == '%' && format[1] == 'u')
			put_number(writer, va_arg(values, unsigned));
		else
			break;
		format += 2;
	}
	if (*format)
		put_formatted(writer, format, values);
	va_end(values);
}

void ua_writer_add_hex(struct ua_writer *writer, const unsigned char *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";

	for (; count; count--, bytes++) {
		const char two[2] = { digits[*bytes >> 4], digits[*bytes & 0xf] };

		ua_writer_put(writer, two, sizeof(two));
	}
}

void ua_writer_add_user(struct ua_writer *writer, const char *user)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-_.!~*'()&=+$,;?/";
	size_t length;

	for (;;) {
		length = strspn(user, plain);
		ua_writer_put(writer, user, length);
		user += length;
		if (!*user)
			return;
		ua_writer_add(writer, "%%%02X", (unsigned char)*user++);
	}
}

void ua_writer_add_host(struct ua_writer *writer, const char *host)
{
	ua_writer_add(writer, strchr(host, ':') ? "[%s]" : "%s", host);
}

void ua_writer_add_quoted(struct ua_writer *writer, const char *text)
{
	size_t length;

	ua_writer_put(writer, "\"", 1);
	for (;;) {
		length = strcspn(text, "\"\\");
		ua_writer_put(writer, text, length);
		text += length;
		if (!*text)
			break;
		ua_writer_put(writer, "\\", 1);
		ua_writer_put(writer, text++, 1);
	}
	ua_writer_put(writer, "\"", 1);
}

int ua_writer_length(const struct ua_writer *writer)
{
	return writer->full ? ua_writer_error(writer) : (int)writer->length;
}

int ua_writer_error(const struct ua_writer *writer)
{
	if (!writer->text)
		return FAILOVER_ERR_MEMORY;
	return writer->full ? FAILOVER_ERR_FULL : FAILOVER_OK;
}
