/* SPDX-License-Identifier: MIT */
/* history.c - a ring of decisions. */
#include "history.h"

#include <stdlib.h>
#include <string.h>

void web_history_init(struct web_history *history, uint64_t started_ms)
{
	memset(history, 0, sizeof(*history));
	history->next = started_ms ? started_ms : 1;
}

void web_history_clear(struct web_history *history)
{
	for (size_t i = 0; i < WEB_HISTORY_COUNT; i++)
		free(history->ring[i].text);
	memset(history->ring, 0, sizeof(history->ring));
}

uint64_t web_history_next(const struct web_history *history)
{
	return history->next;
}

void web_history_add(struct web_history *history, uint32_t line, char *text)
{
	struct web_decision *slot = &history->ring[history->next % WEB_HISTORY_COUNT];

	free(slot->text);
	*slot = (struct web_decision){ .id = history->next++, .line = line, .text = text };
}

const struct web_decision *web_history_after(const struct web_history *history, uint64_t after)
{
	uint64_t oldest = history->next > WEB_HISTORY_COUNT ? history->next - WEB_HISTORY_COUNT : 1;

	if (after >= history->next)
		return NULL;
	for (uint64_t id = after < oldest ? oldest : after + 1; id < history->next; id++) {
		const struct web_decision *slot = &history->ring[id % WEB_HISTORY_COUNT];

		if (slot->id == id)
			return slot;
	}
	return NULL;
}
