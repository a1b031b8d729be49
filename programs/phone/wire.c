/* SPDX-License-Identifier: MIT */
/* wire.c - makes IP packets. */
#include "wire.h"

#include <string.h>

#define IPV4_HEADER 20u
#define IPV6_HEADER 40u
#define UDP_HEADER 8u
#define TCP_HEADER 20u
#define PROTOCOL_TCP 6u
#define PROTOCOL_UDP 17u
#define TTL 64u
#define TCP_FLAGS 0x18u /* PSH, ACK */
#define TCP_WINDOW 65535u

static void put_16(unsigned char *at, unsigned number)
{
	at[0] = (unsigned char)(number >> 8);
	at[1] = (unsigned char)number;
}

static void put_32(unsigned char *at, uint32_t number)
{
	put_16(at, number >> 16);
	put_16(at + 2, number & 0xffff);
}

/* RFC 1071, not yet folded */
static uint64_t sum_of(const unsigned char *bytes, size_t count, uint64_t sum)
{
	for (; count > 1; bytes += 2, count -= 2)
		sum += (unsigned)bytes[0] << 8 | bytes[1];
	return count ? sum + ((unsigned)bytes[0] << 8) : sum;
}

static unsigned checksum_of(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (unsigned)~sum & 0xffff;
}

static void ipv4_put(const struct wire *wire, unsigned protocol, size_t length, unsigned char *at)
{
	at[0] = 0x45;
	put_16(at + 2, (unsigned)(IPV4_HEADER + length));
	put_16(at + 6, 0x4000); /* whole */
	at[8] = TTL;
	at[9] = (unsigned char)protocol;
	memcpy(at + 12, wire->from->address, 4);
	memcpy(at + 16, wire->to->address, 4);
	put_16(at + 10, checksum_of(sum_of(at, IPV4_HEADER, 0)));
}

static void ipv6_put(const struct wire *wire, unsigned protocol, size_t length, unsigned char *at)
{
	at[0] = 0x60;
	put_16(at + 4, (unsigned)length);
	at[6] = (unsigned char)protocol;
	at[7] = TTL;
	memcpy(at + 8, wire->from->address, 16);
	memcpy(at + 24, wire->to->address, 16);
}

static void udp_put(size_t length, unsigned char *at)
{
	put_16(at + 4, (unsigned)length);
}

static void tcp_put(const struct wire *wire, unsigned char *at)
{
	put_32(at + 4, wire->seq);
	put_32(at + 8, wire->ack);
	at[12] = TCP_HEADER / 4 << 4;
	at[13] = TCP_FLAGS;
	put_16(at + 14, TCP_WINDOW);
}

size_t wire_packet(const struct wire *wire, unsigned char *out)
{
	int is_ipv4 = wire->to->family == 4, is_udp = wire->to->transport == FAILOVER_UDP;
	size_t header = is_ipv4 ? IPV4_HEADER : IPV6_HEADER;
	size_t length = (is_udp ? UDP_HEADER : TCP_HEADER) + wire->count;
	unsigned protocol = is_udp ? PROTOCOL_UDP : PROTOCOL_TCP, checksum;
	unsigned char *body = out + header;
	size_t address = is_ipv4 ? 4 : 16;
	uint64_t sum = protocol + length;

	if (wire->count > WIRE_MESSAGE_MAX || wire->from->family != wire->to->family ||
	    (!is_ipv4 && wire->to->family != 6))
		return 0;
	memset(out, 0, header + length - wire->count);
	memcpy(body + length - wire->count, wire->bytes, wire->count);
	put_16(body, wire->from->port);
	put_16(body + 2, wire->to->port);
	if (is_ipv4)
		ipv4_put(wire, protocol, length, out);
	else
		ipv6_put(wire, protocol, length, out);
	if (is_udp)
		udp_put(length, body);
	else
		tcp_put(wire, body);
	/* Over the pseudo header, which has the addresses, the protocol and the length. */
	sum = sum_of(wire->from->address, address, sum);
	sum = sum_of(wire->to->address, address, sum);
	checksum = checksum_of(sum_of(body, length, sum));
	if (is_udp)
		put_16(body + 6, checksum ? checksum : 0xffff); /* RFC 768: 0 = there is none */
	else
		put_16(body + 16, checksum);
	return header + length;
}
