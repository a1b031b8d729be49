/* SPDX-License-Identifier: MIT */
/* server.h - the open page, and what its parts offer to each other. */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include "history.h"
#include "limiter.h"
#include "metrics.h"
#include "password.h"
#include "session.h"
#include "web.h"

#include <event2/event.h>
#include <event2/http.h>
#include <openssl/ssl.h>
#include <sys/queue.h>

/* Bounds of what others may cost (doc/web.md). */
#define WEB_CONNECTIONS 128u
#define WEB_ACCEPTS 8u /* new connections in one turn of the loop: calls come first */
#define WEB_HEADER_BYTES 8192
#define WEB_BODY_BYTES 65536
#define WEB_IDLE_S 30	  /* nothing read or written for so long */
#define WEB_REQUEST_S 45u /* from one answer to the end of the next request */
#define WEB_STREAMS 64u
#define WEB_STREAM_BYTES 262144u /* a browser that reads less is dropped */
#define WEB_BEAT_S 15u
#define WEB_LINE_MS 100u /* changes of a line within this are told once */

struct evconnlistener;
struct web_peer;
struct web_stream;
struct web_job;

TAILQ_HEAD(web_peers, web_peer);
TAILQ_HEAD(web_streams, web_stream);
TAILQ_HEAD(web_jobs, web_job);

/* A name and password that were right. */
#define WEB_BASICS 4u
struct web_basic {
	uint64_t until_ms;
	unsigned char proof[32];
};

struct web {
	struct web_host host;
	struct web_params params;
	struct evhttp *http;
	struct evconnlistener *listener;
	SSL_CTX *tls; /* NULL = plain */
	struct event *adopt_event, *beat_event, *lines_event;
	struct web_peers peers; /* oldest first */
	uint32_t peers_count, accepts;
	struct web_streams streams;
	uint32_t streams_count;
	int told;	      /* something, since the last beat */
	struct web_jobs jobs; /* passwords that are being looked at */
	struct web_sessions sessions;
	struct web_limiter limiter;
	struct web_history history;
	struct web_metrics *metrics;
	struct web_passwords *passwords;
	unsigned char *dirty; /* a bit for each line to be told */
	size_t dirty_room;
	struct web_basic basics[WEB_BASICS];
	uint32_t beats;
	char hostname[256];
	char cookie[48], device_cookie[48]; /* names */
	unsigned char key[32];		    /* of this start: for Basic */
	unsigned char device_key[32];	    /* of this password */
};

/* Who sent a request, as far as it is known. */
struct web_caller {
	struct web_session *session; /* NULL = none */
	int basic;		     /* name and password came with it */
};

/* One request while it is answered. */
struct web_call {
	struct web *web;
	struct evhttp_request *request;
	enum evhttp_cmd_type method;
	const char *path;
	char query[256];
	uint32_t line; /* from the path */
	struct web_caller caller;
};

/* http.c: listen, route */
int web_http_open(struct web *web, char *why, size_t why_size);
void web_http_close(struct web *web);
/* The route as it stands after the caller is known. */
void web_route(struct web_call *call);
/* The methods that this path takes, for Allow. */
const char *web_allowed(const char *path);
/* ms that only go on. */
uint64_t web_now_ms(void);
/* Value of a query's member, as a number; returns 0 where there is none, -1 where it is no number.
 */
int web_query_number(const struct web_call *call, const char *name, uint64_t *out);

/* peer.c: connections */
struct bufferevent *web_peer_new(struct event_base *base, void *web);
void web_peer_answered(struct web *web, struct evhttp_request *request, int trusted);
void web_peers_sweep(struct web *web);
void web_peers_adopt(evutil_socket_t fd, short what, void *web);
/* The connection that this request came with lives as long as its stream, and tells of its end.
 * Returns 0, or -1: it has gone. */
int web_peer_streams(struct web *web, struct evhttp_request *request, struct web_stream *stream);

/* guard.c: what every request must fulfil. Returns 0, or has answered. */
int web_guard(struct web_call *call);
/* A number for the sender's address (IPv6: for its network of 64 bits), not 0. */
uint64_t web_socket_address(evutil_socket_t fd);
uint64_t web_caller_address(struct evhttp_request *request);
/* The browser's cookie of this name; returns `out`, or NULL. */
const char *web_cookie(struct evhttp_request *request, const char *name, char *out, size_t size);

/* basic.c: name and password with each request. Returns 1 if it is right, 0 if it is not there, -1
 * if the request is answered later or was refused. */
int web_basic(struct web_call *call);

/* reply.c */
enum web_code {
	WEB_BAD_REQUEST,
	WEB_BAD_HOST,
	WEB_BAD_ORIGIN,
	WEB_BAD_CSRF,
	WEB_BAD_JSON,
	WEB_BAD_TYPE,
	WEB_NO_SESSION,
	WEB_WRONG_PASSWORD,
	WEB_TOO_MANY,
	WEB_NOT_FOUND,
	WEB_NO_METHOD,
	WEB_NO_LINE,
	WEB_NOT_NOW,
	WEB_BUSY,
	WEB_NO_MEMORY,
	WEB_NOT_HERE,
};
void web_send_headers(const struct web *web, struct evhttp_request *request);
/* Takes `body`; NULL = no memory. */
void web_send_json(const struct web_call *call, int status, json_t *body);
void web_send_text(const struct web_call *call, int status, const char *type, const char *text,
		   size_t size);
/* Takes `text`, which is malloc'ed; NULL = no memory. */
void web_send_own_text(const struct web_call *call, int status, const char *type, char *text);
void web_send_empty(const struct web_call *call, int status);
void web_send_error(const struct web_call *call, enum web_code code);
/* The same with a reason of the program's own. */
void web_send_refusal(const struct web_call *call, int status, const char *why);
/* Read the body as JSON; NULL = it has answered. */
json_t *web_body_json(const struct web_call *call);

/* api_session.c */
void web_session_post(struct web_call *call);
void web_session_get(struct web_call *call);
void web_session_delete(struct web_call *call);
/* Passwords that have been looked at. */
void web_jobs_done(void *web);
void web_jobs_free(struct web *web);

/* api_line.c */
void web_status_get(struct web_call *call);
void web_line_get(struct web_call *call);
void web_plan_get(struct web_call *call);
void web_line_post(struct web_call *call);
void web_decisions_get(struct web_call *call);

/* api_config.c */
void web_options_get(struct web_call *call);
void web_config_get(struct web_call *call);
void web_config_patch(struct web_call *call);
json_t *web_form(void); /* form.c: OPTION of every row */

/* stream.c: server-sent events */
void web_stream_open(struct web_call *call);
void web_stream_closed(struct web *web, struct web_stream *stream); /* by the connection */
void web_streams_tell(struct web *web, const char *name, uint64_t id, const char *data);
void web_streams_end(struct web *web, uint64_t session_id);
void web_streams_beat(struct web *web);
void web_streams_free(struct web *web);
void web_line_dirty(struct web *web, uint32_t number);
void web_lines_tell(evutil_socket_t fd, short what, void *web);

/* api_metrics.c */
void web_metrics_get(struct web_call *call);

/* tls.c */
SSL_CTX *web_tls_new(const char *cert_file, const char *key_file, char *why, size_t why_size);
/* 1 if the certificate names this host. */
int web_tls_names(SSL_CTX *tls, const char *host);

/* asset.c: the files of the page */
struct web_asset {
	const char *path, *type;
	const unsigned char *bytes;
	size_t size;
};
extern const struct web_asset web_assets[];
extern const size_t web_assets_count;
const struct web_asset *web_asset_find(const char *path);

#endif
