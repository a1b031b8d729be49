/* SPDX-License-Identifier: MIT */
/* dns_message.c - DNS messages for tests. */
#include "dns_message.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESPONSE 0x8180u /* QR, RD, RA */

void message_put(struct dns_message *message, uint32_t value, uint32_t bytes)
{
	while (bytes-- > 0 && message->length < MESSAGE_BYTES)
		message->bytes[message->length++] = (uint8_t)(value >> (8 * bytes));
}

static void put_bytes(struct dns_message *message, const void *bytes, size_t length)
{
	if (length > MESSAGE_BYTES - message->length)
		abort();
	memcpy(message->bytes + message->length, bytes, length);
	message->length += length;
}

void message_put_name(struct dns_message *message, const char *name)
{
	while (*name && strcmp(name, ".") != 0) {
		size_t length = strcspn(name, ".");

		message_put(message, (uint32_t)length, 1);
		put_bytes(message, name, length);
		name += length + (name[length] == '.');
	}
	message_put(message, 0, 1);
}

static void put_text(struct dns_message *message, const char *text)
{
	message_put(message, (uint32_t)strlen(text), 1);
	put_bytes(message, text, strlen(text));
}

void message_begin(struct dns_message *message, const char *name, uint16_t type, uint16_t rcode)
{
	message->length = 0;
	message_put(message, 0x1234, 2);
	message_put(message, RESPONSE | rcode, 2);
	message_put(message, 1, 2);
	message_put(message, 0, 4);
	message_put(message, 0, 2);
	message_put_name(message, name);
	message_put(message, type, 2);
	message_put(message, 1, 2);
}

uint16_t message_type(const char *text)
{
	static const struct {
		const char *text;
		uint16_t type;
	} types[] = { { "A", FO_TYPE_A },	  { "AAAA", FO_TYPE_AAAA },
		      { "CNAME", FO_TYPE_CNAME }, { "SRV", FO_TYPE_SRV },
		      { "NAPTR", FO_TYPE_NAPTR }, { "SOA", FO_TYPE_SOA } };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].text, text) == 0)
			return types[i].type;
	}
	abort();
}

static void put_srv(struct dns_message *message, const char *data)
{
	unsigned priority, weight, port;
	char target[256];

	if (sscanf(data, "%u %u %u %255s", &priority, &weight, &port, target) != 4)
		abort();
	message_put(message, priority, 2);
	message_put(message, weight, 2);
	message_put(message, port, 2);
	message_put_name(message, target);
}

static void put_naptr(struct dns_message *message, const char *data)
{
	unsigned order, preference;
	char flags[16], service[64], replacement[256];

	if (sscanf(data, "%u %u %15s %63s %255s", &order, &preference, flags, service,
		   replacement) != 5)
		abort();
	message_put(message, order, 2);
	message_put(message, preference, 2);
	put_text(message, flags);
	put_text(message, service);
	put_text(message, "");
	message_put_name(message, replacement);
}

static void put_address(struct dns_message *message, const char *text)
{
	uint8_t address[16];

	if (inet_pton(AF_INET, text, address) == 1)
		put_bytes(message, address, 4);
	else if (inet_pton(AF_INET6, text, address) == 1)
		put_bytes(message, address, 16);
	else
		abort();
}

static void put_soa(struct dns_message *message, const char *minimum)
{
	message_put_name(message, "ns.test");
	message_put_name(message, "hostmaster.test");
	for (int i = 0; i < 4; i++)
		message_put(message, 1, 4);
	message_put(message, (uint32_t)strtoul(minimum, NULL, 10), 4);
}

static void put_data(struct dns_message *message, uint16_t type, const char *data)
{
	switch (type) {
	case FO_TYPE_SRV:
		put_srv(message, data);
		return;
	case FO_TYPE_NAPTR:
		put_naptr(message, data);
		return;
	case FO_TYPE_CNAME:
		message_put_name(message, data);
		return;
	case FO_TYPE_SOA:
		put_soa(message, data);
		return;
	default:
		put_address(message, data);
	}
}

static void count_add(struct dns_message *message, enum dns_section section)
{
	if (++message->bytes[section + 1] == 0)
		message->bytes[section]++;
}

static void put_head(struct dns_message *message, const char *name, uint16_t type, uint32_t ttl_s)
{
	message_put_name(message, name);
	message_put(message, type, 2);
	message_put(message, 1, 2);
	message_put(message, ttl_s, 4);
	message_put(message, 0, 2);
}

void message_add(struct dns_message *message, enum dns_section section, const char *row)
{
	char name[256], type[16];
	unsigned ttl_s;
	int data_at;
	size_t start;

	if (sscanf(row, "%255s %u %15s %n", name, &ttl_s, type, &data_at) != 3)
		abort();
	put_head(message, name, message_type(type), ttl_s);
	start = message->length;
	put_data(message, message_type(type), row + data_at);
	message->bytes[start - 2] = (uint8_t)((message->length - start) >> 8);
	message->bytes[start - 1] = (uint8_t)(message->length - start);
	count_add(message, section);
}

void message_add_bytes(struct dns_message *message, const char *name, uint16_t type,
		       const void *data, uint16_t length)
{
	put_head(message, name, type, 60);
	message->bytes[message->length - 2] = (uint8_t)(length >> 8);
	message->bytes[message->length - 1] = (uint8_t)length;
	put_bytes(message, data, length);
	count_add(message, SECTION_ANSWER);
}
