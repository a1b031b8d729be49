/* SPDX-License-Identifier: MIT */
/* tables.c - what a cell may say instead: every value that has a meaning there. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "libfailover/core/policy.h"
#include "tests/cells/cells.h"

struct giver {
	void (*take)(void *user, const struct cell *cell);
	void *user;
};

static struct cell cell_at(const void *where, size_t size, const char *table, size_t row,
			   const char *column)
{
	struct cell cell = { .where = (void *)(uintptr_t)where, .size = size };

	snprintf(cell.name, sizeof(cell.name), "%s, row %zu, %s", table, row, column);
	return cell;
}

static void value_add(struct cell *cell, const void *value)
{
	memcpy(cell->values[cell->count++], value, cell->size);
}

/* The values of an enum that are named, up to -1. */
static void give_enum(const struct giver *giver, struct cell cell, int first, ...)
{
	va_list values;
	uint8_t byte;
	int value;

	va_start(values, first);
	for (value = first; value >= 0; value = va_arg(values, int)) {
		byte = (uint8_t)value;
		value_add(&cell, &byte);
	}
	va_end(values);
	giver->take(giver->user, &cell);
}

static void give_flag(const struct giver *giver, struct cell cell)
{
	static const uint8_t no = 0, yes = 1;

	value_add(&cell, &no);
	value_add(&cell, &yes);
	giver->take(giver->user, &cell);
}

static int is_call(enum fo_kind kind)
{
	return kind == FO_KIND_INVITE || kind == FO_KIND_REINVITE || kind == FO_KIND_BYE;
}

static int is_user(enum fo_kind kind)
{
	return is_call(kind) || kind == FO_KIND_EMERGENCY || kind == FO_KIND_OPTIONS ||
	       kind == FO_KIND_CANCEL || kind == FO_KIND_OTHER;
}

static void causes(const struct giver *giver, const struct fo_policy_tables *is)
{
	size_t i;

	for (i = 0; i < FO_CAUSES; i++) {
		const struct fo_cause_row *row = &is->causes[i];
		int other = row->reason % FAILOVER_REASON_LOCAL + 1;

		/* of a status, the answers say for whom it speaks of the call alone */
		give_enum(giver, cell_at(&row->effect, sizeof(row->effect), "causes", i, "effect"),
			  FO_EFFECT_ENDS, FO_EFFECT_UNAVAILABLE,
			  i == FO_CAUSE_STATUS ? -1 : FO_EFFECT_CALL_GOES_ON, -1);
		give_flag(giver, cell_at(&row->transport, 1, "causes", i, "transport"));
		give_enum(giver, cell_at(&row->reason, sizeof(row->reason), "causes", i, "reason"),
			  (int)row->reason, other, -1);
	}
}

static void effect(const struct giver *giver, struct cell cell, enum fo_kind kind)
{
	if (is_call(kind))
		give_enum(giver, cell, FO_EFFECT_ENDS, FO_EFFECT_UNAVAILABLE,
			  FO_EFFECT_CALL_GOES_ON, -1);
	else if (kind == FO_KIND_EMERGENCY) /* which moves no line whatever is unavailable */
		give_enum(giver, cell, FO_EFFECT_ENDS, FO_EFFECT_CALL_GOES_ON, -1);
	else
		give_enum(giver, cell, FO_EFFECT_ENDS, FO_EFFECT_UNAVAILABLE, -1);
}

static void answers(const struct giver *giver, const struct fo_policy_tables *is)
{
	size_t i;

	for (i = 0; i < is->answers_count; i++)
		effect(giver,
		       cell_at(&is->answers[i].effect, sizeof(is->answers[i].effect), "answers", i,
			       "effect"),
		       is->answers[i].kind);
}

static void requests(const struct giver *giver, const struct fo_policy_tables *is)
{
	static const char *const moves[FO_MOVES] = { "proxy move", "server move" };
	size_t i, k;

	for (i = 0; i < FO_KINDS; i++) {
		const struct fo_request_row *row = &is->requests[i];
		struct cell failed =
			cell_at(&row->failed, sizeof(row->failed), "requests", i, "failed");

		for (k = 0; k < FO_MOVES; k++) {
			struct cell next = cell_at(&row->next[k], sizeof(row->next[k]), "requests",
						   i, moves[k]);

			if (is_call((enum fo_kind)i))
				give_enum(giver, next, FO_ACTION_SEND, FO_ACTION_REGISTER_THEN_SEND,
					  FO_ACTION_FAIL, FO_ACTION_BY_BINDING, -1);
			else if (is_user((enum fo_kind)i))
				give_enum(giver, next, FO_ACTION_SEND, FO_ACTION_REGISTER_THEN_SEND,
					  FO_ACTION_FAIL, -1);
			else /* a REGISTER needs no REGISTER before it */
				give_enum(giver, next, FO_ACTION_SEND, FO_ACTION_FAIL, -1);
		}
		if (i == FO_KIND_EMERGENCY) /* it never fails */
			give_enum(giver, failed, (int)row->failed, -1);
		else if (is_user((enum fo_kind)i))
			give_enum(giver, failed, FO_FAILED_NOTHING, FO_FAILED_REGISTER_SIGNAL,
				  FO_FAILED_REGISTER, -1);
		else
			give_enum(giver, failed, FO_FAILED_NOTHING, (int)row->failed, -1);
		effect(giver,
		       cell_at(&row->only_trying, sizeof(row->only_trying), "requests", i,
			       "only 100"),
		       (enum fo_kind)i);
	}
}

static void bindings(const struct giver *giver, const struct fo_policy_tables *is)
{
	static const char *const steps[FO_STEPS] = { "proxy move", "server move", "first", "alone",
						     "in its dialog" };
	size_t i, k;

	for (i = 0; i < FO_BINDINGS; i++) {
		const struct fo_binding_row *row = &is->bindings[i];

		for (k = 0; k < FO_STEPS; k++) {
			struct cell next = cell_at(&row->next[k], sizeof(row->next[k]), "bindings",
						   i, steps[k]);

			if (i == FO_BINDING_REMOVED && k >= FO_STEP_FIRST) /* nobody wants it to */
				give_enum(giver, next, FO_ACTION_SEND, FO_ACTION_FAIL, -1);
			else
				give_enum(giver, next, FO_ACTION_SEND, FO_ACTION_REGISTER_THEN_SEND,
					  FO_ACTION_FAIL, -1);
		}
		if (i % FO_BINDING_ONLY_REGISTRAR != FO_BINDING_REMOVED) /* which has none */
			give_enum(giver,
				  cell_at(&row->bound, sizeof(row->bound), "bindings", i,
					  "registered"),
				  FO_BOUND_REGISTRAR, FO_BOUND_TARGET, FO_BOUND_ANY, -1);
	}
}

static void budget(const struct giver *giver, struct cell cell)
{
	static const struct fo_budget budgets[] = { { FO_UNIT_TRANSMISSIONS, 0 },
						    { FO_UNIT_TRANSMISSIONS, 1 },
						    { FO_UNIT_TIME, 0 },
						    { FO_UNIT_64T1, 0 } };
	size_t i;

	for (i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++)
		value_add(&cell, &budgets[i]);
	giver->take(giver->user, &cell);
}

static void profiles(const struct giver *giver, const struct fo_policy_tables *is)
{
	size_t i;

	for (i = 0; i < is->profiles_count; i++) {
		const struct fo_profile_row *row = &is->profiles[i];

		budget(giver, cell_at(&row->invite, sizeof(row->invite), row->name, i, "INVITE"));
		budget(giver, cell_at(&row->other, sizeof(row->other), row->name, i, "others"));
		give_enum(
			giver,
			cell_at(&row->probe, sizeof(row->probe), row->name, i, "probe, proxy move"),
			FO_ACTION_SEND, FO_ACTION_FAIL, -1);
	}
}

static void starts(const struct giver *giver, const struct fo_policy_tables *is)
{
	size_t i, k;

	for (i = 0; i < FO_TRIGGERS; i++) {
		const struct fo_start_row *row = &is->starts[i];
		const struct cell cells[] = {
			cell_at(&row->start, sizeof(row->start), "starts", i, "as a rule"),
			cell_at(&row->start_signal, sizeof(row->start_signal), "starts", i,
				"with signal failback"),
		};

		for (k = 0; k < 2; k++) {
			if (i == FO_TRIGGER_HANGUP || i == FO_TRIGGER_IN_DIALOG)
				give_enum(giver, cells[k], FO_START_SERVING, FO_START_INDEX0,
					  FO_START_DIALOG, -1);
			else /* there is no dialog */
				give_enum(giver, cells[k], FO_START_SERVING, FO_START_INDEX0, -1);
		}
		give_flag(giver, cell_at(&row->ignores_health, 1, "starts", i, "ignores health"));
	}
}

void cells_each(void (*take)(void *user, const struct cell *cell), void *user)
{
	const struct giver giver = { take, user };
	struct fo_policy_tables is;
	size_t i;

	fo_policy_tables(&is);
	causes(&giver, &is);
	answers(&giver, &is);
	requests(&giver, &is);
	bindings(&giver, &is);
	profiles(&giver, &is);
	for (i = 0; i < FO_PLACES; i++)
		give_flag(&giver, cell_at(&is.places[i].whole, 1, "places", i, "64*T1"));
	starts(&giver, &is);
}
