/* SPDX-License-Identifier: MIT */
/* stream_room.h - places for connections of peers: strangers cannot have them all. */
#ifndef UA_STREAM_ROOM_H
#define UA_STREAM_ROOM_H

#include "stream.h"

#define UA_STRANGERS_MAX (UA_STREAMS_INCOMING_MAX / 2)
#define UA_STRANGERS_OF_HOST_MAX 16u

/* Is there a place for one more from there? A stranger, who is no source of any line (accept_from =
 * any, or a network), takes that of the stranger who has been silent for longest. */
int ua_stream_has_room(struct ua_streams *streams, const struct failover_target *from);

#endif
