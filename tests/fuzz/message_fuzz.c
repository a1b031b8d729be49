/* SPDX-License-Identifier: MIT */
/*
 * message_fuzz.c - what the adapters change in a message (adapters/common). The first byte says
 * what, the second how much room there is; the rest is the message.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "adapters/common/failover_message.h"
#include "fuzz.h"

const char fuzz_target[] = "message";

#define PLACE "127.0.0.1:6000"
#define ROOM 8192u

struct message {
	char *bytes; /* exactly so many */
	size_t count;
};

static const struct failover_message_edit nothing, unmarks = { .unmark = 1 };

/* In a block of its own size: a byte too many is seen. */
static struct message edit(const struct failover_message_edit *how, const struct message *of)
{
	struct message out = { malloc(of->count + ROOM), 0 };
	int count = failover_message_edit(how, of->bytes, of->count, out.bytes, of->count + ROOM);

	fuzz_require(count >= 0, "there is room");
	out.count = (size_t)count;
	out.bytes = realloc(out.bytes, out.count + 1);
	return out;
}

static int is_same(const struct message *a, const struct message *b)
{
	return a->count == b->count && !memcmp(a->bytes, b->bytes, a->count);
}

/* Where the body begins, and the blank line before it. */
static size_t body_of(const struct message *of)
{
	size_t at = 0;
	const char *stop;

	do {
		stop = memchr(of->bytes + at, '\n', of->count - at);
		if (!stop)
			return of->count;
		at = (size_t)(stop - of->bytes) + 1;
	} while (at < of->count && of->bytes[at] != '\r' && of->bytes[at] != '\n');
	return at;
}

static int has_mark(const struct message *of)
{
	static const char mark[] = ";failover-peer=";
	size_t at, length = sizeof(mark) - 1;

	for (at = 0; at + length <= of->count; at++)
		if (!strncasecmp(of->bytes + at, mark, length))
			return 1;
	return 0;
}

/* A mark that is written is read, whatever marks a peer has put there; alone it goes without a
 * trace. */
static void check_mark(const struct message *of, const struct failover_target *peer)
{
	char mark[FAILOVER_MARK_MAX];
	const struct failover_message_edit marks = { .mark = mark };
	struct message marked, unmarked;
	struct failover_target read;

	failover_mark_write(peer, mark);
	marked = edit(&marks, of);
	unmarked = edit(&unmarks, &marked);
	if (!is_same(&marked, of)) {
		fuzz_require(!failover_mark_read(marked.bytes, marked.count, &read),
			     "a mark is read");
		fuzz_require(!memcmp(&read, peer, sizeof(read)), "it names who was marked");
	}
	if (!has_mark(of))
		fuzz_require(is_same(&unmarked, of), "a mark goes");
	free(unmarked.bytes);
	free(marked.bytes);
}

static void check_room(const struct failover_message_edit *how, const struct message *of,
		       size_t whole, size_t size)
{
	char *out = malloc(size + 1);
	int count = failover_message_edit(how, of->bytes, of->count, out, size);

	fuzz_require(size < whole ? count == FAILOVER_ERR_FULL : count == (int)whole,
		     "what has no room is refused");
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct fuzz_input input = { bytes, bytes + count };
	unsigned what = fuzz_byte(&input), room = fuzz_byte(&input);
	struct failover_target peer = { .family = 4, .transport = 1 + what % 3, .port = 5060 };
	const struct failover_message_edit how = {
		.contact_from = what & 1 ? PLACE : NULL,
		.contact_to = "192.0.2.7:5061",
		.contact_transport = what % 4,
		.sent_by = what & 2 ? "[2001:db8::7]:5060" : NULL,
		.near = what & 4,
		.unmark = what & 8,
		.routes_without = what & 16 ? PLACE : NULL,
		.record_route = what & 32 ? "<sip:d;lr>" : NULL,
	};
	struct message is, changed;
	size_t body, length;

	bytes = fuzz_bytes(&input, ROOM / 4, &length);
	is = (struct message){ fuzz_copy(bytes, length, 0), length };
	changed = edit(&nothing, &is);
	fuzz_require(is_same(&changed, &is), "what is not asked for stays");
	free(changed.bytes);
	check_mark(&is, &peer);
	changed = edit(&how, &is);
	body = is.count - body_of(&is);
	fuzz_require(changed.count >= body && !memcmp(changed.bytes + changed.count - body,
						      is.bytes + is.count - body, body),
		     "the body stays");
	check_room(&how, &is, changed.count, room % (changed.count + 2));
	(void)failover_message_is(is.bytes, is.count, "REGISTER");
	free(changed.bytes);
	free(is.bytes);
	return 0;
}
