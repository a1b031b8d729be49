/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h - what the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput(); linked
 * with libFuzzer it searches, linked with replay.c it runs the files of its corpus, as a test.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
/* Name of the target: its corpus is tests/fuzz/corpus/NAME. */
extern const char fuzz_target[];

/* For targets of something that is not closed after each input where it is used: memory that it
 * gathers from one to the next shows (memory.h). Others have none. */
struct fuzz_lasting {
	void (*open)(void);
	void (*input)(const uint8_t *bytes, size_t count);
	void (*rest)(void); /* nothing is under way any more: what is held now, stays */
	void (*close)(void);
};
extern const struct fuzz_lasting fuzz_lasting __attribute__((weak));

/* An input is read from its front; at its end everything reads as zero. */
struct fuzz_input {
	const uint8_t *at, *end;
};

unsigned fuzz_byte(struct fuzz_input *input);
/* A number of so many bytes (1..8), high byte first. */
uint64_t fuzz_number(struct fuzz_input *input, unsigned bytes);
/* Up to so many bytes as they are; *count is how many there were. */
const uint8_t *fuzz_bytes(struct fuzz_input *input, size_t most, size_t *count);
int fuzz_is_over(const struct fuzz_input *input);

/* A number that the input cannot hold. */
uint64_t fuzz_hash(const uint8_t *bytes, size_t count);

/* A copy in a block of its own, so that a sanitizer sees one byte too many; `spare` zero bytes
 * follow. To be freed. */
char *fuzz_copy(const uint8_t *bytes, size_t count, size_t spare);

/* What must hold, else the run ends here, and says so. */
void fuzz_require(int holds, const char *what);

#endif
