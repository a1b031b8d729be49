/* SPDX-License-Identifier: MIT */
/* api_line.c - what lines do, and what they are told to do. */
#include "server.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

void web_status_get(struct web_call *call)
{
	web_send_json(call, 200, call->web->host.status(call->web->host.user));
}

void web_line_get(struct web_call *call)
{
	json_t *line = call->web->host.line(call->web->host.user, call->line);

	if (line)
		web_send_json(call, 200, line);
	else
		web_send_error(call, WEB_NO_LINE);
}

void web_plan_get(struct web_call *call)
{
	json_t *plan = call->web->host.plan(call->web->host.user, call->line);

	if (plan)
		web_send_json(call, 200, plan);
	else
		web_send_error(call, WEB_NO_LINE);
}

/* The command as on the console; returns 0, or -1: it has answered. */
static int command_text(struct web_call *call, char *text, size_t size)
{
	const char *word = strrchr(call->path, '/') + 1, *uri;
	json_t *body;
	int length = -1;

	if (strcmp(word, "call") != 0) {
		snprintf(text, size, "%s %u", word, (unsigned)call->line);
		return 0;
	}
	body = web_body_json(call);
	if (!body)
		return -1;
	uri = json_string_value(json_object_get(body, "uri"));
	/* One word: it cannot become another command. */
	if (uri && *uri && uri[strcspn(uri, " \t\r\n")] == '\0')
		length = snprintf(text, size, "call %s %u", uri, (unsigned)call->line);
	json_decref(body);
	if (length >= 0 && (size_t)length < size)
		return 0;
	web_send_error(call, WEB_BAD_JSON);
	return -1;
}

void web_line_post(struct web_call *call)
{
	char text[400], why[256] = "";
	int status;

	if (command_text(call, text, sizeof(text)) != 0)
		return;
	status = call->web->host.command(call->web->host.user, text, why, sizeof(why));
	if (status != 0)
		web_send_refusal(call, status, why);
	else
		web_send_json(call, 202, json_object());
}

void web_decisions_get(struct web_call *call)
{
	const struct web_decision *decision;
	struct evbuffer *list = evbuffer_new();
	uint64_t line = 0, after = 0;
	const char *comma = "";
	size_t size;
	char *text;

	if (web_query_number(call, "line", &line) < 0 ||
	    web_query_number(call, "after", &after) < 0) {
		evbuffer_free(list);
		web_send_error(call, WEB_BAD_REQUEST);
		return;
	}
	evbuffer_add_printf(list, "{\"decisions\":[");
	while ((decision = web_history_after(&call->web->history, after))) {
		after = decision->id;
		if (line && decision->line != line)
			continue;
		evbuffer_add_printf(list, "%s%s", comma, decision->text);
		comma = ",";
	}
	evbuffer_add_printf(list, "]}");
	size = evbuffer_get_length(list);
	text = malloc(size + 1);
	if (text) {
		evbuffer_remove(list, text, size);
		text[size] = '\0';
	}
	evbuffer_free(list);
	web_send_own_text(call, 200, "application/json", text);
}
