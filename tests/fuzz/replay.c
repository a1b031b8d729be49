/* SPDX-License-Identifier: MIT */
/*
 * replay.c - runs a fuzz target on every file of its corpus, or on the files named as arguments.
 * TAP: one test a file; an empty corpus is a failure.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* From a block of exactly that size. */
static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;
	size_t count;
	long size = -1;

	if (!file)
		return 0;
	if (!fseek(file, 0, SEEK_END))
		size = ftell(file);
	rewind(file);
	bytes = size < 0 ? NULL : malloc(size ? (size_t)size : 1);
	count = bytes ? fread(bytes, 1, (size_t)size, file) : 0;
	fclose(file);
	if (!bytes || count != (size_t)size) {
		free(bytes);
		return 0;
	}
	LLVMFuzzerTestOneInput(bytes, count);
	free(bytes);
	return 1;
}

/* Said before it is run: the last name is the one that ended the program. */
static int test(int number, const char *path, const char *name)
{
	int good;

	printf("# %s\n", path);
	fflush(stdout);
	good = replay(path);
	printf("%sok %d - %s\n", good ? "" : "not ", number, name);
	return good;
}

static int corpus(void)
{
	const char *root = getenv("top_srcdir");
	struct dirent **names;
	char folder[3000], path[4000];
	int count, i, bad = 0;

	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", root ? root : ".", fuzz_target);
	count = scandir(folder, &names, is_input, alphasort);
	if (count <= 0) {
		printf("1..1\nnot ok 1 - %s has inputs\n", folder);
		return EXIT_FAILURE;
	}
	printf("1..%d\n", count);
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		bad += !test(i + 1, path, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	int i, bad = 0;

	if (argc < 2)
		return corpus();
	printf("1..%d\n", argc - 1);
	for (i = 1; i < argc; i++)
		bad += !test(i, argv[i], argv[i]);
	return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
