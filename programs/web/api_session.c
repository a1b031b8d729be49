/* SPDX-License-Identifier: MIT */
/*
 * api_session.c - logging in and out. A password is compared on a thread of its own; its request
 * waits as a job.
 */
#include "device.h"
#include "job.h"

#include <event2/keyvalq_struct.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static json_t *session_json(const struct web_session *session)
{
	return json_pack("{s:s, s:I}", "csrf", session->csrf, "expires_in",
			 (json_int_t)web_session_left_s(session, web_now_ms()));
}

static void cookie_set(const struct web_call *call, const char *name, const char *value,
		       uint32_t age_s)
{
	char text[320];

	snprintf(text, sizeof(text), "%s=%s; Path=/; Max-Age=%u; HttpOnly; SameSite=Strict%s", name,
		 value, (unsigned)age_s, call->web->tls ? "; Secure" : "");
	evhttp_add_header(evhttp_request_get_output_headers(call->request), "Set-Cookie", text);
}

static void session_end(struct web *web, uint64_t id)
{
	struct web_session *session = id ? web_session_by_id(&web->sessions, id) : NULL;

	if (!session)
		return;
	web_streams_end(web, id);
	web_session_end(session);
}

static void session_open(struct web_call *call, uint64_t old_id)
{
	char token[WEB_TOKEN_TEXT], device[WEB_DEVICE_TEXT];
	uint64_t now_ms = web_now_ms();
	struct web_sessions *sessions = &call->web->sessions;
	struct web_session *session;

	session_end(call->web, old_id);
	/* With the streams of the one that makes room: they may not go on without it. */
	session_end(call->web, web_session_place(sessions, now_ms)->id);
	session = web_session_new(sessions, now_ms, token);
	call->caller.session = session;
	if (!session || web_device_new(call->web->device_key, device) != 0) {
		web_send_error(call, WEB_NO_MEMORY);
		return;
	}
	cookie_set(call, call->web->cookie, token, WEB_SESSION_MOST_S);
	cookie_set(call, call->web->device_cookie, device, WEB_DEVICE_AGE_S);
	web_send_json(call, 200, session_json(session));
	OPENSSL_cleanse(token, sizeof(token));
}

void web_session_post(struct web_call *call)
{
	json_t *body = web_body_json(call);
	const char *password;

	if (!body)
		return;
	password = json_string_value(json_object_get(body, "password"));
	if (!password || json_object_size(body) != 1 || strlen(password) > WEB_PASSWORD_MOST)
		web_send_error(call, WEB_BAD_JSON);
	else
		web_job_start(call, JOB_LOGIN, password);
	json_decref(body);
}

void web_session_get(struct web_call *call)
{
	if (call->caller.session)
		web_send_json(call, 200, session_json(call->caller.session));
	else
		web_send_error(call, WEB_NO_SESSION);
}

void web_session_delete(struct web_call *call)
{
	if (!call->caller.session) {
		web_send_error(call, WEB_NO_SESSION);
		return;
	}
	session_end(call->web, call->caller.session->id);
	call->caller.session = NULL;
	cookie_set(call, call->web->cookie, "", 0);
	web_send_empty(call, 204);
}

/* Whose tries these are: a browser's that has logged in before, else the address's. */
static uint64_t sender_of(const struct web_call *call, int *known)
{
	char device[WEB_DEVICE_TEXT];
	uint64_t key = 0;

	if (web_cookie(call->request, call->web->device_cookie, device, sizeof(device)))
		key = web_device_key(call->web->device_key, device);
	*known = key != 0;
	return key ? key : web_caller_address(call->request);
}

static void wait_send(const struct web_call *call, uint32_t seconds)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", (unsigned)seconds);
	evhttp_add_header(evhttp_request_get_output_headers(call->request), "Retry-After", text);
	web_send_error(call, WEB_TOO_MANY);
}

void web_job_start(struct web_call *call, enum web_job_kind kind, const char *password)
{
	struct web *web = call->web;
	struct web_job *job;
	int known;
	uint64_t sender = sender_of(call, &known);
	uint32_t wait = web_limiter_try(&web->limiter, sender, web_now_ms());

	if (wait > 0) {
		wait_send(call, wait);
		return;
	}
	job = calloc(1, sizeof(*job));
	if (!job) {
		web_send_error(call, WEB_NO_MEMORY);
		return;
	}
	job->number = web_passwords_ask(web->passwords, password, known);
	if (job->number == 0) {
		free(job);
		wait_send(call, 1);
		return;
	}
	job->call = *call;
	job->kind = kind;
	job->sender = sender;
	/* It may end while the job waits. */
	job->session_id = call->caller.session ? call->caller.session->id : 0;
	job->call.caller.session = NULL;
	TAILQ_INSERT_TAIL(&web->jobs, job, entries);
}

static void job_end(struct web_job *job, int right)
{
	struct web *web = job->call.web;

	web_metrics_login(web->metrics, right > 0);
	if (right < 0) {
		web_send_error(&job->call, WEB_NO_MEMORY);
		return;
	}
	if (right == 0) {
		web_send_error(&job->call, WEB_WRONG_PASSWORD);
		return;
	}
	web_limiter_right(&web->limiter, job->sender);
	switch (job->kind) {
	case JOB_LOGIN:
		session_open(&job->call, job->session_id);
		return;
	case JOB_BASIC:
		web_basic_keep(&job->call);
		job->call.caller.basic = 1;
		web_route(&job->call);
		return;
	}
}

void web_jobs_done(void *arg)
{
	struct web *web = arg;
	struct web_job *job, *next;
	uint64_t number;
	int right;

	while ((number = web_passwords_take(web->passwords, &right)) != 0) {
		for (job = TAILQ_FIRST(&web->jobs); job; job = next) {
			next = TAILQ_NEXT(job, entries);
			if (job->number != number)
				continue;
			TAILQ_REMOVE(&web->jobs, job, entries);
			job_end(job, right);
			free(job);
		}
	}
}

/* The requests are their connections' to free, where there still is one. */
void web_jobs_free(struct web *web)
{
	struct web_job *job;

	while ((job = TAILQ_FIRST(&web->jobs))) {
		TAILQ_REMOVE(&web->jobs, job, entries);
		if (!evhttp_request_get_connection(job->call.request))
			evhttp_request_free(job->call.request);
		free(job);
	}
}
