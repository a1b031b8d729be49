/* SPDX-License-Identifier: MIT */
/*
 * replay.c - runs a fuzz target on every file of its corpus, or on the files named as arguments.
 * TAP: one test a file; an empty corpus is a failure. With --memory COUNT [SEED] it damages the
 * corpus so many times instead, and looks at the memory that stays (memory.h).
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"
#include "memory.h"

#define FOLDER_MOST 3000
#define PATH_MOST 4000
#define INPUTS_MOST 4096

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* In a block of exactly that size. Returns 0 if it cannot be read. */
static int load(const char *path, struct damage_input *out)
{
	FILE *file = fopen(path, "rb");
	long size = -1;

	*out = (struct damage_input){ .count = 0 };
	if (!file)
		return 0;
	if (!fseek(file, 0, SEEK_END))
		size = ftell(file);
	rewind(file);
	out->bytes = size < 0 ? NULL : malloc(size ? (size_t)size : 1);
	out->count = out->bytes ? fread(out->bytes, 1, (size_t)size, file) : 0;
	fclose(file);
	if (out->bytes && out->count == (size_t)size)
		return 1;
	free(out->bytes);
	return 0;
}

static int replay(const char *path)
{
	struct damage_input input;

	if (!load(path, &input))
		return 0;
	LLVMFuzzerTestOneInput(input.bytes, input.count);
	free(input.bytes);
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

/* The names of the corpus; none is a failure that is told. `folder` has FOLDER_MOST bytes. */
static int names_of_corpus(char *folder, struct dirent ***names)
{
	const char *root = getenv("top_srcdir");
	int count;

	snprintf(folder, FOLDER_MOST, "%s/tests/fuzz/corpus/%s", root ? root : ".", fuzz_target);
	count = scandir(folder, names, is_input, alphasort);
	if (count <= 0)
		printf("1..1\nnot ok 1 - %s has inputs\n", folder);
	return count;
}

static int corpus(void)
{
	struct dirent **names;
	char folder[FOLDER_MOST], path[PATH_MOST];
	int count = names_of_corpus(folder, &names), i, bad = 0;

	if (count <= 0)
		return EXIT_FAILURE;
	printf("1..%d\n", count);
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		bad += !test(i + 1, path, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int memory(const char *most, const char *seed)
{
	static struct damage_input inputs[INPUTS_MOST];
	struct dirent **names;
	char folder[FOLDER_MOST], path[PATH_MOST];
	int count = names_of_corpus(folder, &names), i, good = count > 0 && count <= INPUTS_MOST;

	for (i = 0; i < count && good; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		good = load(path, &inputs[i]);
	}
	if (!good)
		return EXIT_FAILURE;
	good = memory_test(inputs, (size_t)count, strtoull(most, NULL, 10),
			   seed ? strtoull(seed, NULL, 10) : 1);
	for (i = 0; i < count; i++) {
		free(inputs[i].bytes);
		free(names[i]);
	}
	free(names);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	int i, bad = 0;

	if (argc < 2)
		return corpus();
	if (!strcmp(argv[1], "--memory") && argc > 2)
		return memory(argv[2], argc > 3 ? argv[3] : NULL);
	printf("1..%d\n", argc - 1);
	for (i = 1; i < argc; i++)
		bad += !test(i, argv[i], argv[i]);
	return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
