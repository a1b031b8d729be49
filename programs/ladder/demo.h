/* SPDX-License-Identifier: MIT */
/* demo.h - the state of the demo, and what its parts offer to each other. */
#ifndef LADDER_DEMO_H
#define LADDER_DEMO_H

#include "child.h"
#include "script.h"

#include <jansson.h>

#define TARGET_BYTES 80

struct packet {
	char arrow[3];
	char method[32];
	char status[8]; /* empty = a request */
	char branch[64];
};

struct demo {
	const char *server_path, *phone_path, *plugin_dir, *stack;
	const char *profile;
	const char *svg, *pcap; /* files to write, or NULL */
	int death_kills;	/* the primary's process is killed; else it goes silent */

	struct event_base *base;
	struct event *timer; /* the step's pause or limit */
	struct event *held_timer;
	json_t *held; /* events of the phone that are to be told in a moment */
	struct drawing drawing;
	struct child children[PARTIES];
	char targets[PARTIES][TARGET_BYTES]; /* of the servers, "ADDR:PORT;transport=udp" */
	char directory[64];		     /* configuration and error output */

	unsigned step;
	int step_runs; /* 0 = the pause after it */
	unsigned long step_started_ms;
	unsigned seen; /* bit for each expectation of the step */
	int ending;    /* the story is over: children may end */
	int failed;
	int servers_ready;
	enum party serving; /* where the line is registered */
	struct packet lost; /* the latest that a silent server got, and how many times */
	unsigned lost_times;
};

/* look.c: what comes from the programs is told, and compared with what is expected */
void look_at_phone(struct demo *demo, const char *text);
/* "<- METHOD" or "-> STATUS", as in an expectation */
void look_at_packet(struct demo *demo, enum party party, const char *what);
/* Tell what was held back. */
void look_at_held(struct demo *demo);
/* The phone has ended; a fact to be expected like an event. */
void look_at_exit(struct demo *demo, int status);
/* The first expectation not seen yet, or NULL. */
const struct expectation *look_missing(const struct demo *demo);

/* packet.c */
void look_at_server(struct demo *demo, enum party party, const char *text);

/* run.c */
void demo_advance(struct demo *demo); /* go on if all of the step is seen */
int demo_run(struct demo *demo);      /* returns the exit status */

/* look.c: the ordinary budget of a profile with the demo's settings; -1 = it is not known. */
int profile_budget_ms(const char *profile);

#endif
