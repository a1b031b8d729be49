/* SPDX-License-Identifier: MIT */
/* sip_text.c - finding values in kept messages, and putting them into texts. */
#include <stdio.h>
#include <string.h>
#include "sip_text.h"

#define VALUE 2048

static const char letters[] = "ribaocsu";

int sip_text_kind(const char *message)
{
	static const char *const starts[SIP_KINDS] = { "REGISTER ", "INVITE ",	 "BYE ",
						       "ACK ",	    "OPTIONS ",	 "CANCEL ",
						       "SIP/2.0 ",  "SUBSCRIBE " };
	int i;

	for (i = 0; i < SIP_KINDS; i++)
		if (!strncmp(message, starts[i], strlen(starts[i])))
			return i;
	return -1;
}

static const char *kept_of(const char kept[SIP_KINDS][SIP_TEXT], char letter)
{
	const char *at = letter ? strchr(letters, letter) : NULL;

	return at ? kept[at - letters] : "";
}

/* The value of the first header of this name: up to VALUE - 1 bytes; "" if there is none. */
static const char *header(const char *message, const char *name, char out[VALUE])
{
	size_t length = strlen(name);

	out[0] = '\0';
	while ((message = strstr(message, "\r\n"))) {
		message += 2;
		if (strncmp(message, name, length) != 0 || message[length] != ':')
			continue;
		message += length + 1;
		message += strspn(message, " ");
		snprintf(out, VALUE, "%.*s", (int)strcspn(message, "\r\n"), message);
		return out;
	}
	return out;
}

static const char *branch(const char *message, char out[VALUE])
{
	char *at = strstr(header(message, "Via", out), "branch=");

	if (!at)
		return "";
	at += 7;
	at[strcspn(at, ";,")] = '\0';
	return at;
}

static const char *value(const char *message, char letter, char out[VALUE])
{
	switch (letter) {
	case 'V':
		return header(message, "Via", out);
	case 'F':
		return header(message, "From", out);
	case 'T':
		return header(message, "To", out);
	case 'C':
		return header(message, "Call-ID", out);
	case 'Q':
		return header(message, "CSeq", out);
	case 'U':
		return header(message, "Contact", out);
	case 'B':
		return branch(message, out);
	case 'N':
		header(message, "CSeq", out);
		out[strcspn(out, " ")] = '\0';
		return out;
	default:
		return "";
	}
}

struct text {
	char *bytes;
	size_t length;
};

static void add(struct text *text, const char *bytes, size_t count)
{
	if (count >= SIP_TEXT - text->length)
		return;
	memcpy(text->bytes + text->length, bytes, count);
	text->length += count;
}

static void add_header(struct text *text, const char *message, const char *name)
{
	char out[VALUE];

	header(message, name, out);
	add(text, name, strlen(name));
	add(text, ": ", 2);
	add(text, out, strlen(out));
	if (!strcmp(name, "To") && !strstr(out, ";tag="))
		add(text, ";tag=peer", 9);
	add(text, "\r\n", 2);
}

/* "=i200 OK\r\n...": the start of a response; returns how many bytes that was. */
static size_t add_response(struct text *text, const char kept[SIP_KINDS][SIP_TEXT],
			   const char *bytes, size_t count)
{
	const char *message = kept_of(kept, bytes[1]);
	const char *end = memchr(bytes, '\n', count);
	size_t line = end ? (size_t)(end - bytes) + 1 : count;

	add(text, "SIP/2.0 ", 8);
	add(text, bytes + 2, line - 2);
	if (!end)
		add(text, "\r\n", 2);
	add_header(text, message, "Via");
	add_header(text, message, "From");
	add_header(text, message, "To");
	add_header(text, message, "Call-ID");
	add_header(text, message, "CSeq");
	return line;
}

size_t sip_text_expand(const char kept[SIP_KINDS][SIP_TEXT], const char *bytes, size_t count,
		       char out[SIP_TEXT])
{
	struct text text = { .bytes = out };
	int response = count > 2 && bytes[0] == '=';
	size_t at = response ? add_response(&text, kept, bytes, count) : 0;
	const char *got;
	char room[VALUE];

	for (; at < count; at++) {
		if (bytes[at] != '$' || at + 2 >= count) {
			add(&text, bytes + at, 1);
		} else if (bytes[at + 1] == '$') {
			add(&text, bytes + at++, 1);
		} else {
			got = value(kept_of(kept, bytes[at + 1]), bytes[at + 2], room);
			add(&text, got, strlen(got));
			at += 2;
		}
	}
	out[text.length] = '\0';
	if (response && !strstr(out, "\r\n\r\n"))
		add(&text, "Content-Length: 0\r\n\r\n", 21);
	out[text.length] = '\0';
	return text.length;
}
