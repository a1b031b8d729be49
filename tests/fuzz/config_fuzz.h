/* SPDX-License-Identifier: MIT */
/* config_fuzz.h - the configuration readers without files: both formats share one target. */
#ifndef CONFIG_FUZZ_H
#define CONFIG_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Read a text as a file of this name; what is accepted is written in both formats and read again,
 * and must be the same configuration. */
void config_fuzz(const char *path, const uint8_t *bytes, size_t count);

/* A phone's own file, of this name: written onto itself it is the same in every byte. */
void vendor_fuzz(const char *path, const uint8_t *bytes, size_t count);

#endif
