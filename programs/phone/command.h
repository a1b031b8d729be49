/* SPDX-License-Identifier: MIT */
/* command.h - the commands a person or a script types, as data. */
#ifndef PHONE_COMMAND_H
#define PHONE_COMMAND_H

#include <stdint.h>

#define PHONE_COMMAND_BYTES 512u /* longest command line, newline not counted */
#define PHONE_URI_BYTES 256u

enum phone_command_kind {
	PHONE_COMMAND_NONE, /* an empty line */
	PHONE_COMMAND_REGISTER,
	PHONE_COMMAND_CALL,
	PHONE_COMMAND_ANSWER,
	PHONE_COMMAND_HANGUP,
	PHONE_COMMAND_OPTIONS,
	PHONE_COMMAND_PROBE,
	PHONE_COMMAND_FAILBACK,
	PHONE_COMMAND_PIN,
	PHONE_COMMAND_UNPIN,
	PHONE_COMMAND_STATUS,
	PHONE_COMMAND_RELOAD,
	PHONE_COMMAND_QUIT,
};

struct phone_command {
	enum phone_command_kind kind;
	uint32_t line;		   /* as configured; 0 = not said */
	char uri[PHONE_URI_BYTES]; /* CALL */
};

/* Read one line of text, without its newline. Returns NULL, or a sentence that says what is wrong
 * (static text); *out is then unchanged. */
const char *phone_command_parse(const char *text, struct phone_command *out);
/* One line for each command. */
const char *phone_command_help(void);

#endif
