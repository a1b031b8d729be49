/* SPDX-License-Identifier: MIT */
/* session.c - a bounded table of sessions. */
#include "session.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stddef.h>
#include <string.h>

int web_token_new(char token[WEB_TOKEN_TEXT])
{
	unsigned char bytes[32];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return -1;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		token[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
		token[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
	}
	token[2 * sizeof(bytes)] = '\0';
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return 0;
}

int web_session_ended(const struct web_session *session, uint64_t now_ms)
{
	return web_session_left_s(session, now_ms) == 0;
}

uint32_t web_session_left_s(const struct web_session *session, uint64_t now_ms)
{
	uint64_t end = session->begun_ms + WEB_SESSION_MOST_S * 1000u;
	uint64_t idle = session->used_ms + WEB_SESSION_IDLE_S * 1000u;

	if (session->id == 0)
		return 0;
	if (session->streams == 0 && idle < end)
		end = idle;
	return end > now_ms ? (uint32_t)((end - now_ms + 999) / 1000) : 0;
}

void web_session_end(struct web_session *session)
{
	OPENSSL_cleanse(session, sizeof(*session));
}

struct web_session *web_session_place(struct web_sessions *sessions, uint64_t now_ms)
{
	struct web_session *oldest = &sessions->list[0];

	for (size_t i = 0; i < WEB_SESSIONS; i++) {
		struct web_session *session = &sessions->list[i];

		if (web_session_ended(session, now_ms))
			return session;
		if (session->used_ms < oldest->used_ms)
			oldest = session;
	}
	return oldest;
}

struct web_session *web_session_new(struct web_sessions *sessions, uint64_t now_ms,
				    char token[WEB_TOKEN_TEXT])
{
	struct web_session *session = web_session_place(sessions, now_ms);

	web_session_end(session);
	if (web_token_new(token) != 0 || web_token_new(session->csrf) != 0)
		return NULL;
	SHA256((const unsigned char *)token, strlen(token), session->hash);
	session->id = ++sessions->last_id;
	session->begun_ms = session->used_ms = now_ms;
	return session;
}

struct web_session *web_session_find(struct web_sessions *sessions, const char *token,
				     uint64_t now_ms)
{
	unsigned char hash[32];
	struct web_session *found = NULL;

	SHA256((const unsigned char *)token, strlen(token), hash);
	for (size_t i = 0; i < WEB_SESSIONS; i++) {
		struct web_session *session = &sessions->list[i];

		if (session->id && CRYPTO_memcmp(session->hash, hash, sizeof(hash)) == 0)
			found = session;
	}
	if (!found || web_session_ended(found, now_ms))
		return NULL;
	found->used_ms = now_ms;
	return found;
}

struct web_session *web_session_by_id(struct web_sessions *sessions, uint64_t id)
{
	for (size_t i = 0; i < WEB_SESSIONS; i++) {
		if (sessions->list[i].id == id)
			return &sessions->list[i];
	}
	return NULL;
}

int web_session_csrf_is(const struct web_session *session, const char *token)
{
	return strlen(token) == strlen(session->csrf) &&
	       CRYPTO_memcmp(token, session->csrf, strlen(session->csrf)) == 0;
}
