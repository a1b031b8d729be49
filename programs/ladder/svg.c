/* SPDX-License-Identifier: MIT */
/* svg.c - draws a ladder. Every text is text, so that it can be searched and copied; colours follow
 * the reader's light or dark. */
#include "svg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WIDTH 900
#define TIME_X 66 /* right end of the times */
#define PHONE_X 96
#define LAST_X 850
#define HEAD_Y 74 /* where the columns begin */
#define ROW 24
#define STEP_ROW 42
#define HEAD 6 /* length of an arrow's head */
#define FOOT 18

/* Colours are written out: not every program that draws pictures knows variables. */
static const char style[] =
	"<style>\n"
	"text{font:13px system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#1f2328}\n"
	".paper{fill:#fff;stroke:#d1d9e0}.band{fill:#eef1f4}\n"
	".title{font-size:16px;font-weight:600}.step{font-weight:600}\n"
	".name{font-weight:600;text-anchor:middle}\n"
	".key{font-size:12px}\n"
	".time{font-size:11.5px;fill:#59636e;text-anchor:end;font-variant-numeric:tabular-nums}\n"
	".life{stroke:#c3c9d1;stroke-width:1.5}\n"
	".dead{stroke:#c8102e;stroke-width:1.5;stroke-dasharray:2 5}\n"
	".serves{stroke:#2f81f7;stroke-width:5}\n"
	".request{stroke:#1f2328;fill:#1f2328}.answer{stroke:#59636e;fill:#59636e}\n"
	".lost{stroke:#c8102e;stroke-dasharray:5 "
	"4}.cross{stroke:#c8102e;stroke-width:2;fill:none}\n"
	".label{font-size:12px}\n"
	".label,.note{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}\n"
	".calm{fill:#59636e}.bad{fill:#c8102e}.away{fill:#a45200}.back{fill:#116329}\n"
	"text.bad,text.away,text.back{font-weight:600}\n"
	"@media(prefers-color-scheme:dark){\n"
	"text{fill:#e6edf3}.paper{fill:#0d1117;stroke:#3d444d}.band{fill:#1c2129}\n"
	".time{fill:#9198a1}.life{stroke:#4d555e}.dead{stroke:#ff7b72}.serves{stroke:#4493f8}\n"
	".request{stroke:#e6edf3;fill:#e6edf3}.answer{stroke:#9198a1;fill:#9198a1}\n"
	".lost,.cross{stroke:#ff7b72}.label,.note{stroke:#0d1117}\n"
	".calm{fill:#9198a1}.bad{fill:#ff7b72}.away{fill:#f0a04b}.back{fill:#56d364}\n"
	"}\n"
	"</style>\n";

/* ---- texts -------------------------------------------------------------------------------- */

/* Bytes of the character of UTF-8 that begins here; 0 = none does, or XML forbids it. */
static size_t character_bytes(const unsigned char *at)
{
	size_t more = *at >= 0xf0 ? 3 : *at >= 0xe0 ? 2 : *at >= 0xc2 ? 1 : 0, i;

	if (*at < 0x80)
		return *at >= 0x20 && *at != 0x7f;
	if (!more || *at > 0xf4)
		return 0;
	for (i = 1; i <= more; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	/* Too long a form, half a pair, beyond Unicode, and what is no character. */
	if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) ||
	    (*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f) ||
	    (*at == 0xef && at[1] == 0xbf && at[2] > 0xbd))
		return 0;
	return more + 1;
}

static void text_put(const char *text, FILE *out)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at) {
		size_t bytes = character_bytes(at);

		if (*at == '&')
			fputs("&amp;", out);
		else if (*at == '<')
			fputs("&lt;", out);
		else if (*at == '>')
			fputs("&gt;", out);
		else if (bytes)
			fwrite(at, 1, bytes, out);
		else
			fputc('?', out);
		at += bytes ? bytes : 1;
	}
}

static void text_at(int x, int y, const char *class, const char *text, FILE *out)
{
	fprintf(out, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	text_put(text, out);
	fputs("</text>\n", out);
}

static void time_at(int y, uint64_t t_ms, FILE *out)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu.%03u", (unsigned long long)(t_ms / 1000),
		 (unsigned)(t_ms % 1000));
	text_at(TIME_X, y, "time", text, out);
}

/* ---- rows --------------------------------------------------------------------------------- */

static int column_x(const struct ladder *ladder, unsigned column)
{
	int between = ladder->columns > 1 ? (int)ladder->columns - 1 : 1;

	return PHONE_X + (LAST_X - PHONE_X) * (int)column / between;
}

static int row_height(const struct ladder_row *row)
{
	return row->kind == LADDER_STEP ? STEP_ROW : ROW;
}

static const char *tone_class(enum ladder_tone tone)
{
	switch (tone) {
	case LADDER_CALM:
		return "calm";
	case LADDER_BAD:
		return "bad";
	case LADDER_AWAY:
		return "away";
	case LADDER_BACK:
		return "back";
	}
	return "";
}

static void arrow_draw(const struct ladder *ladder, const struct ladder_row *row, int y, FILE *out)
{
	int is_in = row->kind == LADDER_ANSWER || row->kind == LADDER_REQUEST_IN;
	int is_answer = row->kind == LADDER_ANSWER || row->kind == LADDER_ANSWER_OUT;
	int phone = column_x(ladder, 0) + 4, server = column_x(ladder, row->column) - 4;
	int tip = is_in ? phone : server, back = is_in ? HEAD : -HEAD;
	const char *class = is_answer ? "answer" : "request";

	if (row->kind == LADDER_LOST) {
		fprintf(out, "<path class=\"lost\" d=\"M%d %dH%d\"/>", phone, y, server - HEAD);
		fprintf(out, "<path class=\"cross\" d=\"M%d %dl8 8m0-8l-8 8\"/>\n", server - 8,
			y - 4);
	} else {
		fprintf(out,
			"<path class=\"%s\" d=\"M%d %dH%d\"/>"
			"<path class=\"%s\" d=\"M%d %dl%d-4v8z\"/>\n",
			class, phone, y, server, class, tip, y, back);
	}
	text_at(phone + 14, y - 4, "label", row->text, out);
}

static void row_draw(const struct ladder *ladder, const struct ladder_row *row, int y, FILE *out)
{
	int base = y + row_height(row) - 6;
	char class[16];

	if (row->kind == LADDER_STEP) {
		fprintf(out,
			"<rect class=\"band\" x=\"8\" y=\"%d\" width=\"%d\" height=\"26\" "
			"rx=\"4\"/>\n",
			base - 19, WIDTH - 16);
		time_at(base - 1, row->t_ms, out);
		text_at(PHONE_X - 18, base - 1, "step", row->text, out);
		return;
	}
	time_at(base, row->t_ms, out);
	if (row->kind != LADDER_NOTE) {
		arrow_draw(ladder, row, base - 1, out);
		return;
	}
	fprintf(out, "<circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"4.5\"/>", tone_class(row->tone),
		PHONE_X, base - 4);
	snprintf(class, sizeof(class), "note %s", tone_class(row->tone));
	text_at(PHONE_X + 14, base, class, row->text, out);
}

/* ---- the columns' lines ------------------------------------------------------------------- */

static const char *life_class(const struct ladder_row *row, unsigned column)
{
	if (row->dead >> column & 1)
		return "dead";
	return column && row->serving == column ? "serves" : "life";
}

struct life {
	const char *class;
	int from;
};

static void life_draw(const struct ladder *ladder, unsigned column, const struct life *life, int to,
		      FILE *out)
{
	if (life->class && to > life->from)
		fprintf(out, "<path class=\"%s\" d=\"M%d %dV%d\"/>\n", life->class,
			column_x(ladder, column), life->from, to);
}

/* ---- all of it ---------------------------------------------------------------------------- */

/* The n-th row that is kept; what is left out lies between first and last. */
static const struct ladder_row *kept_row(const struct ladder *ladder, uint64_t n)
{
	uint64_t last = ladder->rows - LADDER_FIRST_ROWS;

	if (n < LADDER_FIRST_ROWS)
		return &ladder->first[n];
	n -= LADDER_FIRST_ROWS;
	if (last > LADDER_LAST_ROWS)
		n += last - LADDER_LAST_ROWS;
	return &ladder->last[n % LADDER_LAST_ROWS];
}

static uint64_t kept_rows(const struct ladder *ladder)
{
	const uint64_t most = LADDER_FIRST_ROWS + LADDER_LAST_ROWS;

	return ladder->rows < most ? ladder->rows : most;
}

static int is_after_gap(const struct ladder *ladder, uint64_t n)
{
	return n == LADDER_FIRST_ROWS && ladder->rows > kept_rows(ladder);
}

static int height_of(const struct ladder *ladder)
{
	int y = HEAD_Y;

	for (uint64_t n = 0; n < kept_rows(ladder); n++)
		y += row_height(kept_row(ladder, n)) + (is_after_gap(ladder, n) ? ROW : 0);
	return y + FOOT;
}

static void lives_draw(const struct ladder *ladder, FILE *out)
{
	for (unsigned column = 0; column < ladder->columns; column++) {
		struct life life = { NULL, HEAD_Y };
		int y = HEAD_Y;

		for (uint64_t n = 0; n < kept_rows(ladder); n++) {
			const struct ladder_row *row = kept_row(ladder, n);
			const char *class = life_class(row, column);

			y += is_after_gap(ladder, n) ? ROW : 0;
			if (!life.class || strcmp(class, life.class) != 0) {
				life_draw(ladder, column, &life, y, out);
				life = (struct life){ class, y };
			}
			y += row_height(row);
		}
		life_draw(ladder, column, &life, y + FOOT / 2, out);
	}
}

static void rows_draw(const struct ladder *ladder, FILE *out)
{
	char text[64];
	int y = HEAD_Y;

	for (uint64_t n = 0; n < kept_rows(ladder); n++) {
		const struct ladder_row *row = kept_row(ladder, n);

		if (is_after_gap(ladder, n)) {
			snprintf(text, sizeof(text), "%llu rows are left out here",
				 (unsigned long long)(ladder->rows - kept_rows(ladder)));
			text_at(PHONE_X + 14, y + ROW - 6, "note calm", text, out);
			y += ROW;
		}
		row_draw(ladder, row, y, out);
		y += row_height(row);
	}
}

static void legend_draw(FILE *out)
{
	fprintf(out,
		"<path class=\"serves\" d=\"M%d 16v16\"/><text x=\"%d\" y=\"28\" class=\"key\">"
		"serves the line</text>\n"
		"<path class=\"dead\" d=\"M%d 14v20\"/><text x=\"%d\" y=\"28\" class=\"key\">"
		"does not answer</text>\n",
		WIDTH - 240, WIDTH - 232, WIDTH - 122, WIDTH - 114);
}

int ladder_write(const struct ladder *ladder, FILE *out)
{
	int height = height_of(ladder);

	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		"height=\"%d\" role=\"img\">\n<title>",
		WIDTH, height, WIDTH, height);
	text_put(ladder->title, out);
	fputs("</title>\n", out);
	fputs(style, out);
	fprintf(out,
		"<rect class=\"paper\" x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n",
		WIDTH - 1, height - 1);
	text_at(18, 28, "title", ladder->title, out);
	legend_draw(out);
	for (unsigned column = 0; column < ladder->columns; column++)
		text_at(column_x(ladder, column), HEAD_Y - 12, "name", ladder->column[column], out);
	lives_draw(ladder, out);
	rows_draw(ladder, out);
	fputs("</svg>\n", out);
	return fflush(out) != 0 || ferror(out) ? -1 : 0;
}

int ladder_save(const struct ladder *ladder, const char *path)
{
	size_t size = strlen(path) + sizeof(".new");
	char *name = malloc(size);
	int result = -1, saved;
	FILE *out;

	if (!name)
		return -1;
	snprintf(name, size, "%s.new", path);
	out = fopen(name, "we");
	if (!out)
		goto out;
	result = ladder_write(ladder, out);
	if (fclose(out) != 0 || (result == 0 && rename(name, path) != 0))
		result = -1;
	saved = errno;
	if (result != 0)
		(void)unlink(name);
	errno = saved;
out:
	free(name);
	return result;
}
