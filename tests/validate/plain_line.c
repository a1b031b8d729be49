/* SPDX-License-Identifier: MIT */
/* plain_line.c - failover.line/1. */
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_MS 200u /* until the plugin that cannot wait sends by itself */

struct plain_line *plain_line(const struct plain *ua, uint32_t id)
{
	struct plain_line *line = ua->lines;

	while (line && line->id != id)
		line = line->next;
	return line;
}

const struct failover_target *plain_line_source(const struct plain_line *line,
						const struct failover_target *from)
{
	uint32_t i;

	for (i = 0; i < line->targets_count; i++)
		if (ua_address_same_host(&line->targets[i], from))
			return &line->targets[i];
	return NULL;
}

struct plain_registration *plain_line_registration(struct plain *ua, struct plain_line *line,
						   const struct failover_attempt *attempt)
{
	uint32_t dialog = plain_wrong(ua, "registration-dialog") ? 1 : attempt->dialog, i;
	struct plain_registration *registration;

	for (i = 0; i < PLAIN_LIST; i++) {
		registration = &line->registrations[i];
		if (registration->call_id[0] && registration->dialog == dialog &&
		    registration->registrar == attempt->target.registrar)
			return registration;
	}
	registration = &line->registrations[line->registrations_next++ % PLAIN_LIST];
	*registration = (struct plain_registration){ .dialog = dialog,
						     .registrar = attempt->target.registrar };
	plain_token(ua, registration->call_id);
	plain_token(ua, registration->tag);
	return registration;
}

/* ---- line_set ----------------------------------------------------------------------------- */

static bool copy(struct plain *ua, char out[PLAIN_URI], const char *text)
{
	const char *at;

	for (at = text ? text : ""; *at; at++)
		if (((unsigned char)*at < ' ' || *at == '"') && !plain_wrong(ua, "injection"))
			return false;
	return snprintf(out, PLAIN_URI, "%s", text ? text : "") < 200;
}

static bool copy_all(struct plain *ua, struct plain_line *line,
		     const struct failover_line_identity *identity)
{
	uint32_t i;
	bool good = copy(ua, line->user, identity->user) &&
		    copy(ua, line->name, identity->display_name) &&
		    copy(ua, line->domain, identity->domain) &&
		    copy(ua, line->auth_user, identity->auth_user) &&
		    copy(ua, line->password, identity->auth_password) &&
		    copy(ua, line->realm, identity->realm) &&
		    identity->registrars_count <= PLAIN_LIST;

	for (i = 0; good && i < identity->registrars_count; i++) {
		good = copy(ua, line->hosts[i], identity->registrars[i].address);
		line->ports[i] = identity->registrars[i].port;
	}
	line->registrars = identity->registrars_count;
	return good;
}

int plain_line_set(void *inst, const struct failover_line_identity *identity)
{
	struct plain *ua = inst;
	struct plain_line *line = plain_line(ua, identity->line), *copied;

	if (identity->size < offsetof(struct failover_line_identity, keepalive))
		return FAILOVER_ERR_ARGUMENT;
	copied = calloc(1, sizeof(*copied));
	if (!copied)
		return FAILOVER_ERR_MEMORY;
	if (line)
		*copied = *line;
	copied->id = identity->line;
	if (!copy_all(ua, copied, identity)) {
		free(copied);
		return FAILOVER_ERR_ARGUMENT;
	}
	if (line) {
		*line = *copied; /* its next included */
		free(copied);
	} else {
		copied->next = ua->lines;
		ua->lines = copied;
	}
	if (plain_wrong(ua, "idle") || plain_wrong(ua, "idle.hang"))
		ua->idle_at = plain_now(ua) + IDLE_MS;
	return 0;
}

void plain_line_remove(void *inst, uint32_t id)
{
	struct plain *ua = inst;
	struct plain_line **at = &ua->lines, *line;
	struct plain_client *client;

	for (client = ua->clients; client; client = client->next)
		if (client->attempt.line == id && !plain_wrong(ua, "line-remove"))
			client->dead = true;
	plain_calls_drop(ua, id);
	while (*at && (*at)->id != id)
		at = &(*at)->next;
	line = *at;
	if (!line)
		return;
	*at = line->next;
	free(line);
}

int plain_line_targets(void *inst, uint32_t id, const struct failover_target *targets,
		       uint32_t count)
{
	struct plain_line *line = plain_line(inst, id);

	if (!line || count > PLAIN_LIST)
		return FAILOVER_ERR_ARGUMENT;
	if (count)
		memcpy(line->targets, targets, count * sizeof(*targets));
	line->targets_count = count;
	return 0;
}

void plain_lines_free(struct plain *ua)
{
	while (ua->lines)
		plain_line_remove(ua, ua->lines->id);
}

const struct failover_ext_line plain_ext_line = {
	.size = sizeof(plain_ext_line),
	.line_set = plain_line_set,
	.line_remove = plain_line_remove,
	.line_targets = plain_line_targets,
};
