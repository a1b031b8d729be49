/* SPDX-License-Identifier: MIT */
/* reply.c - answers: their headers, JSON, errors in two languages. */
#include "memory.h"
#include "server.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>

#define LARGE_BYTES 65536u

static const struct error_row {
	int status;
	const char *code, *text, *text_zh;
} errors[] = {
	[WEB_BAD_REQUEST] = { 400, "bad-request", "This is no request of this page.",
			      "请求无效。" },
	[WEB_BAD_HOST] = { 421, "bad-host",
			   "The name in the address is not this device's: use its IP address, its "
			   "host "
			   "name or a name in its certificate.",
			   "地址中的名称不属于本设备：请使用其 IP 地址、主机名或证书中的名称。" },
	[WEB_BAD_ORIGIN] = { 403, "bad-origin", "Another site may not do this.",
			     "不允许其他网站执行此操作。" },
	[WEB_BAD_CSRF] = { 403, "bad-csrf",
			   "X-CSRF-Token is not the session's: load the page anew.",
			   "X-CSRF-Token 与会话不符：请重新加载页面。" },
	[WEB_BAD_JSON] = { 400, "bad-json", "The body is not the JSON that is expected here.",
			   "请求正文不是此处所需的 JSON。" },
	[WEB_BAD_TYPE] = { 415, "bad-type", "The body must be application/json.",
			   "请求正文必须是 application/json。" },
	[WEB_NO_SESSION] = { 401, "no-session", "Log in first.", "请先登录。" },
	[WEB_WRONG_PASSWORD] = { 401, "wrong-password", "The password is wrong.", "密码错误。" },
	[WEB_TOO_MANY] = { 429, "too-many", "Too many tries: wait a moment.",
			   "尝试次数过多：请稍候。" },
	[WEB_NOT_FOUND] = { 404, "not-found", "There is nothing at this path.", "此路径不存在。" },
	[WEB_NO_METHOD] = { 405, "no-method", "This path does not take this method.",
			    "此路径不支持该方法。" },
	[WEB_NO_LINE] = { 404, "no-line", "There is no such line.", "没有此线路。" },
	[WEB_NOT_NOW] = { 409, "not-now", "This cannot be done now.", "现在无法执行。" },
	[WEB_BUSY] = { 503, "busy", "Too many browsers watch at once.", "同时查看的浏览器过多。" },
	[WEB_NO_MEMORY] = { 500, "no-memory", "The device has no memory for this.",
			    "设备内存不足。" },
	[WEB_NOT_HERE] = { 501, "not-here", "This program does not offer this.",
			   "本程序不提供此功能。" },
};

void web_send_headers(const struct web *web, struct evhttp_request *request)
{
	struct evkeyvalq *out = evhttp_request_get_output_headers(request);

	evhttp_add_header(out, "Content-Security-Policy",
			  "default-src 'none'; script-src 'self'; style-src 'self'; "
			  "img-src 'self' data:; connect-src 'self'; form-action 'none'; "
			  "base-uri 'none'; frame-ancestors 'none'");
	evhttp_add_header(out, "X-Content-Type-Options", "nosniff");
	evhttp_add_header(out, "X-Frame-Options", "DENY");
	evhttp_add_header(out, "Referrer-Policy", "no-referrer");
	evhttp_add_header(out, "Cross-Origin-Opener-Policy", "same-origin");
	evhttp_add_header(out, "Cross-Origin-Resource-Policy", "same-origin");
	evhttp_add_header(out, "Permissions-Policy", "camera=(), microphone=(), geolocation=()");
	evhttp_add_header(out, "Cache-Control", "no-store");
	if (web->tls)
		evhttp_add_header(out, "Strict-Transport-Security", "max-age=31536000");
}

static const char *reason_of(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 202:
		return "Accepted";
	case 204:
		return "No Content";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 409:
		return "Conflict";
	case 415:
		return "Unsupported Media Type";
	case 421:
		return "Misdirected Request";
	case 422:
		return "Unprocessable Content";
	case 429:
		return "Too Many Requests";
	case 500:
		return "Internal Server Error";
	case 501:
		return "Not Implemented";
	case 503:
		return "Service Unavailable";
	case 507:
		return "Insufficient Storage";
	default:
		return "Bad Request";
	}
}

static void reply_send(const struct web_call *call, int status, struct evbuffer *body)
{
	int trusted = call->caller.session || call->caller.basic;

	web_send_headers(call->web, call->request);
	web_peer_answered(call->web, call->request, trusted);
	evhttp_send_reply(call->request, status, reason_of(status), body);
}

void web_send_empty(const struct web_call *call, int status)
{
	reply_send(call, status, NULL);
}

static void text_free(const void *bytes, size_t size, void *arg)
{
	(void)bytes;
	(void)size;
	free(arg);
}

/* Takes `own`, which has the bytes, unless it is NULL. */
static void bytes_send(const struct web_call *call, int status, const char *type, const void *bytes,
		       size_t size, void *own)
{
	struct evbuffer *body = evbuffer_new();

	if (!body || evbuffer_add_reference(body, bytes, size, own ? text_free : NULL, own) != 0) {
		free(own);
		if (body)
			evbuffer_free(body);
		reply_send(call, 500, NULL);
		return;
	}
	evhttp_add_header(evhttp_request_get_output_headers(call->request), "Content-Type", type);
	reply_send(call, status, body);
	evbuffer_free(body);
}

void web_send_text(const struct web_call *call, int status, const char *type, const char *text,
		   size_t size)
{
	bytes_send(call, status, type, text, size, NULL);
}

void web_send_own_text(const struct web_call *call, int status, const char *type, char *text)
{
	if (text)
		bytes_send(call, status, type, text, strlen(text), text);
	else
		web_send_error(call, WEB_NO_MEMORY);
}

void web_send_json(const struct web_call *call, int status, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;

	json_decref(body);
	if (!text) {
		reply_send(call, 500, NULL);
		return;
	}
	if (strlen(text) > LARGE_BYTES)
		web_memory_return();
	bytes_send(call, status, "application/json", text, strlen(text), text);
}

static json_t *error_json(const char *code, const char *text, const char *text_zh)
{
	return json_pack("{s:{s:s, s:s, s:s}}", "error", "code", code, "text", text, "text_zh",
			 text_zh);
}

void web_send_error(const struct web_call *call, enum web_code code)
{
	const struct error_row *row = &errors[code];
	struct evkeyvalq *out = evhttp_request_get_output_headers(call->request);

	if (row->status == 401)
		evhttp_add_header(out, "WWW-Authenticate", "Session realm=\"failover\"");
	if (row->status == 405)
		evhttp_add_header(out, "Allow", web_allowed(call->path));
	web_send_json(call, row->status, error_json(row->code, row->text, row->text_zh));
}

void web_send_refusal(const struct web_call *call, int status, const char *why)
{
	const struct error_row *row = &errors[WEB_NOT_NOW];
	char text[300];

	if (status == 404)
		row = &errors[WEB_NO_LINE];
	snprintf(text, sizeof(text), "%s", *why ? why : row->text);
	web_send_json(call, status, error_json(row->code, text, row->text_zh));
}

json_t *web_body_json(const struct web_call *call)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(call->request);
	const char *type =
		evhttp_find_header(evhttp_request_get_input_headers(call->request), "Content-Type");
	size_t size = evbuffer_get_length(body);
	json_t *json;

	if (!type || strncmp(type, "application/json", 16) != 0 ||
	    (type[16] && type[16] != ';' && type[16] != ' ')) {
		web_send_error(call, WEB_BAD_TYPE);
		return NULL;
	}
	json = json_loadb(size ? (const char *)evbuffer_pullup(body, -1) : "", size,
			  JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(json)) {
		json_decref(json);
		web_send_error(call, WEB_BAD_JSON);
		return NULL;
	}
	return json;
}
