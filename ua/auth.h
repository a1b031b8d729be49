/* SPDX-License-Identifier: MIT */
/* auth.h - answering challenges (B4b, B10; RFC 3261 22, RFC 7616, RFC 8760). */
#ifndef UA_AUTH_H
#define UA_AUTH_H

#include "account.h"

struct ua_client;
struct ua_writer;

static inline int ua_auth_is_challenge(uint32_t status)
{
	return status == 401 || status == 407;
}

/* Header lines with credentials for what this target has asked for before. Returns 0 or a negative
 * error. */
int ua_auth_lines(struct ua_account *account, const struct failover_attempt *attempt,
		  const struct ua_request *request, struct ua_writer *writer);
/* A 401 or 407 has come: keep the challenges that can be answered. Returns 1 if there are such,
 * 0 when no credentials are to be sent again (B4b); *flags gets what enum failover_answer_flag says
 * of that (B22e). */
int ua_auth_take_challenges(struct ua_account *account, struct ua_client *client,
			    const struct ua_view *response, uint32_t *flags);
/* A 2xx has come: the credentials were right, and the next nonce may be in it (RFC 7616 3.5). */
void ua_auth_taken(struct ua_account *account, const struct ua_client *client,
		   const struct ua_view *response);
/* A challenge that has gone up to whoever is above, and the request that it sends again. */
struct ua_auth_asked {
	const struct ua_view *response;
	const struct failover_target *target; /* who asks */
	const char *method, *uri;
};

/* The same lines for that request: the line's own credentials for a nonce of this answer, which is
 * kept nowhere. None for a realm that no server of the line is known by (B21c). */
int ua_auth_answer(const struct ua_account *account, const struct ua_auth_asked *asked, char *out,
		   size_t size);
/* Whoever is above has answered a server of this line that asked for it: it is one of ours (B21c).
 */
void ua_auth_trust_realm(struct ua_account *account, const char *realm);
/* A 423 has come: what is challenged next is no rejection (B22e). */
void ua_auth_begin_again(struct ua_client *client);
/* All that was kept, at the end. */
void ua_auth_forget(struct ua_account *account);

#endif
