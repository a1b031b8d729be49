/* SPDX-License-Identifier: MIT */
/* Values in the vendor's XML: characters for references, and references for characters. */
#include <stdlib.h>
#include <string.h>

#include "vendor.h"

static size_t put_utf8(char *out, unsigned long code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* The parser has seen to it that a reference ends and names a character (XML 1.0, 4.1). */
static size_t put_reference(char *out, const char *name)
{
	static const struct {
		const char *name;
		char byte;
	} known[] = {
		{ "amp;", '&' },  { "lt;", '<' },    { "gt;", '>' },
		{ "quot;", '"' }, { "apos;", '\'' },
	};

	if (name[0] == '#')
		return put_utf8(out, name[1] == 'x' ? strtoul(name + 2, NULL, 16)
						    : strtoul(name + 1, NULL, 10));
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strncmp(name, known[i].name, strlen(known[i].name)) == 0) {
			out[0] = known[i].byte;
			return 1;
		}
	}
	return 0;
}

void fo_vendor_decode(char *value)
{
	char *out = value;

	while (*value) {
		char *end = *value == '&' ? strchr(value, ';') : NULL;

		if (!end) {
			*out++ = *value++;
			continue;
		}
		out += put_reference(out, value + 1);
		value = end + 1;
	}
	*out = '\0';
}

char *fo_vendor_encode(const char *value)
{
	char *encoded = NULL;
	size_t size;
	FILE *out = open_memstream(&encoded, &size);

	if (!out)
		return NULL;
	for (; *value; value++) {
		if (*value == '&')
			fputs("&amp;", out);
		else if (*value == '<')
			fputs("&lt;", out);
		else if (*value == '>')
			fputs("&gt;", out);
		else
			fputc(*value, out);
	}
	if (fclose(out) == 0)
		return encoded;
	free(encoded);
	return NULL;
}
