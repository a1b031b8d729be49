/* SPDX-License-Identifier: MIT */
/* sip_life.h - a SIP plugin that inputs come to: opened for each of them, or never closed, as in a
 * phone. */
#ifndef SIP_LIFE_H
#define SIP_LIFE_H

#include "sip_bench.h"

/* The target's: do what this input says. Returns for how many ms the plugin goes on then. */
uint64_t sip_input(struct sip_bench *bench, const uint8_t *bytes, size_t count);

#endif
