/* SPDX-License-Identifier: MIT */
/* draw.c - draws the ladder, one row at a time, as things happen. */
#include "draw.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define COLUMN_PRIMARY 30
#define COLUMN_BACKUP 60
#define ROW_BYTES 96

const char *party_name(enum party party)
{
	switch (party) {
	case PARTY_PHONE:
		return "phone";
	case PARTY_PRIMARY:
		return "primary";
	case PARTY_BACKUP:
		return "backup";
	case PARTIES:
		break;
	}
	return "nobody";
}

unsigned long draw_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long)now.tv_sec * 1000ul + (unsigned long)now.tv_nsec / 1000000ul;
}

static void time_print(const struct drawing *drawing)
{
	unsigned long ms = draw_now_ms() - drawing->started_ms;

	printf("%4lu.%03lu  ", ms / 1000, ms % 1000);
}

static void lines_fill(const struct drawing *drawing, char *row)
{
	memset(row, ' ', COLUMN_BACKUP + 1);
	row[COLUMN_BACKUP + 1] = '\0';
	row[0] = row[COLUMN_BACKUP] = '|';
	row[COLUMN_PRIMARY] = drawing->primary_dead ? ':' : '|';
}

static void row_print(const char *row)
{
	printf("%s\n", row);
	fflush(stdout);
}

void draw_head(const struct drawing *drawing)
{
	char row[ROW_BYTES];

	printf("          %-*s%-*s%s\n", COLUMN_PRIMARY - 3, "phone",
	       COLUMN_BACKUP - COLUMN_PRIMARY, "primary", "backup");
	time_print(drawing);
	lines_fill(drawing, row);
	row_print(row);
}

/* The same row of the picture. */
static struct ladder_row *row_add(const struct drawing *drawing, enum ladder_kind kind,
				  const char *text)
{
	struct ladder *ladder = drawing->ladder;

	if (!ladder)
		return NULL;
	ladder->dead = drawing->primary_dead ? 1u << PARTY_PRIMARY : 0;
	ladder->serving = (unsigned)drawing->serving;
	return ladder_add(ladder, kind, draw_now_ms() - drawing->started_ms, text);
}

static enum ladder_kind kind_of(enum arrow arrow)
{
	switch (arrow) {
	case ARROW_REQUEST:
		return LADDER_REQUEST;
	case ARROW_ANSWER:
		return LADDER_ANSWER;
	case ARROW_LOST:
		break;
	}
	return LADDER_LOST;
}

/* The label is in the first field, so that both servers' labels stand under each other. */
void draw_arrow(const struct drawing *drawing, enum arrow arrow, enum party server,
		const char *label)
{
	int end = server == PARTY_BACKUP ? COLUMN_BACKUP : COLUMN_PRIMARY;
	int room = COLUMN_PRIMARY - 6, used = (int)strlen(label);
	struct ladder_row *drawn = row_add(drawing, kind_of(arrow), label);
	char row[ROW_BYTES];

	if (drawn)
		drawn->column = (unsigned)server;
	if (used > room)
		used = room;
	lines_fill(drawing, row);
	memset(row + 1, '-', (size_t)end - 1);
	if (server == PARTY_BACKUP)
		row[COLUMN_PRIMARY] = '-';
	row[3] = ' ';
	memcpy(row + 4, label, (size_t)used);
	row[4 + used] = ' ';
	switch (arrow) {
	case ARROW_REQUEST:
		row[end - 1] = '>';
		break;
	case ARROW_ANSWER:
		row[1] = '<';
		break;
	case ARROW_LOST:
		row[end - 1] = 'x';
		break;
	}
	time_print(drawing);
	row_print(row);
}

void draw_say(const struct drawing *drawing, enum ladder_tone tone, const char *format, ...)
{
	char text[LADDER_TEXT_BYTES];
	struct ladder_row *drawn;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	drawn = row_add(drawing, LADDER_NOTE, text);
	if (drawn)
		drawn->tone = tone;
	time_print(drawing);
	printf("* %s\n", text);
	fflush(stdout);
}

void draw_step(const struct drawing *drawing, unsigned number, const char *title)
{
	char row[ROW_BYTES], text[LADDER_TEXT_BYTES];

	snprintf(text, sizeof(text), "%u. %s", number, title);
	(void)row_add(drawing, LADDER_STEP, text);
	printf("\n");
	time_print(drawing);
	printf("%s\n          ", text);
	lines_fill(drawing, row);
	row_print(row);
}
