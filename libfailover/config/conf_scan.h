/* SPDX-License-Identifier: MIT */
/* Look over a libconfuse file before libconfuse reads it. */
#ifndef FO_CONFIG_CONF_SCAN_H
#define FO_CONFIG_CONF_SCAN_H

#include "build.h"

/*
 * libconfuse stops at its first error, forgets where a value stood, takes the last of two equal
 * keys, replaces ${NAME} from the environment and drops characters it does not know. So this goes
 * first: it tells `build` the sections and keys and where they are, and overwrites with blanks what
 * is wrong (and comments), so that libconfuse finds only what is good. After a syntax error the
 * text ends before it. `text` has FO_FILE_SPARE bytes behind its end.
 */
void fo_conf_scan(struct fo_build *build, char *text, size_t length);

#endif
