/* SPDX-License-Identifier: MIT */
/* writer.c - bounded text, and the escapes of SIP. */
#include <stdarg.h>
#include <stdio.h>
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

void ua_writer_add(struct ua_writer *writer, const char *format, ...)
{
	size_t room = writer->size - writer->length;
	va_list values;
	int length;

	if (writer->full)
		return;
	va_start(values, format);
	length = vsnprintf(writer->text + writer->length, room, format, values);
	va_end(values);
	if (length < 0 || (size_t)length >= room)
		writer->full = 1;
	else
		writer->length += (size_t)length;
}

void ua_writer_add_user(struct ua_writer *writer, const char *user)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-_.!~*'()&=+$,;?/";

	for (; *user; user++)
		ua_writer_add(writer, strchr(plain, *user) ? "%c" : "%%%02X", (unsigned char)*user);
}

void ua_writer_add_host(struct ua_writer *writer, const char *host)
{
	ua_writer_add(writer, strchr(host, ':') ? "[%s]" : "%s", host);
}

void ua_writer_add_quoted(struct ua_writer *writer, const char *text)
{
	ua_writer_add(writer, "\"");
	for (; *text; text++)
		ua_writer_add(writer, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	ua_writer_add(writer, "\"");
}

int ua_writer_error(const struct ua_writer *writer)
{
	return writer->full ? FAILOVER_ERR_FULL : FAILOVER_OK;
}
