/* SPDX-License-Identifier: MIT */
/* plugin_text.c - reads what the plugin has sent to a peer of the bench. */
#include <strings.h>
#include "plugin_bench.h"

static const char *find_header(const char *text, const char *name)
{
	size_t length = strlen(name);

	while ((text = strstr(text, "\r\n"))) {
		text += 2;
		if (!strncmp(text, "\r\n", 2))
			return NULL;
		if (!strncasecmp(text, name, length) && text[length] == ':')
			return text;
	}
	return NULL;
}

const char *header_of(const char *text, const char *name, char out[512])
{
	const char *at = find_header(text, name);
	size_t length;

	out[0] = '\0';
	if (!at)
		return out;
	at += strlen(name) + 1;
	at += strspn(at, " ");
	length = strcspn(at, "\r\n");
	ck_assert_uint_lt(length, 480);
	memcpy(out, at, length);
	out[length] = '\0';
	return out;
}

unsigned headers_in(const char *text, const char *name)
{
	unsigned count = 0;

	while ((text = find_header(text, name)))
		count++;
	return count;
}

int same_header(const char *a, const char *b, const char *name)
{
	char one[512], two[512];

	return !strcmp(header_of(a, name, one), header_of(b, name, two)) && one[0];
}

unsigned cseq_of(const char *text)
{
	char value[512];

	return (unsigned)strtoul(header_of(text, "CSeq", value), NULL, 10);
}

const char *branch_of(const char *text, char out[512])
{
	char via[512], *at;

	at = strstr(header_of(text, "Via", via), "branch=");
	ck_assert_ptr_nonnull(at);
	snprintf(out, 512, "%.*s", (int)strcspn(at + 7, ";,"), at + 7);
	return out;
}
