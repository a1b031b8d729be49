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

struct fo_sockets {
	struct fo_map by_fd;	    /* -> struct fo_socket */
	struct fo_tls_context *tls; /* NULL = made when it is needed first */
	uint32_t tls_verify;
};

struct fo_socket {
	struct fo_stream stream;
	struct fo_map_node by_fd;
	struct fo_tls *tls; /* NULL = TCP */
};

static struct fo_socket *own(struct fo_stream *stream)
{
	return FO_CONTAINER(stream, struct fo_socket, stream);
}

static struct fo_socket *find(const struct fo_map *by_fd, int fd)
{
	struct fo_map_node *node = fo_map_find(by_fd, fo_map_hash_number(by_fd, (uint64_t)fd));

	for (; node; node = fo_map_again(node)) {
		struct fo_socket *sock = FO_CONTAINER(node, struct fo_socket, by_fd);

		if (sock->stream.fd == fd)
			return sock;
	}
	return NULL;
}

static void set_fd(struct fo_socket *sock, int fd)
{
	struct fo_map *by_fd = &sock->stream.all->sockets->by_fd;

	sock->stream.fd = fd;
	fo_map_add(by_fd, &sock->by_fd, fo_map_hash_number(by_fd, (uint64_t)fd));
}

/* ---- sending ------------------------------------------------------------------------------ */

/* Why a connection takes nothing more. In TLS 1.3 a server refuses our certificate after we have
 * begun to send: its alert waits to be read (RFC 8446 4.4.2.4). */
static uint32_t last_words(struct fo_socket *sock)
{
	char chunk[CHUNK], plain[CHUNK];
	int left = CHUNKS_AT_ONCE;
	ssize_t got;

	if (!sock->tls)
		return FAILOVER_REASON_RESET;
	while (left-- && (got = recv(sock->stream.fd, chunk, sizeof(chunk), 0)) > 0) {
		fo_tls_input(sock->tls, chunk, (size_t)got);
		while (fo_tls_step(sock->tls) == FO_TLS_UP &&
		       fo_tls_read(sock->tls, plain, sizeof(plain)))
			; /* whatever it answered, it is gone */
	}
	return sock->stream.state == FO_STREAM_HANDSHAKE || fo_tls_state(sock->tls) == FO_TLS_FAILED
		       ? FAILOVER_REASON_TLS
		       : FAILOVER_REASON_RESET;
}

/* Hand bytes to the kernel: how many it took, 0 = none now, or the connection is lost. */
static size_t push(struct fo_socket *sock, const char *bytes, size_t count)
{
	ssize_t sent = send(sock->stream.fd, bytes, count, MSG_NOSIGNAL);

	if (sent >= 0)
		return (size_t)sent;
	if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		fo_stream_lose(&sock->stream, last_words(sock));
	return 0;
}

/* Returns 1 when all records have left. */
static int push_records(struct fo_socket *sock)
{
	const char *bytes;
	size_t count, took;

	while ((count = fo_tls_output(sock->tls, &bytes))) {
		took = push(sock, bytes, count);
		if (!took)
			return 0;
		fo_tls_took(sock->tls, took);
	}
	return 1;
}

/* All or nothing: what is in a record cannot be taken back. */
static size_t write_records(struct fo_socket *sock, const char *bytes, size_t count)
{
	if (!push_records(sock))
		return 0;
	if (fo_tls_write(sock->tls, bytes, count)) {
		fo_stream_lose(&sock->stream, FAILOVER_REASON_TLS);
		return 0;
	}
	(void)push_records(sock);
	return count;
}

static size_t socket_write(struct fo_stream *stream, const char *bytes, size_t count)
{
	struct fo_socket *sock = own(stream);

	return sock->tls ? write_records(sock, bytes, count) : push(sock, bytes, count);
}

/* It has room again. */
static void flush(struct fo_socket *sock)
{
	if (sock->stream.state == FO_STREAM_LOST)
		return;
	if (!sock->tls || push_records(sock))
		fo_stream_flush(&sock->stream);
}

/* ---- receiving ---------------------------------------------------------------------------- */

static void step_handshake(struct fo_socket *sock)
{
	if (fo_tls_step(sock->tls) == FO_TLS_UP)
		fo_stream_up(&sock->stream);
}

static void take_records(struct fo_socket *sock, const char *bytes, size_t count)
{
	struct fo_stream *stream = &sock->stream;
	char plain[CHUNK];
	size_t got;

	fo_tls_input(sock->tls, bytes, count);
	if (stream->state == FO_STREAM_HANDSHAKE)
		step_handshake(sock);
	while (stream->state == FO_STREAM_UP &&
	       (got = fo_tls_read(sock->tls, plain, sizeof(plain))))
		fo_stream_take(stream, plain, got);
	if (stream->state != FO_STREAM_LOST)
		(void)push_records(sock); /* an alert says why, also when all is over */
	if (fo_tls_state(sock->tls) == FO_TLS_FAILED)
		fo_stream_lose(stream, FAILOVER_REASON_TLS);
	if (fo_tls_state(sock->tls) == FO_TLS_CLOSED)
		fo_stream_lose(stream, FAILOVER_REASON_RESET);
}

static void receive(struct fo_socket *sock)
{
	struct fo_stream *stream = &sock->stream;
	char chunk[CHUNK];
	int left = CHUNKS_AT_ONCE;
	ssize_t got;

	while (left-- && stream->state != FO_STREAM_LOST) {
		got = recv(stream->fd, chunk, sizeof(chunk), 0);
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
			return;
		if (got <= 0) {
			fo_stream_lose(stream, stream->state == FO_STREAM_HANDSHAKE
						       ? FAILOVER_REASON_TLS
						       : FAILOVER_REASON_RESET);
			return;
		}
		fo_stream_heard(stream);
		if (sock->tls)
			take_records(sock, chunk, (size_t)got);
		else
			fo_stream_take(stream, chunk, (size_t)got);
	}
}

/* ---- beginning ---------------------------------------------------------------------------- */

/* NULL, and logged, when the files cannot be used. */
static struct fo_tls_context *new_tls(const struct fo_streams *streams, const char *ca_file,
				      const char *cert_file, const char *key_file)
{
	struct fo_tls_settings settings = { .ca_file = ca_file,
					    .cert_file = cert_file,
					    .key_file = key_file,
					    .verify = streams->sockets->tls_verify != 0 };
	char why[FO_TLS_WHY];
	struct fo_tls_context *context = fo_tls_context_new(&settings, why);

	if (!context)
		fo_ua_log(streams->ua, FAILOVER_LOG_ERROR, "TLS cannot be used: %s", why);
	else if (!settings.verify)
		fo_ua_log(streams->ua, FAILOVER_LOG_WARNING,
			  "tls_verify is 0: certificates are not verified, anybody can listen in");
	return context;
}

static int open_tls(struct fo_socket *sock)
{
	struct fo_stream *stream = &sock->stream;
	struct fo_sockets *sockets = stream->all->sockets;
	char text[FO_ADDRESS_TEXT];

	if (!sockets->tls)
		sockets->tls = new_tls(stream->all, NULL, NULL, NULL);
	if (!sockets->tls)
		return FAILOVER_ERR_IO;
	sock->tls = fo_tls_new(sockets->tls, stream->name, fo_address_text(&stream->peer, text));
	return sock->tls ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

static int socket_connect(struct fo_stream *stream)
{
	int error = FAILOVER_OK, fd;

	if (stream->peer.transport == FAILOVER_TLS)
		error = open_tls(own(stream));
	if (error)
		return error;
	error = fo_transport_connect(stream->all->transport, &stream->peer, &fd);
	if (fd < 0)
		return error ? error : FAILOVER_ERR_IO;
	if (error)
		stream->reason = fo_stream_reason(errno);
	set_fd(own(stream), fd);
	return FAILOVER_OK;
}

/* connect() has come to an end. */
static void connected(struct fo_socket *sock)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(sock->stream.fd, SOL_SOCKET, SO_ERROR, &error, &size))
		error = errno;
	if (error) {
		fo_stream_lose(&sock->stream, fo_stream_reason(error));
		return;
	}
	if (!sock->tls) {
		fo_stream_up(&sock->stream);
		return;
	}
	fo_stream_secure(&sock->stream);
	step_handshake(sock);
	if (fo_tls_state(sock->tls) == FO_TLS_FAILED)
		fo_stream_lose(&sock->stream, FAILOVER_REASON_TLS);
	else
		flush(sock);
}

static void adopt(struct fo_streams *streams, int fd, const struct failover_target *from)
{
	struct fo_stream *stream = fo_stream_welcome(streams, from);

	if (!stream) {
		close(fd);
		return;
	}
	set_fd(own(stream), fd);
	fo_stream_enlist(stream);
}

/* ---- end ---------------------------------------------------------------------------------- */

/* RFC 8446 6.1, also when nobody had use for it any more; a connection that is broken takes it or
 * not. */
static void say_goodbye(const struct fo_socket *sock)
{
	const char *bytes;
	size_t count;

	fo_tls_shutdown(sock->tls);
	count = fo_tls_output(sock->tls, &bytes);
	if (count)
		(void)send(sock->stream.fd, bytes, count, MSG_NOSIGNAL);
}

static void socket_close(struct fo_stream *stream)
{
	struct fo_socket *sock = own(stream);

	if (sock->tls && stream->fd >= 0)
		say_goodbye(sock);
	fo_map_remove(&stream->all->sockets->by_fd, &sock->by_fd);
	if (stream->fd >= 0)
		close(stream->fd);
	fo_tls_free(sock->tls);
}

static const char *socket_why(const struct fo_stream *stream)
{
	return fo_tls_why(FO_CONTAINER(stream, struct fo_socket, stream)->tls);
}

static const struct fo_stream_driver driver = {
	.size = sizeof(struct fo_socket),
	.connect = socket_connect,
	.write = socket_write,
	.close = socket_close,
	.why = socket_why,
};

/* ---- descriptors -------------------------------------------------------------------------- */

static uint32_t wanted(const struct fo_stream *stream)
{
	const struct fo_socket *sock = FO_CONTAINER(stream, struct fo_socket, stream);
	const char *bytes;
	int has_records = sock->tls && fo_tls_output(sock->tls, &bytes);

	switch (stream->state) {
	case FO_STREAM_CONNECTING:
		return FAILOVER_IO_WRITE;
	case FO_STREAM_HANDSHAKE:
		return has_records ? FAILOVER_IO_READ | FAILOVER_IO_WRITE : FAILOVER_IO_READ;
	case FO_STREAM_UP:
		return has_records || stream->queued ? FAILOVER_IO_READ | FAILOVER_IO_WRITE
						     : FAILOVER_IO_READ;
	case FO_STREAM_LOST:
		break;
	}
	return 0;
}

uint32_t fo_streams_fds(const struct fo_streams *streams, struct failover_io_fd *out, uint32_t max)
{
	int listener = fo_transport_listener(streams->transport);
	const struct fo_stream *stream;
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

static void process(struct fo_socket *sock, uint32_t events)
{
	if (sock->stream.state == FO_STREAM_CONNECTING) {
		if (events & (FAILOVER_IO_WRITE | FAILOVER_IO_ERROR))
			connected(sock);
		return;
	}
	if (events & FAILOVER_IO_WRITE)
		flush(sock);
	if (events & (FAILOVER_IO_READ | FAILOVER_IO_ERROR))
		receive(sock);
}

void fo_streams_process(struct fo_streams *streams, const struct failover_io_fd *ready,
			uint32_t count)
{
	struct failover_target from;
	int left = ACCEPT_AT_ONCE, fd;
	struct fo_socket *sock;
	uint32_t i;

	while (left-- && (fd = fo_transport_accept(streams->transport, &from)) >= 0)
		adopt(streams, fd, &from);
	for (i = 0; i < count; i++) {
		sock = find(&streams->sockets->by_fd, ready[i].fd);
		if (sock)
			process(sock, ready[i].events);
	}
}

/* ---- all of them -------------------------------------------------------------------------- */

int fo_streams_open(struct fo_streams *streams, const struct failover_open_params *params)
{
	struct fo_sockets *sockets = calloc(1, sizeof(*sockets));
	int error;

	if (!sockets)
		return FAILOVER_ERR_MEMORY;
	streams->sockets = sockets;
	sockets->tls_verify = params->tls_verify;
	error = fo_streams_begin(streams, &driver);
	if (!error)
		error = fo_map_init(&sockets->by_fd, streams->by_peer.key);
	if (error || (!params->tls_ca_file && !params->tls_cert_file))
		return error;
	sockets->tls =
		new_tls(streams, params->tls_ca_file, params->tls_cert_file, params->tls_key_file);
	return sockets->tls ? FAILOVER_OK : FAILOVER_ERR_ARGUMENT;
}

void fo_streams_close(struct fo_streams *streams)
{
	fo_streams_end(streams);
	if (!streams->sockets)
		return;
	fo_tls_context_free(streams->sockets->tls);
	fo_map_free(&streams->sockets->by_fd);
	free(streams->sockets);
	streams->sockets = NULL;
}
