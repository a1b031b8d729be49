/* SPDX-License-Identifier: MIT */
/* translate.h - the command: another vendor's file becomes a configuration, with a report. */
#ifndef TRANSLATE_H
#define TRANSLATE_H

#include <failover/config.h>

/* The report goes to standard output. 0; ERR_ARGUMENT and ERR_IO, reported; ERR_MEMORY. */
int translate(const char *vendor, const char *in, const char *out, failover_config_report *report);

#endif
