/* SPDX-License-Identifier: MIT */
/* call.c - calls, in both directions. */
#include "phone.h"

#include <stdlib.h>

#define STATUS_RINGING 180
#define STATUS_OK 200
#define STATUS_BUSY 486

static void call_tell(struct phone *phone, const struct phone_call *call, const char *state,
		      uint32_t status)
{
	const struct phone_call_news news = {
		.state = state,
		.target = call->target_known ? &call->target : NULL,
		.is_emergency = call->is_emergency,
		.status = status,
	};

	phone_report_call(&phone->report, phone_now(phone), call->line->number, &news);
}

static void call_target_set(struct phone_call *call, const struct failover_target *target)
{
	call->target = *target;
	call->target_known = 1;
}

static uint32_t calls_count(const struct phone_line *line, int ringing)
{
	const struct phone_call *call;
	uint32_t count = 0;

	TAILQ_FOREACH(call, &line->calls, entries)
	{
		count += (call->state == CALL_INCOMING) == ringing;
	}
	return count;
}

/* B24e: what rings takes no room of the user's own calls. */
static int has_room(const struct phone_line *line, int ringing)
{
	return calls_count(line, ringing) < PHONE_CALLS_PER_LINE;
}

/* B36f: a call for help finds room. */
static int is_emergency(const struct phone *phone, uint64_t id)
{
	const struct failover_ext_call *ext = phone->ext_call;

	return ext->size >= offsetof(struct failover_ext_call, call_emergency) +
				    sizeof(ext->call_emergency) &&
	       ext->call_emergency && ext->call_emergency(phone->inst, id);
}

static struct phone_call *call_new(struct phone *phone, struct phone_line *line, uint64_t id,
				   enum phone_call_state state)
{
	int emergency = state == CALL_NEW && is_emergency(phone, id);
	struct phone_call *call;

	if (!emergency && !has_room(line, state == CALL_INCOMING))
		return NULL;
	call = calloc(1, sizeof(*call));
	if (!call)
		return NULL;
	if (phone_map_put(&phone->calls, id, call) != 0) {
		free(call);
		return NULL;
	}
	call->id = id;
	call->is_emergency = emergency;
	call->line = line;
	call->state = state;
	TAILQ_INSERT_HEAD(&line->calls, call, entries);
	line->calls_count++;
	return call;
}

/* The line is told how many of its calls are up: it may wait for their end (B32). */
static void call_state_set(struct phone *phone, struct phone_call *call,
			   enum phone_call_state state)
{
	struct phone_line *line = call->line;
	uint32_t before = line->calls_up;

	line->calls_up += (state == CALL_UP) - (call->state == CALL_UP);
	call->state = state;
	if (line->calls_up != before)
		(void)failover_line_calls(phone->engine, line->id, line->calls_up,
					  phone_now(phone));
}

/* Forget our side of a call. */
static void call_drop(struct phone *phone, struct phone_call *call)
{
	struct phone_line *line = call->line;

	call_state_set(phone, call, CALL_ENDING);
	phone_map_take(&phone->calls, call->id);
	if (call->bye_waits)
		TAILQ_REMOVE(&phone->byes, call, byes_entries);
	TAILQ_REMOVE(&line->calls, call, entries);
	line->calls_count--;
	free(call);
	phone_line_touch(phone, line);
}

void phone_call_free(struct phone *phone, struct phone_call *call)
{
	phone->ext_call->call_free(phone->inst, call->id);
	call_drop(phone, call);
}

/* B24b: a line that goes has no time to find out that the dialog's server is dead. */
static const struct failover_target *bye_through(const struct phone *phone,
						 const struct phone_call *call,
						 struct failover_line_state *state)
{
	if (call->line->stage == LINE_HANGS_UP &&
	    failover_line_state(phone->engine, call->line->id, state) == 0 && state->registered)
		return &state->serving;
	return &call->target;
}

static int call_submit(struct phone *phone, struct phone_call *call, uint32_t method)
{
	struct failover_line_state state = { .size = sizeof(state) };
	const struct failover_request_params params = {
		.size = sizeof(params),
		.method = method,
		.cookie = call->id,
		.dialog = method == FAILOVER_BYE ? bye_through(phone, call, &state) : NULL,
		.flags = method == FAILOVER_INVITE && call->is_emergency
				 ? FAILOVER_REQUEST_EMERGENCY
				 : 0,
	};

	return phone_line_submit(phone, call->line, &params, &call->request);
}

int phone_call_start(struct phone *phone, struct phone_line *line, const char *uri,
		     struct phone_why *why)
{
	struct phone_call *call;
	uint64_t id = 0;
	int error = FAILOVER_ERR_UNSUPPORTED;

	if (phone->ext_call)
		error = phone->ext_call->call_new(phone->inst, line->id, uri, NULL, &id);
	if (error != 0)
		return phone_because(why, "call %s: %s", uri, failover_strerror(error));
	call = call_new(phone, line, id, CALL_NEW);
	if (!call) {
		phone->ext_call->call_free(phone->inst, id);
		return phone_because(why, "call %s: line %u has no room for more calls", uri,
				     (unsigned)line->number);
	}
	error = call_submit(phone, call, FAILOVER_INVITE);
	if (error == 0)
		return 0;
	call_tell(phone, call, "failed", 0);
	phone_call_free(phone, call);
	return phone_because(why, "call %s: %s", uri, failover_strerror(error));
}

static int call_answer(struct phone *phone, struct phone_call *call, struct phone_why *why)
{
	int error = FAILOVER_ERR_FULL;

	if (has_room(call->line, 0))
		error = phone->ext_call->call_answer(phone->inst, call->id, STATUS_OK);
	if (error != 0)
		return phone_because(why, "answer: %s", failover_strerror(error));
	call->state = CALL_ANSWERED;
	return 0;
}

int phone_call_answer(struct phone *phone, struct phone_line *line, struct phone_why *why)
{
	struct phone_call *call;

	TAILQ_FOREACH(call, &line->calls, entries)
	{
		if (call->state == CALL_INCOMING)
			return call_answer(phone, call, why);
	}
	return phone_because(why, "line %u has no incoming call", (unsigned)line->number);
}

/* Without its BYE a call stays up at the server: where the engine has no room, it waits for some.
 * Returns 1 while it does; else the call may be gone. */
static int call_bye(struct phone *phone, struct phone_call *call)
{
	int error = call_submit(phone, call, FAILOVER_BYE);

	call_state_set(phone, call, CALL_ENDING);
	if (error == 0)
		return 0;
	if (error == FAILOVER_ERR_FULL || error == FAILOVER_ERR_LIMIT) {
		call->bye_waits = 1;
		TAILQ_INSERT_TAIL(&phone->byes, call, byes_entries);
		return 1;
	}
	fprintf(stderr, PHONE_PROGRAM ": hangup: %s\n", failover_strerror(error));
	call_tell(phone, call, "ended", 0);
	phone_call_free(phone, call);
	return 0;
}

int phone_calls_step(struct phone *phone)
{
	struct phone_calls byes = TAILQ_HEAD_INITIALIZER(byes);
	struct phone_call *call;
	int sent = 0;

	TAILQ_CONCAT(&byes, &phone->byes, byes_entries);
	while ((call = TAILQ_FIRST(&byes))) {
		TAILQ_REMOVE(&byes, call, byes_entries);
		call->bye_waits = 0;
		sent |= !call_bye(phone, call);
	}
	return sent;
}

/* Returns 1 if this call could be ended, or is now about to be. */
static int call_hangup(struct phone *phone, struct phone_call *call)
{
	switch (call->state) {
	case CALL_NEW:
	case CALL_CALLING:
	case CALL_RINGING:
		call->state = CALL_ENDING;
		failover_give_up(phone->engine, call->request, phone_now(phone));
		return 1;
	case CALL_INCOMING:
		phone->ext_call->call_answer(phone->inst, call->id, STATUS_BUSY);
		call_tell(phone, call, "ended", STATUS_BUSY);
		call_drop(phone, call);
		return 1;
	case CALL_ANSWERED: /* no BYE before the ACK (RFC 3261 15) */
		if (call->hangup_wanted)
			return 0;
		call->hangup_wanted = 1;
		return 1;
	case CALL_UP:
		(void)call_bye(phone, call);
		return 1;
	case CALL_ENDING:
		return 0;
	}
	return 0;
}

int phone_call_hangup(struct phone *phone, struct phone_line *line)
{
	struct phone_call *call;

	TAILQ_FOREACH(call, &line->calls, entries)
	{
		if (call_hangup(phone, call))
			return 0;
	}
	return -1;
}

void phone_call_attempt(struct phone *phone, struct phone_line *line,
			const struct failover_event *event)
{
	struct phone_call *call;

	TAILQ_FOREACH(call, &line->calls, entries)
	{
		if (call->request != event->request)
			continue;
		call_target_set(call, &event->target);
		if (call->state == CALL_NEW) {
			call->state = CALL_CALLING;
			call_tell(phone, call, "calling", 0);
		}
		return;
	}
}

/* Why the last server did not take it: its status, if it said one. */
static uint32_t last_status(const struct failover_result *result)
{
	return result->reports_count ? result->reports[result->reports_count - 1].status : 0;
}

static void invite_result(struct phone *phone, struct phone_call *call,
			  const struct failover_result *result)
{
	call->request = 0;
	switch ((enum failover_outcome)result->outcome) {
	case FAILOVER_OUTCOME_ANSWERED:
		call_target_set(call, &result->target);
		if (result->status < 300) {
			call_tell(phone, call, "up", result->status);
			if (call->state == CALL_ENDING)
				(void)call_bye(phone, call);
			else
				call_state_set(phone, call, CALL_UP);
			return;
		}
		call_tell(phone, call, "failed", result->status);
		break;
	case FAILOVER_OUTCOME_FAILED:
		call_tell(phone, call, "failed", last_status(result));
		break;
	case FAILOVER_OUTCOME_GIVEN_UP:
		call_tell(phone, call, "ended", 0);
		break;
	}
	phone_call_free(phone, call);
}

static void bye_result(struct phone *phone, struct phone_call *call,
		       const struct failover_result *result)
{
	if (result->outcome == FAILOVER_OUTCOME_ANSWERED)
		call_target_set(call, &result->target);
	call_tell(phone, call, "ended", result->status);
	phone_call_free(phone, call);
}

void phone_call_result(struct phone *phone, const struct failover_result *result)
{
	struct phone_call *call = phone_map_get(&phone->calls, result->cookie);

	if (!call || call->request != result->request)
		return;
	if (result->method == FAILOVER_BYE)
		bye_result(phone, call, result);
	else
		invite_result(phone, call, result);
}

static void on_incoming(void *app, uint32_t line_id, uint64_t id, const char *from,
			const struct failover_target *source)
{
	struct phone *phone = app;
	struct phone_line *line = phone_map_get(&phone->lines_by_id, line_id);
	struct phone_call *call = NULL;
	struct phone_why why;
	char caller[128];

	if (line && line->config)
		call = call_new(phone, line, id, CALL_INCOMING);
	if (!call) {
		phone->ext_call->call_answer(phone->inst, id, STATUS_BUSY);
		return;
	}
	call_target_set(call, source);
	phone_say(&phone->report, phone_now(phone), "line %u: call from %s", (unsigned)line->number,
		  phone_text_clean(from, caller, sizeof(caller)));
	phone->ext_call->call_answer(phone->inst, id, STATUS_RINGING);
	call_tell(phone, call, "ringing", STATUS_RINGING);
	if (phone->options.answer && call_answer(phone, call, &why) != 0)
		fprintf(stderr, PHONE_PROGRAM ": %s\n", why.text);
}

static void on_progress(void *app, uint64_t id, uint32_t status,
			const struct failover_target *target)
{
	struct phone *phone = app;
	struct phone_call *call = phone_map_get(&phone->calls, id);

	if (!call || call->state != CALL_CALLING || status <= 100)
		return;
	call_target_set(call, target);
	call->state = CALL_RINGING;
	call_tell(phone, call, "ringing", status);
}

static void on_up(void *app, uint64_t id, const struct failover_target *target)
{
	struct phone *phone = app;
	struct phone_call *call = phone_map_get(&phone->calls, id);

	if (!call || call->state != CALL_ANSWERED)
		return;
	call_target_set(call, target);
	call_state_set(phone, call, CALL_UP);
	call_tell(phone, call, "up", STATUS_OK);
	if (call->hangup_wanted)
		(void)call_bye(phone, call);
}

static void on_ended(void *app, uint64_t id, uint32_t status)
{
	struct phone *phone = app;
	struct phone_call *call = phone_map_get(&phone->calls, id);

	if (!call)
		return;
	if (call->request != 0) /* our BYE crossed theirs */
		failover_give_up(phone->engine, call->request, phone_now(phone));
	call_tell(phone, call, "ended", status);
	call_drop(phone, call);
}

static void on_redirected(void *app, uint64_t id, const char *uri)
{
	struct phone *phone = app;
	struct phone_call *call = phone_map_get(&phone->calls, id);
	char to[256];

	if (call)
		phone_say(&phone->report, phone_now(phone), "line %u: call is redirected to %s",
			  (unsigned)call->line->number, phone_text_clean(uri, to, sizeof(to)));
}

void phone_call_events_set(struct phone *phone)
{
	phone->call_events = (struct failover_ext_call_events){
		.size = sizeof(phone->call_events),
		.app = phone,
		.incoming = on_incoming,
		.progress = on_progress,
		.up = on_up,
		.ended = on_ended,
		.redirected = on_redirected,
	};
}
