/* SPDX-License-Identifier: MIT */
/* console.c - commands from standard input. */
#include "phone.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void line_status_say(struct phone *phone, const struct phone_line *line)
{
	struct failover_line_state state = { .size = sizeof(state) };
	uint64_t now = phone_now(phone);
	char target[80], where[96];

	if (failover_line_state(phone->engine, line->id, &state) != 0)
		return;
	if (!state.registered) {
		phone_say(&phone->report, now, "line %u is not registered%s, %u calls",
			  (unsigned)line->number, state.registering ? ", registering" : "",
			  (unsigned)line->calls_count);
		return;
	}
	phone_say(&phone->report, now,
		  "line %u is registered at %s (%s), for %u s more, %u calls%s",
		  (unsigned)line->number,
		  failover_target_text(&state.serving, target, sizeof(target)),
		  phone_line_where(line, &state.serving, where, sizeof(where)),
		  (unsigned)(state.registered_until > now ? (state.registered_until - now) / 1000
							  : 0),
		  (unsigned)line->calls_count, state.probing ? ", probing a better server" : "");
}

static void status_say(struct phone *phone)
{
	for (uint32_t i = 0; i < phone->config->lines_count; i++) {
		uint32_t number = phone->config->lines[i]->number;
		const struct phone_line *line = phone_map_get(&phone->lines_by_number, number);

		if (line)
			line_status_say(phone, line);
		else
			phone_say(&phone->report, phone_now(phone), "line %u is %s",
				  (unsigned)number,
				  phone->config->lines[i]->enable ? "not in use: no server is known"
								  : "off");
		phone_lookup_say(phone, number);
	}
}

static void options_send(struct phone *phone, const struct phone_line *line)
{
	const struct failover_request_params params = {
		.size = sizeof(params),
		.method = FAILOVER_OPTIONS,
	};
	uint64_t request;
	int error = failover_submit(phone->engine, line->id, &params, phone_now(phone), &request);

	if (error != 0)
		fprintf(stderr, "failover-phone: options: %s\n", failover_strerror(error));
}

static void register_start(struct phone *phone, const struct phone_line *line)
{
	int error = failover_register(phone->engine, line->id, phone_now(phone));

	if (error != 0)
		fprintf(stderr, "failover-phone: register: %s\n", failover_strerror(error));
}

static void line_command_run(struct phone *phone, const struct phone_command *command)
{
	struct phone_line *line = phone_line_of(phone, command->line);

	if (!line) {
		fputs("failover-phone: there is no such line\n", stderr);
		return;
	}
	switch (command->kind) {
	case PHONE_COMMAND_REGISTER:
		register_start(phone, line);
		return;
	case PHONE_COMMAND_CALL:
		phone_call_start(phone, line, command->uri);
		return;
	case PHONE_COMMAND_ANSWER:
		phone_call_answer(phone, line);
		return;
	case PHONE_COMMAND_HANGUP:
		if (phone_call_hangup(phone, line) != 0)
			fprintf(stderr, "failover-phone: line %u has no call\n",
				(unsigned)line->number);
		return;
	case PHONE_COMMAND_OPTIONS:
		options_send(phone, line);
		return;
	case PHONE_COMMAND_NONE:
	case PHONE_COMMAND_STATUS:
	case PHONE_COMMAND_RELOAD:
	case PHONE_COMMAND_QUIT:
		return;
	}
}

static void command_run(struct phone *phone, const char *text)
{
	struct phone_command command;
	const char *wrong = phone_command_parse(text, &command);

	if (wrong) {
		fprintf(stderr, "failover-phone: %s; commands:\n%s", wrong, phone_command_help());
		return;
	}
	if (phone->quitting || command.kind == PHONE_COMMAND_NONE)
		return;
	if (command.kind == PHONE_COMMAND_STATUS)
		status_say(phone);
	else if (command.kind == PHONE_COMMAND_RELOAD)
		phone_config_reload(phone);
	else if (command.kind == PHONE_COMMAND_QUIT)
		phone_quit(phone);
	else
		line_command_run(phone, &command);
	failover_dispatch(phone->stack); /* the next command sees what this one did */
}

static void input_line(struct phone *phone)
{
	char *input = phone->input;
	size_t used = phone->input_used;

	if (used > 0 && input[used - 1] == '\r')
		used--;
	input[used] = '\0';
	if (phone->input_skips || strlen(input) != used)
		fputs("failover-phone: that line is no command\n", stderr);
	else
		command_run(phone, input);
	phone->input_used = 0;
	phone->input_skips = 0;
}

static void input_take(struct phone *phone, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (bytes[i] == '\n')
			input_line(phone);
		else if (phone->input_used < PHONE_COMMAND_BYTES)
			phone->input[phone->input_used++] = bytes[i];
		else
			phone->input_skips = 1;
	}
}

int phone_console_read(struct phone *phone)
{
	char bytes[1024];
	ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (got > 0) {
		input_take(phone, bytes, (size_t)got);
		return 0;
	}
	return got == 0 || (errno != EAGAIN && errno != EINTR);
}
