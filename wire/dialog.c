/* SPDX-License-Identifier: MIT */
/* dialog.c - through which target each dialog was set up (B9). What ends unseen makes room in the
 * end: the dialog that was used longest ago goes first. */
#include <stdlib.h>
#include <string.h>
#include "wire.h"

static uint64_t hash_of(const struct failover_wire *wire, const struct fo_wire_names *names)
{
	const struct ua_map *map = &wire->dialogs;
	const uint64_t parts[] = { ua_map_hash_text(map, names->call_id),
				   ua_map_hash_text(map, names->local_tag),
				   ua_map_hash_text(map, names->remote_tag) };

	return ua_map_hash(map, parts, sizeof(parts));
}

/* The hash is keyed and has 64 bits: no peer makes two names alike. */
static struct fo_wire_dialog *find(const struct failover_wire *wire,
				   const struct fo_wire_names *names)
{
	struct ua_map_node *node = ua_map_find(&wire->dialogs, hash_of(wire, names));

	return node ? UA_CONTAINER(node, struct fo_wire_dialog, by_key) : NULL;
}

/* B32: the core is told of the first call of a line and of the end of the last one. */
static void count_call(struct failover_wire *wire, const struct fo_wire_dialog *dialog, int more)
{
	struct fo_wire_line *line = fo_wire_line_find(wire, dialog->line);

	if (!line)
		return;
	line->calls += more ? 1u : UINT32_MAX;
	(void)failover_line_calls(wire->engine, line->line, line->calls, wire->now);
}

static void drop(struct failover_wire *wire, struct fo_wire_dialog *dialog)
{
	if (dialog->is_call)
		count_call(wire, dialog, 0);
	ua_map_remove(&wire->dialogs, &dialog->by_key);
	TAILQ_REMOVE(&wire->dialogs_by_age, dialog, by_age);
	wire->dialogs_count--;
	free(dialog);
}

struct fo_wire_dialog *fo_wire_dialog_find(struct failover_wire *wire,
					   const struct fo_wire_names *names)
{
	struct fo_wire_dialog *dialog = find(wire, names);

	if (dialog) {
		TAILQ_REMOVE(&wire->dialogs_by_age, dialog, by_age);
		TAILQ_INSERT_TAIL(&wire->dialogs_by_age, dialog, by_age);
	}
	return dialog;
}

/* Without memory it is not remembered, and its requests go where the line is. */
static struct fo_wire_dialog *create(struct failover_wire *wire, const struct fo_wire_names *names)
{
	struct fo_wire_dialog *dialog;

	if (wire->dialogs_count == wire->dialogs_most) {
		drop(wire, TAILQ_FIRST(&wire->dialogs_by_age));
		wire->counters.forgotten++;
	}
	dialog = calloc(1, sizeof(*dialog));
	if (!dialog)
		return NULL;
	ua_map_add(&wire->dialogs, &dialog->by_key, hash_of(wire, names));
	TAILQ_INSERT_TAIL(&wire->dialogs_by_age, dialog, by_age);
	wire->dialogs_count++;
	return dialog;
}

void fo_wire_dialog_set(struct failover_wire *wire, uint32_t line,
			const struct fo_wire_names *names, const struct failover_target *target)
{
	struct fo_wire_dialog *dialog = fo_wire_dialog_find(wire, names);

	if (!dialog)
		dialog = create(wire, names);
	if (!dialog || (dialog->line && dialog->line != line)) /* who had it first */
		return;
	dialog->line = line;
	dialog->target = *target;
}

void fo_wire_dialog_up(struct failover_wire *wire, uint32_t line, const struct fo_wire_names *names)
{
	struct fo_wire_dialog *dialog = fo_wire_dialog_of(wire, line, names);

	if (!dialog || dialog->is_call)
		return;
	dialog->is_call = 1;
	count_call(wire, dialog, 1);
}

struct fo_wire_dialog *fo_wire_dialog_of(struct failover_wire *wire, uint32_t line,
					 const struct fo_wire_names *names)
{
	struct fo_wire_dialog *dialog = fo_wire_dialog_find(wire, names);

	return dialog && dialog->line == line ? dialog : NULL;
}

void fo_wire_dialog_end(struct failover_wire *wire, uint32_t line,
			const struct fo_wire_names *names)
{
	struct fo_wire_dialog *dialog = find(wire, names);

	if (dialog && (!line || dialog->line == line))
		drop(wire, dialog);
}

void fo_wire_dialogs_free(struct failover_wire *wire, uint32_t line)
{
	struct fo_wire_dialog *dialog = TAILQ_FIRST(&wire->dialogs_by_age), *next;

	for (; dialog; dialog = next) {
		next = TAILQ_NEXT(dialog, by_age);
		if (!line || dialog->line == line)
			drop(wire, dialog);
	}
}
