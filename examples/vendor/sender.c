/* SPDX-License-Identifier: MIT */
/* sender.c - the three hooks, the socket, and requests of the other side. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "sender.h"

#define PACKETS_AT_ONCE 64

/* ---- small things ------------------------------------------------------------------------- */

uint32_t sender_hash(const char *text)
{
	uint32_t hash = 2166136261u;

	while (*text)
		hash = (hash ^ (unsigned char)*text++) * 16777619u;
	return hash;
}

int sender_token(const struct sender *sender, const char *prefix, char out[SIP_VALUE])
{
	unsigned char bytes[16];
	int error = sender->host->random(sender->host->ctx, bytes, sizeof(bytes));
	int length = snprintf(out, SIP_VALUE, "%s", prefix);
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		length += snprintf(out + length, SIP_VALUE - (size_t)length, "%02x", bytes[i]);
	return error;
}

/* ---- socket ------------------------------------------------------------------------------- */

static struct sockaddr_in socket_address(const struct failover_target *target)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(target->port) };

	memcpy(&address.sin_addr, target->address, 4);
	return address;
}

static struct failover_target target_of(const struct sockaddr_in *address)
{
	struct failover_target target = { .family = 4, .port = ntohs(address->sin_port) };

	memcpy(target.address, &address->sin_addr, 4);
	return target;
}

/* Asks the routing table: connecting a UDP socket sends nothing. */
int sender_local(const struct sender *sender, const struct failover_target *target,
		 char out[SIP_VALUE])
{
	struct sockaddr_in address = socket_address(target);
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = FAILOVER_ERR_IO;
	char ip[INET_ADDRSTRLEN];

	if (fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address)) &&
	    !getsockname(fd, (struct sockaddr *)&address, &size) &&
	    inet_ntop(AF_INET, &address.sin_addr, ip, sizeof(ip))) {
		snprintf(out, SIP_VALUE, "%s:%u", ip, (unsigned)sender->port);
		error = FAILOVER_OK;
	}
	if (fd >= 0)
		close(fd);
	return error;
}

/* The kernel tells the ICMP error of an earlier packet, to whomever it went, on the next sendto;
 * that one is then sent again. A full buffer is a lost packet: retransmission is for that. */
int sender_write(const struct sender *sender, const struct failover_target *target,
		 const char *text, size_t length)
{
	struct sockaddr_in address = socket_address(target);
	int tries;

	for (tries = 0; tries < 4; tries++)
		if (sendto(sender->fd, text, length, 0, (struct sockaddr *)&address,
			   sizeof(address)) >= 0)
			return FAILOVER_OK;
	return errno == EAGAIN || errno == ENOBUFS ? FAILOVER_OK : FAILOVER_ERR_IO;
}

/* The beginning of the kernel's struct sock_extended_err, for a libc that does not have it. Its
 * error number is the machine's own, which an emulator may hand through as it is; type and code are
 * those of the packet. */
struct queued_error {
	uint32_t error;
	uint8_t origin, type, code, pad;
};

enum { ORIGIN_LOCAL = 1, ORIGIN_ICMP = 2 };

/* RFC 3261 18.4. A packet too big for the path says nothing of the server. */
static int says_unreachable(struct msghdr *message)
{
	struct cmsghdr *part = CMSG_FIRSTHDR(message);
	struct queued_error error = { .origin = 0 };

	for (; part; part = CMSG_NXTHDR(message, part))
		if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR)
			memcpy(&error, CMSG_DATA(part), sizeof(error));
	if (error.origin == ORIGIN_LOCAL)
		return error.error != EMSGSIZE;
	return error.origin == ORIGIN_ICMP && error.type == ICMP_DEST_UNREACH &&
	       error.code != ICMP_FRAG_NEEDED;
}

/* With IP_RECVERR the kernel keeps ICMP errors, with the address that the packet was for (B4). */
static void read_errors(struct sender *sender)
{
	struct sockaddr_in address;
	struct failover_target target;
	char control[512];
	int i;

	for (i = 0; i < PACKETS_AT_ONCE; i++) {
		struct msghdr message = { .msg_name = &address,
					  .msg_namelen = sizeof(address),
					  .msg_control = control,
					  .msg_controllen = sizeof(control) };

		if (recvmsg(sender->fd, &message, MSG_ERRQUEUE) < 0)
			return;
		if (!says_unreachable(&message))
			continue;
		target = target_of(&address);
		transaction_unreachable(sender, &target);
	}
}

static int open_socket(struct sender *sender, const struct failover_target *listen)
{
	struct sockaddr_in address = socket_address(listen);
	socklen_t size = sizeof(address);
	int on = 1;

	sender->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (sender->fd < 0)
		return FAILOVER_ERR_IO;
	if (setsockopt(sender->fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)) ||
	    bind(sender->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    getsockname(sender->fd, (struct sockaddr *)&address, &size)) {
		close(sender->fd);
		return FAILOVER_ERR_IO;
	}
	sender->port = ntohs(address.sin_port);
	return FAILOVER_OK;
}

/* ---- calls -------------------------------------------------------------------------------- */

struct call *sender_call_find(struct sender *sender, uint64_t number)
{
	struct call *call = sender->calls;

	for (; number && call < sender->calls + SENDER_CALLS; call++)
		if (call->number == number)
			return call;
	return NULL;
}

uint64_t sender_call(struct sender *sender, const char *user)
{
	const struct sender_account *account = &sender->account;
	struct call *call = sender->calls;
	struct sip_request *invite;
	char tag[SIP_VALUE];

	while (call->number)
		if (++call == sender->calls + SENDER_CALLS)
			return 0;
	memset(call, 0, sizeof(*call));
	invite = &call->request;
	if (!user[0] || strlen(user) >= 64 || user[strcspn(user, " \t\r\n\"<>@;,?%")] ||
	    sender_token(sender, "", tag) || sender_token(sender, "", invite->call_id))
		return 0;
	invite->method = "INVITE";
	invite->cseq = 1;
	snprintf(invite->uri, sizeof(invite->uri), "sip:%s@%s", user, account->domain);
	snprintf(invite->to, sizeof(invite->to), "<sip:%s@%s>", user, account->domain);
	snprintf(invite->from, sizeof(invite->from), "<sip:%s@%s>;tag=%.40s", account->user,
		 account->domain, tag);
	call->number = ++sender->calls_made;
	return call->number;
}

/* ---- requests of the other side ------------------------------------------------------------- */

/* In a call that is up, the peer's From is our To and the other way round: compare the tags. */
static struct call *dialog_of(struct sender *sender, const struct sip_message *request)
{
	char tags[4][SIP_VALUE];
	struct call *call = sender->calls;

	if (!sip_param(request->from, "tag", tags[0], SIP_VALUE) ||
	    !sip_param(request->to, "tag", tags[1], SIP_VALUE))
		return NULL;
	for (; call < sender->calls + SENDER_CALLS; call++)
		if (call->number && call->up && !strcmp(call->request.call_id, request->call_id) &&
		    sip_param(call->request.to, "tag", tags[2], SIP_VALUE) &&
		    sip_param(call->request.from, "tag", tags[3], SIP_VALUE) &&
		    !strcmp(tags[0], tags[2]) && !strcmp(tags[1], tags[3]))
			return call;
	return NULL;
}

/* This phone makes calls and takes none. */
static uint32_t status_for(const struct sip_message *request, const struct call *call,
			   int in_dialog)
{
	if (!strcmp(request->method, "OPTIONS"))
		return 200;
	if (in_dialog || !strcmp(request->method, "CANCEL")) {
		if (!call)
			return 481;
		return strcmp(request->method, "BYE") ? 488 : 200;
	}
	if (!strcmp(request->method, "BYE"))
		return 481;
	return strcmp(request->method, "INVITE") ? 501 : 486;
}

/* Without a server transaction (RFC 3261 8.2.7): the same request has the same answer, the tag is
 * made of its branch. Of strangers nothing is taken. */
static void answer(struct sender *sender, const struct sip_message *request,
		   const struct failover_target *from)
{
	struct call *call = dialog_of(sender, request);
	char tag[SIP_VALUE], ip[INET_ADDRSTRLEN], text[SIP_TEXT];
	int in_dialog = sip_param(request->to, "tag", tag, sizeof(tag)), length;
	uint64_t number = call ? call->number : 0;

	if (!strcmp(request->method, "ACK"))
		return;
	snprintf(tag, sizeof(tag), "%08x", (unsigned)sender_hash(request->branch));
	inet_ntop(AF_INET, from->address, ip, sizeof(ip));
	length = sip_response_text(request, status_for(request, call, in_dialog),
				   in_dialog ? "" : tag, ip, from->port, text, sizeof(text));
	if (length > 0)
		(void)sender_write(sender, from, text, (size_t)length);
	if (!call || strcmp(request->method, "BYE"))
		return;
	memset(call, 0, sizeof(*call));
	if (sender->app)
		sender->app->ended(sender->app->app, number);
}

static int is_ours(const struct sender *sender, const struct failover_target *from)
{
	const struct failover_target *targets = sender->account.targets;
	size_t i;

	for (i = 0; i < SENDER_TARGETS; i++)
		if (targets[i].port == from->port && !memcmp(targets[i].address, from->address, 4))
			return 1;
	return 0;
}

static void read_packets(struct sender *sender)
{
	struct sockaddr_in address;
	struct sip_message message;
	struct failover_target from;
	char packet[SIP_TEXT];
	int i;

	for (i = 0; i < PACKETS_AT_ONCE; i++) {
		socklen_t size = sizeof(address);
		ssize_t length = recvfrom(sender->fd, packet, sizeof(packet), 0,
					  (struct sockaddr *)&address, &size);

		if (length < 0 && errno == EAGAIN)
			return;
		if (length <= 0 || sip_read(&message, packet, (size_t)length))
			continue;
		from = target_of(&address);
		if (message.status) {
			transaction_response(sender, &message);
		} else if (is_ours(sender, &from)) {
			sender->host->heard(sender->host->ctx, sender->account.line, &from);
			answer(sender, &message, &from);
		}
	}
}

/* ---- for the phone's loop ------------------------------------------------------------------- */

void sender_account_set(struct sender *sender, const struct sender_account *account)
{
	sender->account = *account;
}

int sender_fd(const struct sender *sender)
{
	return sender->fd;
}

uint64_t sender_deadline(const struct sender *sender)
{
	const struct transaction *at = sender->transactions;
	uint64_t next = SENDER_NEVER;

	for (; at < sender->transactions + SENDER_TRANSACTIONS; at++) {
		if (at->request.method && at->again_at < next)
			next = at->again_at;
		if (at->request.method && at->end_at < next)
			next = at->end_at;
	}
	return next;
}

void sender_process(struct sender *sender)
{
	read_errors(sender);
	read_packets(sender);
	transaction_timers(sender);
}

/* ---- the plugin --------------------------------------------------------------------------- */

static int sender_open(const struct failover_host *host, const struct failover_open_params *params,
		       void **inst)
{
	struct sender *sender = calloc(1, sizeof(*sender));

	if (!sender)
		return FAILOVER_ERR_MEMORY;
	sender->host = host;
	if (FAILOVER_OPEN_HAS(params, user)) /* of a host that knows it; of `host` all is there */
		sender->app = params->user;
	if (open_socket(sender, &params->listen)) {
		free(sender);
		return FAILOVER_ERR_IO;
	}
	*inst = sender;
	return FAILOVER_OK;
}

static void sender_close(void *inst)
{
	struct sender *sender = inst;

	close(sender->fd);
	free(sender);
}

/* Hook 1: this request, at exactly this target. ERR_IO says that no way leads there; another error
 * that the request is wrong wherever it goes. */
static int sender_send(void *inst, const struct failover_attempt *attempt)
{
	struct sender *sender = inst;
	struct sip_request request;
	int error = request_for_attempt(sender, attempt, &request);

	return error ? error : transaction_start(sender, attempt, &request);
}

/* Hook 2: nobody waits for this attempt any more. Unknown: it has ended by itself. */
static int sender_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	struct sender *sender = inst;
	struct transaction *at = transaction_of(sender, attempt);

	if (at)
		transaction_abandon(sender, at, reason);
	return 0;
}

/* Hook 3: the request has ended. A call that did not come up, or that was hung up, is over; late
 * INVITEs have all they need in their transactions. */
static void sender_response(void *inst, const struct failover_result *result)
{
	struct call *call = sender_call_find(inst, result->cookie);

	if (call && (result->method == FAILOVER_BYE || !call->up))
		memset(call, 0, sizeof(*call));
}

const struct failover_plugin sender_plugin = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(struct failover_plugin),
	.id = "sender",
	.version = "1",
	.stack = "vendor's own",
	.license = "MIT",
	.capabilities = FAILOVER_CAP_COUNTS_TRANSMISSIONS | FAILOVER_CAP_LIMITS_TRANSMISSIONS |
			FAILOVER_CAP_REPORTS_ICMP | FAILOVER_CAP_OWNS_RETRANSMISSION |
			FAILOVER_CAP_STOPS,
	.open = sender_open,
	.close = sender_close,
	.send = sender_send,
	.timeout = sender_timeout,
	.response = sender_response,
	.get_extension = sender_get_extension,
};
