/* SPDX-License-Identifier: MIT */
/* control.c - each command of a line, for whoever gives it: done, or a sentence that says why not.
 */
#include "phone.h"

#include <stdarg.h>

int phone_because(struct phone_why *why, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why->text, sizeof(why->text), format, arguments);
	va_end(arguments);
	return -1;
}

/* The rest is said by the error alone. */
static int engine_because(struct phone_why *why, const char *what, int error)
{
	return error == 0 ? 0 : phone_because(why, "%s: %s", what, failover_strerror(error));
}

static int options_send(struct phone *phone, struct phone_line *line, struct phone_why *why)
{
	const struct failover_request_params params = {
		.size = sizeof(params),
		.method = FAILOVER_OPTIONS,
	};
	uint64_t request;

	return engine_because(why, "options", phone_line_submit(phone, line, &params, &request));
}

static int register_start(struct phone *phone, const struct phone_line *line, struct phone_why *why)
{
	return engine_because(why, "register",
			      failover_register(phone->engine, line->id, phone_now(phone)));
}

/* Why a probe is out of place now. */
static const char *no_probe(const struct failover_line_state *state)
{
	if (state->pinned)
		return "it is pinned, so no better server is asked";
	if (!state->registered)
		return "it is not registered, and tries every server anyway";
	if (state->probing)
		return "a probe is under way";
	if (state->serving_index == 0)
		return "the most preferred server serves it";
	return "there is no better server that a probe may go to";
}

static int probe(struct phone *phone, const struct phone_line *line,
		 const struct failover_line_state *state, struct phone_why *why)
{
	int error = failover_probe(phone->engine, line->id, phone_now(phone));

	if (error == FAILOVER_ERR_STATE)
		return phone_because(why, "no probe of line %u: %s", (unsigned)line->number,
				     no_probe(state));
	return engine_because(why, "probe", error);
}

static int failback(struct phone *phone, const struct phone_line *line,
		    const struct failover_line_state *state, struct phone_why *why)
{
	int error;

	if (state->registered && state->serving_index == 0 && !state->pinned)
		return phone_because(why, "no failback of line %u: %s", (unsigned)line->number,
				     "the most preferred server serves it");
	error = failover_failback(phone->engine, line->id, phone_now(phone));
	if (error != 0)
		return engine_because(why, "failback", error);
	if (state->pinned)
		phone_report_pin(&phone->report, phone_now(phone), line->number, NULL, "");
	return 0;
}

static int pin(struct phone *phone, const struct phone_line *line,
	       const struct failover_line_state *state, struct phone_why *why)
{
	char where[96];
	int error;

	if (state->pinned)
		return phone_because(why, "line %u is pinned", (unsigned)line->number);
	error = failover_pin(phone->engine, line->id, 1, phone_now(phone));
	if (error != 0)
		return engine_because(why, "pin", error);
	phone_report_pin(&phone->report, phone_now(phone), line->number, &state->serving,
			 phone_line_where(line, &state->serving, where, sizeof(where)));
	return 0;
}

static int unpin(struct phone *phone, const struct phone_line *line,
		 const struct failover_line_state *state, struct phone_why *why)
{
	int error;

	if (!state->pinned)
		return phone_because(why, "line %u is not pinned", (unsigned)line->number);
	error = failover_pin(phone->engine, line->id, 0, phone_now(phone));
	if (error != 0)
		return engine_because(why, "unpin", error);
	phone_report_pin(&phone->report, phone_now(phone), line->number, NULL, "");
	return 0;
}

static int command_do(struct phone *phone, struct phone_line *line,
		      const struct phone_command *command, struct phone_why *why)
{
	struct failover_line_state state = { .size = sizeof(state) };

	failover_line_state(phone->engine, line->id, &state);
	switch (command->kind) {
	case PHONE_COMMAND_REGISTER:
		return register_start(phone, line, why);
	case PHONE_COMMAND_CALL:
		return phone_call_start(phone, line, command->uri, why);
	case PHONE_COMMAND_ANSWER:
		return phone_call_answer(phone, line, why);
	case PHONE_COMMAND_HANGUP:
		return phone_call_hangup(phone, line) == 0
			       ? 0
			       : phone_because(why, "line %u has no call", (unsigned)line->number);
	case PHONE_COMMAND_OPTIONS:
		return options_send(phone, line, why);
	case PHONE_COMMAND_PROBE:
		return probe(phone, line, &state, why);
	case PHONE_COMMAND_FAILBACK:
		return failback(phone, line, &state, why);
	case PHONE_COMMAND_PIN:
		return pin(phone, line, &state, why);
	case PHONE_COMMAND_UNPIN:
		return unpin(phone, line, &state, why);
	case PHONE_COMMAND_NONE:
	case PHONE_COMMAND_STATUS:
	case PHONE_COMMAND_RELOAD:
	case PHONE_COMMAND_QUIT:
		break;
	}
	return phone_because(why, "that is no command of a line");
}

static int is_configured(const struct phone *phone, uint32_t number)
{
	for (uint32_t i = 0; i < phone->config->lines_count; i++) {
		if (phone->config->lines[i]->number == number)
			return 1;
	}
	return 0;
}

enum phone_control phone_control(struct phone *phone, const struct phone_command *command,
				 struct phone_why *why)
{
	struct phone_line *line = phone_line_of(phone, command->line);

	if (!line) {
		phone_because(why, "there is no such line%s",
			      is_configured(phone, command->line) ? " in use" : "");
		return is_configured(phone, command->line) ? CONTROL_NOT_NOW : CONTROL_NO_LINE;
	}
	if (phone->quitting) {
		phone_because(why, "the phone is about to end");
		return CONTROL_NOT_NOW;
	}
	if (command_do(phone, line, command, why) != 0)
		return CONTROL_NOT_NOW;
	phone_web_line_changed(phone, line->number);
	return CONTROL_DONE;
}
