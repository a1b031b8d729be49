/* SPDX-License-Identifier: MIT */
/* damage.h - inputs that are damaged, the same for the same seed. */
#ifndef DAMAGE_H
#define DAMAGE_H

#include <stddef.h>
#include <stdint.h>

#define DAMAGE_MOST 65536 /* bytes of an input */

struct damage_input {
	uint8_t *bytes;
	size_t count;
};

struct damage {
	uint64_t state; /* begins as the seed */
	struct damage_input *inputs;
	size_t inputs_count;
	uint8_t made[DAMAGE_MOST];
};

/* The next one, from one of the inputs, of which there is one at least. It is in damage->made;
 * returns its length. */
size_t damage_next(struct damage *damage);

#endif
