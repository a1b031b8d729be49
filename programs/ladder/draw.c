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

/* The label is in the first field, so that both servers' labels stand under each other. */
void draw_arrow(const struct drawing *drawing, enum arrow arrow, enum party server,
		const char *label)
{
	int end = server == PARTY_BACKUP ? COLUMN_BACKUP : COLUMN_PRIMARY;
	int room = COLUMN_PRIMARY - 6, used = (int)strlen(label);
	char row[ROW_BYTES];

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

void draw_say(const struct drawing *drawing, const char *format, ...)
{
	va_list arguments;

	time_print(drawing);
	printf("* ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	fflush(stdout);
}

void draw_step(const struct drawing *drawing, unsigned number, const char *title)
{
	char row[ROW_BYTES];

	printf("\n");
	time_print(drawing);
	printf("%u. %s\n          ", number, title);
	lines_fill(drawing, row);
	row_print(row);
}
