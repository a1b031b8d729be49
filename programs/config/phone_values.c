/* SPDX-License-Identifier: MIT */
/* One value of a phone as values of ours. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "phone_sets.h"

#define PATH_SIZE 96

static const char one_for_all[] = "here it is one value for the line, and another key has said it";

/* Put a setting; a remark that comes to nothing says so. */
static void put(struct phone_sets *sets, const struct phone_source *source, const char *path,
		const char *value, bool is_stronger)
{
	struct phone_remark *remark = &sets->remarks[sets->remarks_count - 1];
	static const char *const servers[] = { "primary", "backup" };
	const char *each = strchr(path, '%');
	char one[PATH_SIZE];

	for (int i = 0; i < 2 && each; i++) {
		snprintf(one, sizeof(one), "%.*s%s%s", (int)(each - path), path, servers[i],
			 each + 1);
		put(sets, source, one, value, is_stronger);
	}
	if (each || phone_put(sets, path, value, is_stronger))
		return;
	remark->is_overtaken = true;
	if (source->is_default || source->is_general)
		return;
	remark->fit = PHONE_NONE;
	remark->note = one_for_all;
}

/* ---- our items: their ranges -------------------------------------------------------------------
 */

static bool item_of(const char *path, struct failover_config_item *item)
{
	const char *key = strrchr(path, '.');
	uint32_t scope = FAILOVER_CONFIG_GLOBAL;

	if (strstr(path, ".server."))
		scope = FAILOVER_CONFIG_SERVER;
	else if (strstr(path, ".proxy."))
		scope = FAILOVER_CONFIG_PROXY;
	else if (key)
		scope = FAILOVER_CONFIG_LINE;
	key = key ? key + 1 : path;
	for (uint32_t n = 0; item->size = sizeof(*item), !failover_config_item(n, item); n++) {
		if ((item->scopes & scope) && strcmp(item->key, key) == 0)
			return true;
	}
	return false;
}

/* "0.5", "3600": without what a locale might make of it. */
static bool read_number(const char *text, double *number)
{
	double place = 1;

	*number = 0;
	if (strspn(text, "0123456789") == 0 && (*text != '.' || text[1] == '\0'))
		return false;
	for (; *text >= '0' && *text <= '9'; text++)
		*number = *number < 1e12 ? *number * 10 + (*text - '0') : *number;
	if (*text == '.') {
		for (text++; *text >= '0' && *text <= '9'; text++) {
			place /= 10;
			*number += place * (*text - '0');
		}
	}
	return *text == '\0';
}

static void put_number(struct phone_sets *sets, const struct phone_row *row,
		       const struct phone_source *source, const char *path)
{
	struct phone_remark *remark = &sets->remarks[sets->remarks_count - 1];
	struct failover_config_item item = { .size = 0 };
	char text[32], own[32];
	double number;

	if (!item_of(path, &item) || !read_number(source->value, &number)) {
		remark->fit = PHONE_NONE;
		remark->note = "it is no number";
		return;
	}
	number = number * (row->factor > 0 ? row->factor : 1) + 0.5;
	snprintf(own, sizeof(own), "%.0f", number - 0.5);
	if (number < item.minimum)
		number = item.minimum;
	if (number > item.maximum)
		number = item.maximum;
	snprintf(text, sizeof(text), "%" PRIu32, (uint32_t)number);
	if (strcmp(text, own) != 0 && remark->fit == PHONE_AS_IS) {
		remark->fit = PHONE_NEAREST;
		remark->note = "it is out of the range here";
	}
	put(sets, source, path, text, false);
}

/* ---- addresses ---------------------------------------------------------------------------------
 */

static const char *without_scheme(const char *value)
{
	if (strncasecmp(value, "sip:", 4) == 0)
		return value + 4;
	return strncasecmp(value, "sips:", 5) == 0 ? value + 5 : value;
}

/* "line.1.server.backup.address" to ".port" of the same. */
static void port_path(const char *path, char *out)
{
	const char *dot = strrchr(path, '.');

	snprintf(out, PATH_SIZE, "%.*s.port", (int)(dot - path), path);
}

static void put_host(struct phone_sets *sets, const struct phone_source *source, const char *path)
{
	char host[PHONE_VALUE_MOST + 1], port[PATH_SIZE];
	char *colon, *bracket;

	snprintf(host, sizeof(host), "%s", without_scheme(source->value));
	bracket = host[0] == '[' ? strchr(host, ']') : NULL;
	colon = strchr(bracket ? bracket : host, ':');
	if (colon && !bracket && strchr(colon + 1, ':'))
		colon = NULL; /* IPv6 without brackets */
	if (colon)
		*colon = '\0';
	put(sets, source, path, host, false);
	if (!colon)
		return;
	port_path(path, port);
	put(sets, source, port, colon + 1, false);
}

static void put_user(struct phone_sets *sets, const struct phone_source *source, const char *path)
{
	char user[PHONE_VALUE_MOST + 1], domain[PATH_SIZE];
	char *at;

	snprintf(user, sizeof(user), "%s", without_scheme(source->value));
	at = strchr(user, '@');
	if (at)
		*at = '\0';
	put(sets, source, path, user, false);
	if (!at)
		return;
	phone_expand("line.#.domain", &source->place, true, domain, sizeof(domain));
	put(sets, source, domain, at + 1, false);
}

/* ---- names -------------------------------------------------------------------------------------
 */

/* "*" stands for all others. */
static const struct phone_name *name_of(const struct phone_row *row, const char *value)
{
	for (const struct phone_name *name = row->names; name && name->value; name++) {
		if (strcasecmp(name->value, value) == 0 || strcmp(name->value, "*") == 0)
			return name;
	}
	return NULL;
}

/* "failback=true signal_failback=false", of the line. */
static void put_assignments(struct phone_sets *sets, const struct phone_source *source,
			    const char *text)
{
	while (*text) {
		size_t length = strcspn(text, " "), equals = strcspn(text, "=");
		bool is_stronger = *text == '!';
		char path[PATH_SIZE], value[64];

		snprintf(path, sizeof(path), "line.%u.%.*s", source->place.line,
			 (int)(equals - is_stronger), text + is_stronger);
		snprintf(value, sizeof(value), "%.*s", (int)(length - equals - 1),
			 text + equals + 1);
		put(sets, source, path, value, is_stronger);
		text += length + (text[length] == ' ');
	}
}

static void put_name(struct phone_sets *sets, const struct phone_name *name,
		     const struct phone_source *source, const char *path)
{
	struct phone_remark *remark = &sets->remarks[sets->remarks_count - 1];

	remark->note = name->note;
	if (!name->ours) {
		remark->fit = PHONE_NONE;
		return;
	}
	if (name->ours[0] && name->note)
		remark->fit = PHONE_NEAREST;
	if (strchr(name->ours, '='))
		put_assignments(sets, source, name->ours);
	else if (name->ours[0])
		put(sets, source, path, name->ours, false);
}

static void put_codes(struct phone_sets *sets, const struct phone_source *source, const char *path)
{
	char codes[PHONE_VALUE_MOST + 1];

	snprintf(codes, sizeof(codes), "%s", source->value);
	for (char *c = codes; *c; c++)
		*c = *c == '?' ? 'x' : *c;
	put(sets, source, path, codes, false);
}

/* ---- all ---------------------------------------------------------------------------------------
 */

int phone_say(struct phone_sets *sets, const struct phone_source *source,
	      const struct phone_row *row, const char *note)
{
	struct phone_remark *remark = phone_remark(sets, source, row);

	if (!remark)
		return FAILOVER_ERR_MEMORY;
	remark->fit = PHONE_NONE;
	remark->note = note;
	return FAILOVER_OK;
}

static void take_by(struct phone_sets *sets, const struct phone_row *row,
		    const struct phone_source *source, const char *path)
{
	struct phone_remark *remark = &sets->remarks[sets->remarks_count - 1];

	switch (row->how) {
	case PHONE_TEXT:
		put(sets, source, path, source->value, false);
		break;
	case PHONE_HOST:
		put_host(sets, source, path);
		break;
	case PHONE_USER:
		put_user(sets, source, path);
		break;
	case PHONE_NUMBER:
		put_number(sets, row, source, path);
		break;
	case PHONE_SWITCH:
		put(sets, source, path,
		    strchr("1yYtTeE", source->value[0]) && source->value[0] ? "true" : "false",
		    false);
		break;
	case PHONE_CODES:
		put_codes(sets, source, path);
		break;
	case PHONE_NAMES:
		remark->fit = PHONE_NONE;
		remark->note = "this value is not known";
		break;
	case PHONE_NOTHING:
		remark->fit = PHONE_NONE;
		break;
	}
}

int phone_take(struct phone_sets *sets, const struct phone_row *row,
	       const struct phone_source *source)
{
	struct phone_remark *remark = phone_remark(sets, source, row);
	const struct phone_name *name = name_of(row, source->value);
	char path[PATH_SIZE] = "";
	size_t before = sets->count;

	if (!remark || !phone_reserve(sets))
		return FAILOVER_ERR_MEMORY;
	remark->fit = row->note && row->how != PHONE_NOTHING ? PHONE_NEAREST : PHONE_AS_IS;
	remark->note = row->note;
	if (row->ours)
		phone_expand(row->ours, &source->place, true, path, sizeof(path));
	if (name)
		put_name(sets, name, source, path);
	else
		take_by(sets, row, source, path);
	/* What another key has overtaken is not worth a word. */
	if ((source->is_default || remark->is_overtaken) && sets->count == before &&
	    remark->fit != PHONE_NONE)
		phone_unsay(sets);
	return FAILOVER_OK;
}
