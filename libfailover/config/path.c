/* SPDX-License-Identifier: MIT */
/* Names of places in a configuration. */
#include <stdio.h>
#include <string.h>

#include "path.h"

/* The part up to the next dot, if it fits, and the text behind it. */
static bool take_part(const char **text, char *part, size_t size)
{
	size_t length = strcspn(*text, ".");

	if (length == 0 || length >= size)
		return false;
	memcpy(part, *text, length);
	part[length] = '\0';
	*text += length;
	if (**text == '.')
		(*text)++;
	return true;
}

static bool take_option(const char *text, struct fo_path *path)
{
	path->option = fo_option_find(path->scope, text);
	return path->option != NULL;
}

bool fo_path_read(const char *text, struct fo_path *path)
{
	char part[FO_NAME_MOST + 1];
	const char *rest = text;
	bool dot;

	memset(path, 0, sizeof(*path));
	if (!strchr(text, '.'))
		return take_option(text, path);
	if (text[strlen(text) - 1] == '.' || !take_part(&rest, part, sizeof(part)) ||
	    strcmp(part, fo_scope_name(FO_LINE)) != 0 || !take_part(&rest, part, sizeof(part)))
		return false;
	path->scope = FO_LINE;
	path->line = fo_line_number(part);
	if (path->line == 0 || part[0] == '0')
		return false;
	if (*rest == '\0')
		return true;
	if (!strchr(rest, '.'))
		return take_option(rest, path);
	if (!take_part(&rest, part, sizeof(part)) || !fo_scope_find(FO_LINE, part, &path->scope))
		return false;
	dot = strchr(rest, '.') != NULL;
	if (!take_part(&rest, path->name, sizeof(path->name)) || !fo_name_is_good(path->name))
		return false;
	return dot ? take_option(rest, path) : true;
}

void fo_path_write(const struct fo_node *node, const struct fo_option *option, char *buffer,
		   size_t size)
{
	const char *key = option ? option->key : "";

	buffer[0] = '\0';
	if (node->scope == FO_LINE)
		fo_append(buffer, size, "line.%s", node->name);
	else if (node->scope != FO_GLOBAL)
		fo_append(buffer, size, "line.%s.%s.%s", node->parent->name,
			  fo_scope_name(node->scope), node->name);
	fo_append(buffer, size, "%s%s", option && buffer[0] ? "." : "", key);
}
