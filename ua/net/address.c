/* SPDX-License-Identifier: MIT */
/* address.c - conversions between targets, socket addresses and texts. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>
#include "../writer.h"
#include "address.h"

socklen_t ua_address_to_socket(const struct failover_target *target, struct sockaddr_storage *out)
{
	struct sockaddr_in *in = (struct sockaddr_in *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (target->family == 4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(target->port);
		memcpy(&in->sin_addr, target->address, sizeof(in->sin_addr));
		return sizeof(*in);
	}
	if (target->family != 6)
		return 0;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(target->port);
	in6->sin6_scope_id = target->scope_id;
	memcpy(&in6->sin6_addr, target->address, sizeof(in6->sin6_addr));
	return sizeof(*in6);
}

/* RFC 4291 2.5.5.2 */
static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

socklen_t ua_address_to_socket_6(const struct failover_target *target, struct sockaddr_storage *out)
{
	struct failover_target as_6 = *target;

	if (target->family == 4) {
		as_6.family = 6;
		memcpy(as_6.address, mapped, sizeof(mapped));
		memcpy(as_6.address + sizeof(mapped), target->address, 4);
	}
	return ua_address_to_socket(&as_6, out);
}

int ua_address_from_socket(const struct sockaddr_storage *from, struct failover_target *out)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)from;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;

	memset(out, 0, sizeof(*out));
	if (from->ss_family == AF_INET) {
		out->family = 4;
		out->port = ntohs(in->sin_port);
		memcpy(out->address, &in->sin_addr, sizeof(in->sin_addr));
		return FAILOVER_OK;
	}
	if (from->ss_family != AF_INET6)
		return FAILOVER_ERR_ARGUMENT;
	out->family = 6;
	out->port = ntohs(in6->sin6_port);
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		out->family = 4;
		memcpy(out->address, in6->sin6_addr.s6_addr + sizeof(mapped), 4);
		return FAILOVER_OK;
	}
	if (IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
		out->scope_id = in6->sin6_scope_id;
	memcpy(out->address, &in6->sin6_addr, sizeof(in6->sin6_addr));
	return FAILOVER_OK;
}

/* inet_ntop() goes by way of printf(). */
static void add_host(struct ua_writer *writer, const struct failover_target *target)
{
	const uint8_t *is = target->address;
	char number[INET6_ADDRSTRLEN];

	if (target->family != 6)
		ua_writer_add(writer, "%u.%u.%u.%u", (unsigned)is[0], (unsigned)is[1],
			      (unsigned)is[2], (unsigned)is[3]);
	else if (inet_ntop(AF_INET6, is, number, sizeof(number)))
		ua_writer_add(writer, "[%s]", number);
}

const char *ua_address_host(const struct failover_target *target, char out[UA_ADDRESS_TEXT])
{
	struct ua_writer writer;

	ua_writer_init(&writer, out, UA_ADDRESS_TEXT);
	add_host(&writer, target);
	return out;
}

const char *ua_address_text(const struct failover_target *target, char out[UA_ADDRESS_TEXT])
{
	struct ua_writer writer;

	ua_writer_init(&writer, out, UA_ADDRESS_TEXT);
	add_host(&writer, target);
	ua_writer_add(&writer, ":%u", (unsigned)target->port);
	return out;
}

int ua_address_is_any(const struct failover_target *target)
{
	static const uint8_t any[16];

	return memcmp(target->address, any, sizeof(any)) == 0;
}

int ua_address_same_host(const struct failover_target *a, const struct failover_target *b)
{
	return a->family == b->family && a->scope_id == b->scope_id &&
	       memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

int ua_address_same(const struct failover_target *a, const struct failover_target *b)
{
	return a->port == b->port && ua_address_same_host(a, b);
}

int ua_address_read(const char *text, struct failover_target *out)
{
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, out->address) == 1)
		out->family = 4;
	else if (inet_pton(AF_INET6, text, out->address) == 1)
		out->family = 6;
	return out->family ? FAILOVER_OK : FAILOVER_ERR_ARGUMENT;
}

int ua_address_family(const char *text)
{
	struct failover_target target;

	return ua_address_read(text, &target) ? 0 : target.family;
}

int ua_address_is_ours(const struct failover_target *address)
{
	struct failover_target any_port = *address;
	struct sockaddr_storage at;
	socklen_t length;
	int fd, is_gone;

	any_port.port = 0;
	length = ua_address_to_socket(&any_port, &at);
	fd = socket(at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0) /* not known */
		return 1;
	is_gone = bind(fd, (struct sockaddr *)&at, length) && errno == EADDRNOTAVAIL;
	close(fd);
	return !is_gone;
}

/* A connected UDP socket knows its own address; no packet is sent. */
int ua_address_route(const struct failover_target *target, struct failover_target *out)
{
	struct sockaddr_storage address;
	socklen_t length = ua_address_to_socket(target, &address);
	int fd = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = FAILOVER_ERR_IO;

	if (fd < 0)
		return error;
	if (!connect(fd, (struct sockaddr *)&address, length)) {
		length = sizeof(address);
		if (!getsockname(fd, (struct sockaddr *)&address, &length))
			error = ua_address_from_socket(&address, out);
	}
	close(fd);
	return error;
}
