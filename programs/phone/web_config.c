/* SPDX-License-Identifier: MIT */
/*
 * web_config.c - the configuration as the page has it: what the file says, and changes to it, which
 * take the way of a reload. A secret is never told, only whether there is one.
 */
#include "phone.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void phone_web_revision(const struct phone *phone, char text[32])
{
	char revision[17];

	strcpy(text, "unreadable");
	if (failover_config_revision(phone->options.config, revision) == 0)
		strcpy(text, revision);
}

/* ---- what is set ---------------------------------------------------------------------------- */

static json_t *value_json(const struct failover_config *config,
			  const struct failover_config_item *item, const char *path)
{
	char text[FAILOVER_CONFIG_VALUE_SIZE];
	json_t *json;

	if (failover_config_get(config, path, text, sizeof(text)) != 0)
		return json_null();
	if (item->type == FAILOVER_CONFIG_SECRET)
		return json_pack("{s:b}", "set", *text != '\0');
	json = *text ? json_string(text) : NULL;
	return json ? json : json_null();
}

/* The items of one section, whose path `prefix` is. */
static json_t *values_json(const struct failover_config *config, uint32_t scope, const char *prefix)
{
	struct failover_config_item item = { .size = sizeof(item) };
	json_t *values = json_object();
	char path[256];

	for (uint32_t n = 0; values && failover_config_item(n, &item) == 0; n++) {
		if (!(item.scopes & scope))
			continue;
		snprintf(path, sizeof(path), "%s%s", prefix, item.key);
		json_object_set_new(values, item.key, value_json(config, &item, path));
	}
	return values;
}

static json_t *section_json(const struct failover_config *config, uint32_t scope, uint32_t line,
			    const char *kind, const char *name)
{
	char prefix[128];

	snprintf(prefix, sizeof(prefix), "line.%u.%s.%s.", (unsigned)line, kind, name);
	return json_pack("{s:s, s:o}", "name", name, "values", values_json(config, scope, prefix));
}

static json_t *line_json(const struct failover_config *config,
			 const struct failover_config_line *line)
{
	json_t *servers = json_array(), *proxies = json_array();
	char prefix[32];

	for (uint32_t i = 0; i < line->servers_count; i++)
		json_array_append_new(servers,
				      section_json(config, FAILOVER_CONFIG_SERVER, line->number,
						   "server", line->servers[i].name));
	for (uint32_t i = 0; i < line->proxies_count; i++)
		json_array_append_new(proxies,
				      section_json(config, FAILOVER_CONFIG_PROXY, line->number,
						   "proxy", line->proxies[i].name));
	snprintf(prefix, sizeof(prefix), "line.%u.", (unsigned)line->number);
	return json_pack("{s:I, s:o, s:o, s:o}", "number", (json_int_t)line->number, "values",
			 values_json(config, FAILOVER_CONFIG_LINE, prefix), "servers", servers,
			 "proxies", proxies);
}

static json_t *words_json(const char *en, const char *zh)
{
	return en ? json_pack("{s:s, s:s}", "en", en, "zh", zh ? zh : en) : json_null();
}

static json_t *config_json(const struct phone *phone, const struct failover_config *config,
			   const char *note, const char *note_zh)
{
	struct failover_config_format format = { .size = sizeof(format) };
	json_t *lines = json_array();
	char revision[32];

	(void)failover_config_format(phone->options.config, &format);
	for (uint32_t i = 0; i < config->lines_count; i++)
		json_array_append_new(lines, line_json(config, config->lines[i]));
	phone_web_revision(phone, revision);
	return json_pack("{s:s, s:s, s:s, s:b, s:o, s:o, s:o}", "revision", revision, "file",
			 phone->options.config, "format", format.name ? format.name : "conf",
			 "keeps_comments", (int)format.keeps_comments, "note",
			 note ? words_json(note, note_zh) : words_json(format.note, format.note_zh),
			 "global", values_json(config, FAILOVER_CONFIG_GLOBAL, ""), "lines", lines);
}

static void error_ignore(void *user, const struct failover_config_error *error)
{
	(void)user;
	(void)error;
}

/* The file may have been changed since it was read. */
json_t *phone_web_config(const struct phone *phone)
{
	struct failover_config *config = NULL;
	json_t *json;

	if (failover_config_read(phone->options.config, error_ignore, NULL, &config) != 0)
		return config_json(phone, phone->config,
				   "The file has errors by now; shown is what is in use.",
				   "文件现有错误；显示的是正在使用的配置。");
	json = config_json(phone, config, NULL, NULL);
	failover_config_free(config);
	return json;
}

/* ---- changes -------------------------------------------------------------------------------- */

#define CHANGES_MOST 4096u

static json_t *error_json(const char *code, const char *text, const char *text_zh)
{
	return json_pack("{s:{s:s, s:s, s:s}}", "error", "code", code, "text", text, "text_zh",
			 text_zh);
}

static json_t *text_or_null(const char *text)
{
	json_t *json = text ? json_string(text) : NULL;

	return json ? json : json_null();
}

static void error_keep(void *user, const struct failover_config_error *error)
{
	json_array_append_new(user, json_pack("{s:o, s:o, s:o}", "path", text_or_null(error->path),
					      "text", text_or_null(error->text), "text_zh",
					      text_or_null(error->text_zh)));
}

/* The texts stay the patch's. NULL = these are no changes. */
static struct failover_config_change *changes_new(const json_t *list)
{
	size_t count = json_array_size(list);
	struct failover_config_change *changes =
		count <= CHANGES_MOST ? calloc(count + 1, sizeof(*changes)) : NULL;

	for (size_t i = 0; changes && i < count; i++) {
		const json_t *one = json_array_get(list, i), *value = json_object_get(one, "value");

		changes[i].path = json_string_value(json_object_get(one, "path"));
		changes[i].value = json_string_value(value);
		if (changes[i].path && (changes[i].value || json_is_null(value)))
			continue;
		free(changes);
		return NULL;
	}
	return changes;
}

/* Nothing was applied; which file it would have been. */
static json_t *refused_json(const struct phone *phone, const char *code, const char *text,
			    const char *text_zh)
{
	char revision[32];
	json_t *json = error_json(code, text, text_zh);

	phone_web_revision(phone, revision);
	if (json)
		json_object_set_new(json, "revision", json_string(revision));
	return json;
}

static json_t *io_json(int why, int *status)
{
	char text[128];

	*status = why == ENOSPC || why == EDQUOT ? 507 : 500;
	snprintf(text, sizeof(text), "The file cannot be written: %s. The old one is intact.",
		 strerror(why));
	return error_json(*status == 507 ? "disk-full" : "not-written", text,
			  *status == 507 ? "磁盘已满，无法写入文件；原文件完好。"
					 : "无法写入文件；原文件完好。");
}

/* What to know of a change that has been made, after what the file's format says of it. */
static json_t *applied_json(const struct phone *phone, int waits, int refused, json_t *notes)
{
	char revision[32];

	if (waits)
		json_array_append_new(
			notes, json_pack("{s:s, s:s}", "text",
					 "sip_port, shared_health, accept_from, static_dns, stack "
					 "and tls_* take "
					 "effect at the next start.",
					 "text_zh",
					 "sip_port、shared_health、accept_from、stack 和 tls_* "
					 "在下次启动时生效。"));
	if (refused)
		json_array_append_new(
			notes,
			json_pack("{s:s, s:s}", "text",
				  "It is in the file, but not in use: no address of a server "
				  "was found.",
				  "text_zh", "已写入文件但未启用：找不到服务器地址。"));
	phone_web_revision(phone, revision);
	return json_pack("{s:s, s:O}", "revision", revision, "notes", notes);
}

/* The file has been changed: it holds from now on. */
static json_t *config_use(struct phone *phone, struct failover_config *config, json_t *notes)
{
	int waits = phone_config_waits(phone->config, config);
	int refused = phone_config_take(phone, config) != 0;
	json_t *json = applied_json(phone, waits, refused, notes);

	phone_turn(phone);
	return json;
}

static json_t *edit_failed(const struct phone *phone, int error, int why, json_t *errors,
			   int *status)
{
	switch (error) {
	case FAILOVER_ERR_STATE:
		*status = 409;
		return refused_json(phone, "changed",
				    "The file was changed meanwhile: nothing was applied.",
				    "文件已被更改：未应用任何更改。");
	case FAILOVER_ERR_ARGUMENT:
	case FAILOVER_ERR_UNSUPPORTED:
		*status = 422;
		return json_pack("{s:O}", "errors", errors);
	case FAILOVER_ERR_IO:
		return io_json(why, status);
	default:
		*status = 500;
		return error_json("no-memory", failover_strerror(error), "设备内存不足。");
	}
}

static json_t *changes_apply(struct phone *phone, const json_t *patch,
			     const struct failover_config_change *changes, uint32_t count,
			     int *status)
{
	struct failover_config *config = NULL;
	json_t *errors = json_array(), *answer;
	int error;

	errno = 0;
	error = failover_config_edit(phone->options.config,
				     json_string_value(json_object_get(patch, "revision")), changes,
				     count, error_keep, errors, &config);
	*status = 200;
	answer = error == 0 ? config_use(phone, config, errors)
			    : edit_failed(phone, error, errno, errors, status);
	json_decref(errors);
	return answer;
}

json_t *phone_web_apply(struct phone *phone, const json_t *patch, int *status)
{
	const json_t *list = json_object_get(patch, "changes");
	struct failover_config_change *changes = changes_new(list);
	json_t *answer;

	*status = 400;
	if (!changes)
		return error_json("bad-json",
				  "A change has a path, and a value that is a text or null.",
				  "每项更改须有 path，以及为文本或 null 的 value。");
	if (phone->quitting) { /* its lines would register anew, and nobody would take that back */
		*status = 409;
		answer = refused_json(phone, "not-now",
				      "The phone is about to end: nothing was applied.",
				      "话机即将退出：未应用任何更改。");
	} else {
		answer = changes_apply(phone, patch, changes, (uint32_t)json_array_size(list),
				       status);
	}
	free(changes);
	return answer;
}
