/* SPDX-License-Identifier: MIT */
/* credentials.c - the line's own, for a stack that has none (B4b). */
#include <string.h>
#include "../libfailover/core/sized.h"
#include "../ua/auth.h"
#include "wire.h"

static int make(const struct ua_account *account, const struct failover_wire_challenge *given,
		char *out, size_t size)
{
	struct ua_message message;
	struct ua_auth_asked asked = { .response = &message.view,
				       .target = &given->peer,
				       .method = given->method,
				       .uri = given->uri };
	int error = ua_message_read(&message, given->response, given->count, &given->peer);

	if (!error && (!message.raw.is_response || message.why))
		error = FAILOVER_ERR_ARGUMENT;
	if (!error)
		error = ua_auth_answer(account, &asked, out, size);
	ua_message_free(&message);
	return error ? error : (int)strlen(out);
}

int failover_wire_credentials(struct failover_wire *wire,
			      const struct failover_wire_challenge *given, char *out, size_t size)
{
	struct failover_wire_challenge challenge;
	const struct ua_account *account;
	int error;

	if (!given || !out || !size)
		return FAILOVER_ERR_ARGUMENT;
	error = fo_sized_take(&challenge, sizeof(challenge), given,
			      FO_SIZE_WITH(struct failover_wire_challenge, peer));
	if (error)
		return error;
	if (!challenge.method || !challenge.uri || !challenge.response)
		return FAILOVER_ERR_ARGUMENT;
	account = ua_account_find(&wire->ua, challenge.line);
	return account ? make(account, &challenge, out, size) : FAILOVER_ERR_STALE;
}
