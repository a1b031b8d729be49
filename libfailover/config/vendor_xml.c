/* SPDX-License-Identifier: MIT */
/* The vendor's configuration as XML: <sysConf><sip><line index="1"><RegisterAddr>... */
#include <expat.h> /* below 2.9 too: no functions with 64 in their names */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <stdlib.h>
#include <string.h>

#include "vendor.h"

#define DEPTH_MOST 64u

/* Depth of elements: the root is 1. */
enum { DEPTH_ROOT = 1, DEPTH_MODULE = 2, DEPTH_ITEM = 3, DEPTH_LINE_ITEM = 4 };

struct xml {
	XML_Parser parser;
	struct fo_vendor *vendor;
	struct fo_build *build;
	unsigned depth, deepest; /* of the element that was started last */
	bool sip, in_line;
	uint32_t sip_line;
	size_t tag, content; /* where that element and its content begin */
	struct fo_at at;     /* the tag */
	int error;
};

static struct fo_at here(const struct xml *xml)
{
	struct fo_at at = { .line = (uint32_t)XML_GetCurrentLineNumber(xml->parser),
			    .column = (uint32_t)XML_GetCurrentColumnNumber(xml->parser) + 1 };

	return at;
}

static size_t byte_index(const struct xml *xml)
{
	return (size_t)XML_GetCurrentByteIndex(xml->parser);
}

static void refuse(struct xml *xml, const char *text)
{
	if (xml->error)
		return;
	fo_build_fault(xml->build, here(xml), "%s", text);
	xml->error = FAILOVER_ERR_ARGUMENT;
	XML_StopParser(xml->parser, XML_FALSE);
}

static uint32_t line_index(const XML_Char **attributes)
{
	uint32_t number = 0;

	for (; attributes[0]; attributes += 2) {
		const char *digit = attributes[1];

		if (strcmp(attributes[0], "index") != 0)
			continue;
		for (; *digit >= '0' && *digit <= '9' && number <= FAILOVER_LIMIT_LINES; digit++)
			number = number * 10 + (uint32_t)(*digit - '0');
		return *digit || number > FAILOVER_LIMIT_LINES ? 0 : number;
	}
	return 0;
}

static void on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
	struct xml *xml = user;

	xml->depth++;
	xml->deepest = xml->depth;
	xml->at = here(xml);
	xml->tag = byte_index(xml);
	xml->content = xml->tag + (size_t)XML_GetCurrentByteCount(xml->parser);
	if (xml->depth > DEPTH_MOST)
		refuse(xml, "nested too deeply; accepted: 64 levels");
	if (xml->depth == DEPTH_ROOT && strcmp(name, "sysConf") != 0)
		refuse(xml, "this is no phone's configuration; accepted: <sysConf>");
	if (xml->depth == DEPTH_MODULE)
		xml->sip = strcmp(name, "sip") == 0;
	if (xml->depth == DEPTH_ITEM && xml->sip && strcmp(name, "line") == 0) {
		xml->in_line = true;
		xml->sip_line = line_index(attributes);
	}
}

/* Is the element that ends <X/>? Its end has the place of what follows it. */
static bool is_empty_tag(const struct xml *xml)
{
	return xml->depth == xml->deepest && byte_index(xml) == xml->content &&
	       xml->vendor->text[xml->content - 2] == '/';
}

/* An element without others in it, of the device or of a line that has a number. */
static void take_leaf(struct xml *xml, const XML_Char *name)
{
	struct fo_vendor *vendor = xml->vendor;
	struct fo_vendor_item item = { .sip_line = xml->sip_line,
				       .file_line = xml->at.line,
				       .column = xml->at.column + xml->content - xml->tag - 2,
				       .name = xml->tag + 1,
				       .name_length = strlen(name),
				       .value = xml->content,
				       .value_length = byte_index(xml) - xml->content };

	if (is_empty_tag(xml)) {
		item.is_empty_tag = true; /* <X/> becomes <X>value</X> */
		item.value = xml->content - 2;
		item.value_length = 2;
	}
	/* A comment or CDATA in a value: it is kept, and means nothing. */
	else if (memchr(vendor->text + item.value, '<', item.value_length))
		return;
	xml->error = fo_vendor_add(vendor, &item);
}

/* Where further items belong: in front of the line of this end tag, or of the tag itself. */
static void take_end(struct xml *xml)
{
	const char *text = xml->vendor->text;
	size_t at = byte_index(xml), line = at;
	struct fo_vendor_item item = { .sip_line = xml->sip_line, .is_end = true };

	if (is_empty_tag(xml))
		return; /* <line index="1"/>: nothing can stand in it */
	while (line > 0 && (text[line - 1] == ' ' || text[line - 1] == '\t'))
		line--;
	item.value = line > 0 && text[line - 1] == '\n' ? line : at;
	item.name = item.value;
	item.name_length = at - item.value; /* its indentation */
	xml->error = fo_vendor_add(xml->vendor, &item);
}

static void on_end(void *user, const XML_Char *name)
{
	struct xml *xml = user;
	bool leaf = xml->depth == xml->deepest;
	bool in_place = xml->in_line ? xml->depth == DEPTH_LINE_ITEM && xml->sip_line > 0
				     : xml->depth == DEPTH_ITEM;

	if (xml->error)
		return;
	if (xml->sip && leaf && in_place)
		take_leaf(xml, name);
	if (xml->depth == DEPTH_ITEM && xml->in_line) {
		if (xml->sip_line && !xml->error)
			take_end(xml);
		xml->in_line = false;
		xml->sip_line = 0;
	}
	if (xml->depth == DEPTH_MODULE && xml->sip) {
		if (!xml->error)
			take_end(xml);
		xml->sip = false;
	}
	xml->depth--;
	if (xml->vendor->count > FO_VENDOR_ITEMS_MOST)
		refuse(xml, "too many items");
}

/* Entities of a file's own can say anything, and a great deal of it. */
static void on_doctype(void *user, const XML_Char *name, const XML_Char *system,
		       const XML_Char *public, int has_subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	refuse(user, "a DOCTYPE is not accepted");
}

static void parser_fault(struct xml *xml)
{
	enum XML_Error error = XML_GetErrorCode(xml->parser);

	if (xml->error)
		return;
	xml->error = FAILOVER_ERR_MEMORY;
	if (error == XML_ERROR_NO_MEMORY)
		return;
	xml->error = FAILOVER_ERR_ARGUMENT;
	fo_build_fault(xml->build, here(xml), "XML: %s", XML_ErrorString(error));
}

int fo_vendor_parse_xml(struct fo_vendor *vendor, struct fo_build *build, char *text, size_t length)
{
	struct xml xml = { .parser = XML_ParserCreate("UTF-8"), .vendor = vendor, .build = build };

	fo_vendor_begin(vendor, text, length);
	vendor->is_xml = true;
	if (!xml.parser)
		return FAILOVER_ERR_MEMORY;
	XML_SetUserData(xml.parser, &xml);
	XML_SetElementHandler(xml.parser, on_start, on_end);
	XML_SetStartDoctypeDeclHandler(xml.parser, on_doctype);
	if (XML_Parse(xml.parser, text, (int)length, 1) != XML_STATUS_OK)
		parser_fault(&xml);
	XML_ParserFree(xml.parser);
	return xml.error;
}
