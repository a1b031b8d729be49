/* SPDX-License-Identifier: MIT */
/* response.c - responses copy the headers of their request; libre's own functions for that are
 * bound to its transactions. */
#include <string.h>
#include "message.h"
#include "response.h"

static const char *phrase(uint32_t status)
{
	static const struct {
		uint32_t status;
		const char *phrase;
	} rows[] = {
		{ 100, "Trying" },
		{ 180, "Ringing" },
		{ 200, "OK" },
		{ 400, "Bad Request" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 415, "Unsupported Media Type" },
		{ 420, "Bad Extension" },
		{ 480, "Temporarily Unavailable" },
		{ 481, "Call/Transaction Does Not Exist" },
		{ 482, "Loop Detected" },
		{ 486, "Busy Here" },
		{ 487, "Request Terminated" },
		{ 488, "Not Acceptable Here" },
		{ 491, "Request Pending" },
		{ 500, "Server Internal Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 603, "Decline" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return rows[i].phrase;
	return "Answer";
}

struct copy {
	struct mbuf *to;
	uint32_t vias;
	int error;
};

/* RFC 3261 18.2.1, RFC 3581 4: where the request came from, into its topmost Via. */
static int mark_source(struct mbuf *to, const struct pl *value, const struct sip_msg *request)
{
	struct pl rport;
	const char *end = value->p + value->l;
	int error;

	if (msg_param_exists(&request->via.params, "rport", &rport) ||
	    (rport.p + rport.l < end && rport.p[rport.l] == '='))
		return mbuf_printf(to, "Via: %r;received=%j\r\n", value, &request->src);
	error = mbuf_write_str(to, "Via: ");
	error |= mbuf_write_pl_skip(to, value, &rport);
	error |=
		mbuf_printf(to, ";rport=%u;received=%j\r\n", sa_port(&request->src), &request->src);
	return error;
}

static bool copy_via(const struct sip_hdr *header, const struct sip_msg *request, void *arg)
{
	struct copy *copy = arg;

	if (!copy->vias++)
		copy->error |= mark_source(copy->to, &header->val, request);
	else
		copy->error |= mbuf_printf(copy->to, "Via: %r\r\n", &header->val);
	return false;
}

static bool copy_route(const struct sip_hdr *header, const struct sip_msg *request, void *arg)
{
	struct copy *copy = arg;

	(void)request;
	if (!pl_strcasecmp(&header->name, "Record-Route"))
		copy->error |= mbuf_printf(copy->to, "Record-Route: %r\r\n", &header->val);
	return false;
}

/* RFC 3261 8.2.6.2; Record-Route is for those that make a dialog (12.1.1). */
static int copy_headers(struct mbuf *to, const struct sip_msg *request,
			const struct fo_reply *reply)
{
	struct copy copy = { .to = to };

	(void)sip_msg_hdr_apply(request, true, SIP_HDR_VIA, copy_via, &copy);
	if (fo_re_message_is(request, "INVITE") && reply->status > 100 && reply->status < 300)
		(void)sip_msg_hdr_apply(request, true, SIP_HDR_RECORD_ROUTE, copy_route, &copy);
	copy.error |= mbuf_printf(to, "From: %r\r\nTo: %r", &request->from.val, &request->to.val);
	if (reply->status > 100 && reply->tag && !pl_isset(&request->to.tag))
		copy.error |= mbuf_printf(to, ";tag=%s", reply->tag);
	copy.error |= mbuf_printf(to, "\r\nCall-ID: %r\r\nCSeq: %u %r\r\n", &request->callid,
				  request->cseq.num, &request->cseq.met);
	return copy.error;
}

struct mbuf *fo_re_response_text(struct fo_re *ua, const struct sip_msg *request,
				 const struct fo_reply *reply)
{
	char lines[FO_MESSAGE_MAX];
	int length = fo_reply_lines(reply, lines, sizeof(lines));
	struct mbuf *text = mbuf_alloc(1024);
	int error;

	if (length < 0 || !text)
		return mem_deref(text);
	error = mbuf_printf(text, "SIP/2.0 %u %s\r\n", reply->status, phrase(reply->status));
	error |= copy_headers(text, request, reply);
	error |= mbuf_printf(text, "User-Agent: %s\r\n", ua->base.user_agent);
	error |= mbuf_write_mem(text, (const uint8_t *)lines, (size_t)length);
	error |= mbuf_printf(text, "Content-Length: %zu\r\n\r\n",
			     reply->body ? strlen(reply->body) : 0);
	if (reply->body)
		error |= mbuf_write_str(text, reply->body);
	text->pos = 0;
	return error ? mem_deref(text) : text;
}

struct mbuf *fo_re_buffer(const char *bytes, size_t count)
{
	struct mbuf *buffer = mbuf_alloc(count + 1);

	if (!buffer)
		return NULL;
	memcpy(buffer->buf, bytes, count);
	buffer->buf[count] = 0;
	buffer->end = count;
	return buffer;
}
