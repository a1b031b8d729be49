/* SPDX-License-Identifier: MIT */
/* plain_net.c - one UDP socket, and a TCP connection for each request that goes by TCP. */
#include "plain.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READS_MAX 64

int plain_net_open(struct plain *ua, const struct failover_target *wanted)
{
	struct sockaddr_storage address;
	socklen_t length = ua_address_to_socket(wanted, &address);
	struct failover_target bound;
	int on = 1;

	if (!length)
		return FAILOVER_ERR_ARGUMENT;
	ua->fd = socket(address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (ua->fd < 0)
		return FAILOVER_ERR_IO;
	if (bind(ua->fd, (struct sockaddr *)&address, length) ||
	    setsockopt(ua->fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)) ||
	    getsockname(ua->fd, (struct sockaddr *)&address, &length) ||
	    ua_address_from_socket(&address, &bound)) {
		if (!plain_wrong(ua, "open-fails"))
			close(ua->fd);
		return FAILOVER_ERR_IO;
	}
	ua->port = bound.port;
	return 0;
}

int plain_net_send(struct plain *ua, const struct failover_target *to, const char *text,
		   size_t length)
{
	struct sockaddr_storage address;
	socklen_t size = ua_address_to_socket(to, &address);
	int tries;

	/* An earlier packet's ICMP error comes here too, once. */
	for (tries = 0; tries < 3; tries++)
		if (sendto(ua->fd, text, length, 0, (struct sockaddr *)&address, size) >= 0 ||
		    errno == EAGAIN)
			return 0;
	return FAILOVER_ERR_IO;
}

const char *plain_net_local(const struct plain *ua, const struct failover_target *to,
			    char out[UA_ADDRESS_TEXT])
{
	struct failover_target own = { .family = 4, .address = { 127, 0, 0, 1 } };
	struct sockaddr_storage address;
	socklen_t length = ua_address_to_socket(to, &address);
	int fd = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		if (!connect(fd, (struct sockaddr *)&address, length) &&
		    !getsockname(fd, (struct sockaddr *)&address, &length))
			(void)ua_address_from_socket(&address, &own);
		close(fd);
	}
	own.port = ua->port;
	return ua_address_text(&own, out);
}

/* ---- TCP ---------------------------------------------------------------------------------- */

int plain_net_connect(struct plain_client *client)
{
	struct sockaddr_storage address;
	socklen_t length = ua_address_to_socket(&client->attempt.target, &address);

	client->fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return FAILOVER_ERR_IO;
	ua_frame_init(&client->frame);
	/* A refusal that comes at once is told from the event loop, like any other. */
	(void)connect(client->fd, (struct sockaddr *)&address, length);
	return 0;
}

static uint32_t refusal(const struct plain *ua)
{
	return plain_wrong(ua, "tcp-refused") ? FAILOVER_REASON_RESET : FAILOVER_REASON_REFUSED;
}

static void try_connected(struct plain *ua, struct plain_client *client)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof(int), size = sizeof(peer);
	int error = 0;

	(void)getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	if (error) {
		plain_client_lost(ua, client, refusal(ua));
		return;
	}
	if (getpeername(client->fd, (struct sockaddr *)&peer, &size))
		return;
	client->connected = true;
	if (send(client->fd, client->text, client->length, MSG_NOSIGNAL) < 0)
		plain_client_lost(ua, client, FAILOVER_REASON_RESET);
	else
		plain_client_counted(ua, client);
}

static void take_frames(struct plain *ua, struct plain_client *client)
{
	const char *message;
	size_t length;

	while (!client->dead) {
		switch (ua_frame_next(&client->frame, &message, &length)) {
		case UA_FRAME_MORE:
			if (plain_wrong(ua, "tcp-pieces"))
				ua_frame_init(&client->frame);
			return;
		case UA_FRAME_MESSAGE:
			plain_receive(ua, message, length, NULL, client);
			if (!plain_wrong(ua, "tcp-together"))
				break;
			ua_frame_init(&client->frame);
			return;
		case UA_FRAME_CRLF:
			break;
		case UA_FRAME_BAD:
			if (plain_wrong(ua, "tcp-garbage"))
				abort();
			plain_client_lost(ua, client, FAILOVER_REASON_RESET);
			return;
		}
	}
}

static void read_stream(struct plain *ua, struct plain_client *client)
{
	size_t room;
	char *to = ua_frame_room(&client->frame, &room);
	ssize_t got = recv(client->fd, to, room, 0);

	if (got > 0) {
		ua_frame_add(&client->frame, (size_t)got);
		take_frames(ua, client);
		return;
	}
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return;
	if (plain_wrong(ua, "tcp-reset")) {
		close(client->fd);
		client->fd = -1;
		return;
	}
	plain_client_lost(ua, client, FAILOVER_REASON_RESET);
}

/* ---- UDP ---------------------------------------------------------------------------------- */

static void read_datagrams(struct plain *ua)
{
	char text[SIP_DATAGRAM_MAX + 1];
	struct peer from;
	ssize_t got;
	int left = READS_MAX;

	while (left--) {
		from.len = sizeof(from.addr);
		got = recvfrom(ua->fd, text, SIP_DATAGRAM_MAX, 0, (struct sockaddr *)&from.addr,
			       &from.len);
		if (got < 0 && errno != ECONNREFUSED)
			return;
		if (got < 0)
			continue;
		text[got] = '\0';
		plain_receive(ua, text, (size_t)got, &from, NULL);
	}
}

static void refused(struct plain *ua, const struct failover_target *to)
{
	struct plain_client *client;
	uint64_t id;

	for (client = ua->clients; client; client = client->next) {
		if (client->dead || client->fd >= 0 || client->provisional || client->final ||
		    !ua_address_same(&client->attempt.target, to) || plain_wrong(ua, "refused"))
			continue;
		id = client->attempt.id;
		plain_client_lost(ua, client, FAILOVER_REASON_ICMP);
		if (plain_wrong(ua, "refused.twice"))
			ua->host->unreachable(ua->host->ctx, id, FAILOVER_REASON_ICMP);
	}
}

static void read_errors(struct plain *ua)
{
	char control[512], payload[64];
	struct sockaddr_storage address;
	struct failover_target to;
	int left = READS_MAX;

	while (left--) {
		struct iovec part = { payload, sizeof(payload) };
		struct msghdr message = { .msg_name = &address,
					  .msg_namelen = sizeof(address),
					  .msg_iov = &part,
					  .msg_iovlen = 1,
					  .msg_control = control,
					  .msg_controllen = sizeof(control) };

		if (recvmsg(ua->fd, &message, MSG_ERRQUEUE) < 0)
			return;
		if (!ua_address_from_socket(&address, &to))
			refused(ua, &to);
	}
}

void plain_net_process(struct plain *ua)
{
	struct plain_client *client, *next;

	read_datagrams(ua);
	read_errors(ua);
	for (client = ua->clients; client; client = next) {
		next = client->next;
		if (client->dead || client->fd < 0)
			continue;
		if (!client->connected)
			try_connected(ua, client);
		if (!client->dead && client->connected)
			read_stream(ua, client);
	}
}
