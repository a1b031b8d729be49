/* SPDX-License-Identifier: MIT */
/* capture_file.h - a pcapng file that takes whole blocks, and makes room by putting itself aside.
 */
#ifndef PHONE_CAPTURE_FILE_H
#define PHONE_CAPTURE_FILE_H

#include "capture.h"

struct capture_file;

/* NULL, and errno. `params` stays where it is. */
struct capture_file *capture_file_open(const struct capture_params *params);
/* The whole block, or nothing of it: a program that is killed leaves a file that can be read. */
void capture_file_write(struct capture_file *file, const unsigned char *block, size_t count);
/* How many blocks could not be written since it was asked last. */
unsigned capture_file_lost(struct capture_file *file);
void capture_file_close(struct capture_file *file);

#endif
