/* SPDX-License-Identifier: MIT */
/* XML files of phones: <Proxy_1_>value</Proxy_1_>, and reg.1.address="value". */
#include <string.h>

#include "phone.h"

#ifdef PHONE_WITH_XML
#include <expat.h> /* below 2.9 too: no functions with 64 in their names */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define DEPTH_MOST 64u

struct xml {
	XML_Parser parser;
	struct phone_file *file;
	struct phone_fault *fault;
	unsigned depth, deepest; /* of the element that was started last */
	unsigned line;		 /* where it began */
	char value[PHONE_VALUE_MOST + 1];
	size_t used;
	bool is_too_long;
	int error;
};

static void stop(struct xml *xml, int error, const char *text)
{
	if (xml->error)
		return;
	xml->error = error;
	xml->fault->line = (unsigned)XML_GetCurrentLineNumber(xml->parser);
	xml->fault->column = (unsigned)XML_GetCurrentColumnNumber(xml->parser) + 1;
	snprintf(xml->fault->text, sizeof(xml->fault->text), "%s", text);
	XML_StopParser(xml->parser, XML_FALSE);
}

static void add(struct xml *xml, const char *key, char *value, unsigned line)
{
	struct phone_entry entry = { .key = (char *)(uintptr_t)key, .value = value, .line = line };
	int error;

	if (xml->error || strlen(key) > PHONE_KEY_MOST)
		return;
	error = phone_add(xml->file, &entry, xml->fault);
	if (error == FAILOVER_ERR_ARGUMENT)
		stop(xml, error, "too many settings");
	else if (error)
		stop(xml, error, "no memory");
}

static void on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
	struct xml *xml = user;

	(void)name;
	xml->depth++;
	xml->deepest = xml->depth;
	xml->line = (unsigned)XML_GetCurrentLineNumber(xml->parser);
	xml->used = 0;
	xml->is_too_long = false;
	if (xml->depth > DEPTH_MOST)
		stop(xml, FAILOVER_ERR_ARGUMENT, "nested too deeply; accepted: 64 levels");
	for (; attributes[0] && !xml->error; attributes += 2) {
		char value[PHONE_VALUE_MOST + 1];

		if (strlen(attributes[1]) > PHONE_VALUE_MOST) {
			stop(xml, FAILOVER_ERR_ARGUMENT, "the value is too long");
			return;
		}
		memcpy(value, attributes[1], strlen(attributes[1]) + 1);
		add(xml, attributes[0], value, xml->line);
		explicit_bzero(value, sizeof(value));
	}
}

static void on_text(void *user, const XML_Char *text, int length)
{
	struct xml *xml = user;
	size_t more = (size_t)length;

	if (xml->depth != xml->deepest)
		return;
	if (more > PHONE_VALUE_MOST - xml->used) {
		xml->is_too_long = true;
		return;
	}
	memcpy(xml->value + xml->used, text, more);
	xml->used += more;
}

static void on_end(void *user, const XML_Char *name)
{
	struct xml *xml = user;
	size_t from = 0;

	if (xml->depth == xml->deepest && xml->is_too_long) {
		stop(xml, FAILOVER_ERR_ARGUMENT, "the value is too long");
	} else if (xml->depth == xml->deepest) {
		while (xml->used > 0 && strchr(" \t\r\n", xml->value[xml->used - 1]))
			xml->used--;
		xml->value[xml->used] = '\0';
		from = strspn(xml->value, " \t\r\n");
		add(xml, name, xml->value + from, xml->line);
	}
	explicit_bzero(xml->value, sizeof(xml->value));
	xml->used = 0;
	xml->depth--;
}

/* Entities of a file's own can say anything, and a great deal of it. */
static void on_doctype(void *user, const XML_Char *name, const XML_Char *system,
		       const XML_Char *public, int has_subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	stop(user, FAILOVER_ERR_ARGUMENT, "a DOCTYPE is not accepted");
}

int phone_read_xml(struct phone_file *file, const char *text, size_t length,
		   struct phone_fault *fault)
{
	struct xml xml = { .parser = XML_ParserCreate("UTF-8"), .file = file, .fault = fault };
	char what[160];

	if (!xml.parser)
		return FAILOVER_ERR_MEMORY;
	XML_SetUserData(xml.parser, &xml);
	XML_SetElementHandler(xml.parser, on_start, on_end);
	XML_SetCharacterDataHandler(xml.parser, on_text);
	XML_SetStartDoctypeDeclHandler(xml.parser, on_doctype);
	if (XML_Parse(xml.parser, text, (int)length, 1) != XML_STATUS_OK) {
		enum XML_Error error = XML_GetErrorCode(xml.parser);

		snprintf(what, sizeof(what), "XML: %s", XML_ErrorString(error));
		stop(&xml,
		     error == XML_ERROR_NO_MEMORY ? FAILOVER_ERR_MEMORY : FAILOVER_ERR_ARGUMENT,
		     what);
	}
	XML_ParserFree(xml.parser);
	explicit_bzero(xml.value, sizeof(xml.value));
	return xml.error;
}

#else

int phone_read_xml(struct phone_file *file, const char *text, size_t length,
		   struct phone_fault *fault)
{
	(void)file;
	(void)text;
	(void)length;
	fault->line = fault->column = 0;
	snprintf(fault->text, sizeof(fault->text), "XML is left out of this build");
	return FAILOVER_ERR_UNSUPPORTED;
}

#endif
