/* SPDX-License-Identifier: MIT */
/* command.c - the commands of standard input. */
#include "command.h"

#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WORDS_MAX 4
#define WORD_MAX 32
#define DELAY_MAX_MS 60000
#define RETRY_AFTER_MAX_S 86400

struct words {
	char word[WORDS_MAX][WORD_MAX];
	int n;
};

static bool complain(const char *what)
{
	fprintf(stderr, "failover-server: %s\n", what);
	return false;
}

static bool command_up(struct server *server, const struct words *words)
{
	(void)words;
	if (!endpoint_open(&server->endpoint))
		return complain(strerror(errno));
	server->fault = FAULT_NONE;
	return true;
}

static bool command_silent(struct server *server, const struct words *words)
{
	(void)words;
	if (!endpoint_open(&server->endpoint))
		return complain(strerror(errno));
	server->fault = FAULT_SILENT;
	return true;
}

static bool command_down(struct server *server, const struct words *words)
{
	(void)words;
	endpoint_close(&server->endpoint);
	server->fault = FAULT_DOWN;
	return true;
}

static bool command_status(struct server *server, const struct words *words)
{
	long code = sip_number(words->word[1], -1);
	long after_s = words->n > 2 ? sip_number(words->word[2], -1) : 0;

	if (code < 300 || code > 699)
		return complain("status: CODE is 300 to 699");
	if (after_s < 0 || after_s > RETRY_AFTER_MAX_S)
		return complain("status: RETRY-AFTER is 0 to 86400 seconds");
	if (!endpoint_open(&server->endpoint))
		return complain(strerror(errno));
	server->fault = FAULT_STATUS;
	server->fault_status = (int)code;
	server->fault_retry_after_s = (int)after_s;
	return true;
}

static bool command_delay(struct server *server, const struct words *words)
{
	long ms = sip_number(words->word[1], -1);

	if (ms < 0 || ms > DELAY_MAX_MS)
		return complain("delay: MS is 0 to 60000");
	server->endpoint.delay_ms = (unsigned)ms;
	return true;
}

static bool command_show(struct server *server, const struct words *words)
{
	const struct counts *c = &server->counts;

	(void)words;
	printf("received %lu sent %lu malformed %lu ignored %lu bindings %u calls %u\n",
	       c->received, c->sent, c->malformed, c->ignored, server->registrar.count,
	       server->calls.count);
	registrar_show(&server->registrar, stdout);
	calls_show(&server->calls, stdout);
	return true;
}

static bool command_ring(struct server *server, const struct words *words)
{
	const char *wrong = caller_ring(server, words->word[1]);

	return wrong ? complain(wrong) : true;
}

static bool command_hangup(struct server *server, const struct words *words)
{
	const char *wrong = caller_hang_up(server);

	(void)words;
	return wrong ? complain(wrong) : true;
}

static bool command_quit(struct server *server, const struct words *words)
{
	(void)words;
	event_base_loopbreak(server->base);
	return true;
}

static const struct {
	const char *name;
	int min, max; /* words after the name */
	bool (*run)(struct server *server, const struct words *words);
	const char *usage;
} commands[] = {
	{ "up", 0, 0, command_up, "up" },
	{ "silent", 0, 0, command_silent, "silent" },
	{ "status", 1, 2, command_status, "status CODE [RETRY-AFTER]" },
	{ "down", 0, 0, command_down, "down" },
	{ "delay", 1, 1, command_delay, "delay MS" },
	{ "ring", 0, 1, command_ring, "ring [USER]" },
	{ "hangup", 0, 0, command_hangup, "hangup" },
	{ "show", 0, 0, command_show, "show" },
	{ "quit", 0, 0, command_quit, "quit" },
};

/* False: more words, or longer ones, than any command has. */
static bool split(const char *line, struct words *words)
{
	size_t len;

	memset(words, 0, sizeof(*words));
	for (line += strspn(line, " \t\r"); *line; line += strspn(line, " \t\r")) {
		len = strcspn(line, " \t\r");
		if (words->n == WORDS_MAX || len >= WORD_MAX)
			return false;
		memcpy(words->word[words->n++], line, len);
		line += len;
	}
	return true;
}

void command_run(struct server *server, const char *line)
{
	char shown[TRACE_WORD_MAX];
	struct words words;
	size_t i;

	if (!split(line, &words)) {
		complain("a command has at most three words");
		return;
	}
	if (words.n == 0)
		return;
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(words.word[0], commands[i].name) != 0)
			continue;
		if (words.n - 1 < commands[i].min || words.n - 1 > commands[i].max)
			fprintf(stderr, "failover-server: usage: %s\n", commands[i].usage);
		else if (commands[i].run(server, &words))
			trace_note(&server->trace, line);
		return;
	}
	fprintf(stderr,
		"failover-server: no command '%s': up, silent, status, down, delay, ring, "
		"hangup, show, quit\n",
		trace_word(words.word[0], shown));
}
