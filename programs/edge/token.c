/* SPDX-License-Identifier: MIT */
/* token.c - see token.h. */
#include <stdio.h>
#include <string.h>
#include "../../ua/writer.h"
#include "token.h"

#define HEAD 12u /* transport, family, port, line, scope */
#define MAC 8u
#define BYTES_MAX (HEAD + 16u + EDGE_URI_MAX + MAC)
#define COOKIE "z9hG4bK"
#define CHANGED "0000000000000000" /* by the wire, for each leg */
#define MARK "fo"

/* ---- tokens ------------------------------------------------------------------------------- */

static size_t address_size(uint8_t family)
{
	return family == 6 ? 16 : 4;
}

static void put(uint8_t *at, uint64_t number, size_t bytes)
{
	while (bytes--) {
		at[bytes] = (uint8_t)number;
		number >>= 8;
	}
}

static uint64_t get(const uint8_t *at, size_t bytes)
{
	uint64_t number = 0;

	while (bytes--)
		number = number << 8 | *at++;
	return number;
}

int edge_token_write(const struct ua_map *key, const struct edge_token *token, char *out,
		     size_t size)
{
	uint8_t bytes[BYTES_MAX];
	size_t length = HEAD, uri = strlen(token->uri), i;
	struct ua_writer writer;

	bytes[0] = token->at.transport;
	bytes[1] = token->at.family;
	put(bytes + 2, token->at.port, 2);
	put(bytes + 4, token->line, 4);
	put(bytes + 8, token->at.scope_id, 4);
	memcpy(bytes + length, token->at.address, address_size(token->at.family));
	length += address_size(token->at.family);
	memcpy(bytes + length, token->uri, uri);
	length += uri;
	put(bytes + length, ua_map_hash(key, bytes, length), MAC);
	length += MAC;
	ua_writer_init(&writer, out, size);
	for (i = 0; i < length; i++)
		ua_writer_add(&writer, "%02x", bytes[i]);
	return ua_writer_error(&writer);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20; /* a URI's parameters may come back in other letters */
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Returns how many bytes, 0 = that is none. */
static size_t read_bytes(struct ua_part text, uint8_t out[BYTES_MAX])
{
	size_t i;

	if (!text.text || text.length % 2 || text.length / 2 > BYTES_MAX)
		return 0;
	for (i = 0; i < text.length; i += 2) {
		int high = digit(text.text[i]), low = digit(text.text[i + 1]);

		if (high < 0 || low < 0)
			return 0;
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	return text.length / 2;
}

int edge_token_read(const struct ua_map *key, struct ua_part text, struct edge_token *out)
{
	uint8_t bytes[BYTES_MAX];
	size_t length = read_bytes(text, bytes), head;

	memset(out, 0, sizeof(*out));
	if (length < HEAD + 4 + MAC || (bytes[1] != 4 && bytes[1] != 6))
		return FAILOVER_ERR_ARGUMENT;
	length -= MAC;
	head = HEAD + address_size(bytes[1]);
	if (length < head || length - head >= EDGE_URI_MAX ||
	    get(bytes + length, MAC) != ua_map_hash(key, bytes, length))
		return FAILOVER_ERR_ARGUMENT;
	out->at.transport = bytes[0];
	out->at.family = bytes[1];
	out->at.port = (uint16_t)get(bytes + 2, 2);
	out->line = (uint32_t)get(bytes + 4, 4);
	out->at.scope_id = (uint32_t)get(bytes + 8, 4);
	memcpy(out->at.address, bytes + HEAD, head - HEAD);
	memcpy(out->uri, bytes + head, length - head);
	return FAILOVER_OK;
}

/* ---- branches ----------------------------------------------------------------------------- */

void edge_branch_write(uint64_t id, uint32_t loop, char out[EDGE_BRANCH_MAX])
{
	snprintf(out, EDGE_BRANCH_MAX, COOKIE CHANGED MARK "%016llx%08x", (unsigned long long)id,
		 (unsigned)loop);
}

int edge_branch_read(struct ua_part branch, uint64_t *id, uint32_t *loop)
{
	const size_t before = strlen(COOKIE CHANGED MARK), digits = 24;
	uint8_t bytes[BYTES_MAX];

	if (!branch.text || branch.length != before + digits ||
	    strncmp(branch.text, COOKIE, strlen(COOKIE)) != 0 ||
	    strncmp(branch.text + strlen(COOKIE CHANGED), MARK, strlen(MARK)) != 0 ||
	    !read_bytes((struct ua_part){ branch.text + before, digits }, bytes))
		return FAILOVER_ERR_ARGUMENT;
	*id = get(bytes, 8);
	*loop = (uint32_t)get(bytes + 8, 4);
	return FAILOVER_OK;
}
