/* SPDX-License-Identifier: MIT */
/* random.h - splitmix64, seeded by the host: the same seed gives the same spread (B14). */
#ifndef FO_RANDOM_H
#define FO_RANDOM_H

#include <stdint.h>

/* Evenly in 0..limit. */
uint32_t fo_random(uint64_t *state, uint32_t limit);
/* ms spread by jitter: between ms and ms + jitter percent (B14). */
uint32_t fo_random_spread(uint64_t *state, uint32_t ms, uint32_t jitter_percent);

#endif
