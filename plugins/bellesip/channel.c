/* SPDX-License-Identifier: GPL-3.0-or-later */
/* channel.c - belle-sip's channels: an object of its own object system hears of them in the place
 * of a provider. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "channel.h"
#include "internal.h"
#include "message.h"
#include "verify.h"

#define OWNER "failover"   /* the channel's stream */
#define CONNECT_MS 3600000 /* never: the user agent has the budgets (B3c) */
#define CHUNK 16384u
#define CHUNKS_AT_ONCE 16
#define FATAL_ALERT (-0x7780) /* mbed TLS's number of it */
#define TLS_POINT 1
#define TCP_POINT 0

/* ---- the listener: a class of belle-sip ---------------------------------------------------- */

typedef struct fo_belle_listener {
	belle_sip_object_t base;
	struct fo_belle *ua;
} fo_belle_listener_t;

BELLE_SIP_DECLARE_TYPES_BEGIN(fo_belle, 0x464f)
BELLE_SIP_TYPE_ID(fo_belle_listener_t)
BELLE_SIP_DECLARE_TYPES_END
BELLE_SIP_DECLARE_VPTR_NO_EXPORT(fo_belle_listener_t)

struct fo_belle_channels {
	belle_sip_stack_t *stack;
	belle_sip_listening_point_t *points[2]; /* TCP, TLS; they only connect */
	fo_belle_listener_t *listener;
	struct fo_belle_verify verify;
	int due; /* rounds of belle-sip's loop that are to be run soon */
};

static struct fo_belle_stream *stream_of(struct belle_sip_channel *channel)
{
	return belle_sip_object_data_get(BELLE_SIP_OBJECT(channel), OWNER);
}

static uint32_t reason_of_error(int error)
{
	if (error == ECONNREFUSED)
		return FAILOVER_REASON_REFUSED;
	if (error == ECONNRESET || error == EPIPE || error == ECONNABORTED)
		return FAILOVER_REASON_RESET;
	if (error == ETIMEDOUT)
		return FAILOVER_REASON_CONNECT_TIMEOUT;
	return FAILOVER_REASON_ICMP; /* unreachable host or network, or no way out from here */
}

/* What connect() says at once belle-sip keeps: on loopback, that nobody listens. That there is no
 * way to the target is known before (fo_transport_local). */
static uint32_t reason_of(const struct fo_belle_stream *stream)
{
	switch (stream->state) {
	case FO_STREAM_CONNECTING:
		return FAILOVER_REASON_REFUSED;
	case FO_STREAM_HANDSHAKE:
		return FAILOVER_REASON_TLS;
	case FO_STREAM_UP:
	case FO_STREAM_LOST:
		break;
	}
	return FAILOVER_REASON_RESET;
}

/* Hand over what has come in. Returns why there will be no more, or FAILOVER_REASON_NONE. */
static uint32_t read_all(struct fo_belle_stream *stream)
{
	char chunk[CHUNK];
	int left = CHUNKS_AT_ONCE, got;

	while (left-- && stream->state == FO_STREAM_UP) {
		got = belle_sip_channel_recv(stream->channel, chunk, sizeof(chunk));
		if (got == -EWOULDBLOCK)
			return FAILOVER_REASON_NONE;
		if (got <= 0)
			return got == FATAL_ALERT ? FAILOVER_REASON_TLS : FAILOVER_REASON_RESET;
		fo_belle_stream_take(stream, chunk, (size_t)got);
	}
	return FAILOVER_REASON_NONE;
}

static int has_room(const struct fo_belle_stream *stream)
{
	struct pollfd look = { .fd = fo_belle_channel_fd(stream), .events = POLLOUT };

	return poll(&look, 1, 0) != 0;
}

/* belle-sip does not say whether something waits in it: it may when the kernel had no room. */
static void flush(struct fo_belle_stream *stream)
{
	(void)belle_sip_channel_process_data(stream->channel, BELLE_SIP_EVENT_WRITE);
	if (stream->channel && has_room(stream))
		stream->queued = 0;
}

/* In the place of belle-sip's own, which reads messages but no keep-alives, of any length, and
 * keeps the reason of an end. */
static int on_event(void *data, unsigned events)
{
	struct fo_belle_stream *stream = stream_of(data);
	uint32_t reason;

	if (!stream || stream->state != FO_STREAM_UP)
		return BELLE_SIP_STOP;
	if (events & BELLE_SIP_EVENT_WRITE)
		flush(stream);
	reason = read_all(stream);
	if (reason)
		fo_belle_stream_lose(stream, reason);
	return stream->state == FO_STREAM_UP ? BELLE_SIP_CONTINUE : BELLE_SIP_STOP;
}

static void listen_to(struct belle_sip_channel *channel)
{
	belle_sip_source_set_notify((belle_sip_source_t *)channel, on_event);
}

static void on_state(belle_sip_channel_listener_t *listener, struct belle_sip_channel *channel,
		     int state)
{
	struct fo_belle_stream *stream = stream_of(channel);

	(void)listener;
	if (!stream)
		return;
	if (state == FO_CHANNEL_READY) {
		listen_to(channel);
		fo_belle_stream_came_up(stream);
	} else if (state == FO_CHANNEL_ERROR || state == FO_CHANNEL_DISCONNECTED) {
		fo_belle_stream_lose(stream, reason_of(stream));
	}
}

/* The server asks for our certificate. */
static int on_auth(belle_sip_channel_listener_t *listener, struct belle_sip_channel *channel,
		   const char *name)
{
	const fo_belle_listener_t *mine = (const fo_belle_listener_t *)(const void *)listener;
	const struct fo_belle_verify *verify = &mine->ua->streams.channels->verify;

	(void)name;
	if (verify->chain && verify->key) {
		belle_sip_tls_channel_set_client_certificates_chain((void *)channel, verify->chain);
		belle_sip_tls_channel_set_client_certificate_key((void *)channel, verify->key);
	}
	return 0;
}

BELLE_SIP_IMPLEMENT_INTERFACE_BEGIN(fo_belle_listener_t, belle_sip_channel_listener_t)
	.on_state_changed = on_state,
       .on_auth_requested = on_auth,
       BELLE_SIP_IMPLEMENT_INTERFACE_END

	BELLE_SIP_DECLARE_IMPLEMENTED_INTERFACES_1(fo_belle_listener_t,
						   belle_sip_channel_listener_t);
BELLE_SIP_INSTANCIATE_VPTR(fo_belle_listener_t, belle_sip_object_t, NULL, NULL, NULL, FALSE)

/* ---- the stack ---------------------------------------------------------------------------- */

/* No names, no search, no retry of its own: targets are numeric, one at a time. */
static void set_up(belle_sip_stack_t *stack)
{
	belle_sip_stack_enable_dns_srv(stack, 0);
	belle_sip_stack_enable_dns_search(stack, 0);
	belle_sip_stack_enable_reconnect_to_primary_asap(stack, 0);
	belle_sip_stack_set_transport_timeout(stack, CONNECT_MS);
	belle_sip_stack_set_inactive_transport_timeout(stack, 0);
}

static belle_sip_listening_point_t *open_point(struct fo_belle_channels *channels,
					       const char *transport)
{
	belle_sip_listening_point_t *point = belle_sip_stack_create_listening_point(
		channels->stack, "0.0.0.0", BELLE_SIP_LISTENING_POINT_DONT_BIND, transport);

	if (!point)
		return NULL;
	belle_sip_listening_point_set_channel_listener(
		point, BELLE_SIP_INTERFACE_CAST(channels->listener, belle_sip_channel_listener_t));
	(void)belle_sip_object_ref(point); /* else the pool's */
	return point;
}

/* With its first listening point belle-sip switches SIGPIPE off, which it has to be; a program with
 * a handler of its own keeps that. */
static void open_points(struct fo_belle_channels *channels)
{
	struct sigaction before;
	int known = !sigaction(SIGPIPE, NULL, &before);

	channels->points[TCP_POINT] = open_point(channels, "TCP");
	channels->points[TLS_POINT] = open_point(channels, "TLS");
	if (known && ((before.sa_flags & SA_SIGINFO) || before.sa_handler != SIG_DFL))
		(void)sigaction(SIGPIPE, &before, NULL);
}

int fo_belle_channels_open(struct fo_belle *ua, const struct failover_open_params *params)
{
	struct fo_belle_channels *channels = calloc(1, sizeof(*channels));

	if (!channels)
		return FAILOVER_ERR_MEMORY;
	ua->streams.channels = channels;
	channels->stack = belle_sip_stack_new(NULL);
	set_up(channels->stack);
	channels->listener = belle_sip_object_new(fo_belle_listener_t);
	channels->listener->ua = ua;
	open_points(channels);
	if (!channels->points[TCP_POINT] || !channels->points[TLS_POINT])
		return FAILOVER_ERR_IO;
	return fo_belle_verify_open(&channels->verify, &ua->base, params);
}

void fo_belle_channels_close(struct fo_belle *ua)
{
	struct fo_belle_channels *channels = ua->streams.channels;
	size_t i;

	if (!channels)
		return;
	for (i = 0; i < 2; i++)
		if (channels->points[i])
			belle_sip_stack_delete_listening_point(channels->stack,
							       channels->points[i]);
	belle_sip_object_unref(channels->listener);
	belle_sip_object_unref(channels->stack);
	fo_belle_verify_close(&channels->verify);
	free(channels);
	ua->streams.channels = NULL;
}

int fo_belle_channels_are_due(const struct fo_belle *ua)
{
	return ua->streams.channels->due != 0;
}

/* belle-sip would read the error of a connect and keep it. A TLS connection is two steps of ours,
 * one of belle-sip's. */
static void look_at(struct fo_belle_stream *stream)
{
	int fd = fo_belle_channel_fd(stream), error = 0;
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(error);

	if (stream->state != FO_STREAM_CONNECTING || fd < 0)
		return;
	if (!getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) && error) {
		fo_belle_stream_lose(stream, reason_of_error(error));
		return;
	}
	size = sizeof(info);
	if (stream->peer.transport == FAILOVER_TLS &&
	    !getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) &&
	    (info.tcpi_state == TCP_ESTABLISHED || info.tcpi_state == TCP_CLOSE_WAIT))
		stream->state = FO_STREAM_HANDSHAKE;
}

static void look_at_coming(struct fo_belle *ua)
{
	struct fo_belle_stream *stream, *next;

	for (stream = LIST_FIRST(&ua->streams.coming); stream; stream = next) {
		next = LIST_NEXT(stream, coming);
		look_at(stream);
	}
}

void fo_belle_channels_run(struct fo_belle *ua)
{
	struct fo_belle_channels *channels = ua->streams.channels;

	if (!ua->streams.first && !channels->due)
		return;
	channels->due = 0;
	look_at_coming(ua);
	belle_sip_stack_sleep(channels->stack, 0);
}

/* ---- one connection ----------------------------------------------------------------------- */

static void own(struct fo_belle_stream *stream, struct belle_sip_channel *channel)
{
	(void)belle_sip_object_ref(channel);
	stream->channel = channel;
	belle_sip_object_data_set(BELLE_SIP_OBJECT(channel), OWNER, stream, NULL);
}

/* The name that must be in the certificate goes along as the URI's host, the address as maddr. */
static belle_sip_hop_t *hop_to(const struct fo_belle_stream *stream)
{
	belle_sip_uri_t *uri = belle_sip_uri_new();
	char host[FO_ADDRESS_TEXT];
	belle_sip_hop_t *hop;

	fo_address_host(&stream->peer, host);
	if (host[0] == '[') {
		memmove(host, host + 1, strlen(host));
		host[strlen(host) - 1] = '\0';
	}
	belle_sip_uri_set_host(uri, stream->name[0] ? stream->name : host);
	if (stream->name[0])
		belle_sip_uri_set_maddr_param(uri, host);
	belle_sip_uri_set_port(uri, stream->peer.port);
	belle_sip_uri_set_transport_param(uri,
					  stream->peer.transport == FAILOVER_TLS ? "tls" : "tcp");
	hop = belle_sip_hop_new_from_uri(uri);
	return hop;
}

int fo_belle_channel_open(struct fo_belle_stream *stream)
{
	struct fo_belle_channels *channels = stream->ua->streams.channels;
	int is_tls = stream->peer.transport == FAILOVER_TLS;
	belle_sip_listening_point_t *point = channels->points[is_tls ? TLS_POINT : TCP_POINT];
	belle_sip_object_pool_t *pool = belle_sip_object_pool_push();
	struct belle_sip_channel *channel;
	belle_sip_hop_t *hop = hop_to(stream);

	if (is_tls)
		fo_belle_verify_next(&channels->verify, point, stream);
	channel = belle_sip_listening_point_create_channel(point, hop);
	if (channel) {
		own(stream, channel);
		belle_sip_channel_prepare(channel);
		channels->due = 1;
	}
	belle_sip_object_unref(pool);
	return channel ? FAILOVER_OK : FAILOVER_ERR_IO;
}

int fo_belle_channel_accept(struct fo_belle_stream *stream, int fd)
{
	struct fo_belle_channels *channels = stream->ua->streams.channels;
	struct sockaddr_storage from;
	socklen_t size = fo_address_to_socket(&stream->peer, &from);
	struct belle_sip_channel *channel = belle_sip_stream_channel_new_child(
		channels->stack, fd, (struct sockaddr *)&from, size);

	if (!channel)
		return FAILOVER_ERR_IO;
	own(stream, channel);
	listen_to(channel);
	belle_sip_listening_point_add_channel(channels->points[TCP_POINT], channel);
	return FAILOVER_OK;
}

int fo_belle_channel_send(struct fo_belle_stream *stream, const char *text, size_t length)
{
	belle_sip_object_pool_t *pool;
	const char *body = NULL;
	belle_sip_message_t *message;

	if (stream->state == FO_STREAM_LOST)
		return FAILOVER_ERR_STATE;
	if (stream->queued + length > FO_STREAM_QUEUE_MAX)
		return FAILOVER_ERR_FULL;
	pool = belle_sip_object_pool_push();
	message = fo_belle_message_parse(text, length, &body);
	if (message) {
		if (body[0])
			belle_sip_message_set_body(message, body, strlen(body));
		(void)belle_sip_channel_queue_message(stream->channel, message);
		stream->ua->streams.channels->due = 1;
		if (stream->queued || stream->state != FO_STREAM_UP || !has_room(stream))
			stream->queued += length;
	}
	belle_sip_object_unref(pool);
	return message ? FAILOVER_OK : FAILOVER_ERR_ARGUMENT;
}

/* Not into the middle of a message that has not left whole: then the bytes are known to move
 * anyway. */
void fo_belle_channel_crlf(struct fo_belle_stream *stream, uint32_t times)
{
	if (stream->queued)
		return;
	(void)belle_sip_channel_send(stream->channel, "\r\n\r\n", 2 * (size_t)times);
	stream->ua->base.counters.sent++;
}

int fo_belle_channel_fd(const struct fo_belle_stream *stream)
{
	return stream->channel
		       ? belle_sip_source_get_socket((const belle_sip_source_t *)stream->channel)
		       : -1;
}

void fo_belle_channel_close(struct fo_belle_stream *stream)
{
	struct fo_belle_channels *channels = stream->ua->streams.channels;
	struct belle_sip_channel *channel = stream->channel;

	if (!channel)
		return;
	stream->channel = NULL;
	belle_sip_object_data_set(BELLE_SIP_OBJECT(channel), OWNER, NULL, NULL);
	belle_sip_listening_point_remove_channel(
		channels->points[stream->peer.transport == FAILOVER_TLS ? TLS_POINT : TCP_POINT],
		channel);
	belle_sip_channel_close(channel);
	belle_sip_object_unref(channel);
}
