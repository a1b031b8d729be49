/* SPDX-License-Identifier: MIT */
/*
 * web.h - between a program and its page. The page is a module that a program loads when it is
 * wanted: a page that is off costs nothing. It knows nothing of the program but what is here.
 * Everything happens on the thread of the event loop. The program ignores SIGPIPE.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct event_base;
struct web; /* a page that is open */

#define WEB_ABI 1u
#define WEB_MODULE_SYMBOL "failover_web_module"

/* `body` is the receiver's; `status` is that of HTTP. */
struct web_reply {
	int status;
	json_t *body;
};

/* What a program offers its page. Every json_t returned is the page's; NULL = no memory, or as
 * said. */
struct web_host {
	uint32_t size;
	void *user; /* first argument of each */
	struct event_base *base;
	const char *program, *version;
	json_t *(*status)(void *user);		      /* {..., "lines": [LINE, ...]} */
	json_t *(*line)(void *user, uint32_t number); /* LINE; NULL = no such line */
	json_t *(*plan)(void *user, uint32_t number); /* PLAN; NULL = no such line */
	/* A command of the console, "probe 1". Returns 0, or a status of HTTP and the reason. */
	int (*command)(void *user, const char *text, char *why, size_t why_size);
	json_t *(*config)(void *user);				    /* CONFIG */
	struct web_reply (*apply)(void *user, const json_t *patch); /* what PATCH answers */
	/* Of the configuration, as in CONFIG. */
	void (*revision)(void *user, char text[32]);
	/* A sentence for the person who started the program. */
	void (*say)(void *user, const char *sentence);
};

/* Texts stay the caller's and live as long as the page. */
struct web_params {
	uint32_t size;
	uint32_t plain;		/* 1: no TLS at an address that others reach */
	uint32_t metrics_users; /* 1: /metrics names users */
	struct sockaddr_storage listen;
	socklen_t listen_size;
	const char *password_file;		  /* NULL = a new password at each start */
	const char *tls_cert_file, *tls_key_file; /* NULL or "" = none */
};

struct web_module {
	uint32_t abi, size;
	/* NULL = not possible, and why. */
	struct web *(*open)(const struct web_params *params, const struct web_host *host, char *why,
			    size_t why_size);
	void (*close)(struct web *web);
	/* Something was decided: the object that --events writes, and the sentence for people; "" =
	 * it is only counted. */
	void (*event)(struct web *web, const json_t *event, const char *sentence);
	/* This line is not as it was; it is asked for soon, once for many changes. */
	void (*line_changed)(struct web *web, uint32_t number);
	/* The configuration is not as it was. */
	void (*config_changed)(struct web *web);
};

#endif
