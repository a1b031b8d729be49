/* SPDX-License-Identifier: MIT */
/* child.h - a program that is run, told commands and listened to, line by line. */
#ifndef LADDER_CHILD_H
#define LADDER_CHILD_H

#include <event2/event.h>
#include <sys/types.h>

struct bufferevent;

struct child {
	pid_t pid;		    /* 0 = not running */
	int exit_status;	    /* after its end: as a shell has it, 128 + N for signal N */
	struct bufferevent *stream; /* its standard input and output */
	void (*line)(void *user, struct child *child, const char *text);
	void (*ended)(void *user, struct child *child);
	void *user;
};

/* Run argv[0]; its standard error goes to the file. line, ended and user are set before. Returns 0,
 * or -1 with errno set. */
int child_start(struct child *child, struct event_base *base, char *const argv[],
		const char *error_file);
/* Write a command to it; a newline is added. */
void child_tell(struct child *child, const char *command);
/* End it at once (SIGKILL) and forget it; `ended` is not called. */
void child_kill(struct child *child);

#endif
