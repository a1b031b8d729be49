/* SPDX-License-Identifier: MIT */
/* stream_sockets.c - the driver of connections over plain sockets and ./tls.h. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "stream_io.h"
#include "tls.h"
#include "transport.h"

#define ACCEPT_AT_ONCE 256
#define CHUNK 16384u
#define CHUNKS_AT_ONCE 16
#define WORDS 256u
#define WORDS_AT_ONCE 1024

struct ua_sockets {
	/* What receive() reads into, and what TLS makes of it; too much for a small device's stack.
	 */
	char chunk[CHUNK], plain[CHUNK];
	struct ua_map by_fd;	    /* -> struct ua_socket */
	struct ua_tls_context *tls; /* NULL = made when it is needed first */
	uint32_t tls_verify;
};

struct ua_socket {
	struct ua_stream stream;
	struct ua_map_node by_fd;
	struct ua_tls *tls; /* NULL = TCP */
};

static struct ua_socket *own(struct ua_stream *stream)
{
	return UA_CONTAINER(stream, struct ua_socket, stream);
}

static struct ua_socket *find(const struct ua_map *by_fd, int fd)
{
	struct ua_map_node *node = ua_map_find(by_fd, ua_map_hash_number(by_fd, (uint64_t)fd));

	for (; node; node = ua_map_again(node)) {
		struct ua_socket *sock = UA_CONTAINER(node, struct ua_socket, by_fd);

		if (sock->stream.fd == fd)
			return sock;
	}
	return NULL;
}

static void set_fd(struct ua_socket *sock, int fd)
{
	struct ua_map *by_fd = &sock->stream.all->sockets->by_fd;

	sock->stream.fd = fd;
	ua_map_add(by_fd, &sock->by_fd, ua_map_hash_number(by_fd, (uint64_t)fd));
}

/* ---- sending ------------------------------------------------------------------------------ */

/* Why a connection takes nothing more. In TLS 1.3 a server refuses our certificate after we have
 * begun to send: its alert waits to be read (RFC 8446 4.4.2.4). */
static uint32_t last_words(struct ua_socket *sock)
{
	char chunk[WORDS], plain[WORDS];
	int left = WORDS_AT_ONCE;
	ssize_t got;

	if (!sock->tls)
		return FAILOVER_REASON_RESET;
	while (left-- && (got = recv(sock->stream.fd, chunk, sizeof(chunk), 0)) > 0) {
		ua_tls_input(sock->tls, chunk, (size_t)got);
		while (ua_tls_step(sock->tls) == UA_TLS_UP &&
		       ua_tls_read(sock->tls, plain, sizeof(plain)))
			; /* whatever it answered, it is gone */
	}
	return sock->stream.state == UA_STREAM_HANDSHAKE || ua_tls_state(sock->tls) == UA_TLS_FAILED
		       ? FAILOVER_REASON_TLS
		       : FAILOVER_REASON_RESET;
}

/* Hand bytes to the kernel: how many it took, 0 = none now, or the connection is lost. */
static size_t push(struct ua_socket *sock, const char *bytes, size_t count)
{
	ssize_t sent = send(sock->stream.fd, bytes, count, MSG_NOSIGNAL);

	if (sent >= 0)
		return (size_t)sent;
	if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		ua_stream_lose(&sock->stream, last_words(sock));
	return 0;
}

/* Returns 1 when all records have left. */
static int push_records(struct ua_socket *sock)
{
	const char *bytes;
	size_t count, took;

	while ((count = ua_tls_output(sock->tls, &bytes))) {
		took = push(sock, bytes, count);
		if (!took)
			return 0;
		ua_tls_took(sock->tls, took);
	}
	return 1;
}

/* All or nothing: what is in a record cannot be taken back. */
static size_t write_records(struct ua_socket *sock, const char *bytes, size_t count)
{
	if (!push_records(sock))
		return 0;
	if (ua_tls_write(sock->tls, bytes, count)) {
		ua_stream_lose(&sock->stream, FAILOVER_REASON_TLS);
		return 0;
	}
	(void)push_records(sock);
	return count;
}

static size_t socket_write(struct ua_stream *stream, const char *bytes, size_t count)
{
	struct ua_socket *sock = own(stream);

	return sock->tls ? write_records(sock, bytes, count) : push(sock, bytes, count);
}

/* It has room again. */
static void flush(struct ua_socket *sock)
{
	if (sock->stream.state == UA_STREAM_LOST)
		return;
	if (!sock->tls || push_records(sock))
		ua_stream_flush(&sock->stream);
}

/* ---- receiving ---------------------------------------------------------------------------- */

static void step_handshake(struct ua_socket *sock)
{
	if (ua_tls_step(sock->tls) == UA_TLS_UP)
		ua_stream_up(&sock->stream);
}

static void take_records(struct ua_socket *sock, const char *bytes, size_t count)
{
	struct ua_stream *stream = &sock->stream;
	char *plain = stream->all->sockets->plain;
	size_t got;

	ua_tls_input(sock->tls, bytes, count);
	if (stream->state == UA_STREAM_HANDSHAKE)
		step_handshake(sock);
	while (stream->state == UA_STREAM_UP && (got = ua_tls_read(sock->tls, plain, CHUNK)))
		ua_stream_take(stream, plain, got);
	if (stream->state != UA_STREAM_LOST)
		(void)push_records(sock); /* an alert says why, also when all is over */
	if (ua_tls_state(sock->tls) == UA_TLS_FAILED)
		ua_stream_lose(stream, FAILOVER_REASON_TLS);
	if (ua_tls_state(sock->tls) == UA_TLS_CLOSED)
		ua_stream_lose(stream, FAILOVER_REASON_RESET);
}

static void receive(struct ua_socket *sock)
{
	struct ua_stream *stream = &sock->stream;
	char *chunk = stream->all->sockets->chunk;
	int left = CHUNKS_AT_ONCE;
	ssize_t got;

	while (left-- && stream->state != UA_STREAM_LOST) {
		got = recv(stream->fd, chunk, CHUNK, 0);
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
			return;
		if (got <= 0) {
			ua_stream_lose(stream, stream->state == UA_STREAM_HANDSHAKE
						       ? FAILOVER_REASON_TLS
						       : FAILOVER_REASON_RESET);
			return;
		}
		ua_stream_heard(stream);
		if (sock->tls)
			take_records(sock, chunk, (size_t)got);
		else
			ua_stream_take(stream, chunk, (size_t)got);
	}
}

/* ---- beginning ---------------------------------------------------------------------------- */

/* NULL, and logged, when the files cannot be used. */
static struct ua_tls_context *new_tls(const struct ua_streams *streams, const char *ca_file,
				      const char *cert_file, const char *key_file)
{
	struct ua_tls_settings settings = { .ca_file = ca_file,
					    .cert_file = cert_file,
					    .key_file = key_file,
					    .verify = streams->sockets->tls_verify != 0 };
	char why[UA_TLS_WHY];
	struct ua_tls_context *context = ua_tls_context_new(&settings, why);

	if (!context)
		ua_log(streams->ua, FAILOVER_LOG_ERROR, "TLS cannot be used: %s", why);
	else if (!settings.verify)
		ua_log(streams->ua, FAILOVER_LOG_WARNING,
		       "tls_verify is 0: certificates are not verified, anybody can listen in");
	return context;
}

static int open_tls(struct ua_socket *sock)
{
	struct ua_stream *stream = &sock->stream;
	struct ua_sockets *sockets = stream->all->sockets;
	char text[UA_ADDRESS_TEXT];

	if (!sockets->tls)
		sockets->tls = new_tls(stream->all, NULL, NULL, NULL);
	if (!sockets->tls)
		return FAILOVER_ERR_IO;
	sock->tls = ua_tls_new(sockets->tls, stream->name, ua_address_text(&stream->peer, text));
	return sock->tls ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

static int socket_connect(struct ua_stream *stream)
{
	int error = FAILOVER_OK, fd;

	if (stream->peer.transport == FAILOVER_TLS)
		error = open_tls(own(stream));
	if (error)
		return error;
	error = ua_transport_connect(stream->all->transport, &stream->peer, &fd);
	if (fd < 0)
		return error ? error : FAILOVER_ERR_IO;
	if (error)
		stream->reason = ua_stream_reason(errno);
	set_fd(own(stream), fd);
	return FAILOVER_OK;
}

/* connect() has come to an end. */
static void connected(struct ua_socket *sock)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(sock->stream.fd, SOL_SOCKET, SO_ERROR, &error, &size))
		error = errno;
	if (error) {
		ua_stream_lose(&sock->stream, ua_stream_reason(error));
		return;
	}
	if (!sock->tls) {
		ua_stream_up(&sock->stream);
		return;
	}
	ua_stream_secure(&sock->stream);
	step_handshake(sock);
	if (ua_tls_state(sock->tls) == UA_TLS_FAILED)
		ua_stream_lose(&sock->stream, FAILOVER_REASON_TLS);
	else
		flush(sock);
}

static void adopt(struct ua_streams *streams, int fd, const struct failover_target *from)
{
	struct ua_stream *stream = ua_stream_welcome(streams, from);

	if (!stream) {
		close(fd);
		return;
	}
	set_fd(own(stream), fd);
	ua_stream_enlist(stream);
}

/* ---- end ---------------------------------------------------------------------------------- */

/* RFC 8446 6.1, also when nobody had use for it any more; a connection that is broken takes it or
 * not. */
static void say_goodbye(const struct ua_socket *sock)
{
	const char *bytes;
	size_t count;

	ua_tls_shutdown(sock->tls);
	count = ua_tls_output(sock->tls, &bytes);
	if (count)
		(void)send(sock->stream.fd, bytes, count, MSG_NOSIGNAL);
}

static void socket_close(struct ua_stream *stream)
{
	struct ua_socket *sock = own(stream);

	if (sock->tls && stream->fd >= 0)
		say_goodbye(sock);
	ua_map_remove(&stream->all->sockets->by_fd, &sock->by_fd);
	if (stream->fd >= 0)
		close(stream->fd);
	ua_tls_free(sock->tls);
}

static const char *socket_why(const struct ua_stream *stream)
{
	return ua_tls_why(UA_CONTAINER(stream, struct ua_socket, stream)->tls);
}

static const struct ua_stream_driver driver = {
	.size = sizeof(struct ua_socket),
	.connect = socket_connect,
	.write = socket_write,
	.close = socket_close,
	.why = socket_why,
};

/* ---- descriptors -------------------------------------------------------------------------- */

static uint32_t wanted(const struct ua_stream *stream)
{
	const struct ua_socket *sock = UA_CONTAINER(stream, struct ua_socket, stream);
	const char *bytes;
	int has_records = sock->tls && ua_tls_output(sock->tls, &bytes);

	switch (stream->state) {
	case UA_STREAM_CONNECTING:
		return FAILOVER_IO_WRITE;
	case UA_STREAM_HANDSHAKE:
		return has_records ? FAILOVER_IO_READ | FAILOVER_IO_WRITE : FAILOVER_IO_READ;
	case UA_STREAM_UP:
		return has_records || stream->queued ? FAILOVER_IO_READ | FAILOVER_IO_WRITE
						     : FAILOVER_IO_READ;
	case UA_STREAM_LOST:
		break;
	}
	return 0;
}

uint32_t ua_streams_fds(const struct ua_streams *streams, struct failover_io_fd *out, uint32_t max)
{
	int listener = ua_transport_listener(streams->transport);
	const struct ua_stream *stream;
	uint32_t count = 0;

	if (listener >= 0 && count++ < max)
		out[0] = (struct failover_io_fd){ listener, FAILOVER_IO_READ };
	for (stream = streams->first; stream; stream = stream->next) {
		uint32_t events = wanted(stream);

		if (!events)
			continue;
		if (count < max)
			out[count] = (struct failover_io_fd){ stream->fd, events };
		count++;
	}
	return count;
}

static void process(struct ua_socket *sock, uint32_t events)
{
	if (sock->stream.state == UA_STREAM_CONNECTING) {
		if (events & (FAILOVER_IO_WRITE | FAILOVER_IO_ERROR))
			connected(sock);
		return;
	}
	if (events & FAILOVER_IO_WRITE)
		flush(sock);
	if (events & (FAILOVER_IO_READ | FAILOVER_IO_ERROR))
		receive(sock);
}

void ua_streams_process(struct ua_streams *streams, const struct failover_io_fd *ready,
			uint32_t count)
{
	const int listener = ua_transport_listener(streams->transport);
	struct failover_target from;
	int left = ACCEPT_AT_ONCE, fd;
	struct ua_socket *sock;
	uint32_t i;

	for (i = 0; i < count; i++) {
		while (ready[i].fd == listener && left-- &&
		       (fd = ua_transport_accept(streams->transport, &from)) >= 0)
			adopt(streams, fd, &from);
		sock = find(&streams->sockets->by_fd, ready[i].fd);
		if (sock)
			process(sock, ready[i].events);
	}
}

/* ---- all of them -------------------------------------------------------------------------- */

int ua_streams_open(struct ua_streams *streams, const struct failover_open_params *params)
{
	struct ua_sockets *sockets = calloc(1, sizeof(*sockets));
	int error;

	if (!sockets)
		return FAILOVER_ERR_MEMORY;
	streams->sockets = sockets;
	sockets->tls_verify = params->tls_verify;
	error = ua_streams_begin(streams, &driver);
	if (!error)
		error = ua_map_init(&sockets->by_fd, streams->by_peer.key);
	if (error || (!params->tls_ca_file && !params->tls_cert_file))
		return error;
	sockets->tls =
		new_tls(streams, params->tls_ca_file, params->tls_cert_file, params->tls_key_file);
	return sockets->tls ? FAILOVER_OK : FAILOVER_ERR_ARGUMENT;
}

void ua_streams_close(struct ua_streams *streams)
{
	ua_streams_end(streams);
	if (!streams->sockets)
		return;
	ua_tls_context_free(streams->sockets->tls);
	ua_map_free(&streams->sockets->by_fd);
	free(streams->sockets);
	streams->sockets = NULL;
}
