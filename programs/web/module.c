/* SPDX-License-Identifier: MIT */
/* module.c - opens and closes the page, and takes what the program tells. */
#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t unix_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int address_is_loopback(const struct sockaddr_storage *address)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;

	if (address->ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
	return address->ss_family == AF_INET && ntohl(four->sin_addr.s_addr) >> 24 == 127;
}

static int text_is_empty(const char *text)
{
	return !text || !*text;
}

/* Where others reach the page, it speaks TLS, unless it was told not to. */
static int tls_open(struct web *web, char *why, size_t why_size)
{
	const struct web_params *params = &web->params;

	if (params->plain || address_is_loopback(&params->listen))
		return 0;
	if (text_is_empty(params->tls_cert_file) || text_is_empty(params->tls_key_file)) {
		snprintf(why, why_size,
			 "others reach this address, so it needs TLS: set tls_cert_file and "
			 "tls_key_file, or take 127.0.0.1, or say --web-plain");
		return -1;
	}
	web->tls = web_tls_new(params->tls_cert_file, params->tls_key_file, why, why_size);
	return web->tls ? 0 : -1;
}

/* Cookies do not know ports: two phones of one host need two names. */
static void cookies_name(struct web *web)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)&web->params.listen;
	const char *prefix = web->tls ? "__Host-" : "";
	unsigned port = ntohs(four->sin_port); /* at the same place for IPv6 */

	snprintf(web->cookie, sizeof(web->cookie), "%sfailover-%u", prefix, port);
	snprintf(web->device_cookie, sizeof(web->device_cookie), "%sfailover-device-%u", prefix,
		 port);
}

static void password_say(struct web *web, const char *made)
{
	char text[160];

	if (!*made)
		return;
	snprintf(text, sizeof(text), "the page's password is %s (shown only now)", made);
	web->host.say(web->host.user, text);
	OPENSSL_cleanse(text, sizeof(text));
}

static int password_open(struct web *web, char *why, size_t why_size)
{
	struct web_hash hash;
	unsigned int size = sizeof(web->device_key);
	char made[24];

	if (web_password_load(web->params.password_file, &hash, made, why, why_size) != 0)
		return -1;
	if (RAND_bytes(web->key, sizeof(web->key)) != 1)
		return -1;
	HMAC(EVP_sha256(), hash.hash, sizeof(hash.hash), (const unsigned char *)"device", 6,
	     web->device_key, &size);
	web->passwords = web_passwords_new(web->host.base, &hash, web_jobs_done, web);
	OPENSSL_cleanse(&hash, sizeof(hash));
	if (web->passwords)
		password_say(web, made);
	else
		snprintf(why, why_size, "no memory or no thread");
	OPENSSL_cleanse(made, sizeof(made));
	return web->passwords ? 0 : -1;
}

static void on_beat(evutil_socket_t fd, short what, void *arg)
{
	struct web *web = arg;

	(void)fd;
	(void)what;
	web_peers_sweep(web);
	if (++web->beats % WEB_BEAT_S == 0)
		web_streams_beat(web);
	if (web->peers_count == 0)
		event_del(web->beat_event);
}

static int events_open(struct web *web)
{
	web->beat_event = event_new(web->host.base, -1, EV_PERSIST, on_beat, web);
	web->lines_event = event_new(web->host.base, -1, 0, web_lines_tell, web);
	return web->beat_event && web->lines_event ? 0 : -1;
}

static void page_say(struct web *web)
{
	char address[INET6_ADDRSTRLEN] = "", text[160];
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&web->params.listen;
	const struct sockaddr_in *four = (const struct sockaddr_in *)&web->params.listen;
	int is_six = web->params.listen.ss_family == AF_INET6;

	inet_ntop(web->params.listen.ss_family,
		  is_six ? (const void *)&six->sin6_addr : (const void *)&four->sin_addr, address,
		  sizeof(address));
	snprintf(text, sizeof(text), "the page is at %s://%s%s%s:%u/", web->tls ? "https" : "http",
		 is_six ? "[" : "", address, is_six ? "]" : "", (unsigned)ntohs(four->sin_port));
	web->host.say(web->host.user, text);
}

static void page_close(struct web *web)
{
	web_jobs_free(web);
	web_http_close(web);
	web_passwords_free(web->passwords);
	if (web->beat_event)
		event_free(web->beat_event);
	if (web->lines_event)
		event_free(web->lines_event);
	SSL_CTX_free(web->tls);
	web_history_clear(&web->history);
	web_metrics_free(web->metrics);
	free(web->dirty);
	OPENSSL_cleanse(web, sizeof(*web));
	free(web);
}

static struct web *page_open(const struct web_params *params, const struct web_host *host,
			     char *why, size_t why_size)
{
	struct web *web;

	if (params->size < sizeof(*params) || host->size < sizeof(*host)) {
		snprintf(why, why_size, "the program is older than its page");
		return NULL;
	}
	web = calloc(1, sizeof(*web));
	if (!web)
		return NULL;
	web->host = *host;
	web->params = *params;
	TAILQ_INIT(&web->peers);
	TAILQ_INIT(&web->streams);
	TAILQ_INIT(&web->jobs);
	web_history_init(&web->history, unix_ms());
	(void)gethostname(web->hostname, sizeof(web->hostname) - 1);
	web->metrics = web_metrics_new();
	if (!web->metrics || events_open(web) != 0) {
		snprintf(why, why_size, "no memory");
		goto fail;
	}
	if (tls_open(web, why, why_size) != 0 || web_http_open(web, why, why_size) != 0)
		goto fail;
	cookies_name(web);
	if (password_open(web, why, why_size) != 0)
		goto fail;
	page_say(web);
	return web;
fail:
	page_close(web);
	return NULL;
}

/* What is no UTF-8 in a sentence would make no JSON. */
static json_t *sentence_json(const char *sentence)
{
	json_t *text = json_string(sentence);

	return text ? text : json_string("");
}

static void page_event(struct web *web, const json_t *event, const char *sentence)
{
	uint64_t id = web_history_next(&web->history);
	json_int_t line = json_integer_value(json_object_get(event, "line"));
	json_t *decision;
	char *text;

	web_metrics_event(web->metrics, event);
	if (!*sentence)
		return; /* counted, but nothing that a person looks for */
	decision = json_pack("{s:I, s:f, s:I, s:o, s:O}", "id", (json_int_t)id, "time",
			     (double)unix_ms() / 1000.0, "line", line, "text",
			     sentence_json(sentence), "event", event);
	text = decision ? json_dumps(decision, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
	json_decref(decision);
	if (!text)
		return;
	web_history_add(&web->history, (uint32_t)line, text);
	web_streams_tell(web, "decision", id, text);
}

static void page_config_changed(struct web *web)
{
	char revision[32] = "", text[64];

	web->host.revision(web->host.user, revision);
	snprintf(text, sizeof(text), "{\"revision\":\"%s\"}", revision);
	web_streams_tell(web, "config", 0, text);
}

__attribute__((visibility("default"))) extern const struct web_module failover_web_module;
const struct web_module failover_web_module = {
	.abi = WEB_ABI,
	.size = sizeof(struct web_module),
	.open = page_open,
	.close = page_close,
	.event = page_event,
	.line_changed = web_line_dirty,
	.config_changed = page_config_changed,
};
