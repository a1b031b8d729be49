/* SPDX-License-Identifier: MIT */
/* history.h - the last decisions, with numbers by which a browser that was away catches up. */
#ifndef WEB_HISTORY_H
#define WEB_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#define WEB_HISTORY_COUNT 200u

struct web_decision {
	uint64_t id; /* 0 = none */
	uint32_t line;
	char *text; /* the whole decision as JSON */
};

struct web_history {
	struct web_decision ring[WEB_HISTORY_COUNT];
	uint64_t next; /* id of the next one; grows over restarts */
};

/* started_ms: unix time; ids of a later start are larger, at up to 1000 decisions a second. */
void web_history_init(struct web_history *history, uint64_t started_ms);
void web_history_clear(struct web_history *history);
/* The id that the next decision will have. */
uint64_t web_history_next(const struct web_history *history);
/* Takes `text`, which is malloc'ed. */
void web_history_add(struct web_history *history, uint32_t line, char *text);
/* The first decision with an id above `after`, or NULL. */
const struct web_decision *web_history_after(const struct web_history *history, uint64_t after);

#endif
