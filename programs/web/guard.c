/* SPDX-License-Identifier: MIT */
/*
 * guard.c - what every request must fulfil before anybody looks at it: one Host that is this
 * device's (a foreign name that was bent to this address is not), no foreign site behind it, and
 * for whoever has a session the token of it.
 */
#include "server.h"

#include <arpa/inet.h>
#include <event2/bufferevent.h>
#include <event2/keyvalq_struct.h>
#include <netinet/in.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *header(const struct web_call *call, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(call->request), name);
}

static uint32_t headers_count(const struct web_call *call, const char *name)
{
	struct evkeyval *member;
	uint32_t count = 0;

	for (member = evhttp_request_get_input_headers(call->request)->tqh_first; member;
	     member = member->next.tqe_next)
		count += strcasecmp(member->key, name) == 0;
	return count;
}

/* Cut the port off; returns 0, or -1 for what cannot be a host. */
static int host_cut(const char *text, char *out, size_t size)
{
	const char *end = *text == '[' ? strchr(text, ']') : strchr(text, ':');
	const char *from = *text == '[' ? text + 1 : text;
	size_t length = end ? (size_t)(end - from) : strlen(from);

	if ((*text == '[' && !end) || length == 0 || length >= size)
		return -1;
	memcpy(out, from, length);
	out[length] = '\0';
	if (*text == '[')
		end++;
	return !end || !*end || (*end == ':' && strspn(end + 1, "0123456789") == strlen(end + 1))
		       ? 0
		       : -1;
}

/* An address cannot be bent by anybody's DNS; of names, those of this device. */
static int host_is_ours(const struct web *web, const char *host)
{
	unsigned char address[16];

	if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
		return 1;
	if (strcasecmp(host, "localhost") == 0)
		return 1;
	if (*web->hostname && strcasecmp(host, web->hostname) == 0)
		return 1;
	return web->tls && web_tls_names(web->tls, host);
}

static int host_check(struct web_call *call)
{
	const char *text = header(call, "Host");
	char host[256];

	if (headers_count(call, "Host") != 1 || !text) {
		web_send_error(call, WEB_BAD_REQUEST);
		return -1;
	}
	if (host_cut(text, host, sizeof(host)) == 0 && host_is_ours(call->web, host))
		return 0;
	web_send_error(call, WEB_BAD_HOST);
	return -1;
}

/* The length of a body is said once, and none comes where none is read. */
static int length_check(struct web_call *call)
{
	uint32_t lengths = headers_count(call, "Content-Length");
	uint32_t encodings = headers_count(call, "Transfer-Encoding");
	const char *encoding = header(call, "Transfer-Encoding");
	int bodiless = call->method != EVHTTP_REQ_POST && call->method != EVHTTP_REQ_PATCH &&
		       call->method != EVHTTP_REQ_PUT;
	const char *length = header(call, "Content-Length");

	if (lengths + encodings <= 1 && (!encoding || strcasecmp(encoding, "chunked") == 0) &&
	    (!bodiless || (!encoding && (!length || strcmp(length, "0") == 0))))
		return 0;
	evhttp_add_header(evhttp_request_get_output_headers(call->request), "Connection", "close");
	web_send_error(call, WEB_BAD_REQUEST);
	return -1;
}

/* A page of another site makes the browser say so. */
static int origin_check(struct web_call *call)
{
	const char *origin = header(call, "Origin"), *site = header(call, "Sec-Fetch-Site");
	const char *host = header(call, "Host");
	const char *scheme = call->web->tls ? "https://" : "http://";

	if (call->method == EVHTTP_REQ_GET || call->method == EVHTTP_REQ_HEAD)
		return 0;
	if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
		goto foreign;
	/* Behind a proxy that speaks TLS the scheme is the proxy's. */
	if (origin && strncmp(origin, scheme, strlen(scheme)) == 0)
		origin += strlen(scheme);
	else if (origin && !call->web->tls && strncmp(origin, "https://", 8) == 0)
		origin += 8;
	if (!origin || strcasecmp(origin, host) == 0)
		return 0;
foreign:
	web_send_error(call, WEB_BAD_ORIGIN);
	return -1;
}

const char *web_cookie(struct evhttp_request *request, const char *name, char *out, size_t size)
{
	const char *text = evhttp_find_header(evhttp_request_get_input_headers(request), "Cookie");
	size_t name_length = strlen(name), length;

	while (text && *text) {
		text += strspn(text, " ;");
		length = strcspn(text, ";");
		if (length > name_length && text[name_length] == '=' &&
		    strncmp(text, name, name_length) == 0 && length - name_length - 1 < size) {
			memcpy(out, text + name_length + 1, length - name_length - 1);
			out[length - name_length - 1] = '\0';
			return out;
		}
		text += length;
	}
	return NULL;
}

uint64_t web_socket_address(evutil_socket_t fd)
{
	struct sockaddr_storage from = { 0 };
	socklen_t size = sizeof(from);
	unsigned char digest[32], bytes[17] = { 0 };
	uint64_t number;

	if (getpeername(fd, (struct sockaddr *)&from, &size) == 0 && from.ss_family == AF_INET6) {
		const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&from;

		/* An IPv4 address in it counts whole, any other by its network. */
		memcpy(bytes + 1, &six->sin6_addr,
		       IN6_IS_ADDR_V4MAPPED(&six->sin6_addr) ||
				       IN6_IS_ADDR_LOOPBACK(&six->sin6_addr)
			       ? 16
			       : 8);
		bytes[0] = 6;
	} else if (from.ss_family == AF_INET) {
		memcpy(bytes + 1, &((const struct sockaddr_in *)&from)->sin_addr, 4);
		bytes[0] = 4;
	}
	SHA256(bytes, sizeof(bytes), digest);
	memcpy(&number, digest, sizeof(number));
	return number ? number : 1;
}

uint64_t web_caller_address(struct evhttp_request *request)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	struct bufferevent *bev = connection ? evhttp_connection_get_bufferevent(connection) : NULL;

	return web_socket_address(bev ? bufferevent_getfd(bev) : -1);
}

static int session_check(struct web_call *call)
{
	char token[WEB_TOKEN_TEXT + 1];
	const char *csrf = header(call, "X-CSRF-Token");

	if (web_cookie(call->request, call->web->cookie, token, sizeof(token)))
		call->caller.session = web_session_find(&call->web->sessions, token, web_now_ms());
	if (!call->caller.session || call->method == EVHTTP_REQ_GET ||
	    call->method == EVHTTP_REQ_HEAD)
		return 0;
	/* To log in anew needs no token: the old session's may be lost with its tab. */
	if (call->method == EVHTTP_REQ_POST && strcmp(call->path, "/api/v1/session") == 0)
		return 0;
	if (csrf && web_session_csrf_is(call->caller.session, csrf))
		return 0;
	web_send_error(call, WEB_BAD_CSRF);
	return -1;
}

int web_guard(struct web_call *call)
{
	int basic;

	if (host_check(call) != 0 || length_check(call) != 0 || origin_check(call) != 0 ||
	    session_check(call) != 0)
		return -1;
	if (call->caller.session || web_asset_find(call->path))
		return 0;
	basic = web_basic(call);
	call->caller.basic = basic > 0;
	return basic < 0 ? -1 : 0;
}
