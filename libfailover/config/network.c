/* SPDX-License-Identifier: MIT */
/* Addresses and networks of accept_from: "192.0.2.7", "2001:db8::/32". */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "value.h"

#define BITS_IPV4 32u
#define BITS_IPV6 128u
#define BITS_MAPPED 96u /* RFC 4291 2.5.5.2: ::ffff:0:0/96 */

/* Decimal without leading zeros, at most `most`. */
static bool read_prefix(const char *text, uint32_t most, uint8_t *prefix)
{
	uint32_t number = 0;
	size_t length = strspn(text, "0123456789");

	if (length == 0 || length > 3 || text[length] || (length > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < length; i++)
		number = number * 10 + (uint32_t)(text[i] - '0');
	*prefix = (uint8_t)number;
	return number <= most;
}

static bool read_address(const char *text, size_t length, struct failover_network *network)
{
	char address[INET6_ADDRSTRLEN];

	if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
		text++;
		length -= 2;
	}
	if (length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	network->family = 4;
	if (inet_pton(AF_INET, address, network->address) == 1)
		return true;
	network->family = 6;
	return inet_pton(AF_INET6, address, network->address) == 1;
}

/* Where the kernel gives IPv4 in an IPv6 socket, it is IPv4 all the same. */
static void unmap(struct failover_network *network)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (network->family != 6 || network->prefix < BITS_MAPPED ||
	    memcmp(network->address, mapped, sizeof(mapped)) != 0)
		return;
	memmove(network->address, network->address + sizeof(mapped), 4);
	memset(network->address + 4, 0, 12);
	network->family = 4;
	network->prefix = (uint8_t)(network->prefix - BITS_MAPPED);
}

static bool is_zero_after(const struct failover_network *network)
{
	for (uint32_t bit = network->prefix; bit < BITS_IPV6; bit++) {
		if (network->address[bit / 8] >> (7 - bit % 8) & 1)
			return false;
	}
	return true;
}

bool fo_network_read(const char *text, struct failover_network *network)
{
	size_t length = strcspn(text, "/");
	uint32_t most;

	memset(network, 0, sizeof(*network));
	if (!read_address(text, length, network))
		return false;
	most = network->family == 4 ? BITS_IPV4 : BITS_IPV6;
	network->prefix = (uint8_t)most;
	if (text[length] == '/' && !read_prefix(text + length + 1, most, &network->prefix))
		return false;
	unmap(network);
	return is_zero_after(network);
}

const char *fo_network_text(const struct failover_network *network, char *buffer, size_t size)
{
	bool ipv4 = network->family == 4;
	char address[INET6_ADDRSTRLEN];

	inet_ntop(ipv4 ? AF_INET : AF_INET6, network->address, address, sizeof(address));
	if (network->prefix == (ipv4 ? BITS_IPV4 : BITS_IPV6))
		snprintf(buffer, size, "%s", address);
	else
		snprintf(buffer, size, "%s/%u", address, network->prefix);
	return buffer;
}
