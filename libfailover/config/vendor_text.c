/* SPDX-License-Identifier: MIT */
/* The vendor's configuration text as a document: its items and their places. */
#include <stdlib.h>
#include <string.h>

#include "vendor.h"

#define OLD_COLUMN 19u /* where old phones have the colon, and cut the key */

static const char end_mark[] = "<<END OF FILE>>";

/* A line of the text: from..to without its end, next = the start of the following one. */
struct span {
	size_t from, to, next;
};

static struct span line_at(const struct fo_vendor *vendor, size_t from)
{
	const char *start = vendor->text + from;
	const char *newline = memchr(start, '\n', vendor->length - from);
	struct span span = { .from = from, .to = vendor->length, .next = vendor->length };

	if (newline) {
		span.to = (size_t)(newline - vendor->text);
		span.next = span.to + 1;
	}
	if (span.to > from && vendor->text[span.to - 1] == '\r')
		span.to--;
	return span;
}

static bool begins(const struct fo_vendor *vendor, const struct span *span, const char *text)
{
	size_t length = strlen(text);

	return span->to - span->from >= length &&
	       memcmp(vendor->text + span->from, text, length) == 0;
}

/* "SIP12 " in front of a key: 12, and *name behind it. 0 = there is none. */
static uint32_t sip_line(const struct fo_vendor *vendor, size_t from, size_t colon, size_t *name)
{
	uint32_t number = 0;
	size_t at = from + 3;

	*name = from;
	if (colon - from < 5 || memcmp(vendor->text + from, "SIP", 3) != 0)
		return 0;
	for (; at < colon && vendor->text[at] >= '0' && vendor->text[at] <= '9'; at++) {
		number = number * 10 + (uint32_t)(vendor->text[at] - '0');
		if (number > FAILOVER_LIMIT_LINES)
			return 0;
	}
	if (at == from + 3 || at == colon || vendor->text[at] != ' ')
		return 0;
	*name = at + 1;
	return number;
}

int fo_vendor_add(struct fo_vendor *vendor, const struct fo_vendor_item *item)
{
	if (vendor->count == vendor->room) {
		size_t room = vendor->room ? 2 * vendor->room : 256;
		void *items = realloc(vendor->items, room * sizeof(*vendor->items));

		if (!items)
			return FAILOVER_ERR_MEMORY;
		vendor->items = items;
		vendor->room = room;
	}
	vendor->items[vendor->count++] = *item;
	return FAILOVER_OK;
}

/* KEY:VALUE, split at the first colon; other lines are kept and mean nothing. */
static int take_item(struct fo_vendor *vendor, const struct span *span, uint32_t file_line)
{
	const char *start = vendor->text + span->from;
	const char *colon = memchr(start, ':', span->to - span->from);
	struct fo_vendor_item item = { .file_line = file_line };
	size_t end;

	if (!colon)
		return FAILOVER_OK;
	end = (size_t)(colon - vendor->text);
	item.column = end - span->from;
	item.value = end + 1;
	item.value_length = span->to - item.value;
	item.sip_line = sip_line(vendor, span->from, end, &item.name);
	while (end > item.name && vendor->text[end - 1] == ' ')
		end--;
	item.name_length = end - item.name;
	return fo_vendor_add(vendor, &item);
}

/* Excerpts have no header: what comes before the first module counts as the SIP one. */
static int take_lines(struct fo_vendor *vendor, struct fo_build *build)
{
	bool sip = true;
	uint32_t file_line = 1;
	int error = FAILOVER_OK;

	for (size_t at = 0; at < vendor->length && !error; file_line++) {
		struct span span = line_at(vendor, at);
		bool header = begins(vendor, &span, "<") && !begins(vendor, &span, "<<");

		at = span.next;
		if (begins(vendor, &span, end_mark)) {
			vendor->end_mark = span.from;
			break;
		}
		if (header)
			sip = begins(vendor, &span, FO_VENDOR_MODULE);
		if (!sip || begins(vendor, &span, "<<"))
			continue;
		vendor->has_module |= header || memchr(vendor->text + span.from, ':',
						       span.to - span.from) != NULL;
		if (span.to > span.from)
			vendor->end = span.next;
		if (header || begins(vendor, &span, "--"))
			continue;
		error = take_item(vendor, &span, file_line);
		if (vendor->count > FO_VENDOR_ITEMS_MOST) {
			const struct fo_at place = { .line = file_line };

			fo_build_fault(build, place, "too many items; accepted: %u",
				       FO_VENDOR_ITEMS_MOST);
			error = FAILOVER_ERR_ARGUMENT;
		}
	}
	return error;
}

void fo_vendor_begin(struct fo_vendor *vendor, char *text, size_t length)
{
	const char *newline = memchr(text, '\n', length);

	memset(vendor, 0, sizeof(*vendor));
	vendor->text = text;
	vendor->length = vendor->end_mark = length;
	vendor->eol = newline && newline > text && newline[-1] == '\r' ? "\r\n" : "\n";
}

int fo_vendor_parse(struct fo_vendor *vendor, struct fo_build *build, char *text, size_t length)
{
	fo_vendor_begin(vendor, text, length);
	return take_lines(vendor, build);
}

int fo_vendor_parse_as(struct fo_vendor *vendor, struct fo_build *build, char *text, size_t length,
		       bool is_xml)
{
	if (!is_xml)
		return fo_vendor_parse(vendor, build, text, length);
#ifdef FO_WITH_XML
	return fo_vendor_parse_xml(vendor, build, text, length);
#else
	const struct fo_at nowhere = { 0 };

	fo_vendor_begin(vendor, text, length);
	fo_build_fault(build, nowhere, "XML is left out of this build");
	return FAILOVER_ERR_UNSUPPORTED;
#endif
}

void fo_vendor_clear(struct fo_vendor *vendor)
{
	for (size_t i = 0; i < vendor->count; i++) {
		if (vendor->items[i].changed)
			explicit_bzero(vendor->items[i].changed, strlen(vendor->items[i].changed));
		free(vendor->items[i].changed);
	}
	free(vendor->items);
	memset(vendor, 0, sizeof(*vendor));
}

bool fo_vendor_is(const struct fo_vendor *vendor, const struct fo_vendor_item *item,
		  const char *name)
{
	size_t length = strlen(name);
	bool cut = !vendor->is_xml && item->column == OLD_COLUMN && item->name_length < length &&
		   vendor->text[item->value - 2] != ' ';

	if (item->name_length != length && !cut)
		return false;
	return memcmp(vendor->text + item->name, name, item->name_length) == 0;
}

/* The last of several: TLS is read from 2 and 3, and written 3. */
const char *fo_vendor_number(const struct fo_option *option, uint32_t value)
{
	const char *found = NULL;

	for (const struct fo_choice *choice = option->choices; choice->name; choice++) {
		if (choice->value == value && choice->name[0] >= '0' && choice->name[0] <= '9')
			found = choice->name;
	}
	return found;
}
