/* SPDX-License-Identifier: MIT */
/* dns_server.h - a DNS server in the test's own thread: it answers when it is asked to. */
#ifndef DNS_SERVER_H
#define DNS_SERVER_H

#include "dns_message.h"

#include <netinet/in.h>

enum dns_health {
	DNS_UP,
	DNS_SILENT,
	DNS_SERVFAIL,
	DNS_NOTIMP,
	DNS_GARBAGE, /* the right question, then lies */
	DNS_REFUSED,
	DNS_FORMERR,
	DNS_OTHER_QUESTION, /* the answer to another one */
	DNS_CUT,	    /* the first record alone, and the mark that there are more */
	DNS_EMPTY_CUT,	    /* the mark alone */
	DNS_HELD,	    /* answered by dns_server_release() */
	DNS_NO_NAME,	    /* NXDOMAIN, whatever there is */
	DNS_WELL,	    /* the answer of the zone; for `edns` */
	DNS_HEALTHS,
};

#define DNS_SERVER_HELD_MOST 16u

struct dns_held {
	struct sockaddr_in from;
	size_t length;
	uint8_t bytes[512];
};

struct dns_server {
	int socket;
	int listener; /* has the port from the start */
	int listens;  /* by TCP too */
	int connection;
	char address[32];	 /* "127.0.0.1:5353" */
	const char *const *rows; /* the zone, as for message_add(); ends with NULL */
	enum dns_health health;
	uint16_t sick_type;    /* 0 = all types; others are up */
	uint16_t sick_type_2;  /* this one too; 0 = none */
	enum dns_health edns;  /* to questions with EDNS, whatever `health` says; UP = no matter */
	const char *sick_name; /* NULL = all names */
	int hides;	       /* as a cache does it: NO_NAME hides `sick_name`, for all types */
	int hidden;	       /* it is so */
	uint32_t asked;	       /* questions so far */
	uint32_t asked_edns, asked_tcp; /* of these */
	uint32_t held_count;
	struct dns_held held[DNS_SERVER_HELD_MOST];
};

void dns_server_open(struct dns_server *server);
/* By TCP too, and always in good health there. */
void dns_server_listen(struct dns_server *server);
void dns_server_close(struct dns_server *server);
/* Answer what has come. */
void dns_server_serve(struct dns_server *server);
/* Answer what was held, in good health. */
void dns_server_release(struct dns_server *server);

#endif
