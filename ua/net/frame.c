/* SPDX-License-Identifier: MIT */
/* frame.c - message boundaries by Content-Length, whatever the segments are. */
#define _GNU_SOURCE /* memmem */
#include <string.h>
#include <strings.h>
#include "frame.h"

void ua_frame_init(struct ua_frame *frame)
{
	frame->start = frame->end = frame->seen = frame->whole = 0;
	frame->begun = 0;
	frame->saved = '\0';
	frame->bytes[0] = '\0';
}

/* Take back the zero byte that ended the message handed out last. */
static void restore(struct ua_frame *frame)
{
	if (frame->saved)
		frame->bytes[frame->start] = frame->saved;
	frame->saved = '\0';
}

char *ua_frame_room(struct ua_frame *frame, size_t *room)
{
	restore(frame);
	if (frame->start) {
		memmove(frame->bytes, frame->bytes + frame->start, frame->end - frame->start);
		frame->end -= frame->start;
		frame->start = 0;
	}
	*room = UA_FRAME_MAX - frame->end;
	return frame->bytes + frame->end;
}

void ua_frame_add(struct ua_frame *frame, size_t count)
{
	frame->end += count;
}

/* Folds are blanks, too (RFC 3261 7.3.1). */
static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A decimal number of at most UA_FRAME_MAX up to the end of the line; -1 if it is none. */
static long number(const char *at, const char *end)
{
	long value = 0;

	while (at < end && is_blank(*at))
		at++;
	if (at == end)
		return -1;
	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		value = value * 10 + (*at - '0');
		if (value > (long)UA_FRAME_MAX)
			return -1;
	}
	while (at < end && is_blank(*at))
		at++;
	return at == end ? value : -1;
}

/* The value of this line if it is Content-Length; NULL if it is another header. */
static const char *content_length(const char *line, const char *end)
{
	const char *colon = memchr(line, ':', (size_t)(end - line)), *last = colon;

	if (!colon)
		return NULL;
	while (last > line && is_blank(last[-1]))
		last--;
	if (last - line == 1 && (*line == 'l' || *line == 'L'))
		return colon + 1;
	if (last - line == 14 && !strncasecmp(line, "Content-Length", 14))
		return colon + 1;
	return NULL;
}

/* The end of the line that starts here, with its folds. */
static const char *line_end(const char *at, const char *end)
{
	const char *found = at;

	while ((found = memmem(found, (size_t)(end - found), "\r\n", 2))) {
		if (found + 2 == end || (found[2] != ' ' && found[2] != '\t'))
			return found;
		found += 2;
	}
	return end;
}

/* The length of the body. A stream cannot do without it (RFC 3261 20.14), and two that differ mean
 * that somebody smuggles. -1 = not there, or bad. */
static long body_length(const char *head, const char *end)
{
	long found = -1, value;

	while (head < end) {
		const char *stop = line_end(head, end);
		const char *text = content_length(head, stop);

		head = stop + 2;
		if (!text)
			continue;
		value = number(text, stop);
		if (value < 0 || (found >= 0 && found != value))
			return -1;
		found = value;
	}
	return found;
}

/* May this be a start line, as far as it is there? It begins with a token, a method or "SIP", and
 * names SIP. Garbage is not waited for to its end. */
static int is_start(const char *from, size_t count, const char *end)
{
	size_t length = end ? (size_t)(end - from) : count, i;
	char c = *from;

	if (!((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	      (c && strchr("-.!%*_+`'~", c))))
		return 0;
	for (i = 0; end && i + 4 <= length; i++)
		if (!strncasecmp(from + i, "SIP/", 4))
			return 1;
	return !end;
}

/* Looked at until the start line is whole, however it is cut. */
static int starts_well(struct ua_frame *frame, const char *from, size_t count)
{
	const char *end;

	if (frame->begun)
		return 1;
	end = memchr(from, '\n', count);
	if (!is_start(from, count, end))
		return 0;
	frame->begun = end != NULL;
	return 1;
}

static enum ua_frame_kind take(struct ua_frame *frame, const char **message, size_t *length)
{
	if (frame->end - frame->start < frame->whole)
		return UA_FRAME_MORE;
	*message = frame->bytes + frame->start;
	*length = frame->whole;
	frame->start += frame->whole;
	frame->seen = frame->whole = 0;
	frame->begun = 0;
	if (frame->start < frame->end)
		frame->saved = frame->bytes[frame->start]; /* a zero needs no taking back */
	frame->bytes[frame->start] = '\0';
	return UA_FRAME_MESSAGE;
}

/* Find the end of the header, and with it the length of the message. */
static enum ua_frame_kind measure(struct ua_frame *frame, const char *from, size_t count)
{
	const char *end = memmem(from + frame->seen, count - frame->seen, "\r\n\r\n", 4);
	size_t head;
	long body;

	if (!end) {
		frame->seen = count > 3 ? count - 3 : 0;
		return count > UA_FRAME_HEAD_MAX ? UA_FRAME_BAD : UA_FRAME_MORE;
	}
	head = (size_t)(end - from) + 4;
	body = head > UA_FRAME_HEAD_MAX ? -1 : body_length(from, end);
	if (body < 0 || head + (size_t)body > UA_FRAME_MAX)
		return UA_FRAME_BAD;
	frame->whole = head + (size_t)body;
	return UA_FRAME_MESSAGE;
}

enum ua_frame_kind ua_frame_next(struct ua_frame *frame, const char **message, size_t *length)
{
	enum ua_frame_kind kind;
	const char *from;
	size_t count;

	restore(frame);
	from = frame->bytes + frame->start;
	count = frame->end - frame->start;
	if (frame->whole)
		return take(frame, message, length);
	if (count >= 2 && !memcmp(from, "\r\n", 2)) {
		frame->start += 2;
		return UA_FRAME_CRLF;
	}
	if (count == 0 || (count == 1 && *from == '\r'))
		return UA_FRAME_MORE;
	if (!starts_well(frame, from, count))
		return UA_FRAME_BAD;
	kind = measure(frame, from, count);
	return kind == UA_FRAME_MESSAGE ? take(frame, message, length) : kind;
}
