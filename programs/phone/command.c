/* SPDX-License-Identifier: MIT */
/* command.c - reads command lines: a word, its arguments, nothing else. */
#include "command.h"

#include <string.h>

enum command_arguments { TAKES_NOTHING, TAKES_LINE, TAKES_URI_AND_LINE };

static const struct command_row {
	const char *word;
	enum phone_command_kind kind;
	enum command_arguments arguments;
} command_table[] = {
	{ "register", PHONE_COMMAND_REGISTER, TAKES_LINE },
	{ "call", PHONE_COMMAND_CALL, TAKES_URI_AND_LINE },
	{ "answer", PHONE_COMMAND_ANSWER, TAKES_LINE },
	{ "hangup", PHONE_COMMAND_HANGUP, TAKES_LINE },
	{ "options", PHONE_COMMAND_OPTIONS, TAKES_LINE },
	{ "probe", PHONE_COMMAND_PROBE, TAKES_LINE },
	{ "failback", PHONE_COMMAND_FAILBACK, TAKES_LINE },
	{ "pin", PHONE_COMMAND_PIN, TAKES_LINE },
	{ "unpin", PHONE_COMMAND_UNPIN, TAKES_LINE },
	{ "status", PHONE_COMMAND_STATUS, TAKES_NOTHING },
	{ "reload", PHONE_COMMAND_RELOAD, TAKES_NOTHING },
	{ "quit", PHONE_COMMAND_QUIT, TAKES_NOTHING },
};

static const struct command_row *command_find(const char *word)
{
	for (size_t i = 0; i < sizeof(command_table) / sizeof(command_table[0]); i++) {
		if (strcmp(command_table[i].word, word) == 0)
			return &command_table[i];
	}
	return NULL;
}

/* Only what a URI or a word may be made of: it ends up in SIP messages and on a terminal. */
static int text_is_clean(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if ((*c < 0x20 && *c != '\t') || *c == 0x7f || strchr("<>\"\\", *c))
			return 0;
	}
	return 1;
}

static const char *line_parse(const char *word, uint32_t *line)
{
	uint32_t value = 0;

	for (const char *c = word; *c; c++) {
		if (*c < '0' || *c > '9' || value > 99999)
			return "LINE is the number of a line";
		value = value * 10 + (uint32_t)(*c - '0');
	}
	if (value == 0)
		return "LINE is the number of a line, from 1";
	*line = value;
	return NULL;
}

static const char *arguments_parse(const struct command_row *row, char **rest,
				   struct phone_command *out)
{
	const char *word;

	if (row->arguments == TAKES_URI_AND_LINE) {
		word = strtok_r(NULL, " \t", rest);
		if (!word)
			return "call whom? call URI [LINE]";
		if (strlen(word) >= sizeof(out->uri))
			return "the URI is too long";
		strcpy(out->uri, word);
	}
	word = strtok_r(NULL, " \t", rest);
	if (!word)
		return NULL;
	if (row->arguments == TAKES_NOTHING || strtok_r(NULL, " \t", rest))
		return "too many words";
	return line_parse(word, &out->line);
}

const char *phone_command_parse(const char *text, struct phone_command *out)
{
	struct phone_command command = { .kind = PHONE_COMMAND_NONE };
	const struct command_row *row;
	char copy[PHONE_COMMAND_BYTES + 1];
	char *rest = NULL;
	const char *word, *wrong;

	if (strlen(text) >= sizeof(copy))
		return "the command is too long";
	strcpy(copy, text);
	if (!text_is_clean(copy))
		return "the command has a character that no command has";
	word = strtok_r(copy, " \t", &rest);
	if (word) {
		row = command_find(word);
		if (!row)
			return "no such command";
		command.kind = row->kind;
		wrong = arguments_parse(row, &rest, &command);
		if (wrong)
			return wrong;
	}
	*out = command;
	return NULL;
}

const char *phone_command_help(void)
{
	return "  register [LINE]   register now, at the most preferred server first\n"
	       "  call URI [LINE]   call sip:USER@HOST, or a number at the line's own server\n"
	       "  answer [LINE]     answer the newest incoming call\n"
	       "  hangup [LINE]     end the newest call, or refuse it\n"
	       "  options [LINE]    send one OPTIONS to the server in use\n"
	       "  probe [LINE]      ask now whether a better server is back\n"
	       "  failback [LINE]   go back to the most preferred server now\n"
	       "  pin [LINE]        stay at the server in use until told\n"
	       "  unpin [LINE]      go back again when a better server answers\n"
	       "  status            show every line and its calls\n"
	       "  reload            read CONFIG again\n"
	       "  quit              remove the registrations and end\n";
}
