/* SPDX-License-Identifier: MIT */
/* A configuration as the vendor's text: into a document of the phone's own, or a new one. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vendor.h"

#define KEY_COLUMNS 24 /* of a line's keys */

static const char empty_text[] = "<<VOIP CONFIG FILE>>Version:2.0000000000                      \n"
				 "\n" FO_VENDOR_MODULE "\n"
				 "SIP  Port          :5060\n"
				 "Reg Fail Interval  :32\n"
				 "--SIP Line List--  :\n"
				 "<<END OF FILE>>\n";

static const char empty_xml[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
				"<sysConf>\n"
				"    <Version>2.0000000000</Version>\n"
				"    <sip>\n"
				"        <SIPPort>5060</SIPPort>\n"
				"        <RegFailInterval>32</RegFailInterval>\n"
				"    </sip>\n"
				"</sysConf>\n";

/* A line of the configuration, and which of its items the document has, for the primary and for the
 * backup. */
struct line_state {
	const struct failover_config_line *line;
	bool is_new; /* the document has none of them */
	struct fo_option_set has[2];
	const struct fo_vendor_item *ended_by; /* XML: the line's last end tag */
};

struct writer {
	const struct failover_config *config;
	struct fo_vendor *vendor;
	struct line_state *lines;	      /* by number */
	const struct fo_vendor_item *sip_end; /* XML: the last end of the module */
};

static int by_number(const void *a, const void *b)
{
	const struct line_state *x = a, *y = b;

	return (x->line->number > y->line->number) - (x->line->number < y->line->number);
}

static struct line_state *state_of(const struct writer *writer, uint32_t number)
{
	const struct failover_config_line wanted = { .number = number };
	const struct line_state key = { .line = &wanted };

	return bsearch(&key, writer->lines, writer->config->lines_count, sizeof(key), by_number);
}

/* The struct that a row of this line is in, or NULL when the line has no such server or proxy. */
static const void *object_of(const struct failover_config_line *line,
			     const struct fo_option *option, int backup)
{
	const char *name = backup ? "backup" : "primary";

	if (fo_option_in(option, FO_LINE))
		return line;
	for (uint32_t i = 0; i < line->servers_count && fo_option_in(option, FO_SERVER); i++) {
		if (strcmp(line->servers[i].name, name) == 0)
			return &line->servers[i];
	}
	for (uint32_t i = 0; i < line->proxies_count && fo_option_in(option, FO_PROXY); i++) {
		if (strcmp(line->proxies[i].name, name) == 0)
			return &line->proxies[i];
	}
	return NULL;
}

static enum fo_scope scope_of(const struct fo_option *option)
{
	return fo_option_in(option, FO_SERVER)	 ? FO_SERVER
	       : fo_option_in(option, FO_PROXY)	 ? FO_PROXY
	       : fo_option_in(option, FO_GLOBAL) ? FO_GLOBAL
						 : FO_LINE;
}

static uint32_t transport_of(const struct fo_option *port, const void *object)
{
	if (fo_option_in(port, FO_SERVER))
		return ((const struct failover_config_server *)object)->transport;
	return ((const struct failover_config_proxy *)object)->transport;
}

/* What the vendor writes for it: "" for a text of a server that is not there, NULL for what it has
 * no word for. */
static const char *wanted(const struct fo_option *option, const void *object, char *buffer)
{
	const void *field;

	if (!object)
		return fo_option_is_text(option) ? "" : NULL;
	field = fo_option_value(option, scope_of(option), object);
	if (strcmp(option->key, "port") == 0 && *(const uint32_t *)field == 0)
		return transport_of(option, object) == FAILOVER_TLS ? "5061" : "5060";
	if (option->choices)
		return fo_vendor_number(option, *(const uint32_t *)field);
	return fo_value_text(option, field, buffer);
}

/* A line without a server is off, whatever its phone says. */
static bool has_no_server(const struct fo_option *option, const void *object)
{
	return strcmp(option->key, "enable") == 0 &&
	       ((const struct failover_config_line *)object)->servers_count == 0;
}

/* Does the document say so already, in its own way? */
static bool says(const struct fo_option *option, const void *object, const char *value,
		 const char *text)
{
	const struct fo_words words = { .word = &value, .count = 1 };
	struct fo_why why;
	char own[FO_VALUE_SIZE], other[FO_VALUE_SIZE];
	union {
		uint32_t number;
		char *text;
	} field = { .text = NULL };
	bool same;

	if (strcmp(value, text) == 0 || !object)
		return strcmp(value, text) == 0;
	if (has_no_server(option, object))
		return true;
	if (value[0] == '\0' && !fo_option_is_text(option))
		return strcmp(fo_value_text(option,
					    fo_option_value(option, scope_of(option), object), own),
			      (option->vendor_initial ? option->vendor_initial
						      : option->initial)) == 0;
	if (fo_value_set(option, &field, &words, &why))
		return false;
	same = strcmp(fo_value_text(option, &field, own),
		      fo_value_text(option, fo_option_value(option, scope_of(option), object),
				    other)) == 0;
	fo_value_free(option, &field);
	return same;
}

/* What stands between <X> and </X>; of <X/> the rest of it, too. NULL = no memory. */
static char *element_text(const struct fo_vendor *vendor, const struct fo_vendor_item *item,
			  const char *text)
{
	char *encoded = fo_vendor_encode(text), *all;
	size_t size;

	if (!encoded || !item->is_empty_tag)
		return encoded;
	size = strlen(encoded) + item->name_length + sizeof("></>");
	all = malloc(size);
	if (all)
		snprintf(all, size, ">%s</%.*s>", encoded, (int)item->name_length,
			 vendor->text + item->name);
	explicit_bzero(encoded, strlen(encoded));
	free(encoded);
	return all;
}

static int change_item(struct writer *writer, struct fo_vendor_item *item,
		       const struct fo_option *option, const void *object)
{
	char buffer[FO_VALUE_SIZE];
	const char *text = wanted(option, object, buffer);
	char *value = strndup(writer->vendor->text + item->value, item->value_length);
	bool same;

	if (!value)
		return FAILOVER_ERR_MEMORY;
	if (item->is_empty_tag)
		value[0] = '\0';
	if (writer->vendor->is_xml)
		fo_vendor_decode(value);
	same = !text || says(option, object, value, text);
	explicit_bzero(value, item->value_length);
	free(value);
	if (same)
		return FAILOVER_OK;
	item->changed =
		writer->vendor->is_xml ? element_text(writer->vendor, item, text) : strdup(text);
	return item->changed ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

/* A key may come again: the first one counts, for each line and for the device. */
static bool is_first(struct fo_option_set *has, const struct fo_option *option)
{
	bool first = !fo_option_set_has(has, option);

	fo_option_set_add(has, option);
	return first;
}

static int change_items(struct writer *writer)
{
	struct fo_option_set has = { { 0 } };
	int error = FAILOVER_OK;

	for (size_t i = 0; i < writer->vendor->count && !error; i++) {
		struct fo_vendor_item *item = &writer->vendor->items[i];
		struct line_state *state = state_of(writer, item->sip_line);
		const struct fo_option *option;
		int backup;

		if (!fo_vendor_match(writer->vendor, item, &option, &backup))
			continue;
		if (item->sip_line == 0 && is_first(&has, option))
			error = change_item(writer, item, option, writer->config);
		if (!state)
			continue;
		state->is_new = false;
		if (is_first(&state->has[backup], option))
			error = change_item(writer, item, option,
					    object_of(state->line, option, backup));
	}
	return error;
}

/* ---- out ------------------------------------------------------------------------------------ */

static void write_key(const struct fo_vendor *vendor, uint32_t line, const char *name,
		      const char *text, FILE *stream)
{
	char key[64];

	snprintf(key, sizeof(key), "SIP%" PRIu32 " %s", line, name);
	fprintf(stream, "%-*s:%s%s", KEY_COLUMNS, key, text, vendor->eol);
}

static void write_element(const struct fo_vendor *vendor, const char *name, const char *text,
			  FILE *stream)
{
	char *encoded = fo_vendor_encode(text);

	fprintf(stream, "            <%s>%s</%s>%s", name, encoded ? encoded : "", name,
		vendor->eol);
	if (encoded)
		explicit_bzero(encoded, strlen(encoded));
	free(encoded);
}

/* A key that the document lacks: in a line that is new all of them, else what is not at the default
 * that the phone has for it. */
static unsigned write_missing(const struct writer *writer, const struct line_state *state,
			      const struct fo_option *option, int backup, FILE *stream)
{
	const void *object = object_of(state->line, option, backup);
	char buffer[FO_VALUE_SIZE];
	const char *text = wanted(option, object, buffer);

	if (!option->vendor_text[backup] || fo_option_set_has(&state->has[backup], option) ||
	    !text)
		return 0;
	if (!state->is_new && says(option, object, "", text))
		return 0;
	if (stream && writer->vendor->is_xml)
		write_element(writer->vendor, option->vendor_xml[backup], text, stream);
	else if (stream)
		write_key(writer->vendor, state->line->number, option->vendor_text[backup], text,
			  stream);
	return 1;
}

/* How many there are; they are written where there is a stream. */
static unsigned write_line_missing(const struct writer *writer, const struct line_state *state,
				   FILE *stream)
{
	unsigned count = 0;

	for (size_t k = 0; k < fo_options_count; k++) {
		if (fo_option_in(&fo_options[k], FO_GLOBAL))
			continue;
		for (int backup = 0; backup < 2; backup++)
			count += write_missing(writer, state, &fo_options[k], backup, stream);
	}
	return count;
}

static unsigned write_all_missing(const struct writer *writer, FILE *stream)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < writer->config->lines_count; i++)
		count += write_line_missing(writer, &writer->lines[i], stream);
	return count;
}

/* XML: what a line lacks stands at its end, and a line that the document lacks behind the others.
 */
static void write_end(const struct writer *writer, const struct fo_vendor_item *end, FILE *stream)
{
	const struct line_state *state = end->sip_line ? state_of(writer, end->sip_line) : NULL;

	if (state && state->ended_by == end)
		write_line_missing(writer, state, stream);
	for (uint32_t i = 0; i < writer->config->lines_count && end == writer->sip_end; i++) {
		const struct line_state *line = &writer->lines[i];

		if (line->ended_by || write_line_missing(writer, line, NULL) == 0)
			continue;
		fprintf(stream, "        <line index=\"%" PRIu32 "\">%s", line->line->number,
			writer->vendor->eol);
		write_line_missing(writer, line, stream);
		fprintf(stream, "        </line>%s", writer->vendor->eol);
	}
}

/* The bytes as they came, but for values that are changed and, in XML, items that are new. Returns
 * how far that is. */
static size_t write_items(const struct writer *writer, FILE *stream)
{
	const struct fo_vendor *vendor = writer->vendor;
	size_t at = 0;

	for (size_t i = 0; i < vendor->count; i++) {
		const struct fo_vendor_item *item = &vendor->items[i];

		if (!item->changed && !item->is_end)
			continue;
		fwrite(vendor->text + at, 1, item->value - at, stream);
		at = item->value + item->value_length;
		if (item->is_end)
			write_end(writer, item, stream);
		else
			fputs(item->changed, stream);
	}
	return at;
}

/* In a text all that is new stands at the end of the SIP module. */
static void write_document(const struct writer *writer, FILE *stream)
{
	const struct fo_vendor *vendor = writer->vendor;
	size_t end = vendor->has_module ? vendor->end : vendor->end_mark;
	size_t at = write_items(writer, stream);
	bool open = end > 0 && vendor->text[end - 1] != '\n';
	unsigned missing = vendor->is_xml ? 0 : write_all_missing(writer, NULL);

	if (missing > 0) {
		if (end > at)
			fwrite(vendor->text + at, 1, end - at, stream);
		at = end > at ? end : at;
		if (open)
			fputs(vendor->eol, stream); /* the last line had no end */
		if (!vendor->has_module)
			fprintf(stream, "%s%s", FO_VENDOR_MODULE, vendor->eol);
		write_all_missing(writer, stream);
	}
	fwrite(vendor->text + at, 1, vendor->length - at, stream);
}

/* The last end of a line is where it is added to; a line may be there in pieces. */
static void find_ends(struct writer *writer)
{
	for (size_t i = 0; i < writer->vendor->count; i++) {
		const struct fo_vendor_item *item = &writer->vendor->items[i];
		struct line_state *state = state_of(writer, item->sip_line);

		if (item->is_end && item->sip_line == 0)
			writer->sip_end = item;
		else if (item->is_end && state)
			state->ended_by = item;
	}
}

int fo_vendor_write(const struct failover_config *config, struct fo_build *build,
		    const struct fo_vendor_base *base, FILE *stream)
{
	struct fo_vendor vendor;
	struct writer writer = { .config = config, .vendor = &vendor };
	char *own = base->text ? NULL : strdup(base->is_xml ? empty_xml : empty_text);
	int error = base->text || own ? FAILOVER_OK : FAILOVER_ERR_MEMORY;

	memset(&vendor, 0, sizeof(vendor));
	writer.lines = calloc((size_t)config->lines_count + 1, sizeof(*writer.lines));
	if (!writer.lines)
		error = FAILOVER_ERR_MEMORY;
	for (uint32_t i = 0; i < config->lines_count && !error; i++)
		writer.lines[i] = (struct line_state){ .line = config->lines[i], .is_new = true };
	if (!error)
		error = fo_vendor_parse_as(&vendor, build, own ? own : base->text,
					   own ? strlen(own) : base->length, base->is_xml);
	if (!error) {
		qsort(writer.lines, config->lines_count, sizeof(*writer.lines), by_number);
		error = change_items(&writer);
	}
	if (!error) {
		find_ends(&writer);
		write_document(&writer, stream);
	}
	fo_vendor_clear(&vendor);
	free(writer.lines);
	free(own);
	return error;
}

/* ---- what cannot be written ----------------------------------------------------------------- */

struct notes {
	const char *file;
	failover_config_report *report;
	void *user;
};

static void note(const struct notes *notes, uint32_t line, const char *what)
{
	char text[256];
	struct failover_config_error error = { .file = notes->file, .text = text };

	snprintf(text, sizeof(text), "note: line %" PRIu32 ": %s has no counterpart in the file",
		 line, what);
	notes->report(notes->user, &error);
}

static void line_notes(const struct notes *notes, const struct failover_config_line *line)
{
	char text[FO_VALUE_SIZE], what[128];

	for (size_t i = 0; i < fo_options_count; i++) {
		const struct fo_option *option = &fo_options[i];
		const void *field;

		if (!fo_option_in(option, FO_LINE) || fo_option_in(option, FO_GLOBAL))
			continue;
		field = fo_option_value(option, FO_LINE, line);
		if (option->vendor_text[0] ||
		    strcmp(fo_value_text(option, field, text), option->initial) == 0)
			continue;
		note(notes, line->number, option->key);
	}
	for (uint32_t i = 0; i < line->servers_count; i++) {
		const struct failover_config_server *server = &line->servers[i];
		bool known =
			strcmp(server->name, "primary") == 0 || strcmp(server->name, "backup") == 0;

		snprintf(what, sizeof(what), "server.%s%s", server->name,
			 known ? ".transport = auto" : "");
		if (!known || server->transport == FAILOVER_TRANSPORT_AUTO)
			note(notes, line->number, what);
	}
	for (uint32_t i = 0; i < line->proxies_count; i++) {
		const struct failover_config_proxy *proxy = &line->proxies[i];
		bool known =
			strcmp(proxy->name, "primary") == 0 || strcmp(proxy->name, "backup") == 0;

		snprintf(what, sizeof(what), "proxy.%s%s", proxy->name, known ? ".transport" : "");
		if (!known || proxy->transport_set)
			note(notes, line->number, what);
	}
}

void fo_vendor_notes(const struct failover_config *config, const char *file,
		     failover_config_report *report, void *user)
{
	const struct notes notes = { .file = file, .report = report, .user = user };

	for (uint32_t i = 0; i < config->lines_count && report; i++)
		line_notes(&notes, config->lines[i]);
}
