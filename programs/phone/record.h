/* SPDX-License-Identifier: MIT */
/* record.h - what is recorded beside the events: packets with decisions on them (--pcap), and
 * the same as a picture (--ladder). */
#ifndef PHONE_RECORD_H
#define PHONE_RECORD_H

#include "json.h"
#include "loop.h"
#include "options.h"

#include <failover/ext/trace.h>

struct phone_record; /* NULL = nothing is recorded */

/* Returns 0, or -1 when what the options ask for cannot be had; that has been said. The options
 * and the loop stay where they are; its time starts now. */
int phone_record_open(const struct phone_options *options, const struct phone_loop *loop,
		      struct phone_record **record);
void phone_record_close(struct phone_record *record);
/* For the plugin, or NULL. */
const struct failover_ext_trace *phone_record_trace(const struct phone_record *record);
/* The turn of the loop has ended. */
void phone_record_turn(struct phone_record *record);

/* As in report.h; t_ms is the time since start. */
void phone_record_event(struct phone_record *record, uint64_t t_ms, uint32_t line,
			const char *where, const struct failover_event *event);
/* Of a line, or of the whole device (line 0). */
void phone_record_say(struct phone_record *record, uint64_t t_ms, uint32_t line, const char *name,
		      const char *sentence);

#endif
