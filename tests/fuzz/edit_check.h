/* SPDX-License-Identifier: MIT */
/* edit_check.h - random changes of a configuration file, and what must hold after each. */
#ifndef EDIT_CHECK_H
#define EDIT_CHECK_H

#include <stddef.h>
#include <stdint.h>

struct edit_counts {
	unsigned done, refused, impossible;
};

/* Change a text that is a file of this name, so many times over. What is written means what was
 * wanted; of the rest of the text nothing is lost or added. */
void edit_check(const char *path, const uint8_t *bytes, size_t count, uint64_t seed,
		struct edit_counts *counts);

#endif
