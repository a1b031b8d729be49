/* SPDX-License-Identifier: MIT */
/* form.c - the option table as JSON: what a form needs to know of each item. */
#include "server.h"

#include <string.h>

#include <failover/config.h>

static const struct {
	uint32_t scope;
	const char *name;
} scopes[] = {
	{ FAILOVER_CONFIG_GLOBAL, "global" },
	{ FAILOVER_CONFIG_LINE, "line" },
	{ FAILOVER_CONFIG_SERVER, "server" },
	{ FAILOVER_CONFIG_PROXY, "proxy" },
};

static const char *type_name(enum failover_config_type type)
{
	switch (type) {
	case FAILOVER_CONFIG_BOOL:
		return "bool";
	case FAILOVER_CONFIG_NUMBER:
		return "number";
	case FAILOVER_CONFIG_CHOICE:
		return "choice";
	case FAILOVER_CONFIG_TEXT:
		return "text";
	case FAILOVER_CONFIG_SECRET:
		return "secret";
	case FAILOVER_CONFIG_HOST:
		return "host";
	case FAILOVER_CONFIG_LIST:
		return "list";
	}
	return "text";
}

static json_t *scopes_json(uint32_t of)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		if (of & scopes[i].scope)
			json_array_append_new(list, json_string(scopes[i].name));
	}
	return list;
}

static json_t *choices_json(const struct failover_config_item *item)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < item->choices_count; i++)
		json_array_append_new(list, json_string(item->choices[i]));
	return list;
}

/* A text in both languages; null where there is none. */
static json_t *words_json(const char *en, const char *zh)
{
	if (!en)
		return json_null();
	return json_pack("{s:s, s:s}", "en", en, "zh", zh ? zh : en);
}

/* B29: where a profile says something else than `initial`, by its name; "" is no profile at all. */
static json_t *initials_json(const struct failover_config_item *item)
{
	json_t *initials = json_object();
	uint32_t profile;

	for (uint32_t n = 0; (profile = failover_profile_at(n)) != 0; n++) {
		const char *value = failover_config_initial(profile, item->key);

		if (!value || !(item->scopes & FAILOVER_CONFIG_LINE) ||
		    strcmp(value, item->initial) == 0)
			continue;
		json_object_set_new(initials, failover_profile_text(profile), json_string(value));
		if (profile == failover_profile_default())
			json_object_set_new(initials, "", json_string(value));
	}
	return initials;
}

static json_t *item_json(const struct failover_config_item *item)
{
	json_t *json = json_pack(
		"{s:s, s:o, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "key", item->key,
		"scopes", scopes_json(item->scopes), "type", type_name(item->type), "unit",
		words_json(item->unit, item->unit_zh), "initial", item->initial, "initials",
		initials_json(item), "unset", words_json(item->unset, item->unset_zh), "choices",
		choices_json(item), "label", words_json(item->label, item->label_zh), "help",
		words_json(item->help, item->help_zh), "label_backup",
		words_json(item->label_backup, item->label_backup_zh), "group", item->group);

	if (!json || (item->minimum == 0 && item->maximum == 0))
		return json;
	json_object_set_new(json, "minimum", json_integer(item->minimum));
	json_object_set_new(json, "maximum", json_integer(item->maximum));
	return json;
}

json_t *web_form(void)
{
	struct failover_config_item item = { .size = sizeof(item) };
	struct failover_config_group group = { .size = sizeof(group) };
	json_t *items = json_array(), *groups = json_array();

	for (uint32_t n = 0; failover_config_item(n, &item) == 0; n++)
		json_array_append_new(items, item_json(&item));
	for (uint32_t n = 0; failover_config_group(n, &group) == 0; n++)
		json_array_append_new(groups,
				      json_pack("{s:s, s:o, s:o}", "id", group.id, "label",
						words_json(group.label, group.label_zh), "note",
						words_json(group.note, group.note_zh)));
	return json_pack("{s:o, s:o}", "options", items, "groups", groups);
}
