/* SPDX-License-Identifier: MIT */
/* text.c - what the parties of the simulation read of a message. They write long names and one
 * header a line, and the wire leaves that as it is. */
#include <stdlib.h>
#include "plans.h"

static void copy_until(const char *from, const char *end, char *out, size_t size)
{
	size_t length = strcspn(from, end);

	if (length >= size)
		length = size - 1;
	memcpy(out, from, length);
	out[length] = '\0';
}

void copy_line(const char *text, const char *name, char *out, size_t size)
{
	const char *line = strstr(text, name);

	out[0] = '\0';
	if (line) {
		copy_until(line + 2, "\r", out, size - 2);
		strcat(out, "\r\n");
	}
}

void copy_vias(const char *text, char *out, size_t size)
{
	struct head head;

	head_read(&head, text);
	snprintf(out, size, "Via: %s\r\n%s", head.via, head.below);
}

static void copy_tag(const char *value, const char *end, char *out, size_t size)
{
	const char *tag = strstr(value, ";tag=");

	out[0] = '\0';
	if (tag && tag < end)
		copy_until(tag + 5, ";\r", out, size);
}

/* "nonce=\"n1...": of server 1. */
static void read_nonce(struct head *head, const char *line, const char *end)
{
	const char *nonce = strstr(line, "nonce=\"n");

	if (nonce && nonce < end)
		head->nonce = (unsigned)strtoul(nonce + 8, NULL, 10);
}

static void read_via(struct head *head, const char *line, const char *end)
{
	const char *branch = strstr(line, "branch=");
	size_t used = strlen(head->below);

	if (head->vias++) {
		copy_until(line, "\r", head->below + used, sizeof(head->below) - used - 2);
		strcat(head->below, "\r\n");
		return;
	}
	copy_until(line + 5, "\r", head->via, sizeof(head->via));
	if (branch && branch < end)
		copy_until(branch + 7, ";\r", head->branch, sizeof(head->branch));
}

static void read_line(struct head *head, const char *line, const char *end)
{
	if (!strncmp(line, "Via: ", 5)) {
		read_via(head, line, end);
	} else if (!strncmp(line, "Call-ID: ", 9)) {
		copy_until(line + 9, "\r", head->call_id, sizeof(head->call_id));
	} else if (!strncmp(line, "From: ", 6)) {
		copy_tag(line, end, head->from_tag, sizeof(head->from_tag));
	} else if (!strncmp(line, "To: ", 4)) {
		copy_tag(line, end, head->to_tag, sizeof(head->to_tag));
	} else if (!strncmp(line, "CSeq: ", 6)) {
		const char *method = strchr(line + 6, ' ');

		head->cseq = (uint32_t)strtoul(line + 6, NULL, 10);
		if (method)
			copy_until(method + 1, "\r", head->method, sizeof(head->method));
	} else if (!strncmp(line, "Contact: <", 10)) {
		copy_until(line + 10, ">", head->contact, sizeof(head->contact));
	} else if (!strncmp(line, "Record-Route: ", 14)) {
		copy_until(line + 14, "\r", head->route, sizeof(head->route));
	} else if (strstr(line, "Auth") == line || strstr(line, "Proxy-Auth") == line ||
		   !strncmp(line, "WWW-Auth", 8)) {
		head->has_credentials = 1;
		read_nonce(head, line, end);
	}
}

void head_read(struct head *head, const char *text)
{
	const char *line = text, *end;

	memset(head, 0, sizeof(*head));
	if (!strncmp(text, "SIP/2.0 ", 8))
		head->status = (uint32_t)strtoul(text + 8, NULL, 10);
	while ((end = strstr(line, "\r\n")) && end != line) {
		read_line(head, line, end);
		line = end + 2;
	}
	if (!head->status)
		copy_until(text, " ", head->method, sizeof(head->method));
}

uint32_t line_of_user(const char *text, const char *before)
{
	const char *user = strstr(text, before);

	user = user ? strstr(user, "sip:10") : NULL;
	return user && user[6] >= '0' && user[6] < '0' + (char)LINES && user[7] == '1'
		       ? (uint32_t)(user[6] - '0')
		       : LINES;
}
