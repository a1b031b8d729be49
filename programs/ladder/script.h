/* SPDX-License-Identifier: MIT */
/* script.h - what the demo does, step by step, and what has to be seen at each. */
#ifndef LADDER_SCRIPT_H
#define LADDER_SCRIPT_H

#include "draw.h"

enum action {
	ACTION_PHONE_START,
	ACTION_PHONE_COMMAND, /* `command` */
	ACTION_PRIMARY_DIES,
	ACTION_PRIMARY_RETURNS,
};

/*
 * One thing that has to be seen. Of the phone it is an event: its name and members in any order
 * among the step's; values PRIMARY, BACKUP and DEATH stand for the addresses and for the reason
 * that the chosen death gives. Of a server it is a packet, "<- METHOD" received or "-> STATUS"
 * sent, in the order given.
 */
struct expectation {
	enum party party; /* PARTIES ends a list */
	const char *what;
	const char *members; /* "key=value key=value" */
	int in_budget;	     /* `elapsed` is what the profile and the death say */
};

#define EXPECTATIONS_MOST 10

struct script_step {
	const char *title;
	const char *command;
	enum action action;
	unsigned pause_ms; /* before the next step */
	unsigned limit_ms;
	struct expectation expectations[EXPECTATIONS_MOST + 1];
};

/* The list ends with a step without title. */
extern const struct script_step script[];

#endif
