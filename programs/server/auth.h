/* SPDX-License-Identifier: MIT */
/* auth.h - users and the digest that proves them (RFC 7616, RFC 8760). */
#ifndef SERVER_AUTH_H
#define SERVER_AUTH_H

#include "exchange.h"

#include <stdbool.h>

#define AUTH_USERS_MAX 64
/* One realm for all servers: S 1.1 lets them share the user accounts. */
#define AUTH_REALM "failover"

struct auth_user {
	char name[SIP_TOKEN_MAX];
	char password[SIP_TOKEN_MAX];
};

struct auth {
	struct auth_user user[AUTH_USERS_MAX];
	unsigned users; /* 0: everybody may register */
	unsigned char secret[32];
};

bool auth_init(struct auth *auth);
/* "NAME:PASSWORD". False: no colon, an empty name, too long, or too many users. */
bool auth_add_user(struct auth *auth, const char *text);
/* True: go on. False: the request has been answered with 401. */
bool auth_check(struct server *server, struct exchange *x);
/* Wipes the passwords. */
void auth_free(struct auth *auth);

#endif
