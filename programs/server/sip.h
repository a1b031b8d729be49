/* SPDX-License-Identifier: MIT */
/* sip.h - SIP messages: checked on the way in, built on the way out. Parser of libosip2 only. */
#ifndef SERVER_SIP_H
#define SERVER_SIP_H

#include "peer.h"

#include <osipparser2/osip_parser.h>
#include <stdbool.h>
#include <stddef.h>

#define SIP_TOKEN_MAX 128 /* of a branch, a tag, a user name */
#define SIP_CALL_ID_MAX 256
#define SIP_DATAGRAM_MAX 65535

/* A message, and the parts that name its transaction and dialog. */
struct sip_msg {
	osip_message_t *osip;
	int status; /* 0: a request */
	char method[SIP_TOKEN_MAX];
	char branch[SIP_TOKEN_MAX];
	char call_id[SIP_CALL_ID_MAX];
	char from_tag[SIP_TOKEN_MAX];
	char to_tag[SIP_TOKEN_MAX];
	unsigned long cseq;
};

/* A session description that sends and receives nothing (RFC 3264): two times IP4 or IP6, and the
 * address. Port 9 is discard. */
#define SIP_SDP_FORMAT                                                                             \
	"v=0\r\no=- 1 1 IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n"                                \
	"m=audio 9 RTP/AVP 0\r\na=inactive\r\n"

struct packet {
	char *data; /* sip_packet_free() */
	size_t len;
};

/* False: not a SIP message that can be answered or matched; nothing is held then. */
bool sip_parse(struct sip_msg *msg, const char *data, size_t len);
void sip_free(struct sip_msg *msg);

/* Where a response goes over UDP (RFC 3261 18.2.2, RFC 3581), and the Via says so. */
struct peer sip_reply_peer(struct sip_msg *request, const struct peer *source);
/* An answer with everything RFC 3261 8.2.6.2 has copied. to_tag: for a To without one. */
bool sip_reply(struct sip_msg *reply, const struct sip_msg *request, int status,
	       const char *to_tag);
/* One more header. False: no memory, or the value is no such header. */
bool sip_add(struct sip_msg *msg, const char *name, const char *value);
/* Contact, with this parameter, and a session description that sends and receives nothing. */
bool sip_add_session(struct sip_msg *msg, const struct peer *local, const char *param);
bool sip_to_packet(const struct sip_msg *msg, struct packet *packet);
void sip_packet_free(struct packet *packet);

/* User part of To or From, "" when there is none. */
const char *sip_uri_user(const osip_from_t *header);
/* Value of the first header of that name, NULL when there is none. */
const char *sip_header(const struct sip_msg *msg, const char *name);
/* Decimal number of at most 9 digits, or fallback when text is none. */
long sip_number(const char *text, long fallback);

#endif
