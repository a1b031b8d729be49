/* SPDX-License-Identifier: MIT */
/* Strings of unknown origin: UTF-8, control characters, quoting in messages. */
#include <string.h>

#include "value.h"

/* Length of the sequence that starts here and the lowest code point it may hold, or 0. */
static size_t sequence_length(unsigned char first, uint32_t *lowest)
{
	if (first < 0x80) {
		*lowest = 0;
		return 1;
	}
	if (first >= 0xc2 && first <= 0xdf) {
		*lowest = 0x80;
		return 2;
	}
	if (first >= 0xe0 && first <= 0xef) {
		*lowest = 0x800;
		return 3;
	}
	if (first >= 0xf0 && first <= 0xf4) {
		*lowest = 0x10000;
		return 4;
	}
	return 0;
}

const char *fo_text_not_utf8(const char *text, size_t length)
{
	size_t at = 0;

	while (at < length) {
		const unsigned char *byte = (const unsigned char *)text + at;
		uint32_t lowest;
		size_t count = sequence_length(byte[0], &lowest);
		uint32_t code = count == 1 ? byte[0] : byte[0] & (0xffu >> (count + 1));

		if (count == 0 || count > length - at)
			return text + at;
		for (size_t i = 1; i < count; i++) {
			if ((byte[i] & 0xc0) != 0x80)
				return text + at;
			code = code << 6 | (byte[i] & 0x3f);
		}
		if (code < lowest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
			return text + at;
		at += count;
	}
	return NULL;
}

bool fo_text_has_control(const char *text)
{
	for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) {
		if (*byte < 0x20 || *byte == 0x7f)
			return true;
		if (byte[0] == 0xc2 && byte[1] >= 0x80 && byte[1] <= 0x9f)
			return true;
	}
	return false;
}

void fo_text_quote(const char *text, char *buffer, size_t size)
{
	size_t most = size - 1 < 40 ? size - 1 : 40, used = strlen(text);

	if (used > most) {
		used = most;
		while (used > 0 && ((unsigned char)text[used] & 0xc0) == 0x80)
			used--;
	}
	for (size_t i = 0; i < used; i++) {
		unsigned char byte = (unsigned char)text[i];
		bool c1 = byte >= 0x80 && byte <= 0x9f && i && (unsigned char)text[i - 1] == 0xc2;

		buffer[i] = byte < 0x20 || byte == 0x7f ? '?' : text[i];
		if (c1)
			buffer[i - 1] = buffer[i] = '?';
	}
	buffer[used] = '\0';
}
