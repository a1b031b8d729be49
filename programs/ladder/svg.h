/* SPDX-License-Identifier: MIT */
/*
 * svg.h - a ladder as a picture: a column for the phone and for each server, an arrow for each
 * message, a sentence for each decision. Shared by the demo and the phone (--ladder).
 */
#ifndef LADDER_SVG_H
#define LADDER_SVG_H

#include <stdint.h>
#include <stdio.h>

#define LADDER_COLUMNS_MOST 6u /* the phone is column 0 */
#define LADDER_TEXT_BYTES 160u
/* Of a long run the first and the last rows are kept, and what lies between is counted. */
#define LADDER_FIRST_ROWS 150u
#define LADDER_LAST_ROWS 350u

enum ladder_kind {
	LADDER_REQUEST,	   /* to a server */
	LADDER_ANSWER,	   /* from a server */
	LADDER_LOST,	   /* a request that no server takes */
	LADDER_REQUEST_IN, /* from a server */
	LADDER_ANSWER_OUT, /* to a server */
	LADDER_NOTE,	   /* a sentence */
	LADDER_STEP,	   /* a title */
};

enum ladder_tone { LADDER_CALM, LADDER_BAD, LADDER_AWAY, LADDER_BACK };

struct ladder_row {
	enum ladder_kind kind;
	enum ladder_tone tone; /* of a sentence */
	unsigned column;       /* the server of a message */
	unsigned dead;	       /* bits of columns that do not answer */
	unsigned serving;      /* the column that serves, 0 = none */
	uint64_t t_ms;
	char text[LADDER_TEXT_BYTES];
};

struct ladder {
	char title[LADDER_TEXT_BYTES];
	char column[LADDER_COLUMNS_MOST][48];
	unsigned columns;
	unsigned dead, serving; /* from now on */
	uint64_t rows;		/* that there were */
	struct ladder_row first[LADDER_FIRST_ROWS], last[LADDER_LAST_ROWS];
};

/* An empty ladder whose column 0 is the phone; NULL = no memory. free() it. */
struct ladder *ladder_new(const char *title);
/* Returns its number; the last one is everybody's when there is no room for more. */
unsigned ladder_column_add(struct ladder *ladder, const char *name);
/* A row with this text; returns it, valid until the next one. */
struct ladder_row *ladder_add(struct ladder *ladder, enum ladder_kind kind, uint64_t t_ms,
			      const char *text);
/* Row n from the end, 0 = the last one; NULL = it is not kept. */
struct ladder_row *ladder_row_back(struct ladder *ladder, uint64_t n);
/* Write the picture. Returns 0, or -1 with errno set. */
int ladder_write(const struct ladder *ladder, FILE *out);
/* The same to a file, which is whole or not there. */
int ladder_save(const struct ladder *ladder, const char *path);

#endif
