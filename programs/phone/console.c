/* SPDX-License-Identifier: MIT */
/* console.c - commands from standard input. */
#include "phone.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* What is known of each server, and why it could not be used. */
static void line_health_say(struct phone *phone, const struct phone_line *line)
{
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	struct failover_target_health health[FAILOVER_LIMIT_TARGETS];
	int count = failover_line_list(phone->engine, line->id, targets, FAILOVER_LIMIT_TARGETS);
	char target[80], where[96], reason[24];

	failover_line_health(phone->engine, line->id, health, FAILOVER_LIMIT_TARGETS);
	for (int i = 0; i < count; i++)
		phone_say(&phone->report, phone_now(phone), "line %u: %s (%s) is %s%s%s",
			  (unsigned)line->number,
			  failover_target_text(&targets[i], target, sizeof(target)),
			  phone_line_where(line, &targets[i], where, sizeof(where)),
			  phone_health_text(health[i].state), health[i].reason ? ": " : "",
			  health[i].reason
				  ? failover_reason_text(health[i].reason, health[i].status, reason,
							 sizeof(reason))
				  : "");
}

static void line_status_say(struct phone *phone, const struct phone_line *line)
{
	struct failover_line_state state = { .size = sizeof(state) };
	uint64_t now = phone_now(phone);
	char target[80], where[96];

	if (failover_line_state(phone->engine, line->id, &state) != 0)
		return;
	if (!state.registered)
		phone_say(&phone->report, now, "line %u is not registered%s, %u calls%s",
			  (unsigned)line->number, state.registering ? ", registering" : "",
			  (unsigned)line->calls_count, state.pinned ? ", pinned" : "");
	else
		phone_say(&phone->report, now,
			  "line %u is registered at %s (%s), for %u s more, %u calls%s%s",
			  (unsigned)line->number,
			  failover_target_text(&state.serving, target, sizeof(target)),
			  phone_line_where(line, &state.serving, where, sizeof(where)),
			  (unsigned)(state.registered_until > now
					     ? (state.registered_until - now) / 1000
					     : 0),
			  (unsigned)line->calls_count,
			  state.probing ? ", probing a better server" : "",
			  state.pinned	     ? ", pinned: it stays there until told"
			  : state.waits_idle ? ", returns when no call is up"
					     : "");
	line_health_say(phone, line);
	phone_subscriptions_say(phone, line);
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

static void line_command_run(struct phone *phone, const struct phone_command *command)
{
	struct phone_why why;

	if (phone_control(phone, command, &why) != CONTROL_DONE)
		fprintf(stderr, PHONE_PROGRAM ": %s\n", why.text);
}

static void command_run(struct phone *phone, const char *text)
{
	struct phone_command command;
	const char *wrong = phone_command_parse(text, &command);

	if (wrong) {
		fprintf(stderr, PHONE_PROGRAM ": %s; commands:\n%s", wrong, phone_command_help());
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
	phone_stack_turn(phone); /* the next command sees what this one did */
}

static void input_line(struct phone *phone)
{
	char *input = phone->input;
	size_t used = phone->input_used;

	if (used > 0 && input[used - 1] == '\r')
		used--;
	input[used] = '\0';
	if (phone->input_skips || strlen(input) != used)
		fputs(PHONE_PROGRAM ": that line is no command\n", stderr);
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
