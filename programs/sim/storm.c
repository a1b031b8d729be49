/* SPDX-License-Identifier: MIT */
/* storm.c - the command `failover-sim fleet`: runs, says, writes. */
#include "storm.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR 40u

static void bar_draw(void *user, uint32_t done, uint32_t all)
{
	uint32_t length = (uint32_t)((uint64_t)BAR * done / all), i;

	fprintf(stderr, "\r%-15s [", (const char *)user);
	for (i = 0; i < BAR; i++)
		fputc(i < length ? '#' : ' ', stderr);
	fprintf(stderr, "] %3u %%", (unsigned)(100u * (uint64_t)done / all));
}

static void bar_clear(void)
{
	fprintf(stderr, "\r%*s\r", (int)BAR + 30, "");
}

/* ---- the figures -------------------------------------------------------------------------- */

static void peak_say(const struct storm_series *series, uint32_t server)
{
	uint32_t most = 0, at = 0;

	for (uint32_t second = 0; second < series->seconds; second++)
		if (series->registers[server][second] > most) {
			most = series->registers[server][second];
			at = second;
		}
	printf("  %-8s %10llu REGISTERs, at most %u a second, at %02u:%02u:%02u\n",
	       storm_server_name(server), (unsigned long long)series->registers_all[server],
	       (unsigned)most, (unsigned)(at / 3600), (unsigned)(at / 60 % 60),
	       (unsigned)(at % 60));
}

static void figures_say(const struct storm_options *options, const struct storm_series *series,
			const char *run)
{
	uint32_t most = 0, from = options->show_from_s;

	for (uint32_t second = from; second < options->show_to_s; second++)
		if (series->without[second] > most)
			most = series->without[second];
	printf("%s:\n", run);
	for (uint32_t i = 0; i < options->servers; i++)
		peak_say(series, i);
	printf("  at most %u phones without service between %02u:%02u and %02u:%02u\n",
	       (unsigned)most, (unsigned)(from / 3600), (unsigned)(from / 60 % 60),
	       (unsigned)(options->show_to_s / 3600), (unsigned)(options->show_to_s / 60 % 60));
	printf("  %llu phone-seconds without service, %llu calls, %llu of them lost, %llu moves\n",
	       (unsigned long long)series->without_all, (unsigned long long)series->calls_all,
	       (unsigned long long)series->lost_all, (unsigned long long)series->moves);
	if (series->dropped)
		printf("  %llu REGISTERs dropped by busy registrars\n",
		       (unsigned long long)series->dropped);
}

/* ---- runs and files ----------------------------------------------------------------------- */

static int run(const struct storm_options *options, int with_jitter, struct storm_series *series)
{
	static char names[2][16] = { "without jitter", "with jitter" };
	int is_terminal = isatty(STDERR_FILENO), error;

	error = storm_run(options, with_jitter, series, is_terminal ? bar_draw : NULL,
			  names[with_jitter != 0]);
	if (is_terminal)
		bar_clear();
	if (error)
		fprintf(stderr, "failover-sim: %s\n", failover_strerror(error));
	else
		figures_say(options, series, names[with_jitter != 0]);
	return error;
}

static int file_write(const char *path, const struct storm_options *options,
		      const struct storm_series *with, const struct storm_series *without,
		      int (*write_by)(const struct storm_options *, const struct storm_series *,
				      const struct storm_series *, FILE *))
{
	FILE *out;
	int error;

	if (!path)
		return 0;
	out = fopen(path, "we");
	error = out ? write_by(options, with, without, out) : -1;
	if (out && fclose(out) != 0)
		error = -1;
	if (error)
		fprintf(stderr, "failover-sim: %s: %s\n", path, strerror(errno));
	return error;
}

int storm_main(int argc, char **argv)
{
	struct storm_series with = { 0 }, without = { 0 };
	struct storm_options options;
	int read = storm_options_read(argc, argv, &options), failed = 0;
	const struct storm_series *first, *second;

	if (read != 0)
		return read < 0 ? 2 : fflush(stdout) != 0;
	if (options.jitter & STORM_WITHOUT)
		failed |= run(&options, 0, &without);
	if (!failed && (options.jitter & STORM_WITH))
		failed |= run(&options, 1, &with);
	first = options.jitter & STORM_WITH ? &with : NULL;
	second = options.jitter & STORM_WITHOUT ? &without : NULL;
	if (!failed)
		failed |= file_write(options.csv, &options, first, second, storm_csv) |
			  file_write(options.svg, &options, first, second, storm_svg);
	storm_series_free(&with);
	storm_series_free(&without);
	return failed || fflush(stdout) != 0;
}
