/* SPDX-License-Identifier: MIT */
/* draw.h - the ladder on the terminal: three columns, arrows between them, sentences. */
#ifndef LADDER_DRAW_H
#define LADDER_DRAW_H

#include "svg.h"

enum party { PARTY_PHONE, PARTY_PRIMARY, PARTY_BACKUP, PARTIES };

enum arrow {
	ARROW_REQUEST, /* from the phone to a server */
	ARROW_ANSWER,  /* from a server to the phone */
	ARROW_LOST,    /* from the phone to a server that does not take it */
};

struct drawing {
	unsigned long started_ms; /* of draw_now_ms() */
	int primary_dead;	  /* its column is dotted */
	enum party serving;	  /* PARTY_PHONE = nobody */
	struct ladder *ladder;	  /* the same as a picture, or NULL */
};

const char *party_name(enum party party);
unsigned long draw_now_ms(void);
void draw_head(const struct drawing *drawing);
/* `server` is PARTY_PRIMARY or PARTY_BACKUP. */
void draw_arrow(const struct drawing *drawing, enum arrow arrow, enum party server,
		const char *label);
/* What somebody does or decides. */
void draw_say(const struct drawing *drawing, enum ladder_tone tone, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The title of a step. */
void draw_step(const struct drawing *drawing, unsigned number, const char *title);

#endif
