/* SPDX-License-Identifier: MIT */
/* http.c - listens, and finds who answers a request. */
#include "server.h"

#include <event2/buffer.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define METHODS                                                                                    \
	(EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | \
	 EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH)

uint64_t web_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int web_query_number(const struct web_call *call, const char *name, uint64_t *out)
{
	struct evkeyvalq members;
	const char *text;
	char *end;
	int result = 0;

	if (!*call->query)
		return 0;
	if (evhttp_parse_query_str(call->query, &members) != 0)
		return -1;
	text = evhttp_find_header(&members, name);
	if (text) {
		errno = 0;
		*out = strtoull(text, &end, 10);
		result = *text >= '0' && *text <= '9' && !*end && errno == 0 ? 1 : -1;
	}
	evhttp_clear_headers(&members);
	return result;
}

enum route_auth { ROUTE_OPEN, ROUTE_SESSION };

/* {N} stands for the number of a line. */
static const struct route {
	const char *path;
	enum evhttp_cmd_type method;
	enum route_auth auth;
	void (*answer)(struct web_call *call);
} routes[] = {
	{ "/api/v1/session", EVHTTP_REQ_POST, ROUTE_OPEN, web_session_post },
	{ "/api/v1/session", EVHTTP_REQ_GET, ROUTE_SESSION, web_session_get },
	{ "/api/v1/session", EVHTTP_REQ_DELETE, ROUTE_SESSION, web_session_delete },
	{ "/api/v1/status", EVHTTP_REQ_GET, ROUTE_SESSION, web_status_get },
	{ "/api/v1/lines/{N}", EVHTTP_REQ_GET, ROUTE_SESSION, web_line_get },
	{ "/api/v1/lines/{N}/plan", EVHTTP_REQ_GET, ROUTE_SESSION, web_plan_get },
	{ "/api/v1/lines/{N}/register", EVHTTP_REQ_POST, ROUTE_SESSION, web_line_post },
	{ "/api/v1/lines/{N}/probe", EVHTTP_REQ_POST, ROUTE_SESSION, web_line_post },
	{ "/api/v1/lines/{N}/failback", EVHTTP_REQ_POST, ROUTE_SESSION, web_line_post },
	{ "/api/v1/lines/{N}/pin", EVHTTP_REQ_POST, ROUTE_SESSION, web_line_post },
	{ "/api/v1/lines/{N}/unpin", EVHTTP_REQ_POST, ROUTE_SESSION, web_line_post },
	{ "/api/v1/lines/{N}/call", EVHTTP_REQ_POST, ROUTE_SESSION, web_line_post },
	{ "/api/v1/lines/{N}/answer", EVHTTP_REQ_POST, ROUTE_SESSION, web_line_post },
	{ "/api/v1/lines/{N}/hangup", EVHTTP_REQ_POST, ROUTE_SESSION, web_line_post },
	{ "/api/v1/lines/{N}/options", EVHTTP_REQ_POST, ROUTE_SESSION, web_line_post },
	{ "/api/v1/decisions", EVHTTP_REQ_GET, ROUTE_SESSION, web_decisions_get },
	{ "/api/v1/events", EVHTTP_REQ_GET, ROUTE_SESSION, web_stream_open },
	{ "/api/v1/options", EVHTTP_REQ_GET, ROUTE_SESSION, web_options_get },
	{ "/api/v1/config", EVHTTP_REQ_GET, ROUTE_SESSION, web_config_get },
	{ "/api/v1/config", EVHTTP_REQ_PATCH, ROUTE_SESSION, web_config_patch },
	{ "/metrics", EVHTTP_REQ_GET, ROUTE_SESSION, web_metrics_get },
};

/* 1 if the path is the pattern's; the number of the line is noted. */
static int path_matches(const char *pattern, const char *path, uint32_t *line)
{
	const char *hole = strstr(pattern, "{N}");
	size_t before = hole ? (size_t)(hole - pattern) : 0, digits;

	if (!hole)
		return strcmp(pattern, path) == 0;
	if (strncmp(pattern, path, before) != 0)
		return 0;
	path += before;
	digits = strspn(path, "0123456789");
	if (digits == 0 || digits > 6 || *path == '0' || strcmp(path + digits, hole + 3) != 0)
		return 0;
	*line = (uint32_t)strtoul(path, NULL, 10);
	return 1;
}

const char *web_allowed(const char *path)
{
	int get = web_asset_find(path) != NULL, post = 0, others = 0;
	uint32_t line;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!path_matches(routes[i].path, path, &line))
			continue;
		get |= routes[i].method == EVHTTP_REQ_GET;
		post |= routes[i].method == EVHTTP_REQ_POST;
		others |= routes[i].method == EVHTTP_REQ_DELETE ? 1 : 0;
		others |= routes[i].method == EVHTTP_REQ_PATCH ? 2 : 0;
	}
	if (others == 1)
		return "GET, POST, DELETE";
	if (others == 2)
		return "GET, PATCH";
	return get ? "GET" : post ? "POST" : "";
}

static void asset_send(const struct web_call *call, const struct web_asset *asset)
{
	if (call->method == EVHTTP_REQ_GET || call->method == EVHTTP_REQ_HEAD)
		web_send_text(call, 200, asset->type, (const char *)asset->bytes, asset->size);
	else
		web_send_error(call, WEB_NO_METHOD);
}

void web_route(struct web_call *call)
{
	const struct web_asset *asset = web_asset_find(call->path);
	int known = 0;

	if (asset) {
		asset_send(call, asset);
		return;
	}
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		const struct route *route = &routes[i];

		if (!path_matches(route->path, call->path, &call->line))
			continue;
		known = 1;
		if (route->method != call->method)
			continue;
		if (route->auth == ROUTE_SESSION && !call->caller.session && !call->caller.basic)
			web_send_error(call, WEB_NO_SESSION);
		else
			route->answer(call);
		return;
	}
	web_send_error(call, known ? WEB_NO_METHOD : WEB_NOT_FOUND);
}

static void on_request(struct evhttp_request *request, void *arg)
{
	struct web_call call = {
		.web = arg,
		.request = request,
		.method = evhttp_request_get_command(request),
	};
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *query = uri ? evhttp_uri_get_query(uri) : NULL;

	call.path = uri ? evhttp_uri_get_path(uri) : NULL;
	if (request->major != 1 || !call.path || !*call.path || evhttp_uri_get_host(uri) ||
	    (query && strlen(query) >= sizeof(call.query))) {
		web_send_error(&call, WEB_BAD_REQUEST);
		return;
	}
	if (query)
		strcpy(call.query, query);
	if (web_guard(&call) == 0)
		web_route(&call);
}

static int socket_bind(struct web *web)
{
	struct evhttp_bound_socket *bound;
	const int yes = 1;
	int fd =
		socket(web->params.listen.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (const struct sockaddr *)&web->params.listen, web->params.listen_size) == 0 &&
	    listen(fd, 128) == 0) {
		bound = evhttp_accept_socket_with_handle(web->http, fd);
		if (bound) {
			web->listener = evhttp_bound_socket_get_listener(bound);
			return 0;
		}
	}
	close(fd);
	return -1;
}

int web_http_open(struct web *web, char *why, size_t why_size)
{
	web->http = evhttp_new(web->host.base);
	web->adopt_event = event_new(web->host.base, -1, 0, web_peers_adopt, web);
	if (!web->http || !web->adopt_event) {
		snprintf(why, why_size, "no memory");
		return -1;
	}
	evhttp_set_allowed_methods(web->http, METHODS);
	evhttp_set_max_headers_size(web->http, WEB_HEADER_BYTES);
	evhttp_set_max_body_size(web->http, WEB_BODY_BYTES);
	evhttp_set_timeout(web->http, WEB_IDLE_S);
	evhttp_set_default_content_type(web->http, NULL);
	evhttp_set_bevcb(web->http, web_peer_new, web);
	evhttp_set_gencb(web->http, on_request, web);
	if (socket_bind(web) == 0)
		return 0;
	snprintf(why, why_size, "%s", strerror(errno));
	return -1;
}

void web_http_close(struct web *web)
{
	if (web->http)
		evhttp_free(web->http);
	if (web->adopt_event)
		event_free(web->adopt_event);
}
