/* SPDX-License-Identifier: MIT */
/* cells.h - the cells of the policy tables, and the values that each may have. */
#ifndef CELLS_H
#define CELLS_H

#include <stddef.h>
#include <stdint.h>

#define CELL_VALUES 6u

struct cell {
	char name[96]; /* table, row, column */
	void *where;
	size_t size; /* of a value */
	unsigned char values[CELL_VALUES][16];
	unsigned int count; /* of values, the one that is there among them */
};

/* tables.c: calls `take` for each cell. */
void cells_each(void (*take)(void *user, const struct cell *cell), void *user);

#endif
