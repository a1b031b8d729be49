/* SPDX-License-Identifier: MIT */
/*
 * failover_pjsua.h - a PJSUA account whose registration, calls and hang-ups go on through the
 * backup server when the primary one dies. The program's calls of PJSUA stay as they are: below its
 * transactions is a SIP transport that libfailover sends with.
 */
#ifndef FAILOVER_PJSUA_H
#define FAILOVER_PJSUA_H

#include <pjsua-lib/pjsua.h>
#include <failover/config.h>

#ifdef __cplusplus
extern "C" {
#endif

struct failover_pjsua;

/* All may be zero but `device`. */
struct failover_pjsua_config {
	const struct failover_config *device; /* borrowed until failover_pjsua_detach() */
	uint32_t line;			      /* which of its lines; 0 = the first */
	struct failover_target listen;	      /* family 0 = any address; port 0 = any free one */
	const char *dns;		      /* servers, as in dns.h; NULL = the system's */
	void *user;			      /* first argument of the following */
	/* On libfailover's thread, which PJLIB knows: PJSUA may be called, failover_pjsua_detach()
	 * not. */
	void (*event)(void *user, const struct failover_event *event);
	void (*result)(void *user, const struct failover_result *result);
	void (*dns_news)(void *user, const struct failover_dns_news *news);
};

/*
 * The account, added with register_on_acc_add off, is served by libfailover from now on, and
 * registers. Its proxies and its transport give way to those of the line; a line without
 * auth_password has the account's first password in clear text. Call it between pjsua_start() and
 * pjsua_destroy(). Returns 0 or a negative enum failover_error.
 */
int failover_pjsua_attach(pjsua_acc_id account, const struct failover_pjsua_config *config,
			  struct failover_pjsua **out);
/* After pjsua_acc_del(), which ends the registration, and some time for it; before
 * pjsua_destroy(). NULL is allowed. */
void failover_pjsua_detach(struct failover_pjsua *attached);

/* A person wants to be registered now (B22c); the device has another address. Any thread. */
int failover_pjsua_register(struct failover_pjsua *attached);
int failover_pjsua_network_changed(struct failover_pjsua *attached);

#ifdef __cplusplus
}
#endif
#endif
