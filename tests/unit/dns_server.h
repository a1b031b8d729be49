/* SPDX-License-Identifier: MIT */
/* dns_server.h - a DNS server in the test's own thread: it answers when it is asked to. */
#ifndef DNS_SERVER_H
#define DNS_SERVER_H

#include "dns_message.h"

enum dns_health {
	DNS_UP,
	DNS_SILENT,
	DNS_SERVFAIL,
	DNS_NOTIMP,
	DNS_GARBAGE, /* the right question, then lies */
};

struct dns_server {
	int socket;
	char address[32];	 /* "127.0.0.1:5353" */
	const char *const *rows; /* the zone, as for message_add(); ends with NULL */
	enum dns_health health;
	uint16_t sick_type;    /* 0 = all types; others are up */
	const char *sick_name; /* NULL = all names */
	uint32_t asked;	       /* questions so far */
};

void dns_server_open(struct dns_server *server);
void dns_server_close(struct dns_server *server);
/* Answer what has come. */
void dns_server_serve(struct dns_server *server);

#endif
