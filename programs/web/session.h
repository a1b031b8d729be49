/* SPDX-License-Identifier: MIT */
/* session.h - who is logged in. Sessions end by themselves: when they are not used, and after half
 * a day in any case. */
#ifndef WEB_SESSION_H
#define WEB_SESSION_H

#include <stdint.h>

#define WEB_SESSIONS 32u
#define WEB_SESSION_IDLE_S 1800u
#define WEB_SESSION_MOST_S 43200u
#define WEB_TOKEN_TEXT 65u /* 32 bytes as hexadecimal digits, and 0 */

struct web_session {
	uint64_t id; /* 0 = free */
	uint64_t begun_ms, used_ms;
	uint32_t streams;	/* that are open: it is in use */
	unsigned char hash[32]; /* SHA-256 of the token: who reads memory cannot log in */
	char csrf[WEB_TOKEN_TEXT];
};

/* All zero is an empty one. */
struct web_sessions {
	struct web_session list[WEB_SESSIONS];
	uint64_t last_id;
};

/* The place of the next one; if it has an id, that session ends. */
struct web_session *web_session_place(struct web_sessions *sessions, uint64_t now_ms);
/* Opens one, in the place of the one unused longest if there are too many; its token goes to the
 * browser. NULL = no random numbers. */
struct web_session *web_session_new(struct web_sessions *sessions, uint64_t now_ms,
				    char token[WEB_TOKEN_TEXT]);
/* The session of this token, now in use; NULL = none, or it has ended. */
struct web_session *web_session_find(struct web_sessions *sessions, const char *token,
				     uint64_t now_ms);
/* NULL = it has ended. */
struct web_session *web_session_by_id(struct web_sessions *sessions, uint64_t id);
/* 1 if this is its CSRF token. */
int web_session_csrf_is(const struct web_session *session, const char *token);
int web_session_ended(const struct web_session *session, uint64_t now_ms);
uint32_t web_session_left_s(const struct web_session *session, uint64_t now_ms);
void web_session_end(struct web_session *session);
/* Random bytes as hexadecimal digits. Returns 0, or -1. */
int web_token_new(char token[WEB_TOKEN_TEXT]);

#endif
