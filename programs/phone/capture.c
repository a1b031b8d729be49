/* SPDX-License-Identifier: MIT */
/* capture.c - holds packets for a turn of the loop, puts comments on them, writes them. */
#include "capture.h"

#include "capture_file.h"
#include "flows.h"
#include "pcapng.h"
#include "redact.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#define HELD_MOST 64u
#define COMMENTS_MOST 32u /* on one packet, and waiting for the next one */

struct comments {
	char *text[COMMENTS_MOST];
	unsigned count, lost;
};

struct held {
	STAILQ_ENTRY(held) link;
	struct failover_target peer;
	uint64_t at_us;
	uint32_t status; /* of a response */
	int incoming, is_named;
	struct comments comments;
	size_t count;
	unsigned char packet[];
};

struct capture {
	struct capture_params params;
	struct capture_file *file;
	struct flows flows;
	STAILQ_HEAD(, held) held; /* oldest first */
	unsigned held_count;
	struct held *named;	 /* the latest that an outcome named */
	struct comments waiting; /* for the next packet */
	struct pcapng block;
	unsigned lost; /* packets for want of memory */
	unsigned char *packet;
	char *message; /* without secrets */
};

/* ---- comments ----------------------------------------------------------------------------- */

static void comments_add(struct comments *comments, const char *text)
{
	char *copy = comments->count < COMMENTS_MOST ? strdup(text) : NULL;

	if (copy)
		comments->text[comments->count++] = copy;
	else
		comments->lost++;
}

static void comments_clear(struct comments *comments)
{
	for (unsigned i = 0; i < comments->count; i++)
		free(comments->text[i]);
	*comments = (struct comments){ .count = 0 };
}

/* Those that wait come first: they are older. */
static void comments_move(struct comments *to, struct comments *from)
{
	for (unsigned i = 0; i < from->count; i++)
		comments_add(to, from->text[i]);
	to->lost += from->lost;
	comments_clear(from);
}

/* ---- what comes in and goes out ----------------------------------------------------------- */

/* "SIP/2.0 200 OK" -> 200; 0 = no response */
static uint32_t status_of(const char *bytes, size_t count)
{
	static const char begin[] = "SIP/2.0 ";
	size_t at = sizeof(begin) - 1;

	if (count < at + 3 || memcmp(bytes, begin, at) != 0)
		return 0;
	return (uint32_t)((bytes[at] - '0') * 100 + (bytes[at + 1] - '0') * 10 + bytes[at + 2] -
			  '0');
}

static uint64_t system_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void packet_say(struct held *held, unsigned secrets)
{
	switch ((enum failover_transport)held->peer.transport) {
	case FAILOVER_UDP:
		break;
	case FAILOVER_TCP:
		comments_add(&held->comments,
			     "a message of a TCP connection, in a packet of its own");
		break;
	case FAILOVER_TLS:
		comments_add(
			&held->comments,
			"a message of a TLS connection, in clear text, in a packet of its own");
		break;
	}
	if (secrets)
		comments_add(&held->comments, "credentials are masked by x");
}

/* Both ends in the peer's family: a socket of IPv6 may serve IPv4. */
static struct failover_target end_of(const struct failover_trace_message *message)
{
	struct failover_target local = message->local;

	if (local.family != message->peer.family)
		local = (struct failover_target){ .family = message->peer.family,
						  .port = message->local.port };
	return local;
}

static struct held *hold(struct capture *capture, const struct failover_trace_message *message,
			 size_t length)
{
	struct held *held = length ? malloc(sizeof(*held) + length) : NULL;

	if (!held)
		return NULL;
	*held = (struct held){
		.peer = message->peer,
		.at_us = capture->params.now_us(),
		.status = message->way == FAILOVER_TRACE_IN
				  ? status_of(message->bytes, message->count)
				  : 0,
		.incoming = message->way == FAILOVER_TRACE_IN,
		.count = length,
	};
	memcpy(held->packet, capture->packet, length);
	STAILQ_INSERT_TAIL(&capture->held, held, link);
	capture->held_count++;
	return held;
}

void capture_message(struct capture *capture, const struct failover_trace_message *message)
{
	int incoming = message->way == FAILOVER_TRACE_IN;
	struct failover_target local = end_of(message);
	struct wire wire = {
		.from = incoming ? &message->peer : &local,
		.to = incoming ? &local : &message->peer,
		.bytes = capture->message,
		.count = message->count,
	};
	struct held *held = NULL;
	unsigned secrets;

	if (message->count > WIRE_MESSAGE_MAX) {
		capture->lost++;
		return;
	}
	if (capture->held_count >= HELD_MOST)
		capture_flush(capture);
	memcpy(capture->message, message->bytes, message->count);
	secrets = redact(capture->message, message->count);
	local.transport = message->peer.transport;
	if (message->peer.transport != FAILOVER_UDP)
		flows_next(&capture->flows, message, &wire.seq, &wire.ack);
	held = hold(capture, message, wire_packet(&wire, capture->packet));
	if (!held) {
		capture->lost++;
		return;
	}
	packet_say(held, secrets);
	if (!incoming)
		comments_move(&held->comments, &capture->waiting);
}

/* ---- decisions ---------------------------------------------------------------------------- */

void capture_cause(struct capture *capture, const char *text)
{
	comments_add(&capture->waiting, text);
}

static struct held *response_from(struct capture *capture, const struct failover_target *peer,
				  uint32_t status)
{
	struct held *held;

	STAILQ_FOREACH(held, &capture->held, link)
	{
		if (held->incoming && !held->is_named && held->status == status &&
		    !memcmp(held->peer.address, peer->address, sizeof(peer->address)) &&
		    held->peer.port == peer->port)
			return held;
	}
	return NULL;
}

static struct held *last_incoming(struct capture *capture)
{
	struct held *held, *last = NULL;

	STAILQ_FOREACH(held, &capture->held, link)
	{
		if (held->incoming)
			last = held;
	}
	return last;
}

void capture_outcome(struct capture *capture, const struct failover_target *peer, uint32_t status,
		     const char *text)
{
	struct held *held = status ? response_from(capture, peer, status) : NULL;

	if (held) {
		held->is_named = 1;
		capture->named = held;
	}
	if (!held)
		held = capture->named;
	if (!held)
		held = last_incoming(capture);
	comments_add(held ? &held->comments : &capture->waiting, text);
}

/* ---- writing ------------------------------------------------------------------------------ */

static void held_write(struct capture *capture, const struct held *held)
{
	const struct pcapng_packet packet = {
		.bytes = held->packet,
		.count = held->count,
		.at_us = held->at_us,
		.incoming = held->incoming,
		.comments = (const char *const *)held->comments.text,
		.comments_count = held->comments.count,
	};

	capture->block.used = 0;
	capture->block.failed = 0;
	pcapng_packet(&capture->block, &packet);
	if (capture->block.failed)
		capture->lost++;
	else
		capture_file_write(capture->file, capture->block.bytes, capture->block.used);
}

/* What is missing is told on the packet that follows. */
static void losses_say(struct capture *capture, struct held *held)
{
	unsigned lost = capture->lost + capture_file_lost(capture->file);
	char text[96];

	if (!lost && !held->comments.lost)
		return;
	snprintf(text, sizeof(text), "before this, %u packets and %u comments are missing here",
		 lost, held->comments.lost);
	capture->lost = 0;
	if (held->comments.count == COMMENTS_MOST)
		free(held->comments.text[--held->comments.count]);
	comments_add(&held->comments, text);
}

void capture_flush(struct capture *capture)
{
	struct held *held;

	while ((held = STAILQ_FIRST(&capture->held))) {
		STAILQ_REMOVE_HEAD(&capture->held, link);
		losses_say(capture, held);
		held_write(capture, held);
		comments_clear(&held->comments);
		free(held);
	}
	capture->held_count = 0;
	capture->named = NULL;
}

/* ---- life --------------------------------------------------------------------------------- */

struct capture *capture_open(const struct capture_params *params)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	if (!capture)
		return NULL;
	capture->params = *params;
	if (!params->now_us)
		capture->params.now_us = system_now_us;
	STAILQ_INIT(&capture->held);
	capture->packet = malloc(WIRE_PACKET_MAX);
	capture->message = malloc(WIRE_MESSAGE_MAX);
	if (capture->packet && capture->message)
		capture->file = capture_file_open(&capture->params);
	if (!capture->file) {
		capture_close(capture);
		return NULL;
	}
	return capture;
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	if (capture->file) {
		capture_flush(capture);
		capture->block.used = 0;
		capture->block.failed = 0;
		pcapng_end(&capture->block, capture->params.now_us(),
			   (const char *const *)capture->waiting.text, capture->waiting.count);
		if (!capture->block.failed)
			capture_file_write(capture->file, capture->block.bytes,
					   capture->block.used);
	}
	capture_file_close(capture->file);
	comments_clear(&capture->waiting);
	pcapng_free(&capture->block);
	free(capture->packet);
	free(capture->message);
	free(capture);
}
