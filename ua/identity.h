/* SPDX-License-Identifier: MIT */
/* identity.h - who a line is, as failover.line/1 says. */
#ifndef UA_IDENTITY_H
#define UA_IDENTITY_H

#include "account.h"

/* Copy it into a new account, which is in no table yet. Returns 0 or a negative error. */
int ua_identity_take(const struct failover_line_identity *identity, struct ua_account **out);
/* What ua_identity_take() has made; secrets are wiped. */
void ua_identity_free(struct ua_account *account);

#endif
