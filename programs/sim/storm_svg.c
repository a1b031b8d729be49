/* SPDX-License-Identifier: MIT */
/* storm_svg.c - draws a fleet's runs beside each other: what servers get, and what users notice. */
#include "storm.h"

#include <string.h>

#define WIDTH 900
#define HEIGHT 644
#define PANEL_WIDTH 374
#define PANEL_HEIGHT 130
#define LEFT_X 62
#define RIGHT_X 500
#define TOP_Y 116
#define PANEL_STEP 174
#define BARS 96 /* of the lost calls */

static const char style[] =
	"<style>\n"
	"text{font:12px system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#1f2328}\n"
	".paper{fill:#fff;stroke:#d1d9e0}.title{font-size:16px;font-weight:600}\n"
	".run{font-size:14px;font-weight:600}.panel{font-weight:600}\n"
	".axis{fill:#59636e;font-size:11px}.end{text-anchor:end}.mid{text-anchor:middle}\n"
	".grid{stroke:#e3e7eb;stroke-width:1}.outage{fill:#c8102e;fill-opacity:.09}\n"
	".s0{stroke:#1f6feb}.s1{stroke:#bc4c00}.s2{stroke:#8250df}.s3{stroke:#116329}\n"
	".line{fill:none;stroke-width:1.4;stroke-linejoin:round}\n"
	".area{fill:#59636e;fill-opacity:.35;stroke:#59636e;stroke-width:1}\n"
	".bar{fill:#c8102e}\n"
	"@media(prefers-color-scheme:dark){\n"
	"text{fill:#e6edf3}.paper{fill:#0d1117;stroke:#3d444d}.axis{fill:#9198a1}\n"
	".grid{stroke:#262c34}.outage{fill:#ff7b72;fill-opacity:.14}\n"
	".s0{stroke:#58a6ff}.s1{stroke:#f0a04b}.s2{stroke:#bc8cff}.s3{stroke:#56d364}\n"
	".area{fill:#9198a1;stroke:#9198a1}.bar{fill:#ff7b72}\n"
	"}\n"
	"</style>\n";

struct drawing {
	const struct storm_options *options;
	FILE *out;
	uint32_t from, seconds; /* of the day, that are drawn */
};

/* ---- numbers ------------------------------------------------------------------------------ */

/* The seconds of a column of `columns`. */
static uint32_t column_begin(const struct drawing *drawing, uint32_t column, uint32_t columns)
{
	return drawing->from + (uint32_t)((uint64_t)drawing->seconds * column / columns);
}

/* The most of a second of this column: an average would hide the storm. */
static uint32_t column_most(const struct drawing *drawing, const uint32_t *values, uint32_t column)
{
	uint32_t at = column_begin(drawing, column, PANEL_WIDTH);
	uint32_t end = column_begin(drawing, column + 1, PANEL_WIDTH), most = 0;

	do
		most = values[at] > most ? values[at] : most;
	while (++at < end);
	return most;
}

static uint32_t bars_of(const struct drawing *drawing)
{
	return drawing->seconds < BARS ? drawing->seconds : BARS;
}

static uint32_t bar_sum(const struct drawing *drawing, const uint32_t *values, uint32_t bar)
{
	uint32_t at = column_begin(drawing, bar, bars_of(drawing));
	uint32_t end = column_begin(drawing, bar + 1, bars_of(drawing)), sum = 0;

	for (; at < end; at++)
		sum += values[at];
	return sum;
}

static uint32_t most_of(const struct drawing *drawing, const uint32_t *values)
{
	uint32_t most = 0, column;

	for (column = 0; values && column < PANEL_WIDTH; column++)
		if (column_most(drawing, values, column) > most)
			most = column_most(drawing, values, column);
	return most;
}

/* The end of a scale: 2, 4, 10, 12, 16, 20, 30 ... 100, 120 ... from this number up */
static uint32_t round_up(uint32_t number)
{
	static const uint32_t ends[] = { 10, 12, 16, 20, 30, 40, 60, 80 };
	uint64_t step = 1;

	if (number <= 10)
		return number <= 2 ? 2 : number <= 4 ? 4 : 10;
	for (;; step *= 10)
		for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
			if (step * ends[i] >= number)
				return (uint32_t)(step * ends[i]);
}

/* ---- axes --------------------------------------------------------------------------------- */

static int x_of(const struct drawing *drawing, int x, uint32_t second)
{
	if (second < drawing->from)
		return x;
	second -= drawing->from;
	if (second > drawing->seconds)
		second = drawing->seconds;
	return x + (int)((uint64_t)PANEL_WIDTH * second / drawing->seconds);
}

static void outages_draw(const struct drawing *drawing, int x, int y)
{
	for (uint32_t i = 0; i < drawing->options->outages; i++) {
		int from = x_of(drawing, x, drawing->options->outage[i].from_s);
		int to = x_of(drawing, x, drawing->options->outage[i].to_s);

		if (to > from)
			fprintf(drawing->out,
				"<rect class=\"outage\" x=\"%d\" y=\"%d\" width=\"%d\" "
				"height=\"%d\"/>\n",
				from, y, to - from, PANEL_HEIGHT);
	}
}

static void times_draw(const struct drawing *drawing, int x, int y)
{
	static const uint32_t steps[] = { 10,	30,   60,    120,   300,   600,	  900,
					  1800, 3600, 10800, 21600, 43200, 86400, 172800 };
	uint32_t step, i = 0, at;

	while (i < sizeof(steps) / sizeof(steps[0]) - 1 && drawing->seconds / steps[i] > 6)
		i++;
	step = steps[i];
	for (at = (drawing->from + step - 1) / step * step; at <= drawing->from + drawing->seconds;
	     at += step) {
		fprintf(drawing->out,
			"<path class=\"grid\" d=\"M%d %dv%d\"/>"
			"<text class=\"axis mid\" x=\"%d\" y=\"%d\">%02u:%02u",
			x_of(drawing, x, at), y, PANEL_HEIGHT, x_of(drawing, x, at),
			y + PANEL_HEIGHT + 15, (unsigned)(at / 3600), (unsigned)(at / 60 % 60));
		if (step < 60)
			fprintf(drawing->out, ":%02u", (unsigned)(at % 60));
		fputs("</text>\n", drawing->out);
	}
}

static void frame_draw(const struct drawing *drawing, int x, int y, uint32_t most)
{
	outages_draw(drawing, x, y);
	times_draw(drawing, x, y);
	for (int part = 0; part <= 2; part++) {
		int at = y + PANEL_HEIGHT - PANEL_HEIGHT * part / 2;

		if (part == 1 && most % 2)
			continue;
		fprintf(drawing->out,
			"<path class=\"grid\" d=\"M%d %dh%d\"/>"
			"<text class=\"axis end\" x=\"%d\" y=\"%d\">%u</text>\n",
			x, at, PANEL_WIDTH, x - 6, at + 4, (unsigned)(most * (uint32_t)part / 2));
	}
}

/* ---- panels ------------------------------------------------------------------------------- */

static int height_of(uint32_t value, uint32_t most)
{
	return (int)((uint64_t)PANEL_HEIGHT * value / most);
}

/* Points that lie on one level with both their neighbours need not be said. */
static void curve_draw(const struct drawing *drawing, const uint32_t *values, uint32_t most, int x,
		       int y)
{
	int last = -1, now, next;

	for (uint32_t column = 0; column < PANEL_WIDTH; column++) {
		now = y + PANEL_HEIGHT - height_of(column_most(drawing, values, column), most);
		next = column + 1 < PANEL_WIDTH
			       ? y + PANEL_HEIGHT -
					 height_of(column_most(drawing, values, column + 1), most)
			       : -1;
		if (now != last || now != next)
			fprintf(drawing->out, "%s%d %d", column ? "L" : "M", x + (int)column, now);
		last = now;
	}
}

static void registers_draw(const struct drawing *drawing, const struct storm_series *series,
			   uint32_t most, int x)
{
	frame_draw(drawing, x, TOP_Y, most);
	for (uint32_t i = drawing->options->servers; i-- > 0;) {
		fprintf(drawing->out, "<path class=\"line s%u\" d=\"", (unsigned)i);
		curve_draw(drawing, series->registers[i], most, x, TOP_Y);
		fputs("\"/>\n", drawing->out);
	}
}

static void without_draw(const struct drawing *drawing, const struct storm_series *series,
			 uint32_t most, int x)
{
	int y = TOP_Y + PANEL_STEP;

	frame_draw(drawing, x, y, most);
	fputs("<path class=\"area\" d=\"", drawing->out);
	curve_draw(drawing, series->without, most, x, y);
	fprintf(drawing->out, "V%dH%dz\"/>\n", y + PANEL_HEIGHT, x);
}

static void lost_draw(const struct drawing *drawing, const struct storm_series *series,
		      uint32_t most, int x)
{
	int y = TOP_Y + 2 * PANEL_STEP;
	uint32_t bars = bars_of(drawing);

	frame_draw(drawing, x, y, most);
	for (uint32_t bar = 0; bar < bars; bar++) {
		int height = height_of(bar_sum(drawing, series->lost, bar), most);
		int from = x + (int)(PANEL_WIDTH * bar / bars);

		if (height)
			fprintf(drawing->out,
				"<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%d\" "
				"height=\"%d\"/>\n",
				from, y + PANEL_HEIGHT - height,
				(int)(PANEL_WIDTH * (bar + 1) / bars) - (from - x), height);
	}
}

/* ---- all of it ---------------------------------------------------------------------------- */

struct scale {
	uint32_t registers, without, lost;
};

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static void scale_take(const struct drawing *drawing, const struct storm_series *series,
		       struct scale *scale)
{
	if (!series)
		return;
	for (uint32_t i = 0; i < drawing->options->servers; i++)
		scale->registers = larger(scale->registers, most_of(drawing, series->registers[i]));
	scale->without = larger(scale->without, most_of(drawing, series->without));
	for (uint32_t bar = 0; bar < bars_of(drawing); bar++)
		scale->lost = larger(scale->lost, bar_sum(drawing, series->lost, bar));
}

static int is_in_outage(const struct storm_options *options, uint32_t second)
{
	for (uint32_t i = 0; i < options->outages; i++)
		if (second >= options->outage[i].from_s && second < options->outage[i].to_s)
			return 1;
	return 0;
}

/* The most that a server got in one of the seconds that are drawn, in outages or outside. */
static uint32_t peak_of(const struct drawing *drawing, const struct storm_series *series,
			int in_outage)
{
	uint32_t most = 0, second, i;

	for (second = drawing->from; second < drawing->from + drawing->seconds; second++)
		for (i = 0; i < drawing->options->servers; i++)
			if (is_in_outage(drawing->options, second) == in_outage)
				most = larger(most, series->registers[i][second]);
	return most;
}

static void run_draw(const struct drawing *drawing, const struct storm_series *series,
		     const struct scale *scale, int x)
{
	if (!series)
		return;
	fprintf(drawing->out,
		"<text class=\"run\" x=\"%d\" y=\"56\">%s</text>\n"
		"<text x=\"%d\" y=\"74\">at most %u a second in the outage, %u after it; "
		"%llu calls lost</text>\n",
		x, x == LEFT_X ? "Without jitter" : "With jitter", x,
		(unsigned)peak_of(drawing, series, 1), (unsigned)peak_of(drawing, series, 0),
		(unsigned long long)series->lost_all);
	registers_draw(drawing, series, scale->registers, x);
	without_draw(drawing, series, scale->without, x);
	lost_draw(drawing, series, scale->lost, x);
}

static void texts_draw(const struct drawing *drawing)
{
	const struct storm_options *options = drawing->options;
	const char *profile = failover_profile_text(options->settings.profile);

	fprintf(drawing->out,
		"<text class=\"title\" x=\"18\" y=\"30\">%u phones, profile %s, failback interval "
		"%u s"
		"</text>\n",
		(unsigned)options->phones, profile ? profile : "default",
		(unsigned)options->settings.failback_interval_s);
	fprintf(drawing->out, "<text class=\"panel\" x=\"18\" y=\"%d\">REGISTERs a second</text>\n",
		TOP_Y - 10);
	for (uint32_t i = 0; i < options->servers; i++)
		fprintf(drawing->out,
			"<path class=\"line s%u\" d=\"M%u %dh18\"/><text x=\"%u\" "
			"y=\"%d\">%s</text>\n",
			(unsigned)i, 170u + 90u * (unsigned)i, TOP_Y - 14, 193u + 90u * (unsigned)i,
			TOP_Y - 10, storm_server_name(i));
	fprintf(drawing->out,
		"<text class=\"panel\" x=\"18\" y=\"%d\">Phones without service</text>\n",
		TOP_Y + PANEL_STEP - 10);
	fprintf(drawing->out, "<text class=\"panel\" x=\"18\" y=\"%d\">Calls lost in %u s</text>\n",
		TOP_Y + 2 * PANEL_STEP - 10, (unsigned)(drawing->seconds / bars_of(drawing)));
	fprintf(drawing->out,
		"<rect class=\"outage\" x=\"18\" y=\"%d\" width=\"22\" height=\"12\"/>"
		"<text class=\"axis\" x=\"46\" y=\"%d\">a server is down</text>\n",
		HEIGHT - 24, HEIGHT - 14);
}

int storm_svg(const struct storm_options *options, const struct storm_series *with,
	      const struct storm_series *without, FILE *out)
{
	const struct drawing drawing = {
		.options = options,
		.out = out,
		.from = options->show_from_s,
		.seconds = options->show_to_s - options->show_from_s,
	};
	struct scale scale = { 1, 1, 1 };

	scale_take(&drawing, with, &scale);
	scale_take(&drawing, without, &scale);
	scale = (struct scale){ round_up(scale.registers), round_up(scale.without),
				round_up(scale.lost) };
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		"height=\"%d\" role=\"img\">\n<title>A fleet of phones through an "
		"outage</title>\n%s"
		"<rect class=\"paper\" x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n",
		WIDTH, HEIGHT, WIDTH, HEIGHT, style, WIDTH - 1, HEIGHT - 1);
	texts_draw(&drawing);
	run_draw(&drawing, without, &scale, LEFT_X);
	run_draw(&drawing, with, &scale, RIGHT_X);
	fputs("</svg>\n", out);
	return fflush(out) != 0 || ferror(out) ? -1 : 0;
}
