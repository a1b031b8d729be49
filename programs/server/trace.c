/* SPDX-License-Identifier: MIT */
/* trace.c - the printed line of each packet. */
#include "trace.h"

#include <ctype.h>
#include <stdio.h>
#include <time.h>

int64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void trace_start(struct trace *trace, bool quiet)
{
	trace->started_ms = clock_ms();
	trace->quiet = quiet;
}

/* It must not move the reader's cursor or forge a column. */
const char *trace_word(const char *text, char buf[TRACE_WORD_MAX])
{
	size_t i;

	for (i = 0; text[i] && i < TRACE_WORD_MAX - 1; i++)
		buf[i] = isgraph((unsigned char)text[i]) ? text[i] : '?';
	buf[i] = '\0';
	return i ? buf : "-";
}

void trace_packet(const struct trace *trace, const char *arrow, const struct sip_msg *msg,
		  const struct peer *peer, const char *note)
{
	char method[TRACE_WORD_MAX], branch[TRACE_WORD_MAX], text[PEER_TEXT_MAX], status[16] = "";
	int64_t at = clock_ms() - trace->started_ms;

	if (trace->quiet)
		return;
	if (msg->status)
		snprintf(status, sizeof(status), "%d ", msg->status);
	printf("%lld.%03lld %s %s%s %s %s%s%s%s\n", (long long)(at / 1000), (long long)(at % 1000),
	       arrow, status, trace_word(msg->method, method), peer_text(peer, text),
	       trace_word(msg->branch, branch), note ? " (" : "", note ? note : "",
	       note ? ")" : "");
	fflush(stdout);
}

void trace_note(const struct trace *trace, const char *note)
{
	int64_t at = clock_ms() - trace->started_ms;

	if (!trace->quiet)
		printf("%lld.%03lld -- %s\n", (long long)(at / 1000), (long long)(at % 1000), note);
	fflush(stdout);
}
