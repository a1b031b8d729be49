/* SPDX-License-Identifier: MIT */
/*
 * config_bench.c - what reading and checking a configuration costs: a row for each file.
 *   config_bench FILE...
 * CPU seconds of failover_config_read() and failover_config_warn(); bytes of the heap and of
 * resident memory that the configuration has then, for each line.
 */
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <failover/config.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static double cpu_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double heap(void)
{
#ifdef __GLIBC__
	struct mallinfo2 is = mallinfo2();

	return (double)is.uordblks + (double)is.hblkhd;
#else
	return 0;
#endif
}

static double resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long size, pages = 0;

	if (file && fscanf(file, "%lu %lu", &size, &pages) != 2)
		pages = 0;
	if (file)
		fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static int measure(const char *path)
{
	double bytes = heap(), pages = resident(), start = cpu_s(), read, all;
	struct failover_config *config;
	int error = failover_config_read(path, NULL, NULL, &config), warnings;

	if (error) {
		fprintf(stderr, "%s: %s\n", path, failover_strerror(error));
		return 1;
	}
	read = cpu_s();
	warnings = failover_config_warn(config, path, NULL, NULL);
	all = cpu_s();
	if (warnings >= 0 && config->lines_count)
		printf("| %u | %.3f | %.3f | %.0f | %.0f |\n", config->lines_count, read - start,
		       all - read, (heap() - bytes) / config->lines_count,
		       (resident() - pages) / config->lines_count);
	failover_config_free(config);
	return warnings < 0;
}

int main(int argc, char **argv)
{
	int failed = argc < 2;

	for (int i = 1; i < argc; i++)
		failed |= measure(argv[i]);
	return failed;
}
