/* SPDX-License-Identifier: MIT */
/*
 * phone_stack.c - a plugin without packets, for the tests of failover-phone: every request is
 * answered after a few ms. A port above 60000 answers nothing. A call to "sip:ring" leads to an
 * incoming call, to "sip:ring9" to nine; one to "sip:wait" rings and is never answered; the server
 * that has answered one to "sip:die" answers nothing more. Whose binding is removed is logged.
 */
#include <failover/ext/call.h>
#include <failover/ext/io.h>
#include <failover/ext/line.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEWS_MOST 2048u
#define ANSWER_MS 5u
#define SILENT_PORT 60000u
#define LINES_MOST 64u
#define INCOMING_BIT (UINT64_C(1) << 32)

enum news_kind { NEWS_RESPONSE, NEWS_PROGRESS, NEWS_INCOMING, NEWS_UP };

/* Something that the far end is going to do. */
struct news {
	enum news_kind kind;
	uint64_t at;
	uint64_t attempt, call;
	uint32_t line, status, expires_s;
	struct failover_target target;
};

struct stack {
	const struct failover_host *host;
	const struct failover_ext_call_events *events;
	struct news news[NEWS_MOST];
	uint32_t news_count;
	uint64_t calls;	  /* numbers given so far */
	uint64_t waiting; /* the call that is not answered */
	uint64_t dying;	  /* the call whose server dies */
	uint16_t dead_port;
	char users[LINES_MOST][32];
};

static void news_add(struct stack *stack, const struct news *news, uint64_t delay_ms)
{
	if (stack->news_count == NEWS_MOST)
		return;
	stack->news[stack->news_count] = *news;
	stack->news[stack->news_count++].at = stack->host->now(stack->host->ctx) + delay_ms;
}

static int stack_open(const struct failover_host *host, const struct failover_open_params *params,
		      void **inst)
{
	struct stack *stack = calloc(1, sizeof(*stack));

	(void)params;
	if (!stack)
		return FAILOVER_ERR_MEMORY;
	stack->host = host;
	stack->events = host->get_extension(host->ctx, FAILOVER_EXT_CALL_EVENTS);
	*inst = stack;
	return FAILOVER_OK;
}

static void stack_close(void *inst)
{
	free(inst);
}

static void log_release(const struct stack *stack, uint32_t line)
{
	char text[64];

	snprintf(text, sizeof(text), "binding of %s is removed", stack->users[line % LINES_MOST]);
	stack->host->log(stack->host->ctx, FAILOVER_LOG_WARNING, text);
}

static int stack_send(void *inst, const struct failover_attempt *attempt)
{
	struct stack *stack = inst;
	struct news news = {
		.kind = NEWS_RESPONSE,
		.attempt = attempt->id,
		.call = attempt->cookie,
		.status = 200,
		.expires_s = attempt->expires_s,
		.target = attempt->target,
	};

	stack->host->sent(stack->host->ctx, attempt->id);
	if (attempt->target.port > SILENT_PORT || attempt->target.port == stack->dead_port)
		return FAILOVER_OK;
	if (attempt->method == FAILOVER_REGISTER && !attempt->expires_s)
		log_release(stack, attempt->line);
	if (attempt->method == FAILOVER_INVITE && attempt->cookie == stack->dying)
		stack->dead_port = attempt->target.port;
	if (attempt->method != FAILOVER_INVITE || attempt->cookie != stack->waiting)
		news_add(stack, &news, ANSWER_MS * 2);
	if (attempt->method == FAILOVER_INVITE) {
		news.status = 180;
		news_add(stack, &news, ANSWER_MS);
		news.kind = NEWS_PROGRESS;
		news_add(stack, &news, ANSWER_MS);
	}
	return FAILOVER_OK;
}

static int stack_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	(void)inst;
	(void)attempt;
	(void)reason;
	return 1; /* what comes late changes nothing (B7c) */
}

static void stack_response(void *inst, const struct failover_result *result)
{
	(void)inst;
	(void)result;
}

static int line_set(void *inst, const struct failover_line_identity *identity)
{
	struct stack *stack = inst;

	snprintf(stack->users[identity->line % LINES_MOST], sizeof(stack->users[0]), "%s",
		 identity->user);
	return identity->auth_password && *identity->auth_password ? FAILOVER_OK
								   : FAILOVER_ERR_ARGUMENT;
}

static void line_remove(void *inst, uint32_t line)
{
	(void)inst;
	(void)line;
}

static int line_targets(void *inst, uint32_t line, const struct failover_target *targets,
			uint32_t count)
{
	(void)inst;
	(void)line;
	return targets && count > 0 ? FAILOVER_OK : FAILOVER_ERR_ARGUMENT;
}

static int call_new(void *inst, uint32_t line, const char *uri, const char *sdp, uint64_t *call)
{
	struct stack *stack = inst;
	struct news ring = {
		.kind = NEWS_INCOMING,
		.line = line,
		.target = { .family = 4, .address = { 192, 0, 2, 9 }, .port = 5060 },
	};

	int rings = 0;

	(void)sdp;
	if (strncmp(uri, "sip:", 4) != 0)
		return FAILOVER_ERR_ARGUMENT;
	if (strncmp(uri, "sip:ring", 8) == 0)
		rings = uri[8] ? atoi(uri + 8) : 1;
	while (rings-- > 0) {
		ring.call = ++stack->calls | INCOMING_BIT;
		news_add(stack, &ring, ANSWER_MS * 4);
	}
	*call = ++stack->calls;
	if (strcmp(uri, "sip:wait") == 0)
		stack->waiting = *call;
	if (strcmp(uri, "sip:die") == 0)
		stack->dying = *call;
	return FAILOVER_OK;
}

static void call_free(void *inst, uint64_t call)
{
	(void)inst;
	(void)call;
}

static int call_answer(void *inst, uint64_t call, uint32_t status)
{
	struct stack *stack = inst;
	struct news up = {
		.kind = NEWS_UP,
		.call = call,
		.target = { .family = 4, .address = { 127, 0, 0, 1 }, .port = 5060 },
	};

	if (!(call & INCOMING_BIT))
		return FAILOVER_ERR_STALE;
	if (status == 200)
		news_add(stack, &up, ANSWER_MS);
	return FAILOVER_OK;
}

static uint32_t io_fds(void *inst, struct failover_io_fd *out, uint32_t max)
{
	(void)inst;
	(void)out;
	(void)max;
	return 0;
}

static uint64_t io_deadline(void *inst)
{
	const struct stack *stack = inst;
	uint64_t first = FAILOVER_NO_DEADLINE;

	for (uint32_t i = 0; i < stack->news_count; i++) {
		if (stack->news[i].at < first)
			first = stack->news[i].at;
	}
	return first;
}

static void news_tell(struct stack *stack, const struct news *news)
{
	const struct failover_answer answer = {
		.size = sizeof(answer),
		.status = news->status,
		.expires_s = news->expires_s,
	};

	switch (news->kind) {
	case NEWS_RESPONSE:
		stack->host->response(stack->host->ctx, news->attempt, &answer);
		break;
	case NEWS_PROGRESS:
		stack->events->progress(stack->events->app, news->call, news->status,
					&news->target);
		break;
	case NEWS_INCOMING:
		stack->events->incoming(stack->events->app, news->line, news->call,
					"\"\x1b[2J\" <sip:9@192.0.2.9>", &news->target);
		break;
	case NEWS_UP:
		stack->events->up(stack->events->app, news->call, &news->target);
		break;
	}
}

static void io_process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	struct stack *stack = inst;
	uint64_t now = stack->host->now(stack->host->ctx);

	(void)ready;
	(void)count;
	for (uint32_t i = 0; i < stack->news_count;) {
		struct news news = stack->news[i];

		if (news.at > now) {
			i++;
			continue;
		}
		stack->news_count--;
		memmove(&stack->news[i], &stack->news[i + 1],
			(stack->news_count - i) * sizeof(news));
		news_tell(stack, &news);
	}
}

static const struct failover_ext_line ext_line = {
	.size = sizeof(ext_line),
	.line_set = line_set,
	.line_remove = line_remove,
	.line_targets = line_targets,
};

static const struct failover_ext_call ext_call = {
	.size = sizeof(ext_call),
	.call_new = call_new,
	.call_free = call_free,
	.call_answer = call_answer,
};

static const struct failover_ext_io ext_io = {
	.size = sizeof(ext_io),
	.fds = io_fds,
	.deadline = io_deadline,
	.process = io_process,
};

static const void *stack_extension(const char *id)
{
	if (strcmp(id, FAILOVER_EXT_LINE) == 0)
		return &ext_line;
	if (strcmp(id, FAILOVER_EXT_CALL) == 0)
		return &ext_call;
	return strcmp(id, FAILOVER_EXT_IO) == 0 ? &ext_io : NULL;
}

extern FAILOVER_PLUGIN_EXPORT const struct failover_plugin failover_plugin_entry;
const struct failover_plugin failover_plugin_entry = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(failover_plugin_entry),
	.id = "phone_stack",
	.version = "1",
	.stack = "none",
	.license = "MIT",
	.capabilities = FAILOVER_CAP_COUNTS_TRANSMISSIONS,
	.open = stack_open,
	.close = stack_close,
	.send = stack_send,
	.timeout = stack_timeout,
	.response = stack_response,
	.get_extension = stack_extension,
};
