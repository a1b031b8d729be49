/* SPDX-License-Identifier: MIT */
/* rows.c - keeps the rows of a ladder: the first ones and the last ones. */
#include "svg.h"

#include <stdlib.h>

struct ladder *ladder_new(const char *title)
{
	struct ladder *ladder = calloc(1, sizeof(*ladder));

	if (!ladder)
		return NULL;
	snprintf(ladder->title, sizeof(ladder->title), "%s", title);
	ladder_column_add(ladder, "phone");
	return ladder;
}

unsigned ladder_column_add(struct ladder *ladder, const char *name)
{
	unsigned column = ladder->columns;

	if (column == LADDER_COLUMNS_MOST) {
		column = LADDER_COLUMNS_MOST - 1;
		name = "others";
	} else {
		ladder->columns++;
	}
	snprintf(ladder->column[column], sizeof(ladder->column[column]), "%s", name);
	return column;
}

static struct ladder_row *row_at(struct ladder *ladder, uint64_t n)
{
	return n < LADDER_FIRST_ROWS ? &ladder->first[n]
				     : &ladder->last[(n - LADDER_FIRST_ROWS) % LADDER_LAST_ROWS];
}

struct ladder_row *ladder_add(struct ladder *ladder, enum ladder_kind kind, uint64_t t_ms,
			      const char *text)
{
	struct ladder_row *row = row_at(ladder, ladder->rows++);

	*row = (struct ladder_row){
		.kind = kind,
		.dead = ladder->dead,
		.serving = ladder->serving,
		.t_ms = t_ms,
	};
	snprintf(row->text, sizeof(row->text), "%s", text);
	return row;
}

struct ladder_row *ladder_row_back(struct ladder *ladder, uint64_t n)
{
	return n < ladder->rows && n < LADDER_LAST_ROWS ? row_at(ladder, ladder->rows - 1 - n)
							: NULL;
}
