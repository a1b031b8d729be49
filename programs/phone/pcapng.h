/* SPDX-License-Identifier: MIT */
/* pcapng.h - the blocks of a pcapng file (draft-ietf-opsawg-pcapng), as bytes, little-endian on
 * every machine. */
#ifndef PHONE_PCAPNG_H
#define PHONE_PCAPNG_H

#include <stddef.h>
#include <stdint.h>

#define PCAPNG_COMMENT_MAX 1024u /* bytes; a longer one is cut */

/* Where blocks are put; zero at first. */
struct pcapng {
	unsigned char *bytes;
	size_t used, room;
	int failed; /* there was no memory: nothing more is added */
};

struct pcapng_packet {
	const unsigned char *bytes; /* from the IP header on: LINKTYPE_RAW */
	size_t count;
	uint64_t at_us; /* since 1970 */
	int incoming;
	const char *const *comments;
	size_t comments_count;
};

/* What a file begins with: its section and its one interface. */
void pcapng_begin(struct pcapng *out, const char *program, const char *comment);
void pcapng_packet(struct pcapng *out, const struct pcapng_packet *packet);
/* What a file may end with: comments on all of it. */
void pcapng_end(struct pcapng *out, uint64_t at_us, const char *const *comments, size_t count);
void pcapng_free(struct pcapng *out);

#endif
