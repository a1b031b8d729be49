/* SPDX-License-Identifier: MIT */
/* storm_csv.c - a row for each second. */
#include "storm.h"

static void head_write(const struct storm_options *options, const char *run, FILE *out)
{
	for (uint32_t i = 0; i < options->servers; i++)
		fprintf(out, ",%s_register_%s", run, storm_server_name(i));
	fprintf(out, ",%s_without_service,%s_calls,%s_calls_lost", run, run, run);
}

static void row_write(const struct storm_options *options, const struct storm_series *series,
		      uint32_t second, FILE *out)
{
	for (uint32_t i = 0; i < options->servers; i++)
		fprintf(out, ",%u", (unsigned)series->registers[i][second]);
	fprintf(out, ",%u,%u,%u", (unsigned)series->without[second],
		(unsigned)series->calls[second], (unsigned)series->lost[second]);
}

int storm_csv(const struct storm_options *options, const struct storm_series *with,
	      const struct storm_series *without, FILE *out)
{
	fputs("second,time", out);
	if (with)
		head_write(options, "jitter", out);
	if (without)
		head_write(options, "exact", out);
	fputc('\n', out);
	for (uint32_t second = 0; second < options->seconds; second++) {
		fprintf(out, "%u,%02u:%02u:%02u", (unsigned)second, (unsigned)(second / 3600),
			(unsigned)(second / 60 % 60), (unsigned)(second % 60));
		if (with)
			row_write(options, with, second, out);
		if (without)
			row_write(options, without, second, out);
		fputc('\n', out);
	}
	return fflush(out) != 0 || ferror(out) ? -1 : 0;
}
