/* SPDX-License-Identifier: MIT */
/* Which contents a file has: so that an edit does not overwrite what somebody else has written. */
#include <inttypes.h>
#include <stdio.h>

#include "include.h"

/* FNV-1a. Nobody gains by two files with one revision: who may write the file may write it. */
uint64_t fo_hash(uint64_t hash, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return hash;
}

void fo_hash_text(uint64_t hash, char out[17])
{
	snprintf(out, 17, "%016" PRIx64, hash);
}

int failover_config_revision(const char *file, char text[17])
{
	const struct fo_source source = { .format = fo_file_format(file), .file = file };
	struct fo_contents contents = { .text = NULL };
	int error = fo_file_read(file, &contents.text, &contents.length);

	text[0] = '\0';
	if (error)
		return error;
	if (contents.length > FAILOVER_CONFIG_LIMIT_BYTES)
		error = FAILOVER_ERR_ARGUMENT;
	else
		error = fo_include_revision(&source, &contents, text);
	fo_file_release(contents.text, contents.length);
	return error;
}
