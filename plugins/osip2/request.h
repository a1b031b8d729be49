/* SPDX-License-Identifier: MIT */
/* request.h - what an attempt sends, and what the plugin sends to tidy up. */
#ifndef FO_OSIP2_REQUEST_H
#define FO_OSIP2_REQUEST_H

#include "account.h"

struct fo_client;

/* The texts of a request of this line to this target. */
struct fo_request_texts {
	char branch[FO_BRANCH];
	char aor[800];	     /* "Display" <sip:user@domain> */
	char from[900];	     /* room for aor and a tag */
	char registrar[320]; /* Request-URI of the registrar: sip:host[:port] (B1a) */
	struct failover_target local;
};

int fo_osip_request_texts(struct fo_osip *ua, const struct fo_account *account,
			  const struct failover_attempt *attempt, struct fo_request_texts *out);
/* The URI that a dialled text means: itself, or sip:text@domain[:port]. */
int fo_osip_request_uri(const struct fo_account *account, const char *dialled, char *out,
			size_t size);

/* Hook `send`. Returns 0 or a negative error. */
int fo_osip_request_send(struct fo_osip *ua, const struct failover_attempt *attempt);
/* Once more in the same attempt, CSeq + 1, with credentials (B4b). */
int fo_osip_request_again(struct fo_client *client);
/* Once more in the same attempt, by UDP: the connection for a long request was refused. */
int fo_osip_request_by_udp(struct fo_client *client);
/* CANCEL this INVITE leg; attempt NULL = on the plugin's own account. */
int fo_osip_request_cancel(struct fo_client *invite, const struct failover_attempt *attempt);
/* ACK a 2xx; *kept is the text, made the first time and sent again later. */
void fo_osip_request_ack(struct fo_client *invite, const osip_message_t *response, char **kept);
/* End a dialog that nobody wants (B7a). */
void fo_osip_request_bye_ghost(struct fo_client *invite, const osip_message_t *response);

#endif
