/* SPDX-License-Identifier: MIT */
/* The option table as a form sees it: items, the groups that they are in, and values by path. */
#include <stdio.h>
#include <string.h>

#include "../core/sized.h"
#include "item.h"
#include "path.h"

/* In the order of a form. Of "server" and "proxy" there is one for each section of a line. */
static const struct failover_config_group groups[] = {
	{ .id = "register",
	  .label = "Register Settings",
	  .label_zh = "注册设置",
	  .note = "The account of this line: who it is, and how it proves that.",
	  .note_zh = "这条线路的账号：它是谁，以及如何认证。" },
	{ .id = "server",
	  .label = "SIP Servers",
	  .label_zh = "SIP 服务器",
	  .note = "Where the line registers. When one does not serve, the next one is tried.",
	  .note_zh = "线路注册到哪里。一个服务器不可用时，尝试下一个。" },
	{ .id = "server.primary",
	  .label = "SIP Server 1",
	  .label_zh = "SIP 服务器 1",
	  .note = "The primary server: preferred whenever it serves.",
	  .note_zh = "主服务器：只要可用就优先使用。" },
	{ .id = "server.backup",
	  .label = "SIP Server 2",
	  .label_zh = "SIP 服务器 2",
	  .note = "The backup server: it takes over when the primary one does not serve.",
	  .note_zh = "备份服务器：主服务器不可用时由它接替。" },
	{ .id = "proxy",
	  .label = "SIP Proxies",
	  .label_zh = "SIP 代理",
	  .note = "Outbound proxies, if requests to the servers go through them.",
	  .note_zh = "出局代理：发往服务器的请求经过它们时填写。" },
	{ .id = "proxy.primary",
	  .label = "SIP Proxy",
	  .label_zh = "SIP 代理服务器",
	  .note = "The primary proxy: each server is tried through it first.",
	  .note_zh = "主代理：每个服务器都先经过它尝试。" },
	{ .id = "proxy.backup",
	  .label = "Backup Proxy",
	  .label_zh = "备份代理服务器",
	  .note = "The backup proxy: the way to the same server when the primary one is dead.",
	  .note_zh = "备份代理：主代理失效时，经过它到达同一服务器。" },
	{ .id = "basic",
	  .label = "Basic Settings",
	  .label_zh = "基本设置",
	  .note = "When the line leaves a server, and how it comes back to the primary one.",
	  .note_zh = "线路何时离开服务器，以及如何回到主服务器。" },
	{ .id = "advanced",
	  .label = "Advanced Settings",
	  .label_zh = "高级设置",
	  .note = "The defaults are right for most networks.",
	  .note_zh = "默认值适合大多数网络。" },
	{ .id = "global",
	  .label = "SIP Global Settings",
	  .label_zh = "SIP 全局设置",
	  .note = "For all lines of the device.",
	  .note_zh = "对设备的所有线路有效。" },
	{ .id = "tls",
	  .label = "TLS",
	  .label_zh = "TLS",
	  .note = "Which servers are trusted, and the device's own certificate.",
	  .note_zh = "信任哪些服务器，以及设备自己的证书。" },
};

const struct failover_config_group *fo_group_find(const char *id)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (strcmp(groups[i].id, id) == 0)
			return &groups[i];
	}
	return NULL;
}

int failover_config_group(uint32_t n, struct failover_config_group *out)
{
	struct failover_config_group group;

	if (n >= sizeof(groups) / sizeof(groups[0]))
		return FAILOVER_ERR_ARGUMENT;
	group = groups[n];
	group.size = sizeof(group);
	fo_sized_give(out, &group, sizeof(group),
		      FO_SIZE_WITH(struct failover_config_group, note_zh));
	return FAILOVER_OK;
}

static uint32_t type_of(const struct fo_option *option)
{
	switch (option->type) {
	case FO_TYPE_BOOL:
		return FAILOVER_CONFIG_BOOL;
	case FO_TYPE_NUMBER:
		return FAILOVER_CONFIG_NUMBER;
	case FO_TYPE_CHOICE:
	case FO_TYPE_PROFILE:
		return FAILOVER_CONFIG_CHOICE;
	case FO_TYPE_TEXT:
		return FAILOVER_CONFIG_TEXT;
	case FO_TYPE_SECRET:
		return FAILOVER_CONFIG_SECRET;
	case FO_TYPE_HOST:
		return FAILOVER_CONFIG_HOST;
	case FO_TYPE_METHODS:
	case FO_TYPE_CODES:
	case FO_TYPE_SOURCES:
	case FO_TYPE_TEXTS:
		break;
	}
	return FAILOVER_CONFIG_LIST;
}

/* One name for each value: the one that is written. */
static void take_choices(const struct fo_option *option, struct failover_config_item *item)
{
	const struct fo_choice *choice = option->choices;

	for (; choice && choice->name; choice++) {
		if (fo_choice_is_listed(option, choice) &&
		    strcmp(fo_choice_name(option, choice->value), choice->name) == 0 &&
		    item->choices_count < FAILOVER_CONFIG_CHOICES_MOST)
			item->choices[item->choices_count++] = choice->name;
	}
}

int failover_config_item(uint32_t n, struct failover_config_item *out)
{
	const struct fo_option *option;
	struct failover_config_item item = { .size = sizeof(item) };

	if (n >= fo_options_count)
		return FAILOVER_ERR_ARGUMENT;
	option = &fo_options[n];
	item.scopes = option->scopes;
	item.type = type_of(option);
	item.minimum = option->minimum;
	/* Of a set it is the sum of its bits. */
	item.maximum = option->type == FO_TYPE_METHODS ? 0 : option->maximum;
	take_choices(option, &item);
	item.key = option->key;
	item.unit = option->unit;
	item.unit_zh = fo_option_unit(option, FO_CHINESE);
	item.initial = option->initial;
	item.unset = option->unset;
	item.unset_zh = option->unset_zh;
	item.label = option->label;
	item.label_zh = option->label_zh;
	item.label_backup = option->label_backup[FO_ENGLISH];
	item.label_backup_zh = option->label_backup[FO_CHINESE];
	item.help = option->help;
	item.help_zh = option->help_zh;
	item.group = option->group;
	fo_sized_give(out, &item, sizeof(item),
		      FO_SIZE_WITH(struct failover_config_item, label_backup_zh));
	return FAILOVER_OK;
}

const char *failover_config_initial(uint32_t profile, const char *key)
{
	const struct fo_option *option = fo_option_find(FO_LINE, key);

	return option ? fo_value_initial(option, profile) : NULL;
}

static const struct failover_config_line *line_of(const struct failover_config *config,
						  uint32_t number)
{
	for (uint32_t i = 0; i < config->lines_count; i++) {
		if (config->lines[i]->number == number)
			return config->lines[i];
	}
	return NULL;
}

/* The struct that the path leads to, or NULL. */
static const void *object_of(const struct failover_config *config, const struct fo_path *path)
{
	const struct failover_config_line *line;

	if (path->scope == FO_GLOBAL)
		return config;
	line = line_of(config, path->line);
	if (!line || path->scope == FO_LINE)
		return line;
	for (uint32_t i = 0; i < line->servers_count && path->scope == FO_SERVER; i++) {
		if (strcmp(line->servers[i].name, path->name) == 0)
			return &line->servers[i];
	}
	for (uint32_t i = 0; i < line->proxies_count && path->scope == FO_PROXY; i++) {
		if (strcmp(line->proxies[i].name, path->name) == 0)
			return &line->proxies[i];
	}
	return NULL;
}

int failover_config_get(const struct failover_config *config, const char *path, char *text,
			size_t size)
{
	char buffer[FO_VALUE_SIZE];
	struct fo_path place;
	const char *value = "";
	const void *object;

	if (size == 0)
		return FAILOVER_ERR_ARGUMENT;
	text[0] = '\0';
	if (!fo_path_read(path, &place) || !place.option)
		return FAILOVER_ERR_ARGUMENT;
	object = object_of(config, &place);
	if (!object)
		return FAILOVER_ERR_ARGUMENT;
	if (fo_option_is_given(place.option, object))
		value = fo_value_text(place.option,
				      fo_option_value(place.option, place.scope, object), buffer);
	if (place.option->type == FO_TYPE_SECRET && value[0])
		value = "set";
	if (strlen(value) >= size)
		return FAILOVER_ERR_FULL;
	memcpy(text, value, strlen(value) + 1);
	return FAILOVER_OK;
}
