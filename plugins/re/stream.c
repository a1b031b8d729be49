/* SPDX-License-Identifier: MIT */
/* stream.c - what a driver of connections does, with libre's, and what libre tells of them. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include "../../ua/net/stream_io.h"
#include "stream.h"
#include "tls.h"
#include "transport.h"

struct fo_re_stream {
	struct ua_stream stream;
	struct tcp_conn *tcp;
	struct tls_conn *tls; /* NULL = TCP */
};

static struct fo_re_stream *own(struct ua_stream *stream)
{
	return UA_CONTAINER(stream, struct fo_re_stream, stream);
}

/* What is known of a handshake is of this one. */
static void lose_tls(struct ua_stream *stream)
{
	ua_stream_lose(stream, FAILOVER_REASON_TLS);
	fo_re(stream->all->ua)->tls.why[0] = '\0';
}

/* ---- sending ------------------------------------------------------------------------------ */

static void on_writable(void *arg)
{
	struct fo_re_stream *mine = arg;

	(void)tcp_set_send(mine->tcp, NULL);
	ua_stream_flush(&mine->stream);
}

/* libre sends it, or keeps what the kernel does not take. What is still ours can be taken back by
 * who gives up: libre gets the next one only when it has none left. */
static size_t re_write(struct ua_stream *stream, const char *bytes, size_t count)
{
	struct tcp_conn *tcp = own(stream)->tcp;
	struct mbuf *text;
	int error;

	if (tcp_conn_txqsz(tcp)) {
		(void)tcp_set_send(tcp, on_writable);
		return 0;
	}
	text = fo_re_buffer(bytes, count);
	error = text ? tcp_send(tcp, text) : ENOMEM;
	mem_deref(text);
	if (!error)
		return count;
	if (error == EPROTO)
		lose_tls(stream);
	else
		ua_stream_lose(stream, FAILOVER_REASON_RESET);
	return 0;
}

/* ---- what libre tells --------------------------------------------------------------------- */

/* TCP is up, before TLS begins. */
static bool on_connected(int *error, bool active, void *arg)
{
	struct fo_re_stream *mine = arg;

	(void)error, (void)active;
	if (mine->stream.state == UA_STREAM_CONNECTING && mine->tls)
		ua_stream_secure(&mine->stream);
	return false; /* the next one wants to know, too */
}

static void on_up(void *arg)
{
	struct fo_re_stream *mine = arg;

	if (mine->stream.state == UA_STREAM_CONNECTING || mine->stream.state == UA_STREAM_HANDSHAKE)
		ua_stream_up(&mine->stream);
}

static void on_bytes(struct mbuf *bytes, void *arg)
{
	struct fo_re_stream *mine = arg;

	ua_stream_heard(&mine->stream);
	ua_stream_take(&mine->stream, (const char *)mbuf_buf(bytes), mbuf_get_left(bytes));
}

/* libre closes its end before; the connection is freed later. */
static void on_close(int error, void *arg)
{
	struct fo_re_stream *mine = arg;
	struct ua_stream *stream = &mine->stream;

	if (stream->state == UA_STREAM_HANDSHAKE || error == EPROTO)
		lose_tls(stream);
	else if (stream->state == UA_STREAM_UP)
		ua_stream_lose(stream, FAILOVER_REASON_RESET);
	else
		ua_stream_lose(stream, ua_stream_reason(error));
}

/* ---- beginning and end -------------------------------------------------------------------- */

/* Small messages leave at once; libre does not close it in children. */
static void set_options(struct fo_re_stream *mine)
{
	int on = 1, fd = tcp_conn_fd(mine->tcp);

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	tcp_conn_txqsz_set(mine->tcp, UA_STREAM_QUEUE_MAX);
	mine->stream.fd = fd;
}

/* Connections come from the address that the user wants to be seen at. Returns 0 or an errno. */
static int begin(struct fo_re_stream *mine)
{
	const struct ua_stream *stream = &mine->stream;
	struct fo_re *ua = fo_re(stream->all->ua);
	struct sa peer, from;
	int error;

	fo_re_transport_sa(&stream->peer, &peer);
	error = tcp_conn_alloc(&mine->tcp, &peer, on_up, on_bytes, on_close, mine);
	if (error)
		return error;
	set_options(mine);
	if (fo_re_transport_bind_host(ua->transport, &from))
		error = tcp_conn_bind(mine->tcp, &from);
	if (!error)
		error = tcp_register_helper(NULL, mine->tcp, -1, on_connected, NULL, NULL, mine);
	if (!error && stream->peer.transport == FAILOVER_TLS)
		error = fo_re_tls_start(ua, mine->tcp, stream->name, &mine->tls);
	return error ? error : tcp_conn_connect(mine->tcp, &peer);
}

static int re_connect(struct ua_stream *stream)
{
	struct fo_re_stream *mine = own(stream);
	struct failover_target local;
	int error;

	error = fo_re_transport_local(fo_re(stream->all->ua)->transport, &stream->peer, &local);
	if (error)
		return error;
	error = begin(mine);
	if (!mine->tcp || (stream->peer.transport == FAILOVER_TLS && !mine->tls))
		return FAILOVER_ERR_IO;
	if (error)
		stream->reason = ua_stream_reason(error);
	return FAILOVER_OK;
}

static void re_close(struct ua_stream *stream)
{
	mem_deref(own(stream)->tls); /* says goodbye on the connection */
	mem_deref(own(stream)->tcp);
}

static const char *re_why(const struct ua_stream *stream)
{
	return fo_re(stream->all->ua)->tls.why;
}

static const struct ua_stream_driver driver = {
	.size = sizeof(struct fo_re_stream),
	.connect = re_connect,
	.write = re_write,
	.close = re_close,
	.why = re_why,
};

/* Returns NULL when it is turned away. */
static struct ua_stream *take_in(struct fo_re *ua, const struct failover_target *from)
{
	struct ua_stream *stream = ua_stream_welcome(&ua->streams, from);

	if (stream && tcp_accept(&own(stream)->tcp, fo_re_transport_listener(ua->transport), on_up,
				 on_bytes, on_close, own(stream))) {
		ua_stream_drop(stream);
		return NULL;
	}
	return stream;
}

void fo_re_stream_accept(const struct sa *from, void *arg)
{
	struct fo_re *ua = arg;
	struct failover_target peer;
	struct ua_stream *stream = NULL;

	if (!fo_re_transport_target(from, FAILOVER_TCP, &peer))
		stream = take_in(ua, &peer);
	if (!stream) {
		tcp_reject(fo_re_transport_listener(ua->transport));
		return;
	}
	set_options(own(stream));
	ua_stream_enlist(stream);
}

/* ---- all of them -------------------------------------------------------------------------- */

static void received(struct ua *base, const char *bytes, size_t count,
		     const struct failover_target *from)
{
	struct mbuf *text = fo_re_buffer(bytes, count);

	if (text)
		fo_re_received(fo_re(base), text, from);
	mem_deref(text);
}

int fo_re_streams_open(struct fo_re *ua, const struct failover_open_params *params)
{
	int error;

	ua->streams.ua = &ua->base;
	ua->streams.received = received;
	ua->tls.verify = params->tls_verify;
	error = ua_streams_begin(&ua->streams, &driver);
	if (error || (!params->tls_ca_file && !params->tls_cert_file))
		return error;
	return fo_re_tls_open(ua, params->tls_ca_file, params->tls_cert_file, params->tls_key_file);
}

void fo_re_streams_close(struct fo_re *ua)
{
	ua_streams_end(&ua->streams);
	fo_re_tls_close(ua);
}
