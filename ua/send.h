/* SPDX-License-Identifier: MIT */
/* send.h - what an attempt sends, and what the plugin sends to tidy up. */
#ifndef UA_SEND_H
#define UA_SEND_H

#include "account.h"
#include "client.h"
#include "request.h"
#include "value.h"
#include "writer.h"

#define UA_URI_MAX 512u /* Request-URI of a call, with its end */
#define UA_CONTACT_MAX 900u

/* The texts of a request of this line to this target. */
struct ua_send_texts {
	char branch[UA_BRANCH];
	char aor[800];		      /* "Display" <sip:user@domain> */
	char from[900];		      /* room for aor and a tag */
	char contact[UA_CONTACT_MAX]; /* <sip:user@local> */
	char registrar[320];	      /* Request-URI of the registrar: sip:host[:port] (B1a) */
};

/* Fill the texts, and what all requests outside a dialog have: branch, From with this tag, Contact,
 * local address, User-Agent. Returns 0 or a negative error. */
int ua_send_prepare(struct ua *ua, const struct failover_attempt *attempt, const char *tag,
		    struct ua_send_texts *texts, struct ua_request *parts);
/* The Contact of this line at this address. Returns 0 or FAILOVER_ERR_FULL. */
int ua_send_contact(const struct ua_account *account, const struct failover_target *local,
		    char *out, size_t size);
/* The URI that a dialled text means at this registrar: itself, or sip:text@domain[:port]. Returns 0
 * or a negative error. */
int ua_send_uri(const struct ua_account *account, uint32_t registrar, const char *dialled,
		char *out, size_t size);

/* sip:user@PRIMARY, as a call list has it, means the user and not that server (B23). Returns which
 * registrar that is, from 1 on, or 0. */
uint32_t ua_send_names_registrar(const struct ua_account *account, const struct ua_value_uri *uri);
/* The host that stands there for another registrar, with its port. */
void ua_send_add_registrar(struct ua_writer *writer, const struct ua_account *account,
			   uint32_t registrar);

/* Once more in the same attempt, CSeq + 1, with credentials (B4b). */
int ua_send_again(struct ua_client *client);
/* Once more in the same attempt, by UDP: the connection for a long request was refused. */
int ua_send_by_udp(struct ua_client *client);
/* Once more in the same attempt, to the core's target: who was asked first does not answer (B23a).
 */
int ua_send_straight(struct ua_client *client);
/* This INVITE once more in the same attempt, to this URI (B22f). */
int ua_send_redirected(struct ua_client *client, const char *uri);
/* The same in a new transaction, with new credentials: nobody knows whether it has arrived (B23c).
 */
int ua_send_once_more(struct ua_client *client);
/* CANCEL this INVITE leg; attempt NULL = on the plugin's own account. */
int ua_send_cancel(struct ua_client *invite, const struct failover_attempt *attempt);
/* ACK a 2xx; *kept is the text, made when it first goes the way of the INVITE, and sent again
 * later. What goes another way (B23a) goes both ways when the 2xx is repeated. */
void ua_send_ack(struct ua_client *invite, const struct ua_view *response, char **kept,
		 int is_repeated);
/* End a dialog that nobody wants (B7a). */
void ua_send_bye_ghost(struct ua_client *invite, const struct ua_view *response);

#endif
