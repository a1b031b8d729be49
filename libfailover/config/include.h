/* SPDX-License-Identifier: MIT */
/*
 * The files that a configuration includes. An included file has lines only, and so includes
 * nothing: there is neither depth nor a circle.
 */
#ifndef FO_CONFIG_INCLUDE_H
#define FO_CONFIG_INCLUDE_H

#include "file.h"

/* Contents that a file is to have: they are read in the place of what it has. */
struct fo_instead {
	uint32_t file; /* fo_build.names; 0 = the first */
	const struct fo_contents *contents;
};

/* The text, and the files that it includes, if it is `source->file`: all that is before
 * fo_build_finish(). `instead` may be NULL. The text is changed. */
void fo_include_read(struct fo_build *build, const struct fo_source *source, char *text,
		     size_t length, const struct fo_instead *instead);

/* fo_revision_of() the text and all that it includes. */
int fo_include_revision(const struct fo_source *source, const struct fo_contents *contents,
			char out[17]);

#endif
