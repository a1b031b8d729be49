/* SPDX-License-Identifier: MIT */
/* stream_room.c - see stream_room.h. */
#include "stream_io.h"
#include "stream_room.h"

/* Strangers, all or those of one host. */
struct strangers {
	uint32_t count;
	struct ua_stream *silent; /* for longest */
};

static int is_there(const struct ua_stream *stream)
{
	return stream->incoming && stream->state != UA_STREAM_LOST;
}

static struct strangers strangers_of(struct ua_streams *streams, const struct failover_target *host)
{
	struct strangers all = { 0, NULL };
	struct ua_stream *stream;

	for (stream = streams->first; stream; stream = stream->next) {
		if (!is_there(stream) || ua_is_source(streams->ua, &stream->peer) ||
		    (host && !ua_address_same_host(&stream->peer, host)))
			continue;
		all.count++;
		/* The list begins with the newest. */
		if (!all.silent || stream->heard_at <= all.silent->heard_at)
			all.silent = stream;
	}
	return all;
}

static void make_room(const struct strangers *strangers, uint32_t most)
{
	if (strangers->count >= most)
		ua_stream_lose(strangers->silent, FAILOVER_REASON_NONE);
}

/* Those that were just closed do not count: they go before anybody waits again. */
static uint32_t count_there(const struct ua_streams *streams)
{
	const struct ua_stream *stream;
	uint32_t count = 0;

	for (stream = streams->first; stream; stream = stream->next)
		count += is_there(stream) != 0;
	return count;
}

int ua_stream_has_room(struct ua_streams *streams, const struct failover_target *from)
{
	struct strangers strangers;

	if (ua_is_source(streams->ua, from))
		return count_there(streams) < UA_STREAMS_INCOMING_MAX;
	strangers = strangers_of(streams, from);
	make_room(&strangers, UA_STRANGERS_OF_HOST_MAX);
	strangers = strangers_of(streams, NULL);
	make_room(&strangers, UA_STRANGERS_MAX);
	return streams->incoming < UA_STREAMS_INCOMING_MAX;
}
