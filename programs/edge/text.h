/* SPDX-License-Identifier: MIT */
/*
 * text.h - the four messages that go through the edge, with few bytes changed (ua/edits.h): a
 * request of a client goes up, its answers come down; a request of a peer goes down to a client,
 * its answers up.
 *
 * Each function writes the new message, with a zero behind it, and returns its length, or a
 * negative error: FAILOVER_ERR_FULL if it would be too long, or has more values than can be
 * changed.
 */
#ifndef EDGE_TEXT_H
#define EDGE_TEXT_H

#include "../../ua/message.h"
#include "../../ua/value.h"
#include "../../ua/writer.h"

#define EDGE_MESSAGE_MAX 16000u /* as long as the wire takes them */

/* How many hops it may go yet; 70 if it does not say (RFC 3261 16.3), 0 also if that cannot be
 * read.
 */
uint32_t edge_text_hops(const struct ua_raw *raw);
/* A Via as it is to be when the request has come from there: received, rport (RFC 3261 18.2.1, RFC
 * 3581). */
void edge_text_via(const char *via, const struct failover_target *from, struct ua_writer *out);

struct edge_text_out {
	char *text;
	size_t size;
};

/* A client's request: our Via in the place of its own, its Routes that name us gone, our Contact.
 */
struct edge_text_up {
	const char *via; /* value */
	uint32_t routes_gone;
	const char *contact; /* URI; NULL = as it is */
	uint32_t cseq_more;  /* its CSeq, and that of a RAck, are so much higher up there */
};

int edge_text_up(const struct ua_message *message, struct ua_part bytes,
		 const struct edge_text_up *how, struct edge_text_out out);
/* The same request, as it went up, once more. */
struct edge_text_again {
	const char *branch;
	uint32_t cseq_more;
	const char *lines; /* header lines that come */
};

int edge_text_again(const struct ua_message *message, struct ua_part bytes,
		    const struct edge_text_again *how, struct edge_text_out out);
/* Its answer: the Vias of the client, and where its next requests of this dialog go. */
struct edge_text_up_answer {
	const char *vias;	  /* header lines */
	const char *record_route; /* value; NULL = none */
	const char *contact;	  /* value; NULL = as it is */
	uint32_t cseq_less;	  /* its CSeq is so much lower down here */
	int over_stream;	  /* the client is reached over a connection */
};

int edge_text_up_answer(const struct ua_message *message, struct ua_part bytes,
			const struct edge_text_up_answer *how, struct edge_text_out out);

/* A peer's request: our Via on top, the client's URI. */
struct edge_text_down {
	const char *via; /* value */
	const char *uri; /* the new Request-URI */
	uint32_t routes_gone;
	const char *record_route; /* value; NULL = none */
	int over_stream;	  /* the client is reached over a connection */
};

int edge_text_down(const struct ua_message *message, struct ua_part bytes,
		   const struct edge_text_down *how, struct edge_text_out out);
/* The client's answer: without our Via and our Record-Routes, with our Contact. */
struct edge_text_down_answer {
	uint32_t record_routes_gone;
	const char *contact; /* URI; NULL = as it is */
};

int edge_text_down_answer(const struct ua_message *message, struct ua_part bytes,
			  const struct edge_text_down_answer *how, struct edge_text_out out);

#endif
