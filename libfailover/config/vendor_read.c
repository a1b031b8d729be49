/* SPDX-License-Identifier: MIT */
/* The vendor's text as a configuration. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vendor.h"

#define VALUE_SIZE 2048

/* Elements have the names of keys, without blanks. */
static bool means(const struct fo_vendor *vendor, const struct fo_vendor_item *item,
		  const char *name)
{
	char element[32];
	size_t used = 0;

	if (!vendor->is_xml)
		return fo_vendor_is(vendor, item, name);
	for (; *name && used < sizeof(element) - 1; name++) {
		if (*name != ' ')
			element[used++] = *name;
	}
	element[used] = '\0';
	return fo_vendor_is(vendor, item, element);
}

/* Their meaning is not published, and they may have to do with where requests go. */
static const char *const unpublished[] = {
	"Backup Mode",	       "Need Reg On",	       "Backup Need Reg On",
	"Proxy Need Reg On",   "BakProxy Need Reg On", "Server Type",
	"Unavailable Mode",    "TCP Use Retry Timer",  "DNS SRV",
	"Enable Group Backup",
};

bool fo_vendor_match(const struct fo_vendor *vendor, const struct fo_vendor_item *item,
		     const struct fo_option **option, int *backup)
{
	unsigned scopes = item->sip_line ? FO_IN(FO_LINE) | FO_IN(FO_SERVER) | FO_IN(FO_PROXY)
					 : FO_IN(FO_GLOBAL);

	for (size_t i = 0; i < fo_options_count && !item->is_end; i++) {
		if (!(fo_options[i].scopes & scopes) ||
		    (item->sip_line && fo_option_in(&fo_options[i], FO_GLOBAL)))
			continue;
		for (int n = 0; n < 2; n++) {
			const char *name = vendor->is_xml ? fo_options[i].vendor_xml[n]
							  : fo_options[i].vendor_text[n];

			if (!name || !fo_vendor_is(vendor, item, name))
				continue;
			*option = &fo_options[i];
			*backup = n;
			return true;
		}
	}
	return false;
}

static struct fo_node *section(struct fo_build *build, struct fo_node *parent, enum fo_scope scope,
			       const char *name, struct fo_at at)
{
	struct fo_node *node = fo_build_find(build, parent, scope, name);

	return node ? node : fo_build_section(build, parent, scope, name, at);
}

/* The section that the item belongs to, made if it is not there; NULL after a fault. */
static struct fo_node *node_of(struct fo_build *build, const struct fo_vendor_item *item,
			       const struct fo_option *option, int backup)
{
	const struct fo_at at = { .line = item->file_line };
	struct fo_node *node = build->root;
	char number[16];

	if (!item->sip_line)
		return node;
	snprintf(number, sizeof(number), "%" PRIu32, item->sip_line);
	node = section(build, node, FO_LINE, number, at);
	if (!node || fo_option_in(option, FO_LINE))
		return node;
	return section(build, node, fo_option_in(option, FO_SERVER) ? FO_SERVER : FO_PROXY,
		       backup ? "backup" : "primary", at);
}

/* False and a fault where it is nothing that a configuration could hold. */
static bool value_of(struct fo_build *build, const struct fo_vendor *vendor,
		     const struct fo_vendor_item *item, char *value)
{
	const char *text = vendor->text + item->value;
	const struct fo_at at = { .line = item->file_line, .column = (uint32_t)item->column + 2 };
	const char *fault = NULL;

	if (item->value_length >= VALUE_SIZE)
		fault = "the value is too long";
	else if (memchr(text, '\0', item->value_length))
		fault = "NUL byte; accepted: text";
	else if (fo_text_not_utf8(text, item->value_length))
		fault = "not UTF-8; accepted: UTF-8 text";
	if (fault) {
		fo_build_fault(build, at, "%s", fault);
		return false;
	}
	memcpy(value, text, item->value_length);
	value[item->is_empty_tag ? 0 : item->value_length] = '\0';
	if (vendor->is_xml)
		fo_vendor_decode(value);
	return true;
}

static void note_unpublished(const struct fo_vendor *vendor, const struct fo_vendor_item *item,
			     const struct fo_vendor_source *source)
{
	struct failover_config_error note = { .file = source->file, .line = item->file_line };
	char text[160];

	if (item->value_length == 0 || item->is_empty_tag || item->is_end || !source->report ||
	    (item->value_length == 1 && vendor->text[item->value] == '0'))
		return;
	for (size_t i = 0; i < sizeof(unpublished) / sizeof(unpublished[0]); i++) {
		if (!means(vendor, item, unpublished[i]))
			continue;
		snprintf(
			text, sizeof(text),
			"note: '%s' is set; its meaning is not published, so it has no effect here",
			unpublished[i]);
		note.text = text;
		source->report(source->user, &note);
	}
}

static void read_item(struct fo_build *build, const struct fo_vendor *vendor,
		      const struct fo_vendor_item *item, const struct fo_option *option, int backup)
{
	const struct fo_at at = { .line = item->file_line, .column = (uint32_t)item->column + 2 };
	struct fo_node *node = node_of(build, item, option, backup);
	char value[VALUE_SIZE];
	const char *word = value;
	const struct fo_words words = { .word = &word, .count = 1 };

	/* A key may come again in another sub-list: the first one counts. */
	if (!node || fo_node_gives(node, option) || !value_of(build, vendor, item, value))
		return;
	if (value[0] == '\0' && !fo_option_is_text(option)) {
		/* The default; and the first one counts all the same. */
		word = option->vendor_initial ? option->vendor_initial : option->initial;
		if (word[0] == '\0') {
			fo_build_claim(build, node, option, at);
			return;
		}
	}
	if (fo_build_claim(build, node, option, at))
		fo_build_value(build, node, option, &words, at);
	explicit_bzero(value, sizeof(value));
}

/* What the phone's own default is, where ours is another. */
static void line_defaults(struct fo_build *build, struct fo_node *line)
{
	for (size_t i = 0; i < fo_options_count; i++) {
		const struct fo_option *option = &fo_options[i];
		const struct fo_words words = { .word = &option->vendor_initial, .count = 1 };

		if (option->vendor_initial && fo_option_in(option, FO_LINE) &&
		    !fo_node_gives(line, option))
			fo_build_value(build, line, option, &words, line->at);
	}
}

static bool has_server(const struct fo_node *line)
{
	const struct failover_config_line *object = line->object;

	for (uint32_t i = 0; i < object->servers_count; i++) {
		if (object->servers[i].address[0])
			return true;
	}
	return false;
}

/* The phone's defaults; an address that is not there is empty; and phones have "enabled" lines that
 * nobody has given a server. */
static void vendor_defaults(struct fo_build *build)
{
	for (struct fo_node *line = build->root->children; line; line = line->next) {
		line_defaults(build, line);
		if (!has_server(line))
			((struct failover_config_line *)line->object)->enable = 0;
		for (struct fo_node *node = line->children; node; node = node->next) {
			const struct fo_option *address = fo_option_find(node->scope, "address");

			if (!fo_node_gives(node, address))
				*fo_node_where(node, address) = node->at;
		}
	}
}

void fo_vendor_read(struct fo_build *build, char *text, size_t length,
		    const struct fo_vendor_source *source)
{
	struct fo_vendor vendor;
	int error = fo_vendor_parse_as(&vendor, build, text, length, source->is_xml);

	build->no_memory = error == FAILOVER_ERR_MEMORY;
	for (size_t i = 0; i < vendor.count && !error && !build->no_memory && !build->stopped;
	     i++) {
		const struct fo_vendor_item *item = &vendor.items[i];
		const struct fo_option *option;
		int backup;

		if (fo_vendor_match(&vendor, item, &option, &backup))
			read_item(build, &vendor, item, option, backup);
		else
			note_unpublished(&vendor, item, source);
	}
	vendor_defaults(build);
	fo_vendor_clear(&vendor);
}
