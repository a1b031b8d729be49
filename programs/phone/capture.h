/* SPDX-License-Identifier: MIT */
/*
 * capture.h - the file of --pcap: what went over the wire, as packets of our own making in pcapng,
 * with decisions as comments, and without secrets.
 *
 * A packet is written when the turn of the loop ends in which it came or went, so that what it has
 * brought about can stand on it.
 */
#ifndef PHONE_CAPTURE_H
#define PHONE_CAPTURE_H

#include <failover/ext/trace.h>

#define CAPTURE_FILES_OLD 4u /* PATH.1, the youngest, to PATH.4 */

struct capture;

struct capture_params {
	const char *path;
	const char *program; /* who writes, for the file's first block */
	uint64_t file_bytes; /* a file that has so many is put aside, and a new one begun */
	/* Microseconds since 1970; NULL = the system's clock. */
	uint64_t (*now_us)(void);
	/* Something went wrong with the file: `error` is an errno. Told once. */
	void (*failed)(void *user, int error);
	void *user;
};

/* NULL = it cannot be written to, and errno says why. A file that is there is put aside. */
struct capture *capture_open(const struct capture_params *params);
void capture_message(struct capture *capture, const struct failover_trace_message *message);
/* A decision: it stands on the next packet that leaves, which it has caused. */
void capture_cause(struct capture *capture, const char *text);
/* An outcome: it stands on the packet of this turn that brought it: the response of this status
 * from there (0: the one named before, or the last), or else on the next packet. */
void capture_outcome(struct capture *capture, const struct failover_target *peer, uint32_t status,
		     const char *text);
/* The turn of the loop has ended: write. */
void capture_flush(struct capture *capture);
/* What no packet has taken stands in the file's last block. */
void capture_close(struct capture *capture);

#endif
