/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * internal.h - what libbellesip exports but its installed headers do not declare: its channels.
 * README.md says why they are needed; configure looks for each of them.
 */
#ifndef FO_BELLESIP_INTERNAL_H
#define FO_BELLESIP_INTERNAL_H

#include <sys/socket.h>
#include <belle-sip/belle-sip.h>

struct belle_sip_channel;
typedef struct belle_sip_hop belle_sip_hop_t;

/* States that a listener hears of. */
enum fo_belle_channel_state {
	FO_CHANNEL_READY = 5,
	FO_CHANNEL_ERROR = 6,
	FO_CHANNEL_DISCONNECTED = 7,
};

BELLE_SIP_DECLARE_INTERFACE_BEGIN(belle_sip_channel_listener_t)
void (*on_state_changed)(belle_sip_channel_listener_t *, struct belle_sip_channel *, int);
void (*on_message_headers)(belle_sip_channel_listener_t *, struct belle_sip_channel *,
			   belle_sip_message_t *);
void (*on_message)(belle_sip_channel_listener_t *, struct belle_sip_channel *,
		   belle_sip_message_t *);
void (*on_sending)(belle_sip_channel_listener_t *, struct belle_sip_channel *,
		   belle_sip_message_t *);
int (*on_auth_requested)(belle_sip_channel_listener_t *, struct belle_sip_channel *, const char *);
BELLE_SIP_DECLARE_INTERFACE_END

belle_sip_object_vptr_t *belle_sip_object_t_vptr_get(void);
belle_sip_hop_t *belle_sip_hop_new_from_uri(const belle_sip_uri_t *uri);
void belle_sip_listening_point_set_channel_listener(belle_sip_listening_point_t *point,
						    belle_sip_channel_listener_t *listener);
struct belle_sip_channel *
belle_sip_listening_point_create_channel(belle_sip_listening_point_t *point,
					 const belle_sip_hop_t *hop);
void belle_sip_listening_point_add_channel(belle_sip_listening_point_t *point,
					   struct belle_sip_channel *channel);
void belle_sip_listening_point_remove_channel(belle_sip_listening_point_t *point,
					      struct belle_sip_channel *channel);
struct belle_sip_channel *belle_sip_stream_channel_new_child(belle_sip_stack_t *stack, int fd,
							     struct sockaddr *from, socklen_t size);
void belle_sip_channel_prepare(struct belle_sip_channel *channel);
int belle_sip_channel_queue_message(struct belle_sip_channel *channel,
				    belle_sip_message_t *message);
/* Bytes, 0 = the peer has closed it, -EWOULDBLOCK = none yet, or another negative error. */
int belle_sip_channel_recv(struct belle_sip_channel *channel, void *bytes, size_t count);
int belle_sip_channel_process_data(struct belle_sip_channel *channel, unsigned events);
void belle_sip_source_set_notify(belle_sip_source_t *source, belle_sip_source_func_t func);
int belle_sip_channel_send(struct belle_sip_channel *channel, const void *bytes, size_t count);
void belle_sip_channel_close(struct belle_sip_channel *channel);
void belle_sip_tls_channel_set_client_certificates_chain(void *channel,
							 belle_sip_certificates_chain_t *chain);
void belle_sip_tls_channel_set_client_certificate_key(void *channel, belle_sip_signing_key_t *key);

#endif
