/* SPDX-License-Identifier: MIT */
/*
 * places.c - every place this process sends to. The plugin's calls find these functions before
 * those of libc; they do the same and remember the address. So a packet that goes past the servers
 * of the bench, or a DNS query, is seen wherever it goes.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "bench.h"

#define PLACES_MAX 256u
#define DNS_PORT 53
#define NOWHERE ".invalid"
#define EXPORTED __attribute__((visibility("default")))

/* One for the process, as the functions below are. */
static struct {
	bool watching;
	unsigned count;
	struct sockaddr_storage seen[PLACES_MAX];
	char asked[BENCH_TEXT], text[BENCH_TEXT];
} places;

void places_watch(void)
{
	places.watching = true;
	places.count = 0;
	places.asked[0] = '\0';
}

static unsigned port_of(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)(const void *)address)->sin_port);
	if (address->sa_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)(const void *)address)->sin6_port);
	return 0;
}

static void remember(const struct sockaddr *address, socklen_t length)
{
	struct sockaddr_storage *seen;

	if (!places.watching || !address || length > sizeof(*seen) || !port_of(address) ||
	    places.count == PLACES_MAX)
		return;
	seen = &places.seen[places.count++];
	memset(seen, 0, sizeof(*seen));
	memcpy(seen, address, length);
}

/* A datagram socket is also connected to learn one's own address; that sends nothing. */
static void remember_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	int type = 0;
	socklen_t size = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) || !address)
		return;
	if (type == SOCK_STREAM || port_of(address) == DNS_PORT)
		remember(address, length);
}

static void remember_name(const char *name)
{
	unsigned char number[16];

	if (!places.watching || !name || inet_pton(AF_INET, name, number) == 1 ||
	    inet_pton(AF_INET6, name, number) == 1 || !strcmp(name, "localhost"))
		return;
	snprintf(places.asked, sizeof(places.asked), "%s", name);
}

/* RFC 6761 6.4: no DNS server need be asked, nor waited for. */
static bool leads_nowhere(const char *name)
{
	size_t length = name ? strlen(name) : 0, tail = strlen(NOWHERE);

	return length > tail && !strcmp(name + length - tail, NOWHERE);
}

EXPORTED int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	remember_connect(fd, address, length);
	return (int)syscall(SYS_connect, fd, address, length);
}

EXPORTED ssize_t sendto(int fd, const void *bytes, size_t count, int flags,
			const struct sockaddr *address, socklen_t length)
{
	remember(address, length);
	return syscall(SYS_sendto, fd, bytes, count, flags, address, length);
}

EXPORTED ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	remember(message->msg_name, message->msg_namelen);
	return syscall(SYS_sendmsg, fd, message, flags);
}

EXPORTED int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	unsigned i;

	for (i = 0; i < count; i++)
		remember(messages[i].msg_hdr.msg_name, messages[i].msg_hdr.msg_namelen);
	return (int)syscall(SYS_sendmmsg, fd, messages, count, flags);
}

EXPORTED int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
			 struct addrinfo **out)
{
	int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
	if (!hints || !(hints->ai_flags & AI_NUMERICHOST))
		remember_name(name);
	if (leads_nowhere(name))
		return EAI_NONAME;
	return next ? next(name, service, hints, out) : EAI_SYSTEM;
}

EXPORTED struct hostent *gethostbyname(const char *name)
{
	struct hostent *(*next)(const char *);

	*(void **)&next = dlsym(RTLD_NEXT, "gethostbyname");
	remember_name(name);
	return next && !leads_nowhere(name) ? next(name) : NULL;
}

long places_send(int fd, const void *bytes, size_t count, const struct peer *to)
{
	return syscall(SYS_sendto, fd, bytes, count, MSG_NOSIGNAL, to ? &to->addr : NULL,
		       to ? to->len : 0);
}

/* ---- looking ------------------------------------------------------------------------------ */

static bool is_server(const struct bench *bench, uint32_t servers,
		      const struct sockaddr_storage *place)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)place;
	int i;

	for (i = 0; i < BENCH_SERVERS; i++)
		if (servers & (1u << i) && place->ss_family == AF_INET &&
		    ntohs(in->sin_port) == bench->servers[i].target.port &&
		    !memcmp(&in->sin_addr, bench->servers[i].target.address, 4))
			return true;
	return false;
}

const char *places_foreign(const struct bench *bench, uint32_t servers)
{
	char text[PEER_TEXT_MAX];
	struct peer peer;
	unsigned i;

	for (i = 0; i < places.count; i++) {
		if (is_server(bench, servers, &places.seen[i]))
			continue;
		peer.addr = places.seen[i];
		peer.len = peer.addr.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
							   : sizeof(struct sockaddr_in);
		snprintf(places.text, sizeof(places.text), "%s", peer_text(&peer, text));
		return places.text;
	}
	return NULL;
}

const char *places_asked(void)
{
	unsigned i;

	if (places.asked[0])
		return places.asked;
	for (i = 0; i < places.count; i++)
		if (port_of((const struct sockaddr *)&places.seen[i]) == DNS_PORT)
			return "a DNS server";
	return NULL;
}
