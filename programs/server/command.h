/* SPDX-License-Identifier: MIT */
/* command.h - what the person or the test says on standard input. */
#ifndef SERVER_COMMAND_H
#define SERVER_COMMAND_H

struct server;

/* Runs one line; what cannot be understood is said on standard error and changes nothing. */
void command_run(struct server *server, const char *line);

#endif
